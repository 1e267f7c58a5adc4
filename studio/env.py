"""Reading configuration: environment variables, secrets from files, keys made on first start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def text(name: str, default: str = "") -> str:
    """The variable `name`, or the content of the file that `name`_FILE points to, or `default`."""
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return default


def flag(name: str, *, default: bool) -> bool:
    return text(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    raw = text(name, str(default)).strip()
    try:
        return int(raw)
    except ValueError:
        raise SystemExit(f"{name} has to be a whole number, and is {raw!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def kept_secret(name: str, folder: Path, make: Callable[[], str] | None = None) -> str:
    """The secret `name` from the environment, else from a file in `folder` that is made once.

    Two processes that start at the same moment agree: the first to create the file wins.
    """
    if given := text(name):
        return given
    path = folder / name.lower()
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = (make or (lambda: secrets.token_urlsafe(48)))()
        part = folder / f".{name.lower()}.{os.getpid()}"
        part.touch(mode=0o600)
        part.write_text(fresh, encoding="utf-8")
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text(encoding="utf-8").strip()
