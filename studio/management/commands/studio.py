from __future__ import annotations

import http.client
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError

from studio import preparing
from studio.processes import Child, Supervisor

# The worker's own grace for a submit in flight is 40 s; this one must outlast it.
WORKER_GRACE_S = 50.0
WEB_GRACE_S = 15.0
READY_WITHIN_S = 60.0
# The first page comes first: on two processors the worker's own start would double its time.
WORKER_WAITS_S = 5.0
WEB_DEATHS = 3
LONGEST_REQUEST_LINE_BYTES = 8190  # gunicorn's most: a poll names every open card of its page


class Command(BaseCommand):
    help = "Runs the whole studio: prepares what is needed, then web server and worker. Ctrl+C stops it."
    requires_system_checks = []  # only ours, below: the others import every page, as the web server will

    def handle(self, *args: Any, **options: Any) -> None:
        self._gave_up, self._is_ready = False, threading.Event()
        self._refuse_bad_settings()
        preparing.database(self._say)
        preparing.static_files(self._say)
        web, worker = _web(), _worker()
        supervisor = Supervisor([web], lambda: self._each_round(supervisor, web, worker))
        threading.Thread(target=self._announce, daemon=True).start()
        supervisor.run()
        if self._gave_up:
            raise CommandError("The web server does not start; the lines above say why.")
        self._say("Ostinato has stopped.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _refuse_bad_settings(self) -> None:
        found = checks.run_checks(tags=["studio"])
        if serious := [one for one in found if one.is_serious()]:
            raise CommandError("\n".join(f"{one.msg} {one.hint or ''}".strip() for one in serious))
        if problem := preparing.port_problem(settings.HOST, settings.PORT):
            raise CommandError(problem)
        for one in found:
            if one.level >= checks.WARNING:
                self._say(f"Note: {one.msg} {one.hint or ''}".strip())

    def _each_round(self, supervisor: Supervisor, web: Child, worker: Child) -> None:
        is_late = time.monotonic() - web.started_s > WORKER_WAITS_S
        if worker not in supervisor.children and (self._is_ready.is_set() or is_late):
            supervisor.children.append(worker)
        if web.deaths >= WEB_DEATHS:
            self._gave_up = True
            supervisor.stop()

    def _announce(self) -> None:
        """Say the address once it answers."""
        shown = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        asked = settings.HOST
        if settings.HOST in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
            asked = shown = "127.0.0.1"
        begun_s = time.monotonic()
        while time.monotonic() - begun_s < READY_WITHIN_S:
            if _answers(asked, settings.PORT):
                self._is_ready.set()
                address = settings.PUBLIC_URL or f"http://{shown}:{settings.PORT}"
                return self._say(f"Ostinato is ready: {address}")
            time.sleep(0.1)
        return None


def _answers(host: str, port: int) -> bool:
    """Whether the web server answers at all; what it says about itself is for /healthz's readers."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _web() -> Child:
    bind = (
        f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
    )
    argv = [sys.executable, "-m", "gunicorn", "studio.wsgi", "--bind", bind]
    argv += ["--worker-class", "gthread", "--workers", str(settings.WEB_WORKERS)]
    argv += ["--threads", str(settings.WEB_THREADS)]
    argv += ["--limit-request-line", str(LONGEST_REQUEST_LINE_BYTES)]
    # Nothing opens a connection or starts a thread at import time, so the workers may share what is loaded.
    argv += ["--preload", "--no-control-socket", "--log-level", "warning"]
    argv += ["--timeout", "60", "--graceful-timeout", "10", "--keep-alive", "15"]
    return Child("web", argv, grace_s=WEB_GRACE_S)


def _worker() -> Child:
    return Child("worker", [sys.executable, "manage.py", "worker"], grace_s=WORKER_GRACE_S)
