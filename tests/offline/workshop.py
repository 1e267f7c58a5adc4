"""One run of the provider with the real engine, shared by tests that measure what comes out of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import soundfile
from django.db import transaction
from django.test import override_settings
from numpy.typing import NDArray

from studio.offline import accounts, api, jobs
from studio.offline.models import Job, Take
from studio.offline.transport import ORIGIN

Audio = NDArray[np.float32]
RATE_HZ = 44_100
STARS = """[Verse]
Stars they shine above me
Moonlight softly glows
[Chorus]
Starry night, let your light ignite"""
RIVER = """[Verse]
River running to the sea
Carry every word from me
[Chorus]
Run with me, run with me"""
SONG: dict[str, Any] = {"custom_mode": True, "mv": "sonic-v5", "duration": 22}


class Workshop:
    """Asks the provider as a client would, and renders what it is asked for."""

    def __init__(self, key: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}"}
        self.ask = cache(self._ask)
        self.clips = cache(self._clips)

    def _ask(self, path: str, body: str) -> dict[str, Any]:
        answer = api.handle("POST", f"/api/v1/sonic/{path}", self._headers, body.encode(), ORIGIN)
        said: dict[str, Any] = json.loads(answer.body)
        assert answer.status == 200, said
        return said

    def say(self, path: str, **body: Any) -> dict[str, Any]:
        """The answer to a question; the same question is asked once."""
        return self.ask(path, json.dumps(body))

    def _clips(self, path: str, body: str, count: int) -> list[dict[str, Any]]:
        task_id = self.ask(path, body)["task_id"]
        for take in Job.objects.get(task_id=task_id).takes.all()[:count]:
            jobs.render(take.pk)
        data = self.poll(task_id)
        found: list[dict[str, Any]] = data[:count] if isinstance(data, list) else [data]
        assert all(one.get("state", "succeeded") == "succeeded" for one in found), found
        return found

    def poll(self, task_id: str) -> Any:
        path = f"/api/v1/sonic/task/{task_id}"
        return json.loads(api.handle("GET", path, self._headers, b"", ORIGIN).body)["data"]

    def make(self, path: str, count: int = 1, **body: Any) -> list[dict[str, Any]]:
        """The first clips of a task, rendered; the same task is made once."""
        return self.clips(path, json.dumps(body), count)

    def upload(self, url: str) -> str:
        clip_id: str = self.say("upload", url=url)["clip_id"]
        return clip_id

    @property
    def stars(self) -> dict[str, Any]:
        return self.make("create", **SONG, prompt=STARS, tags="pop, 120 bpm, C major", title="Stars")[0]

    @property
    def river(self) -> dict[str, Any]:
        return self.make("create", **SONG, prompt=RIVER, tags="rock, 120 bpm, C major", title="River")[0]

    @property
    def wordless(self) -> dict[str, Any]:
        return self.make("create", **SONG, make_instrumental=True, tags="lofi, 84 bpm", title="Loops")[0]

    def notes(self, clip: dict[str, Any]) -> dict[str, list[dict[str, float]]]:
        """The notes of a clip by instrument."""
        data = self.say("midi", clip_id=clip["clip_id"])["data"]
        return {row["name"]: row["notes"] for row in data["instruments"]}

    def stems(self, clip: dict[str, Any], kind: str = "full") -> dict[str, Audio]:
        made = self.make(f"stems/{kind}", 12, clip_id=clip["clip_id"])
        return {stem["stem_type"]: sound(stem["flac_url"]) for stem in made}


@contextmanager
def workshop(folder: Path) -> Iterator[Workshop]:
    """A provider of its own whose books are forgotten in the end. Takes have the same seeds every time."""

    def seeds(count: int = 2) -> list[int]:
        return list(range(1, count + 1))

    settings = override_settings(DATA_DIR=folder)
    quiet = patch("studio.offline.doorbell.async_task", lambda *_args, **_options: None)
    same = patch("studio.offline.planning.seeds", seeds)
    with settings, quiet, same, transaction.atomic():
        yield Workshop(accounts.open_account("Workshop", 5000, shows_partial=True))
        transaction.set_rollback(True)


def take_of(clip: dict[str, Any]) -> Take:
    return Take.objects.get(clip_id=clip["clip_id"])


@cache
def sound(url: str) -> Audio:
    """The samples behind an address, float32 (2, samples)."""
    answer = api.handle("GET", url.removeprefix(ORIGIN), {}, b"", ORIGIN)
    assert answer.file is not None, url
    audio, rate_hz = soundfile.read(answer.file, dtype="float32", always_2d=True)
    assert rate_hz == RATE_HZ
    return np.ascontiguousarray(audio.T)


def heard(clip: dict[str, Any]) -> Audio:
    return sound(clip["flac_url"])


def level_db(audio: Audio) -> float:
    """Root mean square in dB; -120 for silence."""
    return 10 * float(np.log10(max(float(np.mean(np.square(audio, dtype=np.float64))), 1e-12)))


def residual_db(one: Audio, other: Audio) -> float:
    """How far two sounds are from each other, in dB of the first."""
    length = min(one.shape[1], other.shape[1])
    return level_db(one[:, :length] - other[:, :length]) - level_db(one[:, :length])


def between(audio: Audio, start_s: float, end_s: float) -> Audio:
    return audio[:, round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
