"""manage.py import_ledger --target visits: whose visit, when, what they had; the same file twice changes nothing."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.utils import timezone, translation

from crm_project.core.accounts.models import User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Company, Customer
from integrations.ledgers.target_imports import apply_target, import_target
from integrations.models import LedgerImport, LedgerRow
from integrations.visit_ledgers.importing import VISIT_LEDGERS
from menus.models import Dish
from tests.factories.accounts import VenueFactory
from tests.factories.customers import CustomerFactory
from tests.factories.visits import RoomFactory, VisitFactory
from tests.integrations.ledgers.commands import counts
from tests.integrations.ledgers.commands import run as ledger_command
from visits.choices import VisitStatus
from visits.models import Attendance, BookingSource, Complaint, FollowUp, Note, NoteCategory, Occupancy, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
TOKYO = ZoneInfo("Asia/Tokyo")
HEADINGS = "来店日,時間,顧客番号,氏名,電話番号,会社名,人数,部屋,目的,料理,金額,備考"
ROWS = """H30.4.1,18:30,1,山田 太郎,090-1234-5678,㈱東和精密,4名,桔梗,接待,鯛の刺身、松茸土瓶蒸し,48000,床の間を背に
R1.5.10,昼,1,山田 太郎,,,2,,家族,,12000,
2024/11/03,19:00,,小川 翔,090-1111-2222,,大人3 子供1,桔梗の間,七五三,おまかせ,,
"""


@pytest.fixture
def venue():
    return VenueFactory.create(code="HON", name="本店")


run = partial(ledger_command, "visits")


def test_guests_companies_visits_dishes_and_notes_come_from_one_file(write, venue):
    room = RoomFactory.create(venue=venue, name="桔梗")
    file = write(f"{HEADINGS}\n{ROWS}")

    code, answer, said = run(file)
    assert (code, said) == (0, "")
    assert counts(answer) == [3, 3, 0, 0, 0]
    assert (answer["visits_created"], answer["customers_created"], answer["visits_total"]) == (3, 2, 3)
    assert 'date = "来店日"' in answer["map"]

    first, second, third = Visit.objects.order_by("starts_at")
    assert first.starts_at == datetime(2018, 4, 1, 18, 30, tzinfo=TOKYO)
    assert (first.business_date, first.room, first.party_size, first.purpose) == (date(2018, 4, 1), room, 4, "hosting")
    assert first.status == "completed"
    assert first.amount == 48000
    assert first.ends_at == first.starts_at + timedelta(minutes=150)
    assert [str(row) for row in first.attendances.all()] == ["山田 太郎"]
    assert sorted(first.served_dishes.values_list("dish__name", flat=True)) == ["松茸土瓶蒸し", "鯛の刺身"]
    assert [(note.asked_as, note.text) for note in first.notes.all()] == [("台帳の記載", "床の間を背に")]
    assert second.starts_at == datetime(2019, 5, 10, 12, 0, tzinfo=TOKYO)
    assert second.ends_at is None
    assert (third.party_size, third.purpose, third.room) == (4, "celebration", room)

    guest = Customer.objects.get(code="1")
    assert (guest.company, guest.visit_count, guest.last_visit_on) == (Company.objects.get(), 2, date(2019, 5, 10))
    assert guest.known_at.get() == venue
    told = TimelineEntry.objects.about(guest)
    assert {entry.kind for entry in told} == {"visit", "note"}
    # Nothing that is long over waits for anybody.
    assert not FollowUp.objects.exists()
    assert not Occupancy.objects.exists()


def test_the_same_file_twice_changes_nothing(write, venue):
    RoomFactory.create(venue=venue, name="桔梗")
    file = write(f"{HEADINGS}\n{ROWS}")
    run(file)
    trail = AuditEntry.objects.count()

    code, answer, said = run(file)
    assert (code, counts(answer), said) == (0, [3, 0, 0, 3, 0], "")
    assert Visit.objects.count() == 3
    assert Note.objects.count() == 1
    assert AuditEntry.objects.count() == trail + 1  # the import itself


def test_a_dry_run_says_the_same_and_writes_nothing(write, venue):
    file = write(f"{HEADINGS}\n{ROWS}")
    _code, dry, _said = run(file, "--dry-run")
    assert not Visit.objects.exists()
    assert not Customer.objects.exists()
    assert not Dish.objects.exists()
    assert not LedgerImport.objects.exists()
    _code, wet, _said = run(file)
    assert (dry.pop("import_id"), wet.pop("import_id")) == (None, LedgerImport.objects.get().pk)
    assert dry == wet


def test_next_months_copy_brings_what_is_new_and_what_changed(write, venue):
    run(write(f"{HEADINGS}\n{ROWS}"))
    changed = ROWS.replace("4名", "5名").replace("松茸土瓶蒸し", "松茸土瓶蒸し、栗ご飯")
    _code, answer, _said = run(write(f"{HEADINGS}\n{changed}2025/1/5,18:00,1,山田 太郎,,,2,,,,,\n"))
    assert counts(answer) == [4, 1, 1, 2, 0]
    visit = Visit.objects.earliest("starts_at")
    assert (visit.party_size, visit.served_dishes.count()) == (5, 3)
    assert visit.version > 1
    entry = AuditEntry.objects.filter(subject_type="visits.visit", action="changed").get()
    assert entry.changes == {"party_size": [4, 5], "dishes": [None, "栗ご飯"]}


def test_what_people_changed_since_stays_when_the_ledger_says_nothing_new(write, venue):
    file = write(f"{HEADINGS}\n{ROWS}")
    run(file)
    visit = Visit.objects.earliest("starts_at")
    Visit.objects.filter(pk=visit.pk).update(party_size=7, purpose="other")
    visit.served_dishes.filter(dish__name="鯛の刺身").delete()
    assert counts(run(file)[1]) == [3, 0, 0, 3, 0]
    visit.refresh_from_db()
    assert (visit.party_size, visit.served_dishes.count()) == (7, 1)


def test_columns_that_stand_several_times_are_visits_of_one_guest(write, venue):
    text = (
        "氏名,電話,来店日1,人数1,料理1,来店日2,人数2,料理2,来店日3\n"
        "山田 太郎,090-1234-5678,2023/4/1,4,鯛,2024/4/1,2,蟹,\n"
        "小川 翔,090-1111-2222,2022/1/1,,,,,,\n"
        "北村 健,090-3333-4444,,,,,,,\n"
    )
    code, answer, said = run(write(text))
    assert (code, said) == (0, "")
    assert counts(answer) == [3, 3, 0, 0, 0]
    assert (answer["visits_created"], answer["customers_created"]) == (3, 3)
    assert "[groups.visits]" in answer["map"]
    guest = Customer.objects.get(name="山田 太郎")
    assert list(
        Visit.objects.filter(attendances__customer=guest).order_by("starts_at").values_list("party_size", flat=True)
    ) == [4, 2]
    row = LedgerRow.objects.get(customer=guest)
    assert [visit["day"] for visit in row.changes["visits"]] == ["2023-04-01", "2024-04-01"]
    assert counts(run(write(text))[1]) == [3, 0, 0, 3, 0]


def test_bookings_ahead_take_their_room_when_it_is_free(write, venue):
    room = RoomFactory.create(venue=venue, name="桔梗")
    RoomFactory.create(venue=venue, name="萩")
    day = timezone.localdate() + timedelta(days=20)
    text = (
        "予約日,予約時間,氏名,電話,人数,部屋,予約番号,ステータス\n"
        f"{day},18:00,山田 太郎,090-1234-5678,4,桔梗,A-1,確定\n"
        f"{day},19:00,小川 翔,090-1111-2222,4,桔梗,A-2,\n"
        f"{day},19:00,北村 健,090-3333-4444,4,萩,A-3,キャンセル\n"
    )
    code, answer, said = run(write(text))
    assert (code, counts(answer)) == (0, [3, 3, 0, 0, 0])
    assert "3: kept without a room: " in said
    one, two, three = Visit.objects.order_by("outside_id")
    assert (one.status, one.room) == (VisitStatus.RESERVED, room)
    assert (two.status, two.room) == (VisitStatus.RESERVED, None)
    assert (three.status, three.cancel_reason) == (VisitStatus.CANCELLED, "other")
    assert set(Occupancy.objects.values_list("visit", flat=True)) == {one.pk}
    assert run(write(text))[1]["unchanged"] == 3


def test_a_booking_keeps_its_number_when_its_day_moves(write, venue):
    head = "予約日,予約時間,氏名,電話,人数,予約番号\n"
    run(write(head + "2024/5/1,18:00,山田 太郎,090-1234-5678,4,A-1\n"))
    _code, answer, _said = run(write(head + "2024/5/2,18:00,山田 太郎,090-1234-5678,4,A-1\n"))
    assert counts(answer) == [1, 0, 1, 0, 0]
    assert Visit.objects.get().business_date == date(2024, 5, 2)


def test_a_booking_whose_day_has_come_took_place(write, venue):
    guest = CustomerFactory.create(name="山田 太郎", code="1")
    visit = VisitFactory.create(
        venue=venue, guests=[guest], status="reserved", starts_at=datetime(2024, 5, 1, 18, 0, tzinfo=TOKYO)
    )
    _code, answer, _said = run(write("来店日,顧客番号\n2024-05-01,1\n"))
    assert counts(answer) == [1, 0, 1, 0, 0]
    visit.refresh_from_db()
    assert visit.status == VisitStatus.COMPLETED
    assert Visit.objects.count() == 1


def test_a_visit_that_was_recorded_here_is_recognised_by_guest_and_day(write, venue):
    guest = CustomerFactory.create(name="山田 太郎", code="1")
    visit = VisitFactory.create(venue=venue, guests=[guest], starts_at=datetime(2024, 5, 1, 18, 0, tzinfo=TOKYO))
    _code, answer, _said = run(write("来店日,顧客番号,人数\n2024-05-01,1,6\n"))
    assert counts(answer) == [1, 0, 1, 0, 0]
    visit.refresh_from_db()
    assert visit.party_size == 6


def test_two_visits_of_one_day_are_told_apart_by_their_time(write, venue):
    text = "来店日,時間,顧客番号,氏名\n2024-05-01,昼,1,山田 太郎\n2024-05-01,夜,1,山田 太郎\n"
    assert counts(run(write(text))[1]) == [2, 2, 0, 0, 0]
    assert counts(run(write(text))[1]) == [2, 0, 0, 2, 0]
    code, answer, said = run(write("来店日,顧客番号,人数\n2024-05-01,1,3\n"))
    assert (code, counts(answer)) == (1, [1, 0, 0, 0, 1])
    assert said == "2: the guest has 2 visits on that day: write the time or the room\n"


def test_two_rows_that_contradict_each_other_are_both_named(write, venue):
    text = "来店日,顧客番号,氏名,人数\n2024-05-01,1,山田 太郎,3\n2024-05-01,1,山田 太郎,4\n2024-05-01,1,山田 太郎,3\n"
    code, answer, said = run(write(text))
    assert (code, counts(answer)) == (1, [3, 1, 0, 1, 1])
    assert said == "3: rows 2 and 3 are the same visit but differ: write the time or the room of each\n"


def test_what_no_field_takes_is_kept_among_the_words_of_the_ledger(write, venue):
    text = "来店日,時間,氏名,人数,部屋,目的,コース,係,金額,経路,備考\n2024-05-01,夕刻,山田 太郎,数名,松の間,内覧,松会席,佐藤,時価,雑誌,窓側\n"
    code, answer, said = run(write(text.replace("経路", "予約経路")))
    assert (code, answer["created"], answer["warnings"]) == (0, 1, 1)
    assert "“数名” does not say how many come" in said
    with translation.override("ja"):
        note = Note.objects.get()
    assert note.text.splitlines()[0] == "窓側"
    for words in ("夕刻", "数名", "松の間", "内覧", "松会席", "佐藤", "時価", "雑誌"):
        assert words in note.text, words
    line = NoteCategory.objects.get(code="from_ledger")
    assert (line.is_active, line.is_table_talk) == (False, True)


def test_a_sum_that_cannot_be_read_stays_on_its_row_where_those_read_it_who_may_see_sums(write, venue):
    _code, answer, said = run(write("来店日,氏名,金額,備考\n2024-05-01,山田 太郎,@12000円,窓側\n"))
    assert "@12000円" in said
    assert (answer["created"], Note.objects.get().text) == (1, "窓側")
    assert "@12000円" in (LedgerRow.objects.get().cells or [])


def test_lines_of_the_check_sheet_take_their_columns(write, venue, tmp_path):
    map_file = tmp_path / "map.toml"
    map_file.write_text(
        '[columns]\nname = "氏名"\ndate = {year = "年", month = "月", day = "日"}\namount = {product = ["単価", "人数"]}\n'
        'people = "人数"\n[notes]\nご要望 = "希望"\ncomplaint = "お叱り"\n[constants]\nsource = "ご紹介"\n',
        encoding="utf-8",
    )
    BookingSource.objects.get_or_create(name="ご紹介")
    text = "年,月,日,氏名,人数,単価,希望,お叱り\n平成30,4,1,山田 太郎,4名,12000,椅子席,なし\n平成30,5,1,山田 太郎,2,10000,,料理が遅い\n"
    code, answer, said = run(write(text), "--map", str(map_file))
    assert (code, said, counts(answer)) == (0, "", [2, 2, 0, 0, 0])
    assert "map" not in answer
    first, second = Visit.objects.order_by("starts_at")
    assert (first.business_date, str(first.source)) == (date(2018, 4, 1), "ご紹介")
    assert first.amount == 48000
    assert [(note.category.code, note.text) for note in first.notes.all()] == [("requests", "椅子席")]
    assert [(note.category.code, note.text) for note in second.notes.all()] == [("complaint", "料理が遅い")]
    complaint = Complaint.objects.get()
    assert (complaint.state, complaint.visit, complaint.what) == ("settled", second, "料理が遅い")


def test_one_sheet_a_year_is_one_ledger_whose_days_take_the_year_of_their_sheet(venue, tmp_path):
    path = tmp_path / "visits.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for sheet, rows in (
            ("2023年", [["1", "山田 太郎", "4/1", 3]]),
            ("R6", [["1", "山田 太郎", "4月1日", 4], ["2", "小川 翔", "5/6", 2]]),
        ):
            page = book.add_worksheet(sheet)
            for number, cells in enumerate([["顧客番号", "氏名", "月日", "人数"], *rows]):
                page.write_row(number, 0, cells)
    map_file = tmp_path / "map.toml"
    map_file.write_text(
        '[columns]\ncode = "顧客番号"\nname = "氏名"\ndate = "月日"\npeople = "人数"\nvisit_note = {sheet = true}\n'
        '[sheets."2023年".constants]\nyear = 2023\n[sheets.R6.constants]\nyear = "R6"\n',
        encoding="utf-8",
    )
    code, answer, said = run(str(path), "--map", str(map_file))
    assert (code, said, counts(answer)) == (0, "", [3, 3, 0, 0, 0])
    days = Visit.objects.order_by("business_date").values_list("business_date", "party_size", "notes__text")
    assert list(days) == [
        (date(2023, 4, 1), 3, "2023年"),
        (date(2024, 4, 1), 4, "R6"),
        (date(2024, 5, 6), 2, "R6"),
    ]
    assert counts(run(str(path), "--map", str(map_file))[1]) == [3, 0, 0, 3, 0]
    assert counts(run(str(path), "--map", str(map_file), "--sheet", "R6")[1]) == [2, 0, 0, 2, 0]


def test_allergies_said_at_a_visit_stand_on_the_card(write, venue):
    run(write("来店日,顧客番号,氏名,アレルギー\n2023-05-01,1,山田 太郎,卵\n2024-05-01,1,山田 太郎,卵、えび\n"))
    guest = Customer.objects.get()
    assert guest.allergy_state == "listed"
    assert sorted(guest.allergies.values_list("allergen__code", flat=True)) == ["egg", "shrimp"]


def test_a_guest_of_many_rows_gets_one_card(write, venue):
    text = (
        "来店日,氏名,電話番号,会社名\n2021-05-01,山田 太郎,090-1234-5678,\n2022-05-01,山田太郎,090-1234-5678,㈱東和精密\n"
        "2023-05-01,山田 太郎,090-1234-5678,三松商事㈱\n"
    )
    code, answer, said = run(write(text))
    assert (code, answer["customers_created"], answer["visits_created"]) == (0, 1, 3)
    guest = Customer.objects.get()
    assert "東和精密" in str(guest.company)
    assert said == "4: company: row 2 of the same guest says something else, and stands on the card\n"


def test_rows_that_cannot_be_used_are_set_aside_whole(write, venue):
    CustomerFactory.create(name="山田 太郎", code="7")
    CustomerFactory.create(name="北村 健", code=None)
    CustomerFactory.create(name="北村 健", code=None)
    text = (
        "来店日,顧客番号,氏名,電話番号\nいつか,1,小川 翔,\n,2,小川 翔,\n2024-05-01,,,\n2024-05-01,99,,\n2024-05-01,,北村 健,\n"
        "2099-05-01,3,小川 翔,\n2024-05-01,7,,\n"
    )
    code, answer, said = run(write(text))
    assert (code, counts(answer)) == (1, [7, 1, 0, 0, 6])
    lines = said.splitlines()
    assert [line.split(":")[0] for line in lines] == ["2", "3", "4", "5", "6", "7"]
    assert "the day of the visit is blank" in lines[1]
    assert "the name is blank" in lines[2]
    assert "no guest has the code “99”" in lines[3]
    assert "may be any of 2 guests" in lines[4]
    assert "no day of a visit" in lines[5]
    assert Visit.objects.count() == 1
    assert Attendance.objects.get(customer__code="7")


def test_a_house_without_a_venue_or_with_several_says_so(write):
    file = write("来店日,氏名\n2024-05-01,山田 太郎\n")
    assert run(file) == (2, None, "the house has no venue yet: enter it under Settings first")
    VenueFactory.create(code="A", name="本店")
    VenueFactory.create(code="B", name="別館")
    code, _answer, said = run(file)
    assert code == 2
    assert "several venues" in said
    assert "本店 (A), 別館 (B)" in said
    text = "来店日,氏名,店舗\n2024-05-01,山田 太郎,別館\n2024-05-01,小川 翔,支店\n"
    code, answer, said = run(write(text))
    assert (code, counts(answer), said) == (1, [2, 1, 0, 0, 1], "3: the house has no venue “支店”\n")
    assert Visit.objects.get().venue.code == "B"


def test_an_import_that_was_killed_goes_on_behind_its_last_batch(write, venue, monkeypatch):
    monkeypatch.setattr(VISIT_LEDGERS, "batch_rows", 2, raising=False)
    rows = "".join(f"2024-05-{day:02d},,山田 太郎,090-1234-5678,{day}\n" for day in range(1, 8))
    text = "来店日,顧客番号,氏名,電話番号,人数\n" + rows + "2024-05-01,,山田 太郎,090-1234-5678,1\n"
    file = VISIT_LEDGERS.file(Path(write(text)), "visits.csv")
    by = User.objects.system()
    written = 0

    def die(planned, reader):
        nonlocal written
        written += len(planned)
        if written == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_target(VISIT_LEDGERS, file=file, by=by, on_batch=die)
    ledger_import = LedgerImport.objects.get()
    assert (ledger_import.applied_to_row, ledger_import.created, Visit.objects.count()) == (5, 4, 4)
    with file.opened_whole() as ledger:
        outcome = apply_target(VISIT_LEDGERS, ledger_import, file.name, ledger, by=by)
    assert [outcome.counts[name] for name in ("rows", "created", "unchanged", "errors")] == [8, 7, 1, 0]
    assert Visit.objects.count() == 7
    assert Customer.objects.get().visit_count == 7
    assert LedgerRow.objects.count() == 8


def test_a_mark_for_the_same_as_above_counts_in_every_column(write, venue):
    RoomFactory.create(venue=venue, name="桔梗")
    file = write(
        "来店日,顧客番号,氏名,人数,部屋,金額\n2024/5/1,1,山田 太郎,4,桔梗,5万円\n〃,2,小川 翔,2,同上,〃\n,3,北村 健,2,,\n〃,4,森 さくら,2,,\n"
    )
    _code, answer, said = run(file)
    assert counts(answer) == [4, 2, 0, 0, 2]  # nothing stands above the last one, whose neighbour has no day
    assert said.count("the day of the visit is blank") == 1
    visits = Visit.objects.filter(business_date=date(2024, 5, 1), room__name="桔梗", amount=50_000)
    assert (visits.count(), Visit.objects.count()) == (2, 2)
    row = LedgerRow.objects.get(row_number=3)
    assert [(one["field"], one["kind"], one["before"], one["after"]) for one in row.messages] == [
        ("date", "above", "〃", "2024/5/1"), ("room", "above", "同上", "桔梗"), ("amount", "above", "〃", "5万円"),
    ]  # fmt: skip


def test_days_with_the_year_last_are_read_in_the_order_of_their_column(write, venue):
    file = write("date,name,phone\n10/3/2024,Ken Tanaka,\n10/19/2024,Anna Lee,\n")
    code, answer, _said = run(file)
    assert (code, counts(answer)) == (0, [2, 2, 0, 0, 0])
    assert list(Visit.objects.order_by("starts_at").values_list("business_date", flat=True)) == [
        date(2024, 10, 3),
        date(2024, 10, 19),
    ]
    told = LedgerRow.objects.get(row_number=2).messages
    assert "“10/3/2024” was read as 2024-10-03, in the order of its column" in [one["message"] for one in told]
