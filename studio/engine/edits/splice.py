"""Joining old and new audio so that what was not edited stays the same to the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.edits.grid import seconds_at
from studio.engine.perform import Performance
from studio.engine.score import Score
from studio.engine.spec import SAMPLE_RATE_HZ

Audio = NDArray[np.float32]
FADE_S = 0.02
# Players may come this much before a bar line, and consonants this much before their vowel.
EARLY_S = 0.035
CONSONANTS_S = 0.2
MARGIN_S = 0.003
LATEST_S = 0.06


@dataclass(frozen=True)
class Seam:
    """Where one audio turns into another: the crossfade's first sample and its length in samples."""

    start: int
    length: int = round(FADE_S * SAMPLE_RATE_HZ)

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def start_s(self) -> float:
        return self.start / SAMPLE_RATE_HZ

    @property
    def end_s(self) -> float:
        return self.end / SAMPLE_RATE_HZ

    def moved(self, samples: int) -> Seam:
        return Seam(self.start + samples, self.length)


def seam_before(score: Score, beat: float, *performances: Performance) -> Seam:
    """The crossfade that is over before anything of the bar at `beat` is heard in any of the performances.

    Sung lines that lead into the bar move it before their first consonant, but never into the line before.
    """
    bar_s = seconds_at(score, beat)
    pickup_s = 1.1 * 60.0 / score.bpm
    end_s = bar_s
    for performance in performances:
        starts = [note.start_s for track in performance.tracks for note in track.notes]
        end_s = min([end_s, *(s for s in starts if bar_s - EARLY_S < s < bar_s + LATEST_S)])
        ends_s = [line.notes[-1].end_s for line in performance.lines]
        for line in performance.lines:
            start_s, last_s = line.notes[0].start_s, line.notes[-1].end_s
            if start_s >= bar_s - pickup_s and start_s < bar_s + CONSONANTS_S and last_s > bar_s + EARLY_S:
                before_s = max([e for e in ends_s if e <= start_s + 1e-3], default=0.0)
                room_s = min(CONSONANTS_S, max(0.0, (start_s - before_s) * 0.7))
                end_s = min(end_s, start_s - room_s)
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    return Seam(max(0, round((end_s - MARGIN_S) * SAMPLE_RATE_HZ) - fade), fade)


def fade_in(samples: int) -> NDArray[np.float32]:
    """Weights of the new audio in a crossfade, rising from 0 to 1; with the old one's they make 1.

    Both sides play the same bars, so amplitudes and not powers have to add up.
    """
    place = (np.arange(samples) + 0.5) / max(1, samples)
    return (0.5 - 0.5 * np.cos(np.pi * place)).astype(np.float32)


def crossfaded(old: Audio, new: Audio) -> Audio:
    """`old` turning into `new` over their whole, equal length."""
    weight = fade_in(old.shape[-1])
    return (old * (np.float32(1.0) - weight) + new * weight).astype(np.float32)


def continued(old: Audio, new: Audio, seam: Seam) -> Audio:
    """`old` up to the seam, `new` after it. They share a time line; before `seam.start` nothing changes."""
    turn = crossfaded(old[..., seam.start : seam.end], new[..., seam.start : seam.end])
    return np.concatenate([old[..., : seam.start], turn, new[..., seam.end :]], axis=-1)


def entering(new: Audio, seam: Seam) -> Audio:
    """`new` silent before the seam and fading in over it: the new one's share of `continued`."""
    out = new.copy()
    out[..., : seam.start] = 0.0
    out[..., seam.start : seam.end] *= fade_in(seam.length)
    return out


def inserted(old: Audio, new: Audio, first: Seam, last: Seam) -> Audio:
    """`old` with `new` between the seams; outside first.start..last.end nothing changes."""
    out = old.copy()
    out[..., first.start : first.end] = crossfaded(
        old[..., first.start : first.end], new[..., first.start : first.end]
    )
    out[..., first.end : last.start] = new[..., first.end : last.start]
    out[..., last.start : last.end] = crossfaded(
        new[..., last.start : last.end], old[..., last.start : last.end]
    )
    return out


def fitted(audio: Audio, samples: int) -> Audio:
    """The audio cut or filled with silence to `samples`."""
    if audio.shape[-1] >= samples:
        return audio[..., :samples]
    return np.pad(audio, ((0, 0), (0, samples - audio.shape[-1])))
