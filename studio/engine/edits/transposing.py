"""Scores and their parts in other keys. Drums and noise stay where they are."""

from __future__ import annotations

import re
from dataclasses import replace

from studio.engine.edits.surgery import each_note
from studio.engine.score import Chord, Score, Track, VocalLine
from studio.engine.theory import key_name, pitch_name, uses_flats

UNPITCHED_SYNTHS = ("kick", "riser")
DRUM_BANK = 128
_ROOT = re.compile(r"^([A-G][#b]?)(.*?)(?:/([A-G][#b]?))?$")


def transposed(score: Score, semitones: int) -> Score:
    """Every pitch `semitones` higher: tune, harmony, bass; drums and noise stay. Key and tags follow."""
    if semitones == 0:
        return score
    tonic = (score.tonic + semitones) % 12
    key = key_name(tonic, score.mode)
    flats = uses_flats(tonic, score.mode)
    return replace(
        score,
        tonic=tonic,
        key=key,
        tags=score.tags.replace(score.key, key),
        sections=tuple(replace(s, tonic=(s.tonic + semitones) % 12) for s in score.sections),
        chords=tuple(_transposed_chord(c, semitones, flats) for c in score.chords),
        vocals=tuple(raise_line(line, semitones) for line in score.vocals),
        tracks=tuple(raise_track(track, semitones) for track in score.tracks),
    )


def raise_line(line: VocalLine, semitones: int) -> VocalLine:
    return each_note(line, lambda note: replace(note, pitch=note.pitch + semitones))


def raise_track(track: Track, semitones: int) -> Track:
    if not is_pitched(track):
        return track
    return replace(track, notes=tuple(replace(n, pitch=n.pitch + semitones) for n in track.notes))


def is_pitched(track: Track) -> bool:
    """Whether moving its notes up and down is transposing: not so for drum kits and noise."""
    return track.instrument.bank != DRUM_BANK and track.instrument.synth not in UNPITCHED_SYNTHS


def _transposed_chord(chord: Chord, semitones: int, flats: bool) -> Chord:
    root, bass = (chord.root + semitones) % 12, (chord.bass + semitones) % 12
    match = _ROOT.match(chord.symbol)
    colour = match.group(2) if match else ""
    symbol = pitch_name(root, flats=flats) + colour
    if bass != root:
        symbol += f"/{pitch_name(bass, flats=flats)}"
    return replace(chord, root=root, bass=bass, symbol=symbol)
