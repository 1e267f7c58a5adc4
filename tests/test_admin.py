from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio import ledger, teams
from studio.models import Asset, Clip, Connection, Entry, Invitation, Price, Role, Task, User
from studio.work import onboarding
from tests.base import People, make_clip, make_task

ROOT_PAGES = [
    "task",
    "entry",
    "clip",
    "asset",
    "connection",
    "invitation",
    "price",
    "user",
    "team",
    "membership",
]


@pytest.fixture
def root(people: People) -> Browser:
    """The browser of the person who runs the studio, with one of everything to look at."""
    user = User.objects.create_superuser("root@example.com", "correct horse", name="Root")
    ledger.grant(people.connection, 100, people.alice, "Start")
    task = make_task(
        people,
        status=Task.Status.FAILED,
        problem_kind="moderation",
        problem_text="Refused",
        answer='{"type": "failed", "text": "<script>alert(1)</script>"}',
    )
    ledger.hold(task, 14)
    clip = make_clip(people, task, title="Night Drive")
    Asset.objects.create(
        clip=clip, kind="audio", key="ab/cd/ef.mp3", content_type="audio/mpeg", sha256="ef", size_bytes=9
    )
    teams.invite(people.team, people.alice, Role.MEMBER, "noor@example.com")
    onboarding.open_team(people.alice, "Second")
    Price.objects.create(host="api.musicapi.ai", operation="sonic.create_music", credits=14)
    return people.browser(user)


@pytest.mark.parametrize("name", ROOT_PAGES)
def test_every_page_opens_is_searchable_and_shows_its_rows(root: Browser, name: str):
    address = reverse(f"admin:studio_{name}_changelist")
    assert root.get(address).status_code == 200
    assert root.get(address, {"q": "a"}).status_code == 200
    row = admin.site.get_model_admin(_model(name)).get_queryset(root.get(address).wsgi_request).first()
    assert root.get(reverse(f"admin:studio_{name}_change", args=[row.pk])).status_code == 200


def _model(name: str):
    return next(model for model in admin.site._registry if model._meta.label_lower == f"studio.{name}")


def test_a_task_shows_its_state_error_raw_answer_clips_and_money(root: Browser):
    task = Task.objects.get(problem_kind="moderation")
    page = root.get(reverse("admin:studio_task_change", args=[task.pk])).content.decode()
    assert "Refused" in page and "moderation" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert(1)" not in page
    assert reverse("admin:studio_clip_change", args=[Clip.objects.get().pk]) in page
    assert reverse("admin:studio_entry_change", args=[Entry.objects.get(task=task).pk]) in page


def test_the_list_of_tasks_leaves_their_answers_where_they_are(root: Browser):
    with CaptureQueriesContext(connection) as captured:
        root.get(reverse("admin:studio_task_changelist"))
    assert any('FROM "studio_task"' in query["sql"] for query in captured)
    assert not any('"studio_task"."answer"' in query["sql"] for query in captured)


@pytest.mark.parametrize("name", ["task", "entry", "clip", "asset", "connection", "invitation"])
def test_what_only_the_studio_writes_cannot_be_added_or_changed(root: Browser, name: str):
    assert root.get(reverse(f"admin:studio_{name}_add")).status_code == 403
    row = _model(name).objects.first()
    answer = root.post(
        reverse(f"admin:studio_{name}_change", args=[row.pk]), {"status": "ready", "kind": "grant"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["task", "entry", "clip", "asset", "connection", "user", "team"])
def test_what_the_ledger_or_a_team_rests_on_cannot_be_deleted(root: Browser, name: str):
    before = _model(name).objects.count()
    row = _model(name).objects.first()
    address = reverse(f"admin:studio_{name}_delete", args=[row.pk])
    assert root.post(address, {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [1, 2, 3], "post": "yes"}
    root.post(reverse(f"admin:studio_{name}_changelist"), sent)
    assert _model(name).objects.count() == before


def test_prices_are_data_and_can_be_changed(root: Browser):
    price = Price.objects.get()
    sent = {"host": price.host, "operation": price.operation, "variant": "", "credits": "11", "note": "seen"}
    root.post(reverse("admin:studio_price_change", args=[price.pk]), sent)
    price.refresh_from_db()
    assert (price.credits, price.note) == (11, "seen")


def test_keys_and_tokens_are_on_no_page(root: Browser):
    connection = Connection.objects.exclude(key_encrypted="").first()
    page = root.get(reverse("admin:studio_connection_change", args=[connection.pk])).content.decode()
    assert connection.key_last4 in page and connection.key_encrypted not in page
    kept = Invitation.objects.get()
    page = root.get(reverse("admin:studio_invitation_change", args=[kept.pk])).content.decode()
    assert kept.token_hash not in page


def test_the_queue_is_not_shown(root: Browser):
    assert not [model for model in admin.site._registry if model._meta.app_label == "django_q"]
    assert root.get("/admin/django_q/ormq/").status_code == 404


def test_a_person_made_here_chooses_a_password_by_mail(root: Browser):
    cache.clear()
    address = reverse("admin:studio_user_add")
    assert root.get(address).status_code == 200
    root.post(address, {"email": "New@Example.com", "name": "New"})
    made = User.objects.get(email="new@example.com")
    assert not made.has_usable_password() and not EmailAddress.objects.exists()
    Browser().post("/accounts/password/reset/", {"email": "new@example.com"})
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
    browser = Browser()
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": "a tune in seven", "password2": "a tune in seven"})
    made.refresh_from_db()
    assert made.check_password("a tune in seven")


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_owners_of_teams_do_not_run_the_studio(people: People, name: str):
    assert people.browser(getattr(people, name)).get("/admin/", follow=True).status_code == 403


def test_the_admin_has_no_door_of_its_own(people: People):
    answer = Browser().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('account_login')}?next=%2Fadmin%2F"
    User.objects.create_superuser("root@example.com", "correct horse", name="Root")
    browser = Browser()
    browser.post("/admin/login/", {"username": "root@example.com", "password": "correct horse"})
    assert "_auth_user_id" not in browser.session
