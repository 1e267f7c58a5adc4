"""Listening to recordings: tempo, bars, key, chords, form, pitch, words; and changing their time and pitch.

`transcribe` and `recognise` need packs, and `separate` is better with one (see studio.engine.packs). The
modules load when something of theirs is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.analysis.aligning import align
    from studio.engine.analysis.harmony import FoundChord, Key
    from studio.engine.analysis.likeness import estimate_persona
    from studio.engine.analysis.melody import hear_voice, is_voice_alone
    from studio.engine.analysis.pitch import PitchTrack, track_pitch
    from studio.engine.analysis.recognising import recognise
    from studio.engine.analysis.samples import load
    from studio.engine.analysis.separating import separate
    from studio.engine.analysis.song import Analysis, analyse
    from studio.engine.analysis.stretching import shift, stretch, warp
    from studio.engine.analysis.transcribing import HeardNote, transcribe
    from studio.engine.analysis.voice_notes import SungNote, notes_of_voice

_HOMES = {
    "aligning": ("align",),
    "harmony": ("FoundChord", "Key"),
    "likeness": ("estimate_persona",),
    "samples": ("load",),
    "melody": ("hear_voice", "is_voice_alone"),
    "pitch": ("PitchTrack", "track_pitch"),
    "recognising": ("recognise",),
    "separating": ("separate",),
    "song": ("Analysis", "analyse"),
    "stretching": ("shift", "stretch", "warp"),
    "transcribing": ("HeardNote", "transcribe"),
    "voice_notes": ("SungNote", "notes_of_voice"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Analysis", "FoundChord", "HeardNote", "Key", "PitchTrack", "SungNote", "align", "analyse",
    "estimate_persona", "hear_voice", "is_voice_alone", "load", "notes_of_voice", "recognise", "separate",
    "shift", "stretch", "track_pitch", "transcribe", "warp",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
