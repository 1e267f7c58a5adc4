"""What a token of lyrics says aloud: words, numbers, signs, abbreviations, initials, other scripts."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from studio.engine.lyrics import english, romance, scripts
from studio.engine.lyrics.numbers import (
    CURRENCIES,
    POINT,
    SIGNS,
    decade_words,
    digit_words,
    number_words,
    ordinal_words,
)
from studio.engine.lyrics.phones import NUCLEI, base_letter, without_stress

LANGUAGES = ("en", "es", "it", "pt", "fr")
# What people write with digits for sounds.
CHAT = {
    "4ever": "forever", "2nite": "tonight", "2night": "tonight", "b4": "before", "gr8": "great", "l8": "late", "l8r": "later",
    "m8": "mate", "2day": "today", "2morrow": "tomorrow", "w8": "wait", "sk8": "skate", "sk8er": "skater", "h8": "hate",
    "every1": "everyone", "some1": "someone", "any1": "anyone", "str8": "straight", "4eva": "foreva", "w/": "with", "w/o": "without",
}  # fmt: skip
FRACTIONS = {
    "1/2": "one half",
    "1/3": "one third",
    "2/3": "two thirds",
    "1/4": "one quarter",
    "3/4": "three quarters",
}
_ABBREVIATIONS = {
    "no.": "number",
    "nos.": "numbers",
    "jr.": "junior",
    "sr.": "senior",
    "ave.": "avenue",
    "rd.": "road",
}

# Vowel points and signs, which are marks and no letters, belong to the word they stand in.
_MARK = "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd"
_MARK += "\u0a01-\u0a03\u0a3c-\u0a4d\u0a70-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b4d\u0b82\u0bbe-\u0bcd\u0c00-\u0c03\u0c3e-\u0c4d"
_MARK += "\u0c82\u0c83\u0cbc-\u0ccd\u0d02\u0d03\u0d3e-\u0d4d\u0dca-\u0ddf\u0e31-\u0e4e\u3099\u309a"
_PIECE = re.compile(
    r"(?P<money>[$£€¥]\d+(?:,\d{3})*(?:\.\d+)?)|(?P<time>(?<!\d)\d{1,2}:\d{2}(?!\d))|(?P<half>(?<![\d/])[123]/[234](?![\d/]))"
    r"|(?P<order>(?i:\d{1,9}(?:st|nd|rd|th))(?![^\W\d_]))|(?P<decade>\d{1,3}0'?s(?![^\W\d_]))"
    r"|(?P<number>\d+(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)|(?P<sign>[&%+@=#])"
    rf"|(?P<word>(?:'|’)?[^\W\d_](?:[^\W\d_]|[{_MARK}]|['’](?=[^\W\d_]))*(?:['’](?![\w]))?)",
    re.UNICODE,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """`text` is what the phones cover; `word` its plain form ("" for other scripts); `units` pairs every
    character with its phones where the script tells them apart."""

    text: str
    phones: str
    word: str = ""
    units: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=16_384)
def spoken(token: str, language: str = "en") -> tuple[Spoken, ...]:
    """The readable pieces of a token in order; empty when nothing in it can be sung."""
    token = _composed(token)
    low = token.casefold().strip('.,!?;:"“”()*').replace("’", "'")
    if language == "en":
        if low in CHAT:
            letters = re.sub(r"[\W_]", "", token)
            return (Spoken(letters, english.pronounce(CHAT[low]), CHAT[low]),)
        whole = token.casefold().strip(',!?;:"“”()*')
        if whole in _ABBREVIATIONS:
            return (Spoken(token.strip(',!?;:"“”()*. '), english.pronounce(_ABBREVIATIONS[whole]), low),)
        if (dotted := re.sub(r"(?<=[A-Za-z])\.", "", whole)).isalpha() and re.fullmatch(
            r"(?:[a-z]\.){2,}[a-z]?\.?", whole
        ):
            return _initials(re.sub(r"[^A-Za-z]", "", token), dotted)
        if held := _held(low):
            return held
    found: list[Spoken] = []
    loose = ""
    for match in _PIECE.finditer(token):
        kind = match.lastgroup or "word"
        for item in _read(kind, match.group(), token, match.start(), language):
            if item.phones:
                found.append(Spoken(loose + item.text, item.phones, item.word, _lead(loose, item.units)))
                loose = ""
            elif found:
                last = found[-1]
                found[-1] = Spoken(
                    last.text + item.text, last.phones, last.word, _trail(last.units, item.text)
                )
            else:
                loose += item.text
    return tuple(found)


def _lead(loose: str, units: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return ((loose, ""), *units) if loose and units else units


def _trail(units: tuple[tuple[str, str], ...], text: str) -> tuple[tuple[str, str], ...]:
    return (*units, (text, "")) if units else units


def _composed(token: str) -> str:
    """Accents on their letters, digits of any script as 0-9, without stacked decorations and joiners."""
    kept = []
    for char in unicodedata.normalize("NFC", token):
        if "\u0300" <= char <= "\u036f" or char in "\u00ad\u200b\u200c\u200d\u2060\ufe0f\ufe0e":
            continue
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.digit(char)))
        elif category in ("No", "Nl") and unicodedata.numeric(char, -1.0) >= 0:
            kept.append(_as_digits(unicodedata.numeric(char)))
        else:
            kept.append(char)
    return "".join(kept)


def _as_digits(value: float) -> str:
    named = {0.5: "1/2", 0.25: "1/4", 0.75: "3/4"}
    return str(int(value)) if value == int(value) else named.get(value, f"{value:.2f}")


def _read(kind: str, text: str, token: str, start: int, language: str) -> list[Spoken]:
    if kind == "word":
        # A lone consonant before its own word is a stammer: b-b-baby.
        after = token[start + len(text) :]
        stammer = len(text) == 1 and re.match(
            rf"-+(?:{re.escape(text)}-+)*{re.escape(text)}", after, re.IGNORECASE
        )
        return _words(text, language, stammer=bool(stammer))
    spelled = [part for word in _in_words(kind, text, language) for part in word.split("-")]
    return [Spoken(word, say(word, language), word) for word in spelled]


def _in_words(kind: str, text: str, language: str) -> list[str]:
    if kind == "sign":
        return SIGNS[language][text].split()
    digits = re.sub(r"[^\d.]", "", text).strip(".")
    if kind == "money":
        amount, _, cents = digits.partition(".")
        single, many = CURRENCIES[language][text[0]]
        words = [*_plain_number(amount, language), single if amount == "1" and not cents else many]
        return [*words, *number_words(cents, language)] if cents.strip("0") else words
    if kind == "time":
        hour, _, minute = text.partition(":")
        if minute == "00":
            return number_words(str(int(hour)), language)
        tail = ["oh", *digit_words(minute[1], language)] if minute[0] == "0" and language == "en" else None
        return [*number_words(str(int(hour)), language), *(tail or number_words(str(int(minute)), language))]
    if language == "en":
        if kind == "half" and text in FRACTIONS:
            return FRACTIONS[text].split()
        if kind == "order":
            return ordinal_words(int(digits))
        if kind == "decade":
            return decade_words(digits)
    if kind == "half":
        return [word for digit in digits for word in number_words(digit, language)]
    return _plain_number(digits, language) if "," in text else _decimal(digits, language)


def _plain_number(digits: str, language: str) -> list[str]:
    return number_words(digits.lstrip("0") or "0", language) if digits else []


def _decimal(digits: str, language: str) -> list[str]:
    whole, _, rest = digits.partition(".")
    words = number_words(whole, language)
    return [*words, POINT[language], *digit_words(rest, language)] if rest else words


def say(word: str, language: str) -> str:
    """Phones of one plain word of Latin letters, lower case, accents kept."""
    if language != "en":
        return (
            romance.pronounce(word, language)
            if romance.is_native(word, language)
            else english.pronounce(_plain(word))
        )
    plain = _plain(word)
    if word.isascii() or english.known(plain):
        return english.pronounce(plain)
    guessed = romance.guess(word)
    return romance.pronounce(word, guessed) if guessed else english.pronounce(plain)


@lru_cache(maxsize=16_384)
def _plain(word: str) -> str:
    return "".join(char for char in map(base_letter, word) if "a" <= char <= "z" or char == "'")


def _words(text: str, language: str, *, stammer: bool) -> list[Spoken]:
    """A run of letters, cut where the script changes."""
    found = []
    for name, run in scripts.runs(text):
        if name == "LATIN":
            found.extend(_latin(run, language, stammer=stammer))
        elif name == "CJK":
            found.extend(Spoken(char, sound) for char, sound in scripts.read(name, run))
        else:
            units = scripts.read(name, run)
            found.append(Spoken(run, "".join(sound for _, sound in units), "", tuple(units)))
    return found


def _latin(text: str, language: str, *, stammer: bool) -> list[Spoken]:
    folded = unicodedata.normalize("NFKC", text).replace("’", "'")
    word = folded.casefold()
    plain = _plain(word)
    if not plain.strip("'"):
        return [Spoken(text, "")]
    if language == "en" and _is_initials(folded, plain):
        return list(_initials(text, plain))
    if stammer and plain not in "aeiouy":
        return [
            Spoken(text, without_stress(say("ba", "en")).replace("b", _sound(plain)).replace("ɑ", "ə"), word)
        ]
    phones = say(word, language)
    return [Spoken(text, phones, word if any(char in NUCLEI for char in phones) else plain)]


def _sound(letter: str) -> str:
    return {"c": "k", "q": "k", "r": "ɹ", "y": "j", "j": "ʤ", "g": "ɡ", "x": "z"}.get(letter, letter)


def _is_initials(text: str, plain: str) -> bool:
    """NYC, TV and USA are spelled; LOVE, NASA and OK are words that are shouted or in the dictionary."""
    if not (2 <= len(plain) <= 4 and plain.isalpha() and text.isupper() and text.isascii()):
        return False
    return not english.is_word(plain) and not (english.known(plain) and len(plain) > 2)


_HELD = re.compile(r"(y?[^aeiouy\W\d_]*)([aeiouy]+)((?:-[aeiouy]+)+)([a-z']*)")


def _held(low: str) -> tuple[Spoken, ...]:
    """A vowel written over several notes, ni-i-ight: the word's phones with the vowel sung again."""
    match = _HELD.fullmatch(low)
    if not match or not match.group(1) + match.group(4):
        return ()
    head, vowel, again, end = match.groups()
    tails = again[1:].split("-")
    word = head + vowel + tails[-1][1:] + end
    phones = english.known(word) if english.is_word(word) else ""
    nuclei = [index for index, char in enumerate(phones) if char in NUCLEI]
    if len(nuclei) != 1 or any(tail[0] != vowel[-1] for tail in tails):
        return ()
    place = nuclei[0]
    first = Spoken(head + vowel, phones[: place + 1], word)
    held = [Spoken(tail, phones[place], word) for tail in tails[:-1]]
    return (first, *held, Spoken(tails[-1] + end, phones[place:], word))


def _initials(text: str, plain: str) -> tuple[Spoken, ...]:
    """Letters by their names; an apostrophe between them rides on the one before."""
    letters = [(char, english.LETTER_NAMES.get(low, "")) for char, low in zip(text, plain, strict=False)]
    spelled: list[tuple[str, str]] = []
    for char, name in letters:
        if name or not spelled:
            spelled.append((char, name))
        else:
            spelled[-1] = (spelled[-1][0] + char, spelled[-1][1])
    weak = [(char, name.replace("ˈ", "ˌ")) for char, name in spelled[:-1]]
    return tuple(Spoken(char, name, plain) for char, name in [*weak, *spelled[-1:]] if name)
