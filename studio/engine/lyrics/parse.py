"""Lyrics text to sections, lines and words. Nothing is lost: the words' texts joined give the text again."""

import re
from dataclasses import dataclass, field, replace

from studio.engine.lyrics.context import readings
from studio.engine.lyrics.languages import language_of
from studio.engine.lyrics.remarks import remarks_on as remarks_on
from studio.engine.lyrics.syllables import Syllables
from studio.engine.lyrics.tokens import clean as clean
from studio.engine.lyrics.tokens import is_japanese, is_wide, sung_syllables, tokens_of

KINDS = (
    ("pre", ("pre-chorus", "prechorus", "pre chorus", "pre", "build", "lift", "rise")),
    ("post", ("post-chorus", "postchorus", "post chorus")),
    ("chorus", ("chorus", "refrain", "hook", "drop", "estribillo", "refrão", "ritornello")),
    ("intro", ("intro", "opening", "introduction")),
    ("outro", ("outro", "ending", "end", "coda", "fade out")),
    ("bridge", ("bridge", "middle 8", "middle eight", "puente", "ponte", "pont")),
    ("solo", ("solo", "instrumental", "interlude", "guitar solo")),
    ("break", ("break", "breakdown")),
    ("verse", ("verse", "strophe", "couplet", "estrofa", "strofa", "vers", "part")),
)
DISPLAY = {"pre": "Pre-Chorus", "post": "Post-Chorus"}
_HEADER = re.compile(r"^\s*\[([^\[\]\n]{1,80})\]\s*$")
_BARE_HEADER = re.compile(r"^\s*(?:\*\*|#+\s*|\()?\s*([A-Za-z][A-Za-z \-]{2,20}?)\s*(\d{0,2})\s*[:)*]+\s*$")


@dataclass(frozen=True)
class LyricWord:
    """`text` is the timeline's text, header and white space included."""

    text: str
    syllables: Syllables
    adlib: bool = False


@dataclass(frozen=True)
class LyricLine:
    words: tuple[LyricWord, ...]

    @property
    def syllable_count(self) -> int:
        return sum(len(word.syllables) for word in self.words)


@dataclass
class LyricSection:
    kind: str
    name: str
    lines: list[LyricLine] = field(default_factory=list)

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """Equal for sections with the same words, whatever their header."""
        return tuple(s.text.casefold() for line in self.lines for word in line.words for s in word.syllables)


def parse_lyrics(text: str, language: str = "") -> list[LyricSection]:
    """Sections in order; texts without marks are divided at blank lines and given kinds by repetition.

    `language` (en, es, it, pt, fr) says how Latin letters and numbers are read; empty, the text itself does.
    """
    text = clean(text)
    return _Parser(language or language_of(text), is_japanese(text)).run(text)


def section_kind(header: str) -> str | None:
    """The kind a header names, or None when it is a direction such as [whispered]."""
    plain = re.sub(r"[\d:;|,.\-–—]+", " ", header.casefold())
    plain = " " + " ".join(plain.split()) + " "
    for kind, names in KINDS:
        if any(f" {name.replace('-', ' ')} " in plain for name in names):
            return kind
    return None


class _Parser:
    def __init__(self, language: str, japanese: bool) -> None:
        self.language, self.japanese = language, japanese
        self.sections: list[LyricSection] = []
        self.pending = ""
        self.marked = False
        self.blank = True
        self.adlib = False

    def run(self, text: str) -> list[LyricSection]:
        for line in text.split("\n"):
            self._take(line)
        self._flush_rest()
        if not self.marked:
            self.sections = name_stanzas(self.sections)
        return self.sections

    def _take(self, line: str) -> None:
        if not line:
            self.blank, self.adlib = True, False
            return
        header = _header_of(line)
        kind = section_kind(header) if header is not None else None
        if header is not None and kind is not None:
            self._open(kind, header.strip(), line)
        elif header is not None:
            self.pending += f"{line.strip()}\n"
        else:
            self._sing(line)
        self.blank = False

    def _open(self, kind: str, header: str, line: str) -> None:
        self.marked = True
        self.sections.append(LyricSection(kind, header[:40]))
        self.pending += f"{line.strip()}\n"

    def _sing(self, line: str) -> None:
        if not self.sections or (self.blank and not self.marked):
            self.sections.append(LyricSection("verse", "Verse"))
        words = self._words(line)
        if not words:
            self.pending += "\n"
            return
        words[-1] = replace(words[-1], text=words[-1].text.rstrip(" ") + "\n")
        self.sections[-1].lines.append(LyricLine(tuple(words)))

    def _words(self, line: str) -> list[LyricWord]:
        words: list[LyricWord] = []
        tokens = tokens_of(line)
        for token, reading in zip(tokens, readings(tokens, self.language), strict=True):
            sung = sung_syllables(token, self.language, reading, japanese=self.japanese)
            self.adlib = self.adlib or token.lstrip("\"'").startswith(("(", "（"))
            if sung:
                space = "" if is_wide(token) else " "
                words.append(LyricWord(self.pending + token + space, sung, self.adlib))
                self.pending = ""
            elif words:
                words[-1] = replace(words[-1], text=f"{words[-1].text.rstrip(' ')} {token} ")
            else:
                self.pending += f"{token} "
            self.adlib = self.adlib and not token.rstrip("\"',.!?").endswith((")", "）"))
        return words

    def _flush_rest(self) -> None:
        """Close each section with a blank line, and hang what nobody can sing on the last word."""
        for section in self.sections:
            if section.lines:
                _append(section, "\n")
        sung = [section for section in self.sections if section.lines]
        if sung and self.pending:
            _append(sung[-1], self.pending)


def _header_of(line: str) -> str | None:
    match = _HEADER.match(line)
    if match:
        return match.group(1)
    bare = _BARE_HEADER.match(line)
    if bare and section_kind(bare.group(1)) and len(bare.group(1).split()) <= 2:
        return f"{bare.group(1)} {bare.group(2)}".strip()
    return None


def _append(section: LyricSection, tail: str) -> None:
    line = section.lines[-1]
    last = replace(line.words[-1], text=line.words[-1].text + tail)
    section.lines[-1] = LyricLine((*line.words[:-1], last))


def name_stanzas(stanzas: list[LyricSection]) -> list[LyricSection]:
    """Kinds for unmarked lyrics: what is repeated is the chorus, else verse and chorus take turns."""
    stanzas = [piece for stanza in stanzas for piece in _split_long(stanza)]
    prints = [stanza.fingerprint for stanza in stanzas]
    repeated = {item for item in prints if prints.count(item) > 1}
    verse_count = 0
    for index, stanza in enumerate(stanzas):
        stanza.kind = "chorus" if prints[index] in repeated else "verse"
        if not repeated:
            stanza.kind = _turn(index, len(stanzas))
        verse_count += stanza.kind == "verse"
        stanza.name = f"Verse {verse_count}" if stanza.kind == "verse" else stanza.kind.title()
    return stanzas


def _turn(index: int, count: int) -> str:
    if count >= 5 and index == count - 2:
        return "bridge"
    return "chorus" if index % 2 == 1 or (index == count - 1 and count >= 5) else "verse"


def _split_long(stanza: LyricSection) -> list[LyricSection]:
    if len(stanza.lines) <= 8:
        return [stanza]
    return [
        LyricSection(stanza.kind, stanza.name, stanza.lines[i : i + 4])
        for i in range(0, len(stanza.lines), 4)
    ]
