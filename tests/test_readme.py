"""The README tells the truth about settings, commands and rooms."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def variables_read() -> set[str]:
    """Every variable name that is passed to studio.env in any module."""
    names = set()
    for path in (ROOT / "studio").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "env" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    names.add(first.value)
    return names


def table_after(heading: str) -> str:
    return README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def test_every_setting_stands_in_the_table_and_nothing_else_does() -> None:
    rows = [line.split("|")[1] for line in table_after("Settings").splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert told == variables_read()


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"manage\.py (\w+)", README)) - {"migrate", "collectstatic", "check"}
    ours = {path.stem for path in (ROOT / "studio/management/commands").glob("*.py")}
    assert named
    assert named <= ours


def test_every_room_that_the_readme_names_exists() -> None:
    rooms = re.findall(r"^\| (?:\d|aside) \| (.+?) \|", README, flags=re.MULTILINE)
    names = [name for row in rooms for name in re.findall(r"`([\w.]+)`", row)]
    assert len(names) > 10
    for name in names:
        assert (ROOT / "studio" / name).exists(), name


def test_the_picture_and_the_notice_are_there() -> None:
    for target in re.findall(r"\]\(((?!http)[\w./-]+)\)", README):
        assert (ROOT / target).exists(), target
