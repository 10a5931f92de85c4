from datetime import date

import pytest
from django.urls import reverse

from menus.models import BasePreparation, Course, Dish
from menus.queries import dishes_with_allergens
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.menus import BaseFactory, CourseFactory, DishFactory
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


DISH = {"name": "鯛の昆布締め", "position": "mukozuke", "season": "winter", "is_active": "on"}


def test_kitchen_enters_a_dish_with_all_that_is_known_of_it(kitchen):
    base = BaseFactory.create(presences={"wheat": "contains"})
    kitchen.post(
        reverse("menus:dish_create"),
        DISH
        | {
            "family": "鯛",
            "is_signature": "on",
            "price": "2400",
            "name_en": "Kelp-cured sea bream",
            "bases": [base.pk],
            "foods": "鯛：60g\n昆布\n\nうすくちしょうゆ: 5 ml",
            "diet_halal": "does_not",
        },
    )

    dish = Dish.objects.get()
    assert (str(dish.family), dish.is_signature, int(dish.price or 0), list(dish.bases.all())) == (
        "鯛",
        True,
        2400,
        [base],
    )
    assert [str(row) for row in dish.dish_foods.select_related("food")] == ["鯛 60g", "昆布", "うすくちしょうゆ 5ml"]
    assert set(dish.proposals.values_list("allergen__code", "state")) == {
        ("wheat", "open"),
        ("soybean", "open"),
        ("raw_fish", "open"),
    }
    page = kitchen.get(reverse("menus:dish_edit", args=[dish.pk])).content.decode()
    assert "鯛：60g" in page


def test_two_edits_of_a_dish_are_not_silently_overwritten(kitchen):
    dish = DishFactory.create(name="鯛の昆布締め")
    url = reverse("menus:dish_edit", args=[dish.pk])
    assert kitchen.post(url, DISH | {"version": "1", "season": "autumn"}).status_code == 302

    late = kitchen.post(url, DISH | {"version": "1", "season": "spring", "name_en": "typed"})

    page = late.content.decode()
    assert late.status_code == 422
    assert 'value="typed"' in page
    assert Dish.objects.get().season == "autumn"
    # What stands now is shown, and sent once more with what was read now it counts.
    assert late.context["standing"] == [("季節", "秋"), ("英語名", "—")]
    assert 'name="version" value="2"' in page
    assert kitchen.post(url, DISH | {"version": "2", "season": "spring", "name_en": "typed"}).status_code == 302
    assert (Dish.objects.get().season, Dish.objects.get().name_en) == ("spring", "typed")


def test_what_somebody_said_of_an_allergen_meanwhile_is_shown(kitchen):
    dish = DishFactory.create(name="鯛の昆布締め", presences={"shrimp": "free"})
    url = reverse("menus:dish_edit", args=[dish.pk])
    kitchen.post(url, DISH | {"version": "1", "allergen_shrimp": "contains", "allergen_egg": "free"})

    late = kitchen.post(url, DISH | {"version": "1", "allergen_shrimp": "free", "foods": "鯛"})

    assert late.status_code == 422
    assert ("えび", "含む") in late.context["standing"]
    assert dishes_with_allergens().get(pk=dish.pk).presences["shrimp"] == "contains"


def test_two_edits_of_a_base_are_not_silently_overwritten(kitchen):
    base = BaseFactory.create(name="割り醤油")
    url = reverse("menus:base_edit", args=[base.pk])
    assert kitchen.post(url, {"name": "割り醤油", "version": "1", "allergen_wheat": "contains"}).status_code == 302

    late = kitchen.post(url, {"name": "割り醤油（新）", "version": "1", "allergen_wheat": "free"})

    assert late.status_code == 422
    assert ("小麦", "含む") in late.context["standing"]
    assert 'value="割り醤油（新）"' in late.content.decode()
    assert BasePreparation.objects.get().allergens.get().presence == "contains"


class TestTwoEditsOfACourse:
    def sent(self, course, *dishes, **values):
        told = {"name": course.name, "is_active": "on", "revision": "1", "dish": [dish.pk for dish in dishes]}
        return told | {"save": "1"} | values

    def test_the_later_one_sees_what_stands(self, kitchen):
        first, second = DishFactory.create_batch(2)
        course = CourseFactory.create(of=[first])
        url = reverse("menus:course_edit", args=[course.pk])
        assert kitchen.post(url, self.sent(course, first, second, price="18000")).status_code == 302

        late = kitchen.post(url, self.sent(course, second, price="20000"))

        assert late.status_code == 422
        assert dict(late.context["standing"]) == {
            "お一人の料金（税抜）": "18000",
            "お出しする順": f"{first.name}、{second.name}",
        }
        assert 'name="revision" value="2"' in late.content.decode()
        assert kitchen.post(url, self.sent(course, second, price="20000", revision="2")).status_code == 302
        assert [row.dish for row in course.course_dishes.all()] == [second]

    def test_a_served_one_goes_on_under_its_newest_version(self, kitchen):
        first, second = DishFactory.create_batch(2)
        course = CourseFactory.create(of=[first])
        VisitFactory.create(course=course)
        url = reverse("menus:course_edit", args=[course.pk])
        kitchen.post(url, self.sent(course, first, second))
        newest = Course.objects.get(version=2)

        late = kitchen.post(url, self.sent(course, second, kana="しもつき"))

        page = late.content.decode()
        assert late.status_code == 422
        assert f'action="{reverse("menus:course_edit", args=[newest.pk])}"' in page
        again = reverse("menus:course_edit", args=[newest.pk])
        assert kitchen.post(again, self.sent(course, second, kana="しもつき")).status_code == 302
        assert list(Course.objects.filter(is_active=True).values_list("version", "kana")) == [(2, "シモツキ")]

    def test_buttons_lose_nothing_that_was_typed(self, kitchen):
        course = CourseFactory.create(price=15000)
        dish = DishFactory.create()
        sent = {"name": course.name, "price": "16500", "revision": "1", "add_dish": dish.pk, "valid_to": "2026-12-25"}

        page = kitchen.post(reverse("menus:course_edit", args=[course.pk]), sent)

        form = page.context["form"]
        assert [form[name].value() for name in ("price", "valid_to", "is_active")] == ["16500", "2026-12-25", False]

    def test_a_price_below_zero_is_none(self, kitchen):
        course = CourseFactory.create()
        answer = kitchen.post(reverse("menus:course_edit", args=[course.pk]), self.sent(course, price="-1"))
        assert answer.status_code == 422


@pytest.mark.parametrize("query", ["\x00\x00", "豆\x00腐", "🍣🍣", "9" * 400])
def test_whatever_is_typed_finds_something_or_nothing(kitchen, query):
    DishFactory.create(name="胡麻豆腐")
    for name in ("pick", "pick_dish", "list"):
        assert kitchen.get(reverse(f"menus:{name}"), {"q": query, "dish_q": query}).status_code == 200


def test_cost_is_absent_without_the_money_right_and_stays_as_it_was(client, venue):
    dish = DishFactory.create(name="鯛の昆布締め", cost=900, price=2400)
    url = reverse("menus:dish_edit", args=[dish.pk])
    signed_in(client, person("kitchen", venue))
    assert 'name="cost"' not in client.get(url).content.decode()
    assert "900" not in client.get(reverse("menus:dish", args=[dish.pk])).content.decode()
    client.post(url, DISH | {"version": "1", "price": "2400", "cost": "1"})
    assert int(Dish.objects.get().cost or 0) == 900

    signed_in(client, person("okami", venue))
    assert 'name="cost"' in client.get(url).content.decode()
    assert "900" in client.get(reverse("menus:dish", args=[dish.pk])).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": "-1"},
        {"price": "1" * 30},
        {"price": "NaN"},
        {"family": "鯛" * 61},
        {"name_en": "x\x00"},
        {"foods": "食" * 121},
        {"bases": "99999999999999999999"},
        {"position": "🍣"},
        {"version": "x"},
    ],
)
def test_what_cannot_be_used_is_sent_back(kitchen, wrong):
    response = kitchen.post(reverse("menus:dish_create"), DISH | wrong)

    assert response.status_code == 422
    assert not Dish.objects.exists()


def test_a_base_counts_in_the_lists_of_dishes(kitchen):
    base = BaseFactory.create(presences={"wheat": "contains"})
    dish = DishFactory.create(presences={"wheat": "free", "egg": "free"}, made_with=[base])

    page = kitchen.get(reverse("menus:dish", args=[dish.pk])).content.decode()

    assert 'class="tag ok"' not in page


def test_proposals_are_confirmed_one_by_one_or_all_at_once(kitchen):
    sauced = DISH | {"name": "黄身味噌"}
    kitchen.post(reverse("menus:dish_create"), sauced | {"foods": "鶏卵\nマーガリン\nみそ"})
    dish = Dish.objects.get()
    url = reverse("menus:proposals", args=[dish.pk])
    egg, milk, soy = (dish.proposals.get(allergen__code=code) for code in ("egg", "milk", "soybean"))
    page = kitchen.get(reverse("menus:dish", args=[dish.pk])).content.decode()
    assert 'class="tag allergy"' not in page

    kitchen.post(url, {"proposal": [egg.pk, milk.pk, soy.pk], "dismiss": milk.pk})
    kitchen.post(url, {"proposal": [egg.pk, soy.pk], "all": "1"})
    kitchen.post(url, {"proposal": [egg.pk, "x", "9" * 30], "all": "1"})

    assert set(dish.allergens.values_list("allergen__code", "presence")) == {
        ("egg", "contains"),
        ("soybean", "contains"),
    }
    milk.refresh_from_db()
    assert (milk.state, milk.decided_by is not None) == ("dismissed", True)
    # What was dismissed is not proposed again by the same food.
    said = {"allergen_egg": "contains", "allergen_soybean": "contains"}
    kitchen.post(reverse("menus:dish_edit", args=[dish.pk]), sauced | said | {"foods": "鶏卵\nマーガリン\nみそ\n塩"})
    assert not dish.proposals.filter(state="open").exists()


def test_the_list_is_filtered_by_place_and_by_what_is_open(kitchen):
    checked = dict.fromkeys("shrimp crab cashew walnut wheat buckwheat egg milk peanut".split(), "free")
    DishFactory.create(name="冷や奴", position="sakizuke", presences=checked)
    DishFactory.create(name="鯛の刺身", position="mukozuke", presences=checked, made_with=[BaseFactory.create()])
    DishFactory.create(name="鮎の塩焼き", position="yakimono")

    def names(**query):
        page = kitchen.get(reverse("menus:list"), query).context["page"]
        return [dish.name for dish in page.rows]

    assert names(position="yakimono") == ["鮎の塩焼き"]
    assert set(names(state="unchecked")) == {"鯛の刺身", "鮎の塩焼き"}
    assert names(state="proposed") == []


def test_rights_of_bases_proposals_and_the_month(client, venue):
    dish, base, course = DishFactory.create(), BaseFactory.create(), CourseFactory.create()
    for user in (UserFactory.create(), person("floor", venue)):
        signed_in(client, user)
        assert client.get(reverse("menus:bases")).status_code == 200
        month = client.get(reverse("menus:month")).content.decode()
        assert "data-grid-cell" not in month
        for address in (
            reverse("menus:base_create"),
            reverse("menus:base_edit", args=[base.pk]),
            reverse("menus:proposals", args=[dish.pk]),
            reverse("menus:month_copy"),
            reverse("menus:month_cell", args=[course.pk, "yakimono"]),
            reverse("menus:month"),
        ):
            assert client.post(address, {"name": "x"}).status_code == 403


def test_kitchen_enters_and_changes_a_base(kitchen):
    kitchen.post(
        reverse("menus:base_create"), {"name": "割り醤油", "kana": "わりじょうゆ", "allergen_wheat": "contains"}
    )
    base = BasePreparation.objects.get()
    url = reverse("menus:base_edit", args=[base.pk])
    kitchen.post(url, {"name": "割り醤油", "allergen_wheat": "free", "version": "1"})

    late = kitchen.post(url, {"name": "別の名", "version": "1"})

    assert late.status_code == 422
    assert list(BasePreparation.objects.values_list("name", "version")) == [("割り醤油", 2)]
    assert list(base.allergens.values_list("presence", flat=True)) == ["free"]


@pytest.mark.parametrize("count", [1, 3])
def test_base_list_does_not_grow_in_queries(kitchen, django_assert_num_queries, count):
    BaseFactory.create_batch(count, presences={"wheat": "contains"})
    kitchen.get(reverse("menus:bases"))

    with django_assert_num_queries(QUERIES_OF_LIST):
        kitchen.get(reverse("menus:bases"))


class TestMonth:
    """The month's courses as a sheet."""

    NOVEMBER = {"valid_from": date(2026, 11, 1), "valid_to": date(2026, 11, 30)}

    def course(self, *dishes):
        return CourseFactory.create(
            name="霜月の会席 松", kana="シモツキのかいせき", of=dishes, price=18000, **self.NOVEMBER
        )

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, kitchen, django_assert_num_queries, count):
        for _ in range(count):
            CourseFactory.create(of=DishFactory.create_batch(2, position="yakimono"))
        kitchen.get(reverse("menus:month"))

        with django_assert_num_queries(QUERIES_OF_LIST):
            page = kitchen.get(reverse("menus:month"))

        assert page.content.decode().count("data-grid-cell") == count * 16

    def test_a_cell_is_written_in_the_order_of_the_kaiseki(self, kitchen):
        starter = DishFactory.create(name="胡麻豆腐", position="sakizuke")
        rice = DishFactory.create(name="松茸ご飯", position="shokuji")
        DishFactory.create(name="鮎の塩焼き", kana="アユノシオヤキ", position="yakimono")
        course = self.course(starter, rice)
        name = f"cell-{course.pk}-yakimono"

        page = kitchen.post(
            reverse("menus:month_cell", args=[course.pk, "yakimono"]), {name: "あゆの", f"seen-{name}": ""}
        )

        assert "鮎の塩焼き" in page.content.decode()
        names = [row.dish.name for row in course.course_dishes.select_related("dish")]
        assert names == ["胡麻豆腐", "鮎の塩焼き", "松茸ご飯"]

    def test_two_people_in_one_cell_are_told_apart_and_others_are_not_in_the_way(self, kitchen):
        old = DishFactory.create(name="鮎の塩焼き", position="yakimono")
        DishFactory.create(name="鰆の幽庵焼き", position="yakimono")
        DishFactory.create(name="胡麻豆腐", position="sakizuke")
        course = self.course(old)

        def write(position, names, seen):
            name = f"cell-{course.pk}-{position}"
            url = reverse("menus:month_cell", args=[course.pk, position])
            return kitchen.post(url, {name: names, f"seen-{name}": seen})

        assert write("yakimono", "鰆の幽庵焼き", str(old.pk)).status_code == 200
        assert write("sakizuke", "胡麻豆腐", "").status_code == 200
        late = write("yakimono", "", str(old.pk))

        assert late.status_code == 422
        assert {row.dish.name for row in course.course_dishes.select_related("dish")} == {"鰆の幽庵焼き", "胡麻豆腐"}

    @pytest.mark.parametrize("names", ["まぼろし", "胡麻豆腐", "🍣", "x" * 3000, "\x00"])
    def test_a_name_that_does_not_fit_stays_in_the_cell_with_a_sentence(self, kitchen, names):
        DishFactory.create(name="胡麻豆腐", position="sakizuke")
        course = self.course()
        name = f"cell-{course.pk}-yakimono"

        page = kitchen.post(
            reverse("menus:month_cell", args=[course.pk, "yakimono"]), {name: names, f"seen-{name}": ""}
        )

        assert page.status_code in (200, 422)
        assert not course.course_dishes.exists()

    def test_without_scripts_the_sheet_is_saved_as_a_whole(self, kitchen):
        DishFactory.create(name="鮎の塩焼き", position="yakimono")
        course = self.course()
        good, bad = f"cell-{course.pk}-yakimono", f"cell-{course.pk}-sakizuke"
        url = f"{reverse('menus:month')}?month=2026-11"

        page = kitchen.post(url, {good: "鮎の塩焼き", f"seen-{good}": "", bad: "まぼろし", f"seen-{bad}": ""})

        assert page.status_code == 422
        assert 'value="まぼろし"' in page.content.decode()
        assert [row.dish.name for row in course.course_dishes.select_related("dish")] == ["鮎の塩焼き"]

    def test_a_served_course_becomes_a_new_version(self, kitchen):
        DishFactory.create(name="鮎の塩焼き", position="yakimono")
        course = self.course()
        VisitFactory.create(course=course)
        name = f"cell-{course.pk}-yakimono"

        kitchen.post(
            reverse("menus:month_cell", args=[course.pk, "yakimono"]), {name: "鮎の塩焼き", f"seen-{name}": ""}
        )

        assert sorted(Course.objects.values_list("version", "is_active")) == [(1, False), (2, True)]

    def test_what_a_stale_sheet_writes_is_not_lost_to_the_new_version(self, kitchen):
        """Two cooks with the same sheet of a served course: the first one's cell makes a new version."""
        DishFactory.create(name="鮎の塩焼き", position="yakimono")
        DishFactory.create(name="胡麻豆腐", position="sakizuke")
        course = self.course()
        VisitFactory.create(course=course)

        def write(of, position, names):
            name = f"cell-{of.pk}-{position}"
            url = reverse("menus:month_cell", args=[of.pk, position])
            return kitchen.post(url, {name: names, f"seen-{name}": ""}, headers={"hx-request": "true"})

        assert write(course, "yakimono", "鮎の塩焼き").headers["HX-Refresh"] == "true"
        late = write(course, "sakizuke", "胡麻豆腐")

        newest = Course.objects.get(version=2)
        page = late.content.decode()
        assert late.status_code == 422
        assert f'name="cell-{newest.pk}-sakizuke" value="胡麻豆腐"' in page
        assert reverse("menus:month_cell", args=[newest.pk, "sakizuke"]) in page
        assert Course.objects.count() == 2
        assert write(newest, "sakizuke", "胡麻豆腐").status_code == 200
        assert [row.dish.name for row in newest.course_dishes.all()] == ["胡麻豆腐", "鮎の塩焼き"]

    def test_one_served_course_without_scripts_stays_in_sight(self, kitchen):
        DishFactory.create(name="鮎の塩焼き", position="yakimono")
        course = self.course()
        VisitFactory.create(course=course)
        good, bad = f"cell-{course.pk}-yakimono", f"cell-{course.pk}-sakizuke"
        url = f"{reverse('menus:month')}?month=2026-11&course={course.pk}"

        page = kitchen.post(url, {good: "鮎の塩焼き", f"seen-{good}": "", bad: "まぼろし", f"seen-{bad}": ""})

        newest = Course.objects.get(version=2)
        assert page.status_code == 422
        assert f'name="cell-{newest.pk}-sakizuke" value="まぼろし"' in page.content.decode()
        name = f"cell-{newest.pk}-yakimono"
        saved = kitchen.post(
            f"{reverse('menus:month')}?month=2026-11&course={newest.pk}",
            {name: "", f"was-{name}": "鮎の塩焼き", f"seen-{name}": str(Dish.objects.get().pk)},
        )
        assert saved.url == f"{reverse('menus:month')}?month=2026-11&course={newest.pk}"

    def test_last_months_courses_are_copied_with_new_days_and_names(self, kitchen):
        dish = DishFactory.create(position="yakimono")
        self.course(dish)
        CourseFactory.create(name="いつもの会席")

        kitchen.post(reverse("menus:month_copy"), {"month": "2026-12"})
        kitchen.post(reverse("menus:month_copy"), {"month": "2026-12"})

        copy = Course.objects.get(name="師走の会席 松")
        assert (copy.valid_from, copy.valid_to) == (date(2026, 12, 1), date(2026, 12, 31))
        assert (copy.kana, copy.version, int(copy.price or 0)) == ("シワスのかいせき", 1, 18000)
        assert [row.dish for row in copy.course_dishes.all()] == [dish]
        assert Course.objects.count() == 3

    @pytest.mark.parametrize("month", ["", "2026-13", "9999-01", "０２６-1", "x" * 99, "2026-11"])
    def test_any_month_is_shown(self, kitchen, month):
        assert kitchen.get(reverse("menus:month"), {"month": month, "course": "9" * 20}).status_code == 200
