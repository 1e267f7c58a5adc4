"""Cutting and laying sound: parts of edited recordings that stand alone, edits that fill a window only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio import engine
from studio.engine import edits, encode
from studio.engine.analysis.samples import load
from studio.engine.edits.desk import facts_of
from studio.engine.loudness import loudness_lufs
from studio.engine.score import Score
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError, TimedWord
from studio.engine.uploads import Edited
from studio.engine.uploads.work import finished
from studio.offline.works import Results
from studio.offline.works.results import alignment, of_edit, of_song

FADE_S = 0.02
TOLD_S = 0.3
LEAST_WINDOW_S = 4.0
LOUDNESS_LUFS = {"subtle": -14.0, "normal": -13.0, "high": -11.0}


def unsung(score: Score) -> Score:
    """The song without its singers."""
    return replace(score, vocals=(), persona=None, lyrics="[Instrumental]")


def mastering_for(variation: str, seed: int) -> tuple[str, float]:
    """Curve and loudness for a recording: the further the variation, the louder; two seeds, two curves."""
    return edits.PROFILES[seed % len(edits.PROFILES)], LOUDNESS_LUFS[variation]


def told_seam(results: Results, asked_s: float, cut_s: float) -> Results:
    """With a remark when the song goes on from somewhere else than was asked."""
    if abs(cut_s - asked_s) < TOLD_S:
        return results
    remark = f"It goes on from {cut_s:.1f} s: the bar line next to {asked_s:.1f} s with no line being sung."
    return with_remark(results, remark)


def with_remark(results: Results, remark: str) -> Results:
    return replace(results, remarks=[*results.remarks, remark]) if remark else results


def seams_of(folder: Path, duration_s: float) -> tuple[float, float]:
    """Where the new bars of a replaced section begin and end, in seconds."""
    seams = facts_of(folder)["seam_samples"]
    start_s = seams[0][0] / SAMPLE_RATE_HZ
    return start_s, seams[1][1] / SAMPLE_RATE_HZ if len(seams) > 1 else duration_s


def cut(made: engine.Song | Edited, folder: Path, start_s: float, end_s: float) -> Results:
    """A stretch of an edited song as a clip of its own, with the words that are sung in it."""
    is_song = isinstance(made, engine.Song)
    flac = made.paths.flac if isinstance(made, engine.Song) else made.paths["flac"]
    audio = encode.read_audio(flac)[:, round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
    words = [
        TimedWord(word.text, round(word.start_s - start_s, 3), round(word.end_s - start_s, 3))
        for word in made.timeline
        if start_s - 0.05 <= word.start_s < end_s
    ]
    whole = of_song(made) if isinstance(made, engine.Song) else of_edit(made)
    return replace(
        whole,
        files=_written(_faded(audio), folder),
        title=whole.title if is_song else "",
        lyrics="".join(word.text for word in words).strip(),
        duration_s=audio.shape[1] / SAMPLE_RATE_HZ,
        alignment=alignment(words),
    )


def stem_alone(edited: Edited, folder: Path, name: str) -> Results:
    """One stem of an edited recording, brought to the edit's loudness."""
    audio = encode.read_audio(edited.paths[name])
    audio = finished(audio, edited.loudness_lufs or -14.0)
    return replace(of_edit(edited), files=_written(audio, folder), lyrics="[Instrumental]", alignment=[])


def window_of(flac: Path, start_s: float | None, end_s: float | None, step: Path) -> tuple[float, Path]:
    """A window of a recording as a file of its own. Raises SpecError for one outside it or too short."""
    audio = load(flac)
    length_s = audio.shape[1] / SAMPLE_RATE_HZ
    first, last = start_s or 0.0, length_s if end_s is None else min(end_s, length_s)
    if last - first < LEAST_WINDOW_S:
        raise SpecError(
            f"The window from {first:g} to {last:g} s is too short in a recording of {length_s:.1f} s; "
            f"choose at least {LEAST_WINDOW_S:g} seconds."
        )
    path = step / "window.flac"
    encode.write_flac(audio[:, round(first * SAMPLE_RATE_HZ) : round(last * SAMPLE_RATE_HZ)], path)
    return first, path


def laid_over(flac: Path, done: Edited, folder: Path, start_s: float, stem: str) -> Results:
    """The whole recording with what an edit of a window of it added there."""
    audio = load(flac)
    added = encode.read_audio(done.paths[stem])
    at = round(start_s * SAMPLE_RATE_HZ)
    added = _faded(added[:, : audio.shape[1] - at])
    mix = audio.copy()
    mix[:, at : at + added.shape[1]] += added
    mix = finished(mix, loudness_lufs(audio.T))
    words = [
        TimedWord(word.text, round(word.start_s + start_s, 3), round(word.end_s + start_s, 3))
        for word in done.timeline
    ]
    return replace(
        of_edit(done),
        files=_written(mix, folder),
        duration_s=mix.shape[1] / SAMPLE_RATE_HZ,
        alignment=alignment(words),
    )


def _faded(audio: Any) -> Any:
    """A cut in the middle of a sound clicks without this."""
    edge = min(audio.shape[1] // 2, round(FADE_S * SAMPLE_RATE_HZ))
    ramp = np.linspace(0.0, 1.0, edge, dtype=np.float32)
    out = audio.copy()
    out[:, :edge] *= ramp
    out[:, out.shape[1] - edge :] *= ramp[::-1]
    return out


def _written(audio: Any, folder: Path) -> dict[str, str]:
    encode.write_flac(audio, folder / "mix.flac")
    encode.write_mp3(audio, folder / "mix.mp3")
    return {"mp3": "mix.mp3", "flac": "mix.flac"}
