import pytest
from django.urls import reverse

from menus.models import Course, Dish
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import VisitFactory

pytestmark = pytest.mark.django_db
QUERIES_OF_LIST = 8
QUERIES_OF_DISHES = 9


@pytest.fixture
def venue():
    return VenueFactory.create()


def signed_in(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def kitchen(client, venue):
    return signed_in(client, person("kitchen", venue))


@pytest.mark.parametrize("count", [1, 3])
def test_dish_list_does_not_grow_in_queries(kitchen, django_assert_num_queries, count):
    DishFactory.create_batch(count, presences={"shrimp": "contains", "egg": "free"})
    kitchen.get(reverse("menus:list"))

    with django_assert_num_queries(QUERIES_OF_DISHES):
        response = kitchen.get(reverse("menus:list"))

    assert response.content.decode().count("季節の一皿") == count


@pytest.mark.parametrize("count", [1, 3])
def test_course_list_does_not_grow_in_queries(kitchen, django_assert_num_queries, count):
    for _ in range(count):
        CourseFactory.create(of=DishFactory.create_batch(2))
    kitchen.get(reverse("menus:courses"))

    with django_assert_num_queries(QUERIES_OF_LIST):
        kitchen.get(reverse("menus:courses"))


def test_a_stranger_and_the_floor_read_the_menu_but_do_not_change_it(client, venue):
    dish = DishFactory.create()
    for user in (UserFactory.create(), person("floor", venue)):
        signed_in(client, user)
        assert client.get(reverse("menus:list")).status_code == 200
        page = client.get(reverse("menus:dish", args=[dish.pk]))
        assert page.status_code == 200
        assert reverse("menus:dish_edit", args=[dish.pk]) not in page.content.decode()
        assert client.get(reverse("menus:dish_edit", args=[dish.pk])).status_code == 403
        assert client.post(reverse("menus:dish_create"), {"name": "x"}).status_code == 403
        assert client.post(reverse("menus:course_create"), {"name": "x"}).status_code == 403


def test_kitchen_enters_a_dish_with_its_allergens(kitchen):
    response = kitchen.post(
        reverse("menus:dish_create"),
        {
            "name": "海老真薯",
            "kana": "えびしんじょ",
            "position": "wanmono",
            "season": "autumn",
            "is_active": "on",
            "allergen_shrimp": "contains",
        },
    )

    dish = Dish.objects.get(name="海老真薯")
    assert response.url == reverse("menus:dish", args=[dish.pk])
    assert list(dish.allergens.values_list("allergen__code", "presence")) == [("shrimp", "contains")]


def test_a_dish_without_a_name_is_sent_back_with_a_sentence(kitchen):
    response = kitchen.post(reverse("menus:dish_create"), {"name": "", "position": "other", "season": "all_year"})

    assert response.status_code == 422
    assert not Dish.objects.exists()


def test_what_nobody_checked_is_never_green(kitchen):
    dish = DishFactory.create(presences={"egg": "free"})

    page = kitchen.get(reverse("menus:dish", args=[dish.pk])).content.decode()

    assert page.count('class="tag ok"') == 1


def test_course_form_adds_moves_and_takes_out_dishes_without_scripts(kitchen):
    first, second, third = DishFactory.create_batch(3)
    url = reverse("menus:course_create")

    page = kitchen.post(url, {"name": "霜月", "dish": [first.pk, second.pk], "add_dish": third.pk})
    assert [dish.pk for dish in page.context["dishes"]] == [first.pk, second.pk, third.pk]
    page = kitchen.post(url, {"name": "霜月", "dish": [first.pk, second.pk, third.pk], "dish_up": third.pk})
    assert [dish.pk for dish in page.context["dishes"]] == [first.pk, third.pk, second.pk]
    page = kitchen.post(url, {"name": "霜月", "dish": [first.pk, third.pk, second.pk], "remove_dish": first.pk})
    assert [dish.pk for dish in page.context["dishes"]] == [third.pk, second.pk]
    assert 'value="霜月"' in page.content.decode()
    assert not Course.objects.exists()

    kitchen.post(url, {"name": "霜月", "is_active": "on", "dish": [third.pk, second.pk], "save": "1"})

    assert [row.dish for row in Course.objects.get().course_dishes.all()] == [third, second]


def test_changing_a_served_course_tells_that_it_is_a_new_version(kitchen):
    course = CourseFactory.create(of=[DishFactory.create()])
    VisitFactory.create(course=course)
    url = reverse("menus:course_edit", args=[course.pk])
    assert "served" in kitchen.get(url, headers={"accept-language": "en"}).content.decode()

    kitchen.post(url, {"name": course.name, "is_active": "on", "save": "1"})

    assert sorted(Course.objects.values_list("version", "is_active")) == [(1, False), (2, True)]


def test_finding_dishes_without_scripts(kitchen):
    DishFactory.create(name="海老真薯", kana="エビシンジョ")

    page = kitchen.post(reverse("menus:course_create"), {"name": "", "dish_q": "えび", "find": "1"})

    assert "海老真薯" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("menus:pick", {"海老真薯", "海老づくし"}),
        ("menus:pick_dish", {"海老真薯"}),
        ("menus:pick_course", {"海老づくし"}),
    ],
)
def test_pick_offers_buttons(kitchen, name, names):
    DishFactory.create(name="海老真薯", kana="エビシンジョ")
    CourseFactory.create(name="海老づくし", kana="エビヅクシ")

    page = kitchen.get(reverse(name), {"q": "えび"}).content.decode()

    assert {found for found in ("海老真薯", "海老づくし") if found in page} == names


def test_allergen_page_shows_the_three_lists(kitchen):
    page = kitchen.get(reverse("menus:allergens"))

    assert [(len(shown["mandatory"]), len(shown["recommended"])) for shown in page.context["lists"]] == [
        (9, 20),
        (8, 20),
        (8, 20),
    ]
    assert [shown["in_force"] for shown in page.context["lists"]].count(True) == 1
    assert {allergen.code for allergen in page.context["own"]} >= {"crustaceans", "blue_fish"}
