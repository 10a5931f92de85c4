"""From the first call to won or lost; the lost ones stay, with their reason."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import Thread
from crm_project.core.comments.services import answer
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.timeline.models import TimelineEntry
from customers.conflicts import VersionConflict
from customers.models import Company
from deals.choices import LossReason, Stage
from deals.models import Activity, Deal, StageChange, StageLabel
from deals.services import (
    add_activity,
    change_deal,
    change_stage_labels,
    create_deal,
    lose_deal,
    move_stage,
    win_deal,
)
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.deals import DealFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def sales(venue):
    return person("sales", venue)


@pytest.fixture
def deal(venue, sales):
    return create_deal(by=sales, venue=venue, title="賀詞交歓会", contact_text="洛北商工会", party_size=120)


def trail(deal: Deal) -> list[AuditEntry]:
    return list(AuditEntry.objects.about(deal))


def test_whoever_asked_is_called_sama_once(venue, sales):
    assert create_deal(by=sales, venue=venue, title="還暦のお祝い", contact_text="検見様").asked_by == "検見 様"


def test_an_inquiry_is_reported_with_all_it_says(venue, sales):
    guest = CustomerFactory.create(name="森本 勇")
    deal = create_deal(
        by=sales,
        venue=venue,
        title=" 喜寿のお祝い ",
        customer=guest,
        company_name="北辰電機㈱",
        event_date=date(2027, 1, 11),
        party_size=14,
        amount=Decimal(280000),
        note="掘りごたつで",
    )
    kept = Deal.objects.get(pk=deal.pk)
    assert (kept.title, kept.stage, kept.owner, kept.amount) == ("喜寿のお祝い", Stage.INQUIRY, sales, Decimal(280000))
    assert kept.company == Company.objects.get(name="北辰電機㈱")
    assert list(StageChange.objects.values_list("from_stage", "to_stage", "by")) == [("", "inquiry", sales.pk)]
    (entry,) = trail(deal)
    assert (entry.action, entry.changes["title"], entry.changes["amount"]) == (
        "created",
        [None, "喜寿のお祝い"],
        [None, "280000"],
    )


def test_a_company_written_another_way_is_the_same_company(venue, sales):
    for name in ["北辰電機㈱", "北辰電機株式会社"]:
        create_deal(by=sales, venue=venue, title="忘年会", company_name=name)
    assert Company.objects.count() == 1


def test_a_double_tap_reports_once(venue, sales):
    token = uuid4()
    first, second = (create_deal(by=sales, venue=venue, title="忘年会", form_token=token) for _ in range(2))
    assert first.pk == second.pk
    assert Deal.objects.count() == StageChange.objects.count() == Thread.objects.count() == 1


def test_an_inquiry_waits_for_the_managers_word(deal, venue, sales):
    thread = Thread.objects.get()
    assert (thread.parent, thread.venue, thread.author, thread.read_right) == (deal, venue, sales, Right.VIEW_DEALS)
    assert (thread.title, thread.url) == ("洛北商工会 様", f"/banquets/{deal.pk}/")
    assert "賀詞交歓会" in thread.detail
    assert thread in Thread.objects.awaiting_reply(person("manager", venue))


def test_later_words_are_shown_in_the_queue_and_do_not_open_an_answered_thread(deal, venue, sales):
    manager = person("manager", venue)
    answer(thread=Thread.objects.get(), by=manager, text="控室を二つ")
    add_activity(deal=deal, by=sales, text="控室の数とのこと")
    thread = Thread.objects.get()
    assert thread.excerpt == "控室の数とのこと"
    assert thread.answered_by == manager


def test_the_guest_and_the_company_are_told(venue, sales):
    guest, company = CustomerFactory.create(), CompanyFactory.create()
    deal = create_deal(
        by=sales, venue=venue, title="納会", customer=guest, company=company, amount=Decimal(987654), party_size=30
    )
    lose_deal(deal=deal, by=sales, reason=LossReason.DATE, lost_to="よその店")
    for subject in (guest, company):
        rows = list(TimelineEntry.objects.about(subject))
        assert [(row.title, row.aside) for row in rows] == [("納会", "見送り"), ("納会", "お問い合わせ")]
        assert {(row.read_right, row.venue, row.url) for row in rows} == {
            (Right.VIEW_DEALS, venue, f"/banquets/{deal.pk}/")
        }
        assert "987654" not in str([row.details for row in rows])


def test_another_guest_gets_the_rows(deal, sales):
    first, second = CustomerFactory.create_batch(2)
    change_deal(deal=deal, by=sales, version=1, customer=first)
    change_deal(deal=deal, by=sales, version=2, customer=second)
    assert not TimelineEntry.objects.about(first).exists()
    assert TimelineEntry.objects.about(second).count() == 1


def test_a_change_is_one_version_and_one_audit_entry(deal, sales):
    change_deal(deal=deal, by=sales, version=1, party_size=100, note="控室が要る")
    kept = Deal.objects.get()
    assert (kept.party_size, kept.note, kept.version) == (100, "控室が要る", 2)
    assert trail(deal)[0].changes == {"party_size": [120, 100], "note": ["", "控室が要る"]}


def test_nothing_changed_is_nothing_written(deal, sales):
    change_deal(deal=deal, by=sales, version=1, party_size=120, title="賀詞交歓会")
    assert Deal.objects.get().version == 1
    assert len(trail(deal)) == 1


def test_two_people_at_once(deal, sales):
    change_deal(deal=deal, by=sales, version=1, party_size=100)
    with pytest.raises(VersionConflict) as caught:
        change_deal(deal=deal, by=sales, version=1, party_size=80)
    (conflict,) = caught.value.conflicts
    assert (caught.value.version, conflict.field, conflict.theirs, conflict.mine) == (2, "party_size", 100, 80)
    assert Deal.objects.get().party_size == 100


def test_an_unknown_detail_is_a_mistake_of_the_caller(deal, sales):
    with pytest.raises(TypeError, match="stage"):
        change_deal(deal=deal, by=sales, version=1, stage="won")


def test_stages_leave_a_row_each(deal, sales):
    move_stage(deal=deal, by=sales, stage=Stage.SITE_VISIT)
    move_stage(deal=deal, by=sales, stage=Stage.SITE_VISIT)
    win_deal(deal=deal, by=sales)
    moves = list(StageChange.objects.values_list("from_stage", "to_stage"))
    assert moves == [("", "inquiry"), ("inquiry", "site_visit"), ("site_visit", "won")]
    assert [entry.changes for entry in trail(deal)[:2]] == [
        {"stage": ["site_visit", "won"]},
        {"stage": ["inquiry", "site_visit"]},
    ]


def test_movement_is_remembered(deal, sales):
    long_ago = timezone.now() - timedelta(days=20)
    Deal.objects.update(moved_at=long_ago)
    move_stage(deal=deal, by=sales, stage=Stage.INQUIRY)
    change_deal(deal=deal, by=sales, version=1, party_size=100)
    assert Deal.objects.get().moved_at == long_ago
    move_stage(deal=deal, by=sales, stage=Stage.PROPOSAL)
    assert Deal.objects.get().moved_at > long_ago + timedelta(days=19)


def test_closing_has_a_day_and_opening_again_takes_it_back(deal, sales):
    lose_deal(deal=deal, by=sales, reason=LossReason.PRICE, detail="料理は褒めておられた", lost_to="よその店")
    lost = Deal.objects.get()
    assert lost.closed_at is not None
    assert (lost.loss_reason, lost.loss_detail, lost.lost_to) == ("price", "料理は褒めておられた", "よその店")
    move_stage(deal=lost, by=sales, stage=Stage.PROPOSAL)
    opened = Deal.objects.get()
    assert (opened.closed_at, opened.loss_reason, opened.loss_detail, opened.lost_to) == (None, "", "", "")
    assert trail(deal)[0].changes["loss_reason"] == ["price", ""]


def test_the_reason_of_a_loss_can_be_corrected(deal, sales):
    lose_deal(deal=deal, by=sales, reason=LossReason.PRICE)
    closed_at = Deal.objects.get().closed_at
    lose_deal(deal=deal, by=sales, reason=LossReason.DATE)
    kept = Deal.objects.get()
    assert (kept.loss_reason, kept.closed_at) == ("date", closed_at)
    assert StageChange.objects.filter(to_stage=Stage.LOST).count() == 1


@pytest.mark.parametrize("reason", ["", "bad weather"])
def test_a_loss_wants_a_reason(deal, sales, reason):
    with pytest.raises(InputProblem):
        lose_deal(deal=deal, by=sales, reason=reason)
    assert Deal.objects.get().stage == Stage.INQUIRY


@pytest.mark.parametrize("stage", [Stage.LOST, "asleep"])
def test_moving_never_loses_and_knows_its_stages(deal, sales, stage):
    with pytest.raises(InputProblem):
        move_stage(deal=deal, by=sales, stage=stage)
    assert Deal.objects.get().stage == Stage.INQUIRY


def test_the_database_refuses_a_loss_without_a_reason(deal):
    with (
        pytest.raises(IntegrityError, match="deal_lost_has_a_reason"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE deals_deal SET stage = 'lost' WHERE id = %s", [deal.pk])


def test_the_database_refuses_to_take_the_reason_from_a_loss():
    deal = DealFactory.create(stage=Stage.LOST)
    with (
        pytest.raises(IntegrityError, match="deal_lost_has_a_reason"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE deals_deal SET loss_reason = '' WHERE id = %s", [deal.pk])


def test_the_database_refuses_an_amount_below_zero(deal):
    with pytest.raises(IntegrityError, match="deal_amount_not_negative"), transaction.atomic():
        Deal.objects.update(amount=Decimal(-1))


def test_an_activity_with_the_next_step(deal, sales):
    add_activity(deal=deal, by=sales, text=" お電話で下見のお約束 ", next_step="下見", next_step_on=date(2026, 11, 23))
    kept = Deal.objects.get()
    assert Activity.objects.values_list("text", "author").get() == ("お電話で下見のお約束", sales.pk)
    assert (kept.next_step, kept.next_step_on) == ("下見", date(2026, 11, 23))
    assert set(trail(deal)[0].changes) == {"activity", "next_step", "next_step_on"}


def test_an_activity_alone_leaves_the_next_step(deal, sales):
    change_deal(deal=deal, by=sales, version=1, next_step="献立案")
    add_activity(deal=deal, by=sales, text="お電話")
    assert Deal.objects.get().next_step == "献立案"


def test_an_empty_activity_is_refused(deal, sales):
    with pytest.raises(InputProblem):
        add_activity(deal=deal, by=sales, text=" \n")
    assert not Activity.objects.exists()


def test_a_new_house_has_words_for_all_stages():
    labels = dict(StageLabel.objects.values_list("stage", "label"))
    assert labels == {
        "inquiry": "お問い合わせ",
        "site_visit": "下見",
        "proposal": "ご提案",
        "tentative_hold": "仮押さえ",
        "won": "ご成約",
        "lost": "見送り",
    }


def test_the_house_has_its_own_words(sales):
    StageLabel.objects.filter(stage=Stage.WON).delete()
    change_stage_labels(
        by=sales,
        labels={
            "inquiry": {"label": "お引き合い", "probability": 5},
            "won": {"label": "お決まり", "probability": 100},
            "lost": {"label": "見送り", "probability": 0},
        },
    )
    labels = dict(StageLabel.objects.values_list("stage", "label"))
    assert (labels["inquiry"], labels["won"], labels["lost"]) == ("お引き合い", "お決まり", "見送り")
    assert AuditEntry.objects.filter(subject_type="deals.stagelabel").count() == 2
