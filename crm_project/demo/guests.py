"""Guests of the demo house: who they are, how often they come, what harms them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.allergens.models import Allergen
from crm_project.core.text import postal_code, tidy_kana
from crm_project.demo import names
from crm_project.demo.house import CASUAL, HONTEN, RYOKAN, House
from customers.choices import AddressLabel, AskedHow, Honorific, PhoneLabel
from customers.models import Address, Allergy, Company, Customer, Phone
from customers.names import company_identity
from customers.search_index import search_fields
from customers.services import PhoneInput, tidy_phones

BATCH: Final = 1000


@dataclass(frozen=True)
class Habit:
    """How often somebody comes (days between two visits, None: hardly ever) and with how many."""

    share: float
    days_between: int | None
    hosts_often: bool = False
    spends: float = 1.0


# From those who come every month to those who are in the ledger only.
HABITS: Final = {
    "special": Habit(0.025, 60, hosts_often=True, spends=1.15),
    "favourite": Habit(0.02, 190, hosts_often=True),
    "regular": Habit(0.32, 330),
    "rare": Habit(0.575, None, spends=0.85),
    "never": Habit(0.06, None),
}
# codes of allergens, how severe, how often
ALLERGIES: Final = (
    (("shrimp", "crab"), 9),
    (("crustaceans",), 7),
    (("buckwheat",), 9),
    (("egg",), 5),
    (("milk",), 4),
    (("mackerel",), 7),
    (("blue_fish",), 5),
    (("abalone",), 3),
    (("shellfish",), 4),
    (("oyster",), 6),
    (("walnut",), 4),
    (("tree_nuts",), 4),
    (("peanut",), 4),
    (("kiwifruit",), 3),
    (("peach",), 3),
    (("yam",), 3),
    (("salmon_roe",), 2),
    (("raw_fish",), 3),
    (("beef",), 2),
    (("squid",), 2),
    (("shrimp",), 6),
)
ALLERGY_NOTES: Final = ("煮汁も不可", "加熱してあれば可", "少量でも蕁麻疹が出る", "お薬をお持ち", "子どもの頃から", "")
LIKES: Final = (
    "ぬる燗（四十度）",
    "炭火焼",
    "白身のお造り",
    "ご飯は少なめで香の物を多めに",
    "赤ワイン",
    "熱いほうじ茶",
    "鱧",
    "松茸",
    "静かなお席",
    "庭の見えるお席",
    "甘味は二つでも",
    "辛口の冷酒",
    "湯葉",
    "出汁巻き",
)
DISLIKES: Final = (
    "香菜",
    "香りの強い葱",
    "生の玉葱",
    "脂の多い肉",
    "甘い味付け",
    "納豆",
    "レバー",
    "辛いもの",
    "セロリ",
    "冷房の風",
)
NOTES: Final = (
    "領収書は会社名で。",
    "お名刺はいつも秘書の方へ。",
    "お足元が悪い日は玄関までお迎えに。",
    "お誕生日のお花は喜ばれます。",
    "写真は控えてほしいとのこと。",
    "お迎えの車は21時に。",
)


@dataclass
class Guest:
    """A guest while the demo is being made."""

    habit: str
    woman: bool
    home: str
    row: Customer
    phones: list[Phone]
    address: tuple[str, str] = ("", "")
    allergies: list[Allergy] = field(default_factory=list)
    company: names.CompanyName | None = None
    spouse: "Guest | None" = None
    # Part of a story told by hand (crm_project.demo.stories).
    part: str = ""


@dataclass(frozen=True)
class Told:
    """A guest of the stories. Allergies are codes with their severity."""

    part: str
    name: str
    kana: str
    habit: str
    company: str = ""
    title: str = ""
    woman: bool = False
    allergies: tuple[tuple[str, str], ...] | None = ()
    asked_how: str = AskedHow.PHONE
    answered_by: str = ""
    allergy_note: str = ""
    likes: str = ""
    dislikes: str = ""
    note: str = ""
    phones: tuple[tuple[str, str], ...] = ()
    years_known: int = 4


TOLD: Final = (
    Told(
        "host_with_allergy",
        "渡邉 健一",
        "わたなべ けんいち",
        "special",
        "北辰電機株式会社",
        "取締役営業本部長",
        allergies=(("shrimp", Severity.SEVERE), ("crab", Severity.SEVERE)),
        answered_by="秘書 佐藤様",
        allergy_note="煮汁も不可。器とお箸も分ける",
        likes="炭火焼、ぬる燗（四十度）",
        dislikes="香菜",
        note="床の間側に主賓。膝を痛めておられる。",
        phones=(("090-0000-1482", PhoneLabel.MOBILE), ("075-000-0100", PhoneLabel.SECRETARY)),
        years_known=9,
    ),
    Told(
        "banquet_host",
        "佐伯 勝",
        "さえき まさる",
        "special",
        "株式会社佐伯商事",
        "代表取締役会長",
        likes="乾杯のご挨拶は会長から。辛口の冷酒",
        phones=(("075-000-0200", PhoneLabel.WORK),),
        years_known=12,
    ),
    Told(
        "same_dish", "井口 静子", "いぐち しずこ", "favourite", woman=True, likes="湯葉、庭の見えるお席", years_known=6
    ),
    Told("complained", "森本 勇", "もりもと いさむ", "favourite", likes="熱い椀物", years_known=5),
    Told("newcomer", "髙橋 美穂", "たかはし みほ", "never", woman=True, allergies=None, years_known=0),
    Told(
        "arranger",
        "大西 徹",
        "おおにし とおる",
        "regular",
        "北辰電機株式会社",
        "営業二課長",
        allergies=(("buckwheat", Severity.MODERATE),),
        years_known=3,
    ),
    Told("wife", "渡邉 由紀", "わたなべ ゆき", "regular", woman=True, likes="甘味は二つでも", years_known=7),
    Told(
        "lawyer",
        "東 慎一郎",
        "ひがし しんいちろう",
        "favourite",
        "東山法律事務所",
        "代表弁護士",
        allergies=(("oyster", Severity.MODERATE),),
        years_known=4,
    ),
    Told(
        "teacher",
        "片岡 文子",
        "かたおか ふみこ",
        "regular",
        woman=True,
        note="お茶の先生。お弟子さんとご一緒に。",
        years_known=8,
    ),
)


class GuestBook:
    """All guests, and the companies they come from."""

    def __init__(self, guests: list[Guest]) -> None:
        self.guests = guests
        self.parts = {guest.part: guest for guest in guests if guest.part}
        self.colleagues: dict[int, list[Guest]] = {}
        for guest in guests:
            if guest.row.company_id:
                self.colleagues.setdefault(guest.row.company_id, []).append(guest)


def write_guests(*, rng: Random, house: House, count: int, went_live_on: date) -> GuestBook:
    """Make so many guests, write them with everything that belongs to them, and give them codes in the order they came."""
    companies = _write_companies(rng, max(5, min(150, count // 12)))
    allergens = {allergen.code: allergen for allergen in Allergen.objects.all()}
    today = house.today(HONTEN)
    guests = [_told(one, house, companies, allergens, today) for one in TOLD[:count]]
    guests += _foreigners(rng, house, allergens, today, min(count // 110, count - len(guests)))
    while len(guests) < count:
        guests.append(_somebody(rng, house, companies, allergens, today))
        if len(guests) < count and guests[-1].habit != "never" and rng.random() < 0.06:
            guests.append(_spouse(rng, guests[-1], house, allergens, today))
    guests.sort(key=lambda guest: guest.row.since or today)
    for number, guest in enumerate(guests, start=1):
        guest.row.code = f"C-{number:06d}"
    _write(guests, went_live_on)
    return GuestBook(guests)


def _write_companies(rng: Random, count: int) -> list[tuple[names.CompanyName, Company]]:
    found = names.companies(rng, count)
    known = {company.key: company for company in Company.objects.all()}
    rows = [
        Company(
            name=one.name,
            kana=tidy_kana(one.kana),
            key=company_identity(one.name),
            phone=f"075-000-{number:04d}",
            code=f"B-{number:04d}",
        )
        for number, one in enumerate(found, start=1001)
        if company_identity(one.name) not in known
    ]
    known |= {company.key: company for company in Company.objects.bulk_create(rows)}
    return [(one, known[company_identity(one.name)]) for one in found]


def _told(
    told: Told,
    house: House,
    companies: Sequence[tuple[names.CompanyName, Company]],
    allergens: dict[str, Allergen],
    today: date,
) -> Guest:
    company = next((pair for pair in companies if pair[0].name == told.company), None)
    row = Customer(
        name=told.name,
        kana=tidy_kana(told.kana),
        company=company[1] if company else None,
        title=told.title,
        since=today - timedelta(days=365 * told.years_known + 40) if told.years_known else today - timedelta(days=6),
        staff=house.people["kobayashi"] if told.part != "complained" else house.people["inoue"],
        likes=told.likes,
        dislikes=told.dislikes,
        note=told.note,
        birthday=date(today.year - 61, 12, 9) if told.part == "host_with_allergy" else None,
    )
    guest = Guest(
        told.habit,
        told.woman,
        HONTEN,
        row,
        tidy_phones(PhoneInput(number, label) for number, label in told.phones),
        ("6060000", "京都府京都市左京区松風町1-8"),
        part=told.part,
        company=company[0] if company else None,
    )
    if told.allergies is not None:
        row.allergy_state = AllergyState.LISTED if told.allergies else AllergyState.NONE
        row.allergy_asked_on = today - timedelta(days=2)
        row.allergy_asked_how = told.asked_how
        row.allergy_answered_by = told.answered_by
        row.allergy_note = told.allergy_note
        guest.allergies = [
            Allergy(allergen=allergens[code], severity=severity)
            for code, severity in told.allergies
            if code in allergens
        ]
    return guest


def _foreigners(rng: Random, house: House, allergens: dict[str, Allergen], today: date, count: int) -> list[Guest]:
    found = []
    for name, kana, number in names.foreign_names()[: max(0, count)]:
        since = today - timedelta(days=rng.randint(10, 900))
        row = Customer(
            name=name,
            kana=tidy_kana(kana),
            since=since,
            email=f"{name.split()[-1].lower()}@travel.example",
            note="ご予約は英語で。",
            staff=house.of_role("floor", RYOKAN)[0],
        )
        guest = Guest("rare", False, RYOKAN, row, tidy_phones([PhoneInput(f"{number}{rng.randint(0, 99):02d}")]))
        _ask_allergies(rng, guest, allergens, today)
        found.append(guest)
    return found


def _somebody(
    rng: Random,
    house: House,
    companies: Sequence[tuple[names.CompanyName, Company]],
    allergens: dict[str, Allergen],
    today: date,
) -> Guest:
    family = names.surname(rng)
    woman = rng.random() < 0.42
    given, given_kana = names.given_name(rng, woman=woman)
    habit = rng.choices(list(HABITS), [one.share for one in HABITS.values()])[0]
    home = rng.choices((HONTEN, CASUAL, RYOKAN), (55, 27, 18) if habit != "special" else (80, 8, 12))[0]
    row = Customer(name=f"{family.written} {given}", kana=tidy_kana(f"{family.kana} {given_kana}"))
    row.since = _since(rng, habit, today)
    guest = Guest(habit, woman, home, row, [])
    hosts = HABITS[habit].hosts_often
    if rng.random() < (0.75 if hosts else 0.3):
        guest.company, row.company = rng.choices(companies, [max(1, 30 - n) for n in range(len(companies))])[0]
        row.department = rng.choice(names.DEPARTMENTS) if rng.random() < 0.5 else ""
        row.title = rng.choice(names.TITLES) if rng.random() < 0.7 else ""
        row.email = f"{family.romaji}@{guest.company.domain}.example" if rng.random() < 0.4 else ""
        if "法律事務所" in guest.company.name or "医" in guest.company.name:
            row.honorific = Honorific.SENSEI
    if rng.random() < 0.6:
        guest.address = names.address(rng)
    guest.phones = _phones(rng, works=guest.company is not None)
    if rng.random() < 0.3:
        row.birthday = _birthday(rng, today)
    if hosts or rng.random() < 0.25:
        row.staff = rng.choice(house.of_role("floor", home))
    chance = 0.7 if hosts else 0.15
    row.likes = "、".join(rng.sample(LIKES, rng.randint(1, 2))) if rng.random() < chance else ""
    row.dislikes = rng.choice(DISLIKES) if rng.random() < chance / 2 else ""
    row.note = rng.choice(NOTES) if rng.random() < chance / 3 else ""
    _ask_allergies(rng, guest, allergens, today)
    return guest


def _spouse(rng: Random, other: Guest, house: House, allergens: dict[str, Allergen], today: date) -> Guest:
    family, family_kana = other.row.name.split()[0], other.row.kana.split()[0]
    given, given_kana = names.given_name(rng, woman=not other.woman)
    row = Customer(
        name=f"{family} {given}",
        kana=tidy_kana(f"{family_kana} {given_kana}"),
        since=other.row.since,
        staff=other.row.staff,
    )
    guest = Guest("never", not other.woman, other.home, row, _phones(rng, works=False), other.address, spouse=other)
    other.spouse = guest
    _ask_allergies(rng, guest, allergens, today)
    return guest


def _since(rng: Random, habit: str, today: date) -> date:
    if habit in ("special", "favourite"):
        return today - timedelta(days=rng.randint(300, 5000))
    if habit == "regular":
        return today - timedelta(days=rng.randint(60, 5000))
    return today - timedelta(days=int(rng.triangular(1, 1150, 60)))


def _birthday(rng: Random, today: date) -> date:
    return today.replace(day=1) - timedelta(days=int(rng.triangular(24 * 365, 84 * 365, 55 * 365)))


def _phones(rng: Random, *, works: bool) -> list[Phone]:
    wanted = []
    if rng.random() < 0.85:
        wanted.append(PhoneInput(f"0{rng.choice('789')}0-0000-{rng.randint(0, 9999):04d}"))
    if works and rng.random() < 0.35:
        wanted.append(PhoneInput(f"075-000-{rng.randint(0, 9999):04d}", PhoneLabel.WORK))
    elif rng.random() < 0.15:
        wanted.append(PhoneInput(f"075-000-{rng.randint(0, 9999):04d}", PhoneLabel.HOME))
    return tidy_phones(wanted)


def _ask_allergies(rng: Random, guest: Guest, allergens: dict[str, Allergen], today: date) -> None:
    """Nobody asked, nothing, or a list with how bad it is."""
    row = guest.row
    dice = rng.random()
    if dice < (0.12 if HABITS[guest.habit].hosts_often else 0.34):
        return
    row.allergy_asked_on = today - timedelta(days=rng.randint(1, 700))
    row.allergy_asked_on = max(row.allergy_asked_on, row.since or row.allergy_asked_on)
    row.allergy_asked_how = rng.choices(list(AskedHow.values), (5, 5, 1, 2))[0]
    if dice < 0.87:
        row.allergy_state = AllergyState.NONE
        return
    row.allergy_state = AllergyState.LISTED
    chosen: dict[str, None] = {}
    for _time in range(rng.choices((1, 2), (5, 1))[0]):
        chosen |= dict.fromkeys(rng.choices([codes for codes, _n in ALLERGIES], [n for _codes, n in ALLERGIES])[0])
    severity = rng.choices(list(Severity.values), (3, 6, 2))[0]
    row.allergy_note = rng.choice(ALLERGY_NOTES) if rng.random() < 0.4 else ""
    guest.allergies = [Allergy(allergen=allergens[code], severity=severity) for code in chosen if code in allergens]


def _write(guests: Sequence[Guest], went_live_on: date) -> None:
    """Write guests, phones, addresses and allergies; those who were known before came with the ledger on the first day."""
    for guest in guests:
        row = guest.row
        found_by = search_fields(
            name=row.name,
            kana=row.kana,
            company_name=row.company.name if row.company else "",
            company_kana=row.company.kana if row.company else "",
            other_names=(row.former_name, row.called),
            code=row.code,
            phones=[phone.digits for phone in guest.phones],
        )
        row.search_key, row.grams, row.sort_key = found_by.search_key, found_by.grams, found_by.sort_key
        entered_on = max(row.since or went_live_on, went_live_on)
        row.created_at = row.updated_at = datetime.combine(entered_on, time(1, 0), tzinfo=UTC)
    Customer.objects.bulk_create((guest.row for guest in guests), batch_size=BATCH)
    for guest in guests:
        for phone in guest.phones:
            phone.customer = guest.row
        for allergy in guest.allergies:
            allergy.customer = guest.row
    Phone.objects.bulk_create((phone for guest in guests for phone in guest.phones), batch_size=BATCH)
    Allergy.objects.bulk_create((allergy for guest in guests for allergy in guest.allergies), batch_size=BATCH)
    Address.objects.bulk_create(
        (
            Address(
                customer=guest.row,
                label=AddressLabel.HOME,
                postal_code=postal_code(guest.address[0]),
                text=guest.address[1],
            )
            for guest in guests
            if guest.address[1]
        ),
        batch_size=BATCH,
    )
