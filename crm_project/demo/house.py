"""The demo house: 京 松風 with three venues, their rooms and the people who work there."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.contrib.auth.hashers import make_password

from crm_project.core.accounts.models import Role, User, Venue
from crm_project.core.accounts.services import assign_role, change_house
from crm_project.core.dates import business_date
from crm_project.demo.rooms import CASUAL_ROOMS, HONTEN_ROOMS, RYOKAN_ROOMS, furnish, write_terms
from visits.models import Room

HOUSE_NAME: Final = "京 松風"
HONTEN, RYOKAN, CASUAL = "honten", "arashiyama", "karasuma"
VENUE_CODES: Final = (HONTEN, RYOKAN, CASUAL)

# code, name, closing hour, rooms
VENUES: Final = (
    (HONTEN, "本店", 26, HONTEN_ROOMS),
    (RYOKAN, "嵐山 松風荘", 24, RYOKAN_ROOMS),
    (CASUAL, "まつかぜ 烏丸", 28, CASUAL_ROOMS),
)


@dataclass(frozen=True)
class Person:
    """Somebody who works in the house; `signs_in` = named at the start of the demo."""

    username: str
    name: str
    kana: str
    role: str
    venues: tuple[str, ...] = (HONTEN,)
    signs_in: bool = False


PEOPLE: Final = (
    Person("kobayashi", "小林 千晴", "コバヤシ チハル", "floor", signs_in=True),
    Person("yamada", "山田 誠", "ヤマダ マコト", "manager", signs_in=True),
    Person("fujiwara", "藤原 志乃", "フジワラ シノ", "okami", VENUE_CODES, signs_in=True),
    Person("nakamura", "中村 鉄平", "ナカムラ テッペイ", "kitchen", signs_in=True),
    Person("nishimura", "西村 由佳", "ニシムラ ユカ", "desk", VENUE_CODES, signs_in=True),
    Person("ohno", "大野 慎二", "オオノ シンジ", "sales", VENUE_CODES, signs_in=True),
    Person("sasaki", "佐々木 明", "ササキ アキラ", "admin", VENUE_CODES, signs_in=True),
    Person("matsuoka", "松岡 宗一郎", "マツオカ ソウイチロウ", "president", VENUE_CODES, signs_in=True),
    Person("inoue", "井上 早苗", "イノウエ サナエ", "floor"),
    Person("hayashi", "林 美和", "ハヤシ ミワ", "floor"),
    Person("ueda", "上田 菜摘", "ウエダ ナツミ", "floor"),
    Person("fukui", "福井 悟", "フクイ サトル", "kitchen"),
    Person("okamoto", "岡本 良子", "オカモト リョウコ", "manager", (RYOKAN,)),
    Person("miura", "三浦 汐里", "ミウラ シオリ", "floor", (RYOKAN,)),
    Person("ishikawa", "石川 多恵", "イシカワ タエ", "floor", (RYOKAN,)),
    Person("shimizu", "清水 奈々", "シミズ ナナ", "floor", (RYOKAN,)),
    Person("murakami", "村上 剛", "ムラカミ ツヨシ", "kitchen", (RYOKAN,)),
    Person("morita", "森田 健", "モリタ ケン", "manager", (CASUAL,)),
    Person("hara", "原 涼子", "ハラ リョウコ", "floor", (CASUAL,)),
    Person("ikeda", "池田 翼", "イケダ ツバサ", "floor", (CASUAL,)),
    Person("hashimoto", "橋本 大地", "ハシモト ダイチ", "kitchen", (CASUAL,)),
)
PASSWORD_WORDS: Final = (
    "kikyo hagi kiku fuji kaede sakura ume momo yanagi matsu take sugi hinoki ajisai asagao botan ayame suzume tsubame "
    "hotaru tsuki yuki kaze kumo niji nami kawa yama mori sora"
).split()


@dataclass
class House:
    """What the rest of the demo needs to know of the house."""

    now: datetime
    venues: dict[str, Venue] = field(default_factory=dict)
    rooms: dict[str, list[Room]] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def today(self, venue_code: str) -> date:
        """The business day of a venue: it goes on after midnight."""
        venue = self.venues[venue_code]
        return business_date(self.now, venue.closing_hour, venue.zone)

    def of_role(self, role: str, venue_code: str) -> list[User]:
        """The people of a role at a venue."""
        return [self.people[one.username] for one in PEOPLE if one.role == role and venue_code in one.venues]

    def manager(self, venue_code: str) -> User:
        """Who answers the floor of a venue first."""
        return self.of_role("manager", venue_code)[0]


@dataclass(frozen=True)
class SignIn:
    """Who may sign in to the demo, for the person who started it."""

    username: str
    password: str
    role: str
    name: str


def easy_password() -> str:
    """A password that is easy to type, different in every installation."""
    first, second = secrets.SystemRandom().sample(PASSWORD_WORDS, 2)
    return f"{first}-{second}-{secrets.randbelow(9000) + 1000}"


def open_house(*, now: datetime, went_live_on: date, by: User) -> tuple[House, list[SignIn]]:
    """Name the house, open its venues and let its people in; returns it with the sign-ins. Existing venues are kept."""
    change_house(by=by, name=HOUSE_NAME, went_live_on=went_live_on)
    house = House(now=now)
    for position, (code, name, closing_hour, rooms) in enumerate(VENUES):
        venue, _made = Venue.objects.get_or_create(
            code=code, defaults={"name": name, "closing_hour": closing_hour, "position": position}
        )
        house.venues[code] = venue
        house.rooms[code] = furnish(venue, rooms)
        write_terms(venue, house.today(code))
    return house, _let_people_in(house, by=by)


def _let_people_in(house: House, *, by: User) -> list[SignIn]:
    roles = {role.code: role for role in Role.objects.all()}
    taken = set(User.objects.values_list("username", flat=True))
    password = easy_password()
    hashed = make_password(password)
    sign_ins = []
    for person in PEOPLE:
        username = person.username
        while username in taken:
            username += "2"
        user = User.objects.create(
            username=username,
            display_name=person.name,
            kana=person.kana,
            password=hashed,
            # The administrator also keeps the master data behind /admin/.
            is_staff=person.role == "admin",
            is_superuser=person.role == "admin",
        )
        house.people[person.username] = user
        for code in person.venues:
            assign_role(user=user, venue=house.venues[code], role=roles[person.role], by=by)
        if person.signs_in:
            sign_ins.append(SignIn(username, password, roles[person.role].name, person.name))
    return sign_ins
