"""What goes into the engine and what comes out: requests, results and the three ways to fail."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from studio.engine.persona import Persona

ENGINE_VERSION = "1.1"

SAMPLE_RATE_HZ = 44_100
MIN_DURATION_S = 10.0
MAX_DURATION_S = 360.0
MAX_TEXT_CHARS = 20_000


class EngineError(Exception):
    """Base of everything the engine raises on purpose."""


class SpecError(EngineError):
    """The request cannot become a song; the message says what to change."""


class EngineUnavailable(EngineError):
    """A package or asset is missing or damaged; the message says what to install."""


class Cancelled(EngineError):
    """The caller asked to stop; nothing was left in the folder."""


@dataclass(frozen=True)
class SongSpec:
    """One request for one take. Same spec and same ENGINE_VERSION give the same samples.

    `duration_s` is a target in 10..360 seconds: sung lyrics are never cut to reach it, so a long text
    wins over a short target. `style_weight` and `weirdness` lie in 0..1, None means the house's middle.
    `voice` names a built-in persona, `persona` is one of the user's own; both empty lets tags and
    `vocal_gender` choose.
    Raises ValueError naming the offending value.
    """

    lyrics: str = ""
    tags: str = ""
    negative_tags: str = ""
    title: str = ""
    description: str = ""
    instrumental: bool = False
    vocal_gender: str = ""
    style_weight: float | None = None
    weirdness: float | None = None
    duration_s: float | None = None
    seed: int = 0
    voice: str = ""
    persona: Persona | None = None

    def __post_init__(self) -> None:
        for name in ("lyrics", "tags", "negative_tags", "title", "description"):
            _check_text(name, getattr(self, name))
        if self.vocal_gender not in ("", "f", "m"):
            raise ValueError(f"vocal_gender must be 'f', 'm' or empty, not {self.vocal_gender!r}")
        _check_range("style_weight", self.style_weight, 0.0, 1.0)
        _check_range("weirdness", self.weirdness, 0.0, 1.0)
        _check_range("duration_s", self.duration_s, MIN_DURATION_S, MAX_DURATION_S)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise ValueError(f"seed must be a whole number, not {self.seed!r}")


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text, not {value!r}")
    if len(value) > MAX_TEXT_CHARS:
        raise ValueError(f"{name} has {len(value)} characters; the engine takes up to {MAX_TEXT_CHARS}")


def _check_range(name: str, value: float | None, low: float, high: float) -> None:
    if value is None:
        return
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, not {value!r}")


@dataclass(frozen=True)
class TimedWord:
    """One word of the timeline. `text` keeps the section header before the first word of a section
    and the space or line breaks after the word, so that the texts joined give the lyrics again."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class SongPaths:
    """Files of a take. `stems` holds those that were asked for, by name."""

    mp3: Path
    flac: Path
    midi: Path
    score: Path
    timeline: Path
    notes: Path
    master: Path
    stems: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What a take will be, known in milliseconds and before any sound exists.

    `sections` are (name, start_s, end_s). `remarks` are plain sentences for the musician, for instance
    that crowded lyrics were set two lines to a phrase.
    """

    title: str
    tags: str
    lyrics: str
    sections: tuple[tuple[str, float, float], ...]
    bpm: float
    key: str
    duration_s: float
    style: str
    meter: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Song:
    """A finished take. `bpm` counts quarter notes, `loudness_lufs` is integrated (ITU-R BS.1770-4),
    `true_peak_dbtp` is measured at four times oversampling, `timings_s` is wall time per stage."""

    title: str
    tags: str
    lyrics: str
    duration_s: float
    bpm: float
    key: str
    sections: tuple[tuple[str, float, float], ...]
    timeline: tuple[TimedWord, ...]
    loudness_lufs: float
    true_peak_dbtp: float
    paths: SongPaths
    timings_s: dict[str, float] = field(default_factory=dict)
    style: str = ""
    meter: str = "4/4"
    remarks: tuple[str, ...] = ()
