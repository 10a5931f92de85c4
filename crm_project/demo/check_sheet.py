"""What the house has on its check sheets beside notes: lines of its own, what went wrong, photos, promises, PINs."""

import io
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from crm_project.core.accounts.quick_switch import set_pin
from crm_project.core.comments.models import Thread
from crm_project.demo.house import HONTEN, House
from visits import services
from visits.choices import AttendanceRole, ComplaintState, NoteInput, PhotoKind, Purpose
from visits.models import Complaint, Note, Promise, RepeatedQuestion, Visit, VisitPhoto
from visits.services.photos import add_photo

# What the demo's sign-ins say of it.
DEMO_PIN: Final = "2580"
WITH_PIN: Final = ("kobayashi", "yamada", "fujiwara")

# A word of the entry -> how it came about, what is done from then on, who knows of it.
CAUSES: Final = (
    ("ぬる", "配膳の間が空いた", "椀物は係が揃ってから火を入れる", "板長、係の皆"),
    ("冷め", "配膳の間が空いた", "椀物は係が揃ってから火を入れる", "板長、係の皆"),
    ("待", "お部屋の準備の遅れ", "お着きの三十分前にお部屋を見る", "係の皆"),
    ("遅", "お部屋の準備の遅れ", "お着きの三十分前にお部屋を見る", "係の皆"),
    ("", "申し送りの見落とし", "盛り付けの前に係が献立と台帳を読み合わせる", "板長、店長"),
)
SETTLED_AFTER: Final = timedelta(days=21)
PROMISES: Final = ("次は庭の見えるお部屋をお取りする", "新酒が入り次第お知らせする", "お好みの器でお出しする")
PLATES: Final = (
    ("松茸土瓶蒸し", PhotoKind.DISH, (120, 84, 60), (222, 205, 178)),
    ("お造り 三種", PhotoKind.DISH, (40, 60, 84), (236, 240, 238)),
    ("床の間のお花", PhotoKind.ROOM, (96, 108, 80), (205, 120, 90)),
)


def write_sheets(*, rng: Random, house: House, visits: Sequence[Visit]) -> None:
    """Write them on the last evenings of 本店, by the services; `visits` are completed ones, the oldest first."""
    admin = house.people["sasaki"]
    services.create_category(
        by=admin,
        name="お飲み物のお好み",
        purpose="次は一杯目を言われる前に",
        entry=NoteInput.CHOICES,
        choices=["ぬる燗", "冷酒", "ビール", "ワイン", "お茶"],
        position=20,
    )
    services.create_category(
        by=admin,
        name="お見送り",
        purpose="接待のお席。主催の方より先にお客様のお車を",
        entry=NoteInput.CHOICE,
        choices=["お車", "徒歩", "まだお話し中"],
        purposes=[Purpose.HOSTING],
        position=21,
    )
    _follow_up(house)
    honten = [visit for visit in visits if visit.venue_id == house.venues[HONTEN].pk and not visit.is_confidential]
    _promises(house, honten[-8:])
    _photos(house, honten[-3:])
    _asked_again(rng, house)
    for username in WITH_PIN:
        set_pin(user=house.people[username], pin=DEMO_PIN)


def _follow_up(house: House) -> None:
    """Bad news of the check sheets in the list: open while nobody has answered, else looked after, in time settled."""
    notes = Note.objects.filter(category__is_bad_news=True).select_related("visit__venue").order_by("pk")
    answered = dict(
        Thread.objects.filter(content_type=Thread.type_of(Note), answered_at__isnull=False).values_list(
            "object_id", "answered_by"
        )
    )
    rows = []
    for note in notes:
        row = Complaint(
            note=note,
            visit=note.visit,
            venue=note.visit.venue,
            customer_id=note.customer_id,
            what=note.text,
            reported_by_id=note.author_id,
            reported_at=note.created_at,
        )
        if note.pk in answered:
            row.state = ComplaintState.HANDLED
            _word, row.cause, measure, row.told_to = next(cause for cause in CAUSES if cause[0] in note.text)
            settled_at = note.created_at + SETTLED_AFTER
            if settled_at < house.now:
                row.state, row.countermeasure = ComplaintState.SETTLED, measure
                row.settled_at, row.settled_by_id = settled_at, answered[note.pk]
        rows.append(row)
    Complaint.objects.bulk_create(rows, batch_size=500)


def _promises(house: House, visits: Sequence[Visit]) -> None:
    rows = []
    for visit, text in zip(visits, PROMISES, strict=False):
        host = visit.attendances.filter(role=AttendanceRole.HOST).exclude(customer=None).first()
        if host is not None and host.customer_id is not None:
            rows.append(
                Promise(
                    customer_id=host.customer_id,
                    venue=visit.venue,
                    visit=visit,
                    text=text,
                    due_on=visit.business_date + timedelta(days=60),
                    made_by=visit.staff or house.manager(HONTEN),
                    made_at=visit.recorded_at,
                )
            )
    Promise.objects.bulk_create(rows)


def _photos(house: House, visits: Sequence[Visit]) -> None:
    for visit, (caption, kind, table, plate) in zip(visits, PLATES, strict=False):
        upload = SimpleUploadedFile("photo.jpg", drawn(table, plate))
        photo = add_photo(
            visit=visit, by=visit.staff or house.manager(HONTEN), upload=upload, kind=kind, caption=caption
        )
        VisitPhoto.objects.filter(pk=photo.pk).update(added_at=visit.recorded_at)


def drawn(table: tuple[int, int, int], plate: tuple[int, int, int]) -> bytes:
    """A JPEG of a plate on a table; nobody is on it."""
    image = Image.new("RGB", (960, 720), table)
    draw = ImageDraw.Draw(image)
    draw.ellipse((180, 110, 780, 610), fill=plate)
    draw.ellipse((260, 180, 700, 540), outline=table, width=6)
    draw.ellipse((400, 280, 560, 440), fill=tuple(max(0, part - 60) for part in plate))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()


def _asked_again(rng: Random, house: House) -> None:
    venue, today = house.venues[HONTEN], house.today(HONTEN)
    days = sorted({today - timedelta(days=rng.randrange(1, 150)) for _number in range(14)})
    RepeatedQuestion.objects.bulk_create(
        RepeatedQuestion(venue=venue, business_date=day, count=rng.randint(1, 2)) for day in days
    )
