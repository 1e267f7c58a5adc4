"""A short song of the engine's own and a hummed recording, made once, as clips of any account."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from studio import engine
from studio.engine.score import Score

if TYPE_CHECKING:
    from studio.offline.models import Take

RATE_HZ = 44_100
WORDS = (
    "[Verse]\nPaper boats along the gutter, rain is keeping time\n"
    "Every street a silver ribbon, every door a rhyme"
)
SPEC = {
    "lyrics": WORDS,
    "tags": "dream pop, female vocals",
    "title": "Paper Boats",
    "duration_s": 12.0,
    "seed": 4,
}
HUMMED = (57, 60, 64, 62, 60, 57, 59, 60)


@cache
def rendered() -> tuple[Path, engine.Song]:
    folder = Path(mkdtemp(prefix="song-", dir=os.environ["DATA_DIR"]))  # removed with it when tests end
    return folder, engine.render(engine.SongSpec(**SPEC), folder)


def own_clip(account: Any, family: str = "producer") -> Take:
    """The song as a finished clip of that account."""
    from studio.offline.models import Job, Take
    from studio.offline.works.results import of_song

    folder, song = rendered()
    found = of_song(song)
    job = Job.objects.create(
        account=account, family=family, task_type="create_music", state="succeeded", request={}
    )
    take = Take(
        job=job, position=0, work={"do": "create", "spec": SPEC | {"persona": None}}, state="succeeded",
        title=song.title, tags=song.tags, lyrics=song.lyrics, duration_s=song.duration_s, bpm=song.bpm,
        key=song.key, alignment=found.alignment, files=found.files, due_at=job.created_at, about={"seed": 4},
    )  # fmt: skip
    take.save()
    take.folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, take.folder)
    return take


def score_of(take: Take) -> Score:
    return engine.open_take(take.folder).score


def lead_pitches(score: Score) -> list[int]:
    return [note.pitch for line in score.vocals if line.part == "lead" for note in line.notes]


def hum(path: Path, seconds: float = 9.6) -> Path:
    """A voice alone: harmonics that swell and fall with every note."""
    length_s = seconds / len(HUMMED)
    parts = []
    for pitch in HUMMED:
        at_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
        hertz = 440 * 2 ** ((pitch - 69) / 12) * (1 + 0.004 * np.sin(2 * np.pi * 5 * at_s))
        phase = 2 * np.pi * np.cumsum(hertz) / RATE_HZ
        tone = sum(np.sin(phase * n) / n**1.6 for n in range(1, 12))
        parts.append(tone * np.minimum(1, np.minimum(at_s, length_s - at_s) / 0.06) * 0.2)
    soundfile.write(path, np.concatenate(parts), RATE_HZ)
    return path
