from __future__ import annotations

import shutil
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from studio.processes import Supervisor
from studio.work import fence
from studio.work.clock import Clock


class Command(BaseCommand):
    help = "Runs the queue's clusters behind a fence, and the ticker. Stops cleanly on SIGTERM or Ctrl+C."
    requires_system_checks = []  # `studio` has run them; and a worker that starts anew should start at once

    def add_arguments(self, parser: ArgumentParser) -> None:
        # How the fence starts each of its clusters; of no use by hand.
        parser.add_argument("--only", help=SUPPRESS)
        parser.add_argument("--marks", type=Path, help=SUPPRESS)

    def handle(self, *args: Any, only: str | None, marks: Path | None, **options: Any) -> None:
        if only and marks:
            fence.run_cluster(marks)
        else:
            run_fence()


def run_fence() -> None:
    folder = fence.fresh_folder(settings.DATA_DIR / "run")
    clusters = [fence.Cluster(name, folder / name) for name in fence.cluster_names()]

    def replace_the_stalled() -> None:
        for cluster in clusters:
            if cluster.is_stalled:
                cluster.replace()

    clock = Clock(clusters)
    clock.start()
    try:
        Supervisor(clusters, replace_the_stalled).run()
    finally:
        clock.stop()
        shutil.rmtree(folder, ignore_errors=True)
