"""The whole way from a spec to files, in stages that report themselves and can be stopped."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.engine.assets import require_engine
from studio.engine.compose import compose, outline, tags_for
from studio.engine.compose.form import Block
from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics
from studio.engine.lyrics.titles import invent_title
from studio.engine.lyrics.writer import write_lyrics
from studio.engine.perform import LEAD_IN_S, RING_S, Performance, perform
from studio.engine.score import Score, Section, to_json
from studio.engine.spec import Cancelled, Plan, Song, SongPaths, SongSpec
from studio.engine.tags import Brief, read_tags

INSTRUMENTAL = "[Instrumental]"
STAGES = ("composing", "performing", "rendering", "mixing", "mastering", "encoding")
# Where each stage begins on the way from 0 to 1, measured on songs of one to four minutes.
SHARES = {
    "composing": 0.0,
    "performing": 0.03,
    "rendering": 0.05,
    "mixing": 0.55,
    "mastering": 0.6,
    "encoding": 0.8,
}
FILES = {
    "mp3": "mix.mp3",
    "flac": "mix.flac",
    "midi": "song.mid",
    "score": "score.json",
    "timeline": "timeline.json",
}


class _Words:
    """The text side of a take, decided once and used by `plan` and `render` alike."""

    def __init__(self, spec: SongSpec) -> None:
        self.brief: Brief = read_tags(spec)
        self.text = self._text(spec)
        self.sections: list[LyricSection] = [] if spec.instrumental else parse_lyrics(self.text)
        if spec.instrumental and spec.lyrics.strip():
            # Marks still shape an instrumental; its words are not sung.
            self.sections = [LyricSection(s.kind, s.name) for s in parse_lyrics(spec.lyrics)]
        self.sung = any(section.lines for section in self.sections)
        self.title = spec.title.strip() or invent_title(spec, self.sections, self.brief.card.name)

    def _text(self, spec: SongSpec) -> str:
        if spec.instrumental:
            return INSTRUMENTAL
        if spec.lyrics.strip():
            return clean(spec.lyrics)
        if spec.description.strip():
            return write_lyrics(spec.description, spec.tags, spec.seed)
        return INSTRUMENTAL

    @property
    def lyrics(self) -> str:
        return self.text if self.sung else INSTRUMENTAL


def plan(spec: SongSpec) -> Plan:
    """Title, tags, lyrics, sections, tempo, key and expected length of a take, in milliseconds.

    Agrees with what `render` will make of the same spec. Raises SpecError.
    """
    words = _Words(spec)
    brief, blocks, sections, remarks = outline(words.brief, words.sections)
    spans = _spans(brief, sections)
    return Plan(
        title=words.title,
        tags=tags_for(brief),
        lyrics=words.lyrics,
        sections=spans,
        bpm=brief.bpm,
        key=brief.key,
        duration_s=round(spans[-1][2] + RING_S + _slowing(brief, blocks), 1),
        style=brief.card.name,
        meter=brief.meter,
        remarks=tuple(remarks),
    )


def _slowing(brief: Brief, blocks: list[Block]) -> float:
    """Seconds that the ritardando of the last two bars adds; see perform.Clock."""
    return LEAD_IN_S + brief.card.ritardando * brief.bar_beats * 60.0 / brief.bpm if blocks else 0.0


def _spans(brief: Brief, sections: tuple[Section, ...]) -> tuple[tuple[str, float, float], ...]:
    beat_s = 60.0 / brief.bpm
    return tuple((s.name, round(s.start_beat * beat_s, 3), round(s.end_beat * beat_s, 3)) for s in sections)


def write_score(spec: SongSpec) -> Score:
    """The composed score of a take, without any sound. Raises SpecError."""
    words = _Words(spec)
    return compose(words.brief, words.sections, title=words.title, text=words.lyrics)


class _Progress:
    """Tells the caller where we are, asks whether to go on, and keeps the times."""

    def __init__(
        self, on_stage: Callable[[str, float], None] | None, is_cancelled: Callable[[], bool] | None
    ) -> None:
        self._on_stage, self._is_cancelled = on_stage, is_cancelled
        self.timings_s: dict[str, float] = {}
        self._stage, self._since = "", time.perf_counter()

    def enter(self, stage: str) -> None:
        self.close()
        self._stage = stage
        self.report(0.0)

    def report(self, done: float) -> None:
        """`done` is the share of the current stage, 0..1. Raises Cancelled when asked to stop."""
        if self._is_cancelled and self._is_cancelled():
            raise Cancelled("The render was cancelled.")
        if self._on_stage:
            later = [share for share in SHARES.values() if share > SHARES[self._stage]]
            start = SHARES[self._stage]
            self._on_stage(self._stage, round(start + (min(later, default=1.0) - start) * done, 3))

    def close(self) -> None:
        now = time.perf_counter()
        if self._stage:
            self.timings_s[self._stage] = round(now - self._since, 3)
        self._since = now


def render(
    spec: SongSpec,
    folder: Path,
    *,
    on_stage: Callable[[str, float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Song:
    """Make the take and write mix.mp3, mix.flac, song.mid, score.json and timeline.json into `folder`.

    `on_stage(stage, share)` hears the stages in order, share being 0..1 of the whole; `is_cancelled` is
    asked between tracks and stages. Raises Cancelled, EngineUnavailable or SpecError; then, as after any
    other failure, nothing new is in the folder. Safe to repeat: files are replaced whole.
    """
    bank = require_engine()
    progress = _Progress(on_stage, is_cancelled)
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".render-", dir=folder))
    try:
        song = _render(spec, folder, work, bank, progress)
        for name in FILES.values():
            (work / name).replace(folder / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return song


def _render(spec: SongSpec, folder: Path, work: Path, bank: Path, progress: _Progress) -> Song:
    from studio.engine.master import master, ride_of
    from studio.engine.mix import mix_down

    progress.enter("composing")
    score = write_score(spec)
    progress.enter("performing")
    performance = perform(score)
    progress.enter("rendering")
    mixed = mix_down(
        score, performance, bank, on_step=progress.report, on_mixing=lambda: progress.enter("mixing")
    )
    progress.enter("mastering")
    mastered = master(mixed.mix, score.mix, ride_of(energies_of(score, performance), mixed.mix.shape[1]))
    del mixed
    progress.enter("encoding")
    _encode(score, performance, mastered.audio, work)
    progress.report(1.0)
    progress.close()
    return _song(score, performance, folder, progress, mastered.loudness_lufs, mastered.true_peak_dbtp)


def energies_of(score: Score, performance: Performance) -> list[tuple[float, float]]:
    """(end_s, energy) of every section, for the fader of the master."""
    spans = zip(performance.sections, score.sections, strict=True)
    return [(end_s, section.energy) for (_, _, end_s), section in spans]


def _encode(score: Score, performance: Performance, audio: np.ndarray, work: Path) -> None:
    from studio.engine import encode

    encode.write_flac(audio, work / FILES["flac"])
    encode.write_mp3(audio, work / FILES["mp3"])
    encode.write_midi(score, performance, work / FILES["midi"])
    encode.write_timeline(performance.words, work / FILES["timeline"])
    (work / FILES["score"]).write_text(to_json(score), encoding="utf-8")


def _song(
    score: Score, performance: Performance, folder: Path, progress: _Progress, lufs: float, dbtp: float
) -> Song:
    return Song(
        title=score.title,
        tags=score.tags,
        lyrics=score.lyrics,
        duration_s=performance.duration_s,
        bpm=score.bpm,
        key=score.key,
        sections=performance.sections,
        timeline=performance.words,
        loudness_lufs=round(lufs, 2),
        true_peak_dbtp=round(dbtp, 2),
        paths=SongPaths(**{key: folder / name for key, name in FILES.items()}),
        timings_s=dict(progress.timings_s),
        style=score.style,
        meter=score.meter,
        remarks=score.remarks,
    )
