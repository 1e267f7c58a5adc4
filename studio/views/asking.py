"""Addresses that open the create panel: an operation on a source, a recipe, the words that a task brought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict

from studio import operations
from studio.forms import drafts
from studio.forms.addresses import SECOND, accepts_clip
from studio.forms.compose import MODE_FIELD, OperationForm, form_for
from studio.forms.prefill import suggestions
from studio.library import recipes, sources
from studio.models import Clip, Task
from studio.operations import SOURCE_KINDS, Kind, Operation, Values
from studio.views.panel import (
    FIRST_OPERATION,
    Panel,
    connections_of,
    draft_panel,
    panel_of,
    recipe_panel,
    task_of,
)

ASKS = frozenset({"recipe", "from", "kept", "operation", "clip", "words"})
RECIPES = frozenset({"recipe", "from", "kept"})
"""What makes an address of the create page one that fills the panel."""
ON_A_CLIP = "sonic.extend_music"  # what is offered for a clip when nothing else is asked for
LOST = "That recipe is not in this team any more. Here is what you were writing."


def asked_panel(request: HttpRequest) -> Panel:
    """The panel a full page opens with: what its address asks for, else what this person wrote last."""
    # Other pages may mean something else by these words.
    is_ours = getattr(request.resolver_match, "url_name", "") in {"create", "compose_panel"}
    asked = request.GET if is_ours else QueryDict()
    for word, name in (("recipe", "code"), ("from", "clips__code")):
        if word in asked and (panel := recipe_panel(request, **{name: asked[word]})):
            return panel
    if "kept" in asked and (panel := _kept_panel(request, asked["kept"])):
        return panel
    panel = _on_source(request, asked) if asked.keys() & ASKS - RECIPES else draft_panel(request)
    if asked.keys() & RECIPES:
        panel.notice = LOST
    return panel


def _kept_panel(request: HttpRequest, code: str) -> Panel | None:
    """The panel refilled from a kept recipe that this person may see; None when there is no such recipe."""
    wanted = sources.as_code(code)
    seen = recipes.seen_by(request.user, request.membership.team)
    found = seen.filter(code=wanted).first() if wanted else None
    if found is None or found.operation not in operations.REGISTRY:
        return None
    return panel_of(request, operations.get(found.operation), {"values": found.content.get("values")})


def _on_source(request: HttpRequest, asked: QueryDict) -> Panel:
    """The panel of the operation asked for: its draft, or a new one when another source is asked for."""
    team = request.membership.team
    fallback = ON_A_CLIP if "clip" in asked and ON_A_CLIP in operations.REGISTRY else FIRST_OPERATION
    name = asked.get("operation", "")
    operation = operations.get(name if name in operations.REGISTRY else fallback)
    clip = main_clip(request, operation, asked)
    operation = twin_for(operation, clip)
    given = _given(operation, asked) | _brought(request, operation, asked)
    kept = drafts.load(request.user, team, operation)
    if not _is_about_another(operation, given, kept):
        values = (kept.get("values") or {}) | given
        return panel_of(request, operation, kept | {"values": values} if given else kept)
    fresh = kept_choices(operation, kept.get("values") or {}) | given
    if clip is not None:
        fresh = fresh | suggestions(operation, clip, given) | given
    panel = panel_of(request, operation, {"values": fresh, "connection": _connection(request, clip, kept)})
    panel.may_undo = not form_for(operation, values=kept.get("values")).is_untouched
    return panel


def _connection(request: HttpRequest, clip: Clip | None, kept: drafts.Content) -> str:
    """A clip goes to the provider that has it, as long as the team still uses it."""
    if clip is not None and clip.task.connection.retired_at is None:
        return str(clip.task.connection.code)
    return str(kept.get("connection") or "")


def main_clip(request: HttpRequest, operation: Operation, asked: Mapping[str, Any]) -> Clip | None:
    """The clip of this team that an address names as the source."""
    if not accepts_clip(operation):
        return None
    code = sources.as_code(asked.get(operation.source) or asked.get("clip"))
    return sources.find_clips(request.membership.team, [code]).get(code) if code else None


def twin_for(operation: Operation, clip: Clip | None) -> Operation:
    """The entry that does the same for clips of this origin."""
    twin = operations.REGISTRY.get(operation.twin)
    if clip is None or twin is None or not operation.source:
        return operation
    wanted = "uploaded" if clip.is_uploaded else "generated"
    mine, other = operation.field(operation.source).needs, twin.field(twin.source).needs
    return twin if mine.origin not in {"", wanted} and other.origin in {"", wanted} else operation


def _given(operation: Operation, asked: QueryDict) -> dict[str, Any]:
    """The values of the fields that an address names, read as a post's would be."""
    data = asked.copy()
    if operation.source and operation.source not in data and "clip" in data and accepts_clip(operation):
        data[operation.source] = data["clip"]
    if SECOND in data:
        data["second_clip"] = data[SECOND]
    values = form_for(operation, data).values()
    names = {one.name for one in operation.fields if {one.name, f"{one.name}__name"} & data.keys()}
    if not names:
        return {}
    written = {one.name for one in operation.fields if one.name in names and one.kind not in SOURCE_KINDS}
    mode = {MODE_FIELD: data.get(MODE_FIELD) or _mode_for(operation, written)}
    return {name: values[name] for name in names} | {name: text for name, text in mode.items() if text}


def _mode_for(operation: Operation, names: set[str]) -> str:
    """The mode that asks for most of what is given; "" when that is no question."""
    if not names or not operation.modes:
        return ""
    modes = [choice.value for choice in operation.modes]
    asked_in = {mode: sum(mode in operation.field(name).modes for name in names) for mode in modes}
    return max(reversed(modes), key=lambda mode: asked_in[mode])


def _brought(request: HttpRequest, operation: Operation, asked: QueryDict) -> dict[str, Any]:
    """The words of a task that wrote lyrics or tags (`words`, and `draft` for which of two)."""
    task = task_of(request.membership, code=asked["words"]) if asked.get("words") else None
    found = words_of(task, asked.get("draft", "0")) if task else {}
    names = {one.name for one in operation.fields}
    fitting = {name: found[kind] for name, kind in _PLACES.items() if name in names and found.get(kind)}
    is_custom = any(choice.value == "custom" for choice in operation.modes)
    return fitting | ({MODE_FIELD: "custom"} if fitting and is_custom else {})


# Where such words belong: what else is a line or a list of tags means something else.
_PLACES = {"prompt": Kind.LYRICS, "lyrics": Kind.LYRICS, "title": Kind.LINE, "tags": Kind.TAGS}


def words_of(task: Task, draft: str) -> dict[Kind, str]:
    """What a task brought home for a form, by the kind of field it is for."""
    result = task.result if isinstance(task.result, dict) else {}
    if after := result.get("after"):
        return {Kind.TAGS: str(after)}
    drafts_found = [one for one in result.get("drafts") or [] if isinstance(one, dict)]
    number = int(draft) if draft.isdecimal() and len(draft) < 4 else 0
    if number >= len(drafts_found):
        return {}
    one = drafts_found[number]
    return {Kind.LYRICS: str(one.get("lyrics") or ""), Kind.LINE: str(one.get("title") or "")}


def _is_about_another(operation: Operation, given: Values, kept: drafts.Content) -> bool:
    """Whether the address names a source that is not the draft's."""
    wanted = given.get(operation.source) if operation.source else ""
    kept_values = kept.get("values") if isinstance(kept.get("values"), dict) else {}
    return bool(wanted) and str(wanted) != str((kept_values or {}).get(operation.source) or "")


def kept_choices(operation: Operation, values: Values) -> dict[str, Any]:
    """The model and the mode that somebody uses, which stay when the source changes."""
    modes = {choice.value for choice in operation.modes}
    kept = {"mv": values.get("mv")} if values.get("mv") else {}
    mode = "custom" if "custom" in modes else values.get(MODE_FIELD)
    return kept | ({MODE_FIELD: mode} if mode in modes else {})


def with_source(panel: Panel, request: HttpRequest, before: str) -> Panel:
    """The panel after another clip was put into its source field; `before` is the code that stood there.

    What came from the source before, or was empty, comes from this one; what somebody wrote stays.
    """
    form, team = panel.form, panel.membership.team
    clip = main_clip(request, form.operation, form.values())
    operation = twin_for(form.operation, clip)
    values = {name: value for name, value in form.values().items() if not _is_moment(form, name)}
    if before != form.subject:
        old_code = sources.as_code(before)
        old = sources.find_clips(team, [old_code]).get(old_code) if old_code else None
        came = suggestions(operation, old, {}) if old else {}
        values = {name: value for name, value in values.items() if value and value != came.get(name)}
        values = (suggestions(operation, clip, {}) if clip else {}) | values
    else:
        values = form.values()
    connections, connection = connections_of(panel.membership, panel.connection and panel.connection.code)
    if clip is not None and clip.task.connection in connections and before != form.subject:
        connection = clip.task.connection
    fresh = form_for(operation, values=values, team=team, connection=connection)
    return Panel(panel.membership, fresh, connections, connection, panel.source, form_token=panel.form_token)


def _is_moment(form: OperationForm, name: str) -> bool:
    return any(one.name == name and one.kind is Kind.MOMENT for one in form.operation.fields)
