"""Imports only point downwards. The table is the one of the README's "where things live"."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

STUDIO = Path(__file__).resolve().parent.parent / "studio"

# A room may import what stands on the same or a lower row.
ROWS = {
    "audio": 0,
    "charts": 0,
    "child": 0,
    "engine": 0,
    "fetching": 0,
    "musicapi": 0,
    "processes": 0,
    "operations": 1,
    "models": 2,
    "access": 3,
    "keys": 3,
    "ledger": 3,
    "links": 3,
    "offers": 3,
    "library": 3,
    "teams": 3,
    "usage": 3,
    "vault": 3,
    "work": 4,
    "forms": 5,
    "accounts": 6,
    "admin": 6,
    "checks": 6,
    "management": 6,
    "middleware": 6,
    "preparing": 6,
    "templatetags": 6,
    "views": 6,
}
EVERYWHERE = {"__init__", "env", "settings", "apps", "assets", "urls", "wsgi", "migrations"}
NEVER = {
    "views": {"musicapi", "engine", "offline"},
    "audio": {"engine", "musicapi"},
    "musicapi": {"audio", "engine"},
    "engine": {"musicapi"},
    "models": {"musicapi", "operations"},
}
NO_DJANGO = {"audio", "engine", "fetching", "musicapi", "operations"}
OFFLINE_MAY = {"audio", "engine", "fetching", "musicapi", "offline"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(STUDIO.rglob("*.py")):
        inside = path.relative_to(STUDIO)
        yield (inside.parts[0] if len(inside.parts) > 1 else inside.stem), path


def imports(path: Path) -> Iterator[str]:
    """Every dotted name that the file imports, relative ones made absolute."""
    package = ("studio", *path.relative_to(STUDIO).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            prefix = ".".join(part for part in (base, node.module or "") if part)
            yield from (f"{prefix}.{alias.name}" for alias in node.names)


def rooms_used(path: Path) -> set[str]:
    used = set()
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "studio" and len(parts) > 1:
            used.add(parts[1])
    return used


ALL = list(modules())


@pytest.mark.parametrize(("room", "path"), ALL, ids=[str(path.relative_to(STUDIO)) for _, path in ALL])
def test_a_room_imports_only_what_stands_below_it(room: str, path: Path) -> None:
    used = rooms_used(path) - EVERYWHERE
    if room in EVERYWHERE:
        return
    if room == "offline":
        assert used <= OFFLINE_MAY
        return
    assert room in ROWS, f"{room} has no row yet: add it to ROWS"
    upwards = {name for name in used if name in ROWS and ROWS[name] > ROWS[room]}
    assert not upwards
    assert not used & NEVER.get(room, set())
    if "offline" in used:
        inside = str(path.relative_to(STUDIO))
        assert inside == "work/providers.py" or room == "management"


@pytest.mark.parametrize("room", sorted(NO_DJANGO))
def test_the_deep_rooms_know_nothing_of_django(room: str) -> None:
    for path in (STUDIO / room).rglob("*.py"):
        assert not any(name.split(".")[0].startswith("django") for name in imports(path)), path


def test_there_are_rooms_to_look_at() -> None:
    assert {room for room, _ in ALL} >= {
        "audio",
        "engine",
        "musicapi",
        "operations",
        "models",
        "work",
        "views",
        "offline",
    }


def test_only_work_changes_the_status_of_a_task() -> None:
    for room, path in ALL:
        if room in {"work", "migrations"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
            ):
                continue
            changed = {keyword.arg for keyword in node.keywords}
            assert not ("status" in changed and "Task" in ast.unparse(node.func)), path


def test_there_are_no_signals() -> None:
    for _, path in ALL:
        assert not any("dispatch" in name or name.endswith("signals") for name in imports(path)), path
