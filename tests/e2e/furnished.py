"""A house in which every page has something to show: guests, tables of the day, a menu, banquets, files that came in."""

import io
import uuid
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from crm_project.core.accounts.lending import lend
from crm_project.core.accounts.models import Membership, Role, Venue
from crm_project.core.allergens.models import Allergen
from crm_project.core.column_map import suggest_map
from crm_project.core.comments.models import Thread
from crm_project.core.jobs.services import run
from customers.choices import RelationKind, SpecialDayKind
from customers.models import Allergy, Company, Contact, Customer, DuplicateProposal, Merge
from customers.services import create_customer, merge_guests, write_attribute
from customers.services.apart import keep_apart
from customers.services.contacts import note_contact
from customers.services.gifts import note_gift
from customers.services.handovers import assign_guests, start_handover, take_over
from customers.services.relations import add_special_day, relate
from deals.choices import LossReason, Stage
from deals.models import Deal
from deals.services import add_activity, create_deal, lose_deal, move_stage
from integrations.choices import LedgerState
from integrations.ledgers.fields import FIELD_LABELS
from integrations.ledgers.services import choose_columns, receive_ledger
from integrations.models import ActualDocument, LedgerImport, Notebook, PartnerLink, Source
from integrations.notebooks.services import LATER, NEW, add_notebook, keep_draft, save_row
from integrations.sources.services import pull_source, save_source
from menus.models import BasePreparation, Course, Dish
from menus.services import create_base, create_course, create_dish
from menus.services.dishes import Portion
from reports.services import recompute_ranks
from tests.e2e.house import open_house, user
from tests.factories.accounts import VenueFactory, person
from tests.factories.visits import RoomFactory
from visits.choices import FollowUpKind, FollowUpMoment, Responsible, VisitStatus
from visits.entries import AttendanceEntry, Confirmation, NoteEntry
from visits.models import Attendance, Complaint, FollowUp, FollowUpRule, NoteCategory, Visit, VisitDraft
from visits.refusals import UnconfirmedWarnings
from visits.services import (
    add_waiting,
    ask_again,
    change_terms,
    create_closed_day,
    create_occasion,
    create_room,
    create_rule,
    create_source,
    record_visit,
)
from visits.services.photos import add_photo

LEDGER = "会員番号,お名前,フリガナ,携帯電話\nK-1,森 一郎,モリ イチロウ,090-0000-0001\nK-2,,ナマエナシ,\n"
ACTUALS_MAP = """[columns]
document = "伝票番号"
date = "日付"
partner_code = "得意先コード"
partner_name = "得意先名"
amount = "金額"
cost = "原価"
[constants]
currency = "JPY"
"""
LONG_COMPANY = "株式会社北辰電機ホールディングス東日本統括営業本部"


def furnish() -> dict[str, Any]:
    """Furnish the house; return what the addresses with a number stand for, by the beginning of the address."""
    venue = open_house()
    person("admin", VenueFactory.create(code="bekkan", name="別館"), username="elsewhere")
    guest = _guests(venue)
    dish, course = _menu()
    visit = _visits(venue, guest, dish, course)
    item = write_attribute(by=user("admin"), name="お車", purpose="玄関に回すため", term_months=6)
    deal = _banquets(venue, guest)
    ledger = _ledger()
    notebook = _notebook(venue)
    source = _accounting(venue)
    complaint = visit.notes.get(category__code="complaint")
    return {
        "/guests/companies/": Company.objects.get(name=LONG_COMPANY).pk,
        "/guests/settings/items/": item.pk,
        "/guests/duplicates/": _twins(guest),
        "/guests/merges/": Merge.objects.get().pk,
        "/guests/contacts/": _contact(venue, guest).pk,
        **_handed_over(guest),
        "/guests/": guest.pk,
        "/phone/": "090-0000-1482",
        "/menus/dishes/": dish.pk,
        "/visits/kitchen/tonight/": dish.pk,
        "/menus/courses/": course.pk,
        "/menus/bases/": BasePreparation.objects.get().pk,
        "/menus/month/cell/": (course.pk, "wanmono"),
        "/visits/categories/": NoteCategory.objects.get(code="complaint").pk,
        **_house(venue),
        "/visits/people/": Attendance.objects.filter(visit=visit)[0].pk,
        "/visits/bookings/": Visit.objects.filter(status=VisitStatus.RESERVED).earliest("pk").pk,
        "/visits/complaints/": Complaint.objects.get(note=complaint).pk,
        "/visits/photos/": visit.photos.get().pk,
        "/visits/notes/": complaint.pk,
        "/visits/menus/courses/": course.pk,
        "/visits/": visit.pk,
        "/banquets/": deal.pk,
        "/unanswered/": Thread.objects.get(object_id=complaint.pk, is_urgent=True).pk,
        "/settings/people/": user("floor").pk,
        "/settings/roles/": Role.objects.get(code="floor").pk,
        "/settings/venues/": venue.pk,
        "/settings/memberships/": Membership.objects.filter(user=user("floor"))[0].pk,
        "/incoming/ledgers/": ledger.pk,
        "/incoming/ledgers/notebooks/": notebook.pk,
        "/incoming/ledgers/notebooks/pages/": notebook.pages.get(number=1).pk,
        "/incoming/accounting/partners/": PartnerLink.objects.get(code="K-999").pk,
        "/incoming/accounting/documents/": ActualDocument.objects.get(doc_no="D-0").pk,
        "/incoming/accounting/": source.pk,
        "/jobs/": ledger.job_id,
    }


def _guests(venue: Venue) -> Customer:
    desk = user("desk")
    guest = create_customer(
        by=desk,
        venue=venue,
        name="渡邉 健一",
        kana="ワタナベ ケンイチ",
        company_name=LONG_COMPANY,
        department="第二営業部",
        title="執行役員",
        phones=["090-0000-1482", "03-0000-0001"],
        email="watanabe.kenichi.hokushin@example.co.jp",
        address="東京都千代田区丸の内一丁目九番地二十八号",
        likes="ぬる燗",
        dislikes="パクチー",
        note="お車は黒のワゴン。運転手様のお席もご用意",
        code="K-001",
    )
    for code, severity in (("shrimp", "severe"), ("walnut", "moderate"), ("wheat", "trace_ok")):
        Allergy.objects.create(customer=guest, allergen=Allergen.objects.get(code=code), severity=severity)
    Customer.objects.filter(pk=guest.pk).update(allergy_state="listed")
    for number in range(1, 36):
        create_customer(by=desk, venue=venue, name=f"佐藤 花子{number}", kana="サトウ ハナコ", code=f"S-{number}")
    guest.refresh_from_db()
    return guest


def _twins(guest: Customer) -> tuple[int, int]:
    """A second card of the guest for people to decide about, and two cards that are one already."""
    okami = user("okami")
    twin, former = (
        create_customer(by=okami, name=name, kana="ワタナベ ケンイチ", phones=["090-0000-1482"], note="窓際の席")
        for name in ("渡辺 健一", "渡部 健一")
    )
    merge_guests(keep=twin, absorb=former, choices={}, by=okami)
    DuplicateProposal.objects.create(
        first=guest, second=twin, probability=0.99, reasons=["phone_same", "given_same", "family_variant"]
    )
    return guest.pk, twin.pk


def _contact(venue: Venue, guest: Customer) -> Contact:
    """Whom the guest knows, a day to remember, and a call that waits for an answer."""
    desk = user("desk")
    relate(customer=guest, by=desk, kind=RelationKind.SECRETARY, other_name="小林 様", other_phone="03-0000-0002")
    relate(customer=guest, by=desk, kind=RelationKind.SPOUSE, other=Customer.objects.get(code="S-1"))
    add_special_day(by=desk, customer=guest, kind=SpecialDayKind.WEDDING, month=11, day=22, year=1998, note="白いお花")
    return note_contact(
        by=desk, venue=venue, customer=guest, asked="お部屋に椅子をご用意できるか", assigned_to=user("manager")
    )


def _handed_over(guest: Customer) -> dict[str, Any]:
    """A handover with some guests ticked, and a gift."""
    floor, manager = user("floor"), user("manager")
    Customer.objects.filter(code__in=["K-001", "S-1", "S-3"]).update(staff=floor)
    handover = start_handover(by=manager, from_user=floor, reason="leaves", note="鍵は帳場へ")
    rows = handover.guests.order_by("pk")
    assign_guests(handover=handover, by=manager, version=1, successors=[user("okami")], chosen=[rows[0].pk])
    take_over(guest=rows[0], by=user("okami"))
    gift = note_gift(
        customer=guest,
        venue=Venue.objects.get(code="honten"),
        by=floor,
        direction="given",
        what="とらやの羊羹 夜の梅",
        given_on=timezone.localdate(),
    )
    return {
        "/guests/handovers/": handover.pk,
        "/guests/handovers/guests/": rows[0].pk,
        "/guests/gifts/": gift.pk,
    }


def _menu() -> tuple[Dish, Course]:
    chef = user("kitchen")
    dish = create_dish(
        by=chef,
        name="海老真薯の葛仕立て",
        kana="エビシンジョウ",
        presences={Allergen.objects.get(code="shrimp"): "contains"},
        family="海老",
        bases=[
            create_base(
                by=chef, name="真薯地", kana="シンジョジ", presences={Allergen.objects.get(code="egg"): "contains"}
            )
        ],
        diets={"halal": "suits", "vegan": "does_not"},
        foods=[Portion("車海老", "40", "g"), Portion("うすくちしょうゆ", "5", "ml")],
        name_en="Shrimp dumpling in thickened broth",
        price=Decimal(1800),
        cost=Decimal(620),
    )
    rice = create_dish(by=chef, name="栗ご飯", kana="クリゴハン")
    return dish, create_course(by=chef, name="霜月の会席 松", kana="シモツキノカイセキ", dishes=[dish, rice])


def a_picture(width: int = 320, height: int = 240) -> bytes:
    """A small JPEG: a plate on a tray."""
    image = Image.new("RGB", (width, height), (96, 60, 40))
    ImageDraw.Draw(image).ellipse((60, 40, width - 60, height - 40), fill=(240, 236, 226))
    written = io.BytesIO()
    image.save(written, "JPEG")
    return written.getvalue()


def _visits(venue: Venue, guest: Customer, dish: Dish, course: Course) -> Visit:
    floor = user("floor")
    room = RoomFactory.create(venue=venue, name="桔梗の間")
    evening = timezone.now().astimezone(venue.zone).replace(hour=18, minute=0, second=0, microsecond=0)
    at_table: dict[str, Any] = {
        "by": floor,
        "venue": venue,
        "room": room,
        "staff": floor,
        "party_size": 4,
        "attendances": [AttendanceEntry(customer=guest)],
        "course": course,
    }
    past = {**at_table, "starts_at": evening - timedelta(days=40)}
    notes = {
        "complaint": NoteEntry(text="椀物がぬるいとのこと。すぐ温め直してお詫びした"),
        "requests": NoteEntry(text="次回は椅子席を", is_standing=True),
    }
    try:
        record_visit(**past)
        raise AssertionError("The shrimp went unnoticed.")
    except UnconfirmedWarnings as unconfirmed:
        reasons = {warning.key: Confirmation(reason="差し替え", was_replaced=True) for warning in unconfirmed.warnings}
    visit = record_visit(**past, notes=notes, confirmations=reasons, promise="次は桔梗の間を")
    add_photo(visit=visit, by=floor, upload=SimpleUploadedFile("p.jpg", a_picture()), caption="松茸土瓶蒸し")
    ask_again(by=floor, venue=venue, on=visit.business_date)
    record_visit(**at_table, starts_at=evening, status=VisitStatus.RESERVED)
    other = create_customer(by=floor, venue=venue, name="髙橋 美穂", kana="タカハシ ミホ")
    record_visit(
        **{**at_table, "attendances": [AttendanceEntry(customer=other)], "room": None, "course": None},
        starts_at=evening,
        status=VisitStatus.RESERVED,
    )
    VisitDraft.objects.create(form_token="11111111-1111-4111-8111-111111111111", user=floor, venue=venue)
    return visit


def _house(venue: Venue) -> dict[str, Any]:
    """What the house decides about rooms and bookings."""
    admin = user("admin")
    rooms = [RoomFactory.create(venue=venue, name=name) for name in ("萩の間", "藤の間")]
    joined = create_room(by=admin, venue=venue, name="萩の間＋藤の間", capacity=16, parts=rooms, has_stairs=True)
    change_terms(venue=venue, by=admin, version=1, fees={7: 30, 1: 50, 0: 100}, closed_weekdays=[0])
    closed = create_closed_day(by=admin, venue=venue, on=timezone.localdate(), reason="設備点検")
    waiting = add_waiting(
        by=user("desk"),
        venue=venue,
        business_date=timezone.localdate() + timedelta(days=3),
        from_time=time(18),
        until_time=time(20),
        party_size=6,
        name="佐伯",
        phone="090-0000-0007",
        wishes="掘りごたつのお部屋を。お母様のお誕生日",
    )
    loan = lend(
        by=admin,
        user=user("elsewhere"),
        venue=venue,
        role=Role.objects.get(code="floor"),
        on=timezone.localdate() + timedelta(days=1),
        from_time=time(17),
    )
    source = create_source(by=admin, name="駅前のホテルのコンシェルジュ")
    rule = create_rule(
        by=admin,
        venue=venue,
        name="前日のご確認のお電話",
        kind=FollowUpKind.CALL,
        moment=FollowUpMoment.BEFORE,
        days=1,
        responsible=Responsible.BOOKED_BY,
    )
    return {
        "/visits/waiting/": waiting.pk,
        "/settings/loans/": loan.pk,
        **_follow_ups_and_occasion(rule),
        **_kept_apart(),
        "/visits/settings/rooms/": joined.pk,
        "/visits/settings/closed-days/": closed.pk,
        "/visits/settings/sources/": source.pk,
        "/visits/settings/rules/": rule.pk,
    }


def _follow_ups_and_occasion(rule: FollowUpRule) -> dict[str, Any]:
    """A reminder that is due today, and bookings of one occasion."""
    visit = Visit.objects.filter(status=VisitStatus.RESERVED).earliest("pk")
    occasion = create_occasion(
        by=user("desk"), venue=visit.venue, name="北辰電機様 創立五十周年のお席", note="お部屋ごとに乾杯", visit=visit
    )
    reminder = FollowUp.objects.filter(rule=rule).earliest("pk")
    return {"/visits/occasions/": occasion.pk, "/visits/follow-ups/": reminder.pk}


def _kept_apart() -> dict[str, Any]:
    """Two who must not meet."""
    one, other = Customer.objects.get(code="K-001"), Customer.objects.get(code="S-2")
    pair = keep_apart(one=one, other=other, by=user("desk"), note="ご親族の間で係争中")
    return {"/guests/apart/": pair.pk}


def _banquets(venue: Venue, guest: Customer) -> Deal:
    sales = user("sales")
    day = timezone.localdate() + timedelta(days=50)
    for stage in Stage:
        deal = create_deal(
            by=sales,
            venue=venue,
            title=f"北辰電機様 創立五十周年記念祝賀会 {stage.label}",
            customer=guest,
            event_date=day,
            party_size=120,
            amount=Decimal(2_400_000),
            next_step="お見積りをお送りする",
            next_step_on=day - timedelta(days=30),
        )
        if stage == Stage.LOST:
            lose_deal(deal=deal, by=sales, reason=LossReason.PRICE, lost_to="ほかのホテル")
        elif stage != Stage.INQUIRY:
            move_stage(deal=deal, by=sales, stage=stage)
    first = Deal.objects.filter(stage=Stage.INQUIRY)[0]
    add_activity(deal=first, by=sales, text="お電話でご予算を伺った")
    return first


def _ledger() -> LedgerImport:
    """A ledger that was looked through and waits to be imported, one of its rows wrong."""
    admin = user("admin")
    ledger = receive_ledger(upload=ContentFile(LEDGER.encode()), name="顧客名簿.csv", by=admin)
    columns = suggest_map(LEDGER.splitlines()[0].split(","), FIELD_LABELS)
    run(choose_columns(ledger_import=ledger, by=admin, sheet=ledger.sheet, column_map=columns).pk)
    ledger.refresh_from_db()
    assert ledger.state == LedgerState.PLANNED, ledger.job.error if ledger.job else ""
    return ledger


def _notebook(venue: Venue) -> Notebook:
    """A notebook of two pages: a row that is saved, one that waits, one that is being typed."""
    admin = user("admin")
    uploads = []
    for number in (1, 2):
        written = io.BytesIO()
        picture = Image.new("RGB", (600, 800), (245, 240, 228))
        ImageDraw.Draw(picture).text((60, 80), f"page {number}", fill=(40, 40, 60))
        picture.save(written, "PNG")
        uploads.append(SimpleUploadedFile(f"{number}.png", written.getvalue()))
    notebook = add_notebook(name="常連帳", venue=venue, uploads=uploads, by=admin)
    page = notebook.pages.get(number=1)
    for name, who in (("帳面 一郎", NEW), ("帳面 二郎", LATER)):
        save_row(page=page, token=uuid.uuid4(), typed={"name": name}, who=who, by=admin)
    keep_draft(page=page, token=uuid.uuid4(), typed={"name": "帳面 一郎", "note": "書きかけ"}, by=admin)
    return notebook


def _accounting(venue: Venue) -> Source:
    """Six months of a guest's documents, and those of somebody nobody knows, pulled from a file."""
    lines = ["伝票番号,日付,得意先コード,得意先名,金額,原価"]
    for months in range(6):
        day = timezone.localdate() - timedelta(days=30 * months)
        lines.append(f"D-{months},{day},K-001,渡邉様,1234567,456789")
    lines.append(f"D-9,{timezone.localdate()},K-999,知らない方,7000,")
    place = Path(settings.ACTUALS_DIR, "uriage.csv")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(lines), encoding="utf-8")
    source = Source(name="売上伝票", location=place.name, default_venue=venue, map_text=ACTUALS_MAP)
    admin = user("admin")
    save_source(source=source, by=admin)
    pull_source(source=source, by=admin)
    recompute_ranks(by=admin)
    return source
