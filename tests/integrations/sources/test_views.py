"""The screens of accounting: who sees them, what stands there, and what the buttons do."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House, Role, User
from crm_project.core.accounts.services import change_role
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import run, system_user
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import replace_rows
from integrations.models import ActualDocument, PartnerLink, Source
from integrations.sources.services import link_partner, pull_given_file
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.sources.files import MAP, csv_text, good_rows, mapped_source, row, write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def accountant(venue):
    return person("admin", venue)


@pytest.fixture
def source(venue):
    return mapped_source(default_venue=venue, name="販売管理")


@pytest.fixture
def take(tmp_path):
    def take(source, rows):
        return pull_given_file(source=source, path=write_csv(tmp_path / "a.csv", rows), by=system_user())

    return take


def get(client, user, name, *args, query=""):
    client.force_login(user)
    return client.get(reverse(name, args=args) + query)


def without_money(venue) -> User:
    """Somebody who matches partners but may not see money."""
    role = Role.objects.get(code="desk")
    change_role(role=role, by=system_user(), rights=[*role.rights, "manage_sources"])
    return person("desk", venue)


QUERIES_OF_SOURCES = 11
QUERIES_OF_PARTNERS = 13
# and who knows a guest, the person's venues, whom of the guests the person may open
QUERIES_OF_MATCHED_PARTNERS = 14
PAGES = ["sources", "source_create", "source", "source_edit", "source_columns", "partners", "partner"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_for_those_who_manage_sources(client, source, take, venue, accountant, page):
    take(source, [row("A")])
    args = {"partner": [PartnerLink.objects.get().pk], "sources": [], "source_create": [], "partners": []}
    where = f"integrations:{page}", *args.get(page, [source.pk])
    assert get(client, accountant, *where).status_code in (200, 422)
    assert get(client, person("manager", venue), *where).status_code == 403
    assert get(client, UserFactory.create(), *where).status_code == 403


@pytest.mark.parametrize("page", ["source", "source_edit", "source_columns", "partner"])
def test_sources_of_other_venues_are_not_there(client, source, take, page):
    take(source, [row("A")])
    pk = PartnerLink.objects.get().pk if page == "partner" else source.pk
    elsewhere = person("admin", VenueFactory.create())
    assert get(client, elsewhere, f"integrations:{page}", pk).status_code == 404
    assert "販売管理" not in get(client, elsewhere, "integrations:sources").content.decode()
    assert "青葉" not in get(client, elsewhere, "integrations:partners").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_do_not_grow_in_queries(client, take, venue, accountant, rows, django_assert_num_queries):
    for number in range(rows):
        take(mapped_source(default_venue=venue), [row(f"A{number}", code=f"C{number}")])
    get(client, accountant, "integrations:sources")
    with django_assert_num_queries(QUERIES_OF_SOURCES):
        client.get(reverse("integrations:sources"))
    with django_assert_num_queries(QUERIES_OF_PARTNERS):
        client.get(reverse("integrations:partners"))


def test_source_page_tells_problems_and_months(client, source, take, accountant):
    take(source, [*good_rows(20), row("X", price="一万円")])
    page = get(client, accountant, "integrations:source", source.pk).content.decode()
    assert "一万円" in page
    assert "320,000円" in page


def test_money_is_absent_without_the_right(client, source, take, venue):
    take(source, [*good_rows(20)])
    user = without_money(venue)
    for where in (["integrations:sources"], ["integrations:source", source.pk], ["integrations:partners"]):
        assert "000円" not in get(client, user, *where).content.decode()
    partner = get(client, user, "integrations:partner", PartnerLink.objects.order_by("pk")[0].pk).content.decode()
    assert "B-1000" not in partner


def test_totals_of_a_source_of_several_venues_need_the_money_of_all(client, take, venue):
    VenueFactory.create()
    for constants, told in (("", True), (f'[constants]\nvenue = "{venue.code}"\n', False)):
        source = mapped_source(MAP + constants, default_venue=venue)
        take(source, [row("A", price="98765")])
        page = get(client, person("admin", venue), "integrations:source", source.pk)
        assert page.context["shows_money"] == told
        assert ("197,530" in page.content.decode()) == told


def test_enter_a_source(client, accountant, venue, settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    client.force_login(accountant)
    where = reverse("integrations:source_create")
    for location in ("../secret", "/etc/passwd"):
        answer = client.post(where, {"name": "新", "location": location, "default_venue": venue.pk, "map_text": ""})
        assert answer.status_code == 422
    answer = client.post(where, {"name": "新", "location": "", "map_text": "[columns]\ncolour = 'x'"})
    assert answer.status_code == 422
    assert "colour" in answer.content.decode()
    other = VenueFactory.create()
    assert client.post(where, {"name": "新", "default_venue": other.pk}).status_code == 422
    answer = client.post(where, {"name": "新", "location": "a.csv", "default_venue": venue.pk, "is_active": "on"})
    source = Source.objects.get(name="新")
    assert answer.url == reverse("integrations:source", args=[source.pk])
    assert (source.location, source.default_venue, source.is_active) == ("a.csv", venue, True)


def test_upload_asks_for_the_columns_then_pulls(client, accountant, venue):
    source = mapped_source("", default_venue=venue)
    client.force_login(accountant)
    upload = SimpleUploadedFile("売上.csv", csv_text([row("A"), row("B")]).encode("cp932"))
    answer = client.post(reverse("integrations:source_upload", args=[source.pk]), {"file": upload})
    assert "columns" in answer.url
    form = client.get(answer.url).context["form"]
    chosen = {name: field.initial for name, field in form.fields.items() if field.initial}
    assert chosen["document"] == "0"
    assert client.post(answer.url, chosen | {"date": ""}).status_code == 422
    pulled = client.post(answer.url, chosen | {"create_customers": "on"})
    job = Job.objects.get(name="pull_source")
    assert pulled.url.startswith(reverse("jobs:progress", args=[job.pk]))
    assert (finished := run(job.pk)) is not None
    assert finished.state == "done", finished.error
    assert ActualDocument.objects.get(source_doc_id="A", customer__code="C1")
    source.refresh_from_db()
    assert "create_customers = true" in source.map_text
    assert client.get(answer.url).status_code == 404  # the upload is thrown away


def test_upload_of_a_file_that_cannot_be_used(client, accountant, source):
    client.force_login(accountant)
    upload = SimpleUploadedFile("売上.xlsx", b"text")
    client.post(reverse("integrations:source_upload", args=[source.pk]), {"file": upload})
    finished = run(Job.objects.get(name="pull_source").pk)
    assert finished is not None
    assert finished.state == "failed"
    assert "売上.xlsx" in finished.error
    assert "売上.xlsx" in client.get(reverse("integrations:source", args=[source.pk])).content.decode()


def test_upload_over_the_limit(client, accountant, source, settings):
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    client.force_login(accountant)
    upload = SimpleUploadedFile("売上.csv", b"x" * (1024 * 1024 + 1))
    answer = client.post(reverse("integrations:source_upload", args=[source.pk]), {"file": upload})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_token_of_an_upload_belongs_to_its_source(client, accountant, venue, source):
    client.force_login(accountant)
    other = mapped_source("", default_venue=venue)
    upload = SimpleUploadedFile("a.csv", csv_text([row("A")]).encode())
    url = client.post(reverse("integrations:source_upload", args=[other.pk]), {"file": upload}).url
    stolen = url.replace(f"/{other.pk}/columns", f"/{source.pk}/columns")
    assert client.get(stolen).status_code == 404
    assert client.get(url + "x").status_code == 404


def test_pull_now_shows_progress_and_starts_one_job(client, accountant, venue, settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    write_csv(tmp_path / "a.csv", [row("A")])
    source = mapped_source(default_venue=venue, location="a.csv")
    client.force_login(accountant)
    where = reverse("integrations:source_pull", args=[source.pk])
    assert client.get(where).status_code == 405
    answer = client.post(where)
    assert client.post(where).url == answer.url
    assert client.get(reverse("integrations:source", args=[source.pk])).status_code == 200
    assert client.get(answer.url).status_code == 200


def test_columns_of_a_joined_heading_stay_joined(client, accountant, venue, settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    write_csv(tmp_path / "a.csv", [row("A")])
    joined = MAP.replace('partner_name = "得意先名"', 'partner_name = {join = ["得意先コード", "得意先名"]}')
    source = mapped_source(joined, default_venue=venue, location="a.csv")
    client.force_login(accountant)
    where = reverse("integrations:source_columns", args=[source.pk])
    form = client.get(where).context["form"]
    chosen = {name: field.initial for name, field in form.fields.items() if field.initial}
    client.post(where, chosen | {"currency_is": "gbp"})
    source.refresh_from_db()
    assert "join" in source.map_text
    assert 'currency = "GBP"' in source.map_text


# --- partners ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def partner(source, take):
    take(source, [row("A"), row("B", code="C2", name="")])
    return PartnerLink.objects.get(key="C1")


def test_link_by_the_picker(client, accountant, partner):
    guest = CustomerFactory.create(name="青葉 次郎")
    client.force_login(accountant)
    where = reverse("integrations:partner", args=[partner.pk])
    assert client.post(where, {"guest-q": "青葉"}).status_code == 422
    assert client.post(where, {"guest-q": "青葉", "guest": guest.pk}).url == reverse("integrations:partners")
    assert ActualDocument.objects.get(source_doc_id="A").customer == guest


def test_same_name_is_only_proposed(client, accountant, partner):
    guest = CustomerFactory.create(name="株式会社青葉商事")
    page = get(client, accountant, "integrations:partner", partner.pk)
    assert page.context["proposals"] == [guest]
    assert ActualDocument.objects.get(source_doc_id="A").customer is None
    client.post(reverse("integrations:partner_is", args=[partner.pk, guest.pk]))
    assert ActualDocument.objects.get(source_doc_id="A").customer == guest


@pytest.mark.parametrize("verb", ["partner_new_guest", "partner_is_nobody", "partner_open_again"])
def test_verbs(client, accountant, venue, partner, verb):
    where = reverse(f"integrations:{verb}", args=[partner.pk])
    client.force_login(person("manager", venue))
    assert client.post(where).status_code == 403
    client.force_login(person("admin"))
    assert client.post(where).status_code == 404
    client.force_login(accountant)
    assert client.get(where).status_code == 405
    assert client.post(where).status_code == 302
    document = ActualDocument.objects.get(source_doc_id="A")
    assert (document.customer is not None, document.is_customer) == {
        "partner_new_guest": (True, True),
        "partner_is_nobody": (False, False),
        "partner_open_again": (False, True),
    }[verb]


def test_filters_of_the_work_list(client, accountant, source, partner):
    client.force_login(accountant)
    where = reverse("integrations:partners")
    client.post(reverse("integrations:partner_is_nobody", args=[partner.pk]))
    assert [each.key for each in client.get(where).context["page"].rows] == ["C2"]
    listed = client.get(f"{where}?status=not_a_customer&source={source.pk}").context["page"].rows
    assert [each.key for each in listed] == ["C1"]
    assert client.get(f"{where}?status=nonsense&source=x&currency=x").status_code == 200


def test_guests_of_other_venues_are_codes_in_a_narrowed_house(client, venue, accountant, partner):
    guest = CustomerFactory.create(code="K-77", name="東山 花子")
    guest.known_at.add(VenueFactory.create())
    link_partner(partner=partner, customer=guest, by=accountant)
    document = ActualDocument.objects.get(source_doc_id="A")
    president = person("president", venue)
    pages = [
        (accountant, "integrations:partners", [], "?status=matched"),
        (accountant, "integrations:partner", [partner.pk], ""),
        (president, "integrations:document", [document.pk], ""),
    ]
    card = reverse("customers:card", args=[guest.pk])
    for user, name, args, query in pages:
        assert card in get(client, user, name, *args, query=query).content.decode()
    House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
    for user, name, args, query in pages:
        page = get(client, user, name, *args, query=query).content.decode()
        assert "K-77" in page
        assert card not in page
        assert "東山" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_matched_partners_do_not_grow_in_queries(client, take, venue, accountant, rows, django_assert_num_queries):
    source = mapped_source(default_venue=venue)
    for number in range(rows):
        CustomerFactory.create(code=f"C{number}").known_at.add(venue)
    take(source, [row(f"A{number}", code=f"C{number}") for number in range(rows)])
    House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
    get(client, accountant, "integrations:partners")
    with django_assert_num_queries(QUERIES_OF_MATCHED_PARTNERS):
        client.get(reverse("integrations:partners") + "?status=matched")


# --- bills ------------------------------------------------------------------------------------------------------------


def test_bills_on_the_guest_s_card(client, source, venue, take):
    guest = CustomerFactory.create(code="C1")
    take(source, [row("A")])
    card = reverse("customers:card", args=[guest.pk])
    client.force_login(person("manager", venue))
    assert "16,000円" in client.get(card).content.decode()
    for other in (person("floor", venue), person("manager")):
        client.force_login(other)
        assert "16,000円" not in client.get(card).content.decode()


def test_bills_and_evenings_page_as_one_history(client, source, venue, take):
    """Every page begins where the last one ended, nothing twice, nothing left out, whatever falls on one day."""
    guest = CustomerFactory.create(code="C1")
    days = [f"2026-03-{day:02d}" for day in (1, 1, 1, 2, 3, 3, 4)]
    take(source, [row(f"B{number}", date=day) for number, day in enumerate(days)])
    midnight = timezone.make_aware(datetime(2026, 3, 3))
    for number in range(30):
        told = TimelineEntry(
            subject_type="customers.customer",
            subject_id=guest.pk,
            at=midnight + timedelta(hours=6 * (number % 5) - 12),
            kind="visit",
            title=f"V{number}",
        )
        replace_rows(parent=CustomerFactory.create(), rows=[told])
    client.force_login(person("manager", venue))
    seen, cursor = [], ""
    while True:
        page = client.get(reverse("customers:card", args=[guest.pk]), {"after": cursor}).context["timeline"]
        seen += page.rows
        cursor = page.next_cursor
        if not cursor:
            break
    assert len({one.title for one in seen}) == len(seen) == 37
    assert [one.at for one in seen] == sorted((one.at for one in seen), reverse=True)


def test_document_page_is_for_its_venue_s_money(client, source, venue, take):
    take(source, [row("A")])
    take(source, [row("A", price="9000")])
    pk = ActualDocument.objects.get().pk
    page = get(client, person("manager", venue), "integrations:document", pk).content.decode()
    assert "18,000円" in page
    assert "16,000円" in page
    assert get(client, person("manager"), "integrations:document", pk).status_code == 404
    assert get(client, person("floor", venue), "integrations:document", pk).status_code == 403


def test_document_without_a_venue_needs_the_money_of_every_venue(client, take, venue):
    source = mapped_source()
    take(source, [row("A")])
    pk = ActualDocument.objects.get().pk
    manager = person("manager", venue)
    assert get(client, manager, "integrations:document", pk).status_code == 200
    VenueFactory.create()
    assert get(client, manager, "integrations:document", pk).status_code == 404
