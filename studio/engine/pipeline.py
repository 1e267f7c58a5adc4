"""The whole way from a request or a score to files, in stages that report themselves and can be stopped."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.assets import require_engine
from studio.engine.crew import Crew
from studio.engine.perform import Performance, perform
from studio.engine.planning import plan, write_score
from studio.engine.score import Score, to_json
from studio.engine.singers import Cast, cast
from studio.engine.spec import Song, SongSpec
from studio.engine.spill import Spill
from studio.engine.stages import STAGES, Progress, Reporter
from studio.engine.takes import (
    FILES,
    PREVIEW,
    STEM_FOLDER,
    paths_of,
    save_mastering,
    stem_path,
    write_timeline,
)

if TYPE_CHECKING:
    from studio.engine.cache import DryCache
    from studio.engine.master import Mastered
    from studio.engine.mastering import Mastering
    from studio.engine.mix import Plot

__all__ = ["STAGES", "energies_of", "plan", "render", "render_score", "write_score"]
Audio = NDArray[np.float32]
OnStage = Callable[[str, float], None]
OnPreview = Callable[[Path, float], None]


def render(
    spec: SongSpec,
    folder: Path,
    *,
    on_stage: OnStage | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    on_preview: OnPreview | None = None,
    stems: bool = False,
    cache: Path | None = None,
) -> Song:
    """Make the take and write its files (see `takes`) into `folder`.

    `on_stage(stage, share)` hears the stages in order, share being 0..1 of the whole; `is_cancelled` is
    asked between tracks and stages. `on_preview(path, seconds)` gets an MP3 of the first sections as soon
    as they can be played. With `stems` the stems are kept. `cache` is a folder of dry tracks that renders
    share; it may be thrown away at any time. Raises Cancelled, EngineUnavailable or SpecError; then, as
    after any other failure, nothing new is in the folder. Safe to repeat: files are replaced whole.
    """
    bank = require_engine()
    progress = Progress(on_stage, is_cancelled)
    progress.enter("composing")
    score = write_score(spec)
    return _deliver(_Order(score, folder, bank, progress, on_preview, stems, None, _cache(cache)))


def render_score(
    score: Score,
    folder: Path,
    *,
    on_stage: OnStage | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    on_preview: OnPreview | None = None,
    stems: bool = False,
    mastering: Mastering | None = None,
    cache: Path | None = None,
) -> Song:
    """As `render`, from a score. With `mastering` its levels, equaliser and loudness are used again, so that
    whatever two versions of a song share sounds the same in both."""
    bank = require_engine()
    progress = Progress(on_stage, is_cancelled)
    return _deliver(_Order(score, folder, bank, progress, on_preview, stems, mastering, _cache(cache)))


@dataclass(frozen=True)
class _Order:
    """What is wanted of one render."""

    score: Score
    folder: Path
    bank: Path
    progress: Progress
    on_preview: OnPreview | None
    stems: bool
    mastering: Mastering | None
    cache: DryCache | None


def _cache(folder: Path | None) -> DryCache | None:
    from studio.engine.cache import DryCache

    return DryCache(folder) if folder else None


def _deliver(order: _Order) -> Song:
    """Render into a hidden folder, then put all files in their places."""
    folder = order.folder
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".render-", dir=folder))
    try:
        song = _render(order, work)
        for name in FILES.values():
            (work / name).replace(folder / name)
        shutil.rmtree(folder / STEM_FOLDER, ignore_errors=True)
        if order.stems:
            (work / STEM_FOLDER).replace(folder / STEM_FOLDER)
    except BaseException:
        (folder / PREVIEW).unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
    return song


def _render(order: _Order, work: Path) -> Song:
    from studio.engine.master import master, ride_of
    from studio.engine.mix import Plot, mix_down

    score, progress = order.score, order.progress
    progress.enter("performing")
    cast_ = cast(score, perform(score))
    performance = cast_.performance
    balance = order.mastering.balance if order.mastering else {}
    plot = Plot(score, performance, order.bank, cast_.singers, balance, order.cache)
    if order.on_preview:
        _preview(order, plot, order.on_preview, work)
    dry = _DryStems(work / "dry") if order.stems else None
    mixed = mix_down(
        plot, on_stem=dry.keep if dry else None, listener=Reporter(progress, bool(cast_.singers))
    )
    progress.enter("mastering")
    mastered = master(
        mixed.mix,
        score.mix,
        ride_of(energies_of(score, performance), plot.samples),
        kept=order.mastering,
        balance=mixed.balance,
    )
    names = mixed.stems
    del mixed
    progress.enter("encoding")
    _encode(score, performance, mastered, work)
    if dry:
        dry.write(names, mastered.mastering, work, progress)
    progress.report(1.0)
    progress.close()
    return _song(order, cast_, mastered, names if order.stems else ())


class _DryStems:
    """Stems before mastering, on disk: twelve of them do not fit into memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def keep(self, name: str, audio: Audio) -> None:
        np.save(self._folder / f"{name}.npy", audio)

    def write(self, names: tuple[str, ...], mastering: Mastering, work: Path, progress: Progress) -> None:
        """Master and encode them, two at a time."""
        (work / STEM_FOLDER).mkdir()
        full = []
        with Crew() as crew:
            jobs = (partial(self._write, name, mastering, work, Spill()) for name in names)
            for number, (name, spill) in enumerate(zip(names, crew.stream(jobs), strict=True)):
                full += [name] if spill else []
                progress.report(0.5 + 0.5 * (number + 1) / len(names))
        # Hardly ever: those beyond full scale once more, and the next one to carry what they spill.
        spill = Spill()
        for name in sorted(names, key=lambda name: name not in full):
            if name in full or spill:
                self._write(name, mastering, work, spill)

    def _write(self, name: str, mastering: Mastering, work: Path, spill: Spill) -> Spill:
        from studio.engine import encode

        audio = mastering.apply(np.load(self._folder / f"{name}.npy", mmap_mode="r"))
        encode.write_flac(spill.fit(audio), stem_path(work, name))
        return spill


def energies_of(score: Score, performance: Performance) -> list[tuple[float, float]]:
    """(end_s, energy) of every section, for the fader of the master."""
    spans = zip(performance.sections, score.sections, strict=True)
    return [(end_s, section.energy) for (_, _, end_s), section in spans]


def _encode(score: Score, performance: Performance, mastered: Mastered, work: Path) -> None:
    """All files of the take but the stems; the two slow ones beside each other."""
    from studio.engine import encode, notes

    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(encode.write_mp3, mastered.audio, work / FILES["mp3"]),
            pool.submit(encode.write_flac, mastered.audio, work / FILES["flac"]),
        ]
        notes.write_midi(score, performance, work / FILES["midi"])
        (work / FILES["notes"]).write_text(
            json.dumps({"instruments": notes.instruments(performance)}, separators=(",", ":")), "utf-8"
        )
        write_timeline(performance.words, work / FILES["timeline"])
        (work / FILES["score"]).write_text(to_json(score), encoding="utf-8")
        save_mastering(mastered.mastering, work / FILES["master"])
        for job in jobs:
            job.result()


def _preview(order: _Order, plot: Plot, on_preview: OnPreview, work: Path) -> None:
    from studio.engine.preview import write_preview

    seconds = write_preview(plot, work / PREVIEW)
    if seconds:
        order.progress.report(1.0)
        (work / PREVIEW).replace(order.folder / PREVIEW)
        on_preview(order.folder / PREVIEW, seconds)


def _song(order: _Order, cast_: Cast, mastered: Mastered, stems: tuple[str, ...]) -> Song:
    score, performance = order.score, cast_.performance
    return Song(
        title=score.title,
        tags=score.tags,
        lyrics=score.lyrics,
        duration_s=performance.duration_s,
        bpm=score.bpm,
        key=score.key,
        sections=performance.sections,
        timeline=performance.words,
        loudness_lufs=round(mastered.loudness_lufs, 2),
        true_peak_dbtp=round(mastered.true_peak_dbtp, 2),
        paths=paths_of(order.folder, stems),
        timings_s=dict(order.progress.timings_s),
        style=score.style,
        meter=score.meter,
        remarks=(*score.remarks, *cast_.remarks),
    )
