"""The parts of a clip come home: assets of the clip they were parted from, as many as the provider names."""

from __future__ import annotations

import time
from collections import defaultdict
from io import BytesIO
from typing import Any

from django.db import transaction

from studio import vault
from studio.models import Asset, Clip, Task
from studio.musicapi import Client, TaskAnswer
from studio.musicapi import Clip as Heard
from studio.work import assets, parts
from studio.work.assets import GivenUp, Trouble

NO_CLIP = "The clip that this was made of is gone, so there is nowhere to keep it."


def land(task: Task, client: Client, answer: TaskAnswer) -> Trouble | None:
    """Bring home every finished stem of `answer`. Safe to repeat.

    A stem that stays broken is given up and noted in the task's result, and the others are kept. Raises
    GivenUp when the source clip is gone.
    """
    clip = task.source
    if clip is None:
        raise GivenUp(NO_CLIP, "no_clip")
    done = _home(task).keys() | set(_missing(task))
    until_s, found = time.monotonic() + assets.LOOK_S, None
    for position, heard in enumerate(answer.clips):
        if heard.clip_id in done or not heard.is_final:
            continue
        if time.monotonic() > until_s:
            return found or assets.MORE
        found = _bring(task, clip, position, heard, client) or found
    if found is None and answer.state in ("succeeded", "failed"):
        _number(task)
    return found


def _home(task: Task) -> dict[str, Asset]:
    rows = Asset.objects.filter(task=task, kind=Asset.Kind.STEM)
    return {(row.details or {}).get("remote_id", ""): row for row in rows}


def _missing(task: Task) -> list[str]:
    return list((task.result or {}).get("missing", []))


def _bring(task: Task, clip: Clip, position: int, heard: Heard, client: Client) -> Trouble | None:
    if heard.state == "failed":
        _miss(task, heard.clip_id)
        return None
    part = parts.part_of(heard.part)
    label = parts.label_of(heard.part, part)
    try:
        return assets.tried(
            task,
            f"stem_{position}",
            f"The stem “{label}”",
            lambda: _keep(task, clip, position, heard, client, part, label),
        )
    except GivenUp:
        _miss(task, heard.clip_id)
        return None


def _keep(task: Task, clip: Clip, position: int, heard: Heard, client: Client, part: str, label: str) -> None:
    found = assets.fetch_audio(client, heard.audio_url, heard.duration_s)
    drawn = vault.save(BytesIO(assets.as_json(assets.peaks_json(found.measured))), ".json")
    details: dict[str, Any] = {
        "label": label,
        "part": part,
        "code3": parts.CODES[part],
        "remote_id": heard.clip_id,
        "duration_s": round(found.measured.duration_s, 3),
        "position": position,
        "set": "full" if task.operation.endswith("full") else "basic",
        "is_silent": found.is_silent,
    }
    with transaction.atomic():
        # Two workers may look at once; the task's row is their lock.
        Task.objects.select_for_update().get(pk=task.pk)
        if heard.clip_id in _home(task):
            return
        name = _free_name(task, part)
        more: dict[str, Any] = {"name": name, "task": task}
        assets.add(clip, Asset.Kind.STEM, found.kept, found.content_type, details=details, **more)
        assets.add(clip, Asset.Kind.PEAKS, drawn, assets.JSON, **more)


def _free_name(task: Task, part: str) -> str:
    """Such as "guitar-1f3b9c2d", and "guitar-2-1f3b9c2d" for a second one of the same task."""
    number = sum((row.details or {}).get("part") == part for row in _home(task).values()) + 1
    code8 = task.code.hex[:8]
    return f"{part}-{code8}" if number == 1 else f"{part}-{number}-{code8}"


def _miss(task: Task, remote_id: str) -> None:
    """Note a stem that will not come, so that no later look asks for it again."""
    task.result = {"missing": sorted({*_missing(task), remote_id})}
    Task.objects.filter(pk=task.pk).update(result=task.result)


def _number(task: Task) -> None:
    """Stems that their provider calls the same are told apart: Guitar 1, Guitar 2."""
    alike: dict[str, list[tuple[Asset, dict[str, Any]]]] = defaultdict(list)
    rows = [(row, row.details or {}) for row in _home(task).values()]
    for row, details in sorted(rows, key=lambda pair: pair[1].get("position", 0)):
        alike[details.get("label", "")].append((row, details))
    for label, twins in alike.items():
        for number, (row, details) in enumerate(twins, 1) if len(twins) > 1 else ():
            row.details = details | {"label": f"{label} {number}"}
            row.save(update_fields=["details"])
