from __future__ import annotations

import json
import secrets
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from studio import operations
from studio.models import Clip, Connection, Membership, Role, Task, Team, User
from studio.offline import jobs as offline_jobs
from studio.offline.models import Take
from studio.work import jobs, onboarding, start

TEAM = "Demo team"
STRANGERS_TEAM = "Another team"
STRANGER = "stranger"
PEOPLE = {
    Role.OWNER: "Olive Owner",
    Role.ADMIN: "Amir Admin",
    Role.MEMBER: "Mia Member",
    Role.VIEWER: "Viktor Viewer",
}
FORM_TOKEN = "demo-song"  # noqa: S105
SONG_WITHIN_S = 600
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True)
class Song:
    title: str
    tags: str
    lyrics: str


SONGS = (
    Song(
        "Last Train Home",
        "synth pop, dreamy, warm bass, 104 bpm",
        "[Verse]\nPlatform lights are counting down\nRain is drawing silver lines\n"
        "Every window shows the town\nLeaning back and feeling fine\n\n"
        "[Chorus]\nTake the last train home with me\nSing it slow and sing it low\n"
        "All the dark is made to be\nSomewhere bright for us to go",
    ),
    Song(
        "Kitchen Window",
        "acoustic folk, gentle guitar, morning, 88 bpm",
        "[Verse]\nCoffee on the windowsill\nSteam is writing on the pane\n"
        "Half the street is sleeping still\nHalf is waiting for the rain\n\n"
        "[Chorus]\nStay a little, stay a while\nLet the kettle sing its tune\n"
        "Nothing here is out of style\nMorning never comes too soon",
    ),
    Song(
        "Paper Boats",
        "piano ballad, slow, hopeful, 72 bpm",
        "[Verse]\nFold a corner, fold a side\nSet it down where water bends\n"
        "Every boat has room to ride\nEvery river finds its ends\n\n"
        "[Chorus]\nPaper boats on summer streams\nCarry what we cannot say\n"
        "Small enough to hold our dreams\nLight enough to sail away",
    ),
)


class Command(BaseCommand):
    help = (
        "Fill a demo team with people of every role and some songs. Safe to repeat: passwords are set anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the team and its people as JSON only")
        parser.add_argument("--songs", type=int, default=2, help="how many songs the team has in the end")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["songs"] < 0:
            raise CommandError("--songs has to be 0 or more.")
        people = [_person(role.value, name) for role, name in PEOPLE.items()]
        people.append(_person(STRANGER, "Sasha Stranger"))
        team = _team(TEAM, {Role(one["role"]): one["user"] for one in people[:-1]})
        _team(STRANGERS_TEAM, {Role.OWNER: people[-1]["user"]})
        self._make_songs(team, people[0]["user"], options["songs"])
        self._print(team, people, is_json=options["json"])

    def _make_songs(self, team: Team, person: User, wanted: int) -> None:
        made = Task.objects.filter(team=team, form_token__startswith=FORM_TOKEN, status=Task.Status.READY)
        for number in range(made.count(), wanted):
            song = SONGS[number % len(SONGS)]
            task = make_song(team, person, song)
            if task.status != Task.Status.READY:
                reason = task.problem_text or task.get_status_display()
                self.stderr.write(f"“{song.title}” was not made: {reason}")
            else:
                clips = Clip.objects.filter(task=task, state=Clip.State.READY).count()
                self.stderr.write(f"“{song.title}” is ready, in {clips} takes.")

    def _print(self, team: Team, people: list[dict[str, Any]], *, is_json: bool) -> None:
        users = [
            {
                "email": one["user"].email,
                "password": one["password"],
                "role": one["role"],
                "name": one["user"].name,
            }
            for one in people
        ]
        if is_json:
            self.stdout.write(json.dumps({"team": team.name, "users": users}))
            return
        self.stdout.write(team.name)
        for user in users:
            self.stdout.write(f"{user['role']:<9} {user['email']:<24} {user['password']}")


def _person(role: str, name: str) -> dict[str, Any]:
    """The demo person of a role, with a new password; in an empty studio the owner also runs it."""
    email, password = f"{role}@demo.example", secrets.token_urlsafe(12)
    user = User.objects.filter(email=email).first()
    if user is None:
        make = User.objects.create_superuser if onboarding.is_first_start() else User.objects.create_user
        user = make(email, password, name=name)
    else:
        user.set_password(password)
        user.is_active = True
        user.save(update_fields=["password", "is_active"])
    return {"user": user, "password": password, "role": role}


def _team(name: str, roles: dict[Role, User]) -> Team:
    """The team of the demo's owner with this name, its roles put right."""
    owner = roles[Role.OWNER]
    team = Team.objects.filter(name=name, memberships__user=owner).first() or onboarding.open_team(
        owner, name
    )
    for role, user in roles.items():
        Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
    return team


def make_song(team: Team, person: User, song: Song) -> Task:
    """A song made as people make it, with the queue's jobs called here; a running worker may take part."""
    operation = operations.get("sonic.create_music")
    given = {"mode": "custom", "title": song.title, "tags": song.tags, "prompt": song.lyrics}
    connection = Connection.objects.filter(team=team, is_offline=True, retired_at=None).first()
    if connection is None:
        raise CommandError(
            "The demo team has no connection to the offline provider. Add one in its settings."
        )
    token = f"{FORM_TOKEN}-{uuid4().hex}"
    task = start.start(person, team, connection, operation, operation.defaults() | given, token)
    jobs.submit(task.pk)
    give_up_s = time.monotonic() + SONG_WITHIN_S
    while _is_under_way(task) and time.monotonic() < give_up_s:
        for take in Take.objects.filter(job__task_id=task.remote_id, state=Take.State.PENDING):
            offline_jobs.render(take.pk)
        jobs.refresh(task.pk)
        if _is_under_way(task):  # a worker has it
            time.sleep(LOOK_AGAIN_S)
    return task


def _is_under_way(task: Task) -> bool:
    task.refresh_from_db()
    return task.is_open
