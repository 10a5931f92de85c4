"""Every address of the product, opened by everybody: what is confidential is in no answer for who is not named.

A furnished house (tests/e2e/furnished.py) with one confidential guest and one お忍び evening of an ordinary guest, whose
words occur nowhere else. A new page, list, export or panel is swept as soon as it has an address.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.db import transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import Venue
from crm_project.core.comments.models import Thread
from crm_project.core.comments.services import answer
from customers.choices import RelationKind, SpecialDayKind
from customers.models import Customer, DuplicateProposal
from customers.services import create_customer
from customers.services.contacts import note_contact
from customers.services.gifts import note_gift
from customers.services.relations import add_special_day, relate
from deals.services import create_deal
from tests.e2e.furnished import furnish
from tests.e2e.house import ROLES, user
from tests.e2e.test_every_page import addresses
from tests.factories.menus import DishFactory
from visits.choices import VisitStatus
from visits.discretion import seal_visit
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Note, Visit
from visits.services import add_waiting, record_visit

pytestmark = pytest.mark.django_db

NAMED = ("okami", "desk")
# Of the guest, of what was written about the guest, of the evening: each is asked for where it must stand as well.
GUEST = ("紫苑", "シオン", "7777-3141", "77773141", "影商事")
BESIDE = ("秘めたお電話", "秘めた手土産", "秘めた記念日", "秘めたご宴席", "秘めたご縁", "秘めた好み", "秘めたお待ち")
EVENING = ("秘めた会話", "秘めた約束", "秘めたお返事", "忍び鮎の姿寿司")
SECRETS = (*GUEST, *BESIDE, *EVENING)
# Typed by somebody who guesses; none of the words that are looked for is among them.
GUESSES = ("隠岐", "おき", "3141", "霞", "渡邉", "秘めた")
# The dish itself is no secret: it stands on the menu and wherever the kitchen chooses dishes. What a table without a name
# eats is known to who cooks for it and to who helps in an emergency.
DISH_IS_KNOWN = re.compile(r"/menus/|/visits/kitchen/|/visits/\d+/(evening|emergency)/")
# Who may do most, who serves, who may see least of guests; the others' rights are among those of the first.
SWEPT = ("admin", "floor", "kitchen")


class Sweep:
    """The addresses of the house, and what a person finds there."""

    def __init__(self) -> None:
        samples = furnish()
        self.guest, self.evening, own = _confide(Venue.objects.get(code="honten"), Customer.objects.get(code="K-001"))
        found = addresses(samples) + addresses(samples | own)
        for query in GUESSES:
            q = quote(query)
            found += [
                *(f"/guests/?q={q}", f"/guests/search/?q={q}", f"/guests/pick/?q={q}", f"/phone/{q}/"),
                *(f"/visits/log/guests/?guest_q={q}", f"/visits/bookings/?q={q}", f"/banquets/table/?q={q}"),
            ]
        self.addresses = [
            each for each in dict.fromkeys(found) if not each.startswith(("/jobs/", "/sign-in/", "/static/"))
        ]

    def read(self, role: str, where: Sequence[str]) -> dict[str, str]:
        """What these addresses answer to the role."""
        client = Client()
        client.force_login(user(role))
        answers = {}
        for address in where:
            found = client.get(address)
            assert found.status_code < 500, address
            answers[address] = _words(found)
        return answers


def _words(found: Any) -> str:
    body = found.getvalue() if isinstance(found, StreamingHttpResponse) else found.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return f"{found.get('Location', '')}\n{body.decode(errors='replace')}"


def _confide(venue: Venue, known: Customer) -> tuple[Customer, Visit, dict[str, Any]]:
    """The confidential guest and evening, written by the okami, and what their addresses stand for."""
    okami = user("okami")
    guest = create_customer(
        by=okami,
        venue=venue,
        name="隠岐 紫苑",
        kana="オキ シオン",
        code="H-9",
        company_name="霞影商事",
        phones=["090-7777-3141"],
        likes="秘めた好み",
        birthday=timezone.localdate().replace(year=1960, day=15),
    )
    people = [user(name) for name in NAMED]
    dish = DishFactory.create(name="忍び鮎の姿寿司")
    table: dict[str, Any] = {"by": okami, "venue": venue, "party_size": 2}
    today = timezone.now().astimezone(venue.zone).replace(hour=19, minute=0, second=0, microsecond=0)
    words = {"talk": NoteEntry(text="秘めた会話"), "complaint": NoteEntry(text="秘めた会話、お部屋が寒い")}
    evening, of_guest = (
        record_visit(
            **table,
            starts_at=today - timedelta(days=20 + number),
            attendances=[AttendanceEntry(customer=host)],
            notes=words,
            dishes=[dish],
            promise="秘めた約束",
        )
        for number, host in enumerate((known, guest))
    )
    for number, host in enumerate((known, guest)):
        coming = record_visit(
            **table,
            starts_at=today + timedelta(days=number),
            attendances=[AttendanceEntry(customer=host)],
            status=VisitStatus.RESERVED,
        )
        if host == known:
            seal_visit(visit=coming, by=okami, people=people)
    of_notes = Thread.objects.filter(content_type=Thread.type_of(Note))
    for thread in of_notes.filter(object_id__in=evening.notes.values("pk")):
        answer(thread=thread, by=okami, text="秘めたお返事")
    note_contact(by=okami, venue=venue, customer=guest, asked="秘めたお電話")
    note_gift(
        customer=guest, venue=venue, by=okami, direction="given", what="秘めた手土産", given_on=timezone.localdate()
    )
    day = timezone.localdate() + timedelta(days=3)
    add_special_day(
        by=okami,
        customer=guest,
        kind=SpecialDayKind.WEDDING,
        month=day.month,
        day=day.day,
        year=1992,
        note="秘めた記念日",
    )
    relate(customer=guest, by=okami, kind=RelationKind.INTRODUCER, other=known, note="秘めたご縁")
    create_deal(by=okami, venue=venue, title="秘めたご宴席", customer=guest, event_date=day, party_size=20)
    add_waiting(
        by=okami,
        venue=venue,
        business_date=day,
        from_time=today.time(),
        party_size=2,
        customer=guest,
        wishes="秘めたお待ち",
    )
    twin = create_customer(by=okami, venue=venue, name="隠岐 志", kana="オキ シ")
    DuplicateProposal.objects.create(first=guest, second=twin, probability=0.9, reasons=["family_same"])
    seal(record=guest, by=okami, people=people)
    seal_visit(visit=evening, by=okami, people=people)
    complaint = evening.notes.get(category__code="complaint")
    return (
        guest,
        evening,
        {
            "/guests/": guest.pk,
            "/guests/duplicates/": (guest.pk, twin.pk),
            "/guests/companies/": guest.company_id,
            "/phone/": "090-7777-3141",
            "/visits/": evening.pk,
            "/visits/notes/": complaint.pk,
            "/visits/complaints/": complaint.complaint.pk,
            "/banquets/": guest.deals.get().pk,
            "/unanswered/": of_notes.filter(object_id=complaint.pk).latest("pk").pk,
        },
    )


@pytest.fixture(scope="module")
def sweep(django_db_setup: None, django_db_blocker: Any) -> Iterator[Sweep]:
    """One house for all roles; taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Sweep()
        transaction.set_rollback(True)


def leaks(answers: dict[str, str], secrets: tuple[str, ...]) -> dict[str, list[str]]:
    """Where one of the words stands, by word."""
    return {
        word: found
        for word in secrets
        if (
            found := [
                address
                for address, said in answers.items()
                if word in said
                # What was typed into the address is repeated.
                and word.replace("-", "") not in unquote(address).replace("-", "")
                and not (word == EVENING[-1] and DISH_IS_KNOWN.match(address))
            ]
        )
    }


@pytest.mark.parametrize(
    "role",
    [role if role in SWEPT else pytest.param(role, marks=pytest.mark.long) for role in ROLES if role not in NAMED],
)
def test_nobody_else_reads_a_word_of_it(sweep: Sweep, role: str) -> None:
    assert leaks(sweep.read(role, sweep.addresses), SECRETS) == {}


@pytest.mark.parametrize("role", NAMED)
def test_the_named_staff_read_every_word_where_they_look_for_it(sweep: Sweep, role: str) -> None:
    """So that the sweep above looks for words that are there."""
    card, evening = f"/guests/{sweep.guest.pk}/", f"/visits/{sweep.evening.pk}/"
    said = sweep.read(role, ["/guests/", "/visits/bookings/", "/visits/waiting/", "/guests/contacts/", card, evening])
    found = leaks(said, SECRETS)
    assert set(SECRETS) - set(found) == set()
    assert {"/guests/", "/visits/bookings/", card} <= set(found["紫苑"])
    assert {evening} <= set(found["忍び鮎の姿寿司"])
