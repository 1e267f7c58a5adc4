"""New words for some lines of a lyric, on the notes of the old: as many syllables, the same rhyme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from studio.engine.chance import dice
from studio.engine.lyrics import lines
from studio.engine.lyrics.languages import language_of
from studio.engine.lyrics.lines import Line
from studio.engine.lyrics.phones import NUCLEI
from studio.engine.lyrics.rhymes import last_word, metre_of, rhyme_of, rhyme_words
from studio.engine.lyrics.themes import THEMES, Theme
from studio.engine.lyrics.tokens import clean
from studio.engine.lyrics.topics import theme_of, topics_of
from studio.engine.spec import SpecError

NOUN_ENDS = (
    "{0} the {1}",
    "{0} a song for the {1}",
    "{0}, lost in the {1}",
    "{0}, back to the {1}",
    "{0} for the {1}",
)
ADJECTIVE_ENDS = ("{0} so {1}", "{0}, everything is {1}", "{0}, and the night is {1}", "{0}, never so {1}")
FRONTS = (
    "I carry", "we remember", "I sing", "I follow", "you whisper about", "I'm dreaming of", "oh, give me", "hold on to", "we run to", "I wait for",
    "all I want is", "I never knew", "we talk about", "I'm calling to", "take me to",
)  # fmt: skip
FEELINGS = (
    "we were",
    "I feel",
    "the world is",
    "you look",
    "my heart is",
    "the road is",
    "and I am",
    "we are always",
    "the morning is",
    "we could be",
)
LONG = 11
SHORT = 4


def rewrite_lines(lyrics: str, start_line: int, end_line: int, wish: str, seed: int) -> str:
    """The lyrics with lines `start_line` to `end_line` (from 1, both included) written anew.

    Each new line has as many syllables as the old and, wherever the dictionary has one, its rhyme; `wish` says
    what the new lines should be about (empty: what the lyrics are about). Section marks and blank lines in the
    span stay, all other lines come back as they were. From templates, in English. Raises SpecError for a span
    outside the text, a span without words, or lyrics in another language.
    """
    rows = lyrics.split("\n")
    if not 1 <= start_line <= end_line <= len(rows):
        raise SpecError(
            f"Choose lines between 1 and {len(rows)}: {start_line} to {end_line} is not in the lyrics."
        )
    span = [
        index
        for index in range(start_line - 1, end_line)
        if rows[index].strip() and not rows[index].strip().startswith("[") and metre_of(clean(rows[index]))
    ]
    if not span:
        raise SpecError("There are no words in the chosen lines. Choose lines that are sung.")
    if (language := language_of(lyrics)) != "en":
        raise SpecError(
            f"The line writer works in English and these lyrics seem to be {_NAMES[language]}. Write the lines by hand."
        )
    author = _Author(
        wish, lyrics, {last_word(row) for index, row in enumerate(rows) if index not in span}, seed
    )
    for index in span:
        rows[index] = author.line_for(clean(rows[index]), index)
    return "\n".join(rows)


_NAMES = {"es": "Spanish", "it": "Italian", "pt": "Portuguese", "fr": "French"}


@dataclass
class _Author:
    wish: str
    lyrics: str
    ends: set[str]
    seed: int

    def __post_init__(self) -> None:
        rng = dice(self.seed, "rewrite", self.wish, self.lyrics)
        wanted = theme_of(self.wish) or theme_of(self.lyrics) or [rng.choice(THEMES)]
        self.themes = [wanted[0], *(theme for theme in THEMES if theme is not wanted[0])]
        self.topics = topics_of(self.wish)
        self.spent: set[str] = set()
        self.pools: dict[str, list[Line]] = {}

    def line_for(self, old: str, number: int) -> str:
        count, rhyme = len(metre_of(old)), rhyme_of(old)
        rng = dice(self.seed, "line", number, old, self.wish)
        for candidates in self._candidates(old, count, rhyme, rng):
            fresh = [
                line
                for line in candidates
                if not line.stuff & self.spent and line.text.casefold() != old.casefold()
            ]
            apart = [line for line in fresh if line.end not in self.ends and line.end != last_word(old)]
            if apart or fresh:
                best = min(apart or fresh, key=lambda line: (_distance(line, old), line.text))
                self.spent |= line_stuff(best)
                self.ends.add(best.end)
                return best.text
        return old

    def _candidates(self, old: str, count: int, rhyme: str, rng: Random) -> Iterator[list[Line]]:
        """Ever wider choices, the best first; all have the length."""
        if self.topics:
            yield [line for line in lines.topical(self.topics, rng) if _fits(line, count, rhyme)]
        yield [line for line in self._pool(self.themes[0]) if _fits(line, count, rhyme)]
        yield [line for line in self._built(rhyme, count, rng) if _fits(line, count, rhyme)]
        for theme in self.themes[1:4]:
            yield [line for line in self._pool(theme) if _fits(line, count, rhyme)]
        if count >= LONG:
            yield [line for line in self._doubled(rhyme, count, rng) if _fits(line, count, rhyme)]
        # Nothing rhymes: the old end word comes back, or at least its vowel.
        yield [line for line in self._ended(last_word(old), count) if len(line.metre) == count]
        vowel = [char for char in rhyme if char in NUCLEI][:1]
        same = [line for line in self._pool(self.themes[0]) if len(line.metre) == count]
        yield [line for line in same if vowel and vowel[0] in line.rhyme]
        yield same
        yield [line for line in self._doubled("", count, rng) if len(line.metre) == count]
        yield [lines.make(" ".join(["la"] * count), "built", "la", "la")]

    def _pool(self, theme: Theme) -> list[Line]:
        if theme.name not in self.pools:
            rng = dice(self.seed, "pool", theme.name)
            found = [
                *lines.scenes(theme, rng),
                *lines.selves(theme, rng),
                *lines.pleas(),
                *lines.lifts(theme),
                *lines.turns(theme),
            ]
            self.pools[theme.name] = [line for line in found if not lines.repeats_itself(line.text)]
        return self.pools[theme.name]

    def _built(self, rhyme: str, count: int, rng: Random) -> Iterator[Line]:
        """Lines grown back from a rhyme word of the dictionary."""
        nouns, adjectives = rhyme_words(rhyme, "N"), rhyme_words(rhyme, "J")
        for words, fronts, ends in ((nouns, FRONTS, NOUN_ENDS), (adjectives, FEELINGS, ADJECTIVE_ENDS)):
            for word in rng.sample(words, min(6, len(words))):
                if count < SHORT:
                    for text in (
                        (word, f"the {word}", f"oh, the {word}")
                        if words is nouns
                        else (word, f"so {word}", f"oh, so {word}")
                    ):
                        yield lines.make(text, "built", "short", word)
                    continue
                for front in fronts:
                    for answer in lines.ANSWERS[:3]:
                        yield lines.make(f"{answer}{ends[0].format(front, word)}", "built", front, word)

    def _ended(self, word: str, count: int) -> Iterator[Line]:
        for front in (
            "one word: ",
            "and all I say is ",
            "I only think of ",
            "it all comes down to ",
            "there's nothing left but ",
            "I hear you say ",
        ):
            for answer in ("", "and ", "oh, ", "and still "):
                yield lines.make(f"{answer}{front}{word}", "built", front, front)

    def _doubled(self, rhyme: str, count: int, rng: Random) -> Iterator[Line]:
        """A long line from two short ones, or from more when it is very long."""
        pool = self._pool(self.themes[0])
        by_count: dict[int, list[Line]] = {}
        for line in pool:
            by_count.setdefault(len(line.metre), []).append(line)
        ends = [line for line in pool if (not rhyme or line.rhyme == rhyme) and 5 <= len(line.metre) <= 9]
        for end in rng.sample(ends, min(12, len(ends))):
            parts = [end.text]
            for size in _shares(count - len(end.metre)):
                parts.insert(0, rng.choice(by_count[size]).text if by_count.get(size) else "")
            if all(parts):
                joined = ", ".join([parts[0], *(_lowered(part) for part in parts[1:])])
                yield lines.make(joined, "built", "double", end.text)


def _shares(count: int) -> list[int]:
    """A number of syllables in handy portions: 17 is 8 and 9."""
    if count < SHORT:
        return [0]
    pieces = max(1, round(count / 8))
    return [count * (index + 1) // pieces - count * index // pieces for index in range(pieces)]


def _lowered(text: str) -> str:
    return text if text.startswith(("I ", "I'")) else text[0].lower() + text[1:]


def line_stuff(line: Line) -> frozenset[str]:
    return line.stuff | {line.end}


def _fits(line: Line, count: int, rhyme: str) -> bool:
    return len(line.metre) == count and line.rhyme == rhyme


def _distance(line: Line, old: str) -> float:
    return sum(abs(a - b) for a, b in zip(line.metre, metre_of(old), strict=False))
