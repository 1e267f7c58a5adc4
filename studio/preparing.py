"""What has to be done before the first request, and only when it has to: tables and static files."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Say = Callable[[str], None]
STAMP = ".collected-from"


def database(say: Say) -> None:
    """Bring the tables up to date. Asking costs a few milliseconds when they are."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    connection.close()


def static_files(say: Say) -> None:
    """Hash and compress the static files when any of them changed since the last time."""
    if settings.DEBUG:
        return
    stamp_path, stamp = Path(settings.STATIC_ROOT) / STAMP, _static_stamp()
    if stamp_path.is_file() and stamp_path.read_text() == stamp:
        return
    say("Preparing the static files …")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True, skip_checks=True)
    stamp_path.write_text(stamp)


def _static_stamp() -> str:
    """Changes with any source file's name, size or time, and with the programs that process them."""
    parts = [settings.STORAGES["staticfiles"]["BACKEND"], version("django"), version("whitenoise")]
    parts += sorted(f"{path} {size} {changed_ns}" for path, size, changed_ns in _static_sources())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _static_sources() -> Iterator[tuple[str, int, int]]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            yield storage.path(name), facts.st_size, facts.st_mtime_ns


def port_problem(host: str, port: int) -> str:
    """Why the web server could not listen there, in one sentence; "" when it can."""
    try:
        family, kind, proto, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, OverflowError):
        return f"HOST={host} PORT={port} is not an address of this machine."
    with socket.socket(family, kind, proto) as probe:
        # As the web server does: a port whose last connections still linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            return f"Port {port} is reserved for the system. Choose one from 1024 on, such as PORT=8000."
        except OSError as error:
            reason = f"Port {port} on {host} cannot be used: {error.strerror}."
            return f"{reason} Choose another one, such as PORT={port + 1}."
    return ""
