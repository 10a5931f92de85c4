"""One table's evening: who answered about allergies, what a seat has differently, whether its sheet is ready."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.allergens.choices import DietRule
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.conflicts import VersionConflict
from customers.models import Customer
from menus.choices import DishPosition, is_out_of_season
from menus.models import Course, Dish, DishDiet
from menus.queries import courses_with_dishes
from menus.services import newer_version
from visits import services
from visits.briefing_words import answers_in_words
from visits.choices import KITCHEN_SAYS, ExceptionKind, WarningKind
from visits.day import today_of
from visits.day_lines import give_allergens
from visits.discretion import mask
from visits.eaten import had_lately, same_dishes_of
from visits.evening import ConflictLine, Evening, SeatLine, evenings_of
from visits.evening_forms import CompanionAnswerForm, GroupAnswerForm, GuestAnswerForm
from visits.gate import Seat
from visits.group_answers import Understood, allergen_words, read_group_answer
from visits.models import AdvanceAnswer, Attendance, Briefing, SeatException, Visit, sealed_visit
from visits.offers import Offer, Verdict, of_course, offers
from visits.queries import dish_facts
from visits.services.allergy_answers import AnsweredMeanwhile
from visits.services.kitchen import KITCHEN
from visits.sheet_changes import changes_since

REPLACEMENTS_SHOWN = 40
# Asked for with ?menu=whole, where no dish of the same place fits.
WHOLE_MENU = "whole"


def table_of(user: User, pk: int) -> Visit:
    """A visit of one's venues with its people; sealed ones for the kitchen alone, without names. Raises Http404."""
    visits = Visit.objects.filter(venue__in=user.venue_ids).select_related(
        "venue", "room", "course", "staff", "briefing"
    )
    people = Attendance.objects.select_related("customer__company")
    is_kept = Exists(Visit.objects.filter(sealed_visit(user), pk=OuterRef("pk")))
    found = visits.prefetch_related(Prefetch("attendances", people)).annotate(is_kept=is_kept)
    visit: Any = get_object_or_404(found, pk=pk)
    if visit.is_kept:
        if not user.has_right(KITCHEN, visit.venue_id):
            raise Http404
        mask(visit)
    return cast("Visit", visit)


def evening(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers, seats, open conflicts and the state of the sheet."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    record(by=user, action=Action.VIEWED, subject=visit)
    return _page(request, visit)


def _page(
    request: HttpRequest,
    visit: Visit,
    form: GroupAnswerForm | None = None,
    understood: Understood | None = None,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page; `typed` is what was refused, to be shown where it was typed: `reason`, `note` of the line `key`, `why` of the
    dish `same`."""
    user = as_user(request.user)
    found = evenings_of([visit], visit.venue, visit.business_date)[visit.pk]
    may_ask = services.may_ask(user, visit) and not visit.is_sealed
    guests = [
        row.customer for row in visit.attendances.all() if row.customer is not None and not row.customer.is_sealed
    ]
    had = had_lately(
        [guest.pk for guest in guests],
        [dish.pk for dish in found.dishes],
        user=user,
        before=visit.business_date,
        months=found.same_dish_months,
    )
    reasons = dict(
        visit.confirmed_warnings.filter(kind=WarningKind.SAME_DISH).order_by("pk").values_list("dish_id", "reason")
    )
    is_cook = user.has_right(KITCHEN, visit.venue_id)
    may_decide = services.may_decide(user, visit.venue_id)
    whole_menu = request.GET.get("menu") == WHOLE_MENU
    menu = _menu_for(found, whole=whole_menu) if may_decide else []
    context = {
        "visit": visit,
        "evening": found,
        "is_cook": is_cook,
        "may_decide": may_decide,
        "may_ask": may_ask,
        "edits_guests": may_ask and user.has_right(Right.EDIT_GUESTS, visit.venue_id),
        "can_log": user.has_right(Right.LOG_VISITS, visit.venue_id),
        "form": (form or GroupAnswerForm(initial=_initial(found, visit))) if may_ask else None,
        "understood": _understood_lines(understood) if understood else None,
        "briefed": _briefed(visit),
        "open": [(line, _replacements(line, menu, found)) for line in found.open_lines],
        "whole_menu": whole_menu,
        "newer": _newer(visit, found) if found.newer_course else None,
        "typed": typed or {},
        # What was refused stands in the form for one seat where the line it was about is no open one.
        "remark_typed": "key" in (typed or {}) and (typed or {})["key"] not in [line.key for line in found.open_lines],
        "kitchen_says": KITCHEN_SAYS,
        "changes": changes_since(found),
        "same_dishes": same_dishes_of(guests, found.dishes, had, reasons),
        "remarks": [one for one in found.exceptions if one.kind in (ExceptionKind.SECONDS, ExceptionKind.LEFT_OVER)],
    }
    with timezone.override(visit.venue.zone):
        return render_page(request, "visits/evening.html", context, status=status)


def _newer(visit: Visit, found: Evening) -> dict[str, Any] | None:
    """The newer version of the table's course: its number, what comes and what goes with it."""
    course = newer_version(visit.course, visit.business_date) if visit.course is not None else None
    if course is None or visit.course is None:
        return None
    now, then = ({row.dish_id: row.dish for row in rows} for rows in map(_rows_of, (visit.course, course)))
    return {
        "course": course,
        "comes": [dish for pk, dish in then.items() if pk not in now],
        "goes": [dish for pk, dish in now.items() if pk not in then],
    }


def _rows_of(course: Course) -> Sequence[Any]:
    return list(course.course_dishes.select_related("dish"))


def _initial(found: Evening, visit: Visit) -> dict[str, Any]:
    answer = found.group_answer
    if answer is None:
        return {"version": 0, "said_on": today_of(visit.venue)}
    return {
        "version": answer.version,
        "source": answer.source,
        "said_by": answer.said_by,
        "how": answer.how,
        "said_on": answer.said_on,
        "text": answer.text,
    }


def _briefed(visit: Visit) -> list[tuple[str, str]]:
    """What the arranger said of allergies when the booking was taken, to be read into the line."""
    if getattr(visit, "briefing", None) is None or visit.is_sealed:
        return []
    told: Any = Briefing._meta
    names = {str(told.get_field(name).verbose_name) for name in ("allergies_hosts", "allergies_guests")}
    return [(label, words) for label, words in answers_in_words(visit) if label in names]


def _understood_lines(understood: Understood) -> dict[str, Any]:
    names = {row.code: row for row in Allergen.objects.filter(code__in=[line.code for line in understood.counted])}
    return {"lines": [(names[line.code], line) for line in understood.counted], "of": understood}


def _replacements(line: ConflictLine, menu: Sequence[Dish], found: Evening) -> list[Dish]:
    """Dishes that the seat may have instead, of the same place and the season first: nothing harms it, all is checked."""
    place = next((dish.position for dish in menu if dish.pk == line.dish.pk), "")
    seat = _judged(line.seat)
    offered = offers([dish_facts(dish) for dish in menu], [seat], diets=_diets_of(menu, [seat]))
    there = {dish.pk for dish in found.dishes}
    safe = [
        dish
        for dish in menu
        if dish.is_active and offered[dish.pk].verdict == Verdict.PROPOSED and dish.pk not in there
    ]
    day = found.visit.business_date
    safe.sort(key=lambda dish: (dish.position != place, is_out_of_season(dish.season, day)))
    return safe[:REPLACEMENTS_SHOWN]


def _menu_for(found: Evening, *, whole: bool) -> list[Dish]:
    """The dishes among which a replacement is looked for: those of the places of the dishes in question, or the whole menu.

    None where nothing is open; else two queries, and no dish of a place that nobody asked for.
    """
    in_question = [line.dish.pk for line in found.open_lines]
    if not in_question:
        return []
    dishes = Dish.objects.filter(Q(is_active=True) | Q(pk__in=in_question))
    if not whole:
        dishes = dishes.filter(position__in=Dish.objects.filter(pk__in=in_question).values("position"))
    return _with_allergens(dishes)


def _with_allergens(dishes: QuerySet[Dish]) -> list[Dish]:
    """The dishes with what the kitchen says of their allergens and of those of their bases. Two queries."""
    found = list(dishes)
    give_allergens([], found)
    return found


@right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS)
@require_POST
def group_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was said of the group: first what was understood is shown, then it is saved."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    form = GroupAnswerForm(request.POST)
    if visit.is_sealed or not services.may_ask(user, visit):
        raise PermissionDenied
    if not form.is_valid():
        return _page(request, visit, form, status=422)
    understood = _understood(form)
    if not form.was_seen:
        return _page(request, visit, _with(form, seen=form.cleaned_data["text"]), understood)
    values = {name: form.cleaned_data[name] for name in ("source", "said_by", "how", "said_on", "text", "version")}
    try:
        services.answer_for_group(visit=visit, by=user, understood=understood, **values)
    except AnsweredMeanwhile as meanwhile:
        form = _with(form, version=meanwhile.answer.version if meanwhile.answer else 0)
        form.add_error(None, str(meanwhile))
        return _page(request, visit, form, understood, status=422)
    except InputProblem as problem:
        form.add_error("text", str(problem))
        return _page(request, visit, form, understood, status=422)
    messages.success(request, _("Noted."))
    return redirect("visits:evening", visit.pk)


def _understood(form: GroupAnswerForm) -> Understood:
    words = allergen_words({row.code: [row.name_ja, row.name_en, *row.aliases] for row in Allergen.objects.all()})
    return read_group_answer(form.cleaned_data["text"], words)


def _with(form: GroupAnswerForm, **values: Any) -> GroupAnswerForm:
    data = form.data.copy()  # type: ignore[attr-defined]
    for name, value in values.items():
        data[name] = str(value)
    form = type(form)(data)
    form.is_valid()
    return form


def _companion_answer(request: HttpRequest, user: User, seat: Attendance) -> HttpResponse:
    """What somebody without a card answers: a line that is read, shown as it was understood, then saved."""
    there = AdvanceAnswer.objects.filter(attendance=seat).first()
    initial: dict[str, Any] = {"version": 0, "said_on": today_of(seat.visit.venue)}
    if there is not None:
        kept = {name: getattr(there, name) for name in ("version", "source", "said_by", "how", "text")}
        initial |= kept
    form = CompanionAnswerForm(request.POST or None, initial=initial)
    understood, status = None, 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound:
        understood = _understood(form)
        if not form.was_seen:
            form = cast("CompanionAnswerForm", _with(form, seen=form.cleaned_data["text"]))
        else:
            values = {
                name: form.cleaned_data[name] for name in ("source", "said_by", "how", "said_on", "text", "version")
            }
            try:
                services.answer_for_companion(attendance=seat, by=user, understood=understood, **values)
            except AnsweredMeanwhile as meanwhile:
                form = cast(
                    "CompanionAnswerForm", _with(form, version=meanwhile.answer.version if meanwhile.answer else 0)
                )
                form.add_error(None, str(meanwhile))
                there = meanwhile.answer
            except InputProblem as problem:
                form.add_error("text", str(problem))
            else:
                messages.success(request, _("Noted."))
                return redirect("visits:evening", seat.visit_id)
            status = 422
    context = {
        "seat": seat,
        "visit": seat.visit,
        "there": there,
        "form": form,
        "understood": _understood_lines(understood) if understood else None,
    }
    return render_page(request, "visits/companion_answer.html", context, status=status)


@right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS)
def guest_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody at the table answers, before the evening or at the table; nobody's answer is undone unseen."""
    user = as_user(request.user)
    seats = Attendance.objects.select_related("visit__venue", "visit__room", "customer")
    known = Q(customer=None) | Q(customer__in=Customer.objects.visible_to(user))
    seat = get_object_or_404(seats.filter(known, visit__in=Visit.objects.visible_to(user)), pk=pk)
    customer = seat.customer
    if not services.may_ask(user, seat.visit):
        raise PermissionDenied
    if customer is None:
        record(by=user, action=Action.VIEWED, subject=seat.visit)
        return _companion_answer(request, user, seat)
    if not user.has_right(Right.EDIT_GUESTS, seat.visit.venue_id):
        raise PermissionDenied
    initial = {"asked_on": today_of(seat.visit.venue)}
    record(by=user, action=Action.VIEWED, subject=customer)
    form = GuestAnswerForm(request.POST or None, customer=customer)
    if not form.is_bound:
        form.initial = {**form.initial, **initial}
    if form.is_bound and form.is_valid():
        values = form.allergy_values()
        try:
            services.answer_for_guest(
                attendance=seat,
                by=user,
                source=form.cleaned_data["source"],
                said_by=values["answered_by"],
                said_on=values["asked_on"],
                how=values["asked_how"],
                state=values["state"],
                items=values["items"],
                note=values["note"],
                version=form.cleaned_data["version"],
                base=form.base(),
            )
        except VersionConflict:
            # What the other one wrote is shown, to be changed knowingly.
            customer.refresh_from_db()
            form = GuestAnswerForm(customer=customer)
            form.initial = {**form.initial, **initial}
            messages.warning(
                request, _("Somebody else has written down an answer meanwhile. It is shown below; yours is not saved.")
            )
            context = {"seat": seat, "visit": seat.visit, "customer": customer, "form": form}
            return render_page(request, "visits/guest_answer.html", context, status=422)
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Noted."))
            return redirect("visits:evening", seat.visit_id)
    context = {"seat": seat, "visit": seat.visit, "customer": customer, "form": form}
    return render_page(request, "visits/guest_answer.html", context, status=422 if form.is_bound else 200)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What becomes of a dish for a seat, by one button."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    dish = get_object_or_404(Dish, pk=_number(request.POST.get("dish")))
    kind = request.POST.get("kind", "")
    instead = _number(request.POST.get("replacement")) if kind == ExceptionKind.REPLACED else 0
    try:
        services.decide_for_seat(
            visit=visit,
            ref=request.POST.get("ref", ""),
            dish=dish,
            kind=kind,
            replacement=Dish.objects.filter(pk=instead).first() if instead else None,
            note=request.POST.get("note", ""),
            seen=_number(request.POST.get("seen")),
            by=user,
        )
    except InputProblem as problem:
        messages.warning(request, str(problem))
        key = f"{request.POST.get('ref', '')}-{dish.pk}"
        typed = {"key": key, "note": request.POST.get("note", ""), "kind": kind}
        typed |= {"ref": request.POST.get("ref", ""), "dish": str(dish.pk)}
        return _page(request, table_of(user, pk), status=422, typed=typed)
    messages.success(request, _("Noted."))
    return redirect("visits:evening", visit.pk)


@require_POST
def newer_course(request: HttpRequest, pk: int) -> HttpResponse:
    """The table has the newer version of its course, by one button."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    try:
        services.take_newer_course(visit=visit, by=user, seen=_number(request.POST.get("course")))
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Noted."))
    return redirect("visits:evening", visit.pk)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision for a seat back."""
    user = as_user(request.user)
    made = get_object_or_404(
        SeatException.objects.select_related("visit__venue", "dish", "replacement", "attendance", "group_allergy"),
        pk=pk,
    )
    visit = table_of(user, made.visit_id)
    services.undo_for_seat(exception=made, by=user)
    return redirect("visits:evening", visit.pk)


@right_required(KITCHEN)
@require_POST
def ready(request: HttpRequest, pk: int) -> HttpResponse:
    """献立確定: the sheet is ready as it was seen, or with a reason although something is open."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    try:
        services.mark_ready(
            visit=visit,
            by=user,
            seen=request.POST.get("seen", ""),
            override_reason=request.POST.get("override_reason", ""),
        )
    except InputProblem as problem:
        # Read anew, with the reason as it was typed: the next tap is about what stands now.
        messages.warning(request, str(problem))
        reason = request.POST.get("override_reason", "")
        return _page(request, table_of(user, pk), status=422, typed={"reason": reason})
    messages.success(request, _("The menu is settled."))
    return redirect("visits:evening", visit.pk)


@right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS, KITCHEN)
@require_POST
def same_on_purpose(request: HttpRequest, pk: int) -> HttpResponse:
    """The same dish again, on purpose: the reason is kept."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    dish = get_object_or_404(Dish, pk=_number(request.POST.get("dish")))
    try:
        services.keep_same_dish(visit=visit, dish=dish, by=user, reason=request.POST.get("reason", ""))
    except InputProblem as problem:
        messages.warning(request, str(problem))
        typed = {"same": str(dish.pk), "why": request.POST.get("reason", "")}
        return _page(request, table_of(user, pk), status=422, typed=typed)
    messages.success(request, _("Noted."))
    return redirect("visits:evening", visit.pk)


def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """What may be served to this party: dishes by their place, and courses; the others with the reason."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    found = evenings_of([visit], visit.venue, visit.business_date)[visit.pk]
    guests = {row.customer.pk: row.customer for row in visit.attendances.all() if row.customer is not None}
    had = had_lately(
        [pk for pk, guest in guests.items() if not guest.is_sealed],
        None,
        user=user,
        before=visit.business_date,
        months=found.same_dish_months,
    )
    menu = _with_allergens(Dish.objects.filter(is_active=True).order_by("kana", "name"))
    seats = [_judged(seat) for seat in found.seats]
    offered = offers([dish_facts(dish) for dish in menu], seats, had, _diets_of(menu, seats))
    allergens = {one.code: one for seat in found.seats for one, _severity in seat.allergies}
    lines = []
    for dish in menu:
        one = offered[dish.pk]
        why = [(found.seat(ref), allergens[conflict.allergen], conflict.presence) for ref, conflict in one.touched]
        eaten = [(guests[had_one.customer_id], had_one) for had_one in one.had]
        kept = [(found.seat(ref), DietRule(rule).label, answer) for ref, rule, answer in one.diets]
        lines.append({"dish": dish, "verdict": one.verdict.value, "why": why, "had": eaten, "diets": kept})
    day = visit.business_date
    courses = [
        course
        for course in courses_with_dishes().filter(is_active=True).order_by("name", "-version")
        if (course.valid_from is None or course.valid_from <= day)
        and (course.valid_to is None or course.valid_to >= day)
    ]
    context = {
        "visit": visit,
        "evening": found,
        "places": _by_place(
            [dish for dish in menu if offered[dish.pk].verdict == Verdict.PROPOSED], visit.business_date
        ),
        "unchecked": [line for line in lines if line["verdict"] == Verdict.UNCHECKED],
        "excluded": [line for line in lines if line["verdict"] == Verdict.EXCLUDED],
        "courses": [
            (course, of_course(_dishes_of(course), offered).value, _in_the_way(course, offered)) for course in courses
        ],
    }
    record(by=user, action=Action.VIEWED, subject=visit)
    return render_page(request, "visits/offer.html", context)


def _judged(seat: SeatLine) -> Seat:
    """The seat as dishes are looked for it: what harms it, and its diets."""
    return Seat(
        ref=seat.ref,
        allergies={one.code: severity for one, severity in seat.allergies},
        diets=frozenset(rule.value for rule, _note in seat.diets),
    )


def _diets_of(menu: Sequence[Dish], seats: Sequence[Seat]) -> dict[tuple[int, str], str]:
    """What the kitchen says of the dishes and the diets at the table. No query where nobody has one."""
    rules = {rule for seat in seats for rule in seat.diets}
    if not rules:
        return {}
    said = DishDiet.objects.filter(dish__in=menu, rule__in=rules).values_list("dish_id", "rule", "answer")
    return {(dish_id, rule): answer for dish_id, rule, answer in said}


def _by_place(dishes: Sequence[Dish], day: date) -> list[tuple[str, list[Dish], list[Dish]]]:
    """The places of a kaiseki in their order, with the dishes of the season and those of another one."""
    found = []
    for place in DishPosition:
        there = [dish for dish in dishes if dish.position == place]
        if there:
            late = [dish for dish in there if is_out_of_season(dish.season, day)]
            found.append((str(place.label), [dish for dish in there if dish not in late], late))
    return found


def _in_the_way(course: Course, offered: Mapping[int, Offer]) -> list[Dish]:
    """The dishes of a course that speak against it."""
    rows = course.course_dishes.all()
    return [row.dish for row in rows if row.dish_id in offered and offered[row.dish_id].verdict != Verdict.PROPOSED]


def _dishes_of(course: Course) -> list[int]:
    return [row.dish_id for row in course.course_dishes.all()]


def _number(value: str | None) -> int:
    """An id of a form; 0, which nothing has, for anything else."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 16 else 0
