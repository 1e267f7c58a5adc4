"""The instruments that stems and notes are told apart by: their names, three-letter codes and pitches."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """`name` is also the name of its colour, see [data-part] in static/css/clip.css."""

    name: str
    code3: str
    label: str
    words: tuple[str, ...]


# The first whose word is found in a provider's free text wins, so the narrower ones come first.
PARTS = (
    Part("backing", "BGV", "Backing vocals", ("backing", "background", "backup", "choir", "harmonies")),
    Part("instrumental", "INS", "Instrumental", ("instrumental", "accompaniment", "no vocals")),
    Part("vocals", "VOX", "Vocals", ("vocal", "voice", "vox", "sing")),
    Part("percussion", "PRC", "Percussion", ("percussion", "conga", "bongo", "shaker", "tambourine")),
    Part("drums", "DRM", "Drums", ("drum", "kick", "snare", "hat", "cymbal")),
    Part("bass", "BAS", "Bass", ("bass",)),
    Part("guitar", "GTR", "Guitar", ("guitar", "banjo", "ukulele", "mandolin")),
    Part("synth", "SYN", "Synth", ("synth", "pad", "arpeggi")),
    Part("keys", "KEY", "Keys", ("key", "piano", "organ", "rhodes", "clav", "celesta", "harpsichord")),
    Part("strings", "STR", "Strings", ("string", "violin", "viola", "cello", "harp")),
    Part("brass", "BRS", "Brass", ("brass", "trumpet", "trombone", "horn", "tuba")),
    Part("woodwind", "WND", "Woodwinds", ("wind", "flute", "clarinet", "sax", "oboe", "bassoon", "whistle")),
    Part("fx", "FX", "Effects", ("fx", "effect", "noise", "riser")),
    Part("other", "OTH", "Other", ("other", "rest")),
)
BY_NAME = {part.name: part for part in PARTS}
NOTE_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
DRUM_NAMES = {
    35: "Kick", 36: "Kick", 37: "Rim", 38: "Snare", 39: "Clap", 40: "Snare", 41: "Low tom", 42: "Closed hat",
    43: "Low tom", 44: "Pedal hat", 45: "Mid tom", 46: "Open hat", 47: "Mid tom", 48: "High tom", 49: "Crash",
    50: "High tom", 51: "Ride", 53: "Ride bell", 54: "Tambourine", 56: "Cowbell", 57: "Crash", 59: "Ride",
    70: "Shaker",
}  # fmt: skip
_BASSOON = re.compile(r"\bbassoon|\bcontrabassoon", re.I)


def part_of(text: str) -> Part:
    """The part that a provider's words mean; "other" when they name none of ours."""
    words = _BASSOON.sub("oboe", text.replace("_", " ")).casefold()
    if exact := BY_NAME.get(words.strip()):
        return exact
    return next((part for part in PARTS if any(word in words for word in part.words)), BY_NAME["other"])


def pitch_name(pitch: int, part: str) -> str:
    """C4 for the middle C, Kick and the like for drums."""
    if part in {"drums", "percussion"} and pitch in DRUM_NAMES:
        return DRUM_NAMES[pitch]
    return f"{NOTE_NAMES[pitch % 12]}{pitch // 12 - 1}"
