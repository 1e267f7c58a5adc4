"""The three nets of the singing voice, as functions on arrays. Sessions are opened once per process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from studio.engine.assets import asset_path
from studio.engine.spec import EngineUnavailable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]
TOKEN_S = 0.025  # durations are counted in steps of this
FRAME_S = 0.0125  # pitch, energy and spectra stand at this distance
FRAMES_PER_TOKEN_STEP = 2
BINS = 601
BIN_HZ = 20.0
# The net sounds a phone this much before its frames: measured at voiceless consonants followed by vowels.
LEAD_FRAMES = 3.2
LONGEST_TEXT = 380  # tokens; the nets were taught sentences of up to 400
# A sentence with most of the sounds, for finding dead bins: magnitudes this far below their surroundings
# (natural logarithm), which are compared over so many bins, from this bin on.
SAMPLE_TEXT = "stˈɑɹz ðA ʃˈIn əbˈʌv mˌi, mˈunlˌIt sˈɔftli ɡlˈOz."
NOTCH_DEPTH, NOTCH_WIDTH, FIRST_NOTCH = -0.65, 21, 10
# Phases that turn from frame to frame bend the pitch of what is sung, most of all where a voice fades into a
# consonant: a blur of so many frames takes up to 50 cents off such ends.
PHASE_BLUR = 1.5

# Phones the net never heard, by the nearest it has. Letters of other languages sung with an accent.
NEAREST = {
    "a": "ɑ", "e": "A", "o": "O", "ɒ": "ɑ", "ɐ": "ə", "ɚ": "əɹ", "ɨ": "ɪ", "ɯ": "u", "ɤ": "ʌ", "y": "ju",
    "ø": "ɜ", "œ": "ɜ", "r": "ɹ", "ʁ": "ɹ", "ɻ": "ɹ", "ɽ": "T", "ɾ": "T", "ɲ": "nj", "ɳ": "n", "ɴ": "ŋ",
    "ʎ": "lj", "ɭ": "l", "x": "h", "χ": "h", "ç": "h", "ɣ": "ɡ", "ɰ": "ɡ", "β": "v", "ɸ": "f", "ʋ": "v",
    "ɥ": "w", "ʦ": "ts", "ʣ": "dz", "ʨ": "ʧ", "ʥ": "ʤ", "ꭧ": "ʧ", "ɕ": "ʃ", "ʂ": "ʃ", "ʝ": "j", "ɟ": "ʤ",
    "c": "k", "q": "k", "ʈ": "t", "ɖ": "d", "ʔ": "t", "ː": "", "̃": "", "ʰ": "", "ʲ": "", "ᵝ": "",
}  # fmt: skip


@dataclass(frozen=True)
class Spectra:
    """What the decoder gives for every frame, each (frames, BINS): the natural logarithm of the magnitude of
    the voice (`voiced`) and of the breath and noise (`noise`), and the phases of both in radians."""

    voiced: Floats
    phase: Floats
    noise: Floats
    noise_phase: Floats


@cache
def vocabulary() -> dict[str, int]:
    """Numbers of the phones the net reads. Raises EngineUnavailable."""
    table: dict[str, int] = json.loads(asset_path("voice/phones.json").read_text(encoding="utf-8"))
    return table


def tokens_of(phone: str) -> str:
    """The net's characters for one phone: itself, its nearest kin, or nothing for a mark it has no use
    for."""
    return NEAREST.get(phone, phone if phone in vocabulary() else "")


def numbers_of(text: str) -> NDArray[np.int64]:
    """Token numbers with the pads at both ends, shape (1, len(text) + 2)."""
    table = vocabulary()
    return np.array([[0, *(table[char] for char in text), 0]], np.int64)


@lru_cache(maxsize=512)
def natural(text: str) -> tuple[Floats, Floats, Floats]:
    """How the net would speak a text: durations of its tokens with both pads (whole steps of TOKEN_S), pitch
    in Hz (near 0 where voiceless) and energy per frame. The arrays are shared: do not write to them."""
    durations, hidden = _run("durations", ids=numbers_of(text), speed=np.ones(1, np.float32))
    steps = np.maximum(1.0, np.round(durations)).astype(np.float32)
    pitch, energy = _run("prosody", hidden=hidden, durations=steps)
    for array in (durations, pitch, energy):
        array.setflags(write=False)
    return durations, pitch[0], energy[0]


def spectra(text: str, steps: Floats, pitch_hz: Floats, energy: Floats) -> Spectra:
    """Spectra of a text with the given durations (whole steps of TOKEN_S, pads included), and with a pitch
    and an energy for each of the 2 * sum(steps) frames."""
    voiced, phase, _, noise, noise_phase = _run(
        "spectra",
        ids=numbers_of(text),
        durations=steps.astype(np.float32),
        pitch_hz=pitch_hz[None].astype(np.float32),
        energy=energy[None].astype(np.float32),
    )
    # The third output is a second noise that the net left at -50 dB and below: not worth its sines.
    turned = [np.ascontiguousarray(array[0].T) for array in (voiced, phase, noise, noise_phase)]
    _fill_notches(turned[0])
    np.tanh(turned[1], out=turned[1])
    turned[1] *= np.float32(np.pi)
    turned[1] = gaussian_filter1d(turned[1], PHASE_BLUR, axis=0)
    return Spectra(*turned)


def _fill_notches(voiced: Floats) -> None:
    """Some bins are dead in every frame, a trace of the net's rounding to eight bits; a gliding harmonic
    would flicker in passing them. They take the line between their neighbours."""
    for dead, left, right, part in _notches():
        voiced[:, dead] = voiced[:, left] * np.float32(1.0 - part) + voiced[:, right] * np.float32(part)


@cache
def _notches() -> tuple[tuple[int, int, int, float], ...]:
    """(dead bin, living bin below, living bin above, place between them), found in a spoken sentence."""
    durations, pitch, energy = natural(SAMPLE_TEXT)
    voiced = _run(
        "spectra",
        ids=numbers_of(SAMPLE_TEXT),
        durations=np.maximum(1.0, np.round(durations)).astype(np.float32),
        pitch_hz=pitch[None],
        energy=energy[None],
    )[0][0][:, pitch > 100.0]
    depth = (voiced - median_filter(voiced, (NOTCH_WIDTH, 1))).mean(axis=1)
    dead = depth < NOTCH_DEPTH
    dead[:FIRST_NOTCH] = dead[-1] = False
    alive = np.flatnonzero(~dead)
    found = []
    for number in np.flatnonzero(dead):
        right = int(alive[np.searchsorted(alive, number)])
        left = int(alive[np.searchsorted(alive, number) - 1])
        found.append((int(number), left, right, (number - left) / (right - left)))
    return tuple(found)


def _run(name: str, **inputs: Any) -> list[Any]:
    return list(session(name).run(None, inputs))


@cache
def session(name: str) -> InferenceSession:
    """An inference session for one of the graphs. Raises EngineUnavailable when package or file is
    missing."""
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineUnavailable(
            "The singing voice needs the package onnxruntime. Install it with: pip install 'ostinato[engine]'"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    path = asset_path(f"voice/{name}.onnx")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
