"""The studio's side of a crash trial, as a process of its own with its own database.

Reads commands from standard input, one on each line, and answers each with one line of JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from studio import ledger, operations, vault  # noqa: E402
from studio.models import Clip, Entry, Task, Team  # noqa: E402
from studio.work import providers, start  # noqa: E402
from tests.base import make_team, make_user  # noqa: E402
from tests.fake_api import KEY  # noqa: E402


def prepare(base_url: str) -> dict[str, Any]:
    call_command("migrate", verbosity=0, skip_checks=True)
    alice = make_user("Alice")
    providers.add_connection(make_team("Crash", owner=alice), alice, "Fake", base_url, KEY)
    return {}


def begin(title: str) -> dict[str, Any]:
    team = Team.objects.get()
    values = {
        "mode": "custom",
        "prompt": "[Verse]\nStill here",
        "tags": "pop",
        "title": title,
        "mv": "sonic-v5",
    }
    operation = operations.get("sonic.create_music")
    person = team.members.get()
    task = start.start(person, team, team.connections.get(), operation, values, f"form-{title}")
    return {"pk": task.pk}


def look() -> dict[str, Any]:
    return {task.payload["title"]: task.status for task in Task.objects.all()}


def report() -> dict[str, Any]:
    """All that the trial judges by."""
    tasks = {
        task.payload["title"]: {
            "status": task.status,
            "problem": task.problem_text,
            "entries": sorted(task.entries.values_list("kind", flat=True)),
            "charged_credits": sum(task.entries.values_list("charged_credits", flat=True)),
            "held_credits": -sum(e.amount_credits for e in ledger.open_holds().filter(task=task)),
            "ready_clips": task.clips.filter(state=Clip.State.READY).count(),
        }
        for task in Task.objects.all()
    }
    ready = Clip.objects.filter(state=Clip.State.READY).prefetch_related("assets")
    return {
        "tasks": tasks,
        "grants": sum(Entry.objects.filter(kind=Entry.Kind.GRANT).values_list("amount_credits", flat=True)),
        "available": ledger.balance(Team.objects.get().connections.get()).available_credits,
        "clips_without_audio": [clip.remote_id for clip in ready if not _is_home(clip)],
    }


def _is_home(clip: Clip) -> bool:
    kinds = {asset.kind for asset in clip.assets.all()}
    is_whole = all(vault.verify(asset.key, asset.sha256) for asset in clip.assets.all())
    return is_whole and {"audio", "peaks", "cover", "answer"} <= kinds


COMMANDS = {"prepare": prepare, "begin": begin, "look": look, "report": report}

for line in sys.stdin:
    name, *arguments = line.split()
    print(json.dumps(COMMANDS[name](*arguments)), flush=True)
