"""A studio full of clips: one team, words in the proportions of a language, two takes to a request."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from datetime import timedelta

BATCH = 2000
WORDS_OF_LYRICS = 220
SYLLABLES = [consonant + vowel for consonant in "bdklmnrstv" for vowel in "aeiou"]
STYLES = (
    "synthwave",
    "dream pop",
    "bossa nova",
    "lo-fi",
    "folk",
    "techno",
    "ballad",
    "funk",
    "choir",
    "ambient",
)
COMMON_WORD = "night"  # in every second clip
RARE_WORD = "zephyr"  # in a handful
MODELS = ("sonic-v5", "sonic-v5-5", "sonic-v4-5", "sonic-v6")


def vocabulary(chance: random.Random) -> tuple[list[str], list[float]]:
    """3000 words and their weights, the n-th as frequent as 1/n."""
    words = {"".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(3600)}
    listed = sorted(words)[:3000]
    chance.shuffle(listed)
    return listed, [1 / (rank + 1) for rank in range(len(listed))]


def fill(people: object, count: int) -> None:
    """`count` ready clips of Alice's team, with audio and cover rows but no bytes."""
    from studio.models import Asset, Clip, Task
    from tests.base import make_task

    chance = random.Random(7)
    words, weights = vocabulary(chance)
    pattern = make_task(people, status=Task.Status.READY)  # type: ignore[arg-type]
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        tasks = Task.objects.bulk_create(_tasks(pattern, first, (size + 1) // 2))
        texts = [chance.choices(words, weights, k=WORDS_OF_LYRICS + 3) for _ in tasks]
        made = Clip.objects.bulk_create(
            _clip(chance, tasks[at // 2], at % 2, texts[at // 2], first + at) for at in range(size)
        )
        Asset.objects.bulk_create(itertools.chain.from_iterable(map(_assets, made)))
    _spread(count)


def _tasks(pattern: object, first: int, size: int) -> Iterator[object]:
    from studio.models import Task

    kept = ("team", "person", "connection", "operation", "recipe", "payload", "price_credits", "status")
    given = {name: getattr(pattern, name) for name in kept}
    for number in range(size):
        yield Task(**given, form_token=f"bench-{first}-{number}", remote_id=f"bench-{first}-{number}")


def _clip(chance: random.Random, task: object, position: int, text: list[str], number: int) -> object:
    from studio.models import Clip

    lines = [" ".join(text[at : at + 7]) for at in range(3, len(text), 7)]
    if number // 2 % 2:
        lines[2] += f" {COMMON_WORD}"
    if number // 2 % 1000 == 0:
        lines[5] += f" {RARE_WORD}"
    lyrics = "[Verse]\n" + "\n".join(lines[:8]) + "\n[Chorus]\n" + "\n".join(lines[8:])
    return Clip(
        team_id=task.team_id,  # type: ignore[attr-defined]
        task=task,
        remote_id=f"bench-{number}",
        position=position,
        state=Clip.State.READY,
        title=" ".join(text[:3]).title(),
        tags=", ".join(chance.sample(STYLES, 4)),
        lyrics=lyrics if chance.random() > 0.1 else "",
        model=chance.choice(MODELS),
        duration_s=chance.uniform(120, 260),
        bpm=chance.randint(70, 170),
        key=chance.choice("CDEFGAB") + chance.choice((" major", " minor")),
        loudness_lufs=-14,
        true_peak_dbtp=-1,
        sketch="".join(
            f"{min(99, int(50 + 49 * math.sin(at / 5 + number) * chance.random())):02}" for at in range(120)
        ),
    )


def _height(at: int, number: int, chance: random.Random) -> int:
    return int(50 + 49 * math.sin(at / 5 + number) * chance.random())


def _assets(clip: object) -> Iterator[object]:
    from studio.models import Asset

    for kind, content_type in ((Asset.Kind.AUDIO, "audio/mpeg"), (Asset.Kind.COVER, "image/png")):
        yield Asset(
            clip=clip, kind=kind, key="none", content_type=content_type, sha256="0" * 64, size_bytes=1
        )


def _spread(count: int) -> None:
    """A clip every ten minutes: written in one go they would all be of one moment."""
    from django.utils import timezone

    from studio.models import Clip

    now, batch = timezone.now(), []
    for at, clip in enumerate(Clip.objects.order_by("pk").only("pk")):
        clip.created_at = now - timedelta(minutes=10 * (count - at))
        batch.append(clip)
    Clip.objects.bulk_update(batch, ["created_at"], batch_size=500)
