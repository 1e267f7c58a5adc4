"""Edited songs to sound and files: whole renders with other settings, and splices into a stored take."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine import encode, notes
from studio.engine.assets import require_engine
from studio.engine.edits.splice import Audio, fitted
from studio.engine.fx import spread
from studio.engine.master import blocks_of, loudness, master, ride_of, true_peak_dbtp
from studio.engine.mastering import GAIN_BLOCK, Curve, Mastering
from studio.engine.mix import Plot, mix_down
from studio.engine.perform import Performance, perform
from studio.engine.pipeline import energies_of
from studio.engine.score import STEMS, Score, to_json
from studio.engine.singers import cast
from studio.engine.spec import Song, SpecError
from studio.engine.spill import Spill
from studio.engine.stages import Progress, Reporter
from studio.engine.takes import (
    FILES,
    STEM_FOLDER,
    StoredTake,
    open_take,
    paths_of,
    save_mastering,
    stem_path,
    write_timeline,
)

OnStage = Callable[[str, float], None]
IsCancelled = Callable[[], bool]
EDIT_FILE = "edit.json"
# Stems sum to the mix to about -130 dB; far above that, the engine has changed since the source was made.
EXACT_DB = -80.0


@dataclass(frozen=True)
class Fresh:
    """A song rendered but not yet written. `stems` is a folder of arrays before mastering, by name."""

    score: Score
    performance: Performance
    audio: Audio
    mastering: Mastering
    stems: Mapping[str, Path]
    remarks: tuple[str, ...] = ()

    def stem(self, name: str) -> Audio:
        """One mastered stem, float32 (2, samples)."""
        return self.mastering.apply(np.load(self.stems[name]))


@dataclass(frozen=True)
class Result:
    """What is written: the score and performance of the whole, its audio, its stems one at a time."""

    score: Score
    performance: Performance
    audio: Audio
    mastering: Mastering
    stem: Callable[[str], Audio]
    stem_names: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def source_of(folder: Path, out: Path | None = None) -> StoredTake:
    """The take in a folder. Raises SpecError when there is none, when it cannot be read, and when `out` is
    the same folder: sources are never changed."""
    if out is not None and Path(out).resolve() == Path(folder).resolve():
        raise SpecError(f"{out} is the song that is edited. Choose another folder for the result.")
    take = open_take(Path(folder))
    _ = take.score
    return take


def render_fresh(
    score: Score,
    work: Path,
    progress: Progress,
    *,
    kept: Mastering | None = None,
    balance: Mapping[str, float] | None = None,
    profile: str = "",
) -> Fresh:
    """Perform, sing, mix and master a score; stems before mastering go to `work` as arrays.

    With `kept`, levels, equaliser and loudness are those of another take; `balance` keeps the levels alone.
    `profile` masters to another curve than the mix's own.
    """
    progress.enter("performing")
    cast_ = cast(score, perform(score))
    given = kept.balance if kept else balance or {}
    plot = Plot(score, cast_.performance, require_engine(), cast_.singers, given)
    stems: dict[str, Path] = {}

    def keep(name: str, audio: Audio) -> None:
        stems[name] = work / f"{name}.npy"
        np.save(stems[name], audio)

    mixed = mix_down(plot, on_stem=keep, listener=Reporter(progress, bool(cast_.singers)))
    progress.enter("mastering")
    ride = ride_of(energies_of(score, cast_.performance), plot.samples)
    done = master(mixed.mix, profile or score.mix, ride, kept=kept, balance=mixed.balance)
    return Fresh(score, cast_.performance, done.audio, done.mastering, stems, cast_.remarks)


def as_result(fresh: Fresh) -> Result:
    """A fresh render as it is."""
    return Result(
        fresh.score,
        fresh.performance,
        fresh.audio,
        fresh.mastering,
        fresh.stem,
        tuple(name for name in STEMS if name in fresh.stems),
        fresh.remarks,
    )


def spliced(source: StoredTake, fresh: Fresh, join: Callable[[Audio, Audio], Audio]) -> Result:
    """Old and new joined by `join(old, new)`, stem by stem and gain by gain, so that stems still sum."""
    old = source.audio()
    names = tuple(name for name in STEMS if name in fresh.stems or name in source.stem_names())
    samples = fresh.audio.shape[-1]

    def stem(name: str) -> Audio:
        before = source.stem(name) if name in source.stem_names() else np.zeros_like(old)
        after = fresh.stem(name) if name in fresh.stems else np.zeros((2, samples), np.float32)
        return join(fitted(before, old.shape[-1]), after)

    audio = join(old, fresh.audio)
    gain = join(_per_sample(source.mastering, old.shape[-1]), _per_sample(fresh.mastering, samples))
    mastering = replace(fresh.mastering, gain=_per_block(gain, audio.shape[-1]))
    return Result(fresh.score, fresh.performance, audio, mastering, stem, names, fresh.remarks)


def _per_sample(mastering: Mastering, samples: int) -> Audio:
    return np.asarray(spread(mastering.gain, samples, GAIN_BLOCK), np.float32)[None]


def _per_block(gain: Audio, samples: int) -> Curve:
    centres = np.minimum(np.arange(blocks_of(samples)) * GAIN_BLOCK + GAIN_BLOCK // 2, samples - 1)
    return np.ascontiguousarray(gain[0, centres])


def deliver(result: Result, out: Path, work: Path, progress: Progress) -> Song:
    """Write all files of a take, its stems and edit.json, then put them in place together."""
    progress.enter("encoding")
    done = work / "done"
    (done / STEM_FOLDER).mkdir(parents=True)
    encode.write_flac(result.audio, done / FILES["flac"])
    progress.report(0.1)
    encode.write_mp3(result.audio, done / FILES["mp3"])
    progress.report(0.4)
    notes.write_midi(result.score, result.performance, done / FILES["midi"])
    rows = {"instruments": notes.instruments(result.performance)}
    (done / FILES["notes"]).write_text(json.dumps(rows, separators=(",", ":")), "utf-8")
    write_timeline(result.performance.words, done / FILES["timeline"])
    (done / FILES["score"]).write_text(to_json(result.score), "utf-8")
    save_mastering(result.mastering, done / FILES["master"])
    residual_db = _write_stems(result, done / STEM_FOLDER, progress)
    if residual_db > EXACT_DB:
        remark = (
            "The source was rendered by another version of the engine: its stems were made anew for this "
            f"take and differ from the mix by {residual_db:.0f} dB. The mix itself is exact."
        )
        result = replace(result, remarks=(*result.remarks, remark))
    mark(done, {**result.facts, "stem_residual_db": round(residual_db, 1)})
    song = _song(result, out, progress)
    _put_in_place(done, out)
    return song


def _write_stems(result: Result, folder: Path, progress: Progress) -> float:
    """Write the stems one by one; returns how far their sum is from the mix, in decibels."""
    rest = result.audio.copy()
    spill = Spill()
    for number, name in enumerate(result.stem_names):
        progress.report(0.4 + 0.6 * number / len(result.stem_names))
        audio = spill.fit(fitted(result.stem(name), rest.shape[-1]))
        encode.write_flac(audio, folder / f"{name}.flac")
        rest -= audio
    power = float(np.mean(result.audio**2)) or 1e-12
    return 10.0 * float(np.log10(max(float(np.mean(rest**2)) / power, 1e-15)))


def _put_in_place(done: Path, out: Path) -> None:
    shutil.rmtree(out / STEM_FOLDER, ignore_errors=True)
    for path in done.iterdir():
        path.replace(out / path.name)


def _song(result: Result, out: Path, progress: Progress) -> Song:
    score = result.score
    lufs, dbtp = loudness(result.audio), true_peak_dbtp(result.audio)
    progress.report(1.0)
    progress.close()
    return Song(
        title=score.title,
        tags=score.tags,
        lyrics=score.lyrics,
        duration_s=round(result.audio.shape[-1] / 44_100, 3),
        bpm=score.bpm,
        key=score.key,
        sections=result.performance.sections,
        timeline=result.performance.words,
        loudness_lufs=round(lufs, 2),
        true_peak_dbtp=round(dbtp, 2),
        paths=paths_of(out, result.stem_names),
        timings_s=dict(progress.timings_s),
        style=score.style,
        meter=score.meter,
        remarks=(*score.remarks, *result.remarks),
    )


def facts_of(folder: Path) -> dict[str, Any]:
    """What the edit that made a take wrote about it; empty for a take that is no edit."""
    path = Path(folder) / EDIT_FILE
    try:
        facts = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise SpecError(f"{path} is damaged; make the edit again.") from error
    return facts if isinstance(facts, dict) else {}


def mark(out: Path, facts: Mapping[str, Any]) -> None:
    """Note beside a fully rendered take which edit made it."""
    (out / EDIT_FILE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")


__all__ = [
    "EDIT_FILE", "Fresh", "IsCancelled", "OnStage", "Result", "as_result", "deliver", "facts_of", "mark",
    "render_fresh", "source_of", "spliced", "stem_path",
]  # fmt: skip
