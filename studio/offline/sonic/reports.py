"""Finding out about takes while a question waits. Imports the engine; its refusals become answers of 400."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from studio import engine
from studio.audio import convert
from studio.engine import edits, encode, tagging, uploads
from studio.engine import notes as note_files
from studio.engine.analysis.samples import load
from studio.engine.mix import stem_of
from studio.engine.spec import SAMPLE_RATE_HZ
from studio.engine.takes import FILES
from studio.engine.uploads.work import open_upload
from studio.offline import making, planning
from studio.offline.errors import invalid
from studio.offline.models import Take
from studio.offline.works.copies import write_m4a
from studio.offline.works.results import alignment

P = ParamSpec("P")
T = TypeVar("T")
ESTIMATED = 0.5  # how sure times are that were heard, not known
LEAST_VOICE_S = 1.0


def _refusing(ask: Callable[P, T]) -> Callable[P, T]:
    @wraps(ask)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        with planning.refusing():
            return ask(*args, **kwargs)

    return wrapped


def has_score(take: Take) -> bool:
    return _written(take) is not None


def _written(take: Take) -> Take | None:
    """The take whose score tells of this one: itself, or the song that it is a stem of."""
    if (take.folder / FILES["score"]).is_file():
        return take
    if take.work.get("do") != "stem":
        return None
    parent = Take.objects.get(job__account=take.job.account_id, clip_id=uuid.UUID(take.work["clip_id"]))
    return parent if (parent.folder / FILES["score"]).is_file() else None


@_refusing
def tempo(take: Take) -> tuple[float, float, float]:
    """Average, lowest and highest quarter notes a minute."""
    if known := _written(take):
        found = edits.bpm(making.ready(known).folder)
        return found.average_bpm, found.lowest_bpm, found.highest_bpm
    heard = open_upload(making.ready(take).flac, take.bpm).heard
    average = round(heard.bpm, 2)
    if heard.is_steady or len(heard.beats_s) < 8:
        return average, average, average
    slow, fast = np.percentile(60.0 / np.diff(heard.beats_s), (10, 90))
    return average, round(min(float(slow), average), 2), round(max(float(fast), average), 2)


@_refusing
def cut_voice(take: Take, start_s: float, end_s: float) -> tuple[str, str]:
    """The voice of a window as one more file of the take; returns its id and the kind of the file."""
    source = making.ready(take)
    vox_audio_id = str(uuid.uuid4())
    kind = f"vox-{vox_audio_id}.flac"
    with tempfile.TemporaryDirectory(prefix=".vox-", dir=take.folder) as name:
        step = Path(name)
        if source.is_own:
            path = edits.vox(source.folder, step, start_s, end_s).path
        else:
            path = uploads.vox(_window(source.flac, start_s, end_s, step), step).paths["vocals"]
        path.replace(take.folder / kind)
    making.add_files(take, {kind: kind}, **{f"vox {vox_audio_id}": [start_s, end_s]})
    return vox_audio_id, kind


def _window(flac: Path, start_s: float, end_s: float | None, step: Path) -> Path:
    audio = load(flac)
    last_s = audio.shape[1] / SAMPLE_RATE_HZ if end_s is None else end_s
    part = audio[:, round(start_s * SAMPLE_RATE_HZ) : round(last_s * SAMPLE_RATE_HZ)]
    if part.shape[1] < LEAST_VOICE_S * SAMPLE_RATE_HZ:
        length_s = audio.shape[1] / SAMPLE_RATE_HZ
        raise engine.SpecError(
            f"The window from {start_s:g} to {last_s:g} s holds less than a second of this clip, which lasts "
            f"{length_s:.1f} s."
        )
    path = step / "window.flac"
    encode.write_flac(part, path)
    return path


@_refusing
def need_format(take: Take, kind: str) -> None:
    """The take's sound in another format, made when it is not there."""
    source = making.ready(take)
    name = f"audio.{kind}"
    if kind in take.files and (take.folder / take.files[kind]).is_file():
        return
    half = take.folder / f".{uuid.uuid4().hex}.{kind}"
    try:
        if kind == "wav":
            convert.to_wav(source.flac, half, 24)
        else:
            write_m4a(source.flac, half)
        half.replace(take.folder / name)
    finally:
        half.unlink(missing_ok=True)
    making.add_files(take, {kind: name})


@_refusing
def notes(take: Take) -> list[dict[str, Any]]:
    """The notes of a song, or of one of its stems, and their MIDI file among the take's files."""
    known = _written(take)
    assert known is not None
    source = making.ready(known)
    if known.pk == take.pk:
        found = edits.midi(source.folder, source.folder)
        making.add_files(take, {"mid": found.path.name})
        return list(found.instruments)
    opened = engine.open_take(source.folder)
    sounding = _of_stem(opened, take.work)
    note_files.write_midi(opened.score, sounding, take.folder / FILES["midi"])
    making.add_files(take, {"mid": FILES["midi"]})
    return note_files.instruments(sounding)


def _of_stem(opened: Any, asked: dict[str, Any]) -> Any:
    """What is played and sung in one stem, or group of stems, of a performance."""
    performance = opened.performance
    is_wanted = _wanted(asked)
    tracks = tuple(track for track in performance.tracks if is_wanted(stem_of(track)))
    stem_of_part = {"lead": "vocals"}
    silent = {
        number
        for number, line in enumerate(performance.lines)
        if not is_wanted(stem_of_part.get(line.part, "backing vocals"))
    }
    return replace(performance, tracks=tracks, unsung=performance.unsung | silent)


def _wanted(asked: dict[str, Any]) -> Callable[[str], bool]:
    if "name" in asked:
        return lambda name: bool(name == asked["name"])
    is_voice = asked["group"] == "vocals"
    return lambda name: (name in edits.exports.VOICE_STEMS) == is_voice


@_refusing
def heard_notes(take: Take) -> list[dict[str, Any]]:
    """What was heard in a recording, from the take that listened to it."""
    path = take.folder / take.files.get("notes", "notes.json")
    if not path.is_file() or "mid" not in take.files:
        making.make_again(take)
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["instruments"]
    return found


@_refusing
def timeline(take: Take) -> list[dict[str, Any]]:
    """When each word is sung: known of our own songs, heard in recordings and kept then."""
    if take.alignment or has_score(take):
        return list(take.alignment)
    source = making.ready(take)
    lyrics = "" if take.lyrics.startswith("[Instrumental]") else take.lyrics
    with tempfile.TemporaryDirectory(prefix="words-") as step:
        words = uploads.timeline(source.flac, Path(step), lyrics).timeline
    rows = [row | {"p_align": ESTIMATED} for row in alignment(words)]
    Take.objects.filter(pk=take.pk).update(alignment=rows)
    return rows


@_refusing
def richer(tags: str, seed: int) -> str:
    """The tags, and what suits them."""
    line = tagging.upsample_tags(tags, seed)
    given = [" ".join(item.split()) for item in tags.split(",") if item.strip()]
    # The engine's line ends at 200 characters; what was given is never cut.
    is_kept = line.startswith(", ".join(given))
    return line if is_kept else ", ".join(given)


@dataclass(frozen=True)
class Where:
    """Which part of a clip's singing a persona is made of."""

    start_s: float | None
    end_s: float | None
    vox_audio_id: str


@_refusing
def singer(take: Take, name: str, where: Where) -> dict[str, Any]:
    """Who sings in a take, as parameters: exactly in our own songs, a likeness otherwise."""
    if where.vox_audio_id and f"vox {where.vox_audio_id}" not in take.about:
        raise invalid("vox_audio_id not found.")
    source = making.ready(take)
    if source.is_own:
        return asdict(edits.make_persona(source.folder, name))
    with tempfile.TemporaryDirectory(prefix="singer-") as folder:
        step = Path(folder)
        path = source.flac
        cut = take.folder / f"vox-{where.vox_audio_id}.flac"
        if where.vox_audio_id and cut.is_file():
            path = cut
        elif where.start_s is not None or where.end_s is not None:
            path = _window(source.flac, where.start_s or 0.0, where.end_s, step)
        done = uploads.make_persona(path, step, name)
        found: dict[str, Any] = json.loads(done.paths["persona"].read_text("utf-8"))
    return found
