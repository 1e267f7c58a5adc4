"""`python -m studio.engine.gates.fuzz`: odd requests by the thousand. None may crash, hang, lose a word or be
silent; a refusal has to be a SpecError or ValueError with a sentence."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from studio.engine.chance import dice
from studio.engine.gates.odd import odd_spec, short
from studio.engine.perform import TEXT_PARTS, perform
from studio.engine.pipeline import render, write_score
from studio.engine.quality.words import timeline_faults
from studio.engine.score import Score
from studio.engine.singers import cast
from studio.engine.spec import EngineError, SongSpec

COMPOSE_LIMIT_S = 20.0
RENDER_LIMIT_S = 120.0
QUIET_LUFS = -20.0
LONG_WORDS = 600  # no six minutes of singing hold more
REFUSALS = (EngineError, ValueError)


class TooSlow(Exception):
    """A case took longer than its budget."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TooSlow in the main thread after `seconds`; without effect where there is no SIGALRM."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow(f"took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def compose_case(spec: SongSpec) -> str:
    """Compose, perform and place every sound of the singers; "" when all is well, else what is wrong."""
    score = write_score(spec)
    performance = cast(score, perform(score)).performance
    numbers = [number for track in performance.tracks for n in track.notes for number in (n.start_s, n.end_s)]
    if not numbers:
        return "nobody plays a note"
    if not all(math.isfinite(number) for number in numbers):
        return "a note is at no time"
    if not 5.0 < performance.duration_s < 1500.0:
        return f"the song takes {performance.duration_s:g} s"
    empty = [word.text for line in score.vocals for word in line.words if not word.syllables]
    if empty:
        return f"{empty[0]!r} has no syllable"
    faults = timeline_faults(_as_far_as_sung(score), performance.words, performance.duration_s)
    return faults[0] if faults else ""


def _as_far_as_sung(score: Score) -> Score:
    """Lyrics of many thousand words may end early when a remark says so."""
    words = [word.text for line in score.vocals if line.part in TEXT_PARTS for word in line.words]
    sung = "".join("".join(words).split())
    begins_so = "".join(score.lyrics.split()).startswith(sung)
    return replace(score, lyrics=sung) if score.remarks and begins_so and len(words) > LONG_WORDS else score


def _compose(arguments: dict[str, object]) -> str:
    return compose_case(SongSpec(**arguments))  # type: ignore[arg-type]


def _render_short(arguments: dict[str, object], rng: Random) -> str:
    return render_case(short(arguments, rng))


def render_case(spec: SongSpec) -> str:
    """A whole song; "" when it can be heard and is whole, else what is wrong."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        song = render(spec, Path(folder))
        missing = [path.name for path in (song.paths.mp3, song.paths.flac) if not path.stat().st_size]
        if missing:
            return f"{missing[0]} is empty"
    return "" if song.loudness_lufs > QUIET_LUFS else f"it has {song.loudness_lufs:g} LUFS"


def run(count: int, renders: int, seed: int, first: int = 0) -> tuple[Counter[str], list[str]]:
    """How the cases ended, and a sentence for each that went wrong. A case depends on its number alone."""
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    every = max(1, count // renders) if renders else 0
    for number in range(first, first + count):
        rng = dice(seed, "fuzz", number)
        arguments = odd_spec(rng)
        is_rendered = bool(every) and number % every == 0
        end, why = _try(arguments, rng, is_rendered)
        ends[end] += 1
        if why:
            wrong.append(f"case {number}: {why}")
            print(wrong[-1], flush=True)
    return ends, wrong


def _try(arguments: dict[str, object], rng: Random, is_rendered: bool) -> tuple[str, str]:
    begun = time.perf_counter()
    try:
        with time_limit(RENDER_LIMIT_S if is_rendered else COMPOSE_LIMIT_S):
            why = _render_short(arguments, rng) if is_rendered else _compose(arguments)
    except REFUSALS as error:
        sentence = str(error)
        return ("refused", "") if " " in sentence else ("crashed", f"a refusal without a sentence: {error!r}")
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        return "crashed", f"{told[:300]} after {time.perf_counter() - begun:.1f} s"
    return ("wrong", why) if why else ("rendered" if is_rendered else "composed", "")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m studio.engine.gates.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="requests to compose and perform")
    parser.add_argument("--renders", type=int, default=25, help="how many of them are rendered, short")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case, to see one again")
    asked = parser.parse_args(arguments)
    begun = time.perf_counter()
    ends, wrong = run(asked.count, asked.renders, asked.seed, asked.first)
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    print(f"{asked.count} requests in {time.perf_counter() - begun:.0f} s: {told}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
