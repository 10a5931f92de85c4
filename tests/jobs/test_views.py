"""How far work is: for the person who asked for it, and for administrators."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from tests.factories.accounts import UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def owner(venue):
    return person("president", venue)


@pytest.fixture
def job(owner):
    return Job.objects.create(
        name="recompute_ranks", created_by=owner, state=JobState.RUNNING, progress_done=3, progress_total=4
    )


def address(job: Job) -> str:
    return reverse("jobs:progress", args=[job.pk])


def test_owner_administrator_colleague_and_stranger(client, job, owner, venue):
    statuses = {}
    for who, user in {
        "owner": owner,
        "admin": person("admin", venue),
        "colleague": person("president", venue),
        "stranger": UserFactory.create(),
    }.items():
        client.force_login(user)
        statuses[who] = client.get(address(job)).status_code
    assert statuses == {"owner": 200, "admin": 200, "colleague": 404, "stranger": 404}


def test_running_work_asks_again_by_itself_and_has_a_link_without_javascript(client, job, owner):
    client.force_login(owner)
    html = client.get(address(job)).content.decode()
    assert f'hx-get="{address(job)}"' in html
    assert "without-js" in html
    assert "75%" in html


def test_the_fragment_is_the_moving_part_alone(client, job, owner):
    client.force_login(owner)
    html = client.get(address(job), headers=HTMX).content.decode()
    assert "<html" not in html
    assert f'hx-get="{address(job)}"' in html


@pytest.mark.parametrize(("state", "error"), [(JobState.DONE, ""), (JobState.FAILED, "表が空です。")])
def test_finished_work_rests_and_leads_on(client, job, owner, state, error):
    Job.objects.update(state=state, error=error, finished_at=timezone.now())
    client.force_login(owner)
    html = client.get(address(job), {"next": "/figures/"}, headers=HTMX).content.decode()
    assert "hx-get" not in html
    assert 'href="/figures/"' in html
    assert error in html


def test_it_never_leads_to_another_site(client, job, owner):
    Job.objects.update(state=JobState.DONE)
    client.force_login(owner)
    assert (
        "example.com" not in client.get(address(job), {"next": "https://example.com/"}, headers=HTMX).content.decode()
    )


def test_the_list_is_for_administrators(client, job, owner, venue):
    client.force_login(owner)
    assert client.get(reverse("jobs:list")).status_code == 403
    client.force_login(person("admin", venue))
    assert address(job) in client.get(reverse("jobs:list")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_list(client, owner, venue, django_assert_num_queries, count):
    Job.objects.bulk_create(Job(name="recompute_ranks", created_by=owner) for _ in range(count))
    client.force_login(person("admin", venue))
    with django_assert_num_queries(7):
        client.get(reverse("jobs:list"))
