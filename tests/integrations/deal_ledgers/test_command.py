"""manage.py import_ledger --target deals: running banquets with their log of contacts; the same file twice changes nothing."""

from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_project.core.accounts.models import User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import Thread
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Company, Customer
from deals.models import Activity, Deal, StageChange
from integrations.deal_ledgers.importing import DEAL_LEDGERS
from integrations.ledgers.target_imports import apply_target, import_target
from integrations.models import LedgerImport, LedgerRow
from tests.factories.accounts import UserFactory, VenueFactory
from tests.integrations.ledgers.commands import counts
from tests.integrations.ledgers.commands import run as ledger_command

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
TOKYO = ZoneInfo("Asia/Tokyo")
HEADINGS = "会社名,先方担当,宴会名,開催日,人数,見積金額,状況,営業担当,問い合わせ日,連絡日,対応者,連絡内容"
ROWS = """㈱東和精密,佐野,創立記念祝賀会,2027/3/20,80名,1200000,見積提出,桐山 葵,R8.9.1,2026/9/1,桐山 葵,お電話でお問い合わせ
,,,,,,,,,2026/9/8,桐山 葵,下見にお越し
,,,,,,,,,2026/9/20,前任の森,お見積りを送付
,村井,還暦のお祝い,来春,12,,,,,,,
三松商事,,忘年会,2026/12/11,,,失注,,,2026/10/1,,他社に決定
"""


@pytest.fixture
def venue():
    UserFactory.create(display_name="桐山 葵")
    return VenueFactory.create(code="HON", name="本店")


run = partial(ledger_command, "deals")


def test_inquiries_come_with_their_contacts(write, venue):
    code, answer, said = run(write(f"{HEADINGS}\n{ROWS}"))
    assert (code, said) == (0, "")
    assert counts(answer) == [5, 5, 0, 0, 0]
    assert (answer["deals_created"], answer["contacts_created"], answer["customers_created"]) == (3, 4, 0)

    party, birthday, lost = Deal.objects.order_by("pk")
    assert (party.title, party.company, party.contact_text) == (
        "創立記念祝賀会",
        Company.objects.get(name__contains="東和精密"),
        "佐野",
    )
    assert (party.event_date, party.party_size, party.stage) == (date(2027, 3, 20), 80, "proposal")
    assert party.amount == 1_200_000
    assert str(party.owner) == "桐山 葵"
    assert (party.created_at, party.moved_at) == (
        datetime(2026, 9, 1, 12, tzinfo=TOKYO),
        datetime(2026, 9, 20, 12, tzinfo=TOKYO),
    )
    log = Activity.objects.filter(deal=party).order_by("at")
    assert [(row.at.date(), str(row.author), row.text) for row in log] == [
        (date(2026, 9, 1), "桐山 葵", "お電話でお問い合わせ"),
        (date(2026, 9, 8), "桐山 葵", "下見にお越し"),
        (date(2026, 9, 20), "Okami", "お見積りを送付（前任の森）"),
    ]
    assert list(StageChange.objects.filter(deal=party).values_list("to_stage", flat=True)) == ["inquiry", "proposal"]
    assert (birthday.event_date, birthday.event_date_text, birthday.party_size) == (None, "来春", 12)
    assert (lost.stage, lost.loss_reason, lost.closed_at) == ("lost", "other", datetime(2026, 10, 1, 12, tzinfo=TOKYO))
    # What runs is told to those who answer; what was lost long ago is not.
    assert set(Thread.objects.values_list("object_id", flat=True)) == {party.pk, birthday.pk}
    assert TimelineEntry.objects.filter(parent_type="deals.deal").count() == 3


def test_the_same_file_twice_changes_nothing(write, venue):
    file = write(f"{HEADINGS}\n{ROWS}")
    run(file)
    trail = AuditEntry.objects.count()
    code, answer, said = run(file)
    assert (code, counts(answer), said) == (0, [5, 0, 0, 5, 0], "")
    assert (Deal.objects.count(), Activity.objects.count()) == (3, 4)
    assert AuditEntry.objects.count() == trail + 1


def test_a_dry_run_says_the_same_and_writes_nothing(write, venue):
    file = write(f"{HEADINGS}\n{ROWS}")
    _code, dry, _said = run(file, "--dry-run")
    assert not Deal.objects.exists()
    assert not Company.objects.exists()
    wet = run(file)[1]
    assert (dry.pop("import_id"), wet.pop("import_id")) == (None, LedgerImport.objects.get().pk)
    assert dry == wet


def test_next_months_copy_moves_stages_and_days_and_adds_contacts(write, venue):
    run(write(f"{HEADINGS}\n{ROWS}"))
    rows = ROWS.replace("見積提出", "成約").replace("2027/3/20", "2027/3/27").replace(",来春", ",2027/4/10")
    rows = rows.replace(",お見積りを送付\n", ",お見積りを送付\n,,,,,,,,,2026/10/2,,ご成約のお電話\n")
    _code, answer, _said = run(write(f"{HEADINGS}\n{rows}"))
    assert counts(answer) == [6, 0, 3, 3, 0]
    deal = Deal.objects.get(title="創立記念祝賀会")
    assert (deal.stage, deal.event_date, deal.activities.count()) == ("won", date(2027, 3, 27), 4)
    assert Deal.objects.get(title="還暦のお祝い").event_date == date(2027, 4, 10)
    assert Deal.objects.count() == 3


def test_what_people_changed_since_stays(write, venue):
    file = write(f"{HEADINGS}\n{ROWS}")
    run(file)
    Deal.objects.filter(title="創立記念祝賀会").update(stage="won", party_size=95, note="窓側で")
    assert counts(run(file)[1]) == [5, 0, 0, 5, 0]
    deal = Deal.objects.get(title="創立記念祝賀会")
    assert (deal.stage, deal.party_size, deal.note) == ("won", 95, "窓側で")


def test_the_year_end_party_of_next_year_is_another(write, venue):
    head = "会社名,宴会名,開催日,人数\n"
    run(write(head + "三松商事,忘年会,2026/12/11,20\n"))
    _code, answer, _said = run(write(head + "三松商事,忘年会,2026/12/11,20\n三松商事,忘年会,2027/12/10,25\n"))
    assert counts(answer) == [2, 1, 0, 1, 0]


def test_contacts_in_repeated_columns_and_a_guest_who_asks(write, venue):
    text = (
        "氏名,電話,件名,希望日,連絡日1,連絡内容1,連絡日2,連絡内容2\n"
        "山田 太郎,090-1234-5678,結納,2027/5/1,2026/11/1,お電話,2026/11/10,ご来店\n"
    )
    code, answer, said = run(write(text))
    assert (code, said, counts(answer)) == (0, "", [1, 1, 0, 0, 0])
    assert "[groups.log]" in answer["map"]
    deal = Deal.objects.get()
    assert (str(deal.customer), deal.activities.count()) == ("山田 太郎", 2)
    assert Customer.objects.get().phones.count() == 1
    assert counts(run(write(text))[1]) == [1, 0, 0, 1, 0]


def test_what_cannot_be_read_is_kept_with_the_inquiry(write, venue):
    text = "会社名,宴会名,人数,見積金額,状況,営業担当,次回連絡日,備考\n三松商事,忘年会,多数,時価,山場,不明の人,そのうち,静かな部屋で\n"
    code, answer, said = run(write(text))
    assert (code, counts(answer), answer["warnings"]) == (0, [1, 1, 0, 0, 0], 1)
    note = Deal.objects.get().note
    for words in ("静かな部屋で", "多数", "時価", "山場", "不明の人", "そのうち"):
        assert words in note, words
    assert run(write(text))[1]["unchanged"] == 1


def test_rows_that_cannot_be_used_are_set_aside(write, venue):
    text = "会社名,宴会名,連絡日,連絡内容\n,,2026/9/1,だれの話\n,祝賀会,,\n三松商事,忘年会,,\n"
    code, answer, said = run(write(text))
    assert (code, counts(answer)) == (1, [3, 1, 0, 0, 2])
    assert said.splitlines() == [
        "2: the row names nobody who asks, and goes on with no inquiry above it",
        "3: the row names nobody who asks: a company, a guest or a name",
    ]


def test_a_file_without_anybody_and_a_house_without_a_venue_write_nothing(write):
    code, answer, said = run(write("宴会名\n忘年会\n"))
    assert (code, answer) == (2, None)
    assert "no heading of the file is known as “company”" in said
    assert run(write("会社名\n三松商事\n")) == (2, None, "the house has no venue yet: enter it under Settings first")


def test_an_import_that_was_killed_goes_on_behind_its_last_batch(write, venue, monkeypatch):
    monkeypatch.setattr(DEAL_LEDGERS, "batch_rows", 2, raising=False)
    file = DEAL_LEDGERS.file(Path(write(f"{HEADINGS}\n{ROWS}")), "deals.csv")
    by = User.objects.system()

    def die(planned, reader):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_target(DEAL_LEDGERS, file=file, by=by, on_batch=die)
    ledger_import = LedgerImport.objects.get()
    assert (ledger_import.applied_to_row, Deal.objects.count(), Activity.objects.count()) == (3, 1, 2)
    with file.opened_whole() as ledger:
        outcome = apply_target(DEAL_LEDGERS, ledger_import, file.name, ledger, by=by)
    assert [outcome.counts[name] for name in ("rows", "created", "errors")] == [5, 5, 0]
    assert (Deal.objects.count(), Activity.objects.count(), LedgerRow.objects.count()) == (3, 4, 5)


def test_a_log_in_one_cell_is_a_contact_for_each_of_its_days(write, venue):
    log = '"12/20 お電話（佐藤）\n1/7：お見積りを送付\n　返事待ち\nR8.1.15(木) 下見"'
    rows = f"会社名,宴会名,問い合わせ日,対応履歴\n㈱東和精密,新年会,R7.12.1,{log}\n三松商事,忘年会,,10-15名様のご相談\n"
    file = write(rows)
    assert counts(run(file)[1]) == [2, 2, 0, 0, 0]
    told = Activity.objects.filter(deal__title="新年会").order_by("pk")
    assert [(one.at.astimezone(TOKYO).date(), one.text) for one in told] == [
        (date(2025, 12, 20), "お電話（佐藤）"),
        (date(2026, 1, 7), "お見積りを送付\n返事待ち"),
        (date(2026, 1, 15), "下見"),
    ]
    assert Activity.objects.get(deal__title="忘年会").text == "10-15名様のご相談"
    assert counts(run(file)[1]) == [2, 0, 0, 2, 0]


def test_a_room_below_the_word_for_a_venue_refuses_no_row(write, venue):
    file = write(
        "開催日,宴会名,会社名,人数,会場,料理単価\n2027-12-01,忘年会,株式会社花,20,鶴の間,8000\n2027-12-02,新年会,株式会社月,10,亀の間,9000\n"
    )
    code, answer, _said = run(file)
    assert (code, counts(answer)) == (0, [2, 2, 0, 0, 0])
    assert (answer["columns_not_taken"], 'product = ["料理単価", "人数"]' in answer["map"]) == (["会場"], True)
