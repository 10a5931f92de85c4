"""Postcodes: files of Japan Post become towns, and towns fill in addresses."""

import lzma
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from customers.models import Customer, PostalCode
from customers.postcodes import read_postcodes
from tests.factories.accounts import UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db

# Made-up rows in the form of Japan Post's file, with its habits: several towns of a code, brackets over two lines, no town.
KEN_ALL = """
99101,"999  ","9990001","ｶｸｳｹﾝ","ﾏﾂｶｾﾞｼ","ｲｶﾆｹｲｻｲｶﾞﾅｲﾊﾞｱｲ","架空県","松風市","以下に掲載がない場合",0,0,0,0,0,0
99101,"999  ","9990002","ｶｸｳｹﾝ","ﾏﾂｶｾﾞｼ","ｷｷｮｳﾁｮｳ(1","架空県","松風市","桔梗町（１",1,0,1,0,0,0
99101,"999  ","9990002","ｶｸｳｹﾝ","ﾏﾂｶｾﾞｼ","-10ﾊﾞﾝﾁ)","架空県","松風市","〜１０番地）",1,0,1,0,0,0
99101,"999  ","9990003","ｶｸｳｹﾝ","ﾏﾂｶｾﾞｼ","ｱｵｲ","架空県","松風市","葵",0,0,0,1,0,0
99101,"999  ","9990003","ｶｸｳｹﾝ","ﾏﾂｶｾﾞｼ","ﾌｼﾞ","架空県","松風市","藤",0,0,0,1,0,0
""".lstrip()
TOWNS = [
    ("9990001", "架空県松風市", ""),
    ("9990002", "架空県松風市桔梗町", "キキョウチョウ"),
    ("9990003", "架空県松風市葵", "アオイ"),
    ("9990003", "架空県松風市藤", "フジ"),
]


@pytest.fixture
def towns(tmp_path):
    """The file is loaded."""
    path = tmp_path / "KEN_ALL.CSV"
    path.write_bytes(KEN_ALL.encode("cp932"))
    call_command("load_postcodes", path)


@pytest.fixture
def floor(client):
    """Somebody of the floor, signed in."""
    user = person("floor", VenueFactory.create())
    client.force_login(user)
    return user


def write_zip(path):
    """The new file of Japan Post: UTF-8 in an archive."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("utf_ken_all.csv", KEN_ALL)


def write_xz(path):
    """A plain table with headings."""
    rows = "code,prefecture,city,neighborhood,prefecture_kana,city_kana,neighborhood_kana\n"
    rows += "".join(
        f"{code},架空県,松風市,{address[6:]},カクウケン,マツカゼシ,{kana}\n" for code, address, kana in TOWNS
    )
    path.write_bytes(lzma.compress(rows.encode()))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("KEN_ALL.CSV", lambda path: path.write_bytes(KEN_ALL.encode("cp932"))),
        ("utf_ken_all.zip", write_zip),
        ("towns.csv.xz", write_xz),
    ],
)
def test_every_form_of_the_file_gives_the_same_towns(tmp_path, name, write):
    """Brackets and words in place of a town are left out; readings are full-width."""
    path = tmp_path / name
    write(path)
    found = list(read_postcodes(path))
    assert [(line.code, f"{line.prefecture}{line.city}{line.town}", line.town_kana) for line in found] == TOWNS


def test_loading_again_replaces_and_is_noted(towns, tmp_path):
    """The trail tells how many."""
    path = tmp_path / "towns.csv"
    path.write_text("code,prefecture,city,neighborhood\n9990009,架空県,松風市,松\n", encoding="utf-8")
    call_command("load_postcodes", path)
    assert [town.address for town in PostalCode.objects.all()] == ["架空県松風市松"]
    assert [entry.changes for entry in AuditEntry.objects.filter(action=Action.IMPORTED).order_by("pk")] == [
        {"rows": 4},
        {"rows": 1},
    ]


@pytest.mark.parametrize("content", [b"", b"name,phone\n1,2\n", b"\xff\xfe\x00"])
def test_another_file_changes_nothing(towns, tmp_path, content):
    """And says so."""
    path = tmp_path / "guests.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("load_postcodes", path)
    assert PostalCode.objects.count() == 4


def test_without_a_file_there_is_no_button(client, floor):
    """And not a word about it."""
    assert 'name="fill"' not in client.get(reverse("customers:create")).content.decode()


def test_one_town_is_filled_in_front_of_what_was_typed(client, floor, towns):
    """A piece of the page; filled again it stays as it is."""
    url = reverse("customers:postcode")
    sent = {"fill": "office_", "office_postal_code": "９９９ー０００２", "office_address": "１−２"}
    html = client.post(url, sent, headers={"HX-Request": "true"}).content.decode()
    assert 'value="架空県松風市桔梗町1-2"' in html
    again = client.post(url, sent | {"office_address": "架空県松風市桔梗町1-2"}).content.decode()
    assert 'value="架空県松風市桔梗町1-2"' in again


def test_without_scripts_the_page_comes_back_as_it_was_typed(client, floor, towns):
    """Several towns to choose from; nothing is saved, nothing complained about, nothing lost."""
    url = reverse("customers:create")
    typed = {
        "name": "林 花", "kana": "", "fill": "", "postal_code": "999-0003", "phone_0": "1", "phone_1": "2", "phone_2": "3",
        "contact_stopped": "on", "diet_halal": "on", "consent_mail_state": "refused", "birthday": "いつか",
    }  # fmt: skip
    response = client.post(url, typed)
    form = response.context["form"]
    assert (response.status_code, form.is_bound) == (200, False)
    for name in ("name", "phone_2", "birthday", "consent_mail_state"):
        assert form[name].value() == typed[name]
    assert form["contact_stopped"].value() is form["diet_halal"].value() is True
    choices = [town.address for town in response.context["fill"].towns]
    assert choices == ["架空県松風市葵", "架空県松風市藤"]
    chosen = PostalCode.objects.get(town="藤")
    form = client.post(url, typed | {"fill": f":{chosen.pk}"}).context["form"]
    assert form["address"].value() == "架空県松風市藤"
    assert not Customer.objects.exists()


def test_an_unknown_code_is_said(client, floor, towns):
    """In the place of the towns."""
    response = client.post(reverse("customers:postcode"), {"fill": "", "postal_code": "1"})
    assert response.context["fill"].is_unknown


def test_only_who_sees_contacts(client, towns):
    """The kitchen and strangers do not; nonsense is refused."""
    url = reverse("customers:postcode")
    for user in (person("kitchen"), UserFactory.create()):
        client.force_login(user)
        assert client.post(url, {"fill": ""}).status_code == 403
    client.force_login(person("floor"))
    for nonsense in ("nowhere_", ":x"):
        assert client.post(url, {"fill": nonsense}).status_code == 400
