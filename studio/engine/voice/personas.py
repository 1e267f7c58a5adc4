"""The singers: named parameter sets, who fits which song, and their look-alikes for doubles."""

from __future__ import annotations

import re
from dataclasses import replace

from studio.engine.chance import dice
from studio.engine.persona import Persona
from studio.engine.spec import SpecError
from studio.engine.voice import kokoro
from studio.engine.voice.guests import GUESTS, accent_remark, guest_for

_F, _M = (170.0, 240.0), (170.0, 225.0)


def _female(name: str, low: int = 57, high: int = 74, **traits: object) -> Persona:
    return replace(Persona(name, gender="f", low=low, high=high, comfort_hz=_F), **traits)  # type: ignore[arg-type]


def _male(name: str, low: int = 45, high: int = 64, **traits: object) -> Persona:
    base = Persona(
        name, gender="m", low=low, high=high, warp=0.87, brightness=0.55, comfort_hz=_M, vibrato_cents=26.0
    )
    return replace(base, **traits)  # type: ignore[arg-type]


_ALL = (
    _female("Clara"),
    _female("Nova", 58, 76, brightness=0.66, warp=1.02, vibrato_cents=28.0),
    _female("Willow", 55, 72, breath=0.78, brightness=0.46, vibrato_cents=20.0, vibrato_after_s=0.38),
    _female("Marlene", 52, 69, warp=0.955, brightness=0.42, grit=0.56, vibrato_cents=36.0),
    _female(
        "Aria", 60, 81, warp=1.03, brightness=0.56, vibrato_cents=42.0, vibrato_hz=5.8, vibrato_after_s=0.18
    ),
    _female("Roxy", 55, 74, grit=0.72, brightness=0.62, scoop_cents=60.0),
    _female("Pip", 60, 77, warp=1.13, brightness=0.56, vibrato_cents=10.0, scoop_cents=25.0),
    _female("Hush", 55, 70, breath=0.92, brightness=0.45, vibrato_cents=8.0, vibrato_after_s=0.5),
    _female("Jade", 54, 70, is_rap=True, vibrato_cents=0.0),
    _male("Milo"),
    _male("Leo", 47, 67, warp=0.90, brightness=0.62, vibrato_cents=28.0),
    _male("Silas", 40, 60, warp=0.82, brightness=0.46, vibrato_cents=24.0),
    _male("Finn", 47, 66, warp=0.89, breath=0.76, vibrato_cents=18.0, vibrato_after_s=0.38),
    _male("Rocco", 45, 65, warp=0.86, grit=0.74, brightness=0.6, scoop_cents=60.0),
    _male(
        "Dante", 46, 69, warp=0.88, brightness=0.56, vibrato_cents=40.0, vibrato_hz=5.6, vibrato_after_s=0.2
    ),
    _male("Ash", 43, 60, warp=0.85, breath=0.9, brightness=0.45, vibrato_cents=8.0, vibrato_after_s=0.5),
    _male("Flint", 43, 60, warp=0.86, is_rap=True, vibrato_cents=0.0),
)
# Everybody who can be asked for by name; the guests need the pack “voices”.
PERSONAS: dict[str, Persona] = {persona.name.lower(): persona for persona in _ALL} | GUESTS

# Words about the voice itself: the female and the male singer they ask for.
_VOICE_WORDS = """
willow finn    airy breathy ethereal intimate gentle tender
hush ash       whisper whispered whispering asmr
roxy rocco     raspy gritty gravelly rough husky shouted
marlene silas  deep contralto smoky dark
marlene milo   alto baritone mellow
nova leo       bright shiny belting
aria leo       tenor
aria dante     soprano opera operatic
clara milo     clear warm mezzo
pip pip        child kid kids childlike children
"""
# Words about the music, which weigh less.
_MUSIC_WORDS = """
willow finn    dreamy soft lofi lo-fi ambient chill
roxy rocco     rock metal punk grunge hardcore
marlene milo   jazz swing bossa
marlene rocco  blues
marlene leo    soul funk gospel
nova leo       pop edm dance house trance synthwave
aria dante     classical orchestral cinematic epic
clara milo     folk acoustic ballad
clara leo      country
pip leo        cute anime
"""
VOICE_WEIGHT, MUSIC_WEIGHT = 3.0, 1.0


def _wishes(table: str) -> dict[str, tuple[str, str]]:
    rows = [line.split() for line in table.strip().splitlines()]
    return {word: (female, male) for female, male, *words in rows for word in words}


_WISHES = (
    (_wishes(_VOICE_WORDS), VOICE_WEIGHT),
    (_wishes(_MUSIC_WORDS), MUSIC_WEIGHT),
)
_FEMALE = frozenset(
    ("female", "woman", "women", "girl", "girls", "lady", "diva", "soprano", "mezzo", "alto", "contralto")
)
_MALE = frozenset(("male", "man", "men", "boy", "boys", "guy", "tenor", "baritone"))


def choose_persona(*, gender: str, tags: str, name: str, language: str, is_rap: bool, seed: int) -> Persona:
    """Who sings: the persona called `name`, or one that fits. `gender` is f, m or empty, `tags` are the
    song's style words. A language other than English is sung by a native of the optional voice bank when that
    is here; what is to be said when it is not, `remark_on` says. Deterministic. Raises SpecError for an
    unknown name, listing the known ones, and EngineUnavailable for a name whose pack is not here."""
    if name.strip():
        found = PERSONAS.get(name.strip().lower())
        if found is None:
            known = ", ".join(sorted(persona.name for persona in PERSONAS.values()))
            raise SpecError(f"There is no voice called {name.strip()!r}. Choose one of: {known}.")
        require_bank(found)
        return replace(found, language=language or found.language, is_rap=found.is_rap or is_rap)
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", tags.lower())
    wanted = _gender(gender, words, seed)
    native = guest_for(language, wanted) if kokoro.is_ready() else None
    if native is not None:
        return replace(native, is_rap=is_rap)
    if is_rap:
        chosen = PERSONAS["jade" if wanted == "f" else "flint"]
    else:
        chosen = PERSONAS[_best(words, wanted, seed)]
    return replace(chosen, language=language or "en")


def _gender(gender: str, words: list[str], seed: int) -> str:
    first = gender.strip().lower()[:1]
    if first in ("f", "w"):
        return "f"
    if first == "m":
        return "m"
    women = sum(word in _FEMALE for word in words)
    men = sum(word in _MALE for word in words)
    if women != men:
        return "f" if women > men else "m"
    return "f" if dice(seed, "singer").random() < 0.6 else "m"


def _best(words: list[str], wanted: str, seed: int) -> str:
    votes: dict[str, float] = {}
    for place, word in enumerate(words):
        for wishes, weight in _WISHES:
            if word in wishes:
                who = wishes[word][wanted == "m"]
                votes[who] = votes.get(who, 0.0) + weight - 0.01 * place
    if votes:
        return max(votes, key=lambda who: votes[who])
    return dice(seed, "persona").choice(
        ("clara", "nova", "willow") if wanted == "f" else ("milo", "leo", "finn")
    )


def require_bank(persona: Persona) -> None:
    """Raises EngineUnavailable for a persona whose bank is not here; it names the pack and the command."""
    if persona.bank == kokoro.BANK:
        kokoro.require(persona.name)


def remark_on(persona: Persona) -> str:
    """What the musician should know of this singer in the song's language: a sentence, mostly empty."""
    return accent_remark(persona, is_ready=kokoro.is_ready())


def variant_of(persona: Persona, number: int) -> Persona:
    """A sibling for doubles and choirs: number 0 is the persona, the others differ a little in throat,
    breath, brightness and vibrato, each number in its own way."""
    if number == 0:
        return persona
    rng = dice(number, "variant", persona.name)
    return replace(
        persona,
        name=f"{persona.name} {number + 1}",
        warp=persona.warp * (1.0 + rng.choice((-1, 1)) * rng.uniform(0.012, 0.03)),
        breath=_inside(persona.breath + rng.uniform(0.02, 0.14)),
        brightness=_inside(persona.brightness + rng.uniform(-0.08, 0.06)),
        vibrato_cents=persona.vibrato_cents * rng.uniform(0.55, 0.9),
        vibrato_hz=persona.vibrato_hz * rng.uniform(0.93, 1.07),
        scoop_cents=persona.scoop_cents * rng.uniform(0.6, 1.2),
    )


def _inside(value: float) -> float:
    return min(1.0, max(0.0, value))
