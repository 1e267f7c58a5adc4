"""Swaps: another singer with the same band, another band with the same singer; and a song once more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.edits.band import brief_of as brief_of_song
from studio.engine.edits.band import chosen_singer, with_chorus_voices
from studio.engine.edits.covering import cover_score
from studio.engine.edits.desk import IsCancelled, OnStage, mark, source_of
from studio.engine.edits.rewording import reworded
from studio.engine.edits.transposing import raise_line, transposed
from studio.engine.edits.wording import fresh_seed
from studio.engine.persona import Persona
from studio.engine.pipeline import render_score
from studio.engine.score import Score
from studio.engine.spec import Song, SongSpec, SpecError
from studio.engine.tags import read_tags

DEFAULT_STRENGTH = 0.7
TRIES = 24
# Semitones by which the tune may leave the singer's comfortable range, a note, before the band moves too.
BEARABLE = 0.6
VARIATION_WEIGHT = 0.6
VARIATIONS = 5
# What makes a voice sound like itself, besides its throat and bank.
CHARACTER = ("breath", "brightness", "grit", "vibrato_cents", "vibrato_hz", "vibrato_after_s", "scoop_cents")


def swap_vocals_score(
    score: Score, sound: str, lyrics: str = "", *, strength: float = DEFAULT_STRENGTH, seed: int = 0
) -> Score:
    """The song with another singer, whom `sound` describes; tune, words and players stay.

    `lyrics` other than the song's are sung to its tune. The tune moves by octaves into the new range; only
    where that is not enough the whole song changes its key. `strength` 0..1 is how much of the new singer's
    manner comes along with the throat. Raises SpecError when nobody sings.
    """
    song = reworded(score, lyrics, seed)
    if not song.vocals:
        raise SpecError("Nobody sings in this song, so there is no voice to swap. Choose a sung song.")
    singer = _other_singer(song, sound, strength, fresh_seed(song, seed, "swap vocals", sound))
    song = replace(_in_reach(song, singer), persona=singer)
    return with_chorus_voices(song, brief_of_song(song), singer)


def _other_singer(score: Score, sound: str, strength: float, seed: int) -> Persona:
    old = score.persona
    gender = read_tags(SongSpec(tags=sound)).gender
    is_rap = bool(old and old.is_rap)
    found: Persona | None = None
    for number in range(TRIES):
        # Words about the voice, and rap, choose the same singer every time, so later tries go without them.
        is_first = number == 0
        found = chosen_singer(
            tags=sound if is_first else "", seed=seed + number, gender=gender, is_rap=is_rap and is_first,
            words=score.lyrics,
        )  # fmt: skip
        if found is None or old is None or found.name != old.name:
            break
    if found is None:
        raise SpecError("No singing voice is installed, so the singer cannot be swapped.")
    found = replace(found, is_rap=is_rap or found.is_rap)
    return found if old is None else _blended(old, found, strength)


def _blended(old: Persona, new: Persona, strength: float) -> Persona:
    """The new throat with as much of its character as wanted, the rest in the old singer's manner."""
    share = min(1.0, max(0.0, strength / DEFAULT_STRENGTH))
    manner = {
        name: getattr(old, name) + (getattr(new, name) - getattr(old, name)) * share for name in CHARACTER
    }
    mixed = replace(new, **manner)
    if new.name != old.name:
        return mixed
    # The only singer of the language: a sibling with another throat.
    turn = 0.88 if old.warp >= 1.0 else 1.13
    return replace(mixed, warp=old.warp * (1 + (turn - 1) * max(0.4, share)), brightness=1 - old.brightness)


def _in_reach(score: Score, singer: Persona) -> Score:
    """The tune where the singer can sing it, the band left where it is if at all possible."""
    pitches = [note.pitch for line in score.vocals if line.part == "lead" for note in line.notes]

    def outside(shift: int) -> float:
        away = (max(0, singer.low - p - shift) + max(0, p + shift - singer.high) for p in pitches)
        return sum(away) / len(pitches)

    octave = min((0, 12, -12, 24, -24), key=lambda shift: (round(outside(shift), 2), abs(shift)))
    if outside(octave) <= BEARABLE:
        return replace(score, vocals=tuple(raise_line(line, octave) for line in score.vocals))
    shift = min(range(-6, 7), key=lambda step: (round(outside(octave + step), 1), abs(step)))
    moved = transposed(score, shift)
    return replace(moved, vocals=tuple(raise_line(line, octave) for line in moved.vocals))


def swap_sound_score(
    score: Score, sound: str, lyrics: str = "", *, strength: float = DEFAULT_STRENGTH, seed: int = 0
) -> Score:
    """The song with another band, which `sound` describes; the tune and who sings it stay.

    The more `strength` (0..1), the more of the chords are new: from 0.7 on all of them, up to 0.3 none.
    Raises SpecError.
    """
    if not sound.strip():
        raise SpecError("Describe the new sound, as in “ambient pads with soft piano”.")
    song = reworded(score, lyrics, seed)
    return cover_score(song, sound, persona=song.persona, audio_weight=1.0 - strength, seed=seed)


def variation_score(score: Score, seed: int = 0) -> Score:
    """The song once more: its words, tune, style, tempo and singer, while the band plays other notes, and
    other chords where they suit the tune better. Of a few attempts the one least like the song is taken."""
    seeds = (fresh_seed(score, seed, "variation", number) for number in range(VARIATIONS))
    made = [
        cover_score(score, persona=score.persona, audio_weight=VARIATION_WEIGHT, seed=one) for one in seeds
    ]
    return min(made, key=lambda song: _shared(score, song))


def _shared(old: Score, new: Score) -> float:
    """The share of players who play the very notes that somebody played before."""
    known = {track.notes for track in old.tracks}
    return sum(track.notes in known for track in new.tracks) / max(1, len(new.tracks))


def swap_vocals(
    source: Path,
    out: Path,
    sound: str,
    lyrics: str = "",
    *,
    strength: float = DEFAULT_STRENGTH,
    seed: int = 0,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """A take with another singer, see `swap_vocals_score`; the band keeps the source's levels and mastering.
    Raises SpecError, Cancelled, EngineUnavailable; then nothing new is in `out`."""
    take = source_of(source, out)
    score = swap_vocals_score(take.score, sound, lyrics, strength=strength, seed=seed)
    song = render_score(
        score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled, mastering=take.mastering
    )
    mark(Path(out), {"operation": "swap_vocals", "source": str(Path(source).resolve()), "seed": seed})
    return song


def swap_sound(
    source: Path,
    out: Path,
    sound: str,
    lyrics: str = "",
    *,
    strength: float = DEFAULT_STRENGTH,
    seed: int = 0,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """A take with another band, see `swap_sound_score`. Raises as `swap_vocals`."""
    score = swap_sound_score(source_of(source, out).score, sound, lyrics, strength=strength, seed=seed)
    song = render_score(score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled)
    mark(Path(out), {"operation": "swap_sound", "source": str(Path(source).resolve()), "seed": seed})
    return song


def variation(
    source: Path,
    out: Path,
    seed: int = 0,
    *,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """A take once more, see `variation_score`. Raises as `swap_vocals`."""
    score = variation_score(source_of(source, out).score, seed)
    song = render_score(score, Path(out), on_stage=on_stage, is_cancelled=is_cancelled)
    mark(Path(out), {"operation": "variation", "source": str(Path(source).resolve()), "seed": seed})
    return song
