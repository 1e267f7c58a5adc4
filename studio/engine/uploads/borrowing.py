"""Building on parts of uploads: bars as a loop of a new song, a voice over another recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.separating import remarks as ways
from studio.engine.analysis.separating import separate
from studio.engine.analysis.song import Analysis
from studio.engine.analysis.stretching import shift, warp
from studio.engine.compose import outline
from studio.engine.lyrics.parse import clean, parse_lyrics
from studio.engine.perform import LEAD_IN_S
from studio.engine.persona import Persona
from studio.engine.score import Chord
from studio.engine.spec import SAMPLE_RATE_HZ, SongSpec, SpecError
from studio.engine.tags import _BPM as NAMED_BPM
from studio.engine.tags import normalise, read_tags
from studio.engine.takes import hidden_folder
from studio.engine.uploads import band, grid, tone
from studio.engine.uploads.singing import VOICE_OVER_BACKING_LU, over, sung_part
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
SAMPLE_BARS = 4
SLOWEST, FASTEST = 0.75, 1.33
FURTHEST_SEMITONES = 3
LOOP_UNDER_BAND_LU = 1.0
FADE_S = 0.008
BARE = ("outro",)
# Roles that would fight with the loop's own harmony and tune.
LOOP_PLAYS = (
    "keys",
    "guitar",
    "guitar 2",
    "riff",
    "lead",
    "harmony",
    "double",
    "hook",
    "counter",
    "ostinato",
    "brass",
)


def sample(
    source: Path, out: Path, start_s: float | None = None, end_s: float | None = None, lyrics: str = "",
    tags: str = "", seed: int = 0, *, voice: str = "", persona: Persona | None = None,
    duration_s: float | None = None, on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """A new song around bars of a recording: the bars in start_s..end_s (or those that repeat best) are
    looped at the tempo the tags name (else their own), and drums, bass and pads play along their chords.

    Raises SpecError for a window without a whole bar, or a tempo over a third away.
    """
    steps = Steps(("analysing", "composing", "rendering", "mixing", "encoding"), on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source)
    heard, plan = upload.heard, grid.grid_of(upload.heard)
    first, bars = _chosen_bars(plan, heard, start_s, end_s)
    bpm = _wanted_bpm(tags, heard.bpm)
    steps.enter("composing")
    brief = replace(grid.brief_for(heard, tags, seed, bpm=bpm), duration_s=duration_s or 60.0)
    words = parse_lyrics(clean(lyrics)) if lyrics.strip() else []
    brief, _, sections, _ = outline(brief, words)
    if abs(brief.bpm - bpm) > 0.01:
        brief = replace(brief, bpm=bpm)
    sections = tuple(replace(s, tonic=heard.key.tonic) for s in sections)
    low = first * plan.bar_beats
    loop_chords = grid.chords_of(heard, plan)
    chords = _tiled(loop_chords, low, bars * plan.bar_beats, sections[-1].end_beat)
    melody, who = None, None
    if words:
        who = band.singer(brief, tags=tags, voice=voice, persona=persona, gender="", seed=seed)
        melody = band.sung_tune(brief, lyrics, sections, chords, who)
    tracks = band.backing(brief, sections, chords, melody, tune="sung" if melody else "none")
    tracks = tuple(t for t in tracks if t.role not in LOOP_PLAYS)
    score = grid.partial_score(
        brief, f"{upload.title} (sampled)", sections, chords, tracks=tracks, lyrics=lyrics, persona=who,
        vocals=(*melody.sung, *melody.backing) if melody else (),
    )  # fmt: skip
    score = replace(score, swing=0.0)
    with hidden_folder(Path(out)) as work:
        steps.enter("rendering")
        fresh = band.rendered(score, steps, work)
        steps.enter("mixing")
        players, voices = band.players_of(fresh), band.voices_of(fresh)
    loop = _loop(upload, plan, first, bars, bpm)
    ending = (
        sections[-1].start_beat if len(sections) > 1 and sections[-1].kind in BARE else sections[-1].end_beat
    )
    laid = _looped(loop, players.shape[1], ending, bpm)
    laid = over(laid, players, LOOP_UNDER_BAND_LU)
    base = laid + players
    audio = finished(base + over(voices, base, VOICE_OVER_BACKING_LU) if melody else base, -14.0)
    steps.enter("encoding")
    facts = {
        "operation": "sample", "source": facts_of(heard), "bpm": bpm, "loop_bars": bars,
        "loop_s": [round(plan.bar_s(first), 3), round(plan.bar_s(first + bars), 3)],
        "stretched_by": round(heard.bpm / bpm, 4),
    }  # fmt: skip
    return deliver(
        score.title, audio, Path(out), facts, doubts(heard), fresh.performance.words, {"sample": laid}
    )


def _chosen_bars(
    plan: grid.Grid, heard: Analysis, start_s: float | None, end_s: float | None
) -> tuple[int, int]:
    """(first bar, how many) of the loop."""
    if start_s is not None or end_s is not None:
        first = plan.bar_near(start_s or 0.0)
        last = plan.bar_near(end_s) if end_s is not None else min(plan.bars, first + SAMPLE_BARS)
        if last <= first:
            raise SpecError(f"The window holds no whole bar; a bar lasts {heard.bar_s:.2f} s. Choose more.")
        return first, last - first
    count = min(SAMPLE_BARS, plan.bars)
    return max(range(plan.bars - count + 1), key=lambda bar: _returns(plan, heard, bar, count)), count


def _returns(plan: grid.Grid, heard: Analysis, first: int, count: int) -> float:
    """How surely the chords of these bars are known, and how often they come back; sections' starts lead."""
    found = grid.chords_of(heard, plan)
    step = plan.bar_beats

    def root(bar: int) -> int:
        return next((c.root for c in found if c.end_beat > bar * step + 0.01), -1)

    own = [root(first + i) for i in range(count)]
    times = sum(
        [root(bar + i) for i in range(count)] == own for bar in range(0, plan.bars - count + 1, count)
    )
    starts = {plan.bar_near(start) for _, start, _ in heard.sections}
    return times + (0.5 if first in starts else 0.0) + (0.25 if first % 4 == 0 else 0.0)


def _wanted_bpm(tags: str, own: float) -> float:
    """The tempo that tags name, in the octave nearest the recording's; its own otherwise."""
    named = NAMED_BPM.search(normalise(tags))
    if named is None:
        return own
    wanted = read_tags(SongSpec(tags=tags)).bpm
    options = [wanted * factor for factor in (0.5, 1.0, 2.0)]
    best = min(options, key=lambda bpm: abs(np.log(bpm / own)))
    if not SLOWEST <= best / own <= FASTEST:
        raise SpecError(
            f"The recording runs at {own:.1f} bpm; {wanted:g} bpm is too far to stretch it to. "
            f"Choose {own * SLOWEST:.0f} to {own * FASTEST:.0f} bpm."
        )
    return best


def _tiled(chords: tuple[Chord, ...], low: float, length: float, total: float) -> tuple[Chord, ...]:
    out: list[Chord] = []
    start = 0.0
    while start < total - 1e-6:
        for chord in chords:
            a, b = max(low, chord.start_beat), min(low + length, chord.end_beat)
            at = start + a - low
            if b > a + 1e-6 and at < total - 1e-6:
                out.append(replace(chord, start_beat=at, length_beats=min(b - a, total - at)))
        start += length
    return tuple(out)


def _loop(upload: Upload, plan: grid.Grid, first: int, bars: int, bpm: float) -> Audio:
    """The bars at the wanted tempo, each beat on its place, a little longer than needed to fade over."""
    tail = round(FADE_S * SAMPLE_RATE_HZ)
    beats = bars * plan.bar_beats
    start = plan.bar_s(first)
    source = np.array([plan.seconds(first * plan.bar_beats + beat) - start for beat in range(beats + 1)])
    target = np.arange(beats + 1) * 60.0 / bpm
    begin = round(start * SAMPLE_RATE_HZ)
    piece = tone.fitted(upload.audio[:, begin:], round(source[-1] * SAMPLE_RATE_HZ) + tail)
    length = round(target[-1] * SAMPLE_RATE_HZ) + tail
    if abs(source[-1] / target[-1] - 1) < 5e-4:
        return tone.fitted(piece, length)
    ends = np.array([piece.shape[1]]), np.array([length])
    return warp(
        piece,
        np.concatenate([source * SAMPLE_RATE_HZ, ends[0]]),
        np.concatenate([target * SAMPLE_RATE_HZ, ends[1]]),
    )


def _looped(loop: Audio, samples: int, last_beat: float, bpm: float) -> Audio:
    """The loop from beat 0 to `last_beat` without a break, as the chords under it were laid; short fades at
    the seams."""
    out = np.zeros((2, samples), np.float32)
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    ramp = (np.arange(fade, dtype=np.float32) + 0.5) / fade
    shape = np.ones(loop.shape[1], np.float32)
    shape[:fade], shape[-fade:] = ramp, ramp[::-1]
    faded = loop * shape
    first = LEAD_IN_S * SAMPLE_RATE_HZ
    end = min(samples - fade, round(first + last_beat * 60.0 / bpm * SAMPLE_RATE_HZ))
    step = loop.shape[1] - fade
    for at in range(round(first), end, step):
        length = min(loop.shape[1], samples - at)
        out[:, at : at + length] += faded[:, :length]
    out[:, end : end + fade] *= ramp[::-1]
    out[:, end + fade :] = 0.0
    return out


def mashup(
    source: Path, other: Path, out: Path, *, on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """The voice of `source` over the accompaniment of `other`, stretched beat by beat to its tempo and moved
    by up to three semitones to its key.

    Raises SpecError when keys or tempi are too far apart or nobody sings.
    """
    steps = Steps(("analysing", "separating", "stretching", "mixing", "encoding"), on_stage, is_cancelled)
    steps.enter("analysing")
    sung, played = open_upload(source), open_upload(other)
    a, b = sung.heard, played.heard
    factor, speed = _tempo_match(a.bpm, b.bpm)
    semitones = _key_match(a, b)
    steps.enter("separating")
    voice = sung_part(separate(sung.audio, lambda share: steps.report(share / 2))["vocals"], sung)
    accompaniment = separate(played.audio, lambda share: steps.report(0.5 + share / 2))["accompaniment"]
    steps.enter("stretching")
    if semitones:
        voice = shift(voice, semitones)
    voice = _on_beats(voice, grid.grid_of(a), grid.grid_of(b), factor, played.samples)
    steps.enter("mixing")
    voice = over(voice, accompaniment, VOICE_OVER_BACKING_LU + 0.5)
    audio = finished(accompaniment + voice, -14.0)
    steps.enter("encoding")
    facts = {
        "operation": "mashup", "sources": [facts_of(a), facts_of(b)], "semitones": semitones,
        "speed": round(speed, 4), "beats_factor": factor,
    }  # fmt: skip
    remarks = (*doubts(a), *doubts(b), *ways())
    stems = {"vocals": voice, "accompaniment": accompaniment}
    return deliver(f"{sung.title} x {played.title}", audio, Path(out), facts, remarks, stems=stems)


def _tempo_match(voice_bpm: float, band_bpm: float) -> tuple[float, float]:
    """(beats of the band for one beat of the voice, how much faster the voice becomes). Raises SpecError."""
    options = [(factor, band_bpm / (voice_bpm * factor)) for factor in (1.0, 2.0, 0.5)]
    factor, speed = min(options, key=lambda item: abs(np.log(item[1])))
    if not SLOWEST <= speed <= FASTEST:
        raise SpecError(
            f"The tempi are too far apart to sing one song over the other: {voice_bpm:.1f} and "
            f"{band_bpm:.1f} bpm. "
            f"A voice bears {SLOWEST:g} to {FASTEST:g} times its speed, and this would be {speed:.2f}."
        )
    return factor, speed


def _key_match(voice: Analysis, band_: Analysis) -> int:
    """Semitones that bring the voice's scale onto the band's. Raises SpecError beyond three."""

    def major_tonic(heard: Analysis) -> int:
        return (heard.key.tonic + (3 if heard.key.mode == "minor" else 0)) % 12

    distance = (major_tonic(band_) - major_tonic(voice) + 6) % 12 - 6
    if abs(distance) > FURTHEST_SEMITONES:
        raise SpecError(
            f"The keys are too far apart: {voice.key.name} and {band_.key.name} differ by {abs(distance)} "
            f"semitones, and a voice bears {FURTHEST_SEMITONES}."
        )
    return int(distance)


def _on_beats(voice: Audio, own: grid.Grid, theirs: grid.Grid, factor: float, samples: int) -> Audio:
    """The voice with its beats on theirs, first downbeat on first downbeat; a pickup comes along where there
    is room for it on both sides."""
    room = min(own.seconds(0) * own.bpm / 60.0, theirs.seconds(0) * theirs.bpm / 60.0 / factor)
    pickup = min(float(own.bar_beats), max(0.0, room - 0.01))
    count = min(len(own.beats_s), int(len(theirs.beats_s) / factor))
    beats = np.concatenate([[-pickup] if pickup > 0.05 else [], np.arange(count)])
    source = np.array([own.seconds(float(beat)) for beat in beats]) * SAMPLE_RATE_HZ
    target = np.array([theirs.seconds(float(beat) * factor) for beat in beats]) * SAMPLE_RATE_HZ
    bent = warp(voice, source, target - target[0])
    return tone.fitted(np.pad(bent, ((0, 0), (round(target[0]), 0))), samples)
