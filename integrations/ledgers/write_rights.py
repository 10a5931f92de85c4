"""Who may write what a ledger of visits or inquiries brings."""

from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.column_map import ColumnMap
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from integrations.choices import LedgerTarget
from integrations.ledgers.kinds import MAP_KINDS
from integrations.models import LedgerImport


def check_rights_to(ledger_import: LedgerImport, user: User) -> None:
    """Raise InputProblem where the person may not write what a file with its map brings, at one of the venues."""
    if ledger_import.target != LedgerTarget.CUSTOMERS:
        check_rights(ledger_import.target, MAP_KINDS[ledger_import.target].load(ledger_import.map_text), user)


def check_rights(target: str, column_map: ColumnMap, user: User) -> None:
    """Raise InputProblem where the person may not write what this ledger brings, at one of the venues."""
    if target == LedgerTarget.CUSTOMERS:
        return
    right = Right.LOG_VISITS if target == LedgerTarget.VISITS else Right.EDIT_DEALS
    named = column_map.constants.get("venue")
    for venue in Venue.objects.all():
        if named is not None and str(named) not in (venue.code, venue.name):
            continue
        if not user.has_right(right, venue):
            raise InputProblem(
                _("You may not write this at %(venue)s: ask somebody who may, or name another venue in the map."),
                {"venue": venue.name},
            )
        groups = [name for group in column_map.groups.values() for name in group.columns]
        if "amount" in {*column_map.columns, *groups} and not user.has_right(Right.VIEW_MONEY, venue):
            raise InputProblem(
                _("The ledger holds amounts, and you may not see those of %(venue)s: leave their column out."),
                {"venue": venue.name},
            )
