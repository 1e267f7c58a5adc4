"""A sung syllable's phones: what comes before the beat, what is held, what closes; and how long each wants
to be."""

from __future__ import annotations

from dataclasses import dataclass

VOWELS = frozenset("AIOQWYaeiouyøœæɑɐɒɔəɚɛɜɨɪɯɤʊʌᵊᵻ")
MODIFIERS = frozenset("ː̃ʰʲᵝ")
MARKS = frozenset("ˈˌ")
VOICELESS = frozenset("ptkfsʃhʧθʦxçɸʔʨɕχqcʈʂꭧ")
STOPS = frozenset("pbtdkɡTʔqcɟʈɖɾ")
AFFRICATES = frozenset("ʧʤʦʣʨʥꭧ")
FRICATIVES = frozenset("fvszʃʒθðxçɸβɣχʝɕʂh")
NASALS = frozenset("mnŋɲɳɴ")
# Which consonant is held where a syllable has no vowel: the most sonorous of them.
_SONORITY = (NASALS, frozenset("lɹɾrʎɻʁ"), frozenset("zʒvð"), frozenset("sʃfθ"), frozenset("wjɥ"))

# Seconds a consonant takes at the least and at the most, before it is stretched for singing.
_LENGTHS_S = ((STOPS, (0.035, 0.075)), (AFFRICATES, (0.06, 0.11)), (FRICATIVES, (0.045, 0.105)))
_OTHER_S = (0.035, 0.085)


@dataclass(frozen=True, slots=True)
class Shape:
    """The phones of one syllable. `mark` is the stress mark before the nucleus, or empty."""

    onset: tuple[str, ...]
    nucleus: str
    coda: tuple[str, ...]
    mark: str = ""


def shape_of(phones: str) -> Shape:
    """Split a syllable. Raises ValueError when it has no phones at all."""
    mark = next((char for char in phones if char in MARKS), "")
    units: list[str] = []
    for char in phones:
        if char in MARKS:
            continue
        if char in MODIFIERS and units:
            units[-1] += char
        elif char not in MODIFIERS:
            units.append(char)
    if not units:
        raise ValueError("A syllable without phones cannot be sung.")
    held = next((place for place, unit in enumerate(units) if unit[0] in VOWELS), None)
    if held is None:
        held = _most_sonorous(units)
    # Whatever follows the held vowel belongs to the coda, further vowels of a careless caller included.
    return Shape(tuple(units[:held]), units[held], tuple(units[held + 1 :]), mark)


def _most_sonorous(units: list[str]) -> int:
    for group in _SONORITY:
        for place, unit in enumerate(units):
            if unit[0] in group:
                return place
    return len(units) - 1


def bounds_s(phone: str) -> tuple[float, float]:
    """Shortest and longest natural length of a consonant in seconds."""
    return next((found for group, found in _LENGTHS_S if phone[0] in group), _OTHER_S)


def is_voiceless(phone: str) -> bool:
    return phone[0] in VOICELESS
