"""Keeping child processes alive, and ending them so that none is left and no work is cut short without need.

Each child leads a session of its own, so a Ctrl+C in the terminal reaches only the supervisor. To stop,
leaders alone are signalled: a queue cluster whose whole group gets SIGTERM locks itself up. What is left
after a grace is killed by group.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
ROUND_S = 0.2
BACKOFF_MAX_S = 30.0
STEADY_S = 60.0  # who lived that long is started again without delay


class Child:
    """One child process and, with it, its group. Started again by the supervisor when it ends."""

    def __init__(
        self, name: str, argv: Sequence[str], *, grace_s: float, env: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.grace_s = grace_s
        self.env = env or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0  # in quick succession
        self.started_s = 0.0
        self._start_again_s = 0.0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.started_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio.child", str(os.getpid()), *self.argv],
            cwd=ROOT,
            env=os.environ | self.env,
            start_new_session=True,
        )

    def tend(self) -> None:
        """Start it when it is not running, later and later when it keeps dying."""
        if self.is_alive:
            return
        if self.process is not None:
            self._note_death()
        if time.monotonic() >= self._start_again_s:
            self.start()

    def _note_death(self) -> None:
        assert self.process is not None
        logger.warning("%s ended with %s; it is started again.", self.name, self.process.returncode)
        self.kill_group()
        is_steady = time.monotonic() - self.started_s > STEADY_S
        self.deaths = 1 if is_steady else self.deaths + 1
        wait_s = min(0.25 * 2 ** (self.deaths - 1), BACKOFF_MAX_S)
        self._start_again_s = time.monotonic() + wait_s
        self.process = None

    def ask_to_stop(self) -> None:
        if self.is_alive:
            assert self.process is not None
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)

    def kill_group(self) -> None:
        """SIGKILL for all that is left of its session; the group's number is the leader's."""
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """Runs children until SIGTERM or SIGINT, in the main thread, with `each_round` a few times a second."""

    def __init__(self, children: Sequence[Child], each_round: Callable[[], object] = lambda: None) -> None:
        self.children = list(children)  # more may be added while it runs
        self.each_round = each_round
        self.wishes_to_stop = 0

    def run(self) -> None:
        """Returns when all children have ended. Main thread only."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._on_signal)
        try:
            while not self.wishes_to_stop:
                for child in self.children:
                    child.tend()
                self.each_round()
                time.sleep(ROUND_S)
        finally:
            self._stop()

    def stop(self) -> None:
        """Have `run` return soon."""
        self.wishes_to_stop += 1

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        self.stop()

    def _stop(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        begun_s = time.monotonic()
        # A second Ctrl+C means: now.
        while any(child.is_alive for child in self.children) and self.wishes_to_stop < 2:
            for child in self.children:
                if time.monotonic() - begun_s > child.grace_s:
                    child.kill_group()
            time.sleep(ROUND_S / 4)
        for child in self.children:
            child.kill_group()
