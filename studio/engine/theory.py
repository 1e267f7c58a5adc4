"""Scales, chords and names. Pitch classes are 0-11 with C = 0, pitches are MIDI numbers."""

import re
from dataclasses import dataclass

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "5": (0, 7, 12),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
}
SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
# Tonics that are written with flats, by mode: the spelling with fewer signs in the key.
FLAT_MAJOR = frozenset({1, 3, 5, 8, 10})
FLAT_MINOR = frozenset({0, 2, 3, 5, 7, 10})
NUMERALS = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_ROMAN = re.compile(r"^([b#]?)([ivIV]+)(.*)$")


@dataclass(frozen=True, slots=True)
class ChordShape:
    """A chord relative to the tonic: `offset` in semitones above it, and a key of QUALITIES."""

    offset: int
    quality: str


def roman(text: str, mode: str) -> ChordShape:
    """Read a roman numeral: case gives the third, a suffix the colour, `V7/vi` a secondary dominant.

    Degrees follow the mode's own scale, so VI in minor is the flat sixth without a sign.
    """
    if "/" in text:
        colour, target = text.split("/")
        return ChordShape((roman(target, mode).offset + 7) % 12, "7" if colour.endswith("7") else "")
    match = _ROMAN.match(text)
    if match is None:
        raise ValueError(f"not a roman numeral: {text!r}")
    accidental, numeral, suffix = match.groups()
    offset = SCALES[mode][NUMERALS[numeral.lower()]] + {"b": -1, "#": 1, "": 0}[accidental]
    return ChordShape(offset % 12, _quality(numeral.islower(), suffix))


def _quality(is_minor: bool, suffix: str) -> str:
    named = {"o": "dim", "ø": "m7b5", "o7": "dim7", "sus": "sus4"}.get(suffix, suffix)
    if not is_minor or named in ("dim", "m7b5", "dim7", "5", "sus4", "sus2"):
        return named
    return "m" + named


def enrich(shape: ChordShape, colour: str, mode: str) -> ChordShape:
    """Dress a plain triad as the style likes it: triad, power, add9, seventh or ninth."""
    if colour == "triad" or shape.quality not in ("", "m", "dim"):
        return shape
    if colour == "power":
        return shape if shape.quality == "dim" else ChordShape(shape.offset, "5")
    if shape.quality == "dim":
        return ChordShape(shape.offset, "m7b5")
    minor = shape.quality == "m"
    if colour == "add9":
        return ChordShape(shape.offset, "madd9" if minor else "add9")
    seventh = _seventh(shape, mode)
    if colour == "ninth" and seventh in ("m7", "maj7"):
        seventh = seventh.replace("7", "9")
    return ChordShape(shape.offset, seventh)


def _seventh(shape: ChordShape, mode: str) -> str:
    if shape.quality == "m":
        return "m7"
    scale = SCALES[mode]
    # The dominant keeps its minor seventh even where the minor scale has been sharpened for it.
    return "7" if shape.offset == 7 or (shape.offset + 11) % 12 not in scale else "maj7"


def pitch_name(pitch_class: int, *, flats: bool) -> str:
    return (FLAT_NAMES if flats else SHARP_NAMES)[pitch_class % 12]


def uses_flats(tonic: int, mode: str) -> bool:
    """F# minor, not Gb minor: the spelling a songbook would choose."""
    return tonic in (FLAT_MAJOR if mode in ("major", "mixolydian") else FLAT_MINOR)


def key_name(tonic: int, mode: str) -> str:
    """For people: modes are named by their third, dorian as minor and mixolydian as major."""
    family = "major" if mode in ("major", "mixolydian") else "minor"
    return f"{pitch_name(tonic, flats=uses_flats(tonic, mode))} {family}"


def scale_pitches(tonic: int, mode: str, low: int, high: int) -> list[int]:
    return [p for p in range(low, high + 1) if (p - tonic) % 12 in SCALES[mode]]
