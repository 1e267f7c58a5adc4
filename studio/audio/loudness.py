"""How loud a clip is: integrated loudness and true peak after ITU-R BS.1770-5, in one streaming pass."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.signal
from pyloudnorm.iirfilter import IIRfilter

from studio.audio import peaks
from studio.audio.files import Samples, check_duration, decode

STEP_S = 0.1  # gating blocks of 400 ms overlap by 75 %, so all are sums of four steps of 100 ms
STEPS_PER_BLOCK = 4
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LUFS = -0.691  # makes a 997 Hz sine of full scale in one channel read -3.01
SURROUND_GAIN = 1.41  # for channels 4 and 5

OVERSAMPLING = 4
_TAPS = 12  # per phase, as the filter of BS.1770 annex 2
# Products of this size stay below the size from which OpenBLAS uses threads, which spin against other
# workers: on two busy cores they made the whole measurement five times slower.
_PIECE_FRAMES = 4096


@dataclass(frozen=True)
class Measured:
    """What one pass over a clip finds."""

    duration_s: float
    sample_rate_hz: int
    channels: int
    loudness_lufs: float | None  # None for silence and for anything shorter than 0.4 s
    true_peak_dbtp: float | None  # None for digital silence
    peaks: peaks.Peaks


def measure(
    path: Path,
    *,
    buckets: int = peaks.BUCKETS,
    normalise: bool = False,
    expected_duration_s: float | None = None,
) -> Measured:
    """Loudness, true peak, peaks and length of a file in one decode, memory independent of its length.

    Raises files.BrokenAudio when it cannot be decoded to its end, is empty, or is shorter than expected.
    """
    source = decode(path)
    loud = LoudnessMeter(source.sample_rate_hz, source.channels)
    true_peak, drawn = TruePeakMeter(source.channels), peaks.PeakMeter()
    for block in source:
        loud.push(block)
        true_peak.push(block)
        drawn.push(block)
    check_duration(source.duration_s, expected_duration_s)
    return Measured(
        duration_s=source.duration_s,
        sample_rate_hz=source.sample_rate_hz,
        channels=source.channels,
        loudness_lufs=loud.integrated_lufs(),
        true_peak_dbtp=true_peak.dbtp(),
        peaks=drawn.result(buckets, normalise=normalise),
    )


class LoudnessMeter:
    """Integrated loudness of a stream: K-weighting, 400 ms blocks, absolute and relative gate.

    Filters come from pyloudnorm ("DeMan", the set that reproduces the coefficients printed in BS.1770). The
    gating is done here because pyloudnorm wants the whole clip in memory, twice.
    """

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._sos = k_weighting(sample_rate_hz)
        self._state = np.zeros((len(self._sos), 2, channels))
        self._gains = np.where(np.arange(channels) < 3, 1.0, SURROUND_GAIN)
        self._step_frames = round(sample_rate_hz * STEP_S)
        self._rest = np.zeros(0)
        self._steps: list[npt.NDArray[np.float64]] = []  # mean squares, 80 bytes a second

    def push(self, block: Samples) -> None:
        """Take in the next block, shape (frames, channels)."""
        weighted, self._state = scipy.signal.sosfilt(self._sos, block, axis=0, zi=self._state)
        power = np.concatenate([self._rest, np.einsum("fc,fc,c->f", weighted, weighted, self._gains)])
        whole = len(power) // self._step_frames
        steps = power[: whole * self._step_frames].reshape(whole, self._step_frames)
        self._steps.append(steps.mean(axis=1))
        self._rest = power[whole * self._step_frames :]

    def integrated_lufs(self) -> float | None:
        """Loudness so far in LUFS; None while nothing is above -70 LUFS or 0.4 s have not passed."""
        steps = np.concatenate([np.zeros(0), *self._steps])
        if len(steps) < STEPS_PER_BLOCK:
            return None
        blocks = np.convolve(steps, np.full(STEPS_PER_BLOCK, 1 / STEPS_PER_BLOCK), mode="valid")
        audible = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
        if not len(audible):
            return None
        gate = max(_power(_lufs(audible.mean()) + RELATIVE_GATE_LU), _power(ABSOLUTE_GATE_LUFS))
        return _lufs(audible[audible > gate].mean())


def _lufs(power: float) -> float:
    return float(OFFSET_LUFS + 10 * np.log10(power))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LUFS) / 10))


def k_weighting(sample_rate_hz: int) -> npt.NDArray[np.float64]:
    """The two stages of K-weighting as second-order sections, shape (2, 6)."""
    # Analogue prototypes fitted by De Man to the 48 kHz coefficients of BS.1770, valid at any rate.
    shelf = IIRfilter(
        3.99984385397, 0.7071752369554193, 1681.9744509555319, sample_rate_hz, "high_shelf_DeMan"
    )
    high_pass = IIRfilter(0.0, 0.5003270373253953, 38.13547087613982, sample_rate_hz, "high_pass_DeMan")
    return np.array([[*stage.b, *stage.a] for stage in (shelf, high_pass)])


def _phases() -> npt.NDArray[np.float32]:
    """The interpolating filter, shape (12, 4): a column for each of the four positions between samples."""
    taps = scipy.signal.firwin(OVERSAMPLING * _TAPS, 1 / OVERSAMPLING, window=("kaiser", 6.0)) * OVERSAMPLING
    return np.asarray(taps.reshape(_TAPS, OVERSAMPLING)[::-1], dtype=np.float32)


class TruePeakMeter:
    """The highest point of the curve between the samples, estimated at four times the rate."""

    def __init__(self, channels: int) -> None:
        self._filter = _phases()
        self._tail = np.zeros((_TAPS - 1, channels), dtype=np.float32)
        self._highest = 0.0

    def push(self, block: Samples) -> None:
        """Take in the next block, shape (frames, channels)."""
        frames = np.concatenate([self._tail, block])
        self._tail = frames[-(_TAPS - 1) :]
        for channel in np.ascontiguousarray(frames.T):
            windows = np.lib.stride_tricks.sliding_window_view(channel, _TAPS)
            for start in range(0, len(windows), _PIECE_FRAMES):
                between = windows[start : start + _PIECE_FRAMES] @ self._filter
                self._highest = max(self._highest, float(between.max()), -float(between.min()))
        self._highest = max(self._highest, float(np.abs(block).max(initial=0.0)))

    def dbtp(self) -> float | None:
        """The peak so far in dBTP, 0 being full scale; None for digital silence."""
        return float(20 * np.log10(self._highest)) if self._highest > 0 else None
