"""The thread beside the fence that keeps time: ticks, heartbeats, the row for /healthz, daily cleaning."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from studio.models import Beat
from studio.work import housekeeping, queue, ticker
from studio.work.fence import Cluster

logger = logging.getLogger(__name__)

ROUND_S = 0.5
ROW_EVERY_S = 5.0
FRESH_S = 30.0
CLEAN_EVERY_S = 24 * 3600.0
TROUBLE_WAIT_S = 3.0


def beat_name() -> str:
    return f"worker@{socket.gethostname()}"[:60]


class Clock(threading.Thread):
    """Runs until `stop`. Trouble with the database is logged and waited out."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        super().__init__(name="clock", daemon=True)
        self.clusters = clusters
        self._over = threading.Event()
        self._row_s = self._cleaned_s = 0.0
        self._shown: dict[str, str] = {}

    def run(self) -> None:
        wait_s = 0.0
        while not self._over.wait(wait_s):
            wait_s = ROUND_S
            close_old_connections()
            try:
                self._round()
            except Exception:
                logger.exception("A round of the ticker failed; it is tried again.")
                connection.close()
                wait_s = TROUBLE_WAIT_S
        self._sign_off()
        connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join(timeout=10)

    def _round(self) -> None:
        ticker.tick()
        for cluster in self.clusters:
            if cluster.wants_heartbeat() and queue.ring_heartbeat(cluster.name):
                cluster.asked()
        self._write_row()
        if time.monotonic() - self._cleaned_s > CLEAN_EVERY_S or not self._cleaned_s:
            self._cleaned_s = time.monotonic()
            housekeeping.clean()

    def _sign_off(self) -> None:
        """Without this, /healthz would believe in a worker that has stopped until its row is old."""
        try:
            Beat.objects.filter(name=beat_name()).delete()
        except Error as error:
            logger.warning("The worker could not sign off (%s).", type(error).__name__)

    def _write_row(self) -> None:
        states = {cluster.name: "working" if cluster.has_beaten else "starting" for cluster in self.clusters}
        if states == self._shown and time.monotonic() - self._row_s < ROW_EVERY_S:
            return
        details = {"queues": states, "pid": os.getpid()}
        Beat.objects.update_or_create(
            name=beat_name(), defaults={"beat_at": timezone.now(), "details": details}
        )
        self._shown, self._row_s = states, time.monotonic()


def problem() -> str:
    """Why no worker can be relied upon right now, in words; "" when one works. Asked by /healthz."""
    fresh = Beat.objects.filter(
        name__startswith="worker@", beat_at__gt=timezone.now() - timedelta(seconds=FRESH_S)
    )
    rows = list(fresh)
    if not rows:
        return "No worker is running. Start one with `manage.py worker`."
    waiting = {
        name for row in rows for name, state in row.details.get("queues", {}).items() if state != "working"
    }
    working = {
        name for row in rows for name, state in row.details.get("queues", {}).items() if state == "working"
    }
    missing = sorted(waiting - working)
    return f"Not working yet: {', '.join(missing)}." if missing else ""
