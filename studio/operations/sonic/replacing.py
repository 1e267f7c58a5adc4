"""Whether the new words of a section fit: into its time, and to the song around it."""

from __future__ import annotations

from .. import singable
from ..base import Context, Fix, Problem, Source, Values
from ..shared import words

SHORTEST_S = 1.0


def check_section(values: Values, context: Context) -> list[Problem]:
    """Advice only; what would be refused, the fields say themselves."""
    text = words(values, "infill_lyrics")
    if not text:
        return []
    source = context.sources.get("clip")
    return _of_context(values, source) + _of_overlap(text, values, source) + _of_time(text, values, source)


def _of_context(values: Values, source: Source | None) -> list[Problem]:
    if words(values, "prompt"):
        return []
    fix = Fix("Take the clip's lyrics", "prompt", source.lyrics) if source and source.lyrics else None
    text = "The provider wants the lyrics of the whole song beside the new words."
    return [Problem("prompt", text, fix, is_advice=True)]


def _of_overlap(text: str, values: Values, source: Source | None) -> list[Problem]:
    song = words(values, "prompt") or (source.lyrics if source else "")
    known = set(singable.sung_words(song))
    if not known or known & set(singable.sung_words(text)):
        return []
    advice = "The new words should overlap with the song's: take a word or two before or after them along."
    return [Problem("infill_lyrics", advice, is_advice=True)]


def _of_time(text: str, values: Values, source: Source | None) -> list[Problem]:
    start_s, end_s = values.get("infill_start_s"), values.get("infill_end_s")
    if not isinstance(start_s, int | float) or not isinstance(end_s, int | float):
        return []
    found = singable.judge(text, end_s - start_s)
    if not found.judgement:
        return []
    is_fast = found.judgement == "fast"
    advice = f"{found.syllables} syllables in {end_s - start_s:.1f} s are {found.per_s:.1f} a second: " + (
        "faster than can be sung." if is_fast else "so slow that most of it will be silence."
    )
    fitting_s = round(start_s + max(found.syllables / singable.EASY_PER_S, SHORTEST_S), 2)
    has_room = source is None or source.duration_s is None or fitting_s <= source.duration_s
    label = "Lengthen the section" if is_fast else "Shorten the section"
    fix = Fix(label, "infill_end_s", fitting_s) if has_room else None
    return [Problem("infill_lyrics", advice, fix, is_advice=True)]
