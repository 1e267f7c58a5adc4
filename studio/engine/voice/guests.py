"""The singers of the optional voice bank, the languages they are at home in, and what to say without them."""

from __future__ import annotations

from studio.engine.persona import Persona
from studio.engine.voice import kokoro

LANGUAGES = {"en": "English", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "fr": "French"}
# Kokoro's voices begin with the letter of their language.
_LETTERS = {"e": "es", "i": "it", "p": "pt", "f": "fr"}
ACCENT = "{name} sings the {language} words with {home} sounds, so expect an accent."
HELP = (
    " Singers at home in {language} are in the pack “voices”; add it with: python manage.py packs add voices"
)


def _guest(
    name: str, voice: str, low: int, comfort_hz: tuple[float, float], gender: str = "", warp: float = 1.0
) -> Persona:
    """`comfort_hz` spans the pitches of the voice's own speech, a little stretched upwards."""
    gender = gender or voice[1]
    return Persona(
        name,
        gender=gender,
        bank=kokoro.BANK,
        voice=voice,
        language=_LETTERS.get(voice[0], "en"),
        low=low,
        high=low + 18,
        warp=warp,
        comfort_hz=comfort_hz,
        vibrato_cents=30.0 if gender == "f" else 26.0,
    )


_ALL = (
    _guest("Bella", "af_bella", 56, (165.0, 250.0)),
    _guest("Emma", "bf_emma", 55, (150.0, 230.0)),
    _guest("Fenris", "am_fenrir", 45, (105.0, 190.0)),
    _guest("Michael", "am_michael", 43, (90.0, 160.0)),
    _guest("Dora", "ef_dora", 55, (140.0, 240.0)),
    _guest("Alejandro", "em_alex", 45, (105.0, 190.0)),
    _guest("Sara", "if_sara", 56, (165.0, 260.0)),
    _guest("Nicola", "im_nicola", 43, (90.0, 160.0)),
    _guest("Dorinha", "pf_dora", 55, (140.0, 240.0)),
    _guest("Alexandre", "pm_alex", 45, (105.0, 190.0)),
    _guest("Siwis", "ff_siwis", 56, (165.0, 260.0)),
    # Kokoro has one French voice: the man is that woman with a longer throat.
    _guest("Basile", "ff_siwis", 45, (165.0, 240.0), gender="m", warp=0.87),
)
GUESTS: dict[str, Persona] = {guest.name.lower(): guest for guest in _ALL}


def guest_for(language: str, gender: str) -> Persona | None:
    """Who sings in a language other than English; of the other gender when there is nobody else."""
    natives = [guest for guest in _ALL if guest.language == language != "en"]
    return next((guest for guest in natives if guest.gender == gender), natives[0] if natives else None)


def accent_remark(persona: Persona, *, is_ready: bool) -> str:
    """A sentence when the persona sings words of a language that is not the voice's own, else nothing.

    `is_ready` tells whether the pack of native voices is here.
    """
    home = _LETTERS.get(persona.voice[:1], "en") if persona.bank == kokoro.BANK else "en"
    if persona.language == home or persona.language not in LANGUAGES:
        return ""
    language = LANGUAGES[persona.language]
    remark = ACCENT.format(name=persona.name, language=language, home=LANGUAGES[home])
    return remark if is_ready or persona.language == "en" else remark + HELP.format(language=language)
