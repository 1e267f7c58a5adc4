"""The band on paper: density, fills, and what makes two songs the same loop."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from studio.engine.score import Score, Section

DRUMS = ("drums", "kick", "percussion")
# Snares and toms of the General MIDI kit: what fills are played on.
FILL_KEYS = frozenset((37, 38, 39, 40, 41, 43, 45, 47, 48, 50))
FILL_BEATS = 2.0
NEW_STROKES, CHANGED_STROKES = 2, 3
Loop = tuple[tuple[int, tuple[int, ...]], ...]
Groove = frozenset[tuple[str, int, int]]


def onsets_per_beat(score: Score, kind: str) -> float | None:
    """Notes that begin per beat over all players and singers in sections of one kind; None without one."""
    sections = [section for section in score.sections if section.kind == kind]
    if not sections:
        return None
    starts = [note.start_beat for track in score.tracks for note in track.notes]
    starts += [note.start_beat for line in score.vocals for note in line.notes]
    inside = sum(s.start_beat <= start < s.end_beat for start in starts for s in sections)
    return inside / sum(section.length_beats for section in sections)


def chorus_density(score: Score) -> float | None:
    """Onsets per beat of the choruses over those of the verses; None when the song lacks one of them."""
    verse, chorus = onsets_per_beat(score, "verse"), onsets_per_beat(score, "chorus")
    return None if not verse or chorus is None else chorus / verse


def fill_share(score: Score) -> float | None:
    """Share of section changes that the drummer announces, of those before which drums play.

    Announced means: in the last two beats there are two strokes on snare and toms that most other bars of the
    section do not have there, or one and others left out; or the drums fall silent, or only then begin.
    None when drums never play before a change.
    """
    drums = score.track("drums")
    if drums is None:
        return None
    hits = [(note.start_beat, note.pitch) for note in drums.notes]
    told = [
        is_announced
        for before, _ in pairwise(score.sections)
        if (is_announced := _is_announced(hits, before, score.bar_beats)) is not None
    ]
    return sum(told) / len(told) if told else None


def _is_announced(hits: list[tuple[float, int]], section: Section, bar_beats: float) -> bool | None:
    bars: dict[int, list[tuple[int, int]]] = {}
    for beat, pitch in hits:
        if section.start_beat <= beat < section.end_beat:
            bar, inside = divmod(beat - section.start_beat, bar_beats)
            bars.setdefault(int(bar), []).append((round(inside * 4), pitch))
    count = round(section.length_beats / bar_beats)
    others = [bars.get(number, []) for number in range(count - 1)]
    last = bars.get(count - 1, [])
    if not any(others):
        # Nobody played until the last bar: whatever is struck there announces the change.
        return True if last else None
    tail = round((bar_beats - min(FILL_BEATS, bar_beats)) * 4)
    counts = Counter(stroke for bar in others for stroke in set(bar))
    usual = {stroke for stroke, count in counts.items() if 2 * count > len(others) and stroke[0] >= tail}
    end = {stroke for stroke in last if stroke[0] >= tail}
    new = sum(stroke not in usual and stroke[1] in FILL_KEYS for stroke in end)
    is_other = new >= 1 and len(usual ^ end) >= CHANGED_STROKES
    return new >= NEW_STROKES or is_other or (bool(usual) and not end)


def chord_loop(score: Score, kind: str = "chorus") -> Loop:
    """The first four bars of harmony of the first section of a kind (else of the busiest section), as
    (semitones above the tonic, intervals) of each chord."""
    section = _section_of(score, kind)
    end = section.start_beat + 4 * score.bar_beats
    return tuple(
        ((chord.root - section.tonic) % 12, chord.intervals)
        for chord in score.chords
        if section.start_beat - 1e-6 <= chord.start_beat < end
    )


def groove(score: Score, kind: str = "chorus") -> Groove:
    """The most common bar of drums and bass of a kind of section, as (player, sixteenth, key); the bass
    counts only by its rhythm, with key 0. Without either, every player's rhythm is the groove."""
    section = _section_of(score, kind)
    wanted = [track for track in score.tracks if track.role in (*DRUMS, "bass")] or list(score.tracks)
    bars: Counter[Groove] = Counter()
    for bar in range(max(1, round(section.length_beats / score.bar_beats))):
        start = section.start_beat + bar * score.bar_beats
        bars[
            frozenset(
                (
                    track.role,
                    round((note.start_beat - start) * 4),
                    note.pitch if track.role in DRUMS else 0,
                )
                for track in wanted
                for note in track.notes
                if start - 1e-6 <= note.start_beat < start + score.bar_beats - 1e-6
            )
        ] += 1
    return bars.most_common(1)[0][0]


def _section_of(score: Score, kind: str) -> Section:
    found = [section for section in score.sections if section.kind == kind]
    return found[0] if found else max(score.sections, key=lambda section: section.energy)
