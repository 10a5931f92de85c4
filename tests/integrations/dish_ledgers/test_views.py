import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from menus.models import Dish
from tests.factories.accounts import UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db
TABLE = "料理,食材,分量,卵\n,人参,10,\n卵サラダ,ロースハム　卵抜き,12,\nだし巻き,鶏卵,50,○\n"


@pytest.fixture
def kitchen(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    user = person("kitchen", VenueFactory.create())
    client.force_login(user)
    return client


def upload(client, text):
    file = SimpleUploadedFile("献立.csv", text.encode())
    return client.post(reverse("integrations:dish_ledgers"), {"file": file}, follow=True)


def test_dishes_are_looked_at_then_imported(kitchen):
    page = upload(kitchen, TABLE)
    assert page.context["outcome"]["created"] == 2
    assert [number for number, _problem in page.context["problems"]] == [2]
    assert page.context["taken"] == [("料理", "料理"), ("食材", "食材"), ("分量", "分量"), ("卵", "卵")]
    assert not Dish.objects.exists()

    done = kitchen.post(reverse("integrations:dish_ledger"), {"import": "1"}, follow=True)

    assert (done.context["ledger"].created, done.context["ledger"].errors) == (2, 1)
    assert set(Dish.objects.values_list("name", flat=True)) == {"卵サラダ", "だし巻き"}
    assert kitchen.post(reverse("integrations:dish_ledger"), {"import": "1"}).status_code == 302


def test_an_upload_can_be_thrown_away(kitchen):
    upload(kitchen, TABLE)

    kitchen.post(reverse("integrations:dish_ledger"), {"drop": "1"})

    assert kitchen.get(reverse("integrations:dish_ledger")).status_code == 302
    assert not Dish.objects.exists()


@pytest.mark.parametrize("text", ["", "氏名,電話\n高橋,1\n", "料理\n", "\x00\x01"])
def test_a_file_that_holds_no_dishes_is_sent_back_with_a_sentence(kitchen, text):
    page = upload(kitchen, text)

    assert page.status_code == 422
    assert page.context["form"].errors["file"]


def test_who_may_not_change_menus_does_not_come_in(client):
    for user in (UserFactory.create(), person("floor", VenueFactory.create())):
        client.force_login(user)
        assert client.get(reverse("integrations:dish_ledgers")).status_code == 403
        assert client.post(reverse("integrations:dish_ledger"), {"import": "1"}).status_code == 403
