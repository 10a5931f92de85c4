"""Photos of a visit: small, clean, of people only with consent, shown to who may read the check sheet."""

import io
import struct
import zlib
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from crm_project.core.problems import InputProblem
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import VisitFactory
from visits.models import Visit, VisitPhoto
from visits.services import photos as photo_services
from visits.services.photos import add_photo, small_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def visit(venue):
    return VisitFactory.create(venue=venue, guests=[CustomerFactory.create()])


@pytest.fixture
def signed(client, floor):
    client.force_login(floor)
    return client


def picture(width=3000, height=2000, form="JPEG", **saved) -> bytes:
    """A picture as a phone takes it: upright by its EXIF, with a place in it."""
    image = Image.new("RGB", (width, height), (180, 40, 40))
    if form == "JPEG":
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        exif[0x010F] = "SecretPhone"
        saved["exif"] = exif
    written = io.BytesIO()
    image.save(written, form, **saved)
    return written.getvalue()


def upload(content: bytes, name="photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 100,000 pixels wide and high."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def test_it_is_made_small_upright_and_without_exif(signed, visit):
    answer = signed.post(
        reverse("visits:photo_add", args=[visit.pk]),
        {"file": upload(picture()), "kind": "dish", "caption": "松茸土瓶蒸し"},
    )

    assert answer.status_code == 302
    photo = VisitPhoto.objects.get()
    with photo.file.open("rb") as file:
        kept = file.read()
    assert b"SecretPhone" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (1067, 1600))
        assert not image.getexif()
    assert (photo.width, photo.height) == (1067, 1600)
    assert Path(photo.file.path).is_relative_to(settings.MEDIA_ROOT)
    assert "松茸土瓶蒸し" in signed.get(reverse("visits:detail", args=[visit.pk])).content.decode()


def test_shown_by_a_view_that_asks_for_the_right(client, floor, venue, visit):
    photo = add_photo(visit=visit, by=floor, upload=upload(picture(40, 30)))
    address = reverse("visits:photo", args=[photo.pk])
    for somebody, status in (
        (floor, 200),
        (person("manager", venue), 200),
        (person("kitchen", venue), 404),
        (person("floor"), 404),
    ):
        client.force_login(somebody)
        assert client.get(address).status_code == status
    client.force_login(floor)
    shown = client.get(address)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"], shown["Cache-Control"]) == (
        "image/jpeg",
        "nosniff",
        "no-store, private",
    )
    assert client.get(f"/media/{photo.file.name}").status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_a_confidential_visit_seals_its_photos(client, floor, venue, visit):
    photo = add_photo(visit=visit, by=floor, upload=upload(picture(40, 30)))
    Visit.objects.filter(pk=visit.pk).update(is_confidential=True)
    client.force_login(person("manager", venue))
    assert client.get(reverse("visits:photo", args=[photo.pk])).status_code == 404
    assert client.post(reverse("visits:photo_remove", args=[photo.pk])).status_code == 404
    assert client.get(reverse("visits:photo_add", args=[visit.pk])).status_code == 404


def test_people_only_with_their_consent(signed, floor, visit):
    address = reverse("visits:photo_add", args=[visit.pk])
    without = signed.post(address, {"file": upload(picture(40, 30)), "kind": "people"})
    assert without.status_code == 422
    assert set(without.context["form"].errors) == {"consent_by", "consent_on"}
    with pytest.raises(InputProblem):
        add_photo(visit=visit, by=floor, upload=upload(picture(40, 30)), kind="people", consent_by="渡邉様")
    assert not VisitPhoto.objects.exists()

    consented = {"kind": "people", "consent_by": "渡邉様", "consent_on": "2026-11-21"}
    signed.post(address, {"file": upload(picture(40, 30))} | consented)
    photo = VisitPhoto.objects.get()
    assert (photo.consent_by, photo.consent_on) == ("渡邉様", date(2026, 11, 21))
    with pytest.raises(IntegrityError), transaction.atomic():
        VisitPhoto.objects.filter(pk=photo.pk).update(consent_by="")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a" + b"\0" * 50, "JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "JPEG"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "HEIC"),
        (picture(200, 200)[:400], "JPEG"),
        (bomb(), "画素"),
    ],
)
def test_what_is_no_photo_is_said(signed, visit, content, said):
    answer = signed.post(
        reverse("visits:photo_add", args=[visit.pk]),
        {"file": upload(content), "kind": "dish"},
        headers={"Accept-Language": "ja"},
    )
    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors["file"])
    assert not VisitPhoto.objects.exists()


def test_a_large_file_is_refused():
    photo = picture(400, 300)
    with pytest.raises(InputProblem):
        small_photo(upload(photo + bytes(photo_services.LARGEST_BYTES + 1 - len(photo))))


def test_png_and_webp_become_jpeg():
    for form in ("PNG", "WEBP"):
        content, width, height = small_photo(upload(picture(50, 40, form)))
        assert (content[:3], width, height) == (b"\xff\xd8\xff", 50, 40)


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_with_its_row(client):
    venue = VenueFactory.create()
    floor, visit = person("floor", venue), VisitFactory.create(venue=venue)
    client.force_login(floor)
    first, second = (add_photo(visit=visit, by=floor, upload=upload(picture(40, 30))) for _number in range(2))
    files = [Path(photo.file.path) for photo in (first, second)]
    assert all(file.exists() for file in files)

    client.post(reverse("visits:photo_remove", args=[first.pk]))
    assert [file.exists() for file in files] == [False, True]
    visit.delete()
    assert [file.exists() for file in files] == [False, False]


def test_who_may_not_record_adds_nothing(client, venue, visit):
    for somebody, status in ((person("floor"), 404), (person("kitchen", venue), 403)):
        client.force_login(somebody)
        assert client.post(reverse("visits:photo_add", args=[visit.pk]), {}).status_code == status
    with pytest.raises(PermissionDenied):
        add_photo(visit=visit, by=person("kitchen", venue), upload=upload(picture(40, 30)))
