"""Who gets what: every address of the studio × six visitors, as one table.

Each cell is asked in a database of its own, so that what one visitor does is never there for the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from studio import vault
from studio.library import recipes, stems
from studio.models import Asset, Clip, Connection, Entry, Invitation, Membership, Role, Task, Team
from tests.base import People, make_clip, make_connection, make_recording, make_task, make_user
from tests.test_personas import make_persona

VISITORS = ("anonymous", "stranger", "viewer", "member", "admin", "owner")

LOGIN = "login"  # sent to the sign-in page
GO = "elsewhere"  # a redirect: the action was done, or the page is another one
OK, NONE, NO, LOST, LATE, BAD = 200, 204, 403, 404, 409, 422

NOTES = b'{"version":1,"instruments":[{"name":"Bass","notes":[[0.0,0.5,40,0.8]]}]}'

Things = dict[str, Any]


@dataclass(frozen=True)
class Row:
    method: str
    name: str
    expected: tuple[Any, ...]  # one per visitor, in the order of VISITORS
    args: Callable[[Things], dict[str, Any]] = field(default=lambda things: {})
    data: Callable[[Things], dict[str, Any]] = field(default=lambda things: {})


def code_of(name: str) -> Callable[[Things], dict[str, Any]]:
    return lambda things: {"code": things[name].code}


def clip_and(**more: str) -> Callable[[Things], dict[str, Any]]:
    return lambda things: {"code": things["clip"].code, **more}


SONG = {"mode": "simple", "gpt_description_prompt": "a quiet song", "mv": "sonic-v5", "form_token": "t-1"}
EXTEND = {"operation": "sonic.extend_music"}
HELPER = {"operation": "sonic.create_music", "helper": "write", "field": "prompt"}
ASKED = {"helper_field": "prompt", "helper_about_prompt": "rain on a tin roof", "helper_token": "t-2"}
SIGNED_IN = (LOGIN, OK, OK, OK, OK, OK)
READ = (LOGIN, LOST, OK, OK, OK, OK)
ADMINISTER = (LOGIN, LOST, NO, NO, GO, GO)

TABLE = [
    Row("GET", "home", (LOGIN, GO, GO, GO, GO, GO)),
    Row("GET", "welcome", (LOGIN,) * 6),
    Row("GET", "healthz", (503,) * 6),  # no worker beats here
    Row("GET", "create", SIGNED_IN),
    Row("GET", "compose_panel", SIGNED_IN),
    Row("POST", "check_recipe", SIGNED_IN, data=lambda things: SONG),
    Row("POST", "save_draft", (LOGIN, NONE, NO, NONE, NONE, NONE), data=lambda things: SONG),
    Row("POST", "reset_draft", (LOGIN, GO, NO, GO, GO, GO), data=lambda things: SONG),
    Row(
        "POST",
        "set_source",
        (LOGIN, GO, NO, GO, GO, GO),
        data=lambda things: EXTEND | {"clip": things["clip"].code},
    ),
    Row("GET", "source_picker", SIGNED_IN, data=lambda things: EXTEND | {"field": "clip"}),
    Row("GET", "helper", SIGNED_IN, data=lambda things: HELPER),
    Row("POST", "ask_helper", (LOGIN, BAD, NO, GO, GO, GO), data=lambda things: HELPER | ASKED),
    Row("GET", "helper_answer", READ, code_of("done")),
    # The stranger is at home in another team, which has no connection yet.
    Row("POST", "start_task", (LOGIN, BAD, NO, GO, GO, GO), data=lambda things: SONG),
    Row("GET", "running", SIGNED_IN),
    Row("GET", "task", READ, code_of("done")),
    Row("POST", "cancel_task", ADMINISTER, code_of("queued")),
    Row("POST", "retry_task", ADMINISTER, code_of("failed")),
    Row("POST", "resolve_task", ADMINISTER, code_of("unconfirmed"), lambda things: {"was_charged": "no"}),
    Row("GET", "library", SIGNED_IN),
    Row("GET", "clip", READ, code_of("clip")),
    Row("GET", "clip_detail", READ, code_of("clip")),
    Row("GET", "clip_peaks", READ, code_of("clip")),
    Row("GET", "clip_preview", (LOGIN,) + (LOST,) * 5, code_of("clip")),  # it is finished: nothing ahead
    Row("GET", "clip_lyrics", READ, clip_and(kind="txt")),
    Row("GET", "clip_download", READ, clip_and(kind="mp3")),
    Row("GET", "clip_menu", READ, code_of("clip")),
    Row("GET", "window_words", (LOGIN, LOST, NONE, NONE, NONE, NONE), code_of("clip")),
    Row("GET", "clip_notes", READ, clip_and(instrument="0")),
    Row("GET", "clip_stems", READ, lambda things: {"code": things["clip"].code, "group": stems_of(things)}),
    Row("GET", "media", READ, code_of("audio")),
    Row("GET", "shared_file", (LOST,) * 6, lambda things: {"token": "forged", "name": "audio.mp3"}),
    Row("GET", "webhook", (405,) * 6, lambda things: {"token": "forged"}),
    Row("GET", "personas", SIGNED_IN),
    Row("POST", "rename_persona", ADMINISTER, code_of("persona"), lambda things: {"name": "Lark"}),
    Row("POST", "retire_persona", ADMINISTER, code_of("persona")),
    Row("GET", "recordings", SIGNED_IN),
    Row("GET", "recording_audio", READ, code_of("recording")),
    Row("POST", "rename_recording", ADMINISTER, code_of("recording"), lambda things: {"name": "Other"}),
    Row("POST", "delete_recording", ADMINISTER, code_of("recording")),
    Row("GET", "recipes", SIGNED_IN),
    Row("GET", "recipes_file", SIGNED_IN),
    Row("GET", "recipe_file", READ, code_of("recipe")),
    Row("POST", "change_recipe", ADMINISTER, code_of("recipe"), lambda things: {"name": "Other"}),
    Row("POST", "delete_recipe", ADMINISTER, code_of("recipe")),
    Row("POST", "import_recipes", (LOGIN, BAD, NO, BAD, BAD, BAD)),
    Row("POST", "keep_recipe", (LOGIN, LOST, NO, GO, GO, GO), code_of("done"), lambda things: {"name": "It"}),
    Row("GET", "team", SIGNED_IN),
    Row("POST", "rename_team", (LOGIN, GO, NO, NO, GO, GO), data=lambda things: {"name": "Another"}),
    Row(
        "POST",
        "switch_team",
        (LOGIN, LOST, GO, GO, GO, GO),
        data=lambda things: {"team": things["team"].code},
    ),
    Row("POST", "open_team", (LOGIN, GO, GO, GO, GO, GO), data=lambda things: {"name": "My own"}),
    Row("POST", "leave_team", (LOGIN, LATE, GO, GO, GO, LATE)),
    Row("POST", "invite", (LOGIN, OK, NO, NO, OK, OK), data=lambda things: {"role": "member"}),
    Row("POST", "revoke_invitation", ADMINISTER, code_of("invitation")),
    Row("POST", "change_role", ADMINISTER, code_of("membership"), lambda things: {"role": "viewer"}),
    Row("POST", "remove_member", ADMINISTER, code_of("membership")),
    Row("GET", "join", (OK, OK, GO, GO, GO, GO), lambda things: {"token": "open-sesame"}),
    Row("GET", "settings", SIGNED_IN),
    Row("POST", "add_connection", (LOGIN, BAD, NO, NO, BAD, BAD)),
    Row("POST", "check_connection", ADMINISTER, code_of("connection")),
    Row("POST", "make_default", ADMINISTER, code_of("connection")),
    Row("POST", "replace_key", (LOGIN, LOST, NO, NO, BAD, BAD), code_of("connection")),
    Row("POST", "retire_connection", ADMINISTER, code_of("spare")),
    Row("POST", "grant_credits", (LOGIN, LOST, NO, NO, BAD, BAD), code_of("connection")),
    Row("GET", "connection_operations", (LOGIN, LOST, NO, NO, OK, OK), code_of("connection")),
    Row(
        "POST",
        "set_operation",
        ADMINISTER,
        lambda things: {"code": things["connection"].code, "name": "sonic.vox"},
        lambda things: {"status": "retired"},
    ),
    Row("GET", "usage", (LOGIN, OK, NO, NO, OK, OK)),
    Row("GET", "usage_csv", (LOGIN, OK, NO, NO, OK, OK)),
]


@pytest.fixture
def things(people: People) -> Things:
    """One of everything in Alice's team; the tasks are hers, so a member may not touch them."""
    Entry.objects.create(team=people.team, connection=people.connection, kind="grant", amount_credits=500)
    clip = make_clip(people)
    user = make_user("Mia")
    return {
        "team": people.team,
        "connection": people.connection,
        "spare": make_connection(
            people.team, name="Spare", is_default=False, base_url="http://127.0.0.1:2/api/v1"
        ),
        "done": clip.task,
        "queued": make_task(people),
        "failed": make_task(people, status=Task.Status.FAILED, problem_text="It broke."),
        "unconfirmed": make_task(people, status=Task.Status.UNCONFIRMED, needs_person=True),
        "clip": clip,
        "audio": store(clip, Asset.Kind.AUDIO, b"ID3\x04" + bytes(500), ".mp3", "audio/mpeg"),
        "peaks": store(clip, Asset.Kind.PEAKS, b'{"pairs":[]}', ".json", "application/json"),
        "stem": store(clip, Asset.Kind.STEM, b"ID3\x04" + bytes(200), ".mp3", "audio/mpeg"),
        "notes": store(clip, Asset.Kind.NOTES, NOTES, ".json", "application/json"),
        "persona": make_persona(people),
        "recording": make_recording(people, "Demo", b"ID3\x04" + bytes(300)),
        "recipe": recipes.keep(people.team, people.alice, "Night", clip.task.recipe, is_shared=True),
        "membership": Membership.objects.create(team=people.team, user=user, role=Role.MEMBER),
        "invitation": Invitation.objects.create(
            team=people.team,
            created_by=people.alice,
            token_hash=hashlib.sha256(b"open-sesame").hexdigest(),
            expires_at=timezone.now() + timedelta(days=1),
        ),
    }


def stems_of(things: Things) -> str:
    (group,) = stems.groups(things["clip"].assets.all())
    return group.code


def store(clip: Clip, kind: Asset.Kind, content: bytes, suffix: str, content_type: str) -> Asset:
    kept = vault.save(BytesIO(content), suffix)
    return Asset.objects.create(
        clip=clip,
        kind=kind,
        key=kept.key,
        sha256=kept.sha256,
        size_bytes=kept.size_bytes,
        content_type=content_type,
    )


def visitor(people: People, name: str) -> Browser:
    users = {
        "stranger": people.charlie,
        "viewer": people.vera,
        "member": people.bob,
        "admin": people.ada,
        "owner": people.alice,
    }
    return people.browser(users.get(name))


def outcome(answer: Any) -> Any:
    if answer.status_code not in {301, 302, 303, 307, 308}:
        return answer.status_code
    return LOGIN if answer.headers["Location"].startswith("/accounts/login/") else GO


@pytest.mark.parametrize("who", range(len(VISITORS)), ids=VISITORS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.name}")
def test_everybody_gets_what_the_table_says(row: Row, who: int, people: People, things: Things) -> None:
    ask = getattr(visitor(people, VISITORS[who]), row.method.lower())
    answer = ask(reverse(row.name, kwargs=row.args(things)), row.data(things))
    assert outcome(answer) == row.expected[who]


def everything() -> list[Any]:
    return [
        list(kind.objects.order_by("pk").values())
        for kind in (Team, Membership, Invitation, Connection, Task, Entry)
    ]


@pytest.mark.parametrize("row", [row for row in TABLE if row.method == "POST"], ids=lambda row: row.name)
def test_a_link_never_changes_anything(row: Row, people: People, things: Things) -> None:
    before = everything()
    answer = people.browser(people.alice).get(reverse(row.name, kwargs=row.args(things)))
    assert answer.status_code in {302, 405}
    assert everything() == before


@pytest.mark.parametrize("row", [row for row in TABLE if row.method == "POST"], ids=lambda row: row.name)
def test_what_changes_things_needs_the_page_it_comes_from(row: Row, people: People, things: Things) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(people.alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post(reverse(row.name, kwargs=row.args(things)), row.data(things)).status_code == 403


def addresses(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield str(pattern.name)
        elif isinstance(pattern, URLResolver) and str(pattern.pattern) not in {
            "admin/",
            "accounts/",
            "offline/",
        }:
            yield from addresses(pattern.url_patterns)


def test_no_address_is_missing_from_the_table() -> None:
    assert {row.name for row in TABLE} == set(addresses(get_resolver().url_patterns))


@pytest.mark.parametrize("who", range(len(VISITORS)), ids=VISITORS)
def test_the_django_admin_is_for_staff_alone(who: int, people: People) -> None:
    answer = visitor(people, VISITORS[who]).get("/admin/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


def test_a_retired_connection_of_another_team_stays_unknown(people: People) -> None:
    hidden = make_connection(people.others, name="Theirs")
    answer = people.browser(people.alice).post(reverse("retire_connection", kwargs={"code": hidden.code}))
    assert answer.status_code == 404
    assert Connection.objects.get(pk=hidden.pk).retired_at is None
