"""Copies of a clip in other formats, written as a stream."""

from pathlib import Path
from typing import Literal

import soundfile as sf

from studio.audio.files import decode

Bits = Literal[16, 24]


def to_wav(source_path: Path, target_path: Path, bits: Bits = 16) -> int:
    """Write the source as a PCM WAV of the same rate and channels; returns the frames written.

    Safe to repeat. Raises files.BrokenAudio, or OSError when the disk is full; then no target is left behind.
    Samples above full scale are clipped, as every player would do. A WAV ends at 4 GiB: six hours at 48 kHz.
    """
    return _write(source_path, target_path, "WAV", bits)


def to_flac(source_path: Path, target_path: Path, bits: Bits = 16) -> int:
    """Write the source as FLAC, otherwise as `to_wav`."""
    return _write(source_path, target_path, "FLAC", bits)


def _write(source_path: Path, target_path: Path, container: str, bits: Bits) -> int:
    source = decode(source_path)
    try:
        with sf.SoundFile(
            target_path, "w", source.sample_rate_hz, source.channels, f"PCM_{bits}", format=container
        ) as target:
            for block in source:
                target.write(block)
    except sf.SoundFileError as error:
        target_path.unlink(missing_ok=True)
        raise OSError(f"The {container} file could not be written: {error}") from None
    except BaseException:
        target_path.unlink(missing_ok=True)
        raise
    return source.frames
