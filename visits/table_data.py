"""The visit form while it is being filled: its fields as they were sent, and what a pressed button does to them.

All of it lives in the fields themselves, so that every button also works as a plain submit without scripts.
People are named by a reference: `c12` is guest 12, `x1` the first companion.
"""

import re
import uuid
from collections.abc import Iterable
from typing import Final

from django.http import QueryDict

from customers.models import Customer
from menus.picked import chosen_ids
from visits.choices import AttendanceRole, SeatedCheck
from visits.companions import called
from visits.models import NoteCategory, Visit

NOT_KEPT: Final = frozenset(
    {
        *(
            "csrfmiddlewaretoken",
            "kept_at",
            "op",
            "add_guest",
            "remove_person",
            "name_seat",
            "add_dish",
            "remove_dish",
            "set_course",
        ),
        # What was confirmed is confirmed of the booking as it then was.
        "accepted",
    }
)
TYPED_FOR_SEARCH: Final = ("guest_q", "dish_q")
_REFERENCE = re.compile(r"c\d{1,15}|x\d{1,3}")
MOST_COMPANIONS: Final = 999


def people_in(data: QueryDict) -> list[str]:
    """References of the people at the table, in their order."""
    return list(dict.fromkeys(ref for ref in data.getlist("person") if _REFERENCE.fullmatch(ref)))


def customer_ids_in(data: QueryDict) -> list[int]:
    """Ids of the known guests at the table."""
    return [int(ref[1:]) for ref in people_in(data) if ref.startswith("c")]


def follow_merges(data: QueryDict) -> None:
    """Seat the guest whose card took in another one since the form was opened, in place of the card that was taken in."""
    merged = Customer.objects.filter(pk__in=customer_ids_in(data), merged_into__isnull=False)
    for old, new in merged.values_list("pk", "merged_into"):
        old_ref, new_ref = f"c{old}", f"c{new}"
        data.setlist("person", list(dict.fromkeys(new_ref if ref == old_ref else ref for ref in people_in(data))))
        for name in [name for name in data if name.endswith(f"_{old_ref}")]:
            data.setdefault(f"{name.removesuffix(old_ref)}{new_ref}", data.get(name, ""))
        for name in [name for name in data if name.startswith("about_") and data[name] == str(old)]:
            data[name] = str(new)


def whole_number(value: str | None) -> int | None:
    """An id sent by a button or field; None for anything else."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 16 else None


def token_in(data: QueryDict) -> uuid.UUID | None:
    """The form's own name."""
    return token_of(data.get("form_token", ""))


def token_of(written: str) -> uuid.UUID | None:
    """The name of a form, as it was sent; None for anything else."""
    try:
        return uuid.UUID(written)
    except ValueError:
        return None


def kept(data: QueryDict) -> dict[str, list[str]]:
    """The fields a draft keeps: everything but the buttons and the token of the session."""
    return {name: data.getlist(name) for name in data if name not in NOT_KEPT}


def fields_of(values: dict[str, list[str]]) -> QueryDict:
    """The fields of a draft as they were kept."""
    data = QueryDict(mutable=True)
    for name, sent in values.items():
        data.setlist(name, sent)
    return data


def restored(values: dict[str, list[str]]) -> QueryDict:
    """The fields of a draft, with the guests' cards as they stand now."""
    data = fields_of(values)
    follow_merges(data)
    return data


def seat_guest(data: QueryDict, customer: Customer) -> None:
    """Put a guest at the table; the first one is the host."""
    people = people_in(data)
    ref = f"c{customer.pk}"
    if ref in people:
        return
    data.setdefault(f"role_{ref}", AttendanceRole.COMPANION if people else AttendanceRole.HOST)
    data.setlist("person", [*people, ref])


def seat_companion(data: QueryDict) -> None:
    """Put one more companion at the table: お連れ様①, お連れ様② ... お連れ様21; behind the last number nobody (`is_full`)."""
    people = people_in(data)
    number = next((number for number in range(1, MOST_COMPANIONS + 1) if f"x{number}" not in people), None)
    if number is None:
        return
    data[f"label_x{number}"] = called(number)
    data[f"role_x{number}"] = AttendanceRole.COMPANION
    data.setlist("person", [*people, f"x{number}"])


def is_full(data: QueryDict) -> bool:
    """Whether no companion more can be named: there is no number left."""
    return sum(ref.startswith("x") for ref in people_in(data)) >= MOST_COMPANIONS


def press(data: QueryDict) -> None:
    """Do what a pressed button asks of people, dishes and course (guests are added by the view, which may see them)."""
    if (ref := data.get("remove_person", "")) in people_in(data):
        data.setlist("person", [other for other in people_in(data) if other != ref])
    if data.get("op") == "add_companion":
        seat_companion(data)
        data["party_size"] = str(max(whole_number(data.get("party_size")) or 1, len(people_in(data))))
    dishes = chosen_ids(data)
    if (added := whole_number(data.get("add_dish"))) and added not in dishes:
        dishes.append(added)
    if (removed := whole_number(data.get("remove_dish"))) in dishes:
        dishes = [pk for pk in dishes if pk != removed]
    data.setlist("dish", [str(pk) for pk in dishes])
    if data.get("op") == "clear_course":
        data["course"] = ""


def set_course(data: QueryDict, course_id: int, course_dishes: Iterable[int]) -> None:
    """Choose a course: its dishes come to the table behind those already chosen."""
    data["course"] = str(course_id)
    data.setlist("dish", list(dict.fromkeys([*data.getlist("dish"), *map(str, course_dishes)])))


def from_visit(visit: Visit, categories: Iterable[NoteCategory], dishes: Iterable[int]) -> QueryDict:
    """The fields of a reservation or a visit that is being written on, with the dishes served. The amount is left to the form."""
    data = QueryDict(mutable=True)
    data["visit"], data["version"] = str(visit.pk), str(visit.version)
    data["starts_at"] = visit.starts_at.astimezone(visit.venue.zone).strftime("%Y-%m-%dT%H:%M")
    data["room"] = str(visit.room_id or "")
    data["party_size"], data["purpose"] = str(visit.party_size), visit.purpose
    data["staff"] = str(visit.staff_id or "")
    people = []
    for number, row in enumerate(visit.attendances.all(), start=1):
        ref = f"c{row.customer_id}" if row.customer_id else f"x{number}"
        people.append(ref)
        data[f"role_{ref}"], data[f"label_{ref}"] = row.role, row.label
        if row.seated_check != SeatedCheck.NOT_YET or row.checked_at:
            data[f"check_{ref}"] = row.seated_check
    data.setlist("person", people)
    if visit.course_id:
        data["course"] = str(visit.course_id)
    data.setlist("dish", [str(pk) for pk in dishes])
    written = {note.category_id: note for note in visit.notes.all()}
    # Only where somebody has said so: nothing is chosen beforehand.
    answered_with_none = {line.category_id for line in visit.sheet_lines.all() if not line.is_open}
    for category in categories:
        note = written.get(category.pk)
        if note is not None:
            data[f"note_{category.code}"] = note.words
            data.setlist(f"pick_{category.code}", note.picked)
            data[f"has_{category.code}"] = "yes"
            data[f"standing_{category.code}"] = "always" if note.is_standing else "once"
            data[f"about_{category.code}"] = str(note.customer_id or "")
        elif category.pk in answered_with_none:
            data[f"has_{category.code}"] = "no"
    return data
