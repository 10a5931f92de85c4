"""The matching itself, without a database: what is the same, what is only alike, and how sure one may be."""

import ast
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import customers.matching
from bench.people import (
    COLUMNS,
    febrl_rows,
    hard_guests,
    person_of,
    true_pairs,
    usual_guests,
)
from customers.matching import best_matches, default_model, find_pairs, make_person
from customers.matching.blocking import LARGEST_BLOCK, candidate_pairs
from customers.matching.febrl import UnusableFile, _person, evaluate, read_rows
from customers.matching.fields import FIELDS, compare, fields_with
from customers.matching.persons import split_address
from customers.matching.similarity import edits


def levels(one, other):
    """Names of the levels of what could be compared."""
    compared = zip(FIELDS, compare(make_person(1, **one), make_person(2, **other)), strict=True)
    return {field.name: field.levels[level] for field, level in compared if level}


def found_places(persons, **options):
    """Pairs of keys, the smaller first."""
    matches = find_pairs(persons, **options)
    return {(min(match.one.key, match.other.key), max(match.one.key, match.other.key)) for match in matches}


def test_the_package_knows_no_django():
    """Pure: usable by an import, a job, a test without a database."""
    for path in Path(customers.matching.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            ours = ("customers.matching", "crm_project.core.text")
            foreign = [name for name in names if name.startswith(("django", "crm_project", "customers"))]
            assert [name for name in foreign if not name.startswith(ours) and name != "crm_project.core"] == []


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("タナカ", "タナカ", 0),
        ("タナカ", "タカナ", 1),
        ("タナカ", "タナ", 1),
        ("タナカ", "タニカ", 1),
        ("sarah", "srahh", 2),
        ("ab", "ba", 1),
        ("abcd", "badc", 2),
        ("abc", "xyz", 3),
        ("a", "", 1),
        ("abcdef", "abc", 3),
    ],
)
def test_slips_are_counted(one, other, distance):
    assert edits(one, other, 2) == edits(other, one, 2) == distance
    assert edits(one, other, 1) == min(distance, 2)


@pytest.mark.parametrize(
    ("address", "place", "lot"),
    [
        ("京都府京都市中京区架空町一丁目2番3号 花ビル4階", "京都市中京区架空町", "1-2-3"),
        ("京都市中京区架空町1-2-3", "京都市中京区架空町", "1-2-3"),
        ("京都市中京区架空町１丁目２番地３", "京都市中京区架空町", "1-2-3"),
        ("東京都架空区十二丁目5", "架空区", "12-5"),
        ("架空郡夢見町大字花", "架空郡夢見町大字花", ""),
        ("12 Example Street", "EXAMPLESTREET".casefold(), "12"),
        ("", "", ""),
    ],
)
def test_an_address_is_a_place_and_its_numbers(address, place, lot):
    assert split_address(address) == (place, lot)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"name": "髙橋 美穂"}, {"name": "高橋　美穂 様"}, {"family": "same", "given": "same"}),
        ({"name": "高橋美穂"}, {"name": "高橋 美穂"}, {"family": "same", "given": "same"}),
        (
            {"name": "高橋 美穂", "kana": "タカハシ ミホ"},
            {"name": "たかはし みほ"},
            {"family": "reading", "given": "reading"},
        ),
        (
            {"name": "高橋 美穂", "kana": "タカハシ ミホ"},
            {"name": "高橋 美保", "kana": "タカハシ ミホ"},
            {"family": "same", "given": "other_kanji"},
        ),
        (
            {"name": "高橋 美穂", "kana": "タカハシ ミホ"},
            {"name": "高橋 美穂", "kana": "タカハシ ミオ"},
            {"family": "same", "given": "other_reading"},
        ),
        # Sisters: two differences at once are no slip.
        (
            {"name": "高橋 美咲", "kana": "タカハシ ミサキ"},
            {"name": "高橋 美希", "kana": "タカハシ ミキ"},
            {"family": "same", "given": "shared"},
        ),
        ({"name": "美穂 高橋"}, {"name": "高橋 美穂"}, {"family": "swapped"}),
        ({"name": "Sarah Bruhn"}, {"name": "Sara Bruhn"}, {"family": "near", "given": "same"}),
        ({"birth": (1961, 4, 1)}, {"birth": (1961, 4, 1)}, {"birth": "same"}),
        ({"birth": (None, 4, 1)}, {"birth": (1961, 4, 1)}, {"birth": "day"}),
        ({"birth": (1961, 4, 1)}, {"birth": (1961, 1, 4)}, {"birth": "typo"}),
        ({"birth": (1961, 4, 1)}, {"birth": (1916, 4, 1)}, {"birth": "typo"}),
        ({"birth": (1961, 4, 1)}, {"birth": (1985, 4, 1)}, {"birth": "year"}),
        ({"birth": (1961, 4, 1)}, {"birth": (1985, 5, 1)}, {"birth": "different"}),
        ({"phones": ["090-1234-5678"]}, {"phones": ["０７５-０００-０１００", "+81 90 1234 5678"]}, {"phone": "same"}),
        ({"phones": ["090-1234-5678"]}, {"phones": ["090-1234-5687"]}, {"phone": "near"}),
        ({"phones": ["090-1234-5678"]}, {"phones": ["075-000-0100"]}, {"phone": "different"}),
        ({"postal": "604-0000"}, {"postal": "〒６０４００００"}, {"postal": "same"}),
        ({"company": "株式会社架空商事"}, {"company": "架空商事㈱"}, {"company": "same"}),
        ({"email": "A@example.jp"}, {"email": "a@example.jp"}, {"email": "same"}),
        ({"name": "高橋 美穂"}, {"phones": ["090-1234-5678"]}, {}),
    ],
)
def test_what_two_records_have_in_common(one, other, said):
    assert levels(one, other) == said
    assert levels(other, one) == said


TEXTS = st.text(alphabet="高髙橋美穂田中ミホタナカabc -", max_size=8)
PERSONS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    name=TEXTS,
    kana=st.text(alphabet="ミホタナカサ ", max_size=8),
    phones=st.lists(st.text(alphabet="0123456789", min_size=9, max_size=11), max_size=2),
    birth=st.tuples(
        st.none() | st.integers(1900, 2020), st.none() | st.integers(1, 12), st.none() | st.integers(1, 28)
    ),
    postal=st.text(alphabet="0123456789", max_size=7),
    address=TEXTS,
    company=TEXTS,
)


@given(PERSONS, PERSONS)
@settings(max_examples=150, deadline=None)
def test_comparing_is_symmetric(one, other):
    """Who stands first makes no difference, and a probability is one."""
    first, second, model = make_person(1, **one), make_person(2, **other), default_model(1000)
    assert compare(first, second) == compare(second, first)
    assert model.posterior(first, second) == pytest.approx(model.posterior(second, first))
    assert 0 <= model.posterior(first, second) <= 1


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_the_records_makes_no_difference(seed, shuffler):
    persons = [person_of(place, card) for place, card in enumerate(hard_guests(400, seed=seed))]
    found = found_places(persons)
    shuffler.shuffle(persons)
    assert found_places(persons) == found


def test_no_record_is_paired_with_itself():
    """Not even when it gives one key twice, and its twin is there as well."""
    persons = [make_person(key, name="田中 田中", kana="タナカ タナカ", phones=["0900000148"]) for key in (1, 2)]
    assert list(candidate_pairs(persons)) == [(0, 1)]


def test_pairs_do_not_grow_with_the_square_of_a_common_name():
    """A block is cut by what else its records share, and never compared as a whole."""
    chosen = [make_person(key, name="佐藤 健", postal=f"60400{key % 40:02d}") for key in range(800)]
    pairs = candidate_pairs(chosen)
    assert len(pairs) <= 800 * LARGEST_BLOCK
    assert all(chosen[i].postal == chosen[j].postal for i, j in pairs)
    assert len(pairs) == 40 * (20 * 19 // 2)


def test_a_match_says_why():
    """Heaviest first; what speaks against it stands apart."""
    one = make_person(1, name="高橋 美穂", kana="タカハシ ミホ", phones=["09000001482"], birth=(1961, 4, 1))
    other = make_person(2, name="高橋 美穂", kana="タカハシ ミオ", phones=["09000001482"], birth=(1970, 5, 2))
    (match,) = best_matches(one, [other], records=1000)
    assert [reason.code for reason in match.reasons] == ["phone_same", "family_same", "given_other_reading"]
    assert [reason.code for reason in match.doubts] == ["birth_different"]
    weights = [reason.bits for reason in match.reasons]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "高橋 一郎", "kana": "タカハシ イチロウ", "birth": (1960, 1, 9)},
        {"name": "高橋 美咲", "kana": "タカハシ ミサキ", "birth": (1961, 4, 1)},
        {"name": "高橋 美代", "kana": "タカハシ ミヨ"},
    ],
)
def test_relatives_under_one_roof_are_not_one_person(other):
    """Spouse, twin, and somebody of whom no birthday is known."""
    roof: dict[str, Any] = {"phones": ["0750000100"], "postal": "6040000", "address": "京都市中京区架空町1-2-3"}
    guest = make_person(1, name="高橋 美穂", kana="タカハシ ミホ", birth=(1961, 4, 1), **roof)
    (match,) = best_matches(guest, [make_person(2, **other, **roof)], records=3000)
    assert match.probability < 0.5


def test_a_successor_in_the_post_is_not_one_person():
    post: dict[str, Any] = {
        "phones": ["0310000100"],
        "company": "架空商事",
        "title": "総務部長",
        "email": "info@example.jp",
    }
    guest = make_person(1, name="高橋 美穂", **post)
    (match,) = best_matches(guest, [make_person(2, name="森 葉", **post)], records=3000)
    assert match.probability < 0.01


def test_a_name_alone_is_never_sure():
    guest = make_person(1, name="高橋 美穂", kana="タカハシ ミホ")
    for records in (50, 1000, 300_000):
        (match,) = best_matches(guest, [make_person(2, name="高橋 美穂", kana="タカハシ ミホ")], records=records)
        assert match.probability < 0.99


@pytest.mark.parametrize(("count", "seed", "duplicates"), [(3000, 1, 0.1), (6000, 3, 0.05), (1500, 4, 0.2)])
def test_the_hard_set(count, seed, duplicates):
    """Families, twins, successors and namesakes: precise, and most of the true ones are found."""
    cards = hard_guests(count, seed=seed, duplicates=duplicates)
    truth = true_pairs(cards)
    found = found_places(person_of(place, card) for place, card in enumerate(cards))
    assert len(found & truth) / len(found) >= 0.98
    assert len(found & truth) / len(truth) >= 0.6


def test_the_hard_set_of_a_small_house():
    """Too few guests to learn from: the usual weights."""
    right = wrong = true = 0
    for seed in range(6):
        cards = hard_guests(200, seed=seed)
        truth = true_pairs(cards)
        found = found_places(person_of(place, card) for place, card in enumerate(cards))
        right, wrong, true = right + len(found & truth), wrong + len(found - truth), true + len(truth)
    assert right / (right + wrong) >= 0.98
    assert right / true >= 0.6


def test_a_usual_house():
    cards = usual_guests(4000, seed=6)
    truth = true_pairs(cards)
    found = found_places(person_of(place, card) for place, card in enumerate(cards))
    assert len(found & truth) / len(found) >= 0.98
    assert len(found & truth) / len(truth) >= 0.65


# --- files of the FEBRL form ------------------------------------------------------------------------------------------


def written(folder, rows, name="people.csv"):
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writerow({column: f" {column}" for column in COLUMNS})
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("people", "duplicates", "most", "slips", "without", "precision", "recall"),
    [
        (800, 1200, 5, 4, (), 0.999, 0.99),
        (800, 1200, 5, 4, ("soc_sec_id",), 0.995, 0.985),
        (800, 1200, 5, 4, ("soc_sec_id", "date_of_birth"), 0.99, 0.97),
        (1500, 500, 3, 8, ("soc_sec_id", "date_of_birth"), 0.99, 0.9),
        (400, 400, 1, 3, ("soc_sec_id",), 0.995, 0.985),
    ],
)
def test_people_entered_several_times(people, duplicates, most, slips, without, precision, recall):
    """Sets of our own in the form of FEBRL, with many duplicates of a person or many slips."""
    rows = febrl_rows(people, duplicates, most=most, slips=slips, seed=people)
    done = evaluate([rows], without)
    assert done.records == people + duplicates
    assert done.precision is not None
    assert done.recall is not None
    assert done.precision >= precision
    assert done.recall >= recall


def test_between_two_files_only_links_count():
    rows = febrl_rows(600, 900, most=3, slips=4, seed=2)
    originals = [row for row in rows if row["rec_id"].endswith("org")]
    others = [row for row in rows if not row["rec_id"].endswith("org")]
    done = evaluate([originals, others], ("soc_sec_id",))
    assert done.records == 1500
    assert done.recall is not None
    assert done.recall >= 0.98
    assert 882 <= done.pairs <= 900  # one for each duplicate; duplicates among themselves are no links


def test_nothing_to_find_is_no_figure():
    """No division by zero, and no 1.0 that nobody earned."""
    done = evaluate([febrl_rows(20, 0, most=1, slips=1, seed=1)])
    assert (done.pairs, done.precision, done.recall) == (0, None, None)


def test_the_truth_is_not_looked_at(tmp_path):
    """Another numbering gives the same pairs."""
    rows = febrl_rows(300, 200, most=2, slips=3, seed=5)
    renamed = [row | {"rec_id": f"rec-{number}-org"} for number, row in enumerate(rows)]
    assert evaluate([rows]).pairs == evaluate([renamed]).pairs


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,age\nx,1\n", "people.csv has no column rec_id."),
        (b"rec_id, given_name\n", "people.csv has no rows."),
        (b"", "people.csv has no column rec_id."),
        (b"rec_id, given_name\n17, sarah\n", "people.csv, row 2: “17” is not of the form rec-1-org or rec-1-dup-0."),
        (b"rec_id\nrec-1-org\n\xff\xfe\n", "people.csv is not a CSV file in UTF-8."),
        (None, "people.csv cannot be read: No such file or directory."),
    ],
)
def test_an_unusable_file_is_one_sentence(tmp_path, content, said):
    path = tmp_path / "people.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnusableFile) as raised:
        read_rows(path)
    assert str(raised.value) == said


def test_headings_with_blanks_and_rows_without_everything(tmp_path):
    """As the sets of FEBRL are written; a short row lacks its last cells."""
    path = tmp_path / "people.csv"
    path.write_text("rec_id, given_name, surname\nrec-1-org, sarah, bruhn\nrec-1-dup-0, sarah\n\n", encoding="utf-8")
    rows = read_rows(path)
    assert [row["rec_id"] for row in rows] == ["rec-1-org", "rec-1-dup-0"]
    assert evaluate([rows]).records == 2


@pytest.mark.parametrize("written", ["19750327", "1975-03-27"])
def test_a_birthday_of_eight_digits_or_with_hyphens_counts(written):
    one = {"rec_id": "rec-1-org", "given_name": "sarah", "surname": "bruhn", "date_of_birth": written}
    person = _person(0, one, ["given_name", "surname", "date_of_birth"], [])
    assert (person.year, person.month, person.day) == (1975, 3, 27)


def test_further_fields_are_compared_as_they_come():
    assert [field.name for field in fields_with(["state"])] == [*(field.name for field in FIELDS), "state"]


def test_the_command_prints_one_object(tmp_path, capsys):
    """The contract of the command line, for one file and for two."""
    from django.core.management import CommandError, call_command

    rows = febrl_rows(300, 200, most=2, slips=3, seed=5)
    path, other = written(tmp_path, rows), written(tmp_path, rows[:50], "other.csv")
    call_command("evaluate_matching", str(path), "--without", "soc_sec_id,date_of_birth", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"records", "pairs", "precision", "recall", "seconds"}
    assert answer["records"] == 500
    call_command("evaluate_matching", str(path), str(other), "--json")
    assert json.loads(capsys.readouterr().out)["records"] == 550
    # A column of the form that this file does not have is left out already.
    call_command("evaluate_matching", str(path), "--without", "soc_sec_id,phone_number,age,suburb", "--json")
    assert json.loads(capsys.readouterr().out)["records"] == 500
    for arguments in ([str(tmp_path / "none.csv")], [str(path), "--without", "shoe_size"]):
        with pytest.raises(CommandError) as refused:
            call_command("evaluate_matching", *arguments, "--json")
        assert refused.value.returncode == 2
    assert capsys.readouterr().out == ""
