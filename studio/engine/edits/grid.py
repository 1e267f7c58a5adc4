"""Seconds of a take to the beats of its score: where edits may cut."""

from bisect import bisect_right

from studio.engine.perform import LEAD_IN_S, Clock
from studio.engine.score import Score, VocalLine
from studio.engine.spec import SpecError

# A line may begin this long before its bar line and still belong to the bar (a pickup).
PICKUP_BEATS = 1.05
# A note held this little over a cut is shortened without being missed.
OVERHANG_BEATS = 0.3
NEAR_BARS = 2
WORD_PARTS = ("lead", "adlib")


def bar_lines(score: Score) -> tuple[float, ...]:
    """Beats of every bar line, the end of the song included; bars are counted from their section's start."""
    lines = []
    for section in score.sections:
        bars = max(1, round(section.length_beats / score.bar_beats))
        lines += [section.start_beat + bar * score.bar_beats for bar in range(bars)]
    return (*lines, score.length_beats)


def seconds_at(score: Score, beat: float) -> float:
    """When a beat sounds, in seconds of the audio; beats before the song give less than the lead-in."""
    return Clock(score)(beat)


def beat_at(score: Score, at_s: float) -> float:
    """The beat that sounds at `at_s` seconds, 0 before the song and its length after it."""
    clock = Clock(score)
    low, high = 0.0, score.length_beats
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if clock(middle) <= at_s else (low, middle)
    return high


def song_end_s(score: Score) -> float:
    """Seconds of the last bar line; what sounds after it is the last chord dying away."""
    return seconds_at(score, score.length_beats)


def nearest_bar(score: Score, at_s: float) -> float:
    """The beat of the bar line nearest to `at_s` seconds."""
    return min(bar_lines(score), key=lambda beat: abs(seconds_at(score, beat) - at_s))


def cuts_a_line(score: Score, beat: float) -> bool:
    """Whether somebody is in the middle of a sung line at a bar line."""
    return any(
        line.part in WORD_PARTS
        and not starts_after(line, beat)
        and line.notes[0].start_beat < beat
        and line.notes[-1].end_beat > beat + OVERHANG_BEATS
        for line in score.vocals
    )


def nearest_breath(score: Score, at_s: float) -> float:
    """The beat of the bar line nearest to `at_s` seconds between sung lines; the nearest of all when none of
    those at most two bars away is free."""
    nearest = nearest_bar(score, at_s)
    reach = NEAR_BARS * score.bar_beats + 1e-6
    free = [
        beat for beat in bar_lines(score) if abs(beat - nearest) <= reach and not cuts_a_line(score, beat)
    ]
    # Of two that are equally near, the later one keeps more of the song.
    return min(free, key=lambda beat: (round(abs(seconds_at(score, beat) - at_s), 1), -beat), default=nearest)


def check_moment(score: Score, at_s: float, what: str) -> None:
    """Raises SpecError when `at_s` seconds is no moment of the song."""
    end_s = song_end_s(score)
    if not 0.0 <= at_s <= end_s + 5.0:
        raise SpecError(
            f"{what} is {at_s:g} s; this song goes from 0 to {end_s:.1f} s. Choose a moment inside it."
        )


def window_beats(score: Score, start_s: float, end_s: float) -> tuple[float, float]:
    """The bars that hold start_s..end_s, as (start, end) beats on bar lines.

    The bars are taken outward; half a sixteenth of slack keeps a window that was meant to lie on a bar line
    from taking one bar more. Raises SpecError for windows outside the song or shorter than a bar.
    """
    check_moment(score, start_s, "The window's start")
    if end_s <= start_s:
        raise SpecError(f"The window ends at {end_s:g} s, before it starts at {start_s:g} s. Swap the two.")
    check_moment(score, end_s, "The window's end")
    bar_s = score.bar_beats * 60.0 / score.bpm
    if end_s - start_s < bar_s * 0.9:
        raise SpecError(
            f"The window is {end_s - start_s:.2f} s long, and a bar of this song lasts {bar_s:.2f} s. "
            "Choose at least one bar."
        )
    slack_s = LEAD_IN_S + 60.0 / score.bpm / 8
    lines = bar_lines(score)
    times = [seconds_at(score, beat) for beat in lines]
    first = max(0, bisect_right(times, start_s + slack_s) - 1)
    last = next((i for i, time in enumerate(times) if time >= end_s - slack_s), len(lines) - 1)
    return lines[min(first, len(lines) - 2)], lines[max(last, first + 1)]


def starts_after(line: VocalLine, cut: float) -> bool:
    """Whether a line belongs to the bar that begins at `cut`: it starts there, or leads into it."""
    start, end = line.notes[0].start_beat, line.notes[-1].end_beat
    return start >= cut - 1e-6 or (start >= cut - PICKUP_BEATS and end > cut + 0.01)


def whole_lines(score: Score, start: float, end: float) -> tuple[float, float]:
    """The window widened by whole bars until no sung line lies across one of its edges."""
    bars = bar_lines(score)
    lines = [line for line in score.vocals if line.part in WORD_PARTS and line.notes]
    for _ in range(8):
        before = (start, end)
        for line in lines:
            first, last = line.notes[0].start_beat, line.notes[-1].end_beat
            if not starts_after(line, start) and last > start + OVERHANG_BEATS:
                start = max(bar for bar in bars if bar <= max(0.0, first) + 1e-6)
            if not starts_after(line, end) and starts_after(line, start) and last > end + OVERHANG_BEATS:
                end = min((bar for bar in bars if bar >= last - 1e-6), default=score.length_beats)
        if (start, end) == before:
            break
    return start, end
