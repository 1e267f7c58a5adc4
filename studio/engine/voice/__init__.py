"""The singing voice: who sings (`choose_persona`), where every sound lies (`place`), and the sound
(`sing`)."""

from studio.engine.voice.personas import PERSONAS, choose_persona, remark_on, require_bank, variant_of
from studio.engine.voice.place import PlacedLine, PlacedPhone, place
from studio.engine.voice.sing import sing

__all__ = [
    "PERSONAS",
    "PlacedLine",
    "PlacedPhone",
    "choose_persona",
    "place",
    "remark_on",
    "require_bank",
    "sing",
    "variant_of",
]
