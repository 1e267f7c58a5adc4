from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from studio.work import housekeeping


class Command(BaseCommand):
    help = "Removes old queue results, heartbeats, scratch files and sessions. The worker does so every day."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = housekeeping.clean()
        self.stdout.write(", ".join(f"{count} {name}" for name, count in removed.items()) + " removed.")
