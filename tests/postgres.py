"""A PostgreSQL server of one's own, thrown away afterwards. It needs the server programs, and no service."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
USER = "studio"


def server_programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest where there are several; None when none is installed."""
    found = [
        path for pattern in FOLDERS for path in Path("/").glob(pattern[1:]) if (path / "initdb").exists()
    ]
    if found:
        return max(found, key=lambda path: [int(part) for part in path.parts if part.isdigit()])
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@contextmanager
def throwaway_server(programs: Path) -> Iterator[str]:
    """Start a server on a free port; yields the DATABASE_URL of its empty database."""
    folder = Path(tempfile.mkdtemp(prefix="ostinato-postgres-"))
    data, port = folder / "data", _free_port()
    try:
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(folder, "nobody", "nogroup")
        _run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--no-locale",
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            _run(programs / "createdb", "-h", "127.0.0.1", "-p", port, "-U", USER, USER)
            yield f"postgres://{USER}@127.0.0.1:{port}/{USER}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object) -> None:
    drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, *map(str, command)], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
