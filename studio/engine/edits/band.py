"""Who plays and sings a score: the brief behind it, its singer, its blocks and tune, its players anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.engine.cards import INSTRUMENTS, Card
from studio.engine.compose import arrange
from studio.engine.compose.backing import ChordLookup, chorus_voices
from studio.engine.compose.form import Block
from studio.engine.compose.ranges import is_rapped, voice_range
from studio.engine.compose.vocal import Melody
from studio.engine.deck import CARDS
from studio.engine.edits.grid import WORD_PARTS
from studio.engine.lyrics.languages import language_of
from studio.engine.persona import Persona
from studio.engine.score import Note, Score, Track, VocalLine
from studio.engine.spec import EngineUnavailable, SongSpec
from studio.engine.tags import Brief, normalise, read_tags

PHRASE_GAP_BEATS = 1.0
REPEATING_PARTS = ("harmony", "double")


def brief_of(score: Score, *, tags: str = "", seed: int | None = None) -> Brief:
    """The brief that makes music like `score`: its card, tempo, key, meter, lead and singer.

    `tags` that name a style choose another card and its players, nothing else; `seed` moves everything that
    was left to chance.
    """
    gender = score.persona.gender if score.persona else ""
    read = read_tags(SongSpec(tags=tags or score.tags, vocal_gender=gender))
    card = read.card if names_style(tags) else card_named(score.style)
    lead = score.track("lead")
    keeps_lead = card.name == score.style and lead is not None and lead.instrument.name in INSTRUMENTS
    return replace(
        read,
        seed=score.seed if seed is None else seed,
        card=card,
        second=read.second if names_style(tags) or read.card is card else card,
        bpm=score.bpm,
        tonic=score.tonic,
        mode=score.mode,
        meter=score.meter,
        lead=lead.instrument.name if keeps_lead and lead else read.lead,
        is_rap=bool(score.persona and score.persona.is_rap),
        duration_s=None,
    )


def names_style(tags: str) -> bool:
    """Whether tags name a style, so that they can choose a card."""
    text = normalise(tags)
    return any(f" {word} " in text for card in CARDS for word in (card.name, *card.words))


def card_named(style: str) -> Card:
    """The style card of that name; the first of the deck when an older song names one that is gone."""
    return next((card for card in CARDS if card.name == style), CARDS[0])


def singer_of(score: Score) -> Persona | None:
    """Who sings the score; the one the tags would choose when it names nobody."""
    if score.persona is not None:
        return score.persona
    return chosen_singer(tags=score.tags, seed=score.seed, words=score.lyrics)


def chosen_singer(
    *, tags: str, seed: int, gender: str = "", voice: str = "", is_rap: bool = False, words: str = ""
) -> Persona | None:
    """The persona that `voice` names, else the one the tags choose for the language of the `words`; None
    when nobody can sing. Raises SpecError for an unknown name, EngineUnavailable for one not installed."""
    language = language_of(words)
    try:
        from studio.engine.voice import choose_persona

        return choose_persona(
            gender=gender, tags=tags, name=voice, language=language, is_rap=is_rap, seed=seed
        )
    except (ImportError, EngineUnavailable):
        if voice:
            raise
        return None


def sung_lines(score: Score) -> list[VocalLine]:
    """Lead and ad-lib lines: those whose words are the lyrics."""
    return [line for line in score.vocals if line.part in WORD_PARTS]


def blocks_of(score: Score) -> list[Block]:
    """The score's sections as blocks without words, for writers that only ask who has the tune."""
    lead = score.track("lead")
    played = lead.notes if lead else ()
    blocks = []
    for index, section in enumerate(score.sections):
        is_sung = any(line.section == index for line in score.vocals)
        is_played = any(section.start_beat <= n.start_beat < section.end_beat for n in played)
        bars = round(section.length_beats / score.bar_beats)
        kind = "sung" if is_sung else "played" if is_played else "none"
        blocks.append(Block(section.kind, section.name, bars, section.energy, kind))
    return blocks


def melody_of(score: Score) -> Melody:
    """The score's tune in the form that arrangers read."""
    lead = score.track("lead")
    played = sorted(lead.notes if lead else (), key=lambda note: note.start_beat)
    played_phrases = _phrases(score, played)
    lines = [line for line in score.vocals if line.part == "lead"]
    phrases = [(line.section, list(line.notes)) for line in lines] + played_phrases
    phrases.sort(key=lambda phrase: phrase[1][0].start_beat)
    backing = [line for line in score.vocals if line.part in REPEATING_PARTS]
    return Melody(sung_lines(score), backing, list(played), phrases, played_phrases)


def _phrases(score: Score, notes: Sequence[Note]) -> list[tuple[int, list[Note]]]:
    """Played notes in breaths: a new one after a rest."""
    phrases: list[tuple[int, list[Note]]] = []
    for note in notes:
        section = score.sections.index(score.section_at(note.start_beat))
        if (
            phrases
            and phrases[-1][0] == section
            and note.start_beat - phrases[-1][1][-1].end_beat < PHRASE_GAP_BEATS
        ):
            phrases[-1][1].append(note)
        else:
            phrases.append((section, [note]))
    return phrases


def with_chorus_voices(score: Score, brief: Brief, persona: Persona | None) -> Score:
    """The score with doubles and harmonies written anew for its lead lines and chords."""
    lead = [line for line in score.vocals if line.part == "lead"]
    if not lead:
        return score
    backing = chorus_voices(
        brief,
        lead,
        score.sections,
        ChordLookup(score.chords),
        voice_range(brief, persona),
        is_rap=is_rapped(brief, persona),
    )
    return replace(score, vocals=(*sung_lines(score), *backing))


def players(brief: Brief, score: Score) -> tuple[Track, ...]:
    """All instruments for the score's sections, chords and tune, by the brief's style. The tune's own track
    comes along unchanged where an instrument has it."""
    tracks = arrange(brief, blocks_of(score), score.sections, score.chords, melody_of(score))
    return tuple(track for track in tracks if track.notes)


def same_band(tracks: Sequence[Track], score: Score) -> tuple[Track, ...]:
    """The tracks on the instruments that play those roles in `score` already."""
    known = {track.role: track.instrument for track in score.tracks}
    return tuple(replace(t, instrument=known.get(t.role, t.instrument)) for t in tracks)
