"""The roles a new house starts with. Afterwards they are data: names and rights can be changed on the screen."""

from dataclasses import dataclass

from crm_project.core.accounts.choices import StartPage
from crm_project.core.rights import Right


@dataclass(frozen=True)
class RoleTemplate:
    """A shipped role: code, names in both languages, rights, start page."""

    code: str
    name_ja: str
    name_en: str
    rights: tuple[Right, ...]
    start_page: StartPage


SERVING = (Right.VIEW_CONTACTS, Right.EDIT_GUESTS, Right.VIEW_NOTES, Right.LOG_VISITS)
LEADING = (
    *SERVING,
    Right.TAKE_BOOKINGS,
    Right.KEEP_APART,
    Right.EDIT_MENUS,
    Right.ANSWER_NOTES,
    Right.VIEW_DEALS,
    Right.EDIT_DEALS,
    Right.VIEW_MONEY,
    Right.EXPORT_DATA,
    Right.HAND_OVER,
)

SHIPPED_ROLES = (
    RoleTemplate("floor", "仲居", "Floor staff", SERVING, StartPage.TODAY),
    RoleTemplate("manager", "仲居頭・店長", "Manager", LEADING, StartPage.UNANSWERED),
    RoleTemplate("okami", "女将", "Okami", (*LEADING, Right.VIEW_AUDIT), StartPage.TODAY),
    RoleTemplate("kitchen", "板場", "Kitchen", (Right.EDIT_MENUS,), StartPage.KITCHEN),
    RoleTemplate(
        "desk",
        "帳場・予約",
        "Front desk",
        (*SERVING, Right.TAKE_BOOKINGS, Right.KEEP_APART, Right.VIEW_DEALS, Right.EDIT_DEALS),
        StartPage.GUESTS,
    ),
    RoleTemplate(
        "sales",
        "営業",
        "Banquet sales",
        (
            Right.VIEW_CONTACTS,
            Right.EDIT_GUESTS,
            Right.VIEW_NOTES,
            Right.TAKE_BOOKINGS,
            Right.KEEP_APART,
            Right.VIEW_DEALS,
            Right.EDIT_DEALS,
        ),
        StartPage.DEALS,
    ),
    RoleTemplate("admin", "管理", "Administrator", tuple(Right), StartPage.SETTINGS),
    RoleTemplate(
        "president",
        "社長",
        "President",
        (
            Right.VIEW_CONTACTS,
            Right.VIEW_NOTES,
            Right.ANSWER_NOTES,
            Right.VIEW_DEALS,
            Right.VIEW_MONEY,
            Right.EXPORT_DATA,
            Right.VIEW_AUDIT,
        ),
        StartPage.DASHBOARD,
    ),
)
