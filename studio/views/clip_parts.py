"""What a clip's page shows: one dictionary for its templates, read in a fixed number of queries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from studio import operations
from studio.library import clips, lineage, making, notes, stems, takeaway, tempo, timeline
from studio.models import Asset, Clip, Task
from studio.operations import Kind as FieldKind
from studio.views.recipe import in_words

Kind = Asset.Kind


@dataclass(frozen=True)
class Said:
    """One parameter of a recipe, in the words of the form it came from."""

    label: str
    value: str
    is_long: bool = False


@dataclass(frozen=True)
class Heard:
    """A stored sound to listen to beside the clip itself."""

    asset: Asset
    label: str
    start_s: float | None = None
    end_s: float | None = None

    @property
    def has_sound(self) -> bool:
        """Some providers only note the window and send nothing to hear."""
        return self.asset.content_type.startswith("audio/")

    @property
    def duration_s(self) -> float | None:
        if self.start_s is None or self.end_s is None:
            return None
        return self.end_s - self.start_s


def in_short(clip: Clip) -> dict[str, Any]:
    """For the pane beside a list, and the first half of the whole page."""
    stored = list(clip.assets.order_by("pk"))
    # Assets without a name are those of the clip itself; stems and windows carry one.
    own = {asset.kind: asset for asset in stored if not asset.name}
    audio, files = own.get(Kind.AUDIO), takeaway.files(stored)
    sections = timeline.read(own.get(Kind.TIMELINE))
    return {
        "clip": clip,
        "task": clip.task,
        "connection": clip.task.connection,
        "takes": clips.dressed(Clip.objects.filter(task=clip.task)).order_by("position"),
        "stored": stored,
        "own": own,
        "audio": audio,
        "cover": own.get(Kind.COVER),
        "has_peaks": Kind.PEAKS in own,
        "sections": sections,
        "lyrics_kinds": ("txt", "lrc", "srt") if sections else ("txt",),
        "downloads": _downloads(own),
        "files": [one for one in files if one.asset.kind != Kind.STEM],
        "stem_files": [one for one in files if one.asset.kind == Kind.STEM],
        "tags": [tag.strip() for tag in clip.tags.split(",") if tag.strip()],
        "tempo": tempo.of(clip, own.get(Kind.TEMPO)),
    }


def whole(clip: Clip, stem_group: str = "") -> dict[str, Any]:
    """For the page; `stem_group` is the code of the group of stems to show."""
    found = in_short(clip)
    stored, own, files = found["stored"], found["own"], found["files"]
    groups = stems.groups(stored)
    work, family = making.work(clip), lineage.of(clip)
    return found | {
        "recipe": recipe_of(clip.task),
        "operation_label": lineage.label_of(clip.task.operation),
        "stem_groups": groups,
        "stem_group": stems.chosen(groups, stem_group),
        "is_group_chosen": any(group.code == stem_group for group in groups),
        "notes_asset": own.get(Kind.NOTES),
        "instruments": notes.read(own.get(Kind.NOTES)),
        "midi": own.get(Kind.MIDI),
        "voices": [_voice(asset) for asset in stored if asset.kind == Kind.VOX],
        "wavs": [Heard(one.asset, _wav_label(one.asset)) for one in files if one.asset.kind == Kind.WAV],
        "videos": [asset for asset in stored if asset.kind == Kind.VIDEO],
        "lineage": family,
        "work": work,
        "has_open_work": any(one.is_open for one in work),
        "ways": making.ways(clip),
        "stamp": _stamp(stored, work, family, clip),
    }


def _stamp(stored: list[Asset], work: list[making.Work], family: lineage.Lineage, clip: Clip) -> str:
    """Equal for two looks at a clip that show the same."""
    seen = (
        [(asset.pk, asset.sha256) for asset in stored],
        [(one.task.pk, one.task.status) for one in work],
        [(one.clip.pk, one.clip.state, one.clip.title) for one in family.children],
        [one.pk for one in family.personas],
        (clip.state, clip.bpm, clip.key),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def _voice(asset: Asset) -> Heard:
    said = asset.details or {}
    start_s, end_s = (
        float(value) if isinstance(value := said.get(name), int | float) else None
        for name in ("start_s", "end_s")
    )
    return Heard(asset, "Voice", start_s, end_s)


def _wav_label(asset: Asset) -> str:
    return f"{takeaway.ending_of(asset).upper()} from the provider"


def _downloads(own: dict[str, Asset]) -> list[tuple[takeaway.Offer, int | None]]:
    """Offers with the size of what is stored already; None where a copy is made first."""
    audio = own.get(Kind.AUDIO)
    sizes = {takeaway.Source.DELIVERED: audio, takeaway.Source.LOSSLESS: own.get(Kind.LOSSLESS)}
    found = takeaway.offers(audio.content_type if audio else None, Kind.LOSSLESS in own)
    if Kind.WAV in own:
        # The provider's own WAV stands further down the list; a converted MP3 beside it would only mislead.
        found = tuple(one for one in found if one.source is not takeaway.Source.DELIVERED_AS_WAV)
    return [(offer, asset.size_bytes if (asset := sizes.get(offer.source)) else None) for offer in found]


def recipe_of(task: Task) -> list[Said]:
    """What the person asked for, without what they left empty."""
    entry = operations.REGISTRY.get(task.operation)
    if entry is None:
        return [Said(name, str(value)) for name, value in task.values.items() if value not in ("", None)]
    modes = {choice.value: choice.label for choice in entry.modes}
    said = [Said("Mode", modes[mode])] if (mode := task.values.get("mode")) in modes else []
    for field in entry.applicable(task.values):
        value = task.values.get(field.name)
        if value not in ("", None, False):
            said.append(Said(field.label, in_words(field, value), field.kind is FieldKind.LYRICS))
    return said
