"""Runs benches, each in a process of its own: settings are read once, and each has its own data folder."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec

BENCHES = ("library", "poll", "visit", "song", "engine", "uploads")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Prints figures of the studio."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(BENCHES)}")
    names = parser.parse_args().names or [name for name in BENCHES if find_spec(f"tests.bench.{name}")]
    if unknown := set(names) - set(BENCHES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHES)}")
    codes = [subprocess.run([sys.executable, "-m", f"tests.bench.{name}"]).returncode for name in names]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
