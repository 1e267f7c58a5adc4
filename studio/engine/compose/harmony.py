"""Chords for every bar: a progression per kind of section, varied, with cadences and sometimes a key
change."""

from random import Random

from studio.engine.chance import dice
from studio.engine.compose.form import Block
from studio.engine.score import Chord, Section
from studio.engine.tags import Brief
from studio.engine.theory import QUALITIES, ChordShape, enrich, pitch_name, roman, uses_flats

MINOR_MARKS = ("i", "iv", "v", "III", "VI", "VII", "iiø")
MAJOR_MARKS = ("I", "ii", "iii", "vi", "IV")
SUFFIXES = ("maj7", "7")
PRE_CHORUS = {
    "major": ("ii ii V V", "IV IV V V", "vi V IV V"),
    "minor": ("VI VI VII VII", "iv iv V V", "iv VI VII V"),
}

# How often the last chorus rises, where the style is known for it.
KEY_CHANGES = {
    "pop": 0.3, "country": 0.3, "soul": 0.3, "gospel": 0.4, "r&b": 0.25, "rock": 0.15, "orchestral": 0.25,
    "disco": 0.15, "swing": 0.2, "waltz": 0.2,
}  # fmt: skip


def family(mode: str) -> str:
    return "minor" if mode in ("minor", "dorian") else "major"


def is_minor_progression(text: str) -> bool:
    tokens = [_bare(token) for token in text.replace(",", " ").split()]
    if "i" in tokens or "I" in tokens:
        return "i" in tokens
    return sum(t in MINOR_MARKS for t in tokens) > sum(t in MAJOR_MARKS for t in tokens)


def _bare(token: str) -> str:
    for suffix in SUFFIXES:
        if token.endswith(suffix) and not (suffix == "7" and token in ("VI7", "II7", "III7", "VII7")):
            return token.removesuffix(suffix)
    return token


def place_sections(brief: Brief, blocks: list[Block]) -> tuple[Section, ...]:
    """Blocks on the beat line, with the tonic in force; the last chorus may rise a step or two."""
    rng = dice(brief.seed, "key change")
    choruses = [index for index, block in enumerate(blocks) if block.kind == "chorus"]
    likely = KEY_CHANGES.get(brief.card.name, 0.06)
    lifted = len(choruses) >= 2 and rng.random() < likely + 0.3 * brief.weirdness - 0.09
    rise = rng.choice((1, 2, 2)) if lifted else 0
    sections, beat = [], 0.0
    for index, block in enumerate(blocks):
        tonic = (brief.tonic + (rise if lifted and index >= choruses[-1] else 0)) % 12
        length = block.bars * brief.bar_beats
        sections.append(Section(block.kind, block.name, beat, length, block.energy, tonic))
        beat += length
    return tuple(sections)


def write_chords(brief: Brief, blocks: list[Block], sections: tuple[Section, ...]) -> tuple[Chord, ...]:
    rng = dice(brief.seed, "harmony")
    loops = _choose_loops(brief, rng)
    chords: list[Chord] = []
    for index, (block, section) in enumerate(zip(blocks, sections, strict=True)):
        following = blocks[index + 1].kind if index + 1 < len(blocks) else ""
        bars = _bars(
            brief, loops[_loop_of(block.kind)], block, following, dice(brief.seed, "cadence", block.kind)
        )
        for bar, tokens in enumerate(bars):
            start = section.start_beat + bar * brief.bar_beats
            chords += _bar_chords(brief, tokens, start, section.tonic)
    return tuple(chords)


def _choose_loops(brief: Brief, rng: Random) -> dict[str, list[str]]:
    minor = family(brief.mode) == "minor"
    card = brief.card
    guest = brief.second if brief.second is not card and rng.random() < brief.blend * 0.6 else card
    return {
        "verse": _vary(_pick(card.verse, card.verse, minor, rng), brief, rng),
        "chorus": _vary(_pick(guest.chorus, card.chorus, minor, rng), brief, rng),
        "bridge": _vary(_pick(card.bridge, card.bridge, minor, rng), brief, rng),
        "pre": rng.choice(PRE_CHORUS[family(brief.mode)]).split(),
    }


def _pick(pool: tuple[str, ...], spare: tuple[str, ...], minor: bool, rng: Random) -> list[str]:
    fitting = [text for text in pool if is_minor_progression(text) == minor]
    fitting = fitting or [text for text in spare if is_minor_progression(text) == minor]
    return rng.choice(fitting or (["i VI III VII"] if minor else ["I V vi IV"])).split()


def _vary(loop: list[str], brief: Brief, rng: Random) -> list[str]:
    """Borrow, substitute or rotate: rarely in the middle of the road, often when weirdness is high."""
    minor = family(brief.mode) == "minor"
    swaps = (
        {"iv": "bII", "VII": "v", "v": "V", "i": "VI", "VI": "iv"}
        if minor
        else {"IV": "iv", "V": "bVII", "vi": "bVI", "ii": "II", "I": "I/3", "iii": "V/vi"}
    )
    out = list(loop)
    for index in range(1, len(out)):
        if out[index] in swaps and rng.random() < 0.05 + 0.5 * max(0.0, brief.weirdness - 0.22):
            out[index] = swaps[out[index]]
    if len(out) == 4 and rng.random() < 0.3 * brief.weirdness:
        out = out[2:] + out[:2]
    # A four-bar loop often answers itself with another ending the second time.
    if len(out) == 4 and rng.random() < 0.45:
        ending = rng.choice(("VII", "V", "iv")) if minor else rng.choice(("V", "IV", "ii"))
        out = [*out, *out[:3], ending if out[3] != ending else out[3]]
    return out


def _loop_of(kind: str) -> str:
    return {
        "intro": "chorus", "outro": "chorus", "solo": "verse", "interlude": "verse", "break": "bridge",
        "post": "chorus", "pre": "pre", "bridge": "bridge", "chorus": "chorus",
    }.get(kind, "verse")  # fmt: skip


def _bars(brief: Brief, loop: list[str], block: Block, following: str, rng: Random) -> list[str]:
    hold = 2 if brief.bar_beats * 60.0 / brief.bpm < 1.5 and block.bars >= 8 else 1
    bars = [loop[(bar // hold) % len(loop)] for bar in range(block.bars)]
    minor = family(brief.mode) == "minor"
    if not following:
        bars[-1] = "i" if minor else "I"
        if len(bars) > 2:
            bars[-2] = rng.choice(("V", "iv", "VII") if minor else ("V", "IV", "iv"))
    elif following == "chorus" and block.kind in ("verse", "bridge", "pre") and rng.random() < 0.7:
        bars[-1] = rng.choice(("V", "VII") if minor else ("V", "V", "IV,V"))
    return bars


def _bar_chords(brief: Brief, tokens: str, start: float, tonic: int) -> list[Chord]:
    parts = tokens.split(",")
    length = brief.bar_beats / len(parts)
    return [_chord(brief, token, start + i * length, length, tonic) for i, token in enumerate(parts)]


def _chord(brief: Brief, token: str, start: float, length: float, tonic: int) -> Chord:
    slash_third = token.endswith("/3")
    token = token.removesuffix("/3")
    shape = enrich(roman(token, family(brief.mode)), _colour(brief), brief.mode)
    root = (tonic + shape.offset) % 12
    intervals = QUALITIES[shape.quality]
    bass = (root + intervals[1]) % 12 if slash_third else root
    return Chord(start, length, root, intervals, bass, _symbol(shape, root, bass, brief))


def _colour(brief: Brief) -> str:
    """How chords are dressed: the style's way, or the second style's in a blend."""
    is_guest = dice(brief.seed, "colour").random() < brief.blend
    return brief.second.colour if is_guest else brief.card.colour


def _symbol(shape: ChordShape, root: int, bass: int, brief: Brief) -> str:
    flats = uses_flats(brief.tonic, brief.mode)
    name = pitch_name(root, flats=flats) + shape.quality
    return name if bass == root else f"{name}/{pitch_name(bass, flats=flats)}"
