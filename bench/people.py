"""Made-up people with planted duplicates, the same for the same seed: a form of the FEBRL files, and guests of a Japanese house.

Nobody here exists; family names, towns and streets are put together from syllables and common kanji.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from customers.matching.persons import Person, make_person

COLUMNS = (
    *("rec_id", "given_name", "surname", "street_number", "address_1", "address_2"),
    *("suburb", "postcode", "state", "date_of_birth", "soc_sec_id"),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SYLLABLES = (
    "ba den cor wil ham ley ton mar ri san el ka jo ne tho mas vi ol per kin gra dor fen lu mi sha ro be".split()
)
_STATES = ("nsw", "vic", "qld", "wa", "sa", "tas", "act", "nt")


class Words:
    """Made-up words, a few of them common and many of them rare, as names are."""

    def __init__(
        self, chance: random.Random, count: int, parts: Sequence[int], suffixes: Sequence[str] = ("",)
    ) -> None:
        made: dict[str, None] = {}
        while len(made) < count:
            made["".join(chance.choices(_SYLLABLES, k=chance.choice(parts))) + chance.choice(suffixes)] = None
        self.words = list(made)
        self.weights = list(accumulate(1 / (place + 8) for place in range(count)))

    def pick(self, chance: random.Random) -> str:
        """One of them, a common one more often."""
        return chance.choices(self.words, cum_weights=self.weights)[0]


def febrl_rows(people: int, duplicates: int, *, most: int, slips: int, seed: int) -> list[dict[str, str]]:
    """`people` originals and so many duplicates, at most `most` of a person, each with one to `slips` changes."""
    chance = random.Random(seed)
    given = Words(chance, 500, (2, 3))
    family = Words(chance, 2500, (2, 3, 4))
    streets = Words(chance, 2500, (2, 3, 4), (" street", " close", " place", " crescent", " avenue"))
    farms = Words(chance, 2500, (2, 3, 4), ("", "", " vlge", " farm"))
    suburbs = Words(chance, 1500, (2, 3, 4), ("", " park", " north"))

    def original(number: int) -> dict[str, str]:
        values = (
            f"rec-{number}-org",
            given.pick(chance),
            family.pick(chance),
            str(int(chance.paretovariate(0.7)) + chance.randrange(60)),
            streets.pick(chance),
            farms.pick(chance) if chance.random() < 0.85 else "",
            suburbs.pick(chance),
            str(chance.randrange(2000, 7000)),
            chance.choices(_STATES, weights=(30, 25, 20, 10, 8, 3, 2, 2))[0],
            f"{chance.randrange(1900, 2000)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}",
            str(chance.randrange(1_000_000, 9_999_999)),
        )
        return dict(zip(COLUMNS, values, strict=True))

    originals = [original(number) for number in range(people)]
    rows = list(originals)
    held = [0] * people
    while len(rows) < people + duplicates:
        number = min(int(chance.paretovariate(1.1) * people / 8), people * 8) % people
        if held[number] >= most:
            continue
        changed = dict(originals[number])
        changed["rec_id"] = f"rec-{number}-dup-{held[number]}"
        held[number] += 1
        for _slip in range(chance.randint(1, slips)):
            _change(changed, originals[chance.randrange(people)], chance)
        rows.append(changed)
    chance.shuffle(rows)
    return rows


def _change(row: dict[str, str], somebody: dict[str, str], chance: random.Random) -> None:
    """One thing that goes wrong when a person is written down again."""
    field = chance.choice(COLUMNS[1:])
    kind = chance.random()
    if kind < 0.08:
        for one, other in (("given_name", "surname"), ("address_1", "address_2")):
            if field in (one, other):
                row[one], row[other] = row[other], row[one]
    elif kind < 0.2:
        row[field] = ""
    elif kind < 0.35:
        row[field] = somebody[field]
    elif row[field]:
        row[field] = mistyped(row[field], chance)


def mistyped(written: str, chance: random.Random) -> str:
    """The text with one slip: a sign more, less or other, or two neighbours swapped; numbers keep their length."""
    place = chance.randrange(len(written))
    kind = chance.randrange(4)
    number = written.isdigit()
    letter = chance.choice("0123456789") if number else chance.choice(_LETTERS + " ")
    if kind == 0 or (number and kind == 1):
        return written[:place] + letter + written[place + 1 :]
    if kind == 1:
        return written[:place] + letter + written[place:]
    if kind == 2 and not number:
        return written[:place] + written[place + 1 :]
    return written[:place] + written[place + 1 : place + 2] + written[place] + written[place + 2 :]


# --- guests of a Japanese house ---------------------------------------------------------------------------------------

Half = tuple[str, str]


def _halves(words: str) -> list[Half]:
    """Kanji and its reading: 山ヤマ -> (山, ヤマ)."""
    return [(word[0], word[1:]) for word in words.split()]


_FRONT = _halves(
    "山ヤマ 川カワ 田タ 高タカ 中ナカ 松マツ 木キ 石イシ 小コ 大オオ 西ニシ 東ヒガシ 北キタ 南ミナミ "
    "上ウエ 杉スギ 竹タケ 桜サクラ 梅ウメ 岩イワ 長ナガ 吉ヨシ 森モリ 林ハヤシ 青アオ 白シラ 黒クロ 金カネ "
    "水ミズ 早ハヤ 平ヒラ 福フク 宮ミヤ 村ムラ 若ワカ 浜ハマ 藤フジ 関セキ 秋アキ 冬フユ"
)
_BACK = _halves(
    "田ダ 川カワ 橋ハシ 本モト 村ムラ 山ヤマ 口グチ 島シマ 原ハラ 野ノ 井イ 崎サキ 沢ザワ 木キ "
    "瀬セ 塚ツカ 谷タニ 岡オカ 葉バ 尾オ 内ウチ 下シタ 藤フジ 辺ベ 倉クラ 浦ウラ 代シロ 森モリ "
    "松マツ 宮ミヤ 城キ 関セキ"
)
_GIVEN_FRONT = _halves(
    "健ケン 真マ 美ミ 由ユ 恵ケイ 正マサ 和カズ 義ヨシ 幸ユキ 良リョウ 千チ 早サ 友トモ 春ハル "
    "夏ナツ 明アキ 英ヒデ 信ノブ 孝タカ 直ナオ 桃モモ 優ユウ 翔ショウ 大ダイ 裕ヒロ 智トシ 奈ナ 理リ "
    "光ミツ 俊シュン 康ヤス 節セツ"
)
_GIVEN_BACK = _halves(
    "一イチ 二ジ 太タ 子コ 美ミ 香カ 也ヤ 介スケ 代ヨ 江エ 人ト 郎ロウ 乃ノ 菜ナ "
    "樹キ 雄オ 平ヘイ 実ミ 穂ホ 里リ 吾ゴ 次ツグ 彦ヒコ 絵エ"
)
_TOWN_ENDS = ("町", "台", "丘", "本町", "新田", "が丘")
_CITIES = ("架空市北区", "架空市南区", "夢見市", "花園郡月見町", "霞市中央区", "雲居市", "潮見市西区", "若葉市")
_COMPANY_ENDS = ("商事", "工業", "不動産", "製作所", "運輸", "電機", "建設", "食品")
_POSTS = ("部長", "課長", "社長", "支店長", "秘書", "総務部長", "営業部長", "専務")
_VARIANTS = {
    "高": "髙",
    "辺": "邊",
    "沢": "澤",
    "島": "嶋",
    "崎": "﨑",
    "浜": "濱",
    "関": "關",
    "桜": "櫻",
    "恵": "惠",
    "真": "眞",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A card of a guest as the house has it; `person` is who it truly is."""

    person: int
    family: Half
    given: Half
    writes_kanji: bool = True
    has_kana: bool = True
    phones: tuple[str, ...] = ()
    birth: tuple[int | None, int | None, int | None] = (None, None, None)
    postal: str = ""
    address: str = ""
    email: str = ""
    company: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """What stands in the field of the name."""
        half = 0 if self.writes_kanji else 1
        return f"{self.family[half]} {self.given[half]}"

    @property
    def kana(self) -> str:
        """The reading, where the house has it."""
        return f"{self.family[1]} {self.given[1]}" if self.has_kana and self.writes_kanji else ""


class House:
    """Makes cards: single guests, families, twins, people of one post after another, and people who share a name."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.persons = 0
        chance = self.chance
        families = [(a + b, x + y) for a, x in _FRONT for b, y in _BACK if a != b]
        givens = [(a + b, x + y) for a, x in _GIVEN_FRONT for b, y in _GIVEN_BACK]
        chance.shuffle(families)
        chance.shuffle(givens)
        self.families, self.family_weights = (
            families,
            list(accumulate(1 / (place + 9) for place in range(len(families)))),
        )
        self.givens, self.given_weights = givens, list(accumulate(1 / (place + 25) for place in range(len(givens))))
        self.towns = [
            (f"{chance.randrange(1000, 9000)}{number % 1000:03d}", f"{chance.choice(_CITIES)}{kanji}{end}")
            for number, (kanji, end) in enumerate(
                (a + b, end) for a, _x in _FRONT for b, _y in _BACK for end in _TOWN_ENDS
            )
        ]

    def somebody(self) -> int:
        """The number of a new person."""
        self.persons += 1
        return self.persons

    def family(self) -> Half:
        """A family name; the commonest is held by 1.7 % or so."""
        return self.chance.choices(self.families, cum_weights=self.family_weights)[0]

    def given(self) -> Half:
        """A given name."""
        return self.chance.choices(self.givens, cum_weights=self.given_weights)[0]

    def mobile(self) -> str:
        """A mobile number."""
        return f"0{self.chance.choice('789')}0{self.chance.randrange(10**8):08d}"

    def mailbox(self) -> str:
        """An e-mail address of one's own."""
        return f"{''.join(self.chance.choices(_SYLLABLES, k=4))}{self.chance.randrange(100)}@example.jp"

    def home(self) -> tuple[str, str]:
        """Postcode and address."""
        chance = self.chance
        postal, town = self.towns[min(int(chance.expovariate(1 / 1500)), len(self.towns) - 1)]
        room = f" 花ハイツ{chance.randrange(101, 500)}" if chance.random() < 0.3 else ""
        return postal, f"{town}{chance.randrange(1, 6)}-{chance.randrange(1, 30)}-{chance.randrange(1, 20)}{room}"

    def birth(self) -> tuple[int | None, int | None, int | None]:
        """A birthday, known for four of ten, now and then without its year."""
        chance = self.chance
        if chance.random() > 0.4:
            return None, None, None
        year = None if chance.random() < 0.15 else chance.randrange(1935, 2005)
        return year, chance.randrange(1, 13), chance.randrange(1, 29)

    def single(self) -> Card:
        """A guest who shares nothing with anybody but by chance."""
        chance = self.chance
        postal, address = self.home() if chance.random() < 0.6 else ("", "")
        person = self.somebody()
        company = self.company() if chance.random() < 0.3 else ""
        return Card(
            person=person,
            family=self.family(),
            given=self.given(),
            has_kana=chance.random() < 0.85,
            phones=(self.mobile(),) if chance.random() < 0.9 else (),
            birth=self.birth(),
            postal=postal,
            address=address,
            email=self.mailbox() if chance.random() < 0.25 else "",
            company=company,
            title=chance.choice(_POSTS) if company and chance.random() < 0.6 else "",
        )

    def company(self) -> str:
        """A company of the region."""
        kanji, _kana = self.family()
        return f"株式会社{kanji}{self.chance.choice(_COMPANY_ENDS)}"

    def household(self) -> list[Card]:
        """A family at one address, most of them under one phone; one in four with twins, children named after a parent."""
        chance = self.chance
        family, (postal, address), phone = self.family(), self.home(), f"075{chance.randrange(10**7):07d}"
        cards: list[Card] = []
        for _member in range(chance.randint(2, 4)):
            phones = (phone,) if chance.random() < 0.75 else (phone, self.mobile())
            card = replace(
                self.single(), family=family, postal=postal, address=address, phones=phones, company="", title=""
            )
            if card.given[1] not in [other.given[1] for other in cards]:
                cards.append(card)
        if chance.random() < 0.5:
            cards[-1] = replace(cards[-1], given=self._named_after(cards))
        if chance.random() < 0.25:
            born = (chance.randrange(1960, 2005), chance.randrange(1, 13), chance.randrange(1, 29))
            cards[-1] = replace(cards[-1], birth=born)
            given = self._named_after(cards)
            cards.append(replace(cards[-1], person=self.somebody(), given=given, email=""))
        return cards

    def _named_after(self, cards: Sequence[Card]) -> Half:
        """A given name that nobody of them has or sounds like, with the first kanji of the last one."""
        last, readings = cards[-1].given, [card.given[1] for card in cards]
        return self.chance.choice(
            [name for name in self.givens if name[0][0] == last[0][0] and name[1] not in readings]
        )

    def post(self) -> list[Card]:
        """A post and who held it one after the other: company, title, phone, office and often the mailbox are the same."""
        chance = self.chance
        company, title, phone = self.company(), chance.choice(_POSTS), f"03{chance.randrange(10**8):08d}"
        postal, address = self.home()
        mailbox = f"info{self.persons}@example.com" if chance.random() < 0.4 else ""
        return [
            replace(
                self.single(),
                company=company,
                title=title,
                phones=(phone,),
                postal=postal,
                address=address,
                email=mailbox,
            )
            for _holder in range(chance.randint(2, 3))
        ]

    def namesakes(self) -> list[Card]:
        """People of one common name; one in three pairs lives in one town as well."""
        chance = self.chance
        first = replace(self.single(), family=chance.choice(self.families[:40]), given=chance.choice(self.givens[:40]))
        others = [
            replace(self.single(), family=first.family, given=first.given) for _one in range(chance.randint(1, 3))
        ]
        if first.postal and chance.random() < 0.33:
            town = first.address.split("-")[0][:-1]
            others[0] = replace(others[0], postal=first.postal, address=f"{town}9-{chance.randrange(30, 60)}-1")
        return [first, *others]

    def again(self, card: Card) -> Card:
        """The same person, entered a second time by somebody in a hurry."""
        chance = self.chance
        changed = card
        if chance.random() < 0.15:
            changed = replace(changed, writes_kanji=False)
        elif chance.random() < 0.3:
            changed = replace(changed, has_kana=not card.has_kana)
        if chance.random() < 0.3:
            written = "".join(_VARIANTS.get(kanji, kanji) for kanji in card.family[0])
            changed = replace(changed, family=(written, card.family[1]))
        if chance.random() < 0.08:
            changed = replace(changed, given=(card.given[0], mistyped_kana(card.given[1], chance)))
        if chance.random() < 0.03:
            changed = replace(changed, family=changed.given, given=changed.family)
        elif chance.random() < 0.03:
            changed = replace(changed, family=self.family())
        kind = chance.random()
        if kind < 0.15:
            changed = replace(changed, phones=(self.mobile(),))
        elif kind < 0.25:
            changed = replace(changed, phones=())
        elif kind < 0.32 and card.phones:
            changed = replace(changed, phones=(mistyped(card.phones[0], chance),))
        kind = chance.random()
        if kind < 0.2:
            changed = replace(changed, postal="", address="")
        elif kind < 0.35:
            postal, address = self.home()
            changed = replace(changed, postal=postal, address=address)
        elif kind < 0.5:
            changed = replace(changed, address=changed.address.split(" ")[0].replace("-", "丁目", 1))
        kind = chance.random()
        if kind < 0.25:
            changed = replace(changed, birth=(None, None, None))
        elif kind < 0.35:
            changed = replace(changed, birth=(None, *card.birth[1:]))
        if chance.random() < 0.4:
            changed = replace(changed, email="")
        if chance.random() < 0.4:
            changed = replace(changed, company="", title="")
        return changed


def mistyped_kana(kana: str, chance: random.Random) -> str:
    """A reading with one sign heard wrong."""
    place = chance.randrange(len(kana))
    return kana[:place] + chance.choice("アカサタナハマヤラ") + kana[place + 1 :]


def hard_guests(count: int, *, seed: int, duplicates: float = 0.1) -> list[Card]:
    """About `count` cards of which most are alike without being the same: families, twins, successors, namesakes."""
    house = House(seed)
    cards: list[Card] = []
    makers = (
        house.household,
        house.household,
        house.post,
        house.namesakes,
        lambda: [house.single() for _one in range(3)],
    )
    while len(cards) < count * (1 - duplicates):
        cards += house.chance.choice(makers)()
    return _with_duplicates(house, cards, count)


def usual_guests(count: int, *, seed: int, duplicates: float = 0.05) -> list[Card]:
    """`count` cards as a house has them: one in five in a family, some posts, the others for themselves."""
    house = House(seed)
    cards: list[Card] = []
    while len(cards) < count * (1 - duplicates):
        kind = house.chance.random()
        cards += house.household() if kind < 0.07 else house.post() if kind < 0.09 else [house.single()]
    return _with_duplicates(house, cards, count)


def _with_duplicates(house: House, cards: list[Card], count: int) -> list[Card]:
    chosen = house.chance.sample(cards, max(count - len(cards), 0))
    cards += [house.again(card) for card in chosen]
    house.chance.shuffle(cards)
    return cards


def true_pairs(cards: Sequence[Card]) -> set[tuple[int, int]]:
    """Places (i < j) of cards of one person."""
    places: dict[int, list[int]] = {}
    for place, card in enumerate(cards):
        places.setdefault(card.person, []).append(place)
    return {(i, j) for held in places.values() for i in held for j in held if i < j}


def person_of(place: int, card: Card) -> Person:
    """The card as the matching takes it."""
    return make_person(
        place,
        name=card.name,
        kana=card.kana,
        phones=card.phones,
        birth=card.birth,
        postal=card.postal,
        address=card.address,
        email=card.email,
        company=card.company,
        title=card.title,
    )
