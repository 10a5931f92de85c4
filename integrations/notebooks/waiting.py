"""Where somebody decides about a row that was put off."""

from django.urls import reverse

from integrations.models import LedgerRow
from integrations.notebooks.services import row_of


def waiting_address(row: LedgerRow) -> str | None:
    """The typing screen of a row of an import that was typed from a notebook; None for rows of files."""
    typed = row_of(row)
    if typed is None:
        return None
    return f"{reverse('integrations:notebook_page', args=[typed.page_id])}?row={typed.pk}"
