"""A page of documents into the database: new ones written, changed ones replaced whole, equal ones left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_project.core.amounts import unscaled
from crm_project.core.money import plain
from integrations.models import ActualDocument, ActualLine, ActualRevision, Source, SyncRun
from integrations.sources.documents import Document
from integrations.sources.line_copy import insert_lines
from integrations.sources.partners import NOBODY, Attribution, chunks

HEADER_FIELDS = (
    *("doc_no", "status", "posting_date", "venue", "partner", "customer", "is_customer", "currency"),
    *("net_amount", "tax_amount", "cost_amount", "costed_net_amount", "line_count", "content_hash", "last_run"),
)
LINE_FIELDS = (
    *("line_key", "item_code", "description"),
    *("quantity", "unit_price", "net_amount", "tax_amount", "cost_amount"),
)
LOOKUP_CHUNK = 1000


@dataclass(slots=True)
class Counts:
    """Documents of a page or a file."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def add(self, other: "Counts") -> None:
        """Add the counts of one more page."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged


def upsert_documents(
    *, source: Source, run: SyncRun, documents: Sequence[Document], attributions: Mapping[str, Attribution]
) -> Counts:
    """Write what differs from what is stored. Call inside a transaction that holds the source."""
    stored: dict[str, tuple[int, str]] = {}
    for some in chunks([document.number for document in documents], LOOKUP_CHUNK):
        rows = ActualDocument.objects.filter(source=source, source_doc_id__in=some)
        stored |= {number: (pk, known) for number, pk, known in rows.values_list("source_doc_id", "pk", "content_hash")}
    changed = [doc for doc in documents if stored.get(doc.number, (0, ""))[1] != doc.content_hash]
    replaced = [stored[document.number][0] for document in changed if document.number in stored]
    if replaced:
        keep_former_content(run=run, document_ids=replaced)
    written = ActualDocument.objects.bulk_create(
        [_header_row(source, run, document, attributions.get(document.partner_key, NOBODY)) for document in changed],
        update_conflicts=True,
        unique_fields=["source", "source_doc_id"],
        update_fields=HEADER_FIELDS,
    )
    insert_lines((row.pk, line) for row, document in zip(written, changed, strict=True) for line in document.lines)
    return Counts(created=len(changed) - len(replaced), updated=len(replaced), unchanged=len(documents) - len(changed))


def _header_row(source: Source, run: SyncRun, document: Document, whose: Attribution) -> ActualDocument:
    header = document.header
    assert header.date is not None  # a document without one was set aside
    tax, cost, costed_net = document.tax, document.cost, document.costed_net
    return ActualDocument(
        source=source,
        source_doc_id=document.number,
        doc_no=document.number,
        status=document.status,
        posting_date=header.date,
        venue_id=header.venue_id,
        partner_id=whose.partner_id,
        customer_id=whose.customer_id,
        is_customer=whose.is_customer,
        currency=header.currency,
        net_amount=unscaled(document.net),
        tax_amount=None if tax is None else unscaled(tax),
        cost_amount=None if cost is None else unscaled(cost),
        costed_net_amount=None if costed_net is None else unscaled(costed_net),
        line_count=len(document.lines),
        content_hash=document.content_hash,
        first_run=run,
        last_run=run,
    )


def keep_former_content(*, run: SyncRun, document_ids: Sequence[int]) -> None:
    """Write down what the documents say now, and take their lines away."""
    for some in chunks(document_ids, LOOKUP_CHUNK):
        lines: dict[int, list[dict[str, Any]]] = {}
        for document_id, *values in (
            ActualLine.objects.filter(document__in=some).order_by("pk").values_list("document_id", *LINE_FIELDS)
        ):
            lines.setdefault(document_id, []).append(_as_json(LINE_FIELDS, values))
        header_fields = ["source_doc_id", *(name for name in HEADER_FIELDS if name != "last_run")]
        ActualRevision.objects.bulk_create(
            ActualRevision(
                document_id=pk, run=run, content={**_as_json(header_fields, values), "lines": lines.get(pk, [])}
            )
            for pk, *values in ActualDocument.objects.filter(pk__in=some).values_list("pk", *header_fields)
        )
        ActualLine.objects.filter(document__in=some).delete()


def _as_json(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in zip(names, values, strict=True)}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    return plain(value) if hasattr(value, "as_tuple") else value.isoformat()
