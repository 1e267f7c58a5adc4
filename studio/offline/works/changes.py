"""Songs made of songs, as only the families beside sonic ask for them.

swap_vocals   clip_id, sound, lyrics, strength, seed
swap_sound    clip_id, sound, lyrics, strength, seed
variation     clip_id, seed
play_anew     clip_id, tags, lyrics, title, audio_weight, instrumental, seed: a cover that may get other words
continue      clip_id, lyrics, tags, duration_s, seed: new bars after the end
precede       clip_id, lyrics, tags, duration_s, seed: new bars before the beginning
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio import engine
from studio.engine import edits, uploads
from studio.offline.making import Source, source_of
from studio.offline.models import Take
from studio.offline.works import Progress, Results, Work, alone
from studio.offline.works.results import of_edit, of_song

NEW_TUNE = (
    "The recording's own tune is not known note by note, so the new singer sings a new one on its chords."
)
OTHER_WORDS = "The voice of a recording is kept as it was sung, so the lyrics that were sent are not sung."
LATEST_S = 0.5  # before the end; the engine goes back from there to a bar line where a song can go on


def _heard(progress: Progress) -> dict[str, Any]:
    return {"on_stage": progress.on_stage, "is_cancelled": progress.is_cancelled}


def _said(asked: dict[str, Any]) -> dict[str, Any]:
    """The parameters of both swaps."""
    said = {"lyrics": asked.get("lyrics") or "", "seed": asked["seed"]}
    return said if asked.get("strength") is None else said | {"strength": asked["strength"]}


def swap_vocals(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    sound = asked.get("sound") or ""
    if source.is_own:
        return of_song(edits.swap_vocals(source.folder, folder, sound, **_said(asked), **_heard(progress)))
    with tempfile.TemporaryDirectory(prefix="swap-") as name:
        parts = uploads.stems(source.flac, Path(name) / "parts", **_heard(progress))
        done = uploads.add_vocals(
            parts.paths["accompaniment"], folder, asked.get("lyrics") or "", sound, asked["seed"],
            description=sound, **_heard(progress),
        )  # fmt: skip
    return replace(of_edit(done), remarks=[*parts.remarks, *done.remarks, NEW_TUNE])


def swap_sound(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    if source.is_own:
        sound = asked.get("sound") or ""
        return of_song(edits.swap_sound(source.folder, folder, sound, **_said(asked), **_heard(progress)))
    return _new_band(source, folder, asked.get("sound") or "", asked, progress)


def _new_band(source: Source, folder: Path, tags: str, asked: dict[str, Any], progress: Progress) -> Results:
    done = uploads.cover(source.flac, folder, tags, asked["seed"], **_heard(progress))
    remarks = [*done.remarks, *([OTHER_WORDS] if asked.get("lyrics") else [])]
    return replace(of_edit(done), remarks=remarks)


def variation(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    if source.is_own:
        return of_song(edits.variation(source.folder, folder, asked["seed"], **_heard(progress)))
    profile, loudness = alone.mastering_for("high", asked["seed"])
    done = uploads.remaster(source.flac, folder, profile=profile, loudness=loudness, **_heard(progress))
    return of_edit(done)


def play_anew(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    tags = asked.get("tags") or ""
    if not source.is_own:
        return _new_band(source, folder, tags, asked, progress)
    score = edits.reworded(engine.open_take(source.folder).score, asked.get("lyrics") or "", asked["seed"])
    weight = {} if asked.get("audio_weight") is None else {"audio_weight": asked["audio_weight"]}
    score = edits.cover_score(score, tags, title=asked.get("title") or "", seed=asked["seed"], **weight)
    score = alone.unsung(score) if asked.get("instrumental") else score
    return of_song(engine.render_score(score, folder, **_heard(progress)))


def go_on(take: Take, folder: Path, progress: Progress) -> Results:
    source = source_of(take, take.work["clip_id"], progress)
    end_s = (source.take.duration_s or 0.0) - LATEST_S
    return of_song(edits.extend(source.folder, folder, end_s, **_added(take.work), **_heard(progress)))


def precede(take: Take, folder: Path, progress: Progress) -> Results:
    source = source_of(take, take.work["clip_id"], progress)
    return of_song(edits.precede(source.folder, folder, **_added(take.work), **_heard(progress)))


def _added(asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked of new bars before or after a song of the family's, which are all the engine's own."""
    words = {name: asked.get(name) or "" for name in ("lyrics", "tags")}
    return {"seed": asked["seed"], "duration_s": asked.get("duration_s"), **words}


WORKS: dict[str, Work] = {
    "swap_vocals": swap_vocals,
    "swap_sound": swap_sound,
    "variation": variation,
    "play_anew": play_anew,
    "continue": go_on,
    "precede": precede,
}
