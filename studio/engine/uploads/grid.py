"""A recording's beats and harmony as a partial score, and sound made from a score laid on the recording."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.harmony import FoundChord
from studio.engine.analysis.song import Analysis
from studio.engine.analysis.stretching import warp
from studio.engine.compose.form import ENERGY
from studio.engine.perform import LEAD_IN_S
from studio.engine.persona import Persona
from studio.engine.score import Chord, Score, Section, Track, VocalLine
from studio.engine.spec import ENGINE_VERSION, SAMPLE_RATE_HZ, SongSpec, SpecError
from studio.engine.tags import Brief, read_tags
from studio.engine.theory import QUALITIES, key_name, pitch_name, uses_flats
from studio.engine.uploads.tone import fitted

Audio = NDArray[np.float32]
Floats = NDArray[np.float64]
SLOWEST_BPM, FASTEST_BPM = 58.0, 185.0
LOOSENESS_MS = 4.0


@dataclass(frozen=True)
class Grid:
    """The beats of a recording; beat 0 is its first downbeat. `pace` is 2 when the score's quarter notes
    are half of the tracked beats, 0.5 when they are twice as long."""

    beats_s: Floats
    bpm: float
    bar_beats: int
    bars: int

    def seconds(self, beat: float) -> float:
        """When a beat of the score sounds in the recording, beyond the last one at its tempo."""
        count = len(self.beats_s)
        if beat < 0 or beat > count - 1:
            edge = 0 if beat < 0 else count - 1
            return float(self.beats_s[edge] + (beat - edge) * 60.0 / self.bpm)
        return float(np.interp(beat, np.arange(count), self.beats_s))

    def beat(self, second: float) -> float:
        """The inverse of `seconds`."""
        if second < self.beats_s[0]:
            return float((second - self.beats_s[0]) * self.bpm / 60.0)
        if second > self.beats_s[-1]:
            return float(len(self.beats_s) - 1 + (second - self.beats_s[-1]) * self.bpm / 60.0)
        return float(np.interp(second, self.beats_s, np.arange(len(self.beats_s))))

    def bar_s(self, bar: int) -> float:
        """When a bar begins."""
        return self.seconds(bar * self.bar_beats)

    def bar_near(self, second: float) -> int:
        return int(np.clip(round(self.beat(second) / self.bar_beats), 0, self.bars))

    @property
    def is_even(self) -> bool:
        gaps = np.diff(self.beats_s)
        return bool(len(gaps) == 0 or np.abs(gaps - 60.0 / self.bpm).max() < 0.004)


def grid_of(heard: Analysis) -> Grid:
    """Raises SpecError when the recording holds no whole bar."""
    first = int(np.searchsorted(heard.beats_s, heard.downbeats_s[0] - 1e-6)) if len(heard.downbeats_s) else 0
    beats = heard.beats_s[first:]
    end_s = heard.chords[-1].end_s if heard.chords else heard.duration_s
    step = 60.0 / heard.bpm
    count = max(2, int(np.searchsorted(beats, end_s + 0.3 * step)))
    beats = beats[:count]
    bars = round((len(beats) - 0.5) / heard.bar_beats)
    if bars < 1:
        raise SpecError("The recording is shorter than one bar of its own tempo. Upload a longer part.")
    return Grid(beats, heard.bpm, heard.bar_beats, bars)


def brief_for(
    heard: Analysis,
    tags: str,
    seed: int,
    *,
    gender: str = "",
    description: str = "",
    bpm: float | None = None,
) -> Brief:
    """What to compose: the style of the tags, the tempo, key and meter of the recording."""
    read = read_tags(SongSpec(tags=tags, description=description, vocal_gender=gender, seed=seed))
    return replace(
        read, bpm=heard.bpm if bpm is None else bpm, tonic=heard.key.tonic, mode=heard.key.mode,
        meter="3/4" if heard.bar_beats == 3 else "4/4", duration_s=None,
    )  # fmt: skip


def sections_of(heard: Analysis, grid: Grid) -> tuple[Section, ...]:
    """The recording's form on bar lines, from beat 0 on."""
    starts = sorted({0, *(grid.bar_near(start) for _, start, _ in heard.sections)} - {grid.bars})
    out = []
    for first, last in zip(starts, [*starts[1:], grid.bars], strict=True):
        middle = (grid.bar_s(first) + grid.bar_s(last)) / 2
        label = next((n for n, a, b in heard.sections if a <= middle < b), "Verse")
        kind = label.split()[0].casefold()
        kind = kind if kind in ENERGY else "verse"
        out.append(
            Section(
                kind,
                label,
                first * grid.bar_beats,
                (last - first) * grid.bar_beats,
                ENERGY[kind],
                heard.key.tonic,
            )
        )
    return tuple(out)


def chords_of(heard: Analysis, grid: Grid) -> tuple[Chord, ...]:
    """The recording's chords in beats, without gaps; before the first one heard it is held."""
    total = grid.bars * grid.bar_beats
    out: list[Chord] = []
    for found in heard.chords:
        start, end = max(0, round(grid.beat(found.start_s))), min(total, round(grid.beat(found.end_s)))
        if end > start:
            out.append(as_chord(found, start, end - start, heard))
    if not out:
        out = [as_chord(FoundChord(0.0, 0.0, heard.key.tonic, "m" if heard.key.mode == "minor" else "", 0.0),
                        0, total, heard)]  # fmt: skip
    filled = []
    for chord, following in zip(out, [*out[1:], None], strict=True):
        start_beat = 0.0 if chord is out[0] else chord.start_beat
        end_beat = following.start_beat if following else float(total)
        if end_beat > start_beat:
            filled.append(replace(chord, start_beat=start_beat, length_beats=end_beat - start_beat))
    return tuple(filled)


def as_chord(found: FoundChord, start: float, length: float, heard: Analysis) -> Chord:
    flats = uses_flats(heard.key.tonic, heard.key.mode)
    symbol = pitch_name(found.root, flats=flats) + found.quality
    return Chord(float(start), float(length), found.root, QUALITIES[found.quality], found.root, symbol)


def partial_score(
    brief: Brief, title: str, sections: tuple[Section, ...], chords: tuple[Chord, ...], *,
    vocals: tuple[VocalLine, ...] = (), tracks: tuple[Track, ...] = (), lyrics: str = "",
    persona: Persona | None = None, remarks: tuple[str, ...] = (),
) -> Score:  # fmt: skip
    """A score on a recording's grid: no swing of its own where it only sings, no slowing down."""
    return Score(
        version=ENGINE_VERSION, seed=brief.seed, title=title, tags=brief.tags, lyrics=lyrics,
        style=brief.card.name, meter=brief.meter, bar_beats=brief.bar_beats, bpm=brief.bpm, tonic=brief.tonic,
        mode=brief.mode, key=key_name(brief.tonic, brief.mode), swing=brief.card.swing if tracks else 0.0,
        swing_unit_beats=brief.card.swing_unit_beats, looseness_ms=LOOSENESS_MS, ritardando=0.0,
        sections=sections, chords=chords, vocals=vocals, tracks=tuple(t for t in tracks if t.notes),
        mix=brief.card.mix, remarks=remarks, persona=persona,
    )  # fmt: skip


def laid(sound: Audio, grid: Grid, samples: int, from_bar: int = 0) -> Audio:
    """Sound rendered from a score whose beat 0 is the recording's bar `from_bar`, on the recording's time
    line: shifted, and where the recording's beats are uneven, bent to them."""
    first = from_bar * grid.bar_beats
    if not grid.is_even:
        count = int(sound.shape[1] / SAMPLE_RATE_HZ * grid.bpm / 60.0) + 2
        source = (LEAD_IN_S + np.arange(count) * 60.0 / grid.bpm) * SAMPLE_RATE_HZ
        target = np.array([grid.seconds(first + beat) for beat in range(count)]) * SAMPLE_RATE_HZ
        start = target[0]
        sound = warp(
            sound, np.concatenate([[0.0], source]), np.concatenate([[0.0], target - start + source[0]])
        )
    at = round((grid.seconds(first) - LEAD_IN_S) * SAMPLE_RATE_HZ)
    if at < 0:
        return fitted(sound[:, -at:], samples)
    return fitted(np.pad(sound, ((0, 0), (at, 0))), samples)
