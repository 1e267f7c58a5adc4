from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from studio.models import Clip, Membership, Task, Team, User
from tests.base import People
from tests.offline.quick_engine import QuickEngine

ROLES = {"owner", "admin", "member", "viewer", "stranger"}


@pytest.fixture
def quick_engine(monkeypatch, settings, tmp_path) -> QuickEngine:
    quick = QuickEngine()
    settings.DATA_DIR = tmp_path / "data"
    for name in ("plan", "render", "capabilities"):
        monkeypatch.setattr(f"studio.engine.{name}", getattr(quick, name), raising=False)
    return quick


def demo(**options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("demo", json=True, stdout=out, stderr=io.StringIO(), **{"songs": 0, **options})
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_it_prints_one_person_of_every_role_who_can_sign_in():
    told = demo()
    assert told["team"] == "Demo team"
    assert {user["role"] for user in told["users"]} == ROLES
    for user in told["users"]:
        signed_in = authenticate(email=user["email"], password=user["password"])
        assert signed_in is not None and signed_in.name == user["name"]
        mine = dict(Membership.objects.filter(user=signed_in).values_list("team__name", "role"))
        assert mine == (
            {"Another team": "owner"} if user["role"] == "stranger" else {"Demo team": user["role"]}
        )


@pytest.mark.django_db
def test_a_second_time_the_same_people_get_new_passwords_and_their_roles_back():
    first = {user["role"]: user for user in demo()["users"]}
    Membership.objects.filter(user__email=first["member"]["email"]).update(role="viewer")
    Membership.objects.filter(user__email=first["viewer"]["email"]).delete()
    second = {user["role"]: user for user in demo()["users"]}
    assert (User.objects.count(), Team.objects.count()) == (5, 2)
    for role in ROLES:
        assert first[role]["email"] == second[role]["email"]
        assert first[role]["password"] != second[role]["password"]
    roles = dict(Membership.objects.filter(team__name="Demo team").values_list("user__email", "role"))
    assert roles == {second[role]["email"]: role for role in ROLES - {"stranger"}}


@pytest.mark.django_db
def test_in_an_empty_studio_somebody_can_open_the_admin():
    demo()
    assert [user.email for user in User.objects.filter(is_superuser=True)] == ["owner@demo.example"]


def test_in_a_studio_with_people_the_demo_runs_nothing(people: People):
    demo()
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.django_db
def test_songs_are_made_as_people_make_them(quick_engine: QuickEngine):
    demo(songs=2)
    tasks = Task.objects.filter(team__name="Demo team")
    assert [task.status for task in tasks] == [Task.Status.READY] * 2
    assert Clip.objects.filter(state=Clip.State.READY).count() == 4
    assert {clip.title for clip in Clip.objects.all()} == {"Last Train Home", "Kitchen Window"}
    kinds = set(tasks[0].entries.values_list("kind", flat=True))
    assert kinds == {"hold", "settle"}


@pytest.mark.django_db
def test_a_second_time_only_missing_songs_are_made(quick_engine: QuickEngine):
    demo(songs=1)
    demo(songs=1)
    assert Task.objects.count() == 1
    demo(songs=2)
    assert Task.objects.count() == 2


@pytest.mark.django_db
def test_without_an_engine_the_people_are_there_and_the_reason_is_told(quick_engine: QuickEngine):
    quick_engine.missing = "the engine's instruments are not installed"
    out, err = io.StringIO(), io.StringIO()
    call_command("demo", json=True, songs=1, stdout=out, stderr=err)
    assert len(json.loads(out.getvalue())["users"]) == 5
    assert "was not made" in err.getvalue()


@pytest.mark.django_db
def test_a_negative_number_of_songs_is_refused():
    with pytest.raises(CommandError):
        demo(songs=-1)
