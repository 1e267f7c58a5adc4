"""The mixing desk as tables: where each role stands and how loud, and the boards of the styles."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """`level_lu` is the loudness of the playing parts relative to the drums; `room_db` the reverb send;
    `yields` (0..1) how far the part steps back in the range of the words while somebody sings."""

    level_lu: float
    place: float = 0.0
    low_cut_hz: float = 90.0
    tone: tuple[tuple[str, float, float, float], ...] = ()
    room_db: float = -16.0
    width: float = 0.0
    drive: float = 0.0
    squeeze: float = 1.0
    ducked: float = 0.0
    yields: float = 1.0


REFERENCE_LUFS = -20.0
DRIVEN = ("overdriven guitar", "distorted guitar")
CABINET_HZ = 4000.0
# A dip where the lead lives, for everything that plays chords.
SPACE = ("peak", 2400.0, -2.5, 0.8)
MUD = ("peak", 320.0, -2.5, 0.9)
CHANNELS: dict[str, Channel] = {
    "drums": Channel(
        0.0,
        0,
        28,
        (("low", 110, 4.5, 0.7), ("peak", 380, -3.0, 0.9), ("high", 7000, 1.5, 0.7)),
        -21,
        0.0,
        0.0,
        2.2,
        yields=0.4,
    ),
    "kick": Channel(-3.0, 0, 28, (), -60, yields=0.0),
    "percussion": Channel(-8.5, 0.35, 300, (("high", 8000, 1.5, 0.7),), -16, 0.3, yields=0.6),
    "bass": Channel(
        2.5,
        0,
        32,
        (("low", 120, 1.5, 0.7), ("peak", 300, -2.0, 0.9), ("peak", 900, 1.0, 0.9)),
        -40,
        0.0,
        1.1,
        2.6,
        0.25,
        yields=0.3,
    ),
    "keys": Channel(-5.0, -0.22, 110, (MUD, SPACE), -17, 0.25, 0.0, 1.6, 0.15),
    "guitar": Channel(-5.0, 0.42, 110, (MUD, SPACE, ("high", 6000, 1.5, 0.7)), -18, 0.1, 0.0, 1.8),
    "guitar 2": Channel(-6.0, -0.45, 120, (MUD, SPACE), -18, 0.1, 0.0, 1.8),
    "riff": Channel(-6.5, -0.35, 120, (SPACE,), -15, 0.1),
    "pad": Channel(-8.0, 0.0, 150, (MUD, SPACE), -13, 0.5, 0.0, 1.0, 0.35),
    "strings": Channel(-7.0, -0.12, 150, (MUD, SPACE), -13, 0.45, 0.0, 1.2, 0.15),
    "arp": Channel(-8.5, 0.3, 200, (SPACE,), -13, 0.4, 0.0, 1.0, 0.3),
    "brass": Channel(-6.5, 0.25, 140, (MUD, SPACE), -16, 0.25, 0.0, 1.6),
    "counter": Channel(-8.5, -0.4, 200, (SPACE,), -13, 0.2),
    "ostinato": Channel(-7.0, 0.25, 150, (MUD, SPACE), -14, 0.3),
    "supersaw": Channel(-5.0, 0.0, 160, (MUD, ("peak", 2400, -2.0, 0.8)), -15, 0.25, 0.0, 1.4, 0.45),
    "harmony": Channel(-8.0, -0.18, 160, (), -14, 0.35),
    "double": Channel(-10.0, 0.22, 160, (), -14, 0.3),
    "hook": Channel(-6.0, 0.2, 150, (), -13, 0.2),
    "riser": Channel(-10.0, 0.0, 200, (), -14, 0.5),
    "lead": Channel(
        0.0,
        0.0,
        110,
        (("peak", 350, -1.5, 0.9), ("peak", 2800, 2.0, 0.8), ("high", 8000, 1.5, 0.7)),
        -15,
        0.06,
        0.0,
        2.4,
    ),
}
VOICES: dict[str, Channel] = {
    "lead voice": Channel(0.0, room_db=-18, width=0.0),
    "adlib voice": Channel(-5.5, room_db=-13, width=0.2, yields=0.3),
    "harmony voice": Channel(-8.5, room_db=-13, width=0.25, yields=0.4),
    "double voice": Channel(-11.5, room_db=-14, width=0.0, yields=0.4),
}
GUEST = Channel(-6.5, -0.3, 130, (MUD, SPACE), -15, 0.2, 0.0, 1.3)


@dataclass(frozen=True)
class Board:
    """What a mix profile changes: the room, shifts of level and room in decibels by role, ducking."""

    room: str
    room_db: float = 0.0
    levels_lu: tuple[tuple[str, float], ...] = ()
    ducking: float = 0.0
    top_hz: float = 0.0
    lead_over_backing_lu: float = -2.0
    voice_over_backing_lu: float = -0.5
    echo: float = 0.3
    room_for_voice_db: float = 8.5


BOARDS: dict[str, Board] = {
    "pop": Board("plate", 0.0, ducking=0.4),
    "rock": Board(
        "room",
        -1.0,
        (("guitar", 2.0), ("guitar 2", 1.5), ("bass", -0.5)),
        lead_over_backing_lu=-1.6,
        voice_over_backing_lu=-0.4,
        echo=0.2,
        room_for_voice_db=11.5,
    ),
    "wide": Board("hall", 1.0, (("pad", 2.5), ("arp", 1.5)), ducking=0.5),
    "natural": Board("room", 0.0, (("drums", -3.5), ("keys", 1.5), ("guitar", 1.5), ("bass", 0.5)), echo=0.0),
    "warm": Board("plate", -1.5, (("bass", 0.8), ("keys", 1.0), ("drums", -0.5)), echo=0.15),
    "beat": Board("room", 0.0, (("bass", 1.5), ("kick", 1.5)), ducking=0.5, echo=0.25),
    "lofi": Board("room", 1.0, (("drums", -1.5), ("keys", 2.0)), ducking=0.7, top_hz=9500, echo=0.2),
    "club": Board("plate", 0.0, (("kick", 3.0), ("bass", 1.0), ("supersaw", 1.0)), ducking=1.6, echo=0.35),
    "hall": Board(
        "hall",
        2.0,
        (("drums", -5.0), ("strings", 3.5), ("brass", 1.5), ("ostinato", 1.0)),
        echo=0.0,
        voice_over_backing_lu=-0.4,
        room_for_voice_db=10.0,
    ),
}
