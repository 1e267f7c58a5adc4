"""A music video of a song: VP9 and Opus in WebM; the sleeve, the waveform, the words as they are sung."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from studio.engine import lettering, screen
from studio.engine.spec import Cancelled, SpecError, TimedWord

FPS = 15
OPUS_HZ = 48_000
OPUS_BIT_S = 128_000
# Realtime mode is three times as quick as the others, and flat areas with text need no more.
VP9 = {
    "deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "33", "b": "0", "g": "150",
    "lag-in-frames": "0", "tune-content": "screen",
}  # fmt: skip
UNDRAWABLE = "The words are written in letters that the video cannot draw, so it shows none."
OnStage = Callable[[str, float], None]


@dataclass(frozen=True)
class Video:
    """A finished video file. `remarks` are sentences for the musician."""

    path: Path
    duration_s: float
    frames: int
    remarks: tuple[str, ...] = ()


def make_video(
    audio: Path,
    out: Path,
    *,
    cover: Path | None = None,
    words: Sequence[TimedWord] = (),
    title: str = "",
    caption: str = "",
    on_stage: OnStage | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Video:
    """Write the WebM file `out`: 1280 x 720, 15 frames a second, about 0.1 s of work per second of song.

    `words` are the song's timeline; without them nothing is written but the title. Raises SpecError when the
    audio cannot be read, Cancelled; then there is no file.
    """
    sound = _Sound(audio)
    lines, remarks = _lines(words)
    picture = _picture(cover) if cover else _plain()
    script = screen.Script(title, caption, picture, lines, sound.loudness(), sound.duration_s)
    half_made = out.with_name(f".{out.stem}.part{out.suffix}")
    try:
        frames = _write(half_made, sound, screen.Screen(script), on_stage, is_cancelled)
        os.replace(half_made, out)
    finally:
        half_made.unlink(missing_ok=True)
    return Video(out, round(frames / FPS, 3), frames, remarks)


def _lines(words: Sequence[TimedWord]) -> tuple[list[screen.Line], tuple[str, ...]]:
    lines = screen.lines_of(words)
    if all(lettering.is_drawable(word.text) for line in lines for word in line.words):
        return lines, ()
    return [], (UNDRAWABLE,)


class _Sound:
    """The song's audio, read in pieces."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            info = soundfile.info(path)
        except soundfile.SoundFileError as error:
            raise SpecError(f"{path.name} cannot be read as audio, so there is no video of it.") from error
        self._rate_hz = int(info.samplerate)
        self.duration_s = info.frames / info.samplerate

    def loudness(self) -> NDArray[np.float32]:
        """0..1 per bar of the waveform, the loudest bar 1."""
        size = round(self._rate_hz / screen.BARS_PER_S)
        with soundfile.SoundFile(self._path) as file:
            blocks = file.blocks(size, dtype="float32", always_2d=True)
            levels = np.array([float(np.sqrt(np.mean(block**2))) for block in blocks], np.float32)
        levels = levels if len(levels) else np.zeros(1, np.float32)
        return np.clip(levels / max(float(levels.max()), 1e-6), 0, 1) ** np.float32(1.3)

    def frames(self) -> Iterator[av.AudioFrame]:
        """Stereo at 48 kHz, as Opus wants it."""
        to_opus = av.AudioResampler(format="flt", layout="stereo", rate=OPUS_HZ)
        with soundfile.SoundFile(self._path) as file:
            for block in file.blocks(self._rate_hz // 4, dtype="float32", always_2d=True):
                stereo = np.ascontiguousarray(
                    np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block[:, :2]
                )
                frame = av.AudioFrame.from_ndarray(stereo.reshape(1, -1), format="flt", layout="stereo")
                frame.sample_rate = self._rate_hz
                yield from to_opus.resample(frame)
        yield from to_opus.resample(None)


def _write(
    path: Path,
    sound: _Sound,
    show: screen.Screen,
    on_stage: OnStage | None,
    is_cancelled: Callable[[], bool] | None,
) -> int:
    """Encode picture and sound side by side; returns how many frames."""
    count = max(1, ceil(sound.duration_s * FPS - 0.5))
    with av.open(str(path), "w", format="webm") as container:
        pictures = container.add_stream("libvpx-vp9", rate=FPS, options=VP9)
        pictures.width, pictures.height, pictures.pix_fmt = screen.WIDTH_PX, screen.HEIGHT_PX, "yuv420p"
        pictures.codec_context.thread_count = 2
        tones = container.add_stream("libopus", rate=OPUS_HZ, layout="stereo")
        tones.bit_rate = OPUS_BIT_S
        pieces = sound.frames()
        heard_s = 0.0
        for number in range(count):
            if number % FPS == 0:
                if is_cancelled and is_cancelled():
                    raise Cancelled("The video was cancelled.")
                if on_stage:
                    on_stage("filming", number / count)
            frame = av.VideoFrame.from_ndarray(show.frame(number / FPS), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(pictures.encode(frame))
            while heard_s <= number / FPS and (piece := next(pieces, None)) is not None:
                heard_s += piece.samples / OPUS_HZ
                container.mux(tones.encode(piece))
        for piece in pieces:
            container.mux(tones.encode(piece))
        container.mux(pictures.encode(None))
        container.mux(tones.encode(None))
    return count


def _picture(path: Path) -> screen.Picture:
    """A JPEG or PNG as RGB."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _plain() -> screen.Picture:
    """Stands in for a sleeve: dusk from corner to corner."""
    ramp = np.linspace(0, 1, 64, dtype=np.float32)
    share = ((ramp[None, :] + ramp[:, None]) / 2)[..., None]
    low, high = np.array([34, 30, 62], np.float32), np.array([224, 132, 98], np.float32)
    return (low + (high - low) * share).astype(np.uint8)
