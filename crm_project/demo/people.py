"""What the demo house knows of its guests beside visits: who belongs to whom, contacts, promises, confidences, duplicates.

Written by the services of the house, for the guests of the stories and a share of all others.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from django.utils import timezone

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import DietRule
from crm_project.core.timeline.models import TimelineEntry
from crm_project.demo.guests import Guest, GuestBook
from crm_project.demo.house import HONTEN, House
from customers.choices import AttributeKind, Channel, ConsentState, Direction, Language, MailTo, RelationKind
from customers.duplicates import found_pairs
from customers.models import AttributeValue, ContactConsent, Customer, GuestDiet, Post
from customers.services import create_customer, write_proposals
from customers.services.attributes import write_attribute
from customers.services.contacts import note_contact
from customers.services.posts import succeed
from customers.services.relations import add_special_day, relate
from visits.discretion import seal_visit
from visits.models import Promise, Visit
from visits.services.promises import close_promise, make_promise

BATCH: Final = 1_000

PROMISES: Final = (
    ("host_with_allergy", "次回は椅子のお席をご用意する", ""),
    ("host_with_allergy", "ぬる燗は四十度でお出しする", "kept"),
    ("complained", "椀物は熱いものをお席で蓋を開けてお出しする", ""),
    ("same_dish", "桜の頃、庭の見えるお部屋をお取りする", ""),
    ("teacher", "お弟子さんの初釜の日取りを伺ってご連絡する", "released"),
)
# part, hours ago, channel, direction, what it was about, answer
CONTACTS: Final = (
    ("host_with_allergy", 3, Channel.PHONE, Direction.IN, "今夜のお車、一台追加のご相談（秘書 佐藤様）", ""),
    ("banquet_host", 27, Channel.PHONE, Direction.IN, "周年の宴の引き出物について、見本を見たい", ""),
    ("lawyer", 50, Channel.MAIL, Direction.IN, "領収書の宛名を事務所名に", "再発行して郵送しました"),
    ("teacher", 74, Channel.LETTER, Direction.OUT, "初釜のお礼状", "お送りしました"),
    ("complained", 98, Channel.PHONE, Direction.OUT, "先日のお詫びのお電話", "お元気なお声でした。次は来月に"),
)
CALLER: Final = ("架空放送 制作部の高田様", "075-000-0123", "旅番組のロケハンのご相談。折り返しのお電話を")


def write_people(*, rng: Random, house: House, book: GuestBook, now: datetime, entered_twice: int) -> None:
    """Everything beside visits; a small house without the stories' guests gets what there are guests for."""
    by = house.people["yamada"]
    today = house.today(HONTEN)
    _write_items(rng, book.guests, by, today)
    _write_tastes(rng, book.guests)
    _write_relations(book, house, by, today)
    _write_contacts(book, house, by, now)
    _write_promises(book, house, by, now)
    _write_confidences(book, house)
    _write_duplicates(book, house, by, now, entered_twice)


def _write_items(rng: Random, guests: Sequence[Guest], by: User, today: date) -> None:
    """Three items of the house, known of some guests; what ages is old enough with some of them to be asked again."""
    work = write_attribute(
        by=by,
        name="ご職業",
        purpose="話題とお席の格を間違えないために。変わりやすいので、ときどき伺い直す",
        kind=AttributeKind.CHOICE,
        choices=["会社役員", "会社員", "医師", "士業", "自営", "ご隠居", "文化・芸術"],
        term_months=24,
    )
    chair = write_attribute(
        by=by,
        name="お席",
        purpose="膝や腰をかばう方に、伺う前に椅子をご用意するために",
        kind=AttributeKind.CHOICE,
        choices=["お座敷", "掘りごたつ", "椅子"],
        term_months=12,
    )
    left = write_attribute(
        by=by, name="左利き", purpose="お箸と器の向きを、お席に着かれる前に整えるために", kind=AttributeKind.YES_NO
    )
    values = []
    for guest in guests:
        if guest.habit in ("rare", "never") or rng.random() > 0.45:
            continue
        asked = timezone.make_aware(datetime.combine(today - timedelta(days=rng.randint(3, 900)), time(20)))
        answers = {work: rng.choice(work.choices), chair: rng.choice(chair.choices), left: "yes"}
        for attribute, text in answers.items():
            if rng.random() < (0.12 if attribute is left else 0.6):
                values.append(
                    AttributeValue(
                        customer=guest.row, attribute=attribute, text=text, confirmed_at=asked, confirmed_by=by
                    )
                )
    AttributeValue.objects.bulk_create(values, batch_size=BATCH)


def _write_tastes(rng: Random, guests: Sequence[Guest]) -> None:
    """Diet rules, consents and where mail may go, of a share of the guests."""
    diets, consents, mail = [], [], []
    for guest in guests:
        if guest.row.language != Language.JAPANESE or guest.row.note == "ご予約は英語で。":
            guest.row.language = Language.ENGLISH
            mail.append(guest.row)
            if rng.random() < 0.4:
                rule = rng.choice([DietRule.VEGETARIAN, DietRule.HALAL, DietRule.VEGAN, DietRule.GLUTEN_FREE])
                diets.append(GuestDiet(customer=guest.row, rule=rule))
        elif rng.random() < 0.012:
            diets.append(GuestDiet(customer=guest.row, rule=DietRule.NOTHING_RAW, note="お造りは炙りに"))
        if guest.habit in ("special", "favourite", "regular") and rng.random() < 0.5:
            guest.row.mail_to = rng.choice([MailTo.HOME, MailTo.OFFICE, MailTo.NOWHERE])
            mail.append(guest.row)
            state = ConsentState.REFUSED if guest.row.mail_to == MailTo.NOWHERE else ConsentState.GRANTED
            consents.append(ContactConsent(customer=guest.row, channel=Channel.LETTER, state=state))
    GuestDiet.objects.bulk_create(diets, batch_size=BATCH)
    ContactConsent.objects.bulk_create(consents, batch_size=BATCH)
    Customer.objects.bulk_update(
        list({row.pk: row for row in mail}.values()), ["language", "mail_to"], batch_size=BATCH
    )


def _write_relations(book: GuestBook, house: House, by: User, today: date) -> None:
    """Couples, and the story of one host: wife, secretary, arranger, who introduced him, the posts he held and who has one now."""
    for guest in book.guests:
        if guest.spouse is not None:
            relate(customer=guest.row, by=by, kind=RelationKind.SPOUSE, other=guest.spouse.row)
    host = book.parts.get("host_with_allergy")
    if host is None:
        return
    named = {
        RelationKind.SPOUSE: ("wife", ""),
        RelationKind.ARRANGER: ("arranger", "宴席の手配はすべて"),
        RelationKind.INTRODUCER: ("banquet_host", "佐伯会長のご紹介"),
    }
    for kind, (part, note) in named.items():
        if part in book.parts:
            relate(customer=host.row, by=by, kind=kind, other=book.parts[part].row, note=note)
    relate(
        customer=host.row,
        by=by,
        kind=RelationKind.SECRETARY,
        other_name="佐藤様",
        other_phone="075-000-0100",
        note="お席の前日に電話で確認",
    )
    wedding = today + timedelta(days=24)
    add_special_day(
        by=by, kind="wedding", month=wedding.month, day=wedding.day, year=wedding.year - 30, customer=host.row
    )
    Customer.objects.filter(pk=host.row.pk).update(sales_staff=house.people["ohno"], called="本部長")
    if host.row.company is not None:
        april = date(today.year - 2, 4, 1)
        former = Post.objects.create(
            customer=host.row,
            company=host.row.company,
            department="関西支社",
            title="支社長",
            since=date(april.year - 5, 4, 1),
            until=april - timedelta(days=1),
        )
        Post.objects.create(customer=host.row, company=host.row.company, title=host.row.title, since=april)
        add_special_day(by=by, kind="founding", month=10, day=1, year=today.year - 40, company=host.row.company)
        _write_successor(book, former, by, april)


def _write_successor(book: GuestBook, post: Post, by: User, april: date) -> None:
    """Who came into the host's former post with that April's transfers, and with it to the house."""
    heir = next(
        (guest.row for guest in reversed(book.guests) if guest.habit == "regular" and not guest.row.company_id), None
    )
    if heir is not None:
        succeed(post=post, successor=heir, by=by, on=april)
        heir.refresh_from_db()


def _write_contacts(book: GuestBook, house: House, by: User, now: datetime) -> None:
    """Calls and letters of the last days; two wait for an answer, and one of somebody nobody knows yet."""
    venue = house.venues[HONTEN]
    for part, hours, channel, direction, asked, answer in CONTACTS:
        if part in book.parts:
            note_contact(
                by=by,
                venue=venue,
                customer=book.parts[part].row,
                channel=channel,
                direction=direction,
                asked=asked,
                answer=answer,
                is_answered=bool(answer),
                assigned_to=house.people["nishimura"],
                at=now - timedelta(hours=hours),
            )
    who, number, about = CALLER
    note_contact(by=by, venue=venue, caller=who, phone=number, asked=about, at=now - timedelta(hours=5))


def _write_promises(book: GuestBook, house: House, by: User, now: datetime) -> None:
    """What the house owes some guests, some of it kept."""
    at = now - timedelta(days=19)
    for part, words, state in PROMISES:
        if part not in book.parts:
            continue
        promise = make_promise(customer=book.parts[part].row, venue=house.venues[HONTEN], by=by, text=words)
        Promise.objects.filter(pk=promise.pk).update(made_at=at)
        if state:
            close_promise(promise=promise, by=by, state=state, reason="お客様のご都合で" if state == "released" else "")
            Promise.objects.filter(pk=promise.pk).update(closed_at=at + timedelta(days=5))
        TimelineEntry.objects.filter(parent_type=Promise._meta.label_lower, parent_id=promise.pk).update(at=at)


def _write_confidences(book: GuestBook, house: House) -> None:
    """One guest whom only the okami and one attendant know, and one evening of a guest everybody knows."""
    quiet = next((guest for guest in reversed(book.guests) if guest.habit == "special" and not guest.part), None)
    if quiet is not None:
        okami = house.people["fujiwara"]
        seal(record=quiet.row, by=okami, people=[okami, house.people["kobayashi"]])
    known = book.parts.get("lawyer")
    if known is not None:
        evenings = Visit.objects.took_place().filter(attendances__customer=known.row, attendances__role="host")
        alone = evenings.order_by("starts_at").first()
        if alone is not None:
            okami = house.people["fujiwara"]
            seal_visit(visit=alone, by=okami, people=[okami])


def _write_duplicates(book: GuestBook, house: House, by: User, now: datetime, count: int) -> None:
    """Guests somebody entered a second time (another spelling, a slip in the reading, the same number), found over night."""
    twice = [guest for guest in book.guests if guest.phones and guest.habit == "regular" and not guest.part][:count]
    for number, guest in enumerate(twice):
        row = guest.row
        again = create_customer(
            by=by,
            name=row.name.replace(" ", "") if number == 0 else row.name,
            kana=row.kana if number != 1 else f"{row.kana[:-1]}ウ",
            phones=[guest.phones[0].written],
            company_name=row.company.name if row.company and number == 2 else "",
            venue=house.venues[HONTEN],
        )
        Customer.objects.filter(pk=again.pk).update(created_at=now - timedelta(days=40 + number))
    write_proposals(found_pairs())
