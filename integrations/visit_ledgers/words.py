"""What the house knows by name when a ledger speaks of a visit: venues, rooms, courses, dishes, sources, lines of the sheet."""

from collections.abc import Iterable
from typing import Final

from crm_project.core.accounts.models import Venue
from crm_project.core.text import compare_key, fold, tidy
from menus.models import Course, Dish
from visits.choices import CancelReason, Purpose, VisitStatus
from visits.models import BookingSource, BookingTerms, NoteCategory, Room

# The line of the check sheet that keeps what no other field takes. It is told on the host's own card alone.
LEDGER_LINE: Final = "from_ledger"
_PURPOSES: Final = {
    Purpose.HOSTING: "接待 会食 ビジネス 商談 商用 仕事 社用 接待会食 hosting business",
    Purpose.PRIVATE: "私用 プライベート 個人 家族 ご家族 家族会 お食事 食事 デート 友人 ご友人 女子会 観光 "
    "private family leisure",
    Purpose.ENGAGEMENT: "結納 顔合わせ お顔合わせ 両家顔合わせ お見合い engagement",
    Purpose.MEMORIAL: "法事 法要 ご法事 ご法要 偲ぶ会 精進落とし 四十九日 一周忌 memorial",
    Purpose.CELEBRATION: "お祝い 祝い 慶事 お祝い事 祝事 誕生日 お誕生日 還暦 古希 喜寿 米寿 七五三 お食い初め お宮参り 長寿祝い "
    "celebration birthday",
    Purpose.ANNIVERSARY: "記念日 結婚記念日 anniversary",
    Purpose.REUNION: "同窓会 クラス会 OB会 reunion",
    Purpose.YEAR_END: "忘年会 新年会 year_end",
    Purpose.OTHER: "その他 宴会 ご宴会 歓迎会 送別会 歓送迎会 懇親会 other",
}  # fmt: skip
_STATUSES: Final = {
    VisitStatus.COMPLETED: "来店 来店済 来店済み ご来店 済 済み 完了 会計済 会計済み 退店 "
    "completed visited done check-out checked-out arrived",
    VisitStatus.RESERVED: "予約 予約中 確定 予約確定 来店待ち 来店前 未来店 受付済 reserved confirmed booked",
    VisitStatus.TENTATIVE: "仮 仮予約 仮押さえ 仮押え リクエスト tentative pending",
    VisitStatus.CANCELLED: "キャンセル キャンセル済 取消 取消し 取り消し 中止 CXL CL canceled cancelled cancel",
    VisitStatus.NO_SHOW: "ノーショー 無断キャンセル 無断 不来店 来店なし no-show noshow no_show",
}  # fmt: skip
_LUNCH: Final = frozenset(map(fold, "昼 お昼 ランチ 昼食 昼席 昼の部 昼会席 lunch l".split()))
_DINNER: Final = frozenset(map(fold, "夜 夕 夕食 ディナー 夜席 夜の部 夜会席 晩 dinner d".split()))
LUNCH_AT, DINNER_AT = 12 * 60, 18 * 60
_CANCEL_WORDS: Final = {
    CancelReason.ILLNESS: "体調 病気 怪我 不幸 忌引",
    CancelReason.WEATHER: "台風 大雪 雪 天候 交通",
    CancelReason.TWICE: "重複 二重",
}


def purpose_of(written: str) -> Purpose | None:
    """The purpose that is meant; None where the words name none."""
    return _PURPOSE_OF.get(fold(written))


def status_of(written: str) -> VisitStatus | None:
    """The state that is meant; None where the words name none."""
    return _STATUS_OF.get(fold(written))


def meal_at(written: str) -> int | None:
    """Minutes since midnight at which the house serves the meal that is meant (昼, ディナー); None for other words."""
    key = fold(written)
    return LUNCH_AT if key in _LUNCH else DINNER_AT if key in _DINNER else None


def cancel_reason_of(written: str) -> CancelReason:
    """Why it was cancelled, as far as the words tell."""
    return next(
        (reason for reason, words in _CANCEL_WORDS.items() if any(one in written for one in words.split())),
        CancelReason.OTHER,
    )


_PURPOSE_OF: Final = {fold(word): purpose for purpose, words in _PURPOSES.items() for word in words.split()} | {
    fold(str(value)): purpose for purpose in Purpose for value in (purpose.value,)
}
_STATUS_OF: Final = {fold(word): status for status, words in _STATUSES.items() for word in words.split()} | {
    fold(status.value): status for status in VisitStatus
}


class HouseWords:
    """Venues, rooms, courses, dishes and sources by the words a ledger may use for them; read once per import."""

    def __init__(self) -> None:
        self.venues = {venue.pk: venue for venue in Venue.objects.all()}
        self._venue_of = _by_words((venue.pk, (venue.code, venue.name)) for venue in self.venues.values())
        self.terms = {terms.venue_id: terms for terms in BookingTerms.objects.all()}
        self.room_names: dict[int, str] = {}
        self._room_of: dict[tuple[int, str], int] = {}
        for room in Room.objects.all().order_by("-is_active", "-pk").reverse():
            self.room_names[room.pk] = room.name
            self._room_of[room.venue_id, fold(room.name)] = room.pk
        self.course_names: dict[int, str] = {}
        self._course_of: dict[str, int] = {}
        for pk, name in Course.objects.order_by("version").values_list("pk", "name"):
            self.course_names[pk] = name
            self._course_of[fold(name)] = pk  # the newest version stands last
        self.dishes: dict[str, int] = {}
        self.dish_names: dict[int, str] = {}
        self.learn_dishes()
        self._source_of = _by_words((pk, (name,)) for pk, name in BookingSource.objects.values_list("pk", "name"))
        self.source_names = dict(BookingSource.objects.values_list("pk", "name"))
        self.categories = {category.pk: category for category in NoteCategory.objects.all()}

    def forget_dishes(self) -> None:
        """Read the dishes anew, when those that were made are not there after all."""
        self.dishes.clear()
        self.dish_names.clear()
        self.learn_dishes()

    def learn_dishes(self) -> None:
        """Read the dishes anew, after some were made."""
        for pk, name in Dish.objects.order_by("-pk").values_list("pk", "name"):
            self.dishes[dish_key(name)] = pk
            self.dish_names[pk] = name

    def venue(self, word: str) -> Venue | None:
        """The venue of that code or name."""
        pk = self._venue_of.get(fold(word))
        return self.venues[pk] if pk is not None else None

    @property
    def only_venue(self) -> Venue | None:
        """The venue of a house that has one."""
        return next(iter(self.venues.values())) if len(self.venues) == 1 else None

    def room(self, venue: Venue, word: str) -> int | None:
        """The id of the venue's room of that name; 桔梗の間 is 桔梗."""
        key = fold(word)
        for name in (key, key.removesuffix("間").removesuffix(fold("の")), fold(f"{word}の間"), fold(f"{word}の間")):
            if (found := self._room_of.get((venue.pk, name))) is not None:
                return found
        return None

    def course(self, word: str) -> int | None:
        """The id of the newest version of the course of that name."""
        return self._course_of.get(fold(word))

    def source(self, word: str) -> int | None:
        """The id of the source of bookings of that name."""
        return self._source_of.get(fold(word))


def dish_key(name: str) -> str:
    """Two dishes of this key are one: width and blanks do not matter."""
    return compare_key(tidy(name))


def _by_words(rows: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    return {fold(word): pk for pk, words in rows for word in words if word}
