"""Going on after an upload, making bars of it anew, and joining uploads on bar lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.song import Analysis
from studio.engine.compose.form import ENERGY
from studio.engine.loudness import loudness_lufs
from studio.engine.perform import LEAD_IN_S
from studio.engine.persona import Persona
from studio.engine.score import Chord, Section
from studio.engine.spec import MAX_DURATION_S, SAMPLE_RATE_HZ, SpecError, TimedWord
from studio.engine.tags import Brief
from studio.engine.takes import hidden_folder
from studio.engine.theory import pitch_name, uses_flats
from studio.engine.uploads import band, grid, tone
from studio.engine.uploads.work import (
    Edited,
    IsCancelled,
    OnStage,
    Steps,
    Upload,
    deliver,
    doubts,
    facts_of,
    finished,
    open_upload,
)

Audio = NDArray[np.float32]
STAGES = ("analysing", "composing", "rendering", "mixing", "encoding")
FADE_S = 0.03
NEW_BARS = 16
LONGEST_CONCAT_S = 900.0
LOOP_BARS = 8
NO_UPBEAT = 0.01  # of the power of the beats after it


@dataclass(frozen=True)
class _New:
    """Bars made by the engine: their mastered sound, whose beat 0 is at LEAD_IN_S, and their words."""

    audio: Audio
    words: tuple[TimedWord, ...]


def extend(
    source: Path, out: Path, at_s: float | None = None, lyrics: str = "", tags: str = "", seed: int = 0, *,
    duration_s: float | None = None, voice: str = "", persona: Persona | None = None,
    on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """Go on from the downbeat nearest `at_s` (the end when None): new bars in the recording's tempo, key and
    chords, brought to its level and spectrum. Up to the downbeat nothing is changed but the final level.

    Raises SpecError for a moment outside the recording, EngineUnavailable when words are to be sung and no
    voice is here.
    """
    steps = Steps(STAGES, on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source)
    heard, plan = upload.heard, grid.grid_of(upload.heard)
    cut = _cut(plan, heard, at_s)
    steps.enter("composing")
    bars = _bars_wanted(plan, duration_s)
    if plan.bar_s(cut) + bars * plan.bar_beats * 60 / plan.bpm > MAX_DURATION_S + 60:
        raise SpecError(
            f"With {bars} more bars the song would last over {(MAX_DURATION_S + 60) / 60:.0f} minutes. "
            "Choose a shorter extension."
        )
    brief = grid.brief_for(heard, tags, seed)
    sections = _new_sections(plan, heard, bars)
    chords = _ended(_carried_on(grid.chords_of(heard, plan), plan, cut, bars), brief, heard)
    with hidden_folder(Path(out)) as work:
        new = _new_bars(brief, upload, sections, chords, lyrics, tags, seed, voice, persona, steps, work)
    steps.enter("mixing")
    fitting = _fitting(new.audio, upload)
    at = plan.bar_s(cut)
    audio = _spliced(upload.audio, fitting, at)
    audio = finished(audio, heard.loudness_lufs)
    steps.enter("encoding")
    facts = {
        "operation": "extend",
        "source": facts_of(heard),
        "continued_at_s": round(at, 3),
        "new_bars": bars,
    }
    words = _later(new.words, at - LEAD_IN_S)
    return deliver(upload.title, audio, Path(out), facts, doubts(heard), words)


def _cut(plan: grid.Grid, heard: Analysis, at_s: float | None) -> int:
    if at_s is None:
        return plan.bars
    if not 0 <= at_s <= heard.duration_s:
        raise SpecError(f"{at_s:g} s lies outside the recording, which lasts {heard.duration_s:.1f} s.")
    return max(1, plan.bar_near(at_s))


def _bars_wanted(plan: grid.Grid, duration_s: float | None) -> int:
    if duration_s is None:
        return NEW_BARS
    bar_s = plan.bar_beats * 60.0 / plan.bpm
    return int(max(4, 4 * round(duration_s / bar_s / 4)))


def _new_sections(plan: grid.Grid, heard: Analysis, bars: int) -> tuple[Section, ...]:
    """Verse, chorus and an ending over so many bars."""
    if bars >= 12:
        ending = 4
        first = (bars - ending) // 8 * 4
        parts = [
            ("verse", "Verse", first),
            ("chorus", "Chorus", bars - ending - first),
            ("outro", "Outro", ending),
        ]
    else:
        parts = [("chorus", "Chorus", bars - 2), ("outro", "Outro", 2)]
    out, beat = [], 0.0
    for kind, name, count in parts:
        if count:
            length = float(count * plan.bar_beats)
            out.append(Section(kind, name, beat, length, ENERGY[kind], heard.key.tonic))
            beat += length
    return tuple(out)


def _carried_on(chords: tuple[Chord, ...], plan: grid.Grid, cut: int, bars: int) -> tuple[Chord, ...]:
    """The chords of the last bars before the cut over and over, from beat 0 on."""
    loop = min(LOOP_BARS, cut)
    first, last = (cut - loop) * plan.bar_beats, cut * plan.bar_beats
    model = _between(chords, first, last)
    total = bars * plan.bar_beats
    out: list[Chord] = []
    for start in range(0, total, loop * plan.bar_beats):
        for chord in model:
            at = start + chord.start_beat
            if at < total:
                out.append(replace(chord, start_beat=at, length_beats=min(chord.length_beats, total - at)))
    return tuple(out)


def _between(chords: Sequence[Chord], first: float, last: float) -> tuple[Chord, ...]:
    """The chords sounding in first..last, counted from there."""
    out = []
    for chord in chords:
        start, end = max(first, chord.start_beat), min(last, chord.end_beat)
        if end > start + 1e-6:
            out.append(replace(chord, start_beat=start - first, length_beats=end - start))
    return tuple(out)


def _ended(chords: tuple[Chord, ...], brief: Brief, heard: Analysis) -> tuple[Chord, ...]:
    """With the last bar at home."""
    total = chords[-1].end_beat
    bar = brief.bar_beats
    kept = [replace(c, length_beats=min(c.end_beat, total - bar) - c.start_beat)
            for c in chords if c.start_beat < total - bar - 1e-6]  # fmt: skip
    minor = heard.key.mode == "minor"
    name = pitch_name(heard.key.tonic, flats=uses_flats(heard.key.tonic, heard.key.mode))
    home = Chord(
        total - bar, bar, heard.key.tonic, (0, 3, 7) if minor else (0, 4, 7), heard.key.tonic,
        name + ("m" if minor else ""),
    )  # fmt: skip
    return (*kept, home)


def _new_bars(
    brief: Brief, upload: Upload, sections: tuple[Section, ...], chords: tuple[Chord, ...], lyrics: str,
    tags: str, seed: int, voice: str, persona: Persona | None, steps: Steps, work: Path,
) -> _New:  # fmt: skip
    melody, who = None, None
    if lyrics.strip():
        who = band.singer(brief, tags=tags, voice=voice, persona=persona, gender="", seed=seed)
        melody = band.sung_tune(brief, lyrics, sections, chords, who)
    tracks = band.backing(brief, sections, chords, melody, tune="sung" if melody else "none")
    score = grid.partial_score(
        brief, upload.title, sections, chords, tracks=tracks, lyrics=lyrics, persona=who,
        vocals=(*melody.sung, *melody.backing) if melody else (),
    )  # fmt: skip
    steps.enter("rendering")
    fresh = band.rendered(score, steps, work)
    return _New(fresh.audio, fresh.performance.words)


def _fitting(audio: Audio, upload: Upload) -> Audio:
    """New sound with the recording's long-term spectrum and loudness."""
    return tone.at_loudness(
        tone.matched(audio, tone.spectrum_db(upload.audio)), loudness_lufs(upload.audio.T)
    )


def _spliced(old: Audio, new: Audio, at_s: float) -> Audio:
    """`old` until `at_s`, then `new`, whose beat 0 is at LEAD_IN_S; a crossfade just before the downbeat."""
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    at = min(round(at_s * SAMPLE_RATE_HZ), old.shape[1])
    begin = max(0, round(LEAD_IN_S * SAMPLE_RATE_HZ) - fade)
    return tone.joined(old[:, :at], new[:, begin:], fade, is_same_music=False)


def _later(words: tuple[TimedWord, ...], by_s: float) -> tuple[TimedWord, ...]:
    return tuple(TimedWord(w.text, round(w.start_s + by_s, 3), round(w.end_s + by_s, 3)) for w in words)


def replace_section(
    source: Path, out: Path, start_s: float, end_s: float, lyrics: str = "", tags: str = "", seed: int = 0, *,
    voice: str = "", persona: Persona | None = None, on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """Make the bars around start_s..end_s anew on the chords that were heard there; the rest stays.

    Raises SpecError for a window outside the recording or without a whole bar.
    """
    steps = Steps(STAGES, on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source)
    heard, plan = upload.heard, grid.grid_of(upload.heard)
    if not 0 <= start_s < end_s <= heard.duration_s + 0.5:
        raise SpecError(
            f"{start_s:g} to {end_s:g} s is no part of the recording, which lasts {heard.duration_s:.1f} s."
        )
    first, last = plan.bar_near(start_s), plan.bar_near(end_s)
    if last <= first:
        raise SpecError(
            f"The window holds no whole bar; a bar of this recording lasts {heard.bar_s:.2f} s. Choose more."
        )
    steps.enter("composing")
    brief = grid.brief_for(heard, tags, seed)
    low, high = first * plan.bar_beats, last * plan.bar_beats
    sections = tuple(
        replace(
            s,
            start_beat=max(low, s.start_beat) - low,
            length_beats=min(high, s.end_beat) - max(low, s.start_beat),
        )
        for s in grid.sections_of(heard, plan)
        if s.end_beat > low and s.start_beat < high
    )
    chords = _between(grid.chords_of(heard, plan), low, high)
    with hidden_folder(Path(out)) as work:
        new = _new_bars(brief, upload, sections, chords, lyrics, tags, seed, voice, persona, steps, work)
    steps.enter("mixing")
    whole = grid.laid(_fitting(new.audio, upload), plan, upload.samples, first)
    audio = _inserted(upload.audio, whole, plan.bar_s(first), plan.bar_s(last))
    audio = finished(audio, heard.loudness_lufs)
    steps.enter("encoding")
    facts = {"operation": "replace_section", "source": facts_of(heard),
             "replaced_s": [round(plan.bar_s(first), 3), round(plan.bar_s(last), 3)]}  # fmt: skip
    words = _later(new.words, plan.bar_s(first) - LEAD_IN_S)
    return deliver(upload.title, audio, Path(out), facts, doubts(heard), words)


def _inserted(old: Audio, new: Audio, start_s: float, end_s: float) -> Audio:
    """`new` between two moments of `old`, both on one time line, with short constant-power crossfades that
    end on the bar lines."""
    out = old.copy()
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    a, b = round(start_s * SAMPLE_RATE_HZ), min(old.shape[1], round(end_s * SAMPLE_RATE_HZ))
    out[:, a:b] = new[:, a:b]
    place = (np.arange(fade, dtype=np.float32) + 0.5) / fade
    rise, fall = np.sin(place * np.pi / 2), np.cos(place * np.pi / 2)
    if a >= fade:
        out[:, a - fade : a] = old[:, a - fade : a] * fall + new[:, a - fade : a] * rise
    if b < old.shape[1]:
        out[:, b - fade : b] = new[:, b - fade : b] * fall + old[:, b - fade : b] * rise
    return out


def concat(
    sources: Sequence[Path], out: Path, *, on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """Recordings one after the other, brought to one loudness; each enters on its first downbeat while the
    one before it ends on a bar line, with an equal-power crossfade of one beat. Raises SpecError for fewer
    than two, or more than 15 minutes together."""
    if len(sources) < 2:
        raise SpecError("Joining needs at least two recordings.")
    steps = Steps(("analysing", "mixing", "encoding"), on_stage, is_cancelled)
    steps.enter("analysing")
    uploads = []
    for number, source in enumerate(sources):
        uploads.append(open_upload(source))
        _ = uploads[-1].heard
        steps.report((number + 1) / len(sources))
    if sum(u.heard.duration_s for u in uploads) > LONGEST_CONCAT_S:
        raise SpecError(
            f"Together they last over {LONGEST_CONCAT_S / 60:.0f} minutes. Join fewer or shorter ones."
        )
    steps.enter("mixing")
    loud = float(np.mean([u.heard.loudness_lufs for u in uploads]))
    joins: list[float] = []
    audio = _part(uploads[0], loud, is_first=True, is_last=False)
    for number, upload in enumerate(uploads[1:], 1):
        overlap = round(60.0 / uploads[number - 1].heard.bpm * SAMPLE_RATE_HZ)
        joins.append(round(audio.shape[1] / SAMPLE_RATE_HZ - 60.0 / uploads[number - 1].heard.bpm, 3))
        part = _part(upload, loud, is_first=False, is_last=number == len(uploads) - 1)
        audio = _entered(audio, part, overlap)
    audio = finished(audio, loud)
    steps.enter("encoding")
    facts = {"operation": "concat", "sources": [facts_of(u.heard) for u in uploads], "joins_s": joins}
    return deliver(" + ".join(u.title for u in uploads), audio, Path(out), facts)


def _entered(audio: Audio, part: Audio, overlap: int) -> Audio:
    """`part` after `audio`, crossfading over a beat. Where the part has no upbeat, the old song keeps its
    level until just before the bar line: a fade against silence would leave a hole."""
    upbeat, begun = part[:, :overlap], part[:, overlap : 3 * overlap]
    if loudness_lufs(begun.T) < -70 or np.mean(upbeat**2) > NO_UPBEAT * np.mean(begun**2):
        return tone.joined(audio, part, overlap, is_same_music=False)
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    return tone.joined(audio, part[:, overlap - fade :], fade, is_same_music=False)


def _part(upload: Upload, loud: float, *, is_first: bool, is_last: bool) -> Audio:
    """From one beat before the first downbeat (all of it, for the first) to one beat after the last bar line
    (all, for the last): crossfades of one beat then put bar line on bar line."""
    plan = grid.grid_of(upload.heard)
    beat_s = 60.0 / plan.bpm
    start = 0.0 if is_first else max(0.0, plan.bar_s(0) - beat_s)
    end = upload.heard.duration_s if is_last else min(upload.heard.duration_s, plan.bar_s(plan.bars))
    cut = upload.audio[:, round(start * SAMPLE_RATE_HZ) : round(end * SAMPLE_RATE_HZ)]
    if not is_first and plan.bar_s(0) < beat_s:
        cut = np.pad(cut, ((0, 0), (round((beat_s - plan.bar_s(0)) * SAMPLE_RATE_HZ), 0)))
    return tone.at_loudness(cut, loud)
