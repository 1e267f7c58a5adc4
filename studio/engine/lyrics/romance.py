"""Spanish, Italian, Portuguese and French spelling to phones: rules, stress and the commonest exceptions."""

import re
from functools import lru_cache

from studio.engine.lyrics import english
from studio.engine.lyrics.french import pronounce as french
from studio.engine.lyrics.italian import pronounce as italian
from studio.engine.lyrics.portuguese import pronounce as portuguese
from studio.engine.lyrics.spanish import pronounce as spanish

_READERS = {"es": spanish, "it": italian, "pt": portuguese, "fr": french}
# Sung alike everywhere, and borrowed everywhere.
_BORROWED = frozenset(
    "oh ooh ah uh eh hey yeah yea whoa woah mm mmm hm hmm shh la na da doo du dum wow yo uh-huh baby babe okay ok girl boy love party dj rock "
    "sexy show club dance night crazy sorry please bye hello".split()
)
_OWN = {
    "es": frozenset("la da eh ah oh yo na".split()), "it": frozenset("la da eh ah na".split()),
    "pt": frozenset("da na eh ah oh".split()), "fr": frozenset("la du eh ah na".split()),
}  # fmt: skip
_ENGLISH_LOOK = re.compile(r"[kw]|sh|th|ck|ee|oo|ght|ing$|[bdlrtn]y$|[^aeiouyslnrzdm]{2}$|(?<![aeo])y$")


@lru_cache(maxsize=16_384)
def pronounce(word: str, language: str) -> str:
    """Phones of one lower-case word, accents and apostrophes kept; never empty for a word with Latin letters."""
    phones = _READERS[language](word)
    return phones or english.pronounce(re.sub(r"[^a-z']", "", word) or "a")


@lru_cache(maxsize=16_384)
def is_native(word: str, language: str) -> bool:
    """Whether a word in a song of that language is read by its rules; English guests keep their own."""
    if not word.isascii() or word in _OWN[language]:
        return True
    if word in _BORROWED:
        return False
    return not (_ENGLISH_LOOK.search(word) and english.is_word(word))


def guess(word: str) -> str:
    """The language an accented word seems to come from, when it stands among English ones; "" for none of the four."""
    if re.search(r"[ñáíóú]", word) and not re.search(r"[ãõàèùç]", word):
        return "es"
    if re.search(r"[ãõ]", word):
        return "pt"
    if re.search(r"[çœêëîïôûâ]|é", word):
        return "fr"
    return "it" if re.search(r"[àèìòù]", word) else ""
