from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.engine import packs
from studio.engine.spec import EngineUnavailable


class Command(BaseCommand):
    help = "Lists, adds and removes the offline engine's optional packs."
    requires_system_checks = []  # a pack is no part of the site

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="what there is, what it is for, whether it is here")
        for action, text in (("add", "fetch a pack"), ("remove", "delete a pack")):
            actions.add_parser(action, help=text).add_argument("name", help=", ".join(packs.PACKS))

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            {"list": self._list, "add": self._add, "remove": self._remove}[options["action"]](options)
        except EngineUnavailable as error:
            raise CommandError(str(error)) from None

    def _list(self, _options: dict[str, Any]) -> None:
        self.stdout.write(f"Packs live in {packs.packs_folder()}\n")
        for name in packs.PACKS:
            state = packs.state_of(name)
            word = "ready" if state.is_ready else f"OFF: {state.problem}" if state.is_present else "not added"
            self.stdout.write(f"{name}  [{word}]  {state.pack.download_mb} MB")
            self.stdout.write(f"  It {state.pack.purpose}.")
            self.stdout.write(f"  Source: {', '.join(packs.sources_of(name))}")
            self.stdout.write(f"  Licence: {state.pack.licence}\n")

    def _add(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"Licence: {packs.pack_named(options['name']).licence}")
        packs.add(options["name"], self.stdout.write)

    def _remove(self, options: dict[str, Any]) -> None:
        is_gone = packs.remove(options["name"])
        self.stdout.write("Removed." if is_gone else "It was not here.")
