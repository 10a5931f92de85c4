"""The command: one JSON object on stdout, sentences on stderr, three exit codes."""

import json
import os

import pytest
from django.core.management import call_command
from django.utils.translation import override

from integrations.models import ActualDocument, Source
from tests.factories.accounts import VenueFactory
from tests.integrations.sources.files import MAP, good_rows, mapped_source, row, write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code: object = 0
        try:
            call_command("pull_actuals", *arguments)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def map_file(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(MAP, encoding="utf-8")
    return path


def test_new_source_keeps_its_map(run, tmp_path, map_file):
    venue = VenueFactory.create()
    file = write_csv(tmp_path / "a.csv", [row("A"), row("B", code="C2")], encoding="cp932")
    code, out, err = run("--file", str(file), "--map", str(map_file), "--source", "販売", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "source": "販売",
        "documents": 2,
        "lines": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "errors": 0,
        "amount_total": "32000",
        "unmatched_partners": 2,
    }
    source = Source.objects.get(name="販売")
    assert (source.map_text, source.default_venue) == (MAP, venue)
    code, out, err = run("--file", str(file), "--source", "販売", "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, 2)


def test_documents_set_aside_end_with_one(run, tmp_path, map_file):
    file = write_csv(tmp_path / "a.csv", [*good_rows(30), row("X", price="一万円")])
    code, out, err = run("--file", str(file), "--map", str(map_file), "--source", "販売", "--json")
    assert code == 1
    assert (json.loads(out)["errors"], json.loads(out)["created"]) == (1, 30)
    assert "一万円" in err
    assert "32" in err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (MAP, "一万円"),
        (MAP + "colour = '色'\n", "colour"),
        (MAP.replace("単価", "値段"), "値段"),
        (MAP.replace('date = "売上日"', ""), "date"),
        ("[columns", "TOML"),
    ],
)
def test_unusable_file_or_map_ends_with_two_and_writes_nothing(run, tmp_path, map_file, content, expected):
    map_file.write_text(content, encoding="utf-8")
    file = write_csv(tmp_path / "a.csv", [row("A"), row("X", price="一万円")])
    code, out, err = run("--file", str(file), "--map", str(map_file), "--source", "販売", "--json")
    assert (code, out) == (2, "")
    assert expected in err
    assert len(err.strip().splitlines()) == 1
    assert not Source.objects.exists()
    assert not ActualDocument.objects.exists()


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 neither"])
def test_text_named_xlsx(run, tmp_path, map_file, content):
    file = tmp_path / "a.xlsx"
    file.write_bytes(content)
    code, out, err = run("--file", str(file), "--map", str(map_file), "--source", "販売", "--json")
    assert (code, out) == (2, "")
    assert "a.xlsx" in err


@pytest.mark.parametrize(
    "arguments", [["--file", "nowhere.csv", "--source", "販売"], ["--source", "販売"], ["unknown"]]
)
def test_wrong_arguments_end_with_two(run, arguments):
    code, out, err = run(*arguments, "--json")
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1


def test_sources_by_name_and_all_active_ones(run, settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    write_csv(tmp_path / "a.csv", good_rows(2))
    one = mapped_source(location="a.csv", name="一")
    mapped_source(location="a.csv", name="二", is_active=False)
    code, out, err = run("--json")
    assert (code, [each["source"] for each in json.loads(out)["sources"]]) == (0, [one.name])
    code, out, err = run("二", "一", "--json")
    assert [(each["source"], each["created"], each["unchanged"]) for each in json.loads(out)["sources"]] == [
        ("二", 2, 0),
        ("一", 0, 2),
    ]


def test_one_source_that_fails_does_not_stop_the_others(run, settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    write_csv(tmp_path / "a.csv", good_rows(2))
    mapped_source(location="a.csv", name="一")
    mapped_source(location="nowhere.csv", name="二")
    code, out, err = run("--json")
    assert code == 1
    assert "error" in json.loads(out)["sources"][1]
    assert "nowhere.csv" in err
    code, out, err = run("二", "--json")
    assert (code, out) == (2, "")


def test_folder_is_one_entry(run, settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    write_csv(tmp_path / "a.csv", good_rows(2))
    write_csv(tmp_path / "b.csv", good_rows(3, first=2000))
    mapped_source(location=".")
    code, out, err = run("--json")
    [entry] = json.loads(out)["sources"]
    assert (entry["documents"], entry["amount_total"]) == (5, "80000")


def test_files_before_a_refused_one_are_reported_beside_the_error(run, settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    for name, rows, seconds in (("a.csv", good_rows(2), 1000), ("b.csv", [row("X", price="一万円")], 2000)):
        os.utime(write_csv(tmp_path / name, rows), (seconds, seconds))
    mapped_source(location=".")
    code, out, err = run("--json")
    [entry] = json.loads(out)["sources"]
    assert (code, entry["documents"], entry["created"], entry["amount_total"]) == (1, 2, 2, "32000")
    assert "一万円" in entry["error"]
    assert err == f"{entry['error']}\n"
    # Now nothing stands before the refused file: nothing is written.
    assert run("--json") == (2, "", err)
    assert ActualDocument.objects.count() == 2


def test_without_json_it_is_said_in_a_line(run, tmp_path, map_file):
    file = write_csv(tmp_path / "a.csv", good_rows(2))
    code, out, err = run("--file", str(file), "--map", str(map_file), "--source", "販売")
    assert "amount_total: 32000" in out


@pytest.mark.parametrize(
    ("constants", "said"),
    [
        ('currency = "POUND"', "currency"),
        ('cost = "abc"', "cost"),
        ('venue = "nowhere"', "venue"),
        ("tax = 0.00001\ncurrency = 3", "currency"),
    ],
)
def test_a_constant_that_no_row_could_use_is_a_fault_of_the_map(run, tmp_path, constants, said):
    (tmp_path / "map.toml").write_text(f"{MAP}[constants]\n{constants}\n", encoding="utf-8")
    file = write_csv(tmp_path / "a.csv", [row("A")])
    with override("en"):
        code, out, err = run("--file", str(file), "--map", str(tmp_path / "map.toml"), "--source", "販売", "--json")
    assert (code, out) == (2, "")
    assert err.startswith(f"the constant “{said}” of the map cannot be used: ")
    assert len(err.splitlines()) == 1
    assert not Source.objects.exists()


def test_a_name_that_no_source_can_have_is_one_sentence(run, tmp_path, map_file):
    file = write_csv(tmp_path / "a.csv", [row("A")])
    code, out, err = run("--file", str(file), "--map", str(map_file), "--source", "販" * 81, "--json")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert not Source.objects.exists()
