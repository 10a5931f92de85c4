"""How far the notebooks are typed: counts only, nobody is named."""

from integrations.models import Notebook


def notebooks_in_figures() -> list[Notebook]:
    """Every notebook with pages_all, pages_done, rows_typed and rows_waiting. One query."""
    return list(Notebook.objects.with_progress().only("pk", "name", "venue_id", "ledger_import_id"))
