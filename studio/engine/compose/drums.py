"""The drummer and the percussionist: grooves by energy, ghost notes, fills into changes, crashes out of
them."""

from random import Random

from studio.engine.chance import dice
from studio.engine.compose.development import crash_bars, is_recall, shaker
from studio.engine.compose.grooves import (
    FILLS,
    GROOVES,
    KEYS,
    ORCHESTRA_KIT,
    ORCHESTRA_METER,
    OTHER_METER,
    PERCUSSION,
    SOFT_FILLS,
    VELOCITY,
)
from studio.engine.score import Note, Section
from studio.engine.tags import Brief

CRASH, OPEN_HAT, CLOSED_HAT, KICK = 49, 46, 42, 36
STEP_BEATS = 0.25
HIT_BEATS = 0.2
STOP_STEPS = 8
SOFT_KITS = (32, 40)
NEW_STROKES = 2  # that make a fill out of what might be the groove


def write_drums(brief: Brief, sections: tuple[Section, ...]) -> tuple[list[Note], list[Note]]:
    """(kit, percussion) notes; keys are General MIDI's. Empty when the tags exclude drums."""
    if not brief.drums:
        return [], []
    hits: list[Note] = []
    grooves = _choose(brief)
    for index, section in enumerate(sections):
        following = sections[index + 1] if index + 1 < len(sections) else None
        if section.energy >= brief.card.drums_from:
            hits += _section_hits(brief, section, following, grooves, is_recall(sections, index))
        elif following is not None and following.energy >= brief.card.drums_from:
            start = section.end_beat - brief.bar_beats
            hits += _fill(brief, start, 4, following.energy, dice(brief.seed, "pickup", index))
        if section.energy >= 0.74:
            hits.append(Note(section.start_beat, 2.0, CRASH, 104))
            hits += [
                Note(section.start_beat + bar * brief.bar_beats, 2.0, CRASH, 90)
                for bar in crash_bars(brief, sections, index)
            ]
    hits += _last_hit(brief, sections[-1])
    merged = _without_doubles(hits)
    players = {ord_key: KEYS[ord_key] for ord_key in PERCUSSION}
    aside = set(players.values())
    return [n for n in merged if n.pitch not in aside], [n for n in merged if n.pitch in aside]


def _choose(brief: Brief) -> dict[tuple[str, str], str]:
    """One groove for each kind of section and level, kept for the whole song."""
    rng = dice(brief.seed, "grooves")
    sources = brief.second.grooves if rng.random() < brief.blend * 0.5 else brief.card.grooves
    chosen = {}
    for kind in ("intro", "verse", "pre", "chorus", "post", "bridge", "solo", "break", "outro", "interlude"):
        for level, names in zip(("low", "mid", "high"), sources, strict=True):
            chosen[kind, level] = rng.choice(names)
    if brief.card.mix in ("club", "wide") and brief.card.name != "dream pop":
        chosen["pre", "mid"] = chosen["pre", "high"] = "build"
    return chosen


def level_of(energy: float) -> str:
    return "low" if energy < 0.45 else "mid" if energy < 0.74 else "high"


def _section_hits(
    brief: Brief,
    section: Section,
    following: Section | None,
    grooves: dict[tuple[str, str], str],
    is_again: bool,
) -> list[Note]:
    level = level_of(section.energy)
    name = grooves[section.kind, level]
    lines = GROOVES[name]
    if len(next(iter(lines.values()))) != round(brief.bar_beats / STEP_BEATS):
        lines = GROOVES[_other_meter(brief, level)] if brief.meter != "4/4" else lines
    lines = _personal(lines, dice(brief.seed, "kick", name), brief.weirdness)
    if is_again:
        lines = shaker(brief, lines, is_light=section.kind == "verse")
    turn = _turned(lines, dice(brief.seed, "turn of phrase", name, is_again))
    bars = round(section.length_beats / brief.bar_beats)
    rng = dice(brief.seed, "bars", section.start_beat)
    out: list[Note] = []
    for bar in range(bars):
        start = section.start_beat + bar * brief.bar_beats
        fill = _fill_steps(brief, bar, bars, section, following, rng)
        energy = following.energy if following else 0.4
        played = _build(name, bar, bars) or (turn if bar % 4 == 3 or (is_again and bar % 4 == 1) else lines)
        stroked = _fill(brief, start, fill, energy, rng, lines) if fill else []
        if fill and not stroked:
            # Every fill is in this groove already: a stop announces the change as well.
            fill = STOP_STEPS
        out += [*_bar_hits(played, start, brief.bar_beats, fill, rng), *stroked]
        if fill:
            continue
        if bar % 4 == 3 and level != "low" and "h" in lines:
            out.append(Note(start + brief.bar_beats - 0.5, HIT_BEATS, OPEN_HAT, 82))
    return out


def _other_meter(brief: Brief, level: str) -> str:
    table = ORCHESTRA_METER if brief.card.kit == ORCHESTRA_KIT else OTHER_METER
    return dice(brief.seed, "meter", level).choice(table[brief.meter][level])


def _build(name: str, bar: int, bars: int) -> dict[str, str] | None:
    """The bar of a build that doubles its roll towards the end; None for other grooves."""
    if name != "build" or bars < 3:
        return None
    left = bars - 1 - bar
    return GROOVES["build most" if left == 0 else "build more" if 2 * left < bars else "build"]


def _turned(lines: dict[str, str], rng: Random) -> dict[str, str]:
    """The groove as it leans into the next phrase: another light kick in the bar's second half."""
    kick = list(lines.get("k", ""))
    half = len(kick) // 2
    snare = lines.get("s", lines.get("c", "-" * 16))
    free = [i for i in range(half, len(kick)) if i % 2 == 0 and kick[i] == "-" and snare[i] == "-"]
    if not free or len(kick) - kick.count("-") >= 8:
        return lines
    kick[rng.choice(free)] = "o"
    return {**lines, "k": "".join(kick)}


def _personal(lines: dict[str, str], rng: Random, weirdness: float) -> dict[str, str]:
    """This drummer's own kick: one weak sixteenth more or less than the book says."""
    kick = list(lines.get("k", ""))
    free = [
        i for i, hit in enumerate(kick) if i % 4 != 0 and i % 2 == 0 and lines.get("s", "-" * 16)[i] == "-"
    ]
    if not free or kick.count("X") + kick.count("x") >= 6 or rng.random() > 0.55 + 0.4 * weirdness:
        return lines
    spot = rng.choice(free)
    kick[spot] = "o" if kick[spot] == "-" else "-"
    return {**lines, "k": "".join(kick)}


def _fill_steps(
    brief: Brief, bar: int, bars: int, section: Section, following: Section | None, rng: Random
) -> int:
    """How many sixteenths of this bar the fill takes: longest into a chorus, little inside a section."""
    if following is None:
        return 0
    if bar == bars - 1:
        if brief.card.name == "ambient":
            return 8
        if following.energy > section.energy + 0.15:
            return 8 if rng.random() < 0.6 else 12
        return 4
    if brief.card.name == "ambient":
        return 0
    return 4 if bar % 8 == 7 and rng.random() < 0.6 else 0


def _bar_hits(lines: dict[str, str], start: float, bar_beats: float, fill: int, rng: Random) -> list[Note]:
    out = []
    steps = round(bar_beats / STEP_BEATS)
    for key, line in lines.items():
        for step, mark in enumerate(line[:steps]):
            if mark == "-" or (step >= steps - fill and key not in PERCUSSION):
                continue
            if mark == "." and rng.random() < 0.25:
                continue
            out.append(Note(start + step * STEP_BEATS, HIT_BEATS, KEYS[key], VELOCITY[mark]))
    return out


def _strokes(lines: dict[str, str], steps: int) -> set[tuple[int, str]]:
    """Strokes on snare and toms in the last `steps` sixteenths, counted from the end."""
    return {
        (step, key)
        for key in "srctf"
        for step, hit in enumerate(reversed(lines.get(key, "")[-steps:]))
        if hit != "-"
    }


def _fill(
    brief: Brief, start: float, steps: int, energy: float, rng: Random, groove: dict[str, str] | None = None
) -> list[Note]:
    """The last `steps` sixteenths of a fill bar, one with strokes that the groove lacks there; empty when
    there is none."""
    if brief.card.name == "ambient":
        return []
    soft = energy <= 0.55 or brief.card.kit in (32, 40)
    usual = _strokes(groove or {}, steps)

    def is_heard(fill: dict[str, str]) -> bool:
        strokes = _strokes(fill, steps)
        return len(strokes) >= len(usual) and len(strokes - usual) >= NEW_STROKES

    pool = [fill for fill in (SOFT_FILLS if soft else FILLS) if is_heard(fill)]
    pool = pool or [fill for fill in FILLS if is_heard(fill)]
    if not pool:
        return []
    source = rng.choice(pool)
    total = round(brief.bar_beats / STEP_BEATS)
    out = []
    for key, line in source.items():
        pattern = line[-total:]
        for step in range(max(0, total - steps), total):
            if pattern[step] != "-":
                velocity = VELOCITY[pattern[step]] - (0 if energy > 0.7 else 12)
                out.append(Note(start + step * STEP_BEATS, HIT_BEATS, KEYS[key], velocity))
    return out


def _last_hit(brief: Brief, section: Section) -> list[Note]:
    """The song ends on a downbeat in its last bar, not in the middle of a groove."""
    start = section.end_beat - brief.bar_beats
    if brief.card.name == "ambient":
        return []
    # As loud as what it ends: a full crash would be the brightest sound of a quiet outro.
    soft = 26 if brief.card.drums_from > 0.4 or brief.card.kit in SOFT_KITS or brief.card.mix == "lofi" else 8
    return [
        Note(start, 3.0, CRASH, round(98 - soft * (1.6 - section.energy))),
        Note(start, HIT_BEATS, KICK, round(74 + 20 * section.energy)),
    ]


def _without_doubles(hits: list[Note]) -> list[Note]:
    """One hit per key and place, the louder one; a hi-hat is either open or closed."""
    best: dict[tuple[float, int], Note] = {}
    for hit in hits:
        slot = (round(hit.start_beat * 96) / 96, hit.pitch)
        if slot not in best or best[slot].velocity < hit.velocity:
            best[slot] = hit
    for at, pitch in list(best):
        if pitch == CLOSED_HAT and (at, OPEN_HAT) in best:
            del best[at, pitch]
    return sorted(best.values(), key=lambda note: (note.start_beat, note.pitch))


def stop_at_ending(notes: list[Note], last_bar_beat: float) -> list[Note]:
    """Nothing but the final hits sounds in the last bar."""
    return [n for n in notes if n.start_beat < last_bar_beat + 0.01]
