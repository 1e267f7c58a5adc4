"""From a brief and parsed lyrics to a score. Everything here is beats and pitches, no sound."""

from dataclasses import replace

from studio.engine.cards import INSTRUMENTS
from studio.engine.chance import dice
from studio.engine.compose.backing import ChordLookup
from studio.engine.compose.bass import write_bass
from studio.engine.compose.comp import write_layer
from studio.engine.compose.development import swelled
from studio.engine.compose.drums import stop_at_ending, write_drums
from studio.engine.compose.form import Block
from studio.engine.compose.harmony import place_sections, write_chords
from studio.engine.compose.hooks import answers, double_notes, harmony_notes, hook_notes, risers
from studio.engine.compose.plan import plan_form
from studio.engine.compose.vocal import Melody, MelodyWriter
from studio.engine.lyrics.parse import LyricSection
from studio.engine.persona import Persona
from studio.engine.score import Chord, Instrument, Note, Score, Section, Track
from studio.engine.spec import ENGINE_VERSION
from studio.engine.tags import Brief, bass_of, layers_of, resolved_tags

KIT_NAMES = {
    0: "standard kit",
    8: "room kit",
    16: "power kit",
    24: "electronic kit",
    25: "808 kit",
    32: "jazz kit",
    40: "brush kit",
    48: "orchestra kit",
}
BELLS = ("glockenspiel", "celesta", "glass keys", "vibraphone")
SYNTHETIC_MIXES = ("club", "beat")


def outline(
    brief: Brief, lyrics: list[LyricSection]
) -> tuple[Brief, list[Block], tuple[Section, ...], list[str]]:
    """The cheap half: form, tempo and key, without a note. The brief comes back with its final tempo."""
    remarks: list[str] = []
    blocks, bpm = plan_form(brief, lyrics, remarks)
    brief = replace(brief, bpm=bpm)
    return brief, blocks, place_sections(brief, blocks), remarks


def compose(
    brief: Brief, lyrics: list[LyricSection], *, title: str, text: str, persona: Persona | None = None
) -> Score:
    """The whole score. Deterministic in brief, lyrics and persona, whose range the sung tune keeps to."""
    brief, blocks, sections, remarks = outline(brief, lyrics)
    return written(brief, blocks, sections, title=title, text=text, persona=persona, remarks=tuple(remarks))


def written(
    brief: Brief,
    blocks: list[Block],
    sections: tuple[Section, ...],
    *,
    title: str,
    text: str,
    persona: Persona | None = None,
    remarks: tuple[str, ...] = (),
) -> Score:
    """The score of a form that is planned already: chords, tune and players."""
    chords = write_chords(brief, blocks, sections)
    melody = MelodyWriter(brief, sections, chords, persona).write(blocks)
    tracks = arrange(brief, blocks, sections, chords, melody)
    return Score(
        version=ENGINE_VERSION, seed=brief.seed, title=title, tags=tags_for(brief), lyrics=text,
        style=brief.card.name, meter=brief.meter, bar_beats=brief.bar_beats, bpm=brief.bpm, tonic=brief.tonic,
        mode=brief.mode, key=brief.key, swing=0.0 if brief.meter == "6/8" else brief.card.swing,
        swing_unit_beats=brief.card.swing_unit_beats, looseness_ms=brief.card.looseness_ms,
        ritardando=brief.card.ritardando, sections=sections, chords=chords,
        vocals=(*melody.sung, *melody.backing), tracks=tuple(track for track in tracks if track.notes),
        mix=brief.card.mix, remarks=remarks, persona=persona if melody.sung else None,
    )  # fmt: skip


def tags_for(brief: Brief) -> str:
    """The full tags of a take: what was asked and what the brief decided."""
    players = [brief.lead]
    for layer in layers_of(brief)[:2]:
        players.append(dice(brief.seed, "layer", layer.role).choice(layer.instruments))
    return resolved_tags(brief, tuple(players))


def arrange(
    brief: Brief,
    blocks: list[Block],
    sections: tuple[Section, ...],
    chords: tuple[Chord, ...],
    melody: Melody,
) -> list[Track]:
    """Every instrument's part under a melody: kit, percussion, bass, layers, hooks, synthetic sounds."""
    last_bar = sections[-1].end_beat - brief.bar_beats
    kit, percussion = write_drums(brief, sections)
    kit, percussion = stop_at_ending(kit, last_bar), stop_at_ending(percussion, last_bar)
    bass = bass_of(brief)
    tracks = [
        Track("drums", Instrument(KIT_NAMES[brief.card.kit], "drums", brief.card.kit, 128), tuple(kit)),
        Track("percussion", Instrument("hand percussion", "percussion", 0, 128), tuple(percussion)),
        Track("bass", INSTRUMENTS[bass], tuple(write_bass(brief, sections, chords, bass))),
    ]
    for layer in layers_of(brief):
        name, notes = write_layer(brief, layer, sections, chords)
        tracks.append(Track(layer.role, INSTRUMENTS[name], tuple(notes)))
    tracks = [replace(t, notes=tuple(swelled(list(t.notes), sections, brief.bar_beats))) for t in tracks]
    return [
        *tracks,
        *_melodic_tracks(brief, blocks, sections, chords, melody),
        *_synthetic(brief, sections, kit),
    ]


def _melodic_tracks(
    brief: Brief,
    blocks: list[Block],
    sections: tuple[Section, ...],
    chords: tuple[Chord, ...],
    melody: Melody,
) -> list[Track]:
    chord_at = ChordLookup(chords)
    lead = INSTRUMENTS[brief.lead]
    partner = INSTRUMENTS[_partner(brief)]
    is_bell = partner.name in BELLS
    quote = hook_notes(brief, blocks, sections, melody, chord_at)
    reply = answers(brief, sections, melody, chord_at)
    return [
        Track("lead", lead, tuple(sorted(melody.played, key=lambda n: n.start_beat))),
        Track("harmony", lead, tuple(harmony_notes(brief, sections, melody, chord_at))),
        Track("double", partner, tuple(double_notes(brief, sections, melody, is_high=is_bell))),
        Track("hook", partner, tuple(sorted([*quote, *reply], key=lambda n: n.start_beat))),
    ]


def _partner(brief: Brief) -> str:
    """Who quotes the hook: a colour of the style that is not the lead."""
    pools = {
        "rock": ("clean guitar", "overdriven guitar"),
        "natural": ("vibraphone", "clarinet", "nylon guitar", "flute"),
        "hall": ("harp", "celesta", "flute"),
        "club": ("synth pluck", "glass keys"),
        "beat": ("glass keys", "celesta"),
        "wide": ("glass keys", "synth pluck", "celesta"),
        "warm": ("muted trumpet", "vibraphone", "electric piano"),
        "lofi": ("vibraphone", "celesta", "jazz guitar"),
        "pop": ("glass keys", "glockenspiel", "clean guitar"),
    }
    pool = [n for n in pools[brief.card.mix] if n != brief.lead and n not in brief.banned]
    spare = [n for n in ("vibraphone", "glass keys", "nylon guitar", "flute") if n not in brief.banned]
    return dice(brief.seed, "partner").choice(pool or spare or ["glockenspiel"])


def _synthetic(brief: Brief, sections: tuple[Section, ...], kit: list[Note]) -> list[Track]:
    """Kick layers for electronic kits, and risers where the style builds up to its choruses."""
    out = []
    if brief.card.kit in (24, 25) and brief.drums:
        kicks = tuple(note for note in kit if note.pitch == 36)
        out.append(Track("kick", Instrument("kick layer", "drums", synth="kick"), kicks))
    if brief.card.mix in ("club", "wide") and brief.card.name not in ("ambient", "dream pop"):
        out.append(Track("riser", Instrument("riser", "fx", synth="riser"), tuple(risers(brief, sections))))
    return out
