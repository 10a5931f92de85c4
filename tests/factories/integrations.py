"""Documents of accounting."""

from datetime import date
from decimal import Decimal

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from integrations.models import ActualDocument, Source


class SourceFactory(DjangoModelFactory[Source]):
    """A connection to accounting."""

    class Meta:
        model = Source

    name = Sequence(lambda number: f"会計 {number}")


class DocumentFactory(DjangoModelFactory[ActualDocument]):
    """A posted document of one line, 10,000 yen of unknown cost, of nobody known."""

    class Meta:
        model = ActualDocument

    source = SubFactory(SourceFactory)
    source_doc_id = Sequence(lambda number: f"D{number}")
    doc_no = LazyAttribute(lambda document: document.source_doc_id)
    posting_date = date(2026, 10, 3)
    currency = "JPY"
    net_amount = Decimal(10_000)
    line_count = 1
    content_hash = LazyAttribute(lambda document: document.source_doc_id)
