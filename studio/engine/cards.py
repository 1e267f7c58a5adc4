"""Style cards: what a style expects of tempo, harmony, players and sound. Tags choose and blend them."""

from dataclasses import dataclass

from studio.engine.score import Instrument


def _bank(name: str, stem: str, program: int, bank: int = 0) -> Instrument:
    return Instrument(name, stem, program, bank)


INSTRUMENTS: dict[str, Instrument] = {
    item.name: item
    for item in (
        _bank("grand piano", "keyboard", 0), _bank("bright piano", "keyboard", 1),
        _bank("mellow piano", "keyboard", 0, 8), _bank("honky tonk piano", "keyboard", 3),
        _bank("electric piano", "keyboard", 4), _bank("fm electric piano", "keyboard", 5),
        _bank("harpsichord", "keyboard", 6), _bank("clavinet", "keyboard", 7),
        _bank("celesta", "keyboard", 8), _bank("glockenspiel", "percussion", 9),
        _bank("music box", "keyboard", 10), _bank("vibraphone", "percussion", 11),
        _bank("marimba", "percussion", 12), _bank("drawbar organ", "keyboard", 16),
        _bank("percussive organ", "keyboard", 17), _bank("rock organ", "keyboard", 18),
        _bank("church organ", "keyboard", 19), _bank("accordion", "keyboard", 21),
        _bank("harmonica", "woodwinds", 22), _bank("bandoneon", "keyboard", 23),
        _bank("nylon guitar", "guitar", 24), _bank("steel guitar", "guitar", 25),
        _bank("twelve-string guitar", "guitar", 25, 8), _bank("mandolin", "guitar", 25, 16),
        _bank("ukulele", "guitar", 24, 8), _bank("jazz guitar", "guitar", 26),
        _bank("pedal steel", "guitar", 26, 8), _bank("clean guitar", "guitar", 27),
        _bank("funk guitar", "guitar", 28, 8), _bank("muted guitar", "guitar", 28),
        _bank("overdriven guitar", "guitar", 29), _bank("distorted guitar", "guitar", 30),
        _bank("upright bass", "bass", 32), _bank("fingered bass", "bass", 33),
        _bank("picked bass", "bass", 34), _bank("fretless bass", "bass", 35),
        _bank("slap bass", "bass", 36), _bank("violin", "strings", 40), _bank("viola", "strings", 41),
        _bank("cello", "strings", 42), _bank("contrabass", "strings", 43),
        _bank("tremolo strings", "strings", 44), _bank("pizzicato strings", "strings", 45),
        _bank("harp", "strings", 46), _bank("strings", "strings", 48), _bank("slow strings", "strings", 49),
        _bank("synth strings", "synth", 50), _bank("trumpet", "brass", 56), _bank("trombone", "brass", 57),
        _bank("muted trumpet", "brass", 59), _bank("french horns", "brass", 60),
        _bank("brass section", "brass", 61), _bank("soprano sax", "woodwinds", 64),
        _bank("alto sax", "woodwinds", 65), _bank("tenor sax", "woodwinds", 66),
        _bank("oboe", "woodwinds", 68), _bank("english horn", "woodwinds", 69),
        _bank("clarinet", "woodwinds", 71), _bank("flute", "woodwinds", 73), _bank("pan flute", "woodwinds", 75),
        _bank("shakuhachi", "woodwinds", 77), _bank("whistle", "woodwinds", 78),
        _bank("ocarina", "woodwinds", 79), _bank("sitar", "guitar", 104), _bank("banjo", "guitar", 105),
        _bank("koto", "guitar", 107), _bank("kalimba", "percussion", 108), _bank("bagpipe", "woodwinds", 109),
        _bank("fiddle", "strings", 110), _bank("steel drums", "percussion", 114),
        _bank("warm pad", "synth", 89), _bank("halo pad", "synth", 94), _bank("space pad", "synth", 91),
        _bank("bowed pad", "synth", 92), _bank("choir", "backing vocals", 52),
        Instrument("supersaw", "synth", synth="supersaw"), Instrument("saw pad", "synth", synth="saw_pad"),
        Instrument("synth pluck", "synth", synth="pluck"), Instrument("synth lead", "synth", synth="lead"),
        Instrument("soft lead", "synth", synth="soft_lead"), Instrument("synth bass", "bass", synth="saw_bass"),
        Instrument("sub bass", "bass", synth="sub_bass"), Instrument("808 bass", "bass", synth="bass_808"),
        Instrument("glass keys", "synth", synth="glass"), Instrument("synth brass", "synth", synth="synth_brass"),
    )
}  # fmt: skip

# Words people use for an instrument, the first in the list is what they get.
FAMILIES: dict[str, tuple[str, ...]] = {
    "piano": ("grand piano", "bright piano", "mellow piano", "honky tonk piano", "electric piano",
              "fm electric piano"),
    "electric piano": ("electric piano", "fm electric piano"), "rhodes": ("electric piano", "fm electric piano"),
    "organ": ("drawbar organ", "percussive organ", "rock organ", "church organ"),
    "hammond": ("drawbar organ", "rock organ"), "accordion": ("accordion", "bandoneon"),
    "guitar": ("steel guitar", "nylon guitar", "clean guitar", "twelve-string guitar", "jazz guitar", "funk guitar",
               "muted guitar", "overdriven guitar", "distorted guitar", "pedal steel"),
    "acoustic guitar": ("steel guitar", "nylon guitar", "twelve-string guitar"),
    "electric guitar": ("overdriven guitar", "clean guitar", "distorted guitar", "muted guitar", "funk guitar",
                        "jazz guitar"),
    "guitars": ("steel guitar", "nylon guitar", "clean guitar", "twelve-string guitar", "jazz guitar", "funk guitar",
                "muted guitar", "overdriven guitar", "distorted guitar", "pedal steel"),
    "distortion": ("distorted guitar", "overdriven guitar"), "slide guitar": ("pedal steel",),
    "strings": ("strings", "slow strings", "tremolo strings", "pizzicato strings", "violin", "viola", "cello",
                "contrabass", "fiddle", "synth strings"),
    "violin": ("violin", "fiddle"), "fiddle": ("fiddle", "violin"), "pizzicato": ("pizzicato strings",),
    "brass": ("brass section", "trumpet", "trombone", "french horns", "muted trumpet", "synth brass"),
    "horns": ("brass section", "trumpet", "trombone", "french horns"), "horn": ("french horns",),
    "trumpet": ("trumpet", "muted trumpet"), "saxophone": ("tenor sax", "alto sax", "soprano sax"),
    "sax": ("tenor sax", "alto sax", "soprano sax"), "flute": ("flute", "pan flute", "shakuhachi", "ocarina"),
    "woodwinds": ("clarinet", "flute", "oboe", "english horn", "soprano sax", "alto sax", "tenor sax"),
    "synth": ("saw pad", "synth pluck", "supersaw", "synth lead", "soft lead", "glass keys", "synth bass",
              "synth brass", "synth strings", "warm pad", "halo pad", "space pad", "bowed pad"),
    "synthesizer": ("saw pad", "synth pluck", "supersaw"), "synths": ("saw pad", "synth pluck", "supersaw"),
    "pad": ("warm pad", "halo pad", "saw pad", "space pad", "bowed pad"), "pads": ("warm pad", "halo pad"),
    "arpeggio": ("synth pluck",), "arp": ("synth pluck",), "bass": (), "bass guitar": ("fingered bass",),
    "double bass": ("upright bass",), "upright bass": ("upright bass",), "slap bass": ("slap bass",),
    "808": ("808 bass",), "choir": ("choir",), "bells": ("glockenspiel", "celesta", "music box", "glass keys"),
    "vibes": ("vibraphone",), "ukulele": ("ukulele",), "banjo": ("banjo",), "mandolin": ("mandolin",),
}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One accompanying player: plays where the section's energy lies in the given range."""

    role: str
    instruments: tuple[str, ...]
    patterns: tuple[str, ...]
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Card:
    """A style. Progressions hold roman numerals, one bar each (a comma splits the bar); `lead_f`,
    `lead_m` are who may carry the tune; `syllable_rate` is syllables per second of singing.
    `backing` are the voices of the chorus (see compose.backing), `vocabulary` the note values the tune is
    made of (see compose.rhythm)."""

    name: str
    words: tuple[str, ...]
    tempo_bpm: tuple[int, int]
    modes: tuple[str, ...]
    verse: tuple[str, ...]
    chorus: tuple[str, ...]
    bridge: tuple[str, ...]
    grooves: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    kit: int
    bass: tuple[str, ...]
    bass_patterns: tuple[str, ...]
    layers: tuple[Layer, ...]
    lead_f: tuple[str, ...]
    lead_m: tuple[str, ...]
    meters: tuple[str, ...] = ("4/4",)
    colour: str = "triad"
    swing: float = 0.0
    swing_unit_beats: float = 0.5
    syncopation: float = 0.3
    syllable_rate: float = 2.8
    looseness_ms: float = 8.0
    ritardando: float = 0.0
    mix: str = "pop"
    drums_from: float = 0.3
    is_rapped: bool = False
    backing: tuple[str, ...] = ("double", "third below")
    vocabulary: str = "eighths"
    legato: float = 1.0
