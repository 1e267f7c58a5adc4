"""Other scripts to phones, letter by letter: enough to be sung, with no dictionary and no claim to an accent.

`runs` cuts a word where its script changes, `read` gives every character its sounds; what has no rule comes back
without sounds, and the caller says so.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby

from studio.engine.lyrics.phones import NUCLEI, PRIMARY

Units = list[tuple[str, str]]

CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "ɡ", "ґ": "ɡ", "д": "d", "ж": "ʒ", "з": "z", "и": "i", "й": "j", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "x", "ц": "ʦ", "ч": "ʧ", "ш": "ʃ", "щ": "ʃʧ",
    "ъ": "", "ы": "ɪ", "ь": "", "э": "ɛ", "і": "i", "ї": "ji", "є": "je", "ў": "w", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "ʧ", "ђ": "ʤ",
    "џ": "ʤ", "ә": "æ", "ө": "ɜ", "ү": "u", "ұ": "u", "қ": "k", "ғ": "ɡ", "ң": "ŋ", "һ": "h",
}  # fmt: skip
SOFT = {"е": "e", "ё": "o", "ю": "u", "я": "a"}
GREEK = {
    "α": "a", "β": "v", "γ": "ɣ", "δ": "ð", "ε": "e", "ζ": "z", "η": "i", "θ": "θ", "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n",
    "ξ": "ks", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "i", "φ": "f", "χ": "x", "ψ": "ps", "ω": "o",
}  # fmt: skip
GREEK_PAIRS = {
    "ου": "u", "ει": "i", "οι": "i", "υι": "i", "αι": "e", "μπ": "b", "ντ": "d", "γκ": "ɡ", "γγ": "ŋɡ", "τζ": "ʣ", "τσ": "ʦ",
}  # fmt: skip
HEBREW = {
    "א": "", "ב": "v", "ג": "ɡ", "ד": "d", "ה": "h", "ו": "v", "ז": "z", "ח": "x", "ט": "t", "י": "j", "כ": "x", "ך": "x", "ל": "l",
    "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "", "פ": "f", "ף": "f", "צ": "ʦ", "ץ": "ʦ", "ק": "k", "ר": "r", "ש": "ʃ", "ת": "t",
}  # fmt: skip
ARABIC = {
    "ب": "b", "ت": "t", "ث": "θ", "ج": "ʤ", "ح": "h", "خ": "x", "د": "d", "ذ": "ð", "ر": "r", "ز": "z", "س": "s", "ش": "ʃ", "ص": "s",
    "ض": "d", "ط": "t", "ظ": "z", "ع": "", "غ": "ɣ", "ف": "f", "ق": "k", "ك": "k", "ک": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h",
    "ء": "", "ئ": "", "ؤ": "", "پ": "p", "چ": "ʧ", "ژ": "ʒ", "گ": "ɡ",
}  # fmt: skip
# Matres: a vowel between consonants, a consonant before a vowel.
MATRES = {"ו": "o", "י": "i", "و": "u", "ي": "i", "ی": "i"}
MATRES_AS_CONSONANT = {"ו": "v", "י": "j", "و": "w", "ي": "j", "ی": "j"}
FULL_VOWELS = {"ا": "a", "أ": "a", "إ": "i", "آ": "a", "ى": "a", "ة": "a", "ٱ": "a"}
POINTS = {
    "\u05b7": "a", "\u05b8": "a", "\u05b2": "a", "\u05b6": "e", "\u05b5": "e", "\u05b1": "e", "\u05b4": "i", "\u05b9": "o", "\u05ba": "o",
    "\u05bb": "u", "\u05b0": "", "\u064e": "a", "\u064f": "u", "\u0650": "i", "\u0652": "", "\u064b": "an", "\u064c": "un", "\u064d": "in",
}  # fmt: skip

_H_ONSETS = (
    "k kk n t tt r m p pp s ss - ʧ ʧ ʧ k t p h".replace("kk", "k")
    .replace("tt", "t")
    .replace("pp", "p")
    .replace("ss", "s")
    .split()
)
_H_VOWELS = (
    "a ɛ ja jɛ ʌ e jʌ je o wa wɛ wɛ jo u wʌ we wi ju ɯ ɰi i".replace("ɰi", "wi").replace("ɯ", "ʊ").split()
)
_H_CODAS = "- k k k n n n t l k m l l l p l m p p t t ŋ t t k t p t".split()

# Sounds in the names of letters, the longest first.
_NAME_SOUNDS = (
    ("chh", "ʧ"), ("tth", "t"), ("ddh", "d"), ("dzh", "ʤ"), ("ssh", "ʃ"), ("kh", "k"), ("gh", "ɡ"), ("ch", "ʧ"), ("jh", "ʤ"), ("th", "t"), ("dh", "d"),
    ("ph", "p"), ("bh", "b"), ("sh", "ʃ"), ("ss", "ʃ"), ("zh", "ʒ"), ("ts", "ʦ"), ("dz", "ʣ"), ("tt", "t"), ("dd", "d"), ("nn", "n"), ("ny", "nj"),
    ("ng", "ŋ"), ("rr", "r"), ("ll", "l"), ("lll", "l"), ("aa", "a"), ("ii", "i"), ("uu", "u"), ("ee", "e"), ("oo", "o"), ("ai", "I"), ("au", "W"),
    ("c", "ʧ"), ("j", "ʤ"), ("y", "j"), ("g", "ɡ"), ("q", "k"), ("x", "x"), ("w", "w"), ("r", "r"),
)  # fmt: skip
_KANA = {
    "si": "ʃi", "ti": "ʧi", "tu": "ʦu", "hu": "fu", "zi": "ʤi", "di": "ʤi", "du": "zu", "n": "n", "wo": "o", "vu": "vu",
}  # fmt: skip
_INDIC = frozenset(
    "DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA MALAYALAM SINHALA".split()
)
_SCHWA_DROPPING = frozenset("DEVANAGARI BENGALI GURMUKHI GUJARATI".split())
_BY_NAME = frozenset("GEORGIAN ARMENIAN ETHIOPIC CHEROKEE".split())


@lru_cache(maxsize=16_384)
def script_of(char: str) -> str:
    """The first word of the character's name once compatibility forms are undone: LATIN, CYRILLIC, CJK ..."""
    base = unicodedata.normalize("NFKC", char)[:1] or char
    return unicodedata.name(base, unicodedata.name(char, "NONE")).split()[0]


def is_han(char: str) -> bool:
    return script_of(char) == "CJK" and char.isalpha()


def is_kana(char: str) -> bool:
    return script_of(char) in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA")


def runs(text: str) -> list[tuple[str, str]]:
    """Stretches of one script; apostrophes and marks stay with what they follow."""
    names: list[str] = []
    for char in text:
        name = script_of(char)
        if (not char.isalpha() and names) or name == "KATAKANA-HIRAGANA":
            name = names[-1] if names else name
        names.append("LATIN" if name == "APOSTROPHE" and not names else name)
    if len(names) > 1 and text[0] in "'’":
        names[0] = names[1]
    pairs = groupby(zip(names, text, strict=True), key=lambda pair: pair[0])
    return [(name, "".join(char for _, char in group)) for name, group in pairs]


def read(name: str, run: str) -> Units:
    """Every character of a run of one script with its sounds; sounds are empty where there is no rule."""
    reader = _READERS.get(name) or (_indic if name in _INDIC else _by_name if name in _BY_NAME else None)
    if reader is None:
        return [(char, "") for char in run]
    units = reader(run)
    if not any(char in NUCLEI for _, sound in units for char in sound):
        units = _given_a_vowel(units)
    return units if any(PRIMARY in sound for _, sound in units) else _stressed(units, _STRESSED.get(name, -2))


# Which vowel is stressed where the script does not show it.
_STRESSED = {"HEBREW": -1, "CYRILLIC": -2, "ARABIC": -2, "HIRAGANA": 0, "KATAKANA": 0, "HANGUL": 0}


def _given_a_vowel(units: Units) -> Units:
    """A lone consonant (в, с) is sung with a short vowel."""
    for index in range(len(units) - 1, -1, -1):
        if units[index][1]:
            units[index] = (units[index][0], units[index][1] + "ə")
            break
    return units


def _stressed(units: Units, place: int) -> Units:
    vowels = [index for index, (_, sound) in enumerate(units) if any(char in NUCLEI for char in sound)]
    if not vowels:
        return units
    index = vowels[max(-len(vowels), min(place, len(vowels) - 1))]
    text, sound = units[index]
    at = next(i for i, char in enumerate(sound) if char in NUCLEI)
    units[index] = (text, sound[:at] + PRIMARY + sound[at:])
    return units


def _cyrillic(run: str) -> Units:
    units: Units = []
    before = ""
    for char in run:
        low = char.lower()
        if low in SOFT:
            hard = before and before not in "аеёиоуыэюяіїєьъў"
            sound = SOFT[low] if hard and low == "е" else "j" + SOFT[low]
        else:
            sound = CYRILLIC.get(low, "")
        units.append((char, sound))
        before = low if low.isalpha() else before
    return units


def _greek(run: str) -> Units:
    units: Units = []
    place = 0
    while place < len(run):
        pair = run[place : place + 2]
        plain = "".join(_greek_base(char) for char in pair)
        split = len(pair) == 2 and (
            "\u0308" in unicodedata.normalize("NFD", pair[1]) or _is_accented(pair[0])
        )
        sound = GREEK_PAIRS.get(plain, "") if not split else ""
        if plain in ("αυ", "ευ") and not split:
            voiceless = _greek_base(run[place + 2 : place + 3]) in tuple("θκξπσςτφχψ") or place + 2 >= len(
                run
            )
            sound = ("a" if plain[0] == "α" else "e") + ("f" if voiceless else "v")
        taken = pair if sound else run[place]
        sound = sound or GREEK.get(plain[:1], "")
        if any(map(_is_accented, taken)) and sound and sound[0] in NUCLEI:
            sound = PRIMARY + sound
        units.append((taken, sound))
        place += len(taken)
    return units


def _greek_base(char: str) -> str:
    return unicodedata.normalize("NFD", char.lower())[:1]


def _is_accented(char: str) -> bool:
    return "\u0301" in unicodedata.normalize("NFD", char)


def _semitic(table: dict[str, str]) -> Callable[[str], Units]:
    """Letters without vowels get an "a" wherever two consonants would meet; written vowels are kept."""

    def reader(run: str) -> Units:
        units: Units = []
        pointed = any(char in POINTS for char in run)
        for index, char in enumerate(run):
            after = run[index + 1 : index + 2]
            open_before = not units or not units[-1][1] or units[-1][1][-1] in NUCLEI
            if char in POINTS:
                units.append((char, POINTS[char]))
            elif char in FULL_VOWELS:
                units.append((char, FULL_VOWELS[char]))
            elif char in MATRES:
                vowel_next = after in FULL_VOWELS or after in POINTS
                silent_before = bool(units) and units[-1][0] in "אעع"
                is_vowel = (silent_before or (bool(units) and not open_before)) and not vowel_next
                units.append((char, MATRES[char] if is_vowel else MATRES_AS_CONSONANT[char]))
            elif char in "אעع" and not pointed and after not in MATRES and (not units or after == ""):
                units.append((char, "a"))
            elif char == "ה" and after == "" and len(run) > 1:
                units.append((char, "a" if not open_before else ""))
            elif char in table:
                sound = table[char]
                if char in "בכפ" and (not units or after == "\u05bc"):
                    sound = {"ב": "b", "כ": "k", "פ": "p"}[char]
                if sound and not open_before and not pointed:
                    units[-1] = (units[-1][0], units[-1][1] + "a")
                units.append((char, sound))
            else:
                units.append((char, ""))
        return units

    return reader


def _kana(run: str) -> Units:
    units: Units = []
    for char in run:
        base = unicodedata.normalize("NFKC", char)
        name = unicodedata.name(base[0], "")
        letter = name.rsplit(" ", 1)[-1].lower()
        sound = _KANA.get(letter) or _named(letter)
        if base in "っッ" or "LETTER" not in name:
            # Doubling and lengthening are held on the note before.
            sound = ""
        elif "SMALL" in name and units and units[-1][1] and units[-1][1][-1] in NUCLEI:
            head = units[-1][1][:-1]
            glide = "" if not letter.startswith("y") or head.endswith(("ʃ", "ʧ", "ʤ")) else "j"
            units[-1] = (units[-1][0], head + glide)
            sound = sound.removeprefix("j")
        units.append((char, sound.replace("r", "ɾ")))
    return units


def _hangul(run: str) -> Units:
    units: Units = []
    for char in run:
        code = ord(char) - 0xAC00
        if not 0 <= code < 11_172:
            units.append((char, ""))
            continue
        onset, vowel, coda = code // 588, code % 588 // 28, code % 28
        sounds = (_H_ONSETS[onset], _H_VOWELS[vowel], _H_CODAS[coda])
        units.append((char, "".join(sound for sound in sounds if sound != "-")))
    return units


def _indic(run: str) -> Units:
    units: Units = []
    for char in run:
        name = unicodedata.name(char, "")
        rest = name.partition(" ")[2]
        last = rest.rsplit(" ", 1)[-1].lower()
        if "VOWEL SIGN" in rest:
            if units and units[-1][1].endswith("ə"):
                units[-1] = (units[-1][0], units[-1][1][:-1])
            units.append((char, _named(last)))
        elif "VIRAMA" in rest or "AL-LAKUNA" in rest:
            if units:
                units[-1] = (units[-1][0], units[-1][1].removesuffix("ə"))
            units.append((char, ""))
        elif "LETTER" in rest:
            vowel = last[0] in "aeiou"
            units.append((char, _named(last) if vowel else _named(last.removesuffix("a")) + "ə"))
        else:
            units.append(
                (char, {"anusvara": "n", "candrabindu": "n", "bindi": "n", "tippi": "n"}.get(last, ""))
            )
    if script_of(run[0]) in _SCHWA_DROPPING and len(units) > 1 and units[-1][1].endswith("ə"):
        units[-1] = (units[-1][0], units[-1][1][:-1])
    return units


def _by_name(run: str) -> Units:
    """Letters whose names begin with their sound (Georgian GAN, Armenian BEN), syllables that are their name."""
    units: Units = []
    for char in run:
        name = unicodedata.name(char, "")
        letter = name.rsplit(" ", 1)[-1].lower()
        sound = _named(letter)
        if "SYLLABLE" not in name and "CHEROKEE" not in name:
            first = next((index for index, item in enumerate(sound) if item in NUCLEI), len(sound))
            sound = sound[:first] or sound[:1]
        units.append((char, sound))
    return units


@lru_cache(maxsize=2_048)
def _named(letter: str) -> str:
    found, place = "", 0
    while place < len(letter):
        spelling, sound = next(
            ((item, sound) for item, sound in _NAME_SOUNDS if letter.startswith(item, place)),
            (letter[place], letter[place]),
        )
        found += sound if sound.isalpha() else ""
        place += len(spelling)
    return found


def _han(run: str) -> Units:
    from studio.engine.lyrics.mandarin import sound_of

    return [(char, sound_of(char)) for char in run]


_READERS: dict[str, Callable[[str], Units]] = {
    "CYRILLIC": _cyrillic, "GREEK": _greek, "HEBREW": _semitic(HEBREW), "ARABIC": _semitic(ARABIC), "HIRAGANA": _kana,
    "KATAKANA": _kana, "KATAKANA-HIRAGANA": _kana, "HANGUL": _hangul, "CJK": _han,
}  # fmt: skip
