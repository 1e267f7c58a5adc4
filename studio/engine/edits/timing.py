"""Performances cut and joined: so that timelines and notes of spliced songs say what the audio holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from studio.engine.perform import Performance, Played, PlayedTrack, TimedLine, TimedSyllable
from studio.engine.spec import TimedWord


def later(performance: Performance, by_s: float) -> Performance:
    """Everything later by `by_s` seconds, which may be negative."""
    return replace(
        performance,
        tracks=tuple(replace(t, notes=tuple(_moved(n, by_s) for n in t.notes)) for t in performance.tracks),
        words=tuple(
            TimedWord(w.text, round(w.start_s + by_s, 3), round(w.end_s + by_s, 3)) for w in performance.words
        ),
        sections=tuple((name, round(a + by_s, 3), round(b + by_s, 3)) for name, a, b in performance.sections),
        kicks_s=tuple(time + by_s for time in performance.kicks_s),
        duration_s=performance.duration_s + by_s,
        lines=tuple(_moved_line(line, by_s) for line in performance.lines),
    )


def _moved(note: Played, by_s: float) -> Played:
    return replace(note, start_s=note.start_s + by_s, end_s=note.end_s + by_s)


def _moved_line(line: TimedLine, by_s: float) -> TimedLine:
    words = tuple(
        tuple(TimedSyllable(s.phones, s.stress, tuple(_moved(n, by_s) for n in s.notes)) for s in word)
        for word in line.words
    )
    return replace(line, words=words)


def mixed_in(old: Performance, new: Performance, start_s: float, end_s: float) -> Performance:
    """`new` with the players' notes of `old` outside start_s..end_s, where the old audio sounds.

    Voices and words need no mixing: what was not edited is sung at the same times in both.
    """
    inside = [
        replace(track, notes=tuple(n for n in track.notes if start_s <= n.start_s < end_s))
        for track in new.tracks
    ]
    outside = [
        replace(
            track,
            notes=tuple(
                replace(n, end_s=min(n.end_s, start_s)) if n.start_s < start_s < n.end_s else n
                for n in track.notes
                if not start_s <= n.start_s < end_s
            ),
        )
        for track in old.tracks
    ]
    kicks = [k for k in old.kicks_s if not start_s <= k < end_s] + [
        k for k in new.kicks_s if start_s <= k < end_s
    ]
    return replace(new, tracks=merged((*outside, *inside)), kicks_s=tuple(sorted(kicks)))


def after(performance: Performance, start_s: float, words: int) -> Performance:
    """What begins at or after `start_s`, with the last `words` words; times stay."""
    tracks = tuple(
        replace(t, notes=tuple(n for n in t.notes if n.start_s >= start_s)) for t in performance.tracks
    )
    kept = [i for i, line in enumerate(performance.lines) if line.notes[0].start_s >= start_s]
    unsung = frozenset(kept.index(i) for i in performance.unsung if i in kept)
    sections = tuple((n, max(a, start_s), b) for n, a, b in performance.sections if b > start_s + 0.1)
    return replace(
        performance,
        tracks=tuple(t for t in tracks if t.notes),
        words=performance.words[len(performance.words) - words :],
        sections=sections,
        kicks_s=tuple(k for k in performance.kicks_s if k >= start_s),
        lines=tuple(performance.lines[i] for i in kept),
        unsung=unsung,
    )


def before(performance: Performance, end_s: float, words: int) -> Performance:
    """What begins before `end_s`, with the first `words` words."""
    tracks = tuple(
        replace(t, notes=tuple(n for n in t.notes if n.start_s < end_s)) for t in performance.tracks
    )
    kept = [i for i, line in enumerate(performance.lines) if line.notes[0].start_s < end_s]
    return replace(
        performance,
        tracks=tuple(t for t in tracks if t.notes),
        words=performance.words[:words],
        sections=tuple((n, a, min(b, end_s)) for n, a, b in performance.sections if a < end_s - 0.1),
        kicks_s=tuple(k for k in performance.kicks_s if k < end_s),
        duration_s=min(performance.duration_s, end_s),
        lines=tuple(performance.lines[i] for i in kept),
        unsung=frozenset(kept.index(i) for i in performance.unsung if i in kept),
    )


def chained(first: Performance, second: Performance) -> Performance:
    """Two performances of which the second is on the first one's time line already."""
    count = len(first.lines)
    shift = len(first.sections)
    lines = tuple(replace(line, section=line.section + shift) for line in second.lines)
    return Performance(
        tracks=merged((*first.tracks, *second.tracks)),
        words=(*first.words, *second.words),
        sections=(*first.sections, *second.sections),
        kicks_s=(*first.kicks_s, *second.kicks_s),
        duration_s=second.duration_s,
        lines=(*first.lines, *lines),
        unsung=first.unsung | frozenset(number + count for number in second.unsung),
    )


def merged(tracks: Iterable[PlayedTrack]) -> tuple[PlayedTrack, ...]:
    """One track for each role and instrument, in order of time."""
    found: dict[tuple[str, str], PlayedTrack] = {}
    for track in tracks:
        key = (track.role, track.instrument.name)
        old = found.get(key)
        found[key] = replace(track, notes=(*(old.notes if old else ()), *track.notes))
    return tuple(
        replace(t, notes=tuple(sorted(t.notes, key=lambda n: (n.start_s, n.pitch))))
        for t in found.values()
        if t.notes
    )
