"""What the musician should know about how the lyrics are read aloud, in plain sentences."""

import re

from studio.engine.lyrics.scripts import is_kana, script_of
from studio.engine.lyrics.spoken import spoken
from studio.engine.lyrics.syllables import MAX_SYLLABLES, is_cut_short
from studio.engine.lyrics.tokens import clean, is_japanese, sung_syllables, tokens_of

SHOWN = 6
_SCRIPT_NAMES = {
    "CYRILLIC": "Cyrillic", "GREEK": "Greek", "HEBREW": "Hebrew", "ARABIC": "Arabic", "HANGUL": "Korean", "CJK": "Chinese",
    "DEVANAGARI": "Devanagari", "KANA": "Japanese",
}  # fmt: skip
# Numbers people read in more than one way.
_AMBIGUOUS = re.compile(r"\d{3,}|\d[/:.,]\d|\d0'?s\b")
_EDGES = ' \t.,;:!?"“”()[]—–-*…'


def remarks_on(text: str, language: str = "en") -> list[str]:
    """Sentences about words that are left out or cut short, numbers that could be read otherwise, and scripts
    that are sounded by rule. Empty for ordinary lyrics."""
    text = clean(text)
    japanese = is_japanese(text)
    tokens = list(
        dict.fromkeys(
            token for line in text.split("\n") for token in tokens_of(line) if not token.startswith("[")
        )
    )
    silent = [token for token in tokens if _has_letters(token) and not _is_sung(token, language, japanese)]
    found = []
    if silent:
        found.append(f"Left out of the singing, because nothing here can read it: {_listed(silent)}.")
    if long := [token for token in tokens if is_cut_short(token, language)]:
        found.append(
            f"Sung only up to {MAX_SYLLABLES} syllables: {_listed([item[:24] + '…' for item in long])}."
        )
    found += _numbers(tokens, language)
    return found + _by_rule(tokens, silent)


def _has_letters(token: str) -> bool:
    return any(char.isalpha() for char in token)


def _is_sung(token: str, language: str, japanese: bool) -> bool:
    return bool(sung_syllables(token, language, "", japanese=japanese))


def _listed(items: list[str]) -> str:
    plain = list(dict.fromkeys(item.strip(_EDGES) or item for item in items))
    more = f" and {len(plain) - SHOWN} more" if len(plain) > SHOWN else ""
    return ", ".join(plain[:SHOWN]) + more


def _numbers(tokens: list[str], language: str) -> list[str]:
    read = []
    for token in tokens:
        if _AMBIGUOUS.search(token):
            words = " ".join(piece.word for piece in spoken(token, language) if piece.word)
            if words and len(words) < 80:
                read.append(f"{token.strip(_EDGES)} as “{words}”")
    more = f" and {len(read) - SHOWN} more" if len(read) > SHOWN else ""
    return [f"Numbers are sung in words: {', '.join(read[:SHOWN])}{more}."] if read else []


def _by_rule(tokens: list[str], silent: list[str]) -> list[str]:
    scripts = {
        _SCRIPT_NAMES.get("KANA" if is_kana(char) else script_of(char), script_of(char).title())
        for token in tokens
        if token not in silent
        for char in token
        if char.isalpha() and script_of(char) != "LATIN"
    }
    if not scripts:
        return []
    return [
        f"{' and '.join(sorted(scripts))} words are sounded out by rule, so expect an approximate accent."
    ]
