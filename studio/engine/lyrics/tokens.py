"""Lyrics text, cleaned and cut into tokens; which of them are sung."""

import re
import unicodedata

from studio.engine.lyrics.scripts import is_han, is_kana
from studio.engine.lyrics.syllables import Syllables, syllables

_TOKEN = re.compile(r"\[[^\[\]]*\]|\S+")


def clean(text: str) -> str:
    """One kind of line break, no control characters, no stray surrogates, at most one blank line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\u2028", "\n")
    text = "".join(
        char for char in text if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs", "Co")
    )
    text = "\n".join(line.strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def is_japanese(text: str) -> bool:
    """Whether Han characters in the text are kanji, whose reading depends on the word."""
    return any(is_kana(char) for char in text)


def sung_syllables(token: str, language: str, reading: str, *, japanese: bool) -> Syllables:
    """The syllables of a token of a line; directions in brackets and kanji have none."""
    if token.startswith("[") or (japanese and any(is_han(char) for char in token)):
        return ()
    return syllables(token, language, reading)


def is_wide(token: str) -> bool:
    """Written without spaces: Han and kana."""
    return bool(token) and (is_han(token[-1]) or is_kana(token[-1]))


# Kana that lengthen, double or bend the one before.
_RIDERS = "ゃゅょぁぃぅぇぉゎっんーャュョァィゥェォヮッンー゛゜"
_ONE_BY_ONE = re.compile(rf"[^\w]*\w[{_RIDERS}]*[^\w]*")


def tokens_of(line: str) -> list[str]:
    """Words; scripts without spaces are cut into characters, punctuation stays on its neighbour."""
    found: list[str] = []
    for token in _TOKEN.findall(line):
        if not token.startswith("[") and any(is_han(char) or is_kana(char) for char in token):
            found.extend(_ONE_BY_ONE.findall(token) or [token])
        else:
            found.append(token)
    return found
