"""Who may open which page: one row per page, one column per role. A new page is one new row.

Pages of single records are tested with their own app (owner, colleague, stranger); this is about whole lists.
"""

import pytest
from django.urls import reverse

from tests.accounts.test_login_required import OPEN_DOORS, lists
from tests.factories.accounts import UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db

ROLES = ("floor", "manager", "okami", "kitchen", "desk", "sales", "admin", "president", "stranger")

# "x" opens the page, "-" is refused (403), ">" is led on to where one can begin; the columns are ROLES.
MATRIX = {
    # page                          floor mgr okami kitchen desk sales admin pres stranger
    "accounts:create_person": "        -    -    -    -    -    -    x    -    -",
    "accounts:create_role": "          -    -    -    -    -    -    x    -    -",
    "accounts:create_venue": "         -    -    -    -    -    -    x    -    -",
    "accounts:house": "                -    -    -    -    -    -    x    -    -",
    "accounts:loans": "                -    -    -    -    -    -    x    -    -",
    "accounts:people": "               -    -    -    -    -    -    x    -    -",
    "accounts:pin": "                  x    x    x    x    x    x    x    x    x",
    "accounts:roles": "                -    -    -    -    -    -    x    -    -",
    "accounts:settings": "             x    x    x    x    x    x    x    x    x",
    "accounts:venues": "               -    -    -    -    -    -    x    -    -",
    "audit:list": "                    -    -    x    -    -    -    x    x    -",
    "comments:mine": "                 x    x    x    x    x    x    x    x    x",
    "comments:unanswered": "           -    x    x    -    -    -    x    x    -",
    "customers:apart": "               -    x    x    -    x    x    x    -    -",
    "customers:contact_note": "        x    x    x    -    x    x    x    -    -",
    "customers:contacts": "            x    x    x    -    x    x    x    x    -",
    "customers:create": "              x    x    x    -    x    x    x    -    -",
    "customers:duplicates": "          x    x    x    -    x    x    x    -    -",
    "customers:export": "              -    x    x    -    -    -    x    x    -",
    "customers:handover_start": "      -    x    x    -    -    -    x    -    -",
    "customers:handovers": "           x    x    x    -    x    x    x    -    -",
    "customers:items": "               -    -    -    -    -    -    x    -    -",
    "customers:new_item": "            -    -    -    -    -    -    x    -    -",
    "customers:pointing": "            x    x    x    -    x    x    x    -    -",
    "customers:purposes": "            -    -    -    -    -    -    x    -    -",
    "customers:list": "                x    x    x    x    x    x    x    x    x",
    "customers:merges": "              x    x    x    -    x    x    x    -    -",
    "customers:pick": "                x    x    x    -    x    x    x    -    -",
    "customers:quick_create": "        x    x    x    -    x    x    x    -    -",
    "customers:sealed": "              -    -    -    -    -    -    x    -    -",
    "customers:search": "              x    x    x    x    x    x    x    x    x",
    "deals:board": "                   -    x    x    -    x    x    x    x    -",
    "deals:create": "                  -    x    x    -    x    x    x    -    -",
    "deals:stages": "                  -    -    -    -    -    -    x    -    -",
    "deals:table": "                   -    x    x    -    x    x    x    x    -",
    "integrations:dish_ledger": "      -    >    >    >    -    -    >    -    -",
    "integrations:dish_ledgers": "     -    x    x    x    -    -    x    -    -",
    "integrations:ledgers": "          -    -    -    -    -    -    x    -    -",
    # Before it is published.
    "integrations:ledger_plan": "      -    -    -    -    -    -    x    -    -",
    "integrations:notebooks": "        -    -    -    -    -    -    x    -    -",
    "integrations:partners": "         -    -    -    -    -    -    x    -    -",
    "integrations:source_create": "    -    -    -    -    -    -    x    -    -",
    "integrations:sources": "          -    -    -    -    -    -    x    -    -",
    "jobs:list": "                     -    -    -    -    -    -    x    -    -",
    "menus:allergens": "               x    x    x    x    x    x    x    x    x",
    "menus:base_create": "             -    x    x    x    -    -    x    -    -",
    "menus:bases": "                   x    x    x    x    x    x    x    x    x",
    "menus:course_create": "           -    x    x    x    -    -    x    -    -",
    "menus:courses": "                 x    x    x    x    x    x    x    x    x",
    "menus:dish_create": "             -    x    x    x    -    -    x    -    -",
    "menus:list": "                    x    x    x    x    x    x    x    x    x",
    "menus:month": "                   x    x    x    x    x    x    x    x    x",
    "menus:pick": "                    x    x    x    x    x    x    x    x    x",
    "menus:pick_course": "             x    x    x    x    x    x    x    x    x",
    "menus:pick_dish": "               x    x    x    x    x    x    x    x    x",
    "reports:dashboard": "             -    x    x    -    -    -    x    x    -",
    "reports:ranks": "                 -    -    -    -    -    -    x    -    -",
    "visits:book": "                   -    x    x    -    x    x    x    -    -",
    "visits:bookings": "               x    x    x    x    x    x    x    x    x",
    "visits:briefing": "               x    x    x    x    x    x    x    x    x",
    "visits:menus": "                  x    x    x    x    x    x    x    x    x",
    "visits:calendar": "               x    x    x    x    x    x    x    x    x",
    "visits:categories": "             -    -    -    -    -    -    x    -    -",
    "visits:category_create": "        -    -    -    -    -    -    x    -    -",
    "visits:complaints": "              -    x    x    -    -    -    x    x    -",
    "visits:report": "                  x    x    x    -    x    -    x    -    -",
    "visits:to_complete": "             x    x    x    -    x    -    x    x    -",
    "visits:closed_day_create": "       -    -    -    -    -    -    x    -    -",
    "visits:closed_days": "             -    -    -    -    -    -    x    -    -",
    "visits:room_create": "             -    -    -    -    -    -    x    -    -",
    "visits:rooms": "                   -    -    -    -    -    -    x    -    -",
    "visits:rule_create": "             -    -    -    -    -    -    x    -    -",
    "visits:rules": "                   -    -    -    -    -    -    x    -    -",
    "visits:source_create": "           -    -    -    -    -    -    x    -    -",
    "visits:sources": "                 -    -    -    -    -    -    x    -    -",
    "visits:terms": "                   -    -    -    -    -    -    x    -    -",
    "visits:evening_terms": "          -    -    -    -    -    -    x    -    -",
    "visits:follow_ups": "              x    x    x    -    x    x    x    -    -",
    "visits:waiting": "                 -    x    x    -    x    x    x    -    -",
    "visits:waiting_create": "          -    x    x    -    x    x    x    -    -",
    "visits:kitchen": "                x    x    x    x    x    x    x    x    x",
    "visits:kitchen_sheet": "          x    x    x    x    x    x    x    x    >",
    "visits:log": "                    x    x    x    -    x    -    x    -    -",
    "visits:pick_guest": "             x    x    x    -    x    -    x    -    -",
    "visits:today": "                  x    x    x    x    x    x    x    x    x",
}

# Addresses without a page of their own: they take what a form sends, or lead on.
NO_PAGES = {
    "home",
    "lock",
    "switch",
    "accounts:switch_venue",
    "customers:normalised",
    "customers:same",
    "customers:postcode",
    "customers:find_duplicates",
    "menus:month_copy",
    "reports:recompute",
    "visits:book_guests",
    "visits:briefing_print",
    "visits:book_live",
    "visits:discard",
    "visits:draft",
    "visits:kitchen_read",
    "visits:notices_seen",
}


def somebody(role: str):
    return UserFactory.create() if role == "stranger" else person(role, VenueFactory.create())


@pytest.mark.parametrize("role", ROLES)
def test_who_opens_what(client, role):
    client.force_login(somebody(role))
    expected = {page: {"x": 200, "-": 403, ">": 302}[row.split()[ROLES.index(role)]] for page, row in MATRIX.items()}
    assert {page: client.get(reverse(page)).status_code for page in MATRIX} == expected


def test_every_list_stands_in_the_matrix():
    assert set(lists()) - OPEN_DOORS - NO_PAGES == set(MATRIX)


# What an empty form does, sent to an address that only takes forms: "x" it is taken, "-" it is refused (403).
WRITES = {
    # address                       floor mgr okami kitchen desk sales admin pres stranger
    "menus:month_copy": "              -    x    x    x    -    -    x    -    -",
    "visits:briefing_print": "         x    x    x    x    x    x    x    -    -",
    "visits:kitchen_read": "           -    x    x    x    -    -    x    -    -",
    "visits:notices_seen": "           x    x    x    x    x    x    x    x    x",
}


@pytest.mark.parametrize("role", ROLES)
def test_who_writes_what(client, role):
    client.force_login(somebody(role))
    expected = {page: row.split()[ROLES.index(role)] == "x" for page, row in WRITES.items()}
    assert {page: client.post(reverse(page)).status_code == 302 for page in WRITES} == expected
