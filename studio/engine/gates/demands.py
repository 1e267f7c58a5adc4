"""What is demanded of the songs, as data: a figure, its limits, and whether each song counts or the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Figures = Mapping[str, float | None]
GIB = 1024.0


@dataclass(frozen=True)
class Demand:
    """`figure` names what was measured. `scope`: "each" song, their "mean", or "all" for figures of the whole
    set. `column` is the head of the song table, empty for none; `digits` is how it is printed."""

    figure: str
    title: str
    low: float | None = None
    high: float | None = None
    scope: str = "each"
    column: str = ""
    digits: int = 2

    def is_met(self, value: float) -> bool:
        """NaN meets nothing."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def wanted(self) -> str:
        if self.low is not None and self.high is not None:
            same = self.low == self.high
            return f"= {self.low:g}" if same else f"{self.low:g} .. {self.high:g}"
        return f">= {self.low:g}" if self.low is not None else f"<= {self.high:g}"


@dataclass(frozen=True)
class Verdict:
    """`worst` is the value farthest from the demand, or the mean; `where` names its song. None for a figure
    that no song has."""

    demand: Demand
    worst: float | None
    where: str
    failed: int
    counted: int

    @property
    def is_met(self) -> bool:
        return self.failed == 0


DEMANDS = (
    Demand("dry_word_error", "word error, dry voice, each", high=0.15, column="dry"),
    Demand("dry_word_error", "word error, dry voice, mean", high=0.10, scope="mean"),
    Demand("mix_word_error", "word error, full mix, each", high=0.45, column="mix"),
    Demand("mix_word_error", "word error, full mix, mean", high=0.25, scope="mean"),
    Demand("median_cents", "pitch error of notes, median, cents", high=8.0, column="cent", digits=1),
    Demand("p90_cents", "pitch error of notes, p90, cents", high=40.0, column="p90", digits=0),
    Demand("off_share", "notes off by more than 50 cents", high=0.04, column="off"),
    Demand("coverage", "vowels voiced and within 50 cents", low=0.90, column="cover"),
    Demand("median_lag_ms", "pitch change after onset, median, ms", -25.0, 25.0, column="lag", digits=0),
    Demand("p90_lag_ms", "pitch change off onset, p90, ms", high=50.0, column="lag90", digits=0),
    Demand("timeline_faults", "timeline: words wrong, missing, out of order", 0, 0, column="time", digits=0),
    Demand("silent_words", "lead words without sound", 0, 0, column="mute", digits=0),
    Demand("lead_lu", "voice against backing, LU", -2.0, 0.0, column="lead", digits=1),
    Demand("loudness_lufs", "loudness, LUFS", -14.3, -13.7, column="LUFS"),
    Demand("true_peak_dbtp", "true peak, dBTP", high=-1.0, column="dBTP"),
    Demand("mp3_loudness_lufs", "loudness of the MP3, LUFS", -14.3, -13.7),
    Demand("mp3_true_peak_dbtp", "true peak of the decoded MP3, dBTP", high=-1.0, column="mp3"),
    Demand("stem_residual_db", "stems summed against the mix, dB", high=-90.0, column="stems", digits=0),
    Demand("bpm_off", "tempo by a tracker, share off (x2, x1/2 too)", high=0.01, column="bpm", digits=3),
    Demand("longest_silence_s", "longest hole, s", high=1.0, column="hole"),
    Demand("clipped_samples", "clipped samples", 0, 0, column="clip", digits=0),
    Demand("dc_offset", "direct current, share of full scale", high=0.001, digits=4),
    Demand("not_finite_samples", "samples that are no number", 0, 0, digits=0),
    Demand("low_off_db", "60-250 Hz against the style's curve, dB", -6.0, 6.0, column="low", digits=1),
    Demand("presence_off_db", "2-6 kHz against the style's curve, dB", -6.0, 6.0, column="pres", digits=1),
    Demand("chord_tone_share", "chord tones on strong beats", low=0.80, column="chord"),
    Demand("melody_range", "range of the tune in a section, semitones", high=12, column="range", digits=0),
    Demand("zigzag_share", "zig-zags of three notes", high=0.10, column="zig"),
    Demand("lift_lu", "chorus above verse, LU", low=2.0, column="lift", digits=1),
    Demand("chorus_density", "onsets of the chorus over the verse's", low=1.0, column="dens"),
    Demand("fill_share", "section changes announced by the drums", low=1.0, column="fill"),
    Demand("is_repeatable", "the same request gives the same samples", 1, 1, digits=0),
    Demand("realtime_factor", "render time over length", high=0.15, column="rtf"),
    Demand("long_peak_mib", "memory for four minutes, MiB", high=GIB, digits=0),
    Demand("seed_overlap", "notes that two seeds share", high=0.60, scope="all"),
    Demand("shared_grams", "five-note figures that two songs share", high=0.40, scope="all"),
    Demand("same_loops", "pairs of songs with one loop and one groove", 0, 0, scope="all", digits=0),
    Demand("genre_accuracy", "styles told apart by simple features", low=0.70, scope="all"),
)  # fmt: skip


def judge(rows: Mapping[str, Figures], whole: Mapping[str, tuple[float, str]]) -> list[Verdict]:
    """Every demand against the songs' figures (by name of song) and the figures of the whole set (with the
    place of the worst). A figure that nobody has is counted as 0 songs and passes: the table says so."""
    return [_judge(demand, rows, whole) for demand in DEMANDS]


def _judge(demand: Demand, rows: Mapping[str, Figures], whole: Mapping[str, tuple[float, str]]) -> Verdict:
    if demand.scope == "all":
        if demand.figure not in whole:
            return Verdict(demand, None, "", 0, 0)
        figure, where = whole[demand.figure]
        return Verdict(demand, figure, where, int(not demand.is_met(figure)), 1)
    found = [(name, value) for name, row in rows.items() if (value := row.get(demand.figure)) is not None]
    if not found:
        return Verdict(demand, None, "", 0, 0)
    if demand.scope == "mean":
        mean = sum(value for _, value in found) / len(found)
        return Verdict(demand, mean, "", int(not demand.is_met(mean)), len(found))
    where, worst = max(found, key=lambda item: _distance(demand, item[1]))
    failed = sum(not demand.is_met(value) for _, value in found)
    return Verdict(demand, worst, where, failed, len(found))


def _distance(demand: Demand, value: float) -> float:
    """How far beyond the nearer limit a value lies; negative inside."""
    if value != value:
        return float("inf")
    under = float("-inf") if demand.low is None else demand.low - value
    over = float("-inf") if demand.high is None else value - demand.high
    return max(under, over)


def failures(row: Figures) -> Sequence[Demand]:
    """The demands on each song that this song does not meet."""
    return [
        demand
        for demand in DEMANDS
        if demand.scope == "each"
        and (value := row.get(demand.figure)) is not None
        and not demand.is_met(value)
    ]
