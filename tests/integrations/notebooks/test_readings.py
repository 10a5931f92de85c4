"""A guessed reading comes from guests of the house who write the name so, and from nothing else."""

import pytest

from crm_project.core.accounts.models import User
from integrations.notebooks.readings import Guess, guessed_reading
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return person("admin", VenueFactory.create())


def test_who_writes_the_name_so_tells_how_it_is_read(reader: User) -> None:
    for kana in ("ヤマダ タロウ", "ヤマダ タロウ", "ヤマタ タロウ"):
        CustomerFactory.create(name="山田 太郎", kana=kana)
    assert guessed_reading("山田 太郎", reader) == Guess("ヤマダ タロウ", 2, 3)
    assert guessed_reading("山田太郎", reader) == Guess("ヤマダ タロウ", 2, 3)


def test_family_and_given_name_are_known_apart(reader: User) -> None:
    CustomerFactory.create(name="長谷川 一", kana="ハセガワ ハジメ")
    CustomerFactory.create(name="小川 翔", kana="オガワ ショウ")
    assert guessed_reading("長谷川 翔", reader) == Guess("ハセガワ ショウ", 1, 1)
    assert guessed_reading("長谷川翔", reader) == Guess("ハセガワ ショウ", 1, 1)
    assert guessed_reading("長谷川 桃子", reader) == Guess("ハセガワ", 1, 1, is_family_alone=True)


def test_nothing_is_invented(reader: User) -> None:
    CustomerFactory.create(name="小川 翔", kana="")
    assert guessed_reading("小川 翔", reader) is None
    assert guessed_reading("東海林 翔", reader) is None
    assert guessed_reading("", reader) is None
    assert guessed_reading("やまだ たろう", reader) is None


def test_a_guess_betrays_nobody(reader: User) -> None:
    CustomerFactory.create(name="九十九 隠", kana="ツクモ カクレ", is_confidential=True)
    assert guessed_reading("九十九 隠", reader) is None


@pytest.mark.parametrize("guests", [1, 3])
def test_queries_do_not_grow(reader: User, guests: int, django_assert_num_queries: object) -> None:
    reader.has_right("view_contacts")
    for number in range(guests):
        CustomerFactory.create(name="長谷川 一", kana="ハセガワ ハジメ", code=f"h{number}")
        CustomerFactory.create(name="小川 翔", kana="オガワ ショウ", code=f"o{number}")
    guessed_reading("無名 無名", reader)
    with django_assert_num_queries(2):  # type: ignore[operator]
        guessed_reading("長谷川 翔", reader)
