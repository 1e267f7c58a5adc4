"""A whole studio (web, workers, engine) as one process tree on a free port with a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Studio:
    url: str
    data_dir: Path
    env: dict[str, str]

    def manage(self, *words: str) -> str:
        """What `manage.py words…` prints, run on this studio's data."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextlib.contextmanager
def running_studio(data_dir: Path, **extra: str) -> Iterator[Studio]:
    """A studio of its own, up and healthy; stopped the way Ctrl+C stops it."""
    port = free_port()
    env = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        **extra,
    }
    log = data_dir / "studio.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "studio"], cwd=ROOT, env=env, stdout=output, stderr=output
        )
    studio = Studio(f"http://127.0.0.1:{port}", data_dir, env)
    try:
        _wait_until_healthy(studio, process, log)
        yield studio
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _wait_until_healthy(studio: Studio, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{studio.url}/healthz", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"the studio did not come up:\n{log.read_text(errors='replace')[-4000:]}")
