"""Float audio to FLAC, WAV and MP3."""

from __future__ import annotations

import io
from pathlib import Path

import lameenc
import numpy as np
import soundfile
from numpy.typing import NDArray

from studio.engine.loudness import true_peak_dbtp
from studio.engine.spec import SAMPLE_RATE_HZ

Audio = NDArray[np.float32]
MP3_KBIT_S = 192
MP3_CEILING_DBTP = -1.0
MP3_ATTEMPTS = 3
CHUNK = 1 << 18
# At 192 kbit/s LAME turns its input down to 0.97 before it encodes; this undoes it.
MP3_GAIN = 1 / 0.97


def write_flac(audio: Audio, path: Path) -> None:
    """24-bit FLAC of float (2, samples)."""
    _write(audio, path, "FLAC")


def write_wav(audio: Audio, path: Path) -> None:
    """24-bit WAV of float (2, samples)."""
    _write(audio, path, "WAV")


def _write(audio: Audio, path: Path, kind: str) -> None:
    with soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, len(audio), "PCM_24", format=kind) as file:
        for start in range(0, audio.shape[1], CHUNK):
            file.write(audio[:, start : start + CHUNK].T)


def read_audio(path: Path) -> Audio:
    """A file of the house as float32 (2, samples). Raises ValueError at another rate."""
    audio, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    if rate_hz != SAMPLE_RATE_HZ:
        raise ValueError(f"{path.name} has {rate_hz} Hz; the files of a take have {SAMPLE_RATE_HZ}")
    return np.ascontiguousarray(audio.T)


def write_mp3(audio: Audio, path: Path) -> None:
    """192 kbit/s MP3 of float (2, samples), as loud as `audio`. Decoded, it stays under -1 dBTP too."""
    gain = MP3_GAIN
    for _ in range(MP3_ATTEMPTS):
        coded = _mp3(audio, gain)
        decoded, _ = soundfile.read(io.BytesIO(coded), dtype="float32", always_2d=True)
        over_db = true_peak_dbtp(decoded) - MP3_CEILING_DBTP
        del decoded
        if over_db <= 0:
            break
        gain *= 10 ** (-(over_db + 0.03) / 20)
    path.write_bytes(coded)


def _mp3(audio: Audio, gain: float) -> bytes:
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(MP3_KBIT_S)
    encoder.set_in_sample_rate(SAMPLE_RATE_HZ)
    encoder.set_channels(2)
    encoder.set_quality(5)
    encoder.silence()
    parts = []
    for start in range(0, audio.shape[1], CHUNK):
        wave = audio[:, start : start + CHUNK].T * np.float32(32767 * gain)
        pcm = np.clip(np.round(wave), -32768, 32767).astype("<i2")
        parts.append(bytes(encoder.encode(pcm.tobytes())))
    return b"".join(parts) + bytes(encoder.flush())
