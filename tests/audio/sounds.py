"""Small audio files made on the spot."""

from pathlib import Path

import av
import lameenc
import numpy as np
import numpy.typing as npt
import soundfile as sf

RATE_HZ = 48_000
Samples = npt.NDArray[np.float32]


def sine(
    hz: float = 440, *, seconds: float = 2, level: float = 0.5, channels: int = 2, rate_hz: int = RATE_HZ
) -> Samples:
    """A steady tone on all channels, shape (frames, channels)."""
    at_s = np.arange(int(seconds * rate_hz)) / rate_hz
    tone = level * np.sin(2 * np.pi * hz * at_s)
    return np.repeat(tone[:, np.newaxis], channels, axis=1).astype(np.float32)


def write(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> Path:
    """Write with libsndfile, the format being that of the extension."""
    sf.write(path, samples, rate_hz)
    return path


def write_mp3_without_length(
    path: Path, samples: Samples, rate_hz: int = RATE_HZ, *, vbr: bool = False
) -> Path:
    """An MP3 without a Xing header: nothing in it says how long it is."""
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_channels(samples.shape[1])
    encoder.set_bit_rate(128)
    if vbr:
        encoder.set_vbr(4)
        encoder.set_vbr_quality(4)
    encoder.silence()
    pcm = (samples * 32767).astype("<i2").tobytes()
    path.write_bytes(bytes(encoder.encode(pcm)) + bytes(encoder.flush()))
    return path


def write_with_av(path: Path, samples: Samples, codec: str, container: str, rate_hz: int = RATE_HZ) -> Path:
    """Formats that libsndfile does not write."""
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz)
        stream.layout = "stereo"
        for start in range(0, len(samples), 960):
            planes = np.ascontiguousarray(samples[start : start + 960].T)
            frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = rate_hz, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def halve(path: Path) -> Path:
    """The first half of a file's bytes, as a broken connection leaves it."""
    half = path.with_name("half-" + path.name)
    content = path.read_bytes()
    half.write_bytes(content[: len(content) // 2])
    return half


def every_kind(folder: Path, samples: Samples) -> dict[str, Path]:
    """The same sound in every audio format we read."""
    made = {kind: write(folder / f"a.{kind}", samples) for kind in ("wav", "flac", "ogg", "aiff", "mp3")}
    made["m4a"] = write_with_av(folder / "a.m4a", samples, "aac", "ipod")
    made["aac"] = write_with_av(folder / "a.aac", samples, "aac", "adts")
    made["opus"] = write_with_av(folder / "a.opus", samples, "libopus", "ogg")
    made["webm"] = write_with_av(folder / "a.webm", samples, "libopus", "webm")
    return made
