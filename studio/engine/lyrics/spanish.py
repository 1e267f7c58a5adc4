"""Spanish as sung in the Americas: c and z are s, ll and y are ʝ."""

import re

from studio.engine.lyrics.latin_stress import glide_falling, glide_rising, put_stress

# Little words that carry no stress.
WEAK = frozenset(
    "el la los las lo un una y o u e de del al a en con por que se me te le les nos mi tu su mis tus sus si ni".split()
)
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ch", "ʧ"), (r"ll", "ʝ"), (r"rr", "r"), (r"^r", "r"), (r"(?<=[nls])r", "r"), (r"r", "ɾ"), (r"qu(?=[eiéí])", "k"), (r"q", "k"),
        (r"gü", "ɡw"), (r"gu(?=[eiéí])", "ɡ"), (r"gu(?=[aáoó])", "ɡw"), (r"g(?=[eiéí])", "x"), (r"(?<=[aeiouáéíóú])g(?=[aeiouáéíóúr])", "ɣ"),
        (r"g", "ɡ"), (r"j", "x"), (r"c(?=[eiéí])", "s"), (r"cc", "ks"), (r"c", "k"), (r"z", "s"), (r"ñ", "ɲ"), (r"^hi(?=e)", "ʝ"), (r"h", ""),
        (r"x", "ks"), (r"(?<=[aeiouáéíóú])[bv](?=[aeiouáéíóúrl])", "β"), (r"[bv]", "b"), (r"(?<=[aeiouáéíóú])d(?=[aeiouáéíóúr])", "ð"),
        (r"y$", "i"), (r"y(?=[aeiouáéíóú])", "ʝ"), (r"y", "i"), (r"w", "w"), (r"ç", "s"), (r"á", "ˈa"), (r"é", "ˈe"), (r"í", "ˈi"),
        (r"ó", "ˈo"), (r"ú", "ˈu"), (r"ü", "u"), (r"ph", "f"), (r"([aeioudfklmnpst])", r"\1"), (r".", ""),
    )
]  # fmt: skip


def pronounce(word: str) -> str:
    """Phones of a lower-case Spanish word."""
    plain = word.replace("'", "")
    found = glide_falling(glide_rising(transcribe(plain, _RULES)))
    found = re.sub(r"u(?=ˈ?i)", "w", found) if "u" in found else found
    found = re.sub(r"i(?=ˈ?u)", "j", found)
    if plain in WEAK:
        return found.replace("ˈ", "")
    ends_open = re.search(r"(?:[aeioué]|[aeiou][ns])$", plain) is not None
    return put_stress(found, 2 if ends_open else 1)


def transcribe(plain: str, rules: list[tuple[re.Pattern[str], str]]) -> str:
    """The first rule that matches at each place, from left to right."""
    found, place = "", 0
    while place < len(plain):
        for pattern, sound in rules:
            match = pattern.match(plain, place)
            if match and match.end() > place:
                found += match.expand(sound)
                place = match.end()
                break
        else:
            place += 1
    return found
