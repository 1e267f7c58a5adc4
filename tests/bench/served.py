"""A studio for a bench alone: temporary data folder, migrated database, real web server, signed-in client."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKERS = 2
THREADS = 4
ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: http.client.HTTPMessage
    took_s: float


@dataclass(frozen=True)
class Figures:
    """Times of one address at one number of connections."""

    name: str
    connections: int
    times_s: Sequence[float]
    whole_s: float
    size_bytes: int

    HEAD = f"{'':34}{'connections':>12}{'requests/s':>12}{'p50 ms':>9}{'p95 ms':>9}{'kB':>8}"

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.times_s, n=20)
        return (
            f"{self.name:34}{self.connections:>12}{len(self.times_s) / self.whole_s:>12.1f}"
            f"{cuts[9] * 1000:>9.1f}{cuts[18] * 1000:>9.1f}{self.size_bytes / 1000:>8.1f}"
        )


@contextmanager
def data_folder() -> Iterator[Path]:
    """A migrated database and static files in a temporary folder; this process's Django uses them."""
    with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "studio.settings", "LOG_LEVEL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield Path(folder)


class Server:
    """gunicorn as `manage.py studio` runs it: 2 processes with 4 threads."""

    def __init__(self) -> None:
        self.port = _free_port()
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", "gunicorn", "studio.wsgi:application", "--worker-class", "gthread"]
        sizes = ["--workers", str(WORKERS), "--threads", str(THREADS), "--bind", f"127.0.0.1:{self.port}"]
        self._process = subprocess.Popen([*command, *sizes, "--log-level", "error"], cwd=ROOT)
        until_s = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until_s:
                raise SystemExit("The web server did not start.")
            time.sleep(0.1)
        return self

    def __exit__(self, *details: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def sign_in(self, user: object) -> None:
        """All later requests are those of `user`."""
        from importlib import import_module

        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)  # type: ignore[attr-defined]
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()  # type: ignore[attr-defined]
        session.save()
        self._cookies = {settings.SESSION_COOKIE_NAME: session.session_key}

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        connection = self._connect()
        try:
            return self._get(connection, path, headers or {})
        finally:
            connection.close()

    def load(
        self,
        name: str,
        paths: Sequence[str],
        *,
        connections: int,
        requests: int,
        headers: dict[str, str] | None = None,
        expect: int = 200,
    ) -> Figures:
        """Ask for `paths` in turn, `requests` times in all, over so many connections at once."""
        for path in paths:  # until each process has its templates and its connection to the database
            for _ in range(2 * WORKERS * THREADS):
                answer = self.get(path, headers)
                if answer.status != expect:
                    raise SystemExit(f"{path}: {answer.status} instead of {expect}")
        numbers, times_s, sizes, wrong = iter(range(requests)), [], [], []
        lock = threading.Lock()

        def work() -> None:
            connection = self._connect()
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    break
                answer = self._get(connection, paths[number % len(paths)], headers or {})
                if answer.status != expect:
                    wrong.append(answer.status)
                times_s.append(answer.took_s)
                sizes.append(len(answer.body))
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(connections)]
        began_s = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        whole_s = time.perf_counter() - began_s
        if wrong:
            print(f"{name}: {len(wrong)} answers were not {expect}: {sorted(set(wrong))}")
        return Figures(name, connections, times_s, whole_s, round(statistics.mean(sizes)))

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _get(self, connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        began_s = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookies, **headers})
        response = connection.getresponse()
        body = response.read()
        return Answer(response.status, body, response.headers, time.perf_counter() - began_s)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
