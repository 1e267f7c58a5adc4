"""What all edits of uploads share: progress, the recording with what was heard in it, and what is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine import encode
from studio.engine.analysis.samples import load
from studio.engine.analysis.song import Analysis, analyse
from studio.engine.loudness import loudness_lufs
from studio.engine.master import limiter_gain, true_peak_dbtp, true_peak_envelope
from studio.engine.mastering import GAIN_BLOCK
from studio.engine.spec import SAMPLE_RATE_HZ, Cancelled, TimedWord
from studio.engine.takes import hidden_folder

Audio = NDArray[np.float32]
OnStage = Callable[[str, float], None]
IsCancelled = Callable[[], bool]
MIX_MP3, MIX_FLAC, FACTS = "mix.mp3", "mix.flac", "edit.json"
QUIETEST_LUFS, LOUDEST_LUFS = -18.0, -9.0
UNSURE = 0.35


@dataclass(frozen=True)
class Edited:
    """What an edit of an upload made. `paths` are the files by what they are (mp3, flac, midi, a stem's
    name …), `facts` what was heard and measured, `remarks` sentences for the musician."""

    title: str
    duration_s: float
    paths: Mapping[str, Path]
    facts: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    timeline: tuple[TimedWord, ...] = ()
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None


class Steps:
    """Tells the caller the stages of one edit in order, evenly spread, and asks whether to go on."""

    def __init__(
        self, names: tuple[str, ...], on_stage: OnStage | None, is_cancelled: IsCancelled | None
    ) -> None:
        self._names, self._on_stage, self.is_cancelled = names, on_stage, is_cancelled
        self._number = 0

    def enter(self, name: str) -> None:
        self._number = self._names.index(name)
        self.report(0.0)

    def report(self, share: float) -> None:
        """`share` of the current stage, 0..1. Raises Cancelled when asked to stop."""
        if self.is_cancelled and self.is_cancelled():
            raise Cancelled("The edit was cancelled.")
        if self._on_stage:
            done = (self._number + min(1.0, max(0.0, share))) / len(self._names)
            self._on_stage(self._names[self._number], round(done, 3))


@dataclass(frozen=True)
class Upload:
    """A recording in memory; it is analysed when that is first asked for."""

    path: Path
    audio: Audio
    around_bpm: float | None = None

    @cached_property
    def heard(self) -> Analysis:
        return analyse(self.audio, around_bpm=self.around_bpm)

    @property
    def title(self) -> str:
        return self.path.stem.replace("_", " ").strip() or "Recording"

    @property
    def samples(self) -> int:
        return self.audio.shape[1]


def open_upload(path: Path, around_bpm: float | None = None) -> Upload:
    """Raises SpecError for what cannot be read."""
    return Upload(Path(path), load(Path(path)), around_bpm)


def facts_of(heard: Analysis) -> dict[str, Any]:
    """The analysis as plain values with its confidences."""
    return {
        "bpm": round(heard.bpm, 3),
        "bpm_confidence": heard.bpm_confidence,
        "bpm_alternatives": [list(item) for item in heard.bpm_alternatives],
        "is_steady": heard.is_steady,
        "meter": heard.meter,
        "meter_confidence": heard.meter_confidence,
        "first_downbeat_s": round(float(heard.downbeats_s[0]), 3) if len(heard.downbeats_s) else None,
        "key": heard.key.name,
        "key_confidence": heard.key.confidence,
        "tuning_cents": round(heard.tuning_cents, 1),
        "chords": [
            [round(c.start_s, 2), round(c.end_s, 2), c.symbol(heard.key), c.confidence] for c in heard.chords
        ],
        "sections": [list(span) for span in heard.sections],
        "loudness_lufs": round(heard.loudness_lufs, 2),
    }


def doubts(heard: Analysis) -> tuple[str, ...]:
    """Sentences about what was heard with little confidence."""
    out = []
    if heard.bpm_confidence < UNSURE:
        out.append(
            f"The tempo ({heard.bpm:.1f} bpm) is uncertain; give the right one if this is off the beat."
        )
    if not heard.is_steady:
        out.append("The recording does not keep one tempo; what was added follows its beats.")
    if heard.key.confidence < UNSURE / 2:
        out.append(f"The key ({heard.key.name}) is uncertain.")
    return tuple(out)


def finished(mix: Audio, target_lufs: float) -> Audio:
    """The mix at a loudness, limited to -1.2 dBTP; float32 (2, samples)."""
    target = float(np.clip(target_lufs, QUIETEST_LUFS, LOUDEST_LUFS))
    peaks = true_peak_envelope(mix)
    level_db = target - loudness_lufs(mix.T)
    audio = mix
    for _ in range(6):
        gain = np.full(len(peaks), 10 ** (level_db / 20), np.float32)
        gain = gain * limiter_gain(peaks, gain)
        audio = mix * spread(gain, mix.shape[1])
        short = target - loudness_lufs(audio.T)
        if abs(short) < 0.1:
            break
        level_db += short
    return np.asarray(audio, np.float32)


def spread(per_block: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Gains per block of 32 samples as a smooth curve."""
    from studio.engine import fx

    return fx.spread(per_block, samples, GAIN_BLOCK)


def deliver(
    title: str, audio: Audio, out: Path, facts: Mapping[str, Any], remarks: tuple[str, ...] = (),
    timeline: tuple[TimedWord, ...] = (), stems: Mapping[str, Audio] | None = None,
) -> Edited:  # fmt: skip
    """Write mix.mp3, mix.flac (24 bit), edit.json and stems/NAME.flac, all of them or none."""
    names = {"mp3": MIX_MP3, "flac": MIX_FLAC, "facts": FACTS}
    with hidden_folder(out) as work:
        encode.write_flac(audio, work / MIX_FLAC)
        encode.write_mp3(audio, work / MIX_MP3)
        for name, stem in (stems or {}).items():
            names[name] = f"stems/{name}.flac"
            (work / "stems").mkdir(exist_ok=True)
            encode.write_flac(stem, work / names[name])
        write_facts(work / FACTS, facts, remarks)
        (out / "stems").mkdir(exist_ok=True) if stems else None
        for file in names.values():
            (work / file).replace(out / file)
    return Edited(
        title, round(audio.shape[1] / SAMPLE_RATE_HZ, 3), {key: out / file for key, file in names.items()},
        dict(facts), remarks, timeline, round(loudness_lufs(audio.T), 2), round(true_peak_dbtp(audio), 2),
    )  # fmt: skip


def write_facts(path: Path, facts: Mapping[str, Any], remarks: tuple[str, ...]) -> None:
    path.write_text(json.dumps({**facts, "remarks": remarks}, ensure_ascii=False, indent=1), "utf-8")
