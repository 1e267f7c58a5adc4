"""Makes the songs of the gates, prints what they are like, and fails when a demand is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.engine.gates import table
from studio.engine.gates.cases import LONG_S, LYRICS_FOLDER, ROOT, SEEDS, STYLES, VOICES, Case, make_cases
from studio.engine.gates.demands import judge
from studio.engine.gates.recognise import can_recognise
from studio.engine.gates.runner import Options, Row, run_all
from studio.engine.gates.together import figures_of_all


def parser() -> argparse.ArgumentParser:
    """The options; lists are separated by commas."""
    out = argparse.ArgumentParser(prog="python -m studio.engine.gates", description=__doc__)
    out.add_argument(
        "--styles", default=",".join(STYLES), help="any tags the engine knows (default: 20 styles)"
    )
    out.add_argument("--voices", default=",".join(VOICES), help="f, m or both")
    out.add_argument("--seeds", default=",".join(map(str, SEEDS)), help="whole numbers")
    out.add_argument(
        "--lyrics", default="", help="names of texts in the lyrics folder (default: all in turn)"
    )
    out.add_argument("--lyrics-folder", type=Path, default=LYRICS_FOLDER, help="where the texts are")
    out.add_argument("--limit", type=int, default=0, help="stop after so many songs")
    out.add_argument("--no-long", action="store_true", help="leave out the song of four minutes")
    out.add_argument("--no-asr", action="store_true", help="leave out speech recognition")
    out.add_argument("--jobs", type=int, default=1, help="songs side by side")
    out.add_argument("--out", type=Path, default=ROOT / "build" / "gates", help="folder for the rows")
    out.add_argument("--keep", type=Path, help="folder to keep the songs in")
    out.add_argument("--fresh", action="store_true", help="measure again what was measured before")
    out.add_argument("--any-code", action="store_true", help="let rows of an older engine count")
    return out


def chosen(asked: argparse.Namespace) -> list[Case]:
    """The cases that the options ask for. Raises ValueError for unknown lyrics."""
    cases = make_cases(
        _split(asked.styles),
        _split(asked.voices),
        [int(seed) for seed in _split(asked.seeds)],
        lyrics=_split(asked.lyrics),
        folder=asked.lyrics_folder,
    )
    cases = cases[: asked.limit or None]
    if not asked.no_long and cases:
        first = cases[0]
        cases.append(Case(first.style, first.voice, first.seed, first.lyrics, duration_s=LONG_S))
    return cases


def _split(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every demand is met, 1 when one is not, 2 for options that make no sense."""
    out = parser()
    asked = out.parse_args(arguments)
    try:
        cases = chosen(asked)
    except ValueError as error:
        out.error(str(error))
    listens = not asked.no_asr
    if listens and not can_recognise():
        out.error('speech recognition needs the extra "recognition"; --no-asr leaves it out')
    options = Options(
        asked.out, asked.lyrics_folder, asked.keep, listens, asked.jobs, asked.fresh, asked.any_code
    )
    print(table.head(), flush=True)
    rows = run_all(cases, options, _print_row)
    return _report(cases, rows, asked.lyrics_folder)


def _print_row(case: Case, row: Row) -> None:
    if "error" in row:
        print(f"{case.name}: {row['error']}", flush=True)
        return
    print(table.line(case.name, row["figures"]), flush=True)
    for fault in row["faults"]:
        print(f"    {fault}", flush=True)


def _report(cases: Sequence[Case], rows: Sequence[Row], folder: Path) -> int:
    figures = {case.name: row["figures"] for case, row in zip(cases, rows, strict=True) if "error" not in row}
    broken = [case.name for case, row in zip(cases, rows, strict=True) if "error" in row]
    features = {
        case.name: row["features"] for case, row in zip(cases, rows, strict=True) if "error" not in row
    }
    print(table.line(f"mean of {len(figures)}", table.means(figures)))
    verdicts = judge(figures, figures_of_all(cases, features, folder))
    print()
    print(*table.summary(verdicts), sep="\n")
    missed = [verdict for verdict in verdicts if not verdict.is_met]
    texts = len({case.lyrics for case in cases})
    measured = [verdict for verdict in verdicts if verdict.counted]
    counts = (
        f"{len(measured) - len(missed)} demands met, {len(missed)} missed, "
        f"{len(verdicts) - len(measured)} not measured"
    )
    print(f"\n{len(figures)} songs, {texts} lyrics: {counts}.")
    for name in broken:
        print(f"Not made: {name}")
    return 1 if missed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
