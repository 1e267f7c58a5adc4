"""The people and things that tests share.

Alice owns, Ada administers, Bob is a member, Vera only views; Charlie is a stranger.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser

from studio import vault
from studio.models import Clip, Connection, Membership, Recording, Role, Task, Team, User

_numbers = itertools.count(1)


@dataclass
class People:
    alice: User
    ada: User
    bob: User
    vera: User
    charlie: User
    team: Team
    connection: Connection
    others: Team

    def browser(self, user: User | None) -> Browser:
        """A signed-in test client; anonymous for None."""
        browser = Browser()
        if user is not None:
            browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser


def make_user(name: str) -> User:
    return User.objects.create_user(f"{name.lower()}@example.com", "correct horse", name=name)


def make_team(name: str, **roles: User) -> Team:
    team = Team.objects.create(name=name)
    for role, user in roles.items():
        Membership.objects.create(team=team, user=user, role=Role(role))
    return team


def make_connection(team: Team, **fields: Any) -> Connection:
    """A connection that nothing answers: for tests that never send."""
    given = {
        "name": "Test",
        "base_url": "http://127.0.0.1:1/api/v1",
        "key_encrypted": "",
        "key_last4": "0000",
    }
    return Connection.objects.create(team=team, **({"is_default": True} | given | fields))


def make_people() -> People:
    alice, ada, bob, vera, charlie = (make_user(name) for name in ("Alice", "Ada", "Bob", "Vera", "Charlie"))
    team = make_team("Alice's team", owner=alice, admin=ada, member=bob, viewer=vera)
    others = make_team("Charlie's team", owner=charlie)
    return People(alice, ada, bob, vera, charlie, team, make_connection(team), others)


def make_task(people: People, *, person: User | None = None, **fields: Any) -> Task:
    number = next(_numbers)
    values = {
        "mode": "custom",
        "prompt": "[Verse]\nStars they shine above me",
        "tags": "pop, dreamy",
        "mv": "sonic-v5",
    }
    given = {
        "team": people.team,
        "person": person or people.alice,
        "connection": people.connection,
        "operation": "sonic.create_music",
        "recipe": {"version": 1, "operation": "sonic.create_music", "values": values},
        "payload": {
            "task_type": "create_music",
            "custom_mode": True,
            "mv": "sonic-v5",
            "prompt": "[Verse]\nStars",
        },
        "form_token": f"token-{number}",
        "price_credits": 14,
    }
    return Task.objects.create(**(given | fields))


def make_clip(people: People, task: Task | None = None, **fields: Any) -> Clip:
    number = next(_numbers)
    given = {
        "team": people.team,
        "task": task or make_task(people, status=Task.Status.READY),
        "remote_id": f"clip-{number}",
        "state": Clip.State.READY,
        "title": f"Song {number}",
        "tags": "pop, dreamy",
        "lyrics": "[Verse]\nStars they shine above me",
        "duration_s": 61.5,
        "sketch": "42" * 120,
    }
    return Clip.objects.create(**(given | fields))


def make_recording(people: People, name: str, audio: bytes, **fields: Any) -> Recording:
    """A recording whose bytes are in the vault."""
    kept = vault.save(io.BytesIO(audio), ".mp3")
    given = {
        "team": people.team,
        "person": people.alice,
        "name": name,
        "key": kept.key,
        "content_type": "audio/mpeg",
        "sha256": kept.sha256,
        "size_bytes": kept.size_bytes,
        "duration_s": 2.0,
        "sketch": "42" * 120,
    }
    return Recording.objects.create(**(given | fields))
