"""Filters of the clip rows and the clip page: {% load library %}."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString

from studio.library import takeaway
from studio.library.lineage import label_of
from studio.library.takeaway import Offer
from studio.models import Clip
from studio.operations import REGISTRY

register = template.Library()

BAR_FULL = 127  # what static/js/waveform.js takes for a full bar
SKETCH_FULL = 99


# A row says the same to everybody, so it is written once for each state of its clip and process.
KEPT_ROWS = 2000
_value_of = attrgetter(
    *("code", "state", "problem_text", "position", "title", "tags", "model", "bpm", "key", "duration_s"),
    *("sketch", "cover_code", "audio_code", "audio_type", "has_lossless", "has_lyrics", "person_name"),
    *("preview_url", "operation", "role"),
)


@register.simple_tag
def clip_row(clip: Clip) -> SafeString:
    """A clip's list item, from what `library.clips.dressed` fetched. Equal values give the kept row."""
    if settings.DEBUG:
        return _rendered(clip)
    values = _value_of(clip)
    row = _rows.get(values)
    if row is None:
        while len(_rows) >= KEPT_ROWS:
            _rows.pop(next(iter(_rows)), None)  # the oldest; another thread may have been quicker
        row = _rows[values] = _rendered(clip)
    return row


_rows: dict[tuple[object, ...], SafeString] = {}


def _rendered(clip: Clip) -> SafeString:
    return get_template("library/_row_body.html").render({"clip": clip})


@register.filter
def bars(sketch: str) -> str:
    """The heights of `Clip.sketch` as <studio-waveform bars> wants them: "12,40,99"."""
    return _bars(sketch)


@lru_cache(maxsize=2048)
def _bars(sketch: str) -> str:
    pairs = (sketch[at : at + 2] for at in range(0, len(sketch) - 1, 2))
    return ",".join(str(int(pair) * BAR_FULL // SKETCH_FULL) for pair in pairs if pair.isdecimal())


@register.filter
def downloads(clip: Clip) -> tuple[Offer, ...]:
    """What a clip from `library.clips.dressed` can be saved as."""
    return takeaway.offers(clip.audio_type, clip.has_lossless)


@register.filter
def operation_label(name: str) -> str:
    """ "Extend" for "sonic.extend_music", as lineage has it."""
    return label_of(name)


@register.filter
def model_label(name: str) -> str:
    """ "v5.5" for "sonic-v5-5"; names the registry has never heard of stay as they are."""
    return MODEL_LABELS.get(name, name)


MODEL_LABELS = {
    choice.value: choice.label
    for operation in REGISTRY.values()
    for field in operation.fields
    if field.name == "mv"
    for choice in field.choices
}
