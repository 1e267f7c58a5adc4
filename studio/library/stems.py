"""The stems of a clip, in the groups they came home in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from studio import vault
from studio.library import takeaway
from studio.library.instruments import part_of
from studio.models import Asset, Clip

SET_LABELS = {"basic": "Basic split", "full": "Full split"}
CHUNK_BYTES = 1 << 18


@dataclass(frozen=True)
class Stem:
    asset: Asset
    part: str
    code3: str
    label: str
    duration_s: float | None
    is_silent: bool
    peaks: Asset | None


@dataclass
class Group:
    """What one request to take a clip apart has brought. `code` names it in addresses."""

    code: str
    set: str
    made_at: datetime
    stems: list[Stem] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{SET_LABELS.get(self.set, 'Stems')}: {len(self.stems)} stems"

    @property
    def duration_s(self) -> float:
        return max((stem.duration_s or 0 for stem in self.stems), default=0)


def groups(assets: Iterable[Asset]) -> list[Group]:
    """The groups among a clip's `assets`, newest first, their stems in the provider's order."""
    stored = list(assets)
    peaks = {one.name: one for one in stored if one.kind == Asset.Kind.PEAKS and one.name}
    found: dict[str, Group] = {}
    for asset in stored:
        if asset.kind == Asset.Kind.STEM:
            group = found.setdefault(_group_of(asset), _new_group(asset))
            group.stems.append(_stem(asset, peaks.get(asset.name)))
    for group in found.values():
        group.stems.sort(key=lambda stem: ((stem.asset.details or {}).get("position", 0), stem.asset.pk))
    return sorted(found.values(), key=lambda group: (group.made_at, group.code), reverse=True)


def chosen(found: list[Group], code: str) -> Group | None:
    """The group called `code`, else the newest; None when there is none."""
    return next((group for group in found if group.code == code), found[0] if found else None)


def _group_of(asset: Asset) -> str:
    # Its name ends with the code of the task, which stays when the task itself is gone.
    return asset.name.rpartition("-")[2] or "stems"


def _new_group(asset: Asset) -> Group:
    return Group(_group_of(asset), str((asset.details or {}).get("set", "")), asset.created_at)


def _stem(asset: Asset, peaks: Asset | None) -> Stem:
    said = asset.details or {}
    label = str(said.get("label") or "")
    part = part_of(str(said.get("part") or label or asset.name.rpartition("-")[0]))
    duration_s = said.get("duration_s")
    return Stem(
        asset=asset,
        part=part.name,
        code3=str(said.get("code3") or part.code3)[:3],
        label=label or part.label,
        duration_s=float(duration_s) if isinstance(duration_s, int | float) else None,
        is_silent=bool(said.get("is_silent")),
        peaks=peaks,
    )


# --- all of them in one file --------------------------------------------------------------------------


class _Outbox(io.RawIOBase):
    """What a zip writer has written and nobody has taken yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def zipped(clip: Clip, group: Group) -> Iterator[bytes]:
    """The group as a zip, in pieces. Nothing is packed: audio hardly shrinks and packing takes long."""
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:
        for name, asset in _names(clip, group):
            entry = zipfile.ZipInfo(name, date_time=group.made_at.timetuple()[:6])
            entry.file_size = asset.size_bytes  # so that files beyond 4 GB get the larger headers
            with vault.open(asset.key) as source, archive.open(entry, "w") as target:
                for chunk in _chunks(source):
                    target.write(chunk)
                    yield outbox.take()
    yield outbox.take()


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK_BYTES):
        yield chunk


def _names(clip: Clip, group: Group) -> Iterator[tuple[str, Asset]]:
    """A file name for each stem; two of one name are numbered."""
    used: set[str] = set()
    for number, stem in enumerate(group.stems, start=1):
        name = takeaway.asset_name(stem.asset, clip)
        if name in used:
            name = f"{number:02} {name}"
        used.add(name)
        yield name, stem.asset
