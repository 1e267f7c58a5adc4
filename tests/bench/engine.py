"""What a song costs the engine: processor seconds by stage, and memory. Each length has its own process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LYRICS = Path(__file__).resolve().parents[1] / "engine" / "gate_lyrics" / "ferry.txt"
LENGTHS_S = (30.0, 90.0, 240.0)


def measure(seconds: float) -> dict[str, float]:
    """Render one song of about so many seconds here and now."""
    from studio.engine import SongSpec, plan, render
    from studio.engine.gates.measure import peak_mib

    text = LYRICS.read_text(encoding="utf-8")
    # The short one gets the first stanza alone: sung lyrics are never cut to a length.
    spec = SongSpec(lyrics=text if seconds > 60 else text[:240], tags="pop", duration_s=seconds, seed=1)
    begun = time.process_time()
    plan(spec)
    plan_s = time.process_time() - begun
    with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
        begun, wall = time.process_time(), time.perf_counter()
        song = render(spec, Path(folder))
        cpu_s, wall_s = time.process_time() - begun, time.perf_counter() - wall
    stages = {f"stage {name}": share_s for name, share_s in song.timings_s.items()}
    figures = {"length": song.duration_s, "plan": plan_s, "cpu": cpu_s, "wall": wall_s, "mib": peak_mib()}
    return {**figures, **stages}


def main() -> None:
    print("\nengine: one pop song, seconds of the processor and of the clock, and the most memory held")
    print(f"{'':16}{'length s':>10}{'plan ms':>10}{'cpu s':>10}{'clock s':>10}{'clock/length':>14}{'MiB':>8}")
    for seconds in LENGTHS_S:
        command = [sys.executable, "-m", "tests.bench.engine", f"{seconds:g}"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        row = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{f'about {seconds:g} s':16}{row['length']:>10.1f}{row['plan'] * 1000:>10.0f}{row['cpu']:>10.1f}"
            f"{row['wall']:>10.1f}{row['wall'] / row['length']:>14.2f}{row['mib']:>8.0f}"
        )
        stages = [f"{name[6:]} {spent:.1f}" for name, spent in row.items() if name.startswith("stage ")]
        print(f"{'':16}{', '.join(stages)}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(float(sys.argv[1]))))
    else:
        main()
