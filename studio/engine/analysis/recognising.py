"""The words that are sung in a recording, by Whisper (pack "recognition"). An estimate."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.engine.analysis.samples import Audio, mono, resample
from studio.engine.packs import require
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError, TimedWord

RATE_HZ = 16_000
SURE = -1.3  # mean log probability of a segment, below which it is taken for imagination
NO_SPEECH = 0.75
REPEATED = 2.2  # compression ratio of a segment's text, above which it says one thing over and over


def recognise(audio: Audio, language: str | None = None) -> tuple[TimedWord, ...]:
    """Words with rough times (a third of a second early on singing) of float32 (2, samples) at 44.1 kHz.

    Works best on the singing alone. Raises EngineUnavailable without the pack, SpecError when no words are
    understood.
    """
    net = _net(require("recognition"))
    wave = resample(mono(audio), SAMPLE_RATE_HZ, RATE_HZ)
    segments, _ = net.transcribe(
        wave, language=language, word_timestamps=True, beam_size=3, condition_on_previous_text=False,
        temperature=0.0,
    )  # fmt: skip
    words = []
    for segment in segments:
        is_imagined = segment.avg_logprob < SURE or segment.no_speech_prob > NO_SPEECH
        if is_imagined or segment.compression_ratio > REPEATED:
            continue
        heard = [TimedWord(w.word.strip() + " ", round(w.start, 2), round(w.end, 2)) for w in segment.words]
        if heard:
            last = heard[-1]
            heard[-1] = TimedWord(last.text.rstrip() + "\n", last.start_s, last.end_s)
        words += heard
    if not words:
        raise SpecError("No words were understood in the recording. Give the lyrics, and they will be timed.")
    return tuple(words)


@lru_cache(maxsize=1)
def _net(folder: Path) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
