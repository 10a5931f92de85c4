"""Dishes, courses and the allergen page. Everybody of the house reads the menu; EDIT_MENUS changes it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.allergens.choices import AllergenClass
from crm_project.core.allergens.models import Allergen, AllergenList
from crm_project.core.dates import business_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from menus import picked, services
from menus.allergen_sheet import groups_on, lines
from menus.forms import CourseForm, DishForm, DishSearchForm
from menus.models import Course, Dish
from menus.queries import (
    courses_with_dishes,
    dishes_with_allergens,
    enough_typed,
    find_courses,
    find_dishes,
    not_fully_checked,
    open_proposals,
    typed,
    with_proposals,
)
from menus.refusals import MenuChangedMeanwhile

OPTIONS_SHOWN = 12


def ids_in(values: list[str]) -> list[int]:
    """Ids that were sent; anything else is left out."""
    return [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 16]


def today_of(request: HttpRequest) -> date:
    """The business day of the venue worked at."""
    venue = active_venue(request)
    now = timezone.now()
    return business_date(now, venue.closing_hour, venue.zone) if venue else timezone.localdate(now)


def dish_list(request: HttpRequest) -> HttpResponse:
    """All dishes, by what was typed, place and season."""
    form = DishSearchForm(request.GET)
    dishes = dishes_with_allergens().select_related("family").order_by("-is_active", "name")
    if form.is_valid():
        values = form.cleaned_data
        if values["q"]:
            dishes = dishes.filter(typed(values["q"]))
        if values["position"]:
            dishes = dishes.filter(position=values["position"])
        if values["season"]:
            dishes = dishes.filter(season=values["season"])
        if values["state"] == "unchecked":
            dishes = dishes.filter(pk__in=not_fully_checked(today_of(request)).values("pk"))
        elif values["state"] == "proposed":
            dishes = dishes.filter(pk__in=with_proposals().values("pk"))
    page = numbered_page(dishes, request.GET.get("page"))
    context = {"form": form, "page": page, "can_edit": as_user(request.user).has_right(Right.EDIT_MENUS)}
    return render_page(request, "menus/dish_list.html", context, fragment="rows")


def course_list(request: HttpRequest) -> HttpResponse:
    """All courses, those on the menu first."""
    page = numbered_page(courses_with_dishes().order_by("-is_active", "name", "-version"), request.GET.get("page"))
    context = {"page": page, "can_edit": as_user(request.user).has_right(Right.EDIT_MENUS)}
    return render_page(request, "menus/course_list.html", context)


def dish(request: HttpRequest, pk: int) -> HttpResponse:
    """One dish: where it is on the menu and what is known of every allergen."""
    found = get_object_or_404(dishes_with_allergens().select_related("family"), pk=pk)
    user = as_user(request.user)
    kin = Dish.objects.filter(family=found.family_id, is_active=True).exclude(pk=pk) if found.family_id else []
    context = {
        "dish": found,
        "sees_money": user.has_right(Right.VIEW_MONEY),
        "kin": kin,
        "foods": found.dish_foods.select_related("food"),
        "diets": found.diets.order_by("rule"),
        "proposals": open_proposals(found),
        "groups": [
            (AllergenClass(group.allergen_class).label if group.allergen_class else "", lines(found, group.allergens))
            for group in groups_on(today_of(request))
        ],
        "courses": found.courses.filter(is_active=True),
        "can_edit": user.has_right(Right.EDIT_MENUS),
    }
    return render_page(request, "menus/dish.html", context)


@right_required(Right.EDIT_MENUS)
@require_POST
def decide_proposals(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or dismiss what the foods of a dish suggest: one, or all that were shown."""
    found = get_object_or_404(Dish, pk=pk)
    shown = ids_in(request.POST.getlist("proposal"))
    confirmed, dismissed = (ids_in(request.POST.getlist(name)) for name in ("confirm", "dismiss"))
    if "all" in request.POST:
        confirmed = shown
    decided = services.decide(dish=found, by=as_user(request.user), confirmed=confirmed, dismissed=dismissed)
    if decided:
        messages.success(request, _("Saved."))
    else:
        messages.info(request, _("Somebody else has decided this already."))
    return redirect("menus:dish", pk)


@right_required(Right.EDIT_MENUS)
def create_dish(request: HttpRequest) -> HttpResponse:
    """A new dish."""
    sees_money = as_user(request.user).has_right(Right.VIEW_MONEY)
    form = DishForm(request.POST or None, day=today_of(request), sees_money=sees_money)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_dish(by=as_user(request.user), **form.values())
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("“%(name)s” is on the menu.") % {"name": made.name})
            return redirect("menus:dish", made.pk)
    return render_page(request, "menus/dish_form.html", {"form": form}, status=422 if form.errors else 200)


@right_required(Right.EDIT_MENUS)
def edit_dish(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a dish and what is known of its allergens."""
    found = get_object_or_404(Dish, pk=pk)
    sees_money = as_user(request.user).has_right(Right.VIEW_MONEY)
    form = DishForm(request.POST or None, instance=found, day=today_of(request), sees_money=sees_money)
    standing: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            services.change_dish(
                dish=found, by=as_user(request.user), version=form.cleaned_data["version"], **form.values()
            )
        except MenuChangedMeanwhile as problem:
            now = DishForm(instance=Dish.objects.get(pk=pk), day=today_of(request), sees_money=sees_money)
            standing = form.stored_otherwise(now)
            form.add_error(None, str(problem))
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("menus:dish", pk)
    context = {"form": form, "dish": Dish.objects.get(pk=pk), "standing": standing}
    return render_page(request, "menus/dish_form.html", context, status=422 if form.errors else 200)


@right_required(Right.EDIT_MENUS)
def create_course(request: HttpRequest) -> HttpResponse:
    """A new course."""
    return _course_form(request, None)


@right_required(Right.EDIT_MENUS)
def edit_course(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a course; one that was served gets a new version."""
    return _course_form(request, get_object_or_404(Course, pk=pk))


def _course_form(request: HttpRequest, course: Course | None) -> HttpResponse:
    """Buttons that add, move and take away dishes come back to the same form; only "save" writes."""
    data: QueryDict | None = request.POST if request.method == "POST" else None
    saving = data is not None and "save" in data
    if data is None:
        ids = list(course.course_dishes.values_list("dish_id", flat=True)) if course else []
        form = CourseForm(instance=course)
    else:
        ids = picked.after_button(data)
        form = CourseForm(data, instance=course) if saving else CourseForm(initial=_as_typed(data), instance=course)
    dishes = picked.in_order(ids)
    standing: list[tuple[str, str]] = []
    if saving and form.is_valid():
        by = as_user(request.user)
        try:
            if course is None:
                saved = services.create_course(by=by, dishes=dishes, **form.values())
            else:
                saved = services.change_course(
                    course=course, by=by, dishes=dishes, revision=form.cleaned_data["revision"], **form.values()
                )
        except MenuChangedMeanwhile as problem:
            assert course is not None
            # A served course that was changed goes on under its newest version.
            course = services.renewed(Course.objects.get(pk=course.pk)) or Course.objects.get(pk=course.pk)
            standing = form.stored_otherwise(CourseForm(instance=course))
            stored = [row.dish for row in course.course_dishes.select_related("dish")]
            if [one.pk for one in stored] != [one.pk for one in dishes]:
                standing.append((_("Dishes in their order"), "、".join(one.name for one in stored)))
            form.add_error(None, str(problem))
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            if course is not None and saved.pk != course.pk:
                messages.info(
                    request,
                    _("The course has been served: your change is version %(version)s, the served one stays on file.")
                    % {"version": saved.version},
                )
            else:
                messages.success(request, _("Saved."))
            return redirect("menus:courses")
    query = data.get("dish_q", "") if data else ""
    context: dict[str, Any] = {
        "form": form,
        "standing": standing,
        "course": course,
        "form_url": reverse("menus:course_edit", args=[course.pk]) if course else reverse("menus:course_create"),
        "is_served": course is not None and services.is_served(course),
        "dishes": dishes,
        "query": query,
        "found": list(find_dishes(query)[:OPTIONS_SHOWN]),
        "enough": enough_typed(query),
        "focus": "dish_q" if data and not saving else "",
    }
    return render_page(
        request, "menus/course_form.html", context, fragment="form", status=422 if saving and form.errors else 200
    )


def _as_typed(data: QueryDict) -> dict[str, Any]:
    """What a form holds that is not saved yet: a box that is not ticked sends nothing."""
    return {**data.dict(), "is_active": "is_active" in data}


def pick(request: HttpRequest, kinds: str) -> HttpResponse:
    """Options by typed characters, as buttons of the form around them: `add_dish` and `set_course`."""
    query = request.GET.get("q") or request.GET.get("dish_q", "")
    context = {
        "query": query,
        "enough": enough_typed(query),
        "found": list(find_dishes(query)[:OPTIONS_SHOWN]) if kinds != "courses" else [],
        "found_courses": list(find_courses(query, today_of(request))[:OPTIONS_SHOWN]) if kinds != "dishes" else [],
    }
    return render_page(request, "menus/_options.html", context)


def allergens(request: HttpRequest) -> HttpResponse:
    """The legal lists with the days they are in force, and the house's own items."""
    lists = AllergenList.objects.order_by("-valid_from").prefetch_related("items__allergen")
    on_a_list = {item.allergen_id for legal_list in lists for item in legal_list.items.all()}
    shown = [
        {
            "list": legal_list,
            "mandatory": [item for item in legal_list.items.all() if item.allergen_class == AllergenClass.MANDATORY],
            "recommended": [
                item for item in legal_list.items.all() if item.allergen_class == AllergenClass.RECOMMENDED
            ],
            "in_force": legal_list.valid_from <= today_of(request)
            and (legal_list.valid_to is None or today_of(request) <= legal_list.valid_to),
        }
        for legal_list in lists
    ]
    context = {"lists": shown, "own": Allergen.objects.exclude(pk__in=on_a_list)}
    return render_page(request, "menus/allergens.html", context)
