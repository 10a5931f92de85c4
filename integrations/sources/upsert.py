"""A page of documents into the database: new ones written, changed ones replaced whole, equal ones left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_project.core.amounts import unscaled
from crm_project.core.money import plain
from integrations import bulk
from integrations.choices import PartnerStatus
from integrations.models import ActualDocument, ActualLine, ActualRevision, PartnerLink, Source, SyncRun
from integrations.sources.documents import Document
from integrations.sources.lines import insert_lines
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
UPDATE_BATCH = 200


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


def upsert_documents(*, source: Source, run: SyncRun, documents: Sequence[Document]) -> Counts:
    """Write what differs from what is stored. Call inside a transaction that holds the source."""
    attributions = attributions_now(source, documents)
    stored: dict[str, tuple[int, str]] = {}
    for some in chunks([document.number for document in documents], LOOKUP_CHUNK):
        rows = ActualDocument.objects.filter(source=source, source_doc_id__in=some)
        stored |= {number: (pk, known) for number, pk, known in rows.values_list("source_doc_id", "pk", "content_hash")}
    new = [document for document in documents if document.number not in stored]
    changed = [
        (stored[document.number][0], document)
        for document in documents
        if document.number in stored and stored[document.number][1] != document.content_hash
    ]

    def values(document: Document) -> dict[str, Any]:
        return header_values(document, attributions.get(document.partner_key, NOBODY), run)

    written = list(zip(bulk.reserve_ids(ActualDocument, len(new)), new, strict=True))
    if written:
        rows_of = [
            {
                **values(document),
                "id": pk,
                "source_id": source.pk,
                "source_doc_id": document.number,
                "first_run_id": run.pk,
            }
            for pk, document in written
        ]
        bulk.insert(ActualDocument, list(rows_of[0]), [list(row.values()) for row in rows_of])
    if changed:
        keep_former_content(run=run, document_ids=[pk for pk, _document in changed])
        replace_headers([(pk, values(document)) for pk, document in changed])
    insert_lines((pk, line) for pk, document in [*written, *changed] for line in document.lines)
    return Counts(created=len(new), updated=len(changed), unchanged=len(documents) - len(new) - len(changed))


def attributions_now(source: Source, documents: Sequence[Document]) -> dict[str, Attribution]:
    """Whom the partners stand for at this moment: a person may have decided since the pull began."""
    keys = sorted({document.partner_key for document in documents})
    return {
        key: Attribution(pk, customer_id, status != PartnerStatus.NOT_A_CUSTOMER)
        for some in chunks(keys, LOOKUP_CHUNK)
        for pk, key, customer_id, status in PartnerLink.objects.filter(source=source, key__in=some).values_list(
            "pk", "key", "customer_id", "status"
        )
    }


def header_values(document: Document, whose: Attribution, run: SyncRun) -> dict[str, Any]:
    """Column -> value of a document's row; amounts in ten-thousandths."""
    header = document.header
    return {
        "doc_no": document.number,
        "status": document.status.value,
        "posting_date": header.date,
        "venue_id": header.venue_id,
        "partner_id": whose.partner_id,
        "customer_id": whose.customer_id,
        "is_customer": whose.is_customer,
        "currency": header.currency,
        "net_amount": document.net,
        "tax_amount": document.tax,
        "cost_amount": document.cost,
        "costed_net_amount": document.costed_net,
        "line_count": len(document.lines),
        "content_hash": document.content_hash,
        "last_run_id": run.pk,
    }


def replace_headers(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Write the new headers of known documents."""
    fields = [field.attname for field in ActualDocument._meta.concrete_fields if field.attname in rows[0][1]]
    documents = []
    for pk, values in rows:
        document = ActualDocument(pk=pk)
        for name, value in values.items():
            is_amount = name.endswith("_amount") and value is not None
            setattr(document, name, unscaled(value) if is_amount else value)
        documents.append(document)
    ActualDocument.objects.bulk_update(
        documents, [name.removesuffix("_id") for name in fields], batch_size=UPDATE_BATCH
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
