"""A title for a song that has none."""

import re
from collections import Counter

from studio.engine.chance import dice
from studio.engine.lyrics.lexicon import FUNCTION_WORDS
from studio.engine.lyrics.parse import LyricLine, LyricSection
from studio.engine.spec import SongSpec

MAX_WORDS = 5
EVENING = (
    "Evening",
    "Morning",
    "Distant",
    "Silver",
    "Paper",
    "Golden",
    "Northern",
    "Hidden",
    "Slow",
    "Open",
    "Quiet",
)
THINGS = (
    "Harbour",
    "Lanterns",
    "Skyline",
    "Orchard",
    "Signal",
    "Tides",
    "Meadow",
    "Avenue",
    "Horizon",
    "Embers",
)
_STRIP = ' \t\n.,;:!?"“”()[]—–-*…'


def invent_title(spec: SongSpec, sections: list[LyricSection], style: str) -> str:
    """From the chorus, else the first line, else the description, else two words that suit anything."""
    lines = [line for section in sections if section.kind == "chorus" for line in section.lines]
    lines = lines or [line for section in sections for line in section.lines]
    if lines:
        return _from_lines(lines)
    words = _telling_words(spec.description)
    if words:
        return _title_case(words[:3])
    rng = dice(spec.seed, "title", style, spec.tags)
    return f"{rng.choice(EVENING)} {rng.choice(THINGS)}"


def _from_lines(lines: list[LyricLine]) -> str:
    """The line that is repeated most; of equals, the first."""
    texts = [_plain(line) for line in lines]
    counts = Counter(text.casefold() for text in texts)
    best = max(texts, key=lambda text: counts[text.casefold()])
    words = best.split()
    if len(words) > MAX_WORDS:
        words = words[:MAX_WORDS]
        while len(words) > 2 and FUNCTION_WORDS.get(words[-1].casefold().strip(_STRIP), 1.0) < 0.5:
            words.pop()
    return _title_case(words)[:80] or "Untitled"


def _plain(line: LyricLine) -> str:
    text = "".join(word.text for word in line.words if not word.adlib) or "".join(w.text for w in line.words)
    text = re.sub(r"\[[^\]]*\]|[()]", " ", text)
    return " ".join(text.split()).strip(_STRIP)


def _telling_words(text: str) -> list[str]:
    skip = {"song", "music", "track", "about", "make", "write", "with", "instrumental", "style", "some"}
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    return [
        w
        for w in words
        if FUNCTION_WORDS.get(w.casefold(), 1.0) > 0.5 and w.casefold() not in skip and len(w) > 2
    ]


def _title_case(words: list[str]) -> str:
    small = {"a", "an", "the", "of", "and", "or", "to", "in", "on", "at", "by", "for", "with"}
    shown = [w if i and w.casefold() in small else w[:1].upper() + w[1:] for i, w in enumerate(words)]
    return " ".join(shown).strip(_STRIP)
