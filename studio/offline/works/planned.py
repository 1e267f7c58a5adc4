"""Songs with a plan of more than the engine's request: sections by length, several drafts, other files.

segments   spec, segments (pairs of name and seconds)
drafted    spec, drafts (how many are composed; the best is played), span (which part of the song is wanted,
           two shares of it)
and_wav    first (another work), longest_s: a WAV beside its files, cut at that length when there is one
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from studio import engine
from studio.engine import encode, segments
from studio.engine.chance import derived_seed
from studio.engine.edits.covering import harmony_fit
from studio.engine.edits.surgery import piece
from studio.engine.planning import write_score
from studio.engine.score import Score
from studio.engine.spec import SAMPLE_RATE_HZ
from studio.offline.models import Take
from studio.offline.personas import singer_from
from studio.offline.works import Progress, Results, Work, work_of
from studio.offline.works.results import of_song
from studio.offline.works.songs import replace_work

FADE_S = 0.6


def _spec(take: Take) -> engine.SongSpec:
    fields = dict(take.work["spec"])
    return engine.SongSpec(**(fields | {"persona": singer_from(fields.get("persona"))}))


def by_segments(take: Take, folder: Path, progress: Progress) -> Results:
    plan = [(name, float(seconds)) for name, seconds in take.work["segments"]]
    song = segments.render_segments(
        _spec(take), plan, folder, on_stage=progress.on_stage, is_cancelled=progress.is_cancelled,
        on_preview=progress.on_preview,
    )  # fmt: skip
    return of_song(song)


def drafted(take: Take, folder: Path, progress: Progress) -> Results:
    spec = _spec(take)
    score = best_of(spec, max(1, int(take.work.get("drafts") or 1)))
    start, end = take.work.get("span") or (0.0, 1.0)
    score = part_of(score, start, end)
    song = engine.render_score(
        score, folder, on_stage=progress.on_stage, is_cancelled=progress.is_cancelled,
        on_preview=progress.on_preview,
    )  # fmt: skip
    return of_song(song)


def best_of(spec: engine.SongSpec, count: int) -> Score:
    """Of so many drafts of a song, the one whose tune sits best on its chords; all have the same words."""
    seeds = [spec.seed, *(derived_seed(spec.seed, "draft", number) for number in range(1, count))]
    scores = [write_score(replace(spec, seed=seed)) for seed in seeds]
    return max(scores, key=harmony_fit)


def part_of(score: Score, start: float, end: float) -> Score:
    """The bars from one share of the song to another, at least two of them."""
    bars = round(score.length_beats / score.bar_beats)
    first = min(round(start * bars), bars - 2)
    last = max(round(end * bars), first + 2)
    if (first, last) == (0, bars) or bars <= 2:
        return score
    return piece(score, first * score.bar_beats, last * score.bar_beats)


def and_wav(take: Take, folder: Path, progress: Progress) -> Results:
    inner = replace_work(take, take.work["first"])
    inner.title, inner.tags, inner.lyrics = take.title, take.tags, take.lyrics
    results = work_of(inner)(inner, folder, progress)
    audio = encode.read_audio(folder / results.files["flac"])
    longest_s = take.work.get("longest_s")
    if longest_s and audio.shape[1] > longest_s * SAMPLE_RATE_HZ:
        audio = _ended_at(audio, round(longest_s * SAMPLE_RATE_HZ))
        encode.write_flac(audio, folder / results.files["flac"])
        encode.write_mp3(audio, folder / results.files["mp3"])
    encode.write_wav(audio, folder / "song.wav")
    return replace(
        results, files=results.files | {"wav": "song.wav"}, duration_s=audio.shape[1] / SAMPLE_RATE_HZ
    )


def _ended_at(audio: encode.Audio, samples: int) -> encode.Audio:
    """The sound up to there, its last moments fading."""
    short = audio[:, :samples].copy()
    fade = min(samples, round(FADE_S * SAMPLE_RATE_HZ))
    short[:, samples - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return short


WORKS: dict[str, Work] = {"segments": by_segments, "drafted": drafted, "and_wav": and_wav}
