"""A template-and-grammar lyric writer: themes, patterns and a rhyme dictionary, put together by rule. No poet.

It holds a form, a metre and a rhyme scheme, and keeps the grammar; it does not know what it is talking about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from studio.engine.chance import derived_seed, dice
from studio.engine.lyrics import lines
from studio.engine.lyrics.languages import language_of
from studio.engine.lyrics.lines import Line
from studio.engine.lyrics.rewriter import rewrite_lines as rewrite_lines
from studio.engine.lyrics.rhymes import last_word, metre_of, rhyme_of
from studio.engine.lyrics.themes import THEMES, Theme
from studio.engine.lyrics.topics import theme_of, topics_of

FORMS = {
    "song": ("verse", "pre", "chorus", "verse", "pre", "chorus", "bridge", "chorus"),
    "plain": ("verse", "chorus", "verse", "chorus", "bridge", "chorus"),
    "folk": ("verse", "chorus", "verse", "chorus", "verse", "chorus"),
    "rap": ("verse", "chorus", "verse", "chorus", "bridge", "chorus"),
}
NAMES = {"verse": "Verse", "pre": "Pre-Chorus", "chorus": "Chorus", "bridge": "Bridge"}
# Which lines of a stanza rhyme, by number, and what each line is.
VERSE_SCHEMES = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((1, 3),))
VERSE_KINDS = (
    ("scene", "self", "scene", "closer"), ("self", "scene", "scene", "self"), ("scene", "scene", "self", "closer"),
    ("scene", "self", "self", "scene"),
)  # fmt: skip
TOPIC_KINDS = (
    ("topic", "scene", "self", "closer"),
    ("scene", "topic", "scene", "self"),
    ("scene", "self", "topic", "closer"),
)
METRES = {"song": (7, 8, 9), "plain": (7, 8), "folk": (8, 9), "rap": (9, 10, 11)}
_RAP = re.compile(r"\b(?:rap|rapper|rapping|hip[- ]?hop|trap|drill|grime)\b")
_FOLK = re.compile(r"\b(?:folk|country|acoustic|ballad|shanty|bluegrass|americana|singer-songwriter)\b")


@dataclass(frozen=True, slots=True)
class Draft:
    """One proposal of words for a song."""

    title: str
    text: str


def write_lyrics(description: str, tags: str, seed: int) -> str:
    """Sung words in English with section marks, about the description (else the tags). Same arguments, same
    words. From a grammar of templates: the form, metre and rhymes hold, the meaning is modest."""
    return _write(description, tags, seed, 0).text


def make_lyrics(prompt: str, seed: int) -> tuple[Draft, Draft]:
    """Two drafts on one prompt, with other titles, forms, schemes and lines."""
    first = _write(prompt, "", seed, 0)
    return first, _write(prompt, "", derived_seed(seed, "other draft"), 1, avoid=first)


@lru_cache(maxsize=64)
def _write(description: str, tags: str, seed: int, number: int, *, avoid: Draft | None = None) -> Draft:
    rng = dice(seed, "lyrics", description, tags, number)
    about = description if description.strip() else tags
    themes = theme_of(about) or theme_of(tags) or [rng.choice(THEMES)]
    topics = topics_of(about) if description.strip() and language_of(about) == "en" else []
    theme = themes[min(number, len(themes) - 1)]
    if number and len(themes) == 1 and not topics:
        theme = rng.choice([item for item in THEMES if item is not theme])
    return _Writer(
        theme, topics, _form(f"{description} {tags}".casefold(), rng, number), rng, number, avoid
    ).draft()


def _form(text: str, rng: Random, number: int) -> str:
    if _RAP.search(text):
        return "rap"
    if _FOLK.search(text):
        return ("folk", "plain")[number]
    return rng.choice(("song", "plain") if not number else ("plain", "song", "folk"))


@dataclass
class _Writer:
    theme: Theme
    topics: list[str]
    form: str
    rng: Random
    number: int
    avoid: Draft | None = None
    spent: set[str] = field(default_factory=set)
    patterns: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Lines that must not come (again): those of the other draft, and what is written already.
        self.sung = set(self.avoid.text.split("\n")) if self.avoid else set[str]()
        self.topic = ""
        self.taken_title = self.avoid.title if self.avoid else ""
        self.pool = [*lines.scenes(self.theme, self.rng), *lines.selves(self.theme, self.rng)]
        self.topical = list(lines.topical(self.topics, self.rng))
        if self.form == "rap":
            self.pool += _joined(self.pool, self.rng)
        self.pool = [line for line in [*self.pool, *self.topical] if not lines.repeats_itself(line.text)]
        self.rng.shuffle(self.pool)

    def draft(self) -> Draft:
        opening = self._verse(1)
        title = self._title(needed=bool(self.topics) and not _mentions(opening, self.topics[0]))
        self.spent.update(word.casefold() for word in title.split())
        chorus = self._chorus(title)
        pre: list[str] = []
        parts, verses = [], 0
        for kind in FORMS[self.form]:
            if kind == "verse":
                verses += 1
                parts.append((f"Verse {verses}", opening if verses == 1 else self._verse(verses)))
            elif kind == "pre":
                pre = pre or self._couplet(list(lines.lifts(self.theme)), (8, 9))
                parts.append((NAMES[kind], pre))
            elif kind == "chorus":
                parts.append((NAMES[kind], chorus))
            else:
                parts.append((NAMES[kind], self._bridge()))
        text = "\n\n".join(f"[{name}]\n" + "\n".join(body) for name, body in parts)
        return Draft(_title_case(title), text)

    def _title(self, *, needed: bool) -> str:
        """The line the chorus turns on; `needed` when the first topic has not been named yet."""
        hooks = [hook for hook in self.theme.listed("hooks") if _title_case(hook) != self.taken_title]
        if self.topics and (needed or self.rng.random() < (0.75 if self.number else 0.55)):
            # The other draft is named after another topic, where there is one.
            phrase = self.topics[0 if needed else min(self.number, len(self.topics) - 1)]
            named = [pattern.format(np=phrase) for pattern in lines.split_list(lines.TOPIC_HOOKS)]
            fit = [
                hook
                for hook in named
                if 3 <= len(metre_of(hook)) <= 8 and _title_case(hook) != self.taken_title
            ]
            if fit:
                return self.rng.choice(fit)
        return self.rng.choice(hooks)

    def _verse(self, number: int) -> list[str]:
        self.topic = self.topics[(number - 1) % len(self.topics)] if self.topics else ""
        kinds = self.rng.choice(TOPIC_KINDS if self.topical else VERSE_KINDS)
        if number > 2 and self.topical:
            kinds = self.rng.choice(VERSE_KINDS)
        scheme = (
            VERSE_SCHEMES[0]
            if self.form == "rap"
            else self.rng.choice(VERSE_SCHEMES[: 2 + (self.form == "folk")])
        )
        stanza = self._stanza(kinds, scheme, METRES[self.form])
        if self.form == "rap":
            stanza += self._stanza(self.rng.choice(VERSE_KINDS), VERSE_SCHEMES[0], METRES[self.form])
        return stanza

    def _stanza(
        self, kinds: Sequence[str], scheme: Sequence[Sequence[int]], counts: Sequence[int]
    ) -> list[str]:
        """Four lines: every rhyming pair has one length and falls alike; no thing, pattern or end comes twice."""
        for count in self.rng.sample(list(counts), len(counts)):
            found = self._rhymed(kinds, scheme, count)
            if len(found) == 2 * len(scheme):
                break
        for place in range(4):
            if place not in found:
                found[place] = self._single(kinds[place], count, list(found.values()))
        for line in found.values():
            self.sung.add(line.text)
            self.spent |= line.stuff | {line.end}
            self.patterns.append(line.pattern)
        return [found[place].text for place in range(4)]

    def _rhymed(self, kinds: Sequence[str], scheme: Sequence[Sequence[int]], count: int) -> dict[int, Line]:
        found: dict[int, Line] = {}
        for first, second in scheme:
            for other in dict.fromkeys((kinds[second], "closer", "self", "scene")):
                pair = self._pair(kinds[first], other, count, list(found.values()))
                if pair:
                    found[first], found[second] = pair
                    break
        return found

    def _pair(self, one: str, other: str, count: int, beside: list[Line]) -> tuple[Line, Line] | None:
        firsts = self._open([line for line in self.pool if line.kind == one], count, beside)
        seconds: dict[str, list[Line]] = {}
        for line in self._open([line for line in self.pool if line.kind == other], count, beside):
            seconds.setdefault(line.rhyme, []).append(line)
        best, best_cost = None, 99.0
        for line in firsts[:60]:
            for mate in seconds.get(line.rhyme, [])[:12]:
                if mate.end == line.end or mate.stuff & line.stuff or mate.pattern == line.pattern:
                    continue
                cost = _fall(line, mate) + self._worn(line) + self._worn(mate) + 0.3 * self.rng.random()
                if cost < best_cost:
                    best, best_cost = (line, mate), cost
        return best

    def _open(self, candidates: list[Line], count: int, beside: list[Line]) -> list[Line]:
        """Candidates of the length that take nothing from their neighbours; spent words only when none is left."""
        taken = frozenset().union(*(line.stuff for line in beside)) if beside else frozenset[str]()
        rhymes = {line.rhyme for line in beside}
        patterns = {line.pattern for line in beside}
        fit = [
            line
            for line in candidates
            if len(line.metre) == count
            and line.text not in self.sung
            and (line.kind != "topic" or self.topic in line.stuff)
            and not line.stuff & taken
            and line.rhyme not in rhymes
            and line.pattern not in patterns
        ]
        return [line for line in fit if not line.stuff & self.spent and line.end not in self.spent] or fit

    def _single(self, kind: str, count: int, beside: list[Line]) -> Line:
        for kinds in ((kind,), ("scene", "self")):
            for length in (count, count - 1, count + 1, count + 2):
                fit = self._open([line for line in self.pool if line.kind in kinds], length, beside)
                if fit:
                    return min(
                        fit[:40],
                        key=lambda line: (self._worn(line), _fall(line, beside[0]) if beside else 0.0),
                    )
        return self.pool[0]

    def _worn(self, line: Line) -> float:
        """What it costs to use a pattern again, more when it was used lately."""
        uses = [index for index, pattern in enumerate(reversed(self.patterns)) if pattern == line.pattern]
        return sum(0.6 / (1 + index / 3) for index in uses)

    def _chorus(self, title: str) -> list[str]:
        """The title line comes back; the lines between rhyme with each other, or with the title."""
        source = [line for line in lines.pleas() if line.text not in self.sung]
        pool = self.rng.sample(source, len(source))
        length = len(metre_of(title))
        first, second = self._chorus_pair(pool, source, title, length)
        shape = self.rng.randrange(3)
        if shape == 0:
            return [title, first, title, second]
        if shape == 1:
            return [title, first, second, title]
        return (
            [first, title, second, title]
            if rhyme_of(first) != rhyme_of(title)
            else [title, first, title, second]
        )

    def _chorus_pair(self, pool: list[Line], source: list[Line], title: str, length: int) -> tuple[str, str]:
        title_rhyme, title_end = rhyme_of(title), last_word(title)
        with_title = [line for line in pool if line.rhyme == title_rhyme and line.end != title_end]
        for candidates in (with_title, pool):
            for count in sorted(range(5, 10), key=lambda item: abs(item - min(7, max(6, length)))):
                fit = [line for line in candidates if len(line.metre) == count and line.end != title_end]
                groups: dict[str, list[Line]] = {}
                for line in fit[:300]:
                    for mate in groups.get(line.rhyme, []):
                        if mate.end != line.end and not mate.stuff & line.stuff and _fall(mate, line) < 0.25:
                            self.spent |= mate.stuff | line.stuff
                            one, two = sorted((mate, line), key=source.index)
                            return one.text, two.text
                    groups.setdefault(line.rhyme, []).append(line)
        return pool[0].text, pool[1].text

    def _couplet(self, source: list[Line], counts: Sequence[int]) -> list[str]:
        """Two rhyming lines of one length, in the order they were written down."""
        source = [line for line in source if line.text not in self.sung]
        order = {line.text: index for index, line in enumerate(source)}
        pool = self.rng.sample(source, len(source))
        for count in self.rng.sample(list(counts), len(counts)):
            groups: dict[str, list[Line]] = {}
            for line in pool:
                if len(line.metre) != count or line.stuff & self.spent or lines.repeats_itself(line.text):
                    continue
                for mate in groups.get(line.rhyme, []):
                    if mate.end != line.end and not mate.stuff & line.stuff:
                        self.spent |= mate.stuff | line.stuff
                        return sorted((mate.text, line.text), key=lambda text: order[text])
                groups.setdefault(line.rhyme, []).append(line)
        return [pool[0].text, pool[1].text]

    def _bridge(self) -> list[str]:
        pool = list(lines.turns(self.theme))
        first = self._couplet(pool, (8, 9, 10))
        return first + self._couplet(pool, (8, 9, 10)) if self.form != "folk" else first


def _mentions(stanza: list[str], phrase: str) -> bool:
    return any(phrase.casefold() in line.casefold() for line in stanza)


def _fall(one: Line, other: Line) -> float:
    """How differently two lines of one length are stressed, 0..1."""
    if len(one.metre) != len(other.metre):
        return 1.0
    return sum(abs(a - b) for a, b in zip(one.metre, other.metre, strict=True)) / max(1, len(one.metre))


def _joined(pool: list[Line], rng: Random) -> list[Line]:
    """Longer lines for rap: while this happens, I do that."""
    short = [line for line in pool if line.kind == "scene" and 3 <= len(line.metre) <= 5]
    ends = [line for line in pool if line.kind == "self" and 4 <= len(line.metre) <= 7]
    found = []
    for line in rng.sample(short, min(40, len(short))) if short else []:
        for end in rng.sample(ends, min(12, len(ends))):
            if not line.stuff & end.stuff:
                text = f"while {_lowered(line.text)}, {_lowered(end.text)}"
                found.append(lines.make(text, "self", "while", *line.stuff, *end.stuff))
    return found


def _lowered(text: str) -> str:
    return text if text.startswith(("I ", "I'")) else text[0].lower() + text[1:]


def _title_case(title: str) -> str:
    small = {"a", "an", "the", "of", "and", "or", "to", "in", "on", "at", "by", "for", "with"}
    words = title.split()
    return " ".join(w if i and w in small else w[:1].upper() + w[1:] for i, w in enumerate(words))
