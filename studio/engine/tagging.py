"""Short tags to a full line: style, mood, tempo, players, voice and sound, as the style cards know them."""

import re
from random import Random

from studio.engine.chance import dice
from studio.engine.spec import MAX_TEXT_CHARS, SongSpec
from studio.engine.tags import MOODS, TEMPO_WORDS, Brief, bass_of, layers_of, normalise, read_tags

MAX_CHARS = 200
_WORDLESS = ("instrumental", "no vocals", "without vocals", "no singing")
_MOODS = {
    "calm": {
        "minor": ("bittersweet", "nostalgic", "melancholic", "haunting"),
        "major": ("warm", "tender", "peaceful", "dreamy"),
    },
    "even": {
        "minor": ("moody", "brooding", "yearning", "mysterious"),
        "major": ("hopeful", "romantic", "sunny", "heartfelt"),
    },
    "brisk": {
        "minor": ("dark", "tense", "defiant", "restless"),
        "major": ("uplifting", "joyful", "playful", "triumphant"),
    },
}
_PACES = {"calm": "slow", "even": "mid-tempo", "brisk": "driving"}
_SOUNDS = {
    "pop": ("polished production", "catchy chorus", "layered harmonies"),
    "wide": ("lush reverb", "wide stereo", "shimmering textures"),
    "rock": ("raw live sound", "big chorus", "punchy drums"),
    "club": ("pumping mix", "deep low end", "build and drop"),
}
_OTHER_SOUNDS = ("live room sound", "rich arrangement", "memorable melody", "dynamic build")
_VOICES = {
    "calm": ("intimate", "breathy", "soft", "soulful"),
    "even": ("expressive", "warm", "clear", "smooth"),
    "brisk": ("powerful", "bright", "confident", "soaring"),
}


def upsample_tags(tags: str, seed: int) -> str:
    """A line of at most 200 characters: the given tags first and untouched, then what suits them.

    Adds the style, a mood, tempo and bpm, two or three players, the voice and a word on the sound, each
    only where the tags do not say it already; never what they exclude ("no drums"). Given tags that are
    longer than the line are cut at a comma. Same tags and seed, same line.
    """
    given = [" ".join(item.split()) for item in re.split(r"[,;\n]+", tags) if item.strip()]
    known = normalise(", ".join(given))
    brief = read_tags(SongSpec(tags=", ".join(given)[:MAX_TEXT_CHARS], seed=seed))
    rng = dice(seed, "upsample", known)
    line = ""
    for item in [*given, *_additions(brief, known, rng)]:
        added = f"{line}, {item}" if line else item
        if len(added) > MAX_CHARS:
            if item in given and not line:
                return item[:MAX_CHARS].rsplit(" ", 1)[0]
            continue
        line = added
    return line


def _additions(brief: Brief, known: str, rng: Random) -> list[str]:
    pace = _pace(brief)
    found = []
    if _letters(brief.card.name) not in _letters(known):
        found.append(brief.card.name)
    if not any(_says(known, words) for words in MOODS.values()):
        shade = "minor" if brief.mode in ("minor", "dorian") else "major"
        found.append(rng.choice(_MOODS[pace][shade]))
    if " bpm " not in known and not any(_says(known, words) for words in TEMPO_WORDS.values()):
        found.append(_PACES[pace])
    if " bpm " not in known:
        found.append(f"{brief.bpm:.0f} bpm")
    if brief.meter != "4/4" and f" {brief.meter} " not in known and not _says(known, ("waltz",)):
        found.append(f"{brief.meter} time")
    found += [name for name in _players(brief, known, rng) if f" {name} " not in known]
    if not _says(known, _WORDLESS):
        found += _voice(brief, known, pace, rng)
    sounds = _SOUNDS.get(brief.card.mix, _OTHER_SOUNDS)
    fitting = [sound for sound in sounds if brief.drums or "drum" not in sound]
    found += rng.sample(fitting, 2)
    return [item for item in dict.fromkeys(found) if f" {item} " not in known]


def _letters(text: str) -> str:
    """Without spaces and hyphens: lo-fi and lofi are one."""
    return re.sub(r"[^a-z0-9&]", "", text)


def _says(known: str, words: tuple[str, ...]) -> bool:
    return any(f" {word} " in known for word in words)


def _pace(brief: Brief) -> str:
    return "calm" if brief.bpm < 88 else "even" if brief.bpm < 118 else "brisk"


def _players(brief: Brief, known: str, rng: Random) -> list[str]:
    """Two or three instruments of the style that were neither asked for nor excluded."""
    names = [name for layer in layers_of(brief) for name in layer.instruments[:1] if name not in brief.banned]
    names = [name for name in dict.fromkeys(names) if name not in brief.wanted]
    wanted = 3 - min(2, len(brief.wanted))
    chosen = names[:1] + rng.sample(names[1:], min(wanted - 1, max(0, len(names) - 1))) if names else []
    if brief.bass and wanted > 1 and "bass" not in known and rng.random() < 0.5:
        chosen.append(bass_of(brief))
    return chosen


def _voice(brief: Brief, known: str, pace: str, rng: Random) -> list[str]:
    if re.search(r" (?:vocals?|voice|choir|rap|rapper|singer|duet) ", known):
        return []
    gender = {"f": "female", "m": "male"}.get(brief.gender) or rng.choice(("female", "male"))
    if brief.card.is_rapped:
        return [f"{gender} rap vocals"]
    return [f"{rng.choice(_VOICES[pace])} {gender} vocals"]
