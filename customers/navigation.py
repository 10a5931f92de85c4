"""What the guests add to the menu and to their own pages."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House, User, as_user
from crm_project.core.audit.scopes import register_scope, register_unnaming
from crm_project.core.rights import Right
from crm_project.core.sealed import register_sealed
from crm_project.core.ui.registry import register_action, register_nav, register_panel
from customers.attribute_values import is_stale
from customers.celebrations import UpcomingDay, age, upcoming_days
from customers.coming import Coming, coming_for, register_coming, usual_interval
from customers.family import posts_of, related_people, successor_of
from customers.history import take_sealed_names_off
from customers.models import Attribute, Company, Contact, Customer
from customers.services.contacts import may_note_contacts
from customers.wording import answer_in_words, birthday_in_words

CARD, CARD_SIDE, SETTINGS = "customer", "customer_side", "settings"
DAYS_AHEAD = 60


def may_edit(user: User, subject: Customer | Company | None = None) -> bool:
    """Whether the person may change guests (which ones is decided where they are fetched)."""
    return user.has_right(Right.EDIT_GUESTS)


def bond_panel(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """How long and how often the guest has come, and how many days usually lie between two visits."""
    return {"usual_days": usual_interval(as_user(request.user), customer)}


def contacts_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Phones, addresses, birthday, consents: absent for who may not see contacts. That nobody may call is told to all."""
    is_told_to_all = customer.contact_stopped or customer.mourning_until is not None
    if not as_user(request.user).has_right(Right.VIEW_CONTACTS):
        return {"sees_contacts": False} if is_told_to_all else None
    found = {
        "phones": list(customer.phones.all()),
        "addresses": list(customer.addresses.order_by("pk")),
        "consents": list(customer.consents.all()),
        "birthday": birthday_in_words(customer),
    }
    return {
        "sees_contacts": True,
        **found,
        "may_edit": may_edit(as_user(request.user)),
        "age": age(customer.birthday, timezone.localdate()),
        "is_blank": not (is_told_to_all or customer.email or any(found.values())),
    }


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What is known under an item of the house, and whether it is old enough to be asked again."""

    attribute: Attribute
    words: str
    confirmed_on: date
    is_stale: bool


def items_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """What is known under the items of the house; None when there is nothing."""
    today = timezone.localdate()
    known = []
    for answer in customer.attribute_values.select_related("attribute"):
        confirmed_on = timezone.localtime(answer.confirmed_at).date()
        stale = answer.attribute.is_active and is_stale(answer.attribute, confirmed_on, today)
        words = answer_in_words(answer.attribute, answer.text)
        known.append(KnownItem(answer.attribute, words, confirmed_on, stale))
    if not known:
        return None
    return {"items": known, "may_confirm": may_edit(as_user(request.user))}


def relations_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Family, secretary, arranger, introducer, predecessor and successor."""
    user = as_user(request.user)
    people, successor = related_people(customer, user), successor_of(customer, user)
    if not people and successor is None and not may_edit(user):
        return None
    return {
        "people": people,
        "successor": successor,
        "may_edit": may_edit(user),
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS),
    }


def career_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """The posts a guest holds and held; None for who never had one."""
    user = as_user(request.user)
    posts = posts_of(customer, user)
    if not posts and customer.company is None:
        return None
    return {"posts": posts, "may_edit": may_edit(user)}


def coming_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """What comes next: reservations, inquiries, birthday and special days (days are contacts: absent without that right)."""
    user = as_user(request.user)
    sees_contacts = user.has_right(Right.VIEW_CONTACTS)
    coming = coming_for(user, customer, timezone.localdate())
    special_days = list(customer.special_days.all()) if sees_contacts else []
    if not coming and not special_days and not may_edit(user):
        return None
    is_mourning = customer.mourning_until is not None and customer.mourning_until >= timezone.localdate()
    return {
        "coming": coming,
        "special_days": special_days,
        "mourning": customer.mourning_until if is_mourning and sees_contacts else None,
        "may_edit": may_edit(user),
    }


def days_ahead(user: User, customer: Customer, today: date) -> list[Coming]:
    """Birthday and special days of the next weeks, with the age and what it is called."""
    if not user.has_right(Right.VIEW_CONTACTS):
        return []
    return [Coming(found.day, _in_words(found)) for found in upcoming_days(customer, today, DAYS_AHEAD)]


def _in_words(found: UpcomingDay) -> str:
    years = ""
    if found.memorial:
        years = gettext("(memorial year %(years)s)") % {"years": found.memorial}
    elif found.celebration:
        years = str(found.celebration.name)
    elif found.years is not None:
        years = gettext("(%(years)s)") % {"years": found.years}
    return " ".join(filter(None, (str(found.label), years, found.note)))


def taste_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Likes and dislikes; the note for who reads notes, the ledger's words for who sees contacts. None when all is blank.

    Who may edit sees blank ones as well, to fill them in place.
    """
    user = as_user(request.user)
    note = customer.note if user.has_right(Right.VIEW_NOTES) else ""
    unread = [str(text) for text in customer.unread.values()] if user.has_right(Right.VIEW_CONTACTS) else []
    if not (customer.likes or customer.dislikes or customer.called or note or unread or may_edit(user)):
        return None
    return {
        "note": note,
        "unread": unread,
        "may_edit": may_edit(user),
        "sees_notes": user.has_right(Right.VIEW_NOTES),
    }


def _note_contact(parameter: str, subject: Customer | Company) -> str:
    return f"{reverse('customers:contact_note')}?{parameter}={subject.pk}"


def audited_contacts(user: Any) -> QuerySet[Contact] | None:
    """Contacts whose trail the person may read."""
    return Contact.objects.filter(venue__in=user.venues_with(Right.VIEW_AUDIT))


def audited_guests(user: Any) -> QuerySet[Customer] | None:
    """Guests whose trail the person may read: those the person may open; None for all."""
    if user.is_superuser or House.current().guest_scope == GuestScope.GROUP:
        return None
    visible = Customer.objects.visible_to(user).values("pk")
    return Customer.objects.filter(Q(pk__in=visible) | Q(merged_into__in=visible))


def _address(name: str, subject: object) -> str:
    return reverse(name)


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("customers.customer", audited_guests)
    register_scope("customers.contact", audited_contacts)
    register_unnaming(take_sealed_names_off)
    register_sealed("customers.customer", lambda user: Customer.objects.sealed_cards(user).values("pk"))
    register_sealed("customers.company", lambda user: Company.objects.sealed_from(user).values("pk"))
    register_sealed("customers.contact", lambda user: Contact.objects.sealed_from(user).values("pk"))
    register_nav(
        key="guests",
        label=_("Guests"),
        url_name="customers:list",
        icon="people",
        order=20,
        visible=lambda user: True,
        on_phone=True,
    )
    register_nav(
        key="contacts",
        label=_("Contacts to answer"),
        url_name="customers:contacts",
        icon="phone",
        order=33,
        visible=lambda user: user.has_right(Right.VIEW_CONTACTS),
    )
    for page, parameter in ((CARD, "customer"), ("company", "company")):
        register_action(
            page,
            key="contact",
            order=30,
            label=_("Note a contact"),
            icon="phone",
            url=partial(_note_contact, parameter),
            visible=lambda user, subject: may_note_contacts(user),
        )
    register_panel(CARD, key="taste", order=20, template="customers/_taste.html", context=taste_panel)
    register_panel(CARD_SIDE, key="bond", order=10, template="customers/_bond.html", context=bond_panel)
    register_panel(CARD_SIDE, key="items", order=25, template="customers/_items.html", context=items_panel)
    register_panel(CARD_SIDE, key="relations", order=30, template="customers/_relations.html", context=relations_panel)
    register_panel(CARD_SIDE, key="career", order=35, template="customers/_career.html", context=career_panel)
    register_panel(CARD_SIDE, key="coming", order=40, template="customers/_coming.html", context=coming_panel)
    register_coming(key="days", order=30, find=days_ahead)
    register_action(
        "company",
        key="edit",
        order=90,
        label=_("Edit"),
        icon="pencil",
        url=lambda company: reverse("customers:edit_company", args=[company.pk]),
        visible=may_edit,
    )
    register_action(
        "company",
        key="day",
        order=40,
        label=_("Add a special day"),
        icon="calendar",
        url=lambda company: reverse("customers:add_company_day", args=[company.pk]),
        visible=may_edit,
    )
    register_panel(CARD_SIDE, key="contacts", order=20, template="customers/_contacts.html", context=contacts_panel)
    for key, order, label, name in (
        ("items", 60, _("Items of the guest card"), "customers:items"),
        ("purposes", 61, _("What the fields are for"), "customers:purposes"),
    ):
        register_action(
            SETTINGS,
            key=key,
            order=order,
            label=label,
            icon="pencil",
            url=partial(_address, name),
            visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
        )
    register_action(
        "settings",
        key="sealed",
        order=60,
        label=_("Confidential guests"),
        icon="lock",
        url=lambda subject: reverse("customers:sealed"),
        visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
    )
    register_action(
        CARD,
        key="confidential",
        order=95,
        label=_("Confidential"),
        icon="lock",
        url=lambda customer: reverse("customers:confidential", args=[customer.pk]),
        visible=may_edit,
        folded=True,
    )
    register_action(
        CARD,
        key="merge",
        order=97,
        label=_("Merge with another card"),
        icon="link",
        url=lambda customer: reverse("customers:choose_other", args=[customer.pk]),
        visible=may_edit,
        folded=True,
    )
    register_action(
        CARD,
        key="edit",
        order=90,
        label=_("Edit"),
        icon="pencil",
        url=lambda customer: reverse("customers:edit", args=[customer.pk]),
        visible=may_edit,
        folded=True,
    )
