"""The nets of the optional voice bank, as functions on arrays: many voices, several languages.

The nets are the pack "voices"; the voices themselves, a few numbers each, are always here. Sessions are
opened once per process.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.engine import packs
from studio.engine.assets import SHA256, asset_path
from studio.engine.spec import EngineUnavailable, SpecError
from studio.engine.voice.envelope import spectra_of
from studio.engine.voice.kokoro_pack import (
    AUDIO,
    DURATIONS,
    ENERGY,
    HIDDEN,
    NATURAL,
    PITCH,
    SPEED,
    STYLE,
    TOKENS,
)
from studio.engine.voice.net import NEAREST, Spectra, numbers_of, vocabulary

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PACK, BANK = "voices", "kokoro"
FOLDER = "voice/kokoro"
# A voice has a style for every length of text, half of it for the sound, half for the melody of speech.
STYLE_SIZE, STYLES = 256, 256
LONGEST_TEXT = STYLES - 6
LEAD_FRAMES = 3.2
VOICED_HZ = 55.0
UNVOICED_HZ = 6.0  # what the net itself says where there is no pitch
# This net goes dull on long vowels. Told 0.225 s of them like the small net, it had 62 % of Spanish words
# misheard; with these figures 5 %.
MOST_TOLD_S = (0.125, 0.15)
HEART = ((4.0, 6.0), (0.0, 0.6))
LATE_START = 2.6

Floats = NDArray[np.float32]


def require(name: str) -> None:
    """Raises EngineUnavailable when the pack is not here, with the singer's name and the command."""
    try:
        packs.require(PACK)
    except EngineUnavailable as error:
        raise EngineUnavailable(f"{name} cannot sing yet. {error}") from error


def is_ready() -> bool:
    """Whether the pack is here and whole."""
    return packs.is_ready(PACK)


def voices() -> tuple[str, ...]:
    """Names of the voices that are here."""
    return tuple(
        name.removeprefix(f"{FOLDER}/").removesuffix(".f16") for name in SHA256 if name.startswith(FOLDER)
    )


@lru_cache(maxsize=64)
def parts_of(voice: str) -> tuple[tuple[str, float], ...]:
    """The voices of a blend and their shares, as of "af_bella" or "am_fenrir:0.6+am_michael:0.4".

    Raises SpecError for an unknown voice and for shares that are no positive numbers.
    """
    found = []
    for part in voice.split("+"):
        name, _, share = part.strip().partition(":")
        if name not in voices():
            raise SpecError(
                f"The voice bank has no voice {name!r}. It has: {', '.join(voices())}; "
                "a blend is written as “am_fenrir:0.6+am_michael:0.4”."
            )
        try:
            found.append((name, float(share or 1.0)))
        except ValueError:
            raise SpecError(f"The share {share!r} of the voice {name} is no number; write 0.4.") from None
    total = sum(share for _, share in found)
    if total <= 0.0 or min(share for _, share in found) < 0.0:
        raise SpecError(f"The shares of {voice!r} must be positive.")
    return tuple((name, share / total) for name, share in found)


def tokens_of(phone: str) -> str:
    """The net's characters for one phone. Unlike the small net it knows the sounds of other languages."""
    return phone if phone in vocabulary() else NEAREST.get(phone, "")


@lru_cache(maxsize=512)
def natural(voice: str, text: str) -> tuple[Floats, Floats, Floats]:
    """As net.natural, for one voice."""
    style = _style(voice, text)
    inputs = {TOKENS: numbers_of(text), STYLE: style, SPEED: np.ones(1, np.float32)}
    steps, hidden = _run("durations", (NATURAL, HIDDEN), inputs)
    whole = np.maximum(1.0, np.round(steps)).astype(np.float32)
    pitch, energy = _run(
        "prosody", (PITCH, ENERGY), {HIDDEN: hidden, DURATIONS: whole.astype(np.int64), STYLE: style}
    )
    for array in (steps, pitch, energy):
        array.setflags(write=False)
    return steps[0], pitch[0], energy[0]


def spectra(voice: str, text: str, steps: Floats, pitch_hz: Floats, energy: Floats) -> Spectra:
    """As net.spectra, for one voice: spoken at the told pitch, then taken apart."""
    told = np.where(pitch_hz > VOICED_HZ, pitch_hz, UNVOICED_HZ)
    inputs = {
        TOKENS: numbers_of(text),
        STYLE: _style(voice, text),
        DURATIONS: steps[None].astype(np.int64),
        PITCH: told[None].astype(np.float32),
        ENERGY: energy[None].astype(np.float32),
    }
    (audio,) = _run("sound", (AUDIO,), inputs)
    return spectra_of(np.ravel(audio), np.where(pitch_hz > VOICED_HZ, pitch_hz, 0.0).astype(np.float32))


def _style(voice: str, text: str) -> Floats:
    row = min(len(text), STYLES) - 1
    blend = sum(share * _voice(name)[row].astype(np.float32) for name, share in parts_of(voice))
    return np.asarray(blend, np.float32)[None]


@cache
def _voice(name: str) -> NDArray[np.float16]:
    return np.fromfile(asset_path(f"{FOLDER}/{name}.f16"), "<f2").reshape(STYLES, STYLE_SIZE)


def _run(name: str, outputs: tuple[str, ...], inputs: dict[str, Any]) -> list[Any]:
    return list(_session(name).run(list(outputs), inputs))


@cache
def _session(name: str) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    path = packs.require(PACK) / f"{name}.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
