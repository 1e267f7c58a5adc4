"""By-products of a take, exact because its score and mastering are known: stems, notes, tempo, words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine import encode, notes
from studio.engine.edits.desk import source_of
from studio.engine.edits.grid import song_end_s
from studio.engine.edits.splice import Audio
from studio.engine.perform import LEAD_IN_S
from studio.engine.score import STEMS
from studio.engine.spec import SAMPLE_RATE_HZ, Cancelled, SpecError, TimedWord
from studio.engine.spill import Spill
from studio.engine.takes import FILES, StoredTake

VOICE_STEMS = ("vocals", "backing vocals")
LONGEST_VOX_S = 30.0
SHORTEST_VOX_S = 1.0
EDGE_S = 0.01
SILENT_DB = -60.0


@dataclass(frozen=True)
class Tempo:
    """Quarter notes a minute: mean over the song, and the extremes."""

    average_bpm: float
    lowest_bpm: float
    highest_bpm: float


@dataclass(frozen=True)
class Notes:
    """A MIDI file, and the same notes by instrument: name, notes of start and end in seconds, pitch 0-127,
    velocity 0-1."""

    path: Path
    instruments: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Vox:
    """A voice cut out of a take: a 24-bit FLAC file, the window it holds in seconds, and its peak in dB."""

    path: Path
    start_s: float
    end_s: float
    peak_db: float


def stems(
    source: Path, out: Path, count: int = 2, *, is_cancelled: Callable[[], bool] | None = None
) -> dict[str, Path]:
    """The stems as 24-bit FLAC files NAME.flac in `out`, by name. They sum to the mix.

    2 gives vocals and instrumental, 12 every one of score.STEMS that sounds; an absent one is left out.
    Backing vocals belong to the vocals. Raises SpecError, Cancelled; then no new file is in `out`.
    """
    if count not in (2, 12):
        raise SpecError(f"Stems come as 2 or as 12, not as {count}.")
    take = source_of(source)
    names = take.stem_names()
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    if count == 2:
        voices = tuple(name for name in names if name in VOICE_STEMS)
        groups = {"vocals": voices, "instrumental": tuple(name for name in names if name not in VOICE_STEMS)}
    made: dict[str, Path] = {}
    out.mkdir(parents=True, exist_ok=True)
    spill = Spill()
    try:
        for name, members in groups.items():
            if is_cancelled and is_cancelled():
                raise Cancelled("The stems were cancelled.")
            if members:
                audio = spill.fit(_sum(take, members))
                made[name] = out / f"{name}.flac"
                encode.write_flac(audio, made[name])
    except BaseException:
        for path in made.values():
            path.unlink(missing_ok=True)
        with suppress(OSError):
            out.rmdir()
        raise
    return made


def _sum(take: StoredTake, names: Sequence[str]) -> Audio:
    total: Audio | None = None
    for name in names:
        audio = take.stem(name)
        total = audio if total is None else total + audio
    assert total is not None
    return total


def missing_stems(source: Path) -> tuple[str, ...]:
    """Which of the twelve stems this take has not."""
    names = source_of(source).stem_names()
    return tuple(name for name in STEMS if name not in names)


def vox(source: Path, out: Path, start_s: float = 0.0, end_s: float | None = None) -> Vox:
    """The voices of a window of at most 30 seconds as the file vox.flac in `out`.

    Raises SpecError for an instrumental, for a bad window and for one in which nobody sings.
    """
    take = source_of(source)
    if not any(name in VOICE_STEMS for name in take.stem_names()) or not take.score.vocals:
        raise SpecError("Nobody sings in this song, so there is no voice to take out. Choose a sung song.")
    samples = take.audio().shape[-1]
    length_s = samples / SAMPLE_RATE_HZ
    last_s = min(length_s, start_s + LONGEST_VOX_S) if end_s is None else end_s
    _check_vox_window(start_s, last_s, length_s)
    first, last = round(start_s * SAMPLE_RATE_HZ), min(samples, round(last_s * SAMPLE_RATE_HZ))
    voices = [name for name in take.stem_names() if name in VOICE_STEMS]
    audio = _sum(take, voices)[:, first:last]
    peak_db = float(20 * np.log10(max(1e-6, float(np.abs(audio).max(initial=0.0)))))
    if peak_db < SILENT_DB:
        sung = take.performance.words
        where = f" The first word is at {sung[0].start_s:.1f} s." if sung else ""
        raise SpecError(f"Nobody sings between {start_s:g} and {last_s:g} s. Choose another window.{where}")
    path = Path(out) / "vox.flac"
    path.parent.mkdir(parents=True, exist_ok=True)
    encode.write_flac(_faded(audio), path)
    return Vox(path, round(start_s, 3), round(last_s, 3), round(peak_db, 1))


def _check_vox_window(start_s: float, end_s: float, length_s: float) -> None:
    if not 0.0 <= start_s < length_s or end_s > length_s + 0.5:
        raise SpecError(
            f"The window {start_s:g} to {end_s:g} s is not inside this song, which lasts {length_s:.1f} s."
        )
    if end_s - start_s > LONGEST_VOX_S + 1e-6:
        raise SpecError(
            f"The window lasts {end_s - start_s:.1f} s; at most {LONGEST_VOX_S:g} s of voice can be cut out."
        )
    if end_s - start_s < SHORTEST_VOX_S:
        raise SpecError(f"The window from {start_s:g} to {end_s:g} s is too short; choose at least a second.")


def _faded(audio: Audio) -> Audio:
    """A cut in the middle of a sound clicks without this."""
    out = audio.copy()
    edge = min(out.shape[-1] // 2, round(EDGE_S * SAMPLE_RATE_HZ))
    ramp = np.linspace(0.0, 1.0, edge, dtype=np.float32)
    out[:, :edge] *= ramp
    out[:, out.shape[-1] - edge :] *= ramp[::-1]
    return out


def wav(source: Path, out: Path) -> Path:
    """The master as the 24-bit file mix.wav in `out`: the very samples of the take's FLAC file."""
    audio = source_of(source).audio()
    path = Path(out) / "mix.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    encode.write_wav(audio, path)
    return path


def midi(source: Path, out: Path) -> Notes:
    """The take's MIDI file, copied to `out` as song.mid, and its notes in the API's shape.

    Both were written from the performance; a take without them has them written from the score.
    """
    take = source_of(source)
    path, rows = take.folder / FILES["midi"], take.folder / FILES["notes"]
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        notes.write_midi(take.score, take.performance, out / FILES["midi"])
    elif path.resolve() != (out / FILES["midi"]).resolve():
        shutil.copyfile(path, out / FILES["midi"])
    known = json.loads(rows.read_text("utf-8"))["instruments"] if rows.is_file() else None
    return Notes(out / FILES["midi"], tuple(known or notes.instruments(take.performance)))


def bpm(source: Path) -> Tempo:
    """The tempo from the score: the same throughout but for a slowing down at the end."""
    score = source_of(source).score
    lowest = score.bpm / (1.0 + score.ritardando)
    average = score.length_beats * 60.0 / max(1e-6, song_end_s(score) - LEAD_IN_S)
    return Tempo(round(average, 2), round(lowest, 2), round(score.bpm, 2))


def timeline(source: Path) -> tuple[TimedWord, ...]:
    """Every word of the lyrics with its seconds, from the take's own file. Empty for an instrumental."""
    take = source_of(source)
    path = take.folder / FILES["timeline"]
    if not path.is_file():
        return take.performance.words
    rows = json.loads(path.read_text("utf-8"))
    return tuple(TimedWord(row["word"], row["start_s"], row["end_s"]) for row in rows)


def lyrics(source: Path) -> str:
    """The words that are sung, with their section marks; the marker of an instrumental."""
    return source_of(source).score.lyrics


def tags(source: Path) -> str:
    """The take's full tags: the musician's own and what the engine decided."""
    return source_of(source).score.tags
