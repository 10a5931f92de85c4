"""A house with as many guests as a measurement wants, on either database, with names as often as they are met.

Four guests in ten have one of the common family names of the demo house, so that a search for 田中 or 高橋 finds about as
many of a million as in life; the others have names freely put together from parts.
"""

import datetime
import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from crm_project.core import text
from crm_project.core.accounts.models import Role, User, Venue
from crm_project.core.accounts.services import assign_role
from crm_project.core.allergens.models import Allergen
from crm_project.demo import names
from customers.models import Allergy, Company, Customer, Phone, Rank
from customers.names import company_identity
from customers.search_index import search_fields
from integrations import bulk

BATCH = 20_000
COMPANIES = 300
COMMON_SHARE = 0.4
FIRST_PARTS = """
東 ひがし|西 にし|南 みなみ|北 きた|大 おお|小 こ|上 うえ|下 した|高 たか|長 なが|平 ひら
石 いし|岩 いわ|松 まつ|竹 たけ|梅 うめ|杉 すぎ|桜 さくら|柳 やなぎ|森 もり|林 はやし
池 いけ|沢 さわ|滝 たき|浜 はま|宮 みや|寺 てら|神 かみ|白 しろ|黒 くろ|赤 あか|青 あお
金 かね|福 ふく|吉 よし|安 やす|永 なが|新 にい|古 ふる|若 わか
"""
SECOND_PARTS = """
山 やま|川 かわ|村 むら|島 しま|崎 さき|岡 おか|木 き|井 い|本 もと|谷 たに|浦 うら
口 ぐち|野 の|尾 お|塚 づか|森 もり|橋 はし|瀬 せ|沼 ぬま|部 べ|垣 がき|倉 くら|津 つ
戸 と|場 ば
"""
GIVEN = """
優 ゆう|舞 まい|遥 はるか|萌 もえ|翼 つばさ|学 まなぶ|聡 さとし|仁 ひとし|司 つかさ|武 たけし
清 きよし|実 みのる|光 ひかる|香 かおり|恵 めぐみ|幸 みゆき|瞳 ひとみ|歩 あゆみ|忍 しのぶ
薫 かおる|智 さとる|望 のぞみ|要 かなめ|匠 たくみ|昇 のぼる|満 みつる|弘 ひろし|勝 まさる
守 まもる|千夏 ちなつ|美雪 みゆき|桃子 ももこ|花子 はなこ|由香 ゆか|涼子 りょうこ|京子 きょうこ
良子 りょうこ|翔 しょう|涼 りょう|要一 よういち|洋平 ようへい
"""
GUEST_FIELDS = (
    "id", "code", "name", "kana", "honorific", "company", "department", "title", "email", "rank", "likes", "dislikes", "note",
    "unread", "allergy_state", "allergy_note", "allergy_asked_how", "allergy_answered_by", "last_visit_on", "visit_count",
    "search_key", "grams", "sort_key", "version",
)  # fmt: skip


def furnish(guests: int) -> User:
    """Make a venue, its okami, companies, ranks and so many guests with a number each; the okami is returned."""
    venue = Venue.objects.create(code="bench", name="松風 本店")
    okami = User.objects.create(username="bench", display_name="女将", password="!")
    assign_role(user=okami, venue=venue, role=Role.objects.get(code="okami"), by=User.objects.system())
    rng = random.Random(20261122)
    companies = [
        Company(name=one.name, kana=text.tidy_kana(one.kana), key=company_identity(one.name))
        for one in names.companies(rng, COMPANIES)
    ]
    Company.objects.bulk_create(companies)
    ranks = [Rank.objects.get_or_create(name=name)[0].pk for name in ("特別", "上得意", "得意", "新規")]
    allergens = list(Allergen.objects.values_list("pk", flat=True))
    with _without_indexes(Customer, Phone):
        made = _guests(rng, guests, companies, ranks)
        while batch := list(islice(made, BATCH)):
            with transaction.atomic():
                bulk.insert(Customer, GUEST_FIELDS, [guest for guest, _phone in batch])
                bulk.insert(
                    Phone, ("customer", "label", "written", "digits", "tail", "position"), [p for _g, p in batch]
                )
                listed = [guest[0] for guest, _phone in batch if guest[14] == "listed"]
                rows = [(pk, rng.choice(allergens), "severe", "") for pk in listed]
                bulk.insert(Allergy, ("customer", "allergen", "severity", "note"), rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence('customers_customer', 'id'), %s)", [guests])
            cursor.execute("VACUUM ANALYZE")  # without it the first reads of the measurement pay for the load
        else:
            cursor.execute("ANALYZE")
    return okami


class _without_indexes:
    """On PostgreSQL, drop the tables' plain indexes while they are filled and build them in one go afterwards."""

    def __init__(self, *models: Any) -> None:
        self.tables = [model._meta.db_table for model in models]
        self.definitions: list[tuple[str, str]] = []

    def __enter__(self) -> None:
        if connection.vendor != "postgresql":
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
                " (SELECT conname FROM pg_constraint)",
                [self.tables],
            )
            self.definitions = cursor.fetchall()
            for name, _definition in self.definitions:
                cursor.execute(f'DROP INDEX "{name}"')

    def __exit__(self, *error: object) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET maintenance_work_mem = '256MB'")
            for _name, definition in self.definitions:
                cursor.execute(definition)


def _guests(
    rng: random.Random, count: int, companies: list[Company], ranks: list[int]
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Rows of guests, each with the row of its number."""
    first, second, more = (names.pairs(table) for table in (FIRST_PARTS, SECOND_PARTS, GIVEN))
    newest = datetime.date(2026, 11, 20)
    for pk in range(1, count + 1):
        if rng.random() < COMMON_SHARE:
            family = names.surname(rng)
            surname, surname_kana = family.written, family.kana
        else:
            front, behind = rng.choice(first), rng.choice(second)
            surname, surname_kana = front[0] + behind[0], front[1] + behind[1]
        drawn = rng.random()
        given, given_kana = rng.choice(more) if drawn < 0.4 else names.given_name(rng, woman=drawn < 0.7)
        name, kana = f"{surname} {given}", text.tidy_kana(f"{surname_kana} {given_kana}")
        company = rng.choice(companies) if rng.random() < 0.3 else None
        digits = f"0{rng.choice('789')}0{rng.randrange(100_000_000):08d}"
        code = f"C{pk:07d}"
        found_by = search_fields(
            name=name,
            kana=kana,
            company_name=company.name if company else "",
            company_kana=company.kana if company else "",
            code=code,
            phones=[digits],
        )
        asked = rng.random()
        state = "listed" if asked < 0.15 else "none" if asked < 0.6 else "not_asked"
        seen = (newest - datetime.timedelta(days=rng.randrange(1500))).isoformat() if rng.random() < 0.9 else None
        guest = (
            pk, code, name, kana, "様", company.pk if company else None, "営業部" if company else "", "", "",
            rng.choices(ranks, (1, 9, 30, 60))[0], "", "", "静かなお席をご希望" if pk % 3 == 0 else "", "{}",
            state, "", "", "", seen, rng.randrange(40) if seen else 0,
            found_by.search_key, found_by.grams, found_by.sort_key, 1,
        )  # fmt: skip
        written = f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
        yield guest, (pk, "mobile", written, digits, digits[-4:], 0)
