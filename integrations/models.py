"""What comes in from outside: ledgers (Excel) and accounting actuals."""

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.amounts import AmountField
from crm_project.core.jobs.models import Job
from crm_project.core.money import exact_sum
from crm_project.core.rights import Right
from customers.models import Customer
from integrations.choices import (
    OF_THE_KITCHEN,
    DocumentStatus,
    KeptReason,
    LedgerState,
    LedgerTarget,
    MatchMethod,
    PartnerStatus,
    RowDecision,
    RowOutcome,
    RunState,
)

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class LedgerImportQuerySet(models.QuerySet["LedgerImport"]):
    """Imports, by who works with them."""

    def of_guests(self) -> Self:
        """Those that speak of guests: guests, visits, inquiries."""
        return self.exclude(target__in=OF_THE_KITCHEN)

    def of_the_kitchen(self) -> Self:
        """Those of dishes and foods."""
        return self.filter(target__in=OF_THE_KITCHEN)


class LedgerImport(models.Model):
    """One file of guests, visits or inquiries, from upload to the written result; of dishes or foods what was written."""

    target = models.CharField(
        _("what the rows are"),
        max_length=10,
        choices=LedgerTarget,
        default=LedgerTarget.CUSTOMERS,
        db_default=LedgerTarget.CUSTOMERS,
    )
    file_name = models.CharField(_("file"), max_length=200)
    stored_as = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    sheet = models.CharField(_("sheet"), max_length=120, blank=True)
    map_text = models.TextField(_("map"), blank=True)
    # Which ledger this file is a newer copy of; "gone" compares with its former import.
    ledger_key = models.CharField(max_length=200, db_index=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=LedgerState, default=LedgerState.UPLOADED)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    blank_rows = models.PositiveIntegerField(default=0)
    # Rows that are no guests (subtotals, repeated headings ...): {"counts": {kind: n}, "rows": [{"row", "kind", "text"}]}.
    left_out = models.JSONField(default=dict, blank=True)
    # What values became on the way in, by column and kind with examples: see `changed_values.ChangeLog.as_json`.
    reading = models.JSONField(default=dict, blank=True)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    gone = models.JSONField(default=list)
    warnings = models.PositiveIntegerField(default=0)
    # The last row of the file that is written, with its counts, in one transaction; null before the import begins. A worker
    # that takes over a killed one goes on behind it.
    applied_to_row = models.PositiveIntegerField(null=True)
    # The newest guest when the import began: rows without a code are never matched with guests entered since.
    last_guest_id = models.PositiveBigIntegerField(null=True)
    message = models.TextField(blank=True)
    # Headings of the file as they stand in it: what a workbook of rows to be put right repeats.
    headings = models.JSONField(null=True)
    # The import whose set-aside rows this file brings back, put right.
    corrects = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="corrections")
    # Whether every row it wrote left an image; imports of former versions cannot be taken back.
    keeps_images = models.BooleanField(default=False, db_default=False)
    # While it is taken back or done again: the last image that was turned; null before the first one and afterwards.
    turned_to = models.PositiveBigIntegerField(null=True)
    # {"restored", "removed", "kept"}: rows of the ledger, of the latest undo or redo.
    turned = models.JSONField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = LedgerImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger import")
        verbose_name_plural = _("ledger imports")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.file_name


class LedgerRow(models.Model):
    """A row of an import: what it does, to whom, and what stood there before; until the import begins, what it would do."""

    ledger_import = models.ForeignKey(
        LedgerImport, on_delete=models.CASCADE, related_name="ledger_rows", db_index=False
    )
    row_number = models.PositiveIntegerField(_("row"))
    code = models.CharField(_("code"), max_length=64, blank=True)
    outcome = models.CharField(max_length=9, choices=RowOutcome)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    # {"name": [before, after]}; of a created guest, once written, only the phones that the ledger brought. Of a ledger of visits
    # also {"visits": [{"id", "outcome", "changes", "said"}]}, of one of inquiries {"deal": {...}}: see their packages.
    changes = models.JSONField(default=dict)
    # [{"level": "error" | "warning" | "note", "field", "message"}]; of a value also "kind", "column", "before", "after".
    messages = models.JSONField(default=list)
    # {"name": cell as text} of the mapped columns, for rows that a person will look at.
    written = models.JSONField(default=dict)
    # Every cell of the row in the order of the file's headings (see cells_kept), of rows that a person will look at.
    cells = models.JSONField(null=True)
    # Whom the row may be about: [{"guest": id, "probability": 0 to 1, "reasons": [codes of customers.matching]}].
    candidates = models.JSONField(null=True)
    # It is set aside until a person says whom it is about.
    waits = models.BooleanField(default=False, db_default=False)
    # Of visits and inquiries: the row in which the guest of a row that waits first stands; one answer is for all of them.
    same_as = models.PositiveIntegerField(null=True)
    decision = models.CharField(max_length=5, choices=RowDecision, blank=True, default="", db_default="")
    # Without indexes of their own: an import writes many rows, and nobody looks for these.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # The import that brought the row again, put right.
    settled_in = models.ForeignKey(LedgerImport, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("ledger row")
        verbose_name_plural = _("ledger rows")
        indexes: ClassVar = [
            models.Index(fields=["ledger_import", "outcome", "row_number"], name="ledger_row_outcome"),
            models.Index(
                fields=["ledger_import", "row_number"], name="ledger_row_waits", condition=models.Q(waits=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_number} {self.outcome}"


class LedgerImage(models.Model):
    """What the rows of the database were before a row of a ledger was written, and after: see integrations.ledgers.images."""

    ledger_import = models.ForeignKey(LedgerImport, on_delete=models.CASCADE, related_name="images", db_index=False)
    row_number = models.PositiveIntegerField()
    # JSON [[model, key, before, after], ...] in the order of writing. Text, for nobody ever looks for a part of it.
    rows = models.TextField()

    class Meta:
        verbose_name = _("image of a ledger row")
        verbose_name_plural = _("images of ledger rows")
        indexes: ClassVar = [models.Index(fields=["ledger_import", "id"], name="ledger_image_order")]

    def __str__(self) -> str:
        return f"{self.ledger_import_id}: {self.row_number}"


class KeptRow(models.Model):
    """Something that an undo left as people had changed it since: which row, whose, which field, what stays and why."""

    ledger_import = models.ForeignKey(LedgerImport, on_delete=models.CASCADE, related_name="kept_rows")
    row_number = models.PositiveIntegerField(_("row"))
    model = models.CharField(max_length=80)
    row_id = models.BigIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    # Blank: the whole row.
    field = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=10, choices=KeptReason)
    # What stands there now, and what would stand there otherwise; JSON values. Of a row: what was attached to it.
    stays = models.JSONField(null=True)
    instead_of = models.JSONField(null=True)

    class Meta:
        verbose_name = _("kept by an undo")
        verbose_name_plural = _("kept by undos")
        ordering: ClassVar = ["row_number", "pk"]

    def __str__(self) -> str:
        return f"{self.row_number} {self.model} {self.field}"


class LedgerPlan(models.Model):
    """How the house brings its ledgers in, phase by phase; one row, published by who leads it."""

    note = models.TextField(_("to everybody"), blank=True, help_text=_("Who brings which notebook, and until when."))
    guests = models.PositiveIntegerField(_("guests of the last five years"), null=True, blank=True)
    guests_by = models.DateField(_("basic data until"), null=True, blank=True)
    visits = models.PositiveIntegerField(_("visits"), null=True, blank=True)
    visits_by = models.DateField(_("purchases until"), null=True, blank=True)
    deals = models.PositiveIntegerField(_("running inquiries"), null=True, blank=True)
    deals_by = models.DateField(_("relationships until"), null=True, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("plan of the ledgers")
        verbose_name_plural = _("plans of the ledgers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(published_at=None, published_by=None)
                | models.Q(published_at__isnull=False, published_by__isnull=False),
                name="ledger_plan_published_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


def notebook_photo_path(page: "NotebookPage", filename: str) -> str:
    """Where the photo of a page lies in VAR_DIR/media: a name nobody can guess, nothing of what it was called before."""
    return f"notebook-pages/{uuid.uuid4().hex}.jpg"


class NotebookQuerySet(models.QuerySet["Notebook"]):
    """Notebooks in the words of the house."""

    def with_progress(self) -> "NotebookQuerySet":
        """With `pages_all`, `pages_done`, `rows_typed` and `rows_waiting`."""

        def count(rows: models.QuerySet[Any], by: str) -> Coalesce:
            counted = rows.order_by().values(by).annotate(n=models.Count("pk")).values("n")
            return Coalesce(models.Subquery(counted), 0)

        pages = NotebookPage.objects.filter(notebook=models.OuterRef("pk"))
        rows = NotebookRow.objects.filter(page__notebook=models.OuterRef("pk"), line__isnull=False)
        waiting = LedgerRow.objects.filter(
            ledger_import=models.OuterRef("ledger_import"), waits=True, decision="", outcome=RowOutcome.ERROR
        )
        return self.annotate(
            pages_all=count(pages, "notebook"),
            pages_done=count(pages.filter(done_at__isnull=False), "notebook"),
            rows_typed=count(rows, "page__notebook"),
            rows_waiting=count(waiting, "ledger_import"),
        )


class Notebook(models.Model):
    """A notebook of guests on paper: photos of its pages, from which people type row after row."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    # Where the visits of its rows took place.
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="+", verbose_name=_("venue"))
    # Its rows are those of an import like any other; null before the first one.
    ledger_import = models.OneToOneField(LedgerImport, on_delete=models.PROTECT, null=True, related_name="notebook")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    objects = NotebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("notebook")
        verbose_name_plural = _("notebooks")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name


class NotebookPage(models.Model):
    """A page of a notebook: its photo, served by a view that asks for the right, and whether all of it is typed."""

    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="pages", db_index=False)
    number = models.PositiveSmallIntegerField(_("page"))
    # Blank once the photos of a notebook have been thrown away.
    file = models.FileField(_("photo"), upload_to=notebook_photo_path, max_length=120, blank=True)
    # How often it is turned to the right by a quarter when it is shown.
    quarter_turns = models.PositiveSmallIntegerField(default=0, db_default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("page of a notebook")
        verbose_name_plural = _("pages of notebooks")
        ordering: ClassVar = ["notebook", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notebook", "number"], name="notebook_page_once"),
            models.CheckConstraint(condition=models.Q(quarter_turns__lte=3), name="notebook_page_turned"),
            models.CheckConstraint(
                condition=models.Q(done_at=None, done_by=None) | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="notebook_page_done_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notebook} {self.number}"


class NotebookRow(models.Model):
    """A row typed from a page. Without `line` it is what its typist has not saved yet; with it, a row of the import."""

    page = models.ForeignKey(NotebookPage, on_delete=models.CASCADE, related_name="typed_rows", db_index=False)
    # Of the form: sent twice, it is one row.
    token = models.UUIDField(unique=True)
    line = models.PositiveSmallIntegerField(null=True)
    # {"name", "kana", "phone", ...} as typed.
    typed = models.JSONField(default=dict)
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("row of a notebook")
        verbose_name_plural = _("rows of notebooks")
        ordering: ClassVar = ["page", "line"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "line"], name="notebook_row_once"),
            models.UniqueConstraint(
                fields=["page", "typed_by"], condition=models.Q(line=None), name="notebook_draft_of_typist"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.line or ''}".strip()


class SourceQuerySet(models.QuerySet["Source"]):
    """Sources in the words of the house."""

    def manageable_by(self, user: "User") -> "SourceQuerySet":
        """Sources of the venues where the person may connect accounting, and those that belong to no venue."""
        if user.is_superuser:
            return self
        venues = user.venues_with(Right.MANAGE_SOURCES)
        anywhere = models.Q(default_venue=None) if venues else models.Q(pk__in=[])
        return self.filter(models.Q(default_venue__in=venues) | anywhere)

    def pulled_by_night(self) -> "SourceQuerySet":
        """Active sources that leave their files somewhere."""
        return self.filter(is_active=True).exclude(location="")


class Source(models.Model):
    """A connection to accounting: one company of one system, here a file that it leaves for us."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    location = models.CharField(
        _("file or folder"), max_length=300, blank=True, help_text=_("Where the system leaves its file on this server.")
    )
    map_text = models.TextField(_("map"), blank=True)
    default_venue = models.ForeignKey(
        Venue, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("venue")
    )
    is_active = models.BooleanField(_("pulled every night"), default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source of actuals")
        verbose_name_plural = _("sources of actuals")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def pull_lock(self) -> str:
        """The lock of its jobs: one pull per source waits or runs at a time."""
        return f"pull:{self.pk}"


class SyncRun(models.Model):
    """One pull of a source, with its counts."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200, blank=True)
    # Of the file's bytes, the map and the defaults together: equal means that reading it again changes nothing.
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    documents = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    # Net of the posted documents of the file; null when it holds several currencies, which nothing adds up.
    amount_total = AmountField(null=True)
    # The file's own totals by month and currency: {"2026-10": {"JPY": {"documents": 12, "net": "345600"}}}.
    months = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    # It wrote what the ranks depend on, and nobody has asked for them since: a worker may be killed in between.
    ranks_due = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("pull")
        verbose_name_plural = _("pulls")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at}"

    @property
    def totals(self) -> dict[str, Decimal]:
        """Currency -> net of the posted documents of the file."""
        totals: dict[str, Decimal] = {}
        for currencies in self.months.values():
            for currency, month in currencies.items():
                totals[currency] = exact_sum([totals.get(currency), month["net"]])
        return totals


class RunProblem(models.Model):
    """A document that was set aside whole, and why; or a warning about a value that was left out."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="problems")
    is_warning = models.BooleanField(default=False)
    document = models.CharField(max_length=128, blank=True)
    row_number = models.PositiveIntegerField(null=True)
    message = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("problem of a pull")
        verbose_name_plural = _("problems of pulls")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.message


class PartnerLink(models.Model):
    """Accounting's partner and our guest. A confirmed link always wins; an unknown partner is never guessed."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="partners")
    # The partner's code; without one "name:" and the name, width and spaces apart.
    key = models.CharField(max_length=200)
    code = models.CharField(_("partner code"), max_length=64, blank=True)
    name = models.CharField(_("partner name"), max_length=200, blank=True)
    status = models.CharField(max_length=14, choices=PartnerStatus, default=PartnerStatus.UNMATCHED)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="partner_links", verbose_name=_("guest")
    )
    method = models.CharField(max_length=8, choices=MatchMethod, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], name="partner_once_per_source"),
            models.CheckConstraint(
                condition=models.Q(status=PartnerStatus.MATCHED, customer__isnull=False)
                | (~models.Q(status=PartnerStatus.MATCHED) & models.Q(customer=None)),
                name="partner_matched_has_a_guest",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code


class ActualDocumentQuerySet(models.QuerySet["ActualDocument"]):
    """Documents in the words of the house."""

    def posted(self) -> "ActualDocumentQuerySet":
        """Documents that count."""
        return self.filter(status=DocumentStatus.POSTED)

    def money_visible_to(self, user: "User") -> "ActualDocumentQuerySet":
        """Documents whose amounts the person may see."""
        return self.filter(visible_money(user))


def sees_money_everywhere(user: "User") -> bool:
    """Whether the person may see the money of every venue, and so that of documents without a venue."""
    return user.has_right_everywhere(Right.VIEW_MONEY)


def visible_money(user: "User", prefix: str = "") -> models.Q:
    """The condition on documents (behind `prefix`) whose amounts the person may see."""
    condition = models.Q(**{f"{prefix}venue__in": user.venues_with(Right.VIEW_MONEY)})
    return condition | models.Q(**{f"{prefix}venue": None}) if sees_money_everywhere(user) else condition


class ActualDocument(models.Model):
    """One document of accounting, always replaced as a whole. Amounts are net of tax in the document's currency."""

    # Foreign keys without an index of their own are the first column of another one, or never looked up: a pull writes millions.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="documents", db_index=False)
    source_doc_id = models.CharField(max_length=128)
    doc_no = models.CharField(_("document"), max_length=64)
    status = models.CharField(max_length=10, choices=DocumentStatus, default=DocumentStatus.POSTED)
    posting_date = models.DateField(_("date"))
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, null=True, related_name="+")
    partner = models.ForeignKey(PartnerLink, on_delete=models.PROTECT, null=True, related_name="documents")
    # What the partner link says, written on every document so that sums need no join; recomputable.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="documents", db_index=False
    )
    is_customer = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    net_amount = AmountField(_("net amount"))
    tax_amount = AmountField(_("tax"), null=True)
    # Sum of the lines whose cost is known, and the net of just those lines; null = no cost known.
    cost_amount = AmountField(_("cost"), null=True)
    costed_net_amount = AmountField(null=True)
    line_count = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    first_run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    last_run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    objects = ActualDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_doc_id"], name="document_once_per_source"),
            models.CheckConstraint(
                condition=models.Q(is_customer=True) | models.Q(customer=None), name="document_not_a_customer"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "posting_date"], name="document_customer"),
            models.Index(fields=["posting_date"], name="document_date"),
        ]

    def __str__(self) -> str:
        return self.doc_no


class ActualLine(models.Model):
    """A line of a document."""

    document = models.ForeignKey(ActualDocument, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line_key = models.CharField(max_length=64)
    item_code = models.CharField(max_length=64, blank=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = AmountField(_("quantity"), null=True)
    unit_price = AmountField(_("unit price"), null=True)
    net_amount = AmountField(_("net amount"))
    tax_amount = AmountField(_("tax"), null=True)
    cost_amount = AmountField(_("cost"), null=True)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "line_key"], name="line_once_per_document")
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.line_key}"


class ActualRevision(models.Model):
    """What a document said before it changed: answers "why did last March change?". Append-only."""

    document = models.ForeignKey(ActualDocument, on_delete=models.CASCADE, related_name="revisions")
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+")
    replaced_at = models.DateTimeField(db_default=Now())
    content = models.JSONField()

    class Meta:
        verbose_name = _("former content")
        verbose_name_plural = _("former contents")

    def __str__(self) -> str:
        return f"{self.document} {self.replaced_at}"

    @property
    def net_amount(self) -> Decimal:
        """The former net of the document."""
        return Decimal(self.content["net_amount"])
