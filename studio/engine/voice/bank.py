"""Voice banks: what a net can do for a singer, and how it wants to be told. `bank_of` finds a persona's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from studio.engine.persona import Persona
from studio.engine.spec import SpecError
from studio.engine.voice import kokoro, net
from studio.engine.voice.net import Spectra

HIBARI = "hibari"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Bank:
    """One voice of a net. `tokens_of`, `natural` and `spectra` are as in `net`; all nets count durations in
    steps of net.TOKEN_S and frames of net.FRAME_S.

    `lead_frames` is how much before its frames a phone sounds, `longest_text` how many tokens can be read at
    once, `voiced_hz` below which a told pitch means none. `most_told_s`, `heart`, `late_start` say how vowels
    are held, see `timing`; of each pair the first is for single vowels, the second for gliding ones.
    """

    tokens_of: Callable[[str], str]
    natural: Callable[[str], tuple[Floats, Floats, Floats]]
    spectra: Callable[[str, Floats, Floats, Floats], Spectra]
    lead_frames: float
    longest_text: int
    voiced_hz: float
    most_told_s: tuple[float, float]
    heart: tuple[tuple[float, float], tuple[float, float]]
    late_start: float


# A vowel's own sound is heard in its first frames; from then on this net lets it drift towards whatever
# follows, and glides through a diphthong at once.
_HIBARI = Bank(
    tokens_of=net.tokens_of,
    natural=net.natural,
    spectra=net.spectra,
    lead_frames=net.LEAD_FRAMES,
    longest_text=net.LONGEST_TEXT,
    voiced_hz=80.0,
    most_told_s=(0.225, 0.2),
    heart=((4.2, 4.6), (0.0, 0.6)),
    late_start=2.6,
)


def bank_of(persona: Persona) -> Bank:
    """The bank that a persona sings from. Raises EngineUnavailable when its pack is not here, and SpecError
    for a bank or a voice that does not exist."""
    if persona.bank == HIBARI:
        return _HIBARI
    if persona.bank == kokoro.BANK:
        kokoro.require(persona.name)
        return _kokoro(persona.voice)
    raise SpecError(
        f"There is no voice bank {persona.bank!r} for {persona.name}. Choose {HIBARI!r} or {kokoro.BANK!r}."
    )


@lru_cache(maxsize=64)
def _kokoro(voice: str) -> Bank:
    kokoro.parts_of(voice)
    return Bank(
        tokens_of=kokoro.tokens_of,
        natural=partial(kokoro.natural, voice),
        spectra=partial(kokoro.spectra, voice),
        lead_frames=kokoro.LEAD_FRAMES,
        longest_text=kokoro.LONGEST_TEXT,
        voiced_hz=kokoro.VOICED_HZ,
        most_told_s=kokoro.MOST_TOLD_S,
        heart=kokoro.HEART,
        late_start=kokoro.LATE_START,
    )
