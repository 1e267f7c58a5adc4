"""What the voice of a song is like: its pitch against the notes, its words against the lyrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.gates.measure import Rendered, Row, read, silent_words
from studio.engine.gates.recognise import chunks_of, heard_in
from studio.engine.perform import Performance, perform
from studio.engine.quality.pitch import track_pitch
from studio.engine.quality.singing import VOWELS, Breath, tuning
from studio.engine.quality.words import spoken_words, word_errors
from studio.engine.score import Score
from studio.engine.singers import cast

if TYPE_CHECKING:
    from studio.engine.voice import PlacedLine

Mono = NDArray[np.float32]
BEFORE_S, AFTER_S = 0.3, 0.6
Heard = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class SungLine:
    """A line of text as sung: when, by whom (part), and its words with their times."""

    text: str
    part: str
    start_s: float
    end_s: float
    words: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Voice:
    """The dry lead of a song, float32 (samples,), and in order of time its lines with those of the ad-libs,
    and the lead's notes and vowels. `missing` lines of the lyrics are not sung."""

    dry: Mono
    lines: tuple[SungLine, ...]
    breaths: tuple[Breath, ...]
    missing: int

    @property
    def lead(self) -> list[SungLine]:
        return [line for line in self.lines if line.part == "lead"]


def dry_voice(score: Score, samples: int) -> Voice:
    """The lead sung again without effects, by the code and the seeds that sang it in the song."""
    performed = cast(score, perform(score))
    performance = performed.performance
    leads = [singer for singer in performed.singers if singer.role == "lead voice"]
    dry = np.zeros(samples, np.float32)
    for singer in leads:
        dry += singer.sing(samples)
    placed = [line for singer in performed.singers for line in singer.lines if line.part in ("lead", "adlib")]
    lines, breaths, missing = _match(score, performance, placed)
    return Voice(dry, tuple(lines), tuple(breaths), missing)


def _match(
    score: Score, performance: Performance, placed: Sequence[PlacedLine]
) -> tuple[list[SungLine], list[Breath], int]:
    """Every line of the lyrics with the placed line that sings it; how many have none."""
    lines, breaths, missing = [], [], 0
    for written, timed in zip(score.vocals, performance.lines, strict=True):
        if timed.part not in ("lead", "adlib"):
            continue
        begin_s = timed.notes[0].start_s
        mine = [line for line in placed if line.part == timed.part and len(line.words) == len(timed.words)]
        best = min(mine, key=lambda line: abs(line.words[0][0] - begin_s), default=None)
        if best is None or abs(best.words[0][0] - begin_s) > 0.6:
            missing += 1
            continue
        text = " ".join(word.text for word in written.words)
        lines.append(SungLine(text, timed.part, best.words[0][0], best.words[-1][1], best.words))
        if timed.part == "lead":
            vowels = [(p.start_s, p.end_s) for p in best.phones if set(p.symbol) & VOWELS]
            breaths.append(Breath(timed.notes, tuple(vowels)))
    lines.sort(key=lambda line: line.start_s)
    return lines, breaths, missing


def measure_voice(made: Rendered, *, listens: bool) -> tuple[Row, list[str], Heard]:
    """(figures, faults in words, what was said and heard per chunk) of a song with a persona."""
    score = made.score
    mix = read(made.song.paths.flac)
    voice = dry_voice(score, mix.shape[1])
    words = [span for line in voice.lead for span in line.words]
    row: Row = {"silent_words": float(silent_words(voice.dry, words))}
    faults = [f"{voice.missing} lines of the lyrics are not sung"] if voice.missing else []
    if voice.breaths and not (score.persona and score.persona.is_rap):
        row |= _tuning(voice)
    heard: Heard = {}
    if listens and voice.lines:
        heard = {"dry": listen(voice.dry, voice.lead), "mix": listen(mix.mean(axis=0), voice.lines)}
        row |= {f"{name}_word_error": error_of(pairs) for name, pairs in heard.items()}
    return row, faults, heard


def _tuning(voice: Voice) -> Row:
    found = tuning(track_pitch(voice.dry), voice.breaths)
    return {
        "median_cents": found.median_cents,
        "p90_cents": found.p90_cents,
        "off_share": found.off_share,
        "coverage": found.coverage,
        "median_lag_ms": found.median_lag_s * 1000,
        "p90_lag_ms": found.p90_lag_s * 1000,
    }


def listen(mono: Mono, lines: Sequence[SungLine]) -> list[tuple[str, str]]:
    """(said, heard) of every chunk of `mono`, cut at rests between lines."""
    pairs = []
    for chunk in chunks_of([(line.start_s, line.end_s) for line in lines]):
        said = " ".join(lines[number].text for number in chunk)
        start_s, end_s = lines[chunk[0]].start_s, max(lines[number].end_s for number in chunk)
        before_s = lines[chunk[0] - 1].end_s if chunk[0] else start_s - 2 * BEFORE_S
        after_s = lines[chunk[-1] + 1].start_s if chunk[-1] + 1 < len(lines) else end_s + 2 * AFTER_S
        # Some air around the words, and nothing of the next line's.
        start_s -= min(BEFORE_S, max(0.0, (start_s - before_s) / 2))
        end_s += min(AFTER_S, max(0.0, (after_s - end_s) / 2))
        pairs.append((said, heard_in(mono, start_s, end_s)))
    return pairs


def error_of(pairs: Sequence[tuple[str, str]]) -> float:
    """Word error over all chunks: wrong words over words said."""
    counted = [(spoken_words(said), spoken_words(heard)) for said, heard in pairs]
    return sum(word_errors(said, heard) for said, heard in counted) / max(1, sum(len(s) for s, _ in counted))
