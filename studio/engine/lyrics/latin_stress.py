"""What Spanish, Italian and Portuguese share: gliding vowels and the place of the stress."""

import re

from studio.engine.lyrics.phones import NUCLEI, PRIMARY

_GLIDES = {"i": "j", "u": "w"}


def vowel_places(phones: str) -> list[int]:
    return [index for index, char in enumerate(phones) if char in NUCLEI]


def put_stress(phones: str, from_end: int) -> str:
    """A primary stress on the vowel counted from the end (1 is the last), or on the first when there are fewer."""
    places = vowel_places(phones)
    if not places or PRIMARY in phones:
        return phones
    place = places[max(0, len(places) - from_end)]
    return phones[:place] + PRIMARY + phones[place:]


def glide_rising(phones: str, strong: str = "aeoɛɔ") -> str:
    """An unmarked i or u before a stronger vowel becomes j or w."""
    return re.sub(
        rf"(?<![{PRIMARY}aeiouɛɔ])([iu])(?={PRIMARY}?[{strong}])",
        lambda match: _GLIDES[match.group(1)],
        phones,
    )


def glide_falling(phones: str, strong: str = "aeoɛɔ") -> str:
    """An unmarked i or u after a stronger vowel becomes j or w."""
    return re.sub(rf"(?<=[{strong}])([iu])(?!̃)", lambda match: _GLIDES[match.group(1)], phones)
