"""What a provider calls a stem, brought to the twelve parts of the mixer and two more."""

from __future__ import annotations

import re

# Looked through from above: a bass guitar is a bass, a bass drum a drum, a backing vocal no lead.
_WORDS = (
    ("instrumental", r"instrumental|accompaniment|backing track|no vocals?|without vocals?|karaoke|music"),
    (
        "backing",
        r"(back(ing|ground|up)|harmony|choir) ?(vocals?|vox|voices?|singers?)?|harmonies|bgv|choirs?",
    ),
    ("percussion", r"perc(ussion)?s?|shakers?|tambourines?|congas?|bongos?|claps?|cowbell|marimba"),
    ("drums", r"drums?( ?(kit|set|machine))?|kicks?|snares?|hi-?hats?|cymbals?|toms?|beats?"),
    ("vocals", r"vocals?|vox|voices?|a ?cappella|acapella|singers?|rap"),
    ("woodwind", r"wood-?winds?|flutes?|sax(ophone)?s?|clarinets?|oboes?|bassoons?|recorders?|harmonica"),
    ("bass", r"bass|sub|808s?"),
    ("guitar", r"(?:\w+ )?guitars?|banjos?|ukuleles?|mandolins?|lutes?"),
    ("synth", r"synth(esi[sz]er)?s?|pads?|arp(eggio)?s?|electronics?"),
    ("keys", r"keys?|keyboards?|pianos?|organs?|rhodes|wurlitzer|clav(inet)?|harpsichord|celesta"),
    ("strings", r"strings?|violins?|violas?|cellos?|contrabass|orchestra(l)?|harps?|fiddles?"),
    ("brass", r"brass|trumpets?|trombones?|(french )?horns?|tubas?|flugelhorn"),
    ("fx", r"s?fx|effects?|noises?|ambien(ce|t)|risers?|foley"),
)
_PATTERNS = tuple((part, re.compile(rf"\b({words})\b")) for part, words in _WORDS)

CODES = {
    "vocals": "VOX",
    "backing": "BGV",
    "drums": "DRM",
    "percussion": "PRC",
    "bass": "BAS",
    "guitar": "GTR",
    "keys": "KEY",
    "synth": "SYN",
    "strings": "STR",
    "brass": "BRS",
    "woodwind": "WND",
    "fx": "FX",
    "instrumental": "INS",
    "other": "OTH",
}
"""Three letters for each part, as the mixer shows them."""


def part_of(words: str) -> str:
    """One of CODES for a stem that its provider calls `words`; "other" when nothing is recognised."""
    lowered = " ".join(words.replace("_", " ").lower().split())
    if lowered in CODES:
        return lowered
    return next((part for part, pattern in _PATTERNS if pattern.search(lowered)), "other")


def label_of(words: str, part: str) -> str:
    """The provider's own word for it, fit for a lane; the part's name where there is none."""
    label = " ".join(words.replace("_", " ").split())[:40]
    return (label[:1].upper() + label[1:]) if label else part.capitalize()
