"""The fence around the queue's clusters: starts them, hears their heartbeats, replaces one that stands still.

A django-q2 cluster of which an idle worker was killed (by the out-of-memory killer, say) can freeze for ever
while all its processes look alive. So every job's beginning and end leaves a mark in a folder that fence and
cluster share, and an empty job is queued whenever nothing has been heard for a while. No mark within the
limit: the whole group is killed and started anew. Workers that are busy, with renders for example, excuse the
silence until their own time limit has passed.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from django.conf import settings

from studio.processes import Child

logger = logging.getLogger(__name__)

ASK_EVERY_S = 4.0
STOP_GRACE_S = {"studio": 40.0, "render": 4.0}  # a submit in flight ends in peace; a render can be made again


def cluster_settings(name: str) -> dict[str, int]:
    """What django-q2 will find for the cluster `name`."""
    own = settings.Q_CLUSTER.get("ALT_CLUSTERS", {}).get(name, {})
    return {**settings.Q_CLUSTER, **own}


def cluster_names() -> list[str]:
    return [settings.Q_CLUSTER["name"], *settings.Q_CLUSTER.get("ALT_CLUSTERS", {})]


class Cluster(Child):
    """One cluster in its own session, with the folder in which its workers leave their marks."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        argv = [sys.executable, "manage.py", "worker", "--only", name, "--marks", str(folder)]
        env = {"Q_CLUSTER_NAME": name}  # read by django_q when it is imported
        super().__init__(name, argv, grace_s=STOP_GRACE_S.get(name, 20.0), env=env)
        known = cluster_settings(name)
        self.workers, self.timeout_s = int(known["workers"]), int(known["timeout"])
        self._asked_s = 0.0  # when the oldest heartbeat was queued that nothing has answered yet

    def start(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._asked_s = 0.0
        super().start()

    def replace(self) -> None:
        """Kill a cluster that stands still; the supervisor starts it anew."""
        logger.error("The queue %r has stopped moving; its processes are replaced.", self.name)
        self.kill_group()

    @property
    def beat_age_s(self) -> float | None:
        """Seconds since a job last began or ended; None when none has since the start."""
        try:
            return time.time() - (self.folder / "beat").stat().st_mtime
        except FileNotFoundError:
            return None

    @property
    def has_beaten(self) -> bool:
        return self.is_alive and self.beat_age_s is not None

    @property
    def is_stalled(self) -> bool:
        return self.is_alive and self._silence_s() > self._patience_s()

    def _silence_s(self) -> float:
        """How long a queued heartbeat has gone unanswered."""
        asked_s = self._asked_s  # once: the clock's thread asks while the main one watches
        if not asked_s:
            return 0.0
        asked_ago_s = time.monotonic() - asked_s
        beat_age_s = self.beat_age_s
        if beat_age_s is not None and beat_age_s < asked_ago_s:
            self._asked_s = 0.0
            return 0.0
        return asked_ago_s

    def _patience_s(self) -> float:
        if self._busy_workers() >= self.workers:
            return self.timeout_s + settings.WATCHDOG_S
        return settings.WATCHDOG_S if self.beat_age_s is not None else settings.WORKER_START_S

    def _busy_workers(self) -> int:
        return sum(_is_running(int(mark.name)) for mark in self.folder.glob("[0-9]*"))

    def wants_heartbeat(self) -> bool:
        """Whether an empty job should be queued now: after a while of silence, and oftener as it goes on."""
        if not self.is_alive:
            return False
        silence_s, since_s = self._silence_s(), self.beat_age_s
        if since_s is None:
            return not self._asked_s
        return since_s > ASK_EVERY_S and (not self._asked_s or silence_s > ASK_EVERY_S)

    def asked(self) -> None:
        """A heartbeat was queued."""
        self._asked_s = self._asked_s or time.monotonic()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Dead, but not yet taken note of by its parent, which may itself stand still. Known on Linux only."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def run_cluster(folder: Path) -> None:
    """Be the cluster that Q_CLUSTER_NAME names, until SIGTERM. Its forks die with it, however it dies."""
    from django_q.cluster import Cluster as QueueCluster
    from django_q.conf import Conf
    from django_q.signals import post_execute_in_worker, pre_execute

    from studio.child import forks_die_with_us

    marks = _Marks(folder)
    pre_execute.connect(marks.begin, weak=False)
    post_execute_in_worker.connect(marks.end, weak=False)
    for module in settings.WORKER_IMPORTS.get(Conf.CLUSTER_NAME, ()):
        _import_ahead(module)
    forks_die_with_us()
    cluster = QueueCluster()
    signal.signal(signal.SIGTERM, _with_grace(cluster.sig_handler, STOP_GRACE_S.get(Conf.CLUSTER_NAME, 20.0)))
    cluster.start()
    # Not join(): the signal handler joins too, and must find the main thread somewhere harmless.
    while cluster.sentinel.is_alive():
        time.sleep(0.1)


def _with_grace(
    stop: Callable[[int, FrameType | None], None], grace_s: float
) -> Callable[[int, FrameType | None], None]:
    """`stop`, and an end by force: a cluster that was frozen never drains, and its fence may be dead."""

    def handler(signum: int, frame: FrameType | None) -> None:
        # A thread, because the main one is about to wait, perhaps for ever.
        timer = threading.Timer(grace_s, os.killpg, (os.getpgrp(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
        try:
            stop(signum, frame)
        finally:
            os._exit(0)  # the children have ended, or never began

    return handler


def _import_ahead(module: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        # An extra that is not installed; the jobs that need it will say so themselves.
        logger.warning("%s cannot be imported ahead: %s", module, error)


class _Marks:
    """What a worker leaves: "beat" at every beginning and end, a file with its number while it works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, **_kwargs: object) -> None:
        self._touch(str(os.getpid()))
        self._touch("beat")

    def end(self, **_kwargs: object) -> None:
        (self.folder / str(os.getpid())).unlink(missing_ok=True)
        self._touch("beat")

    def _touch(self, name: str) -> None:
        # A folder that is gone belongs to a fence that is gone; the job itself matters more.
        try:
            (self.folder / name).touch()
        except FileNotFoundError:
            return


def fresh_folder(root: Path) -> Path:
    """The folder of marks of this very process under `root`; those of processes that died are removed.

    Other machines may share `root`. Their process numbers say nothing here, so their folders stay alone.
    """
    here = root / re.sub(r"[^\w.-]", "_", socket.gethostname())
    here.mkdir(parents=True, exist_ok=True)
    for old in here.glob("worker-*"):
        number = old.name.removeprefix("worker-")
        if not (number.isdigit() and _is_running(int(number))):
            shutil.rmtree(old, ignore_errors=True)
    return here / f"worker-{os.getpid()}"
