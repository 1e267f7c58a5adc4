"""One song of the gates in a process of its own: `python -m studio.engine.gates.one JSON` prints its row.

A crash, a hang or a leak of one song harms no other, and its peak of memory is its own.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.engine.gates.cases import Case


def run(
    case: Case, lyrics_folder: Path, keep: Path | None, *, listens: bool, only_hash: bool
) -> dict[str, Any]:
    """The row of one case: figures, faults, features, hash, seconds. With `only_hash` just the last two."""
    from studio.engine.gates.measure import fingerprint, make, measure

    begun = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="gates-")) if keep is None or only_hash else keep / case.name
    try:
        made = make(case.spec(lyrics_folder), folder)
        row: dict[str, Any] = {"hash": fingerprint(made.song)}
        if not only_hash:
            figures, faults, features = measure(made)
            row |= {"features": features, "heard": {}}
            if made.score.persona is not None:
                from studio.engine.gates.sung import measure_voice

                voice, more, row["heard"] = measure_voice(made, listens=listens)
                figures, faults = figures | voice, faults + more
            # Some figures are numpy's own numbers.
            plain = {name: None if value is None else float(value) for name, value in figures.items()}
            row |= {"case": asdict(case), "figures": plain, "faults": faults}
        row["seconds"] = round(time.perf_counter() - begun, 1)
        return row
    finally:
        if keep is None or only_hash:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Reads {"case", "lyrics", "keep", "listens", "only_hash"} from the first argument."""
    asked = json.loads(sys.argv[1])
    keep = Path(asked["keep"]) if asked["keep"] else None
    row = run(
        Case(**asked["case"]),
        Path(asked["lyrics"]),
        keep,
        listens=asked["listens"],
        only_hash=asked["only_hash"],
    )
    print(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main())
