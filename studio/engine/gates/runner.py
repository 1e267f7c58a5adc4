"""Runs the songs of the gates, each in a process of its own, and keeps their rows so that a stopped run goes
on where it was."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.engine.gates.cases import ROOT, Case, code_hash

TIME_LIMIT_S = 1200.0
Row = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """`folder` takes rows.jsonl; `keep` the songs themselves, None to forget them. `is_any_code` lets rows of
    another state of the engine count."""

    folder: Path
    lyrics: Path
    keep: Path | None = None
    listens: bool = True
    jobs: int = 1
    is_fresh: bool = False
    is_any_code: bool = False


def run_all(cases: Sequence[Case], options: Options, on_row: Callable[[Case, Row], None]) -> list[Row]:
    """A row for every case, in their order. `on_row` hears each as it is there, failed ones too: those have
    an "error" and no figures."""
    file = options.folder / "rows.jsonl"
    options.folder.mkdir(parents=True, exist_ok=True)
    old = {} if options.is_fresh else _read(file, code_hash(), options)

    def take(case: Case) -> Row:
        row = old.get(case.name)
        if row is None:
            row = _measure(case, options)
            with file.open("a", encoding="utf-8") as rows:
                rows.write(json.dumps(row) + "\n")
        on_row(case, row)
        return row

    with ThreadPoolExecutor(options.jobs) as pool:
        return list(pool.map(take, cases))


def _read(file: Path, code: str, options: Options) -> dict[str, Row]:
    """Finished rows by name; the newest wins. Rows without the listening asked for are measured again."""
    rows: Iterable[Row] = (
        map(json.loads, file.read_text(encoding="utf-8").splitlines()) if file.exists() else ()
    )
    return {
        Case(**row["case"]).name: row
        for row in rows
        if "error" not in row
        and (options.is_any_code or row["code"] == code)
        and (row["listened"] or not options.listens)
    }


def _measure(case: Case, options: Options) -> Row:
    code = code_hash()
    row = _ask(case, options, only_hash=False)
    if case.twice and "error" not in row:
        again = _ask(case, options, only_hash=True)
        # While somebody edits the engine, two renders are those of two engines.
        same = float(again.get("hash") == row["hash"]) if code_hash() == code else None
        row["figures"]["is_repeatable"] = same
    return {**row, "case": asdict(case), "listened": options.listens, "code": code}


def _ask(case: Case, options: Options, *, only_hash: bool) -> Row:
    asked = {
        "case": asdict(case),
        "lyrics": str(options.lyrics),
        "keep": str(options.keep.resolve()) if options.keep else "",
        "listens": options.listens,
        "only_hash": only_hash,
    }
    command = [sys.executable, "-m", "studio.engine.gates.one", json.dumps(asked)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        return {"error": f"not finished after {TIME_LIMIT_S:g} s"}
    if done.returncode or not done.stdout.strip():
        tail = done.stderr.strip().splitlines()
        return {
            "error": tail[-1] if tail else f"ended with code {done.returncode}",
            "trace": done.stderr[-3000:],
        }
    row: Row = json.loads(done.stdout.strip().splitlines()[-1])
    return row
