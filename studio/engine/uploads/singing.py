"""Adding a voice to an instrumental, a band to a voice, and new bands to old songs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.melody import hear_voice, is_voice_alone, scale_share
from studio.engine.analysis.separating import is_sung, separate
from studio.engine.analysis.separating import remarks as ways
from studio.engine.analysis.song import Analysis
from studio.engine.edits.harmony import tone_value
from studio.engine.loudness import loudness_lufs
from studio.engine.lyrics.writer import write_lyrics
from studio.engine.perform import LEAD_IN_S
from studio.engine.persona import Persona
from studio.engine.score import Score
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError, TimedWord
from studio.engine.tags import Brief
from studio.engine.takes import hidden_folder
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
VOICE_OVER_BACKING_LU = -1.0
STRONG = 0.55
ALONE_LU = 12.0  # by which what is not sung lies under a group that sings without a band
INVENTED = "The chords were invented to fit the voice; the recording holds none."
TRACES = "The voice was taken out of the mix; traces of the old band can be heard in it."
UNSUNG = (
    "Too little singing was found to keep, so this cover is instrumental: a new band plays the chords and "
    "the form of the recording."
)


def add_vocals(
    source: Path, out: Path, lyrics: str = "", tags: str = "", seed: int = 0, *, voice: str = "",
    persona: Persona | None = None, vocal_gender: str = "", description: str = "", bpm: float | None = None,
    on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """Sing over an uploaded instrumental: a line composed on its chords, bars and tempo, sung and mixed in.

    Without lyrics they are written from the description. `bpm` is a hint for the beat tracker. Raises
    SpecError for unusable audio or words that do not fit, EngineUnavailable without a singing voice.
    """
    steps = Steps(("analysing", "composing", "singing", "mixing", "encoding"), on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source, bpm)
    heard = upload.heard
    steps.enter("composing")
    text = lyrics if lyrics.strip() else write_lyrics(description or "a song", tags, seed)
    plan = grid.grid_of(heard)
    brief = grid.brief_for(heard, tags, seed, gender=vocal_gender, description=description)
    who = band.singer(brief, tags=tags, voice=voice, persona=persona, gender=vocal_gender, seed=seed)
    sections, chords = grid.sections_of(heard, plan), grid.chords_of(heard, plan)
    melody = band.sung_tune(brief, text, sections, chords, who)
    score = grid.partial_score(
        brief,
        upload.title,
        sections,
        chords,
        vocals=(*melody.sung, *melody.backing),
        lyrics=text,
        persona=who,
    )
    with hidden_folder(Path(out)) as work:
        steps.enter("singing")
        fresh = band.rendered(score, steps, work)
        steps.enter("mixing")
        sung = grid.laid(band.voices_of(fresh), plan, upload.samples)
    sung = over(sung, upload.audio, VOICE_OVER_BACKING_LU)
    audio = finished(upload.audio + sung, heard.loudness_lufs)
    steps.enter("encoding")
    shift_s = plan.seconds(0) - LEAD_IN_S
    words = tuple(
        TimedWord(w.text, round(w.start_s + shift_s, 3), round(w.end_s + shift_s, 3))
        for w in fresh.performance.words
    )
    facts = {
        "operation": "add_vocals", "source": facts_of(heard), "voice": who.name,
        "strong_chord_tone_share": round(chord_tone_share(score), 3),
    }  # fmt: skip
    remarks = (*doubts(heard), *fresh.remarks)
    return deliver(upload.title, audio, Path(out), facts, remarks, words, {"vocals": sung})


def over(sound: Audio, backing: Audio, lu: float) -> Audio:
    """`sound` brought to `lu` above the backing, both measured where the sound is heard."""
    block = 4410
    count = sound.shape[1] // block
    power = (sound[:, : count * block].reshape(2, count, block) ** 2).mean(axis=(0, 2))
    mask = np.repeat(power > power.max(initial=0.0) * 1e-3, block)
    if not mask.any():
        return sound
    own = loudness_lufs(sound[:, : count * block][:, mask].T)
    rest = loudness_lufs(backing[:, : count * block][:, mask].T)
    if own < -70 or rest < -60:
        return tone.at_loudness(sound, -18.0)
    return sound * np.float32(10 ** ((rest + lu - own) / 20))


def chord_tone_share(score: Score) -> float:
    """Share of strongly placed lead notes that are tones of the chord they are sung on."""
    from studio.engine.compose.rhythm import metric_weight

    notes = [note for line in score.vocals if line.part == "lead" for note in line.notes]
    strong = [n for n in notes if metric_weight(score.meter, n.start_beat, score.bar_beats) >= STRONG]
    good = [n for n in strong if tone_value(n.pitch, score.chord_at(n.start_beat)) >= 0.7]
    return len(good) / len(strong) if strong else 1.0


def add_instrumental(
    source: Path, out: Path, tags: str = "", seed: int = 0, *, bpm: float | None = None,
    on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """Accompany an uploaded voice: its notes give tempo, key and chords, a band plays on its own beats.

    Raises SpecError when the recording is no voice alone or too short.
    """
    steps = Steps(("analysing", "composing", "rendering", "mixing", "encoding"), on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source)
    heard, notes = hear_voice(upload.audio, bpm=bpm)
    share = scale_share(notes, heard.key)
    facts = {"operation": "add_instrumental", "source": facts_of(heard), "notes": len(notes),
             "in_scale_share": round(share, 3)}  # fmt: skip
    remarks = (*doubts(heard), INVENTED)
    return _accompanied(upload, upload.audio, heard, Path(out), tags, seed, steps, facts, remarks)


def _accompanied(
    upload: Upload, voice: Audio | None, heard: Analysis, out: Path, tags: str, seed: int, steps: Steps,
    facts: dict[str, object], remarks: tuple[str, ...],
) -> Edited:  # fmt: skip
    """A new band on the grid of a recording, with a voice or without."""
    steps.enter("composing")
    plan = grid.grid_of(heard)
    brief = band.without_tune(grid.brief_for(heard, tags, seed))
    score = _band_score(brief, upload.title, heard, plan, has_voice=voice is not None)
    with hidden_folder(out) as work:
        steps.enter("rendering")
        fresh = band.rendered(score, steps, work)
        steps.enter("mixing")
        played = grid.laid(band.players_of(fresh), plan, upload.samples + 2 * SAMPLE_RATE_HZ)
    played = tone.at_loudness(played, -18.0)
    mix, stems = played, {"accompaniment": played}
    if voice is not None:
        voice = over(tone.fitted(voice, played.shape[1]), played, VOICE_OVER_BACKING_LU + 1.0)
        mix, stems = voice + played, {"vocals": voice, "accompaniment": played}
    audio = finished(mix, -14.0)
    steps.enter("encoding")
    facts["style"] = brief.card.name
    return deliver(upload.title, audio, out, facts, remarks, stems=stems)


def _band_score(brief: Brief, title: str, heard: Analysis, plan: grid.Grid, *, has_voice: bool) -> Score:
    sections, chords = grid.sections_of(heard, plan), grid.chords_of(heard, plan)
    kept = band.backing(brief, sections, chords, None, tune="sung" if has_voice else "none")
    if has_voice:
        # Nobody but the voice has the tune.
        kept = tuple(t for t in kept if t.role not in ("lead", "harmony", "double", "hook"))
    return grid.partial_score(brief, title, sections, chords, tracks=kept)


def cover(
    source: Path, out: Path, tags: str = "", seed: int = 0, *, bpm: float | None = None,
    on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """A new band for an uploaded song: its voice is taken out and kept, its chords are played in the style
    of the tags. A voice alone is kept as it is and gets chords that fit it; where hardly anybody sings the
    cover is instrumental.

    Raises SpecError without a style and for unusable audio.
    """
    if not tags.strip():
        raise SpecError("A cover needs a style. Give tags, as in “bossa nova, nylon guitar”.")
    steps = Steps(
        ("separating", "analysing", "composing", "rendering", "mixing", "encoding"), on_stage, is_cancelled
    )
    steps.enter("separating")
    upload = open_upload(source, bpm)
    voice, is_alone = _voice_of(upload, steps)
    steps.enter("analysing")
    heard = hear_voice(upload.audio, bpm=bpm)[0] if is_alone else upload.heard
    facts: dict[str, object] = {"operation": "cover", "source": facts_of(heard), "is_voice_alone": is_alone}
    facts["is_instrumental"] = voice is None
    if is_alone:
        remarks = (*doubts(heard), INVENTED)
    else:
        remarks = (*doubts(heard), *((UNSUNG,) if voice is None else ways() or (TRACES,)))
    return _accompanied(upload, voice, heard, Path(out), tags, seed, steps, facts, remarks)


def _voice_of(upload: Upload, steps: Steps) -> tuple[Audio | None, bool]:
    """The voice of a recording, None where hardly anybody sings, and whether nothing else sounds: then it is
    untouched."""
    if is_voice_alone(upload.audio):
        return upload.audio, True
    parts = separate(upload.audio, steps.report)
    if loudness_lufs(parts["accompaniment"].T) < loudness_lufs(parts["vocals"].T) - ALONE_LU:
        return upload.audio, True
    levels = loudness_lufs(parts["vocals"].T), loudness_lufs(upload.audio.T)
    return (sung_part(parts["vocals"], upload) if is_sung(*levels) else None), False


def sung_part(voice: Audio, upload: Upload) -> Audio:
    """The separated voice, silent where only traces of the band are left. Raises SpecError when nobody
    sings."""
    own, whole = loudness_lufs(voice.T), loudness_lufs(upload.audio.T)
    if not is_sung(own, whole):
        raise SpecError(
            f"No singing was found: what was taken out lies {whole - own:.0f} LU under the recording. "
            "Choose a recording with vocals."
        )
    block = 2205
    count = voice.shape[1] // block
    level = np.sqrt((voice[:, : count * block].reshape(2, count, block) ** 2).mean(axis=(0, 2)))
    heard = level > np.percentile(level, 95) * 10 ** (-32 / 20)
    wide = np.convolve(heard, np.ones(9), "same") > 0
    times = (np.arange(count) + 0.5) * block
    gate = np.interp(np.arange(voice.shape[1]), times, np.where(wide, 1.0, 0.05)).astype(np.float32)
    return voice * gate


__all__ = ["add_instrumental", "add_vocals", "chord_tone_share", "cover", "over", "sung_part"]
