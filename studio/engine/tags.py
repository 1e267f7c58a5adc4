"""Free-text tags to a brief: which card, blended with which, how fast, in which key, with whom."""

import re
from dataclasses import dataclass, replace
from random import Random

from studio.engine.cards import FAMILIES, INSTRUMENTS, Card, Layer
from studio.engine.chance import derived_seed, dice
from studio.engine.deck import CARDS, DEFAULT_CARD
from studio.engine.spec import SongSpec
from studio.engine.theory import SHARP_NAMES, key_name

DEFAULT_STYLE_WEIGHT = 0.6
DEFAULT_WEIRDNESS = 0.3
MOODS = {
    "minor": ("sad", "dark", "melancholic", "melancholy", "heartbreak", "gloomy", "haunting", "angry", "tense", "lonely",
              "nostalgic", "moody", "mysterious", "brooding", "bittersweet", "sorrow"),
    "major": ("happy", "upbeat", "joyful", "cheerful", "sunny", "bright", "hopeful", "uplifting", "romantic", "feel-good",
              "playful", "sweet", "warm", "triumphant", "celebration"),
}  # fmt: skip
TEMPO_WORDS = {
    -1.0: ("slow", "ballad", "downtempo", "sad", "gentle", "lullaby", "sleepy", "soft", "tender"),
    1.0: (
        "fast",
        "uptempo",
        "up-tempo",
        "energetic",
        "driving",
        "upbeat",
        "party",
        "aggressive",
        "high energy",
    ),
    1.6: ("very fast", "frantic"),
    -1.6: ("very slow",),
}
METERS = {
    "3/4": ("3/4", "waltz", "waltz time"),
    "6/8": ("6/8", "six eight", "12/8"),
    "4/4": ("4/4", "common time"),
}
VOICES = {
    "f": (
        "female vocals",
        "female vocal",
        "female voice",
        "female",
        "woman",
        "girl",
        "soprano",
        "alto voice",
    ),
    "m": ("male vocals", "male vocal", "male voice", "male", "man", "boy", "baritone", "tenor voice"),
}
RAP_WORDS = ("rap", "rapper", "rapped", "rapping", "spoken word", "spoken", "freestyle", "mc")
SUNG_WORDS = ("sung", "singing", "singer", "melodic", "sing", "crooning")
DRUM_WORDS = ("drums", "drum", "percussion", "beats", "beat")
_BPM = re.compile(r"\b(\d{2,3})\s*(?:bpm|beats per minute)\b")
_KEY = re.compile(
    r"\b(?:in |key of |key: ?)?([a-g])\s?(#|b|♯|♭|-sharp|-flat| sharp| flat)?\s?(minor|major|min|maj)\b"
)


@dataclass(frozen=True)
class Brief:
    """Everything the composer is told; the seed has already chosen where the tags leave a choice."""

    seed: int
    card: Card
    second: Card
    blend: float
    bpm: float
    tonic: int
    mode: str
    meter: str
    weirdness: float
    gender: str
    lead: str
    tags: str
    drums: bool
    bass: bool
    wanted: tuple[str, ...]
    banned: frozenset[str]
    duration_s: float | None
    is_rap: bool = False
    is_tempo_named: bool = False

    @property
    def bar_beats(self) -> float:
        return {"4/4": 4.0, "3/4": 3.0, "6/8": 3.0}[self.meter]

    @property
    def key(self) -> str:
        return key_name(self.tonic, self.mode)


def read_tags(spec: SongSpec) -> Brief:
    """The brief for one take. Never fails: unknown words are ignored, no words mean pop."""
    words = normalise(f"{spec.tags}, {spec.description}")
    negatives = normalise(spec.negative_tags) + "".join(
        f" {item} " for item in re.findall(r"\b(?:no|without) ([\w\- ]+?)(?= and |,| $|\.)", words)
    )
    positive = re.sub(r"\b(?:no|without) ([\w\- ]+?)(?= and |,| $|\.)", " ", words)
    # The same seed must not give different texts the same tune.
    seed = derived_seed(spec.seed, words, negatives, spec.lyrics, spec.instrumental)
    rng = dice(seed, "brief")
    weirdness = DEFAULT_WEIRDNESS if spec.weirdness is None else spec.weirdness
    weight = DEFAULT_STYLE_WEIGHT if spec.style_weight is None else spec.style_weight
    card, second = _choose_cards(positive, negatives, weight, rng)
    banned = _banned_instruments(negatives)
    gender = spec.vocal_gender or _gender(positive)
    mode = _mode(positive, card, rng)
    wanted = tuple(name for name in _instruments(positive) if name not in banned)
    return Brief(
        seed=seed, card=card, second=second, blend=(1.0 - weight) * 0.6,
        bpm=_tempo(positive, card, weight, weirdness, rng), tonic=_tonic(positive, rng), mode=mode,
        meter=_meter(positive, card, weirdness, rng), weirdness=weirdness, gender=gender,
        lead=_lead(card, second, gender, wanted, banned, weirdness, rng), tags=spec.tags.strip(),
        drums=not _mentions(negatives, DRUM_WORDS), bass=not _mentions(negatives, ("bass", "bass guitar")),
        wanted=wanted, banned=banned, duration_s=spec.duration_s,
        is_rap=_is_rap(positive, negatives, card), is_tempo_named=_BPM.search(positive) is not None,
    )  # fmt: skip


def normalise(text: str) -> str:
    """Lower case, separators as commas, padded so that whole phrases can be searched with spaces."""
    plain = re.sub(r"[\n;|/]+(?!\d)", ", ", text.casefold())
    plain = re.sub(r"[^\w\s,#&'♯♭.\-/:]+", " ", plain).replace("_", " ")
    return f" {' '.join(plain.replace(',', ' , ').split())} "


def _mentions(text: str, phrases: tuple[str, ...]) -> bool:
    return any(f" {phrase} " in text for phrase in phrases)


def _choose_cards(text: str, negatives: str, weight: float, rng: Random) -> tuple[Card, Card]:
    """The best and the second card; a style among the exclude tags never leads."""
    scored = []
    for index, card in enumerate(CARDS):
        if _mentions(negatives, card.words):
            continue
        hits = [(text.find(f" {word} "), len(word.split())) for word in card.words if f" {word} " in text]
        score = sum(1.0 + 0.8 * (size - 1) for _, size in hits)
        first = min((place for place, _ in hits), default=10_000)
        # Names of styles outweigh mood words; earlier tags outweigh later ones.
        score += 1.5 if f" {card.name} " in text else 0.0
        scored.append((-score, first, index, card))
    scored.sort(key=lambda row: row[:3])
    if not scored or scored[0][0] == 0:
        fallback = next(
            (row[3] for row in scored if row[3] is DEFAULT_CARD), scored[0][3] if scored else DEFAULT_CARD
        )
        return fallback, fallback
    best = scored[0][3]
    others = [row[3] for row in scored[1:] if row[0] < 0]
    return best, (others[0] if others else best)


def _instruments(text: str) -> list[str]:
    """Instruments asked for by name, longest phrases first so that `electric piano` is no grand piano."""
    found: list[tuple[int, str]] = []
    rest = text
    phrases = {**{name: (name,) for name in INSTRUMENTS}, **{k: v for k, v in FAMILIES.items() if v}}
    for phrase in sorted(phrases, key=len, reverse=True):
        place = rest.find(f" {phrase} ")
        if place >= 0:
            found.append((place, phrases[phrase][0]))
            rest = rest.replace(f" {phrase} ", " " + "·" * len(phrase) + " ")
    return list(dict.fromkeys(name for _, name in sorted(found)))


def _banned_instruments(negatives: str) -> frozenset[str]:
    banned: set[str] = set()
    for phrase, names in {**FAMILIES, **{name: (name,) for name in INSTRUMENTS}}.items():
        if _mentions(negatives, (phrase, f"{phrase}s")):
            banned.update(names)
    if _mentions(negatives, ("bass", "bass guitar")):
        banned.update(name for name, item in INSTRUMENTS.items() if item.stem == "bass")
    return frozenset(banned)


def _gender(text: str) -> str:
    return next((gender for gender, phrases in VOICES.items() if _mentions(text, phrases)), "")


def _is_rap(text: str, negatives: str, card: Card) -> bool:
    """Rapped when the tags say so, or in a style of rap unless they ask for singing."""
    if _mentions(negatives, RAP_WORDS):
        return False
    if _mentions(text, RAP_WORDS):
        return True
    return card.is_rapped and not _mentions(text, SUNG_WORDS)


def _mode(text: str, card: Card, rng: Random) -> str:
    match = _KEY.search(text)
    named = match.group(3)[:3] if match else ""
    if not named:
        named = next((mood[:3] for mood, words in MOODS.items() if _mentions(text, words)), "")
    wanted = {"min": ("minor", "dorian"), "maj": ("major", "mixolydian")}.get(named, ())
    choices = [mode for mode in card.modes if mode in wanted] or list(wanted[:1]) or list(card.modes)
    return rng.choice(choices)


def _tonic(text: str, rng: Random) -> int:
    match = _KEY.search(text)
    if match is None:
        return int(rng.choice((0, 2, 3, 4, 5, 7, 8, 9, 10, 11)))
    sign = (match.group(2) or "").strip().lstrip("-")
    name = match.group(1).upper()
    if sign in ("b", "♭", "flat"):
        return (SHARP_NAMES.index(name) - 1) % 12
    return (SHARP_NAMES.index(name) + (sign in ("#", "♯", "sharp"))) % 12


def _tempo(text: str, card: Card, weight: float, weirdness: float, rng: Random) -> float:
    match = _BPM.search(text)
    if match and 40 <= int(match.group(1)) <= 220:
        return float(match.group(1))
    low, high = card.tempo_bpm
    lean = sum(value for value, words in TEMPO_WORDS.items() if _mentions(text, words))
    centre, half = (low + high) / 2, (high - low) / 2
    # A high style weight stays near the middle of the card; weirdness and a low weight reach past its edge.
    spread = 0.9 + 0.5 * (0.6 - weight) + 0.4 * max(0.0, weirdness - 0.35)
    place = rng.uniform(-spread, spread) if not lean else max(-1.9, min(1.9, lean + rng.uniform(-0.25, 0.25)))
    return float(max(52, min(190, round(centre + half * place))))


def _meter(text: str, card: Card, weirdness: float, rng: Random) -> str:
    for meter, words in METERS.items():
        if _mentions(text, words):
            return meter
    if weirdness > 0.75 and rng.random() < weirdness - 0.7:
        return rng.choice(("3/4", "6/8"))
    return rng.choice(card.meters)


def _lead(
    card: Card,
    second: Card,
    gender: str,
    wanted: tuple[str, ...],
    banned: frozenset[str],
    weirdness: float,
    rng: Random,
) -> str:
    """Who carries the tune: a solo instrument named in the tags, else one the card trusts with it."""
    solo = [name for name in wanted if name in SOLOISTS]
    if solo:
        return solo[0]
    pool = {"f": card.lead_f, "m": card.lead_m}.get(gender, card.lead_f + card.lead_m)
    if weirdness > 0.55:
        pool = pool + second.lead_f + ("sitar", "pan flute", "ocarina", "vibraphone", "bandoneon")
    allowed = [name for name in pool if name not in banned] or [
        name for name in SOLOISTS if name not in banned
    ]
    return rng.choice(allowed) if allowed else "vibraphone"


SOLOISTS = (
    "flute", "clarinet", "violin", "tenor sax", "alto sax", "soprano sax", "trumpet", "muted trumpet", "trombone",
    "oboe", "english horn", "cello", "viola", "fiddle", "harmonica", "pan flute", "shakuhachi", "whistle", "ocarina",
    "pedal steel", "soft lead", "synth lead", "sitar", "bandoneon", "vibraphone",
)  # fmt: skip


STRANGERS = (
    "sitar", "kalimba", "koto", "steel drums", "bandoneon", "harpsichord", "marimba", "music box", "clavinet",
    "pizzicato strings", "pan flute", "accordion", "banjo", "church organ", "bagpipe",
)  # fmt: skip


# Who steps in when every instrument of a player is excluded.
SUBSTITUTES = {
    "keyboard": ("vibraphone", "drawbar organ", "nylon guitar", "harp", "glass keys"),
    "guitar": ("harp", "electric piano", "marimba", "glass keys"),
    "strings": ("warm pad", "choir", "french horns"),
    "brass": ("strings", "drawbar organ", "saw pad"),
    "woodwinds": ("vibraphone", "violin", "nylon guitar"),
    "synth": ("slow strings", "electric piano", "harp"),
    "percussion": ("celesta", "harp", "nylon guitar"),
    "backing vocals": ("slow strings", "warm pad"),
}


def layers_of(brief: Brief) -> tuple[Layer, ...]:
    """The players of the song: the card's, a few guests from the second card, and whoever was asked for."""
    rng = dice(brief.seed, "layers")
    layers = list(brief.card.layers)
    if brief.second is not brief.card:
        guests = [layer for layer in brief.second.layers if layer.role not in {item.role for item in layers}]
        layers += [layer for layer in guests if rng.random() < 0.35 + brief.blend]
    layers = [_cast(layer, brief) for layer in layers]
    layers = [layer for layer in layers if layer.instruments]
    return tuple(layers + _asked_for(brief, layers) + _stranger(brief, layers))


def _stranger(brief: Brief, layers: list[Layer]) -> list[Layer]:
    """From the middle of the weirdness scale on, somebody joins whom the style does not know."""
    rng = dice(brief.seed, "stranger")
    present = {name for layer in layers for name in layer.instruments} | {brief.lead}
    pool = [name for name in STRANGERS if name not in present | brief.banned]
    if brief.weirdness < 0.4 or not pool or rng.random() > 0.35 + brief.weirdness:
        return []
    name = rng.choice(pool)
    return [Layer(f"extra {name}", (name,), ("arp up", "pick", "offbeat", "gallop"), rng.choice((0.0, 0.5)))]


def _cast(layer: Layer, brief: Brief) -> Layer:
    """Let a player use the instrument that was asked for when it is among theirs, never a banned one."""
    names = [name for name in layer.instruments if name not in brief.banned]
    if not names:
        stem = INSTRUMENTS[layer.instruments[0]].stem
        names = [name for name in SUBSTITUTES.get(stem, ()) if name not in brief.banned][:2]
    stems = {INSTRUMENTS[name].stem for name in names}
    asked = [name for name in brief.wanted if INSTRUMENTS[name].stem in stems and name not in SOLOISTS]
    return replace(layer, instruments=tuple(asked[:1] or names))


def _asked_for(brief: Brief, layers: list[Layer]) -> list[Layer]:
    """New players for instruments nobody plays yet."""
    present = {name for layer in layers for name in layer.instruments} | {brief.lead}
    patterns = {"guitar": ("strum", "pick"), "keyboard": ("ballad", "halves"), "strings": ("pad",), "brass": ("push",),
                "synth": ("pad", "arp up"), "percussion": ("arp up",), "woodwinds": ("pad",),
                "backing vocals": ("pad",)}  # fmt: skip
    extra = []
    for name in brief.wanted:
        stem = INSTRUMENTS[name].stem
        if name in present or stem == "bass":
            continue
        extra.append(Layer(f"extra {name}", (name,), patterns[stem], 0.4 if stem == "brass" else 0.0, 1.0))
    return extra[:3]


def bass_of(brief: Brief) -> str:
    asked = [name for name in brief.wanted if INSTRUMENTS[name].stem == "bass"]
    allowed = [name for name in brief.card.bass if name not in brief.banned]
    allowed = allowed or [
        n for n, item in INSTRUMENTS.items() if item.stem == "bass" and n not in brief.banned
    ]
    return asked[0] if asked else dice(brief.seed, "bass").choice(allowed or ["fingered bass"])


def resolved_tags(brief: Brief, players: tuple[str, ...]) -> str:
    """The musician's own tags first, then what the brief added to them."""
    own = [item.strip() for item in re.split(r"[,\n]+", brief.tags) if item.strip()]
    known = normalise(brief.tags)
    added = [brief.card.name, *players[:3], brief.key, f"{brief.bpm:g} bpm"]
    if brief.meter != "4/4":
        added.append(f"{brief.meter} time")
    return ", ".join([*own, *(item for item in dict.fromkeys(added) if f" {item.casefold()} " not in known)])
