"""Who may open which page: one row per page, one column per role. A new page is one new row.

Pages of single records are tested with their own app (owner, colleague, stranger); this is about whole lists.
"""

import pytest
from django.urls import reverse

from tests.factories.accounts import UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db

ROLES = ("floor", "manager", "okami", "kitchen", "desk", "sales", "admin", "president", "stranger")

# "x" opens the page, "-" is refused (403); the columns are ROLES.
MATRIX = {
    # page                    floor mgr okami kitchen desk sales admin pres stranger
    "accounts:settings": "      x    x    x      x     x    x     x    x    x",
    "accounts:house": "         -    -    -      -     -    -     x    -    -",
    "accounts:venues": "        -    -    -      -     -    -     x    -    -",
    "accounts:people": "        -    -    -      -     -    -     x    -    -",
    "accounts:roles": "         -    -    -      -     -    -     x    -    -",
    "audit:list": "             -    -    x      -     -    -     x    x    -",
    "comments:mine": "          x    x    x      x     x    x     x    x    x",
    "comments:unanswered": "    -    x    x      -     -    -     x    x    -",
    "deals:board": "            -    x    x      -     x    x     x    x    -",
    "deals:table": "            -    x    x      -     x    x     x    x    -",
    "deals:create": "           -    x    x      -     x    x     x    -    -",
    "deals:stages": "           -    -    -      -     -    -     x    -    -",
    "jobs:list": "              -    -    -      -     -    -     x    -    -",
    "customers:list": "         x    x    x      x     x    x     x    x    x",
}


def somebody(role: str):
    return UserFactory.create() if role == "stranger" else person(role, VenueFactory.create())


@pytest.mark.parametrize("role", ROLES)
def test_who_opens_what(client, role):
    client.force_login(somebody(role))
    expected = {page: {"x": 200, "-": 403}[row.split()[ROLES.index(role)]] for page, row in MATRIX.items()}
    assert {page: client.get(reverse(page)).status_code for page in MATRIX} == expected
