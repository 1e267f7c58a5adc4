"""NOTICE names what is carried, and the sums it gives are those of the files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from studio.engine import assets

ROOT = Path(__file__).resolve().parents[2]
NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")
FILES = re.findall(r"File +(\S+)\n +SHA-256 +([0-9a-f]{64})", NOTICE)
LICENCES = re.findall(r"(\S+) \(SHA-256 ([0-9a-f]{64})\)", NOTICE)


def test_the_notice_names_files_and_licences() -> None:
    assert len(FILES) >= 6
    assert len(LICENCES) >= 5


@pytest.mark.parametrize(("name", "wanted"), [*FILES, *LICENCES])
def test_the_sums_of_the_notice_are_right(name: str, wanted: str) -> None:
    assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == wanted


def test_every_pinned_asset_is_in_the_notice() -> None:
    for name, sha256 in assets.SHA256.items():
        assert (f"studio/engine/assets/{name}", sha256) in FILES
