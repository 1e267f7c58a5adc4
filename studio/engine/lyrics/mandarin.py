"""Han characters by their commonest Mandarin reading, without tones (the tune takes their place)."""

import gzip
from functools import lru_cache

from studio.engine.assets import asset_path
from studio.engine.lyrics.phones import NUCLEI, PRIMARY

ASSET = "pinyin.tsv.gz"
_INITIALS = {
    "zh": "ʤ", "ch": "ʧ", "sh": "ʃ", "b": "b", "p": "p", "m": "m", "f": "f", "d": "d", "t": "t", "n": "n", "l": "l", "g": "ɡ", "k": "k",
    "h": "h", "j": "ʤ", "q": "ʧ", "x": "ʃ", "r": "ɹ", "z": "ʣ", "c": "ʦ", "s": "s", "y": "j", "w": "w",
}  # fmt: skip
_FINALS = {
    "a": "ɑ", "ai": "I", "an": "ɑn", "ang": "ɑŋ", "ao": "W", "e": "ə", "ei": "A", "en": "ən", "eng": "əŋ", "er": "ɑɹ", "i": "i",
    "ia": "jɑ", "ian": "jɛn", "iang": "jɑŋ", "iao": "jW", "ie": "jɛ", "in": "in", "ing": "iŋ", "iong": "jʊŋ", "iu": "jO", "o": "ɔ",
    "ong": "ʊŋ", "ou": "O", "u": "u", "ua": "wɑ", "uai": "wI", "uan": "wɑn", "uang": "wɑŋ", "ui": "wA", "un": "wən", "uo": "wɔ",
    "v": "ju", "ve": "jɛ", "ue": "jɛ",
}  # fmt: skip


@lru_cache(maxsize=1)
def _readings() -> dict[str, str]:
    text = gzip.decompress(asset_path(ASSET).read_bytes()).decode()
    rows = (line.split("\t") for line in text.split("\n"))
    return {char: pinyin for pinyin, chars in rows for char in chars}


@lru_cache(maxsize=8_192)
def sound_of(char: str) -> str:
    """Phones of one character, or an empty string when its reading is not known."""
    pinyin = _readings().get(char, "")
    if not pinyin or pinyin in ("n", "ng", "m"):
        return ""
    initial = next((item for item in _INITIALS if pinyin.startswith(item)), "")
    final = pinyin[len(initial) :]
    if initial in ("zh", "ch", "sh", "r") and final == "i":
        sound = "ɜɹ"
    elif initial in ("z", "c", "s") and final == "i":
        sound = "ɪ"
    elif initial == "y":
        return _marked({"i": "i", "in": "in", "ing": "iŋ", "u": "ju", "uan": "jwɛn", "ue": "jwɛ", "un": "jun", "ong": "jʊŋ",
                        "an": "jɛn", "e": "jɛ"}.get(final, "j" + _FINALS.get(final, "ə")))  # fmt: skip
    elif initial == "w" and final == "u":
        return _marked("u")
    elif initial in ("j", "q", "x") and final.startswith("u"):
        sound = {"u": "u", "uan": "wɛn", "ue": "wɛ", "un": "un"}.get(final, "u")
    else:
        sound = _FINALS.get(final, "ə")
    return _marked(_INITIALS.get(initial, "") + sound)


def _marked(phones: str) -> str:
    place = next((index for index, char in enumerate(phones) if char in NUCLEI), 0)
    return phones[:place] + PRIMARY + phones[place:]
