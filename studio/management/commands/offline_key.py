from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio.offline.accounts import open_account


class Command(BaseCommand):
    help = "Open an account at the offline provider for another program, and print its key once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="Another program", help="whose key it is, for the admin pages")
        parser.add_argument(
            "--credits", type=int, default=settings.OFFLINE_FIRST_CREDITS, help="its first credits"
        )
        parser.add_argument("--json", action="store_true", help='print {"key": "…"} and nothing else')

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["credits"] < 0:
            raise CommandError("--credits has to be 0 or more.")
        key = open_account(options["name"], options["credits"])
        if options["json"]:
            self.stdout.write(json.dumps({"key": key}))
            return
        self.stdout.write(f"Key: {key}")
        self.stdout.write("It is shown this once. Base URL: the studio's address with /offline/api/v1")
        if not settings.OFFLINE_HTTP_IS_ON:
            self.stdout.write("The HTTP face is off: set OFFLINE_HTTP=on to answer other programs.")
