"""The tune on paper: does it fit its chords, does it move like a tune, is it another song's tune."""

from __future__ import annotations

from itertools import pairwise

from studio.engine.compose.rhythm import metric_weight
from studio.engine.score import Note, Score

BREATH_BEATS = 0.4  # a gap from which the next note begins a line of its own
STRONG_WEIGHT = 0.8
LONG_BEATS = 0.5
PICKUP_BEATS = 1.01
GRAM_NOTES = 5
REST_BEATS = 1.4  # a gap across which no interval is heard


def lead_notes(score: Score) -> tuple[Note, ...]:
    """The tune, sung or played, in time order."""
    tune: tuple[Note, ...] | None = getattr(score, "tune", None)
    if tune is not None:
        return tune
    lead = score.track("lead")
    return lead.notes if lead else ()


def strong_notes(score: Score) -> tuple[Note, ...]:
    """Notes of the tune on strong beats, half a beat and longer."""
    return tuple(
        note
        for note in lead_notes(score)
        if metric_weight(score.meter, note.start_beat, score.bar_beats) >= STRONG_WEIGHT
        and note.length_beats >= LONG_BEATS
    )


def chord_tone_share(score: Score) -> float:
    """Share of the tune's long notes on strong beats that belong to the chord; 1.0 without such notes."""
    strong = strong_notes(score)
    if not strong:
        return 1.0
    return sum(n.pitch % 12 in score.chord_at(n.start_beat).pitch_classes for n in strong) / len(strong)


def zigzag_share(score: Score) -> float:
    """Share of three notes in one breath that leap a third or more and leap back as far; wanted is 0.1 at
    most."""
    tune = lead_notes(score)
    pairs = [
        (b.pitch - a.pitch, c.pitch - b.pitch)
        for a, b, c in zip(tune, tune[1:], tune[2:], strict=False)
        if max(b.start_beat - a.end_beat, c.start_beat - b.end_beat) < BREATH_BEATS
    ]
    zigzag = [one for one, two in pairs if one * two < 0 and min(abs(one), abs(two)) >= 3]
    return len(zigzag) / len(pairs) if pairs else 0.0


def melody_range(score: Score) -> int:
    """The widest range of the tune inside one section, in semitones."""
    widest = 0
    for section in score.sections:
        # A pickup belongs to the section it leads into.
        pitches = [
            n.pitch
            for n in lead_notes(score)
            if section.start_beat - PICKUP_BEATS <= n.start_beat < section.end_beat - PICKUP_BEATS
        ]
        widest = max(widest, max(pitches) - min(pitches)) if pitches else widest
    return widest


def melody_overlap(one: Score, other: Score) -> float:
    """Share of the shorter tune's notes that the other has at the same beat on the same degree of its
    scale."""
    first = {(round(n.start_beat * 4), (n.pitch - one.tonic) % 12) for n in lead_notes(one)}
    second = {(round(n.start_beat * 4), (n.pitch - other.tonic) % 12) for n in lead_notes(other)}
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def melody_grams(score: Score) -> frozenset[tuple[int, ...]]:
    """Every five notes in a row of one breath, as their four intervals in semitones: in any key."""
    moves: list[int] = []
    grams: set[tuple[int, ...]] = set()
    for a, b in pairwise(lead_notes(score)):
        if b.start_beat - a.end_beat >= REST_BEATS:
            moves = []
            continue
        moves.append(b.pitch - a.pitch)
        if len(moves) >= GRAM_NOTES - 1:
            grams.add(tuple(moves[1 - GRAM_NOTES :]))
    return frozenset(grams)


def shared_grams(one: Score, other: Score) -> float:
    """Share of the smaller set of five-note figures that both tunes have; 0 when one has none."""
    return share_of_grams(melody_grams(one), melody_grams(other))


def share_of_grams(one: frozenset[tuple[int, ...]], other: frozenset[tuple[int, ...]]) -> float:
    """As `shared_grams`, of figures found before."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
