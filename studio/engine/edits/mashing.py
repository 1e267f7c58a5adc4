"""Mashup: the vocal line of one song over the band of another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from studio.engine.edits.desk import IsCancelled, OnStage, mark, source_of
from studio.engine.edits.harmony import bent_to, tone_value, tune_of, weight_of
from studio.engine.edits.surgery import each_note, in_text_order, joined, lyrics_of, piece, without_tracks
from studio.engine.edits.transposing import raise_line, transposed
from studio.engine.pipeline import render_score
from studio.engine.score import Note, Score, Section, VocalLine
from studio.engine.spec import Song, SpecError

FURTHEST_SEMITONES = 3
SLOWEST, FASTEST = 0.74, 1.36
LEAST_AGREEMENT = 0.2
TUNE_ROLES = ("lead", "harmony", "double")
BARE = ("intro", "outro", "break")


@dataclass(frozen=True)
class Match:
    """How two songs meet. `stretch` is beats of the second song for one beat of the first (1, 2 or 0.5),
    `speed` how much faster the voice sings than before, `vocal_semitones` and `band_semitones` how far each
    is moved, `agreement` how well tune and chords fit before notes are bent (-1..1)."""

    stretch: float
    speed: float
    vocal_semitones: int
    band_semitones: int
    agreement: float


def match(voice: Score, band: Score) -> Match:
    """How `voice` can be sung over `band`. Raises SpecError, with the figures, when it cannot."""
    if not tune_of(voice.vocals):
        raise SpecError(
            f"“{voice.title}” is an instrumental: a mashup takes its voice from the first song. Swap them."
        )
    if voice.meter != band.meter:
        raise SpecError(
            f"“{voice.title}” is in {voice.meter} and “{band.title}” in {band.meter}: bars of different "
            "meters do not fit on each other. Choose songs of the same meter."
        )
    stretch = min((1.0, 2.0, 0.5), key=lambda f: abs(math.log(band.bpm / voice.bpm / f)))
    speed = band.bpm / voice.bpm / stretch
    if not SLOWEST <= speed <= FASTEST:
        raise SpecError(
            f"“{voice.title}” is at {voice.bpm:g} bpm and “{band.title}” at {band.bpm:g}: the voice would "
            f"sing at {100 * speed:.0f} % of its speed, and {100 * SLOWEST:.0f} to {100 * FASTEST:.0f} % is "
            "possible. "
            "Choose songs of nearer tempo (half and double tempo count as near)."
        )
    return _in_key(voice, band, stretch, speed)


def _in_key(voice: Score, band: Score, stretch: float, speed: float) -> Match:
    laid, sections = _laid_out(voice, band, stretch)
    chords = band_for(band, sections)
    values = {}
    for semitones in range(-6, 6):
        values[semitones] = _agreement(laid, semitones, chords) - 0.012 * abs(semitones)
    best = max(values, key=values.__getitem__)
    vocal = max(-FURTHEST_SEMITONES, min(FURTHEST_SEMITONES, best))
    if values[best] < LEAST_AGREEMENT:
        raise SpecError(
            f"“{voice.title}” ({voice.key}) and “{band.title}” ({band.key}) do not meet in any key: at best "
            f"the tune agrees with {values[best]:.2f} of the chords, and {LEAST_AGREEMENT:g} is needed. "
            "Choose songs in keys of the same family, both major or both minor."
        )
    return Match(stretch, round(speed, 3), vocal, vocal - best, round(values[best], 3))


def _agreement(lines: Sequence[VocalLine], semitones: int, band: Score) -> float:
    total = weight = 0.0
    for note in tune_of(lines):
        own = weight_of(note, band.meter, band.bar_beats)
        total += own * tone_value(note.pitch + semitones, band.chord_at(max(0.0, note.start_beat)))
        weight += own
    return total / weight


def mashup_score(voice: Score, band: Score) -> tuple[Score, Match]:
    """`voice`'s words and tune over `band`'s players, in `voice`'s form and `band`'s tempo and style.

    Each section takes the bars of the section of the same kind in `band`, or the one nearest in energy,
    repeated as often as needed. Deterministic. Raises SpecError when the songs are too far apart.
    """
    found = match(voice, band)
    moved_band = transposed(band, found.band_semitones)
    laid, sections = _laid_out(voice, band, found.stretch)
    backing = band_for(moved_band, sections)
    lines = [raise_line(line, found.vocal_semitones) for line in laid]
    octave = _octave(voice, lines)
    lines = [raise_line(line, octave) for line in lines]
    vocals = in_text_order(bent_to(lines, backing))
    title = f"{voice.title} / {band.title}"[:80]
    remarks = (
        f"The voice of “{voice.title}” at {100 * found.speed:.0f} % of its speed and "
        f"{found.vocal_semitones:+d} semitones over the band of “{band.title}” ({found.band_semitones:+d}).",
    )
    song = replace(
        backing, title=title, vocals=vocals, lyrics=lyrics_of(vocals), persona=voice.persona, remarks=remarks
    )
    return song, found


def _octave(voice: Score, lines: Sequence[VocalLine]) -> int:
    """Octaves that bring a moved tune back into the singer's range."""
    if voice.persona is None:
        return 0
    pitches = [note.pitch for note in tune_of(lines)]
    low, high = voice.persona.low, voice.persona.high

    def outside(octave: int) -> int:
        return sum(max(0, low - p - octave, p + octave - high) for p in pitches)

    return min((0, -12, 12), key=lambda octave: (outside(octave), abs(octave)))


def _laid_out(voice: Score, band: Score, stretch: float) -> tuple[list[VocalLine], list[Section]]:
    """The voice's lines on the beats of the new song, and its sections: intro, the sung ones, ending."""
    bar = band.bar_beats
    first, last = band.sections[0], band.sections[-1]
    sections = [first] if first.kind in BARE else []
    beat = sum(s.length_beats for s in sections)
    lines: list[VocalLine] = []
    for index, section in enumerate(voice.sections):
        own = [line for line in voice.vocals if line.section == index and line.notes]
        if not own:
            continue
        length = math.ceil(section.length_beats * stretch / bar - 1e-6) * bar
        place = len(sections)
        sections.append(replace(section, start_beat=beat, length_beats=length))
        for line in own:
            lines.append(replace(_stretched(line, section.start_beat, beat, stretch), section=place))
        beat += length
    ending = (
        last if last.kind in BARE else replace(last, start_beat=last.end_beat - 2 * bar, length_beats=2 * bar)
    )
    sections.append(replace(ending, kind="outro", name="Outro", start_beat=beat))
    earliest = min(note.start_beat for line in lines for note in line.notes)
    if earliest < 0:
        raise SpecError(
            f"“{voice.title}” begins with a pickup and “{band.title}” has no intro to sing it over. "
            "Swap the two."
        )
    return lines, sections


def _stretched(line: VocalLine, origin: float, beat: float, stretch: float) -> VocalLine:
    def place(note: Note) -> Note:
        return replace(
            note,
            start_beat=beat + (note.start_beat - origin) * stretch,
            length_beats=max(0.1, note.length_beats * stretch - (0.05 if stretch > 1 else 0.0)),
        )

    return each_note(line, place)


def band_for(band: Score, sections: Sequence[Section]) -> Score:
    """The players of `band` under the given sections; nobody sings or plays the tune."""
    players = without_tracks(replace(band, vocals=()), TUNE_ROLES)
    whole: Score | None = None
    seen: dict[str, int] = {}
    for number, section in enumerate(sections):
        is_last = number == len(sections) - 1
        seen[section.kind] = seen.get(section.kind, 0) + 1
        source = band.sections[-1] if is_last else _like(band, section, seen[section.kind] - 1)
        part = _repeated(players, source, section.length_beats, from_end=is_last)
        part = replace(
            part,
            sections=(
                replace(
                    section,
                    start_beat=0.0,
                    length_beats=section.length_beats,
                    energy=source.energy,
                    tonic=source.tonic,
                ),
            ),
        )
        whole = part if whole is None else joined(whole, part)
    assert whole is not None
    return replace(whole, lyrics="[Instrumental]")


def _like(band: Score, section: Section, number: int) -> Section:
    """The section of the band that suits: of the same kind, the `number`th of them; else of like energy."""
    same = [s for s in band.sections if s.kind == section.kind]
    if same:
        return same[min(number, len(same) - 1)]
    return min(band.sections[:-1] or band.sections, key=lambda s: abs(s.energy - section.energy))


def _repeated(score: Score, section: Section, length: float, *, from_end: bool) -> Score:
    """The bars of a section, over and over or cut, to `length` beats."""
    if from_end and section.length_beats >= length:
        return piece(score, section.end_beat - length, section.end_beat)
    whole: Score | None = None
    filled = 0.0
    while filled < length - 1e-6:
        take = min(section.length_beats, length - filled)
        part = piece(score, section.start_beat, section.start_beat + take)
        whole = part if whole is None else joined(whole, part)
        filled += take
    assert whole is not None
    return whole


def mashup(
    voice: Path,
    band: Path,
    out: Path,
    *,
    title: str = "",
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """The voice of one take over the band of another; see `mashup_score`. Both are performed anew. Raises
    SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`."""
    score, found = mashup_score(source_of(voice, out).score, source_of(band, out).score)
    song = render_score(
        replace(score, title=title or score.title), Path(out), on_stage=on_stage, is_cancelled=is_cancelled
    )
    facts = {
        "operation": "mashup",
        "source": str(Path(voice).resolve()),
        "second_source": str(Path(band).resolve()),
        **asdict(found),
    }
    mark(Path(out), facts)
    return song
