"""What a clip can be taken home as, and in which words: a copy never claims to be better than its source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from studio.library.instruments import part_of
from studio.models import Asset, Clip

FORMATS = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/ogg; codecs=opus": "opus",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "audio/webm": "webm",
}
"""The extension of each media type that the studio stores audio with."""

ENDINGS = FORMATS | {
    "audio/midi": "mid",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "application/json": "json",
}
TAKEN_KINDS = (Asset.Kind.WAV, Asset.Kind.MIDI, Asset.Kind.VIDEO, Asset.Kind.VOX, Asset.Kind.STEM)

NAME_LIMIT_CHARS = 120
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


class Source(StrEnum):
    DELIVERED = "delivered"
    LOSSLESS = "lossless"
    LOSSLESS_AS_WAV = "lossless_as_wav"
    DELIVERED_AS_WAV = "delivered_as_wav"


@dataclass(frozen=True)
class Offer:
    """One download: `kind` is its extension and its name in addresses, `note` says what it is made from."""

    kind: str
    source: Source
    note: str

    @property
    def label(self) -> str:
        return self.kind.upper()


@lru_cache(maxsize=64)
def offers(audio_type: str | None, has_lossless: bool) -> tuple[Offer, ...]:
    """The downloads of a clip whose audio has the media type `audio_type` (None: it has no audio yet)."""
    found: dict[str, Offer] = {}
    delivered = FORMATS.get(audio_type or "", "")
    if delivered:
        found[delivered] = Offer(delivered, Source.DELIVERED, "as delivered")
    if has_lossless:
        found["flac"] = Offer("flac", Source.LOSSLESS, "lossless master")
        found.setdefault("wav", Offer("wav", Source.LOSSLESS_AS_WAV, "from the lossless master"))
    elif delivered == "flac":
        found["wav"] = Offer("wav", Source.DELIVERED_AS_WAV, "from the FLAC as delivered")
    elif delivered:
        note = f"converted from the {delivered.upper()}, no extra quality"
        found.setdefault("wav", Offer("wav", Source.DELIVERED_AS_WAV, note))
    return tuple(found.values())


@dataclass(frozen=True)
class File:
    """A stored file of a clip to be saved as it is."""

    asset: Asset
    label: str
    note: str


def files(assets: Iterable[Asset]) -> list[File]:
    """What was made of a clip later on and can be saved, in the order of the list; raw answers are none."""
    wanted = [one for one in assets if one.kind in TAKEN_KINDS and one.content_type != "application/json"]
    wanted.sort(key=lambda one: (TAKEN_KINDS.index(Asset.Kind(one.kind)), one.pk))
    found = [File(asset, ending_of(asset).upper(), _note(asset)) for asset in wanted]
    # The provider's WAV may have come in two ways; the newer one stands for both.
    return list(
        {one.label if one.asset.kind == Asset.Kind.WAV else one.asset.pk: one for one in found}.values()
    )


def _note(asset: Asset) -> str:
    if asset.kind == Asset.Kind.VOX:
        return " ".join(["voice", " to ".join(f"{m}:{s:02}" for m, s in _window(asset))]).strip()
    if asset.kind == Asset.Kind.STEM:
        return _said(asset)
    notes = {
        Asset.Kind.WAV: "from the provider",
        Asset.Kind.MIDI: "the notes of every instrument",
        Asset.Kind.VIDEO: "video",
    }
    return notes.get(Asset.Kind(asset.kind), asset.get_kind_display())


def _said(asset: Asset) -> str:
    """What tells this asset from the others of its kind, such as "Drums" or "Voice 0m10s-0m22s"."""
    said = asset.details or {}
    if asset.kind == Asset.Kind.STEM:
        return str(said.get("label") or part_of(asset.name.rpartition("-")[0]).label)
    if asset.kind == Asset.Kind.VOX:
        return " ".join(["Voice", "-".join(f"{m}m{s:02}s" for m, s in _window(asset))]).strip()
    return ""


def _window(asset: Asset) -> list[tuple[int, int]]:
    """Where the asset's window begins and ends, in minutes and seconds."""
    ends = [(asset.details or {}).get(name) for name in ("start_s", "end_s")]
    return [divmod(round(at_s), 60) for at_s in ends if isinstance(at_s, int | float)]


def ending_of(asset: Asset) -> str:
    """The file ending by what the file is; that of its key when its type is unknown."""
    return ENDINGS.get(asset.content_type) or asset.key.rpartition(".")[2]


def asset_name(asset: Asset, clip: Clip) -> str:
    """Such as "Night Drive (take A) - Drums.wav"; `clip` is the asset's."""
    return file_name(clip, ending_of(asset), _said(asset))


def file_name(clip: Clip, extension: str, part: str = "") -> str:
    """Such as "Night Drive (take A).mp3", without what file systems refuse."""
    title = _safe(clip.title) or "Untitled"
    behind = f" - {_safe(part)}" if _safe(part) else ""
    return f"{title} (take {clip.take}){behind}.{extension}"


def _safe(text: str) -> str:
    return " ".join(_NOT_IN_NAMES.sub(" ", text).split()).strip(" .")[:NAME_LIMIT_CHARS].rstrip(" .")
