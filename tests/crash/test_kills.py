"""Killing workers at random moments costs time, never money and never a song."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.fake_api import PRICE_CREDITS, FakeApi
from tests.postgres import server_programs, throwaway_server

pytestmark = pytest.mark.crash
ROOT = Path(__file__).resolve().parents[2]
OVER = {"ready", "failed", "unconfirmed"}
END_WITHIN_S = 120


class Studio:
    """A worker with a database, a vault and a provider of its own."""

    def __init__(self, folder: Path, api: FakeApi, database_url: str | None) -> None:
        self.env = os.environ | {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.crash_settings",
            "DATABASE_URL": database_url or f"sqlite:///{folder}/studio.sqlite3",
            "QUEUE_WORKERS": "2",
            "RENDER_WORKERS": "1",
            "LOG_LEVEL": "CRITICAL",
        }
        self.scene = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.scene"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.worker: subprocess.Popen[bytes] | None = None
        self.ask("prepare", api.base_url)

    def ask(self, *words: str) -> Any:
        assert self.scene.stdin is not None
        assert self.scene.stdout is not None
        self.scene.stdin.write(" ".join(words) + "\n")
        self.scene.stdin.flush()
        return json.loads(self.scene.stdout.readline())

    def keep_working(self) -> None:
        """Start the worker when it is not running, as a service manager would."""
        if self.worker is None or self.worker.poll() is not None:
            self.worker = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=ROOT,
                env=self.env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def processes(self) -> list[int]:
        """The worker's fence and everything below it, by number."""
        assert self.worker is not None
        parents = {pid: parent for pid, parent in _all_processes() if pid != self.worker.pid}
        family, found = {self.worker.pid}, {self.worker.pid}
        while found:
            found = {pid for pid, parent in parents.items() if parent in found} - family
            family |= found
        return sorted(family)

    def wait_until_working(self) -> None:
        """Until both clusters have forked their workers: fence, two leaders, and at least nine below them."""
        _wait_for(lambda: self.keep_working() or len(self.processes()) >= 12, 60)

    def close(self) -> None:
        for process in (self.worker, self.scene):
            if process is not None:
                process.terminate()
        if self.scene.stdin is not None:
            self.scene.stdin.close()
        for process in (self.worker, self.scene):
            if process is not None:
                process.wait(timeout=60)


def _all_processes() -> Iterator[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            after_name = path.read_text().rpartition(")")[2].split()
            yield int(path.parent.name), int(after_name[1])


def _wait_for(is_so: Any, at_most_s: float) -> None:
    begun_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun_s < at_most_s, "waited in vain"
        time.sleep(0.1)


MANNERS = ["process"] * 5 + ["group"] * 3 + ["everything"] * 2


def _kill(studio: Studio, manner: str, chance: random.Random) -> None:
    """SIGKILL for one process, for a whole cluster, or for everything at once."""
    victims = studio.processes()
    pid = chance.choice(victims)
    with suppress(ProcessLookupError):
        if manner == "process":
            os.kill(pid, signal.SIGKILL)
        elif manner == "group":
            os.killpg(os.getpgid(pid), signal.SIGKILL)
        else:
            for victim in victims:
                os.kill(victim, signal.SIGKILL)


def _trial(studio: Studio, seed: int) -> dict[str, Any]:
    """Ten tasks, a kill at a random moment after each one's start, then peace; gives the report."""
    chance = random.Random(seed)
    studio.keep_working()
    studio.wait_until_working()
    for number, manner in enumerate(chance.sample(MANNERS, k=len(MANNERS))):
        studio.ask("begin", f"Song-{number}")
        time.sleep(chance.uniform(0.1, 1.6))
        _kill(studio, manner, chance)
        studio.keep_working()
        if number % 3:  # else the next kill may hit a worker that is just starting
            studio.wait_until_working()
    for number in range(2):
        studio.ask("begin", f"Afterwards-{number}")
    _wait_for(lambda: studio.keep_working() or set(studio.ask("look").values()) <= OVER, END_WITHIN_S)
    report = studio.ask("report")
    print(f"seed {seed}: {dict(Counter(task['status'] for task in report['tasks'].values()))}")
    return report


def _judge(report: dict[str, Any], api: FakeApi) -> None:
    tasks = report["tasks"]
    sent = Counter(task.request["title"] for task in api.tasks.values())
    assert max(sent.values()) == 1, "a request was sent twice"
    assert all(task["problem"] for task in tasks.values() if task["status"] != "ready")
    for title, task in tasks.items():
        if task["status"] == "ready":
            assert task["entries"] == ["hold", "settle"]
            assert (sent[title], task["ready_clips"]) == (1, 2)
        if task["status"] == "unconfirmed":
            assert task["entries"] == ["hold"]
        if "release" in task["entries"]:
            assert sent[title] == 0, "credits were given back that the provider has taken"
    settled = sum(task["charged_credits"] for task in tasks.values())
    held = {title: task["held_credits"] for title, task in tasks.items() if task["status"] == "unconfirmed"}
    # A worker may die before its request left: its hold then waits for a person, and no charge belongs to it.
    assert api.charged_credits == settled + sum(credits for title, credits in held.items() if sent[title])
    assert report["available"] == report["grants"] - settled - sum(held.values())
    assert report["clips_without_audio"] == []
    assert tasks["Afterwards-0"]["status"] == tasks["Afterwards-1"]["status"] == "ready"


def _run(folder: Path, database_url: str | None, seed: int) -> None:
    seed = int(os.environ.get("CRASH_SEED", seed))
    with FakeApi(credits=100 * PRICE_CREDITS, polls_until_ready=3) as api:
        api.submit_delay_s = 0.8  # long enough to be hit
        studio = Studio(folder, api, database_url)
        try:
            report = _trial(studio, seed)
        finally:
            studio.close()
        _judge(report, api)


def test_ten_kills_on_sqlite(tmp_path):
    _run(tmp_path, None, seed=1)


@pytest.mark.postgres
def test_ten_kills_on_postgresql(tmp_path):
    programs = server_programs()
    if programs is None:
        pytest.skip("The server programs of PostgreSQL (initdb, pg_ctl) are not installed on this machine.")
    with throwaway_server(programs) as database_url:
        _run(tmp_path, database_url, seed=2)
