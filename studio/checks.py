"""System checks: what is misconfigured and how to mend it. Run by `manage.py check` and before each start."""

from __future__ import annotations

import math
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

TAG = "studio"
ENGINE_PARTS = ("lameenc", "mido", "tinysoundfont")
NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"}

Apps = Sequence[AppConfig] | None
Found = list[CheckMessage]


@register(TAG)
def check_queue(app_configs: Apps = None, **kwargs: Any) -> Found:
    """A message whose lock runs out while it waits or works comes twice: claims bear it, time does not.

    The rule was measured with django-q2 1.11: the lock starts with the prefetch, not with the work.
    """
    found: Found = []
    clusters: dict[str, dict[str, Any]] = {
        settings.Q_CLUSTER["name"]: {},
        **settings.Q_CLUSTER.get("ALT_CLUSTERS", {}),
    }
    for name, own in clusters.items():
        conf = {**settings.Q_CLUSTER, **own}
        if min(conf["workers"], conf["queue_limit"]) < 1:
            text = f"The queue {name!r} has no workers, or an unlimited prefetch."
            found.append(Error(text, "Set QUEUE_WORKERS and RENDER_WORKERS to 1 or more.", id="studio.E001"))
            continue
        rounds = 2 + math.ceil((conf["queue_limit"] + conf["bulk"]) / conf["workers"])
        least_s = conf["timeout"] * rounds
        if conf["retry"] <= least_s:
            text = f"The queue {name!r} would deliver jobs again that still run."
            hint = f"Set Q_CLUSTER's retry above {least_s} s (timeout x {rounds}), or lower its timeout."
            found.append(Error(text, hint, id="studio.E002"))
    return found


@register(TAG)
def check_encryption_keys(app_configs: Apps = None, **kwargs: Any) -> Found:
    for number, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key.strip())
        except ValueError:
            text = f"ENCRYPTION_KEYS: key {number} is not valid, so API keys cannot be stored."
            make = "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"
            return [Error(text, f"Make one with: python -c '{make}'", id="studio.E003")]
    return []


@register(TAG)
def check_data_dir(app_configs: Apps = None, **kwargs: Any) -> Found:
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.DATA_DIR):
            return []
    except OSError as error:
        text = f"The data folder {settings.DATA_DIR} cannot be written: {error.strerror}."
        hint = "Let the studio's user own it, or set DATA_DIR to another folder."
        return [Error(text, hint, id="studio.E004")]


@register(TAG)
def check_database(app_configs: Apps = None, **kwargs: Any) -> Found:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        if "pool" in database.get("OPTIONS", {}):
            text = "The database's connection pool does not survive the worker's forks: its queue would hang."
            return [Error(text, "Remove OPTIONS['pool']; CONN_MAX_AGE does the same.", id="studio.E005")]
        return []
    return [*_sqlite_without_search(), *_sqlite_on_network(Path(str(database["NAME"])))]


def _sqlite_without_search() -> Iterator[CheckMessage]:
    with sqlite3.connect(":memory:") as memory:
        options = {row[0] for row in memory.execute("PRAGMA compile_options")}
    if "ENABLE_FTS5" not in options:
        text = "Python's SQLite has no full-text search (FTS5), which the library needs."
        yield Error(text, "Use another Python build, or PostgreSQL by DATABASE_URL.", id="studio.E006")


def _sqlite_on_network(path: Path) -> Iterator[CheckMessage]:
    kind = _disk_kind(path)
    if kind in NETWORK_DISKS:
        text = f"The database {path} is on a network disk ({kind}), where SQLite can be damaged."
        hint = "Set DATA_DIR to a folder of a local disk, or use PostgreSQL by DATABASE_URL."
        yield Warning(text, hint, id="studio.W001")


def _disk_kind(path: Path) -> str:
    """The file system below `path`, such as "ext4"; "" where the system does not tell."""
    try:
        rows = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    inside = [(row[1], row[2]) for row in rows if len(row) > 2 and path.resolve().is_relative_to(row[1])]
    return max(inside, key=lambda pair: len(pair[0]), default=("", ""))[1]


@register(TAG)
def check_addresses(app_configs: Apps = None, **kwargs: Any) -> Found:
    found: Found = []
    if not 0 < settings.PORT < 65536:
        text = f"PORT={settings.PORT} is not a port."
        found.append(Error(text, "Choose one from 1024 to 65535, such as 8000.", id="studio.E007"))
    if settings.PUBLIC_URL:
        found += _check_public_url(urlsplit(settings.PUBLIC_URL))
    elif not settings.IS_LOOPBACK:
        text = f"The studio listens on {settings.HOST} and does not know the address people use."
        hint = "Set PUBLIC_URL, such as https://music.example.com; passwords should travel encrypted."
        found.append(Warning(text, hint, id="studio.W002"))
    if "*" in settings.ALLOWED_HOSTS:
        text = "The studio answers to any host name, which helps those who forge links."
        found.append(Warning(text, "Set PUBLIC_URL or ALLOWED_HOSTS.", id="studio.W003"))
    return found


def _check_public_url(parts: Any) -> Found:
    example = "It looks like https://music.example.com."
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return [Error("PUBLIC_URL is not a web address.", example, id="studio.E008")]
    if parts.path or parts.query or parts.fragment or parts.username:
        text = "PUBLIC_URL has more than scheme, host and port; the studio needs a host of its own."
        return [Error(text, example, id="studio.E009")]
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        text = "PUBLIC_URL is not encrypted: passwords and songs can be read on the way."
        hint = "Put a web server with a certificate in front and use https://."
        return [Warning(text, hint, id="studio.W004")]
    return []


@register(TAG)
def check_offline(app_configs: Apps = None, **kwargs: Any) -> Found:
    found: Found = []
    if settings.OFFLINE_HTTP not in {"on", "off", "auto"}:
        text = f"OFFLINE_HTTP={settings.OFFLINE_HTTP} is not known."
        found.append(Error(text, "Use on, off or auto.", id="studio.E010"))
    if settings.OFFLINE_HTTP_IS_ON and not settings.IS_LOOPBACK:
        text = "The offline provider answers other machines; its keys are the only guard of your processors."
        found.append(Warning(text, "Set OFFLINE_HTTP=off unless you want that.", id="studio.W005"))
    missing = [name for name in ENGINE_PARTS if find_spec(name) is None]
    if missing:
        text = f"The offline provider cannot make music: {', '.join(missing)} not installed."
        hint = "Install the extra `engine`, or add a connection to another provider."
        found.append(Warning(text, hint, id="studio.W006"))
    return found
