"""Words of the visit."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class VisitStatus(TextChoices):
    """A booking and its visit are one record. A walk-in starts at arrived."""

    TENTATIVE = "tentative", _("tentative (仮)")
    RESERVED = "reserved", _("reserved")
    ARRIVED = "arrived", _("arrived")
    SEATED = "seated", _("seated")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")
    NO_SHOW = "no_show", _("no-show")


LUNCH, DINNER = "lunch", "dinner"

# The guests have not arrived yet.
EXPECTED = (VisitStatus.TENTATIVE, VisitStatus.RESERVED)
IN_THE_HOUSE = (VisitStatus.ARRIVED, VisitStatus.SEATED)
HOLDS_THE_ROOM = (*EXPECTED, *IN_THE_HOUSE)


class CancelReason(TextChoices):
    """Why a booking did not become an evening."""

    PLANS = "plans", _("Change of plans")
    ILLNESS = "illness", _("Illness or bereavement")
    WEATHER = "weather", _("Weather or traffic")
    BUSINESS = "business", _("The firm's reasons")
    ELSEWHERE = "elsewhere", _("Went elsewhere")
    TWICE = "twice", _("Booked twice")
    HOUSE = "house", _("The house's reasons")
    LAPSED = "lapsed", _("Tentative booking lapsed")
    OTHER = "other", _("Other")


class RoomKind(TextChoices):
    """What kind of room it is."""

    ROOM = "room", _("Private room (個室)")
    COUNTER = "counter", _("Counter")
    HALL = "hall", _("Hall (大広間)")


class SeatingStyle(TextChoices):
    """How one sits."""

    TATAMI = "tatami", _("Tatami (座敷)")
    CHAIRS = "chairs", _("Chairs")
    HORIGOTATSU = "horigotatsu", _("Sunken floor (掘りごたつ)")


class Duty(TextChoices):
    """Who helps beside the attendant."""

    ASSISTANT = "assistant", _("Assistant (補佐)")
    RECORDER = "recorder", _("Writes it down (記録担当)")


class WaitingState(TextChoices):
    """What became of a party on the waiting list."""

    WAITING = "waiting", _("waiting")
    BOOKED = "booked", _("booked")
    GIVEN_UP = "given_up", _("given up")


class FollowUpKind(TextChoices):
    """What is done."""

    CALL = "call", _("Call")
    LETTER = "letter", _("Letter")
    MAIL = "mail", _("Mail")
    OTHER = "other", _("Other")


class FollowUpMoment(TextChoices):
    """Before the evening, or after it."""

    BEFORE = "before", _("Before the day")
    AFTER = "after", _("After the day")


class Responsible(TextChoices):
    """Who does it."""

    ATTENDANT = "attendant", _("Attendant of the table (係)")
    GUEST_STAFF = "guest_staff", _("Attendant of the guest")
    SALES = "sales", _("Sales in charge of the guest (営業)")
    BOOKED_BY = "booked_by", _("Who took the booking")
    DESK = "desk", _("Front desk")


class FollowUpState(TextChoices):
    """What became of it."""

    OPEN = "open", _("to do")
    DONE = "done", _("done")
    NOT_NEEDED = "not_needed", _("not needed")


class Purpose(TextChoices):
    """Why they came."""

    HOSTING = "hosting", _("Business hosting (接待)")
    PRIVATE = "private", _("Private meal (私用)")
    ENGAGEMENT = "engagement", _("Engagement, families meet (結納・顔合わせ)")
    MEMORIAL = "memorial", _("Memorial (法事)")
    CELEBRATION = "celebration", _("Celebration (お祝い)")
    ANNIVERSARY = "anniversary", _("Anniversary (記念日)")
    REUNION = "reunion", _("Reunion (同窓会)")
    YEAR_END = "year_end", _("Year-end party (忘年会)")
    OTHER = "other", _("Other")


class AttendanceRole(TextChoices):
    """Who somebody was at the table."""

    HOST = "host", _("Host (主催)")
    GUEST_OF_HONOUR = "guest_of_honour", _("Guest of honour (主賓)")
    COMPANION = "companion", _("Companion (同席)")
    ARRANGER = "arranger", _("Arranger (幹事)")
    SECRETARY = "secretary", _("Secretary (秘書)")
    INTRODUCER = "introducer", _("Introducer (紹介)")
    PAYER = "payer", _("Payer (支払者)")


class SeatedCheck(TextChoices):
    """The allergy check at the table, by a named person."""

    UNCHANGED = "unchanged", _("No change")
    CHANGED = "changed", _("Changed")
    NOT_YET = "not_yet", _("Not yet")


def answers_at_table(*, never_asked: bool, has_card: bool = True) -> list[tuple[str, Promise]]:
    """Answers offered for somebody at the table. "No change" needs an answer on file; who was never asked has none.

    Who has no card is asked there and then: none, or some, which is written down next.
    """
    if not has_card:
        words = {SeatedCheck.UNCHANGED: _("None"), SeatedCheck.CHANGED: _("Yes")}
        return [(answer.value, words.get(answer, answer.label)) for answer in SeatedCheck]
    if never_asked:
        return [(SeatedCheck.CHANGED, _("Has answered")), (SeatedCheck.NOT_YET, SeatedCheck.NOT_YET.label)]
    return [(answer.value, answer.label) for answer in SeatedCheck]


class NoteInput(TextChoices):
    """How a category of the check sheet is entered."""

    TEXT = "text", _("Text")
    STANDING = "standing", _("Text, always or this time")
    YES_NO = "yes_no", _("None / yes, with text")
    CHOICE = "choice", _("One of several choices")
    CHOICES = "choices", _("Any of several choices")
    DISHES = "dishes", _("Dishes that were served")
    ALLERGY = "allergy", _("Allergy check at the table")


# Kinds of which the answer is picked; words may be added.
PICKED = (NoteInput.CHOICE, NoteInput.CHOICES, NoteInput.DISHES)


class ComplaintState(TextChoices):
    """How far something that went wrong has come."""

    OPEN = "open", _("not yet looked after")
    HANDLED = "handled", _("being looked after")
    SETTLED = "settled", _("settled")


class PhotoKind(TextChoices):
    """What a photo shows."""

    DISH = "dish", _("Dishes")
    ROOM = "room", _("Room and setting")
    PEOPLE = "people", _("People, with their consent")


class PromiseState(TextChoices):
    """What became of a promise."""

    OPEN = "open", _("not yet")
    KEPT = "kept", _("kept")
    RELEASED = "released", _("released")


class WarningKind(TextChoices):
    """What the person serving confirmed with a reason."""

    ALLERGY = "allergy", _("touches an allergy")
    SAME_DISH = "same_dish", _("served before")


class AnsweredBy(TextChoices):
    """Who answered the allergy question before the evening."""

    GUEST = "guest", _("The guest (ご本人)")
    ARRANGER = "arranger", _("Arranger (幹事)")
    SECRETARY = "secretary", _("Secretary (秘書)")
    FAMILY = "family", _("Family (ご家族)")
    INTRODUCER = "introducer", _("Introducer (紹介元)")


# Who speaks for a whole group: the guest of honour is then not asked at the table.
FOR_THE_GROUP = (AnsweredBy.ARRANGER, AnsweredBy.SECRETARY, AnsweredBy.INTRODUCER)


class ExceptionKind(TextChoices):
    """What a seat has differently, what the kitchen answered, and how it went."""

    REPLACED = "replaced", _("replaced")
    LEFT_OUT = "left_out", _("left out")
    ACCEPTED = "accepted", _("The kitchen can do it (お受けできる)")
    REFUSED = "refused", _("The kitchen cannot do it (できない)")
    SECONDS = "seconds", _("seconds (おかわり)")
    LEFT_OVER = "left_over", _("left uneaten (お残し)")


# These answer a conflict, one at a time.
DECIDES = (ExceptionKind.REPLACED, ExceptionKind.LEFT_OUT, ExceptionKind.ACCEPTED, ExceptionKind.REFUSED)
# A seat with one of these did not have the dish.
NOT_EATEN = (ExceptionKind.REPLACED, ExceptionKind.LEFT_OUT)
# These are the kitchen's to say.
KITCHEN_SAYS = (ExceptionKind.ACCEPTED, ExceptionKind.REFUSED)


class SheetKind(TextChoices):
    """Which sheet of a table it is."""

    KITCHEN = "kitchen", _("kitchen sheet")
    BRIEFING = "briefing", _("briefing of the evening (本日の心得)")


class RevisionKind(TextChoices):
    """Why a version of a sheet was kept."""

    READY = "ready", _("ready (献立確定)")
    READ = "read", _("opened for print")
    PRINTED = "printed", _("printed")
    NOTED = "noted", _("change noted")
