"""The fields of a create form as their templates draw them."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from studio.forms.kinds import default_name, segment_rows
from studio.forms.prefill import WORDS_OF_WINDOW
from studio.models import Clip, Persona, Recording
from studio.operations import REGISTRY, Field, Kind, Problem, Source

if TYPE_CHECKING:
    from studio.forms.compose import OperationForm

SECTIONS = ("Intro", "Verse", "Pre-Chorus", "Chorus", "Bridge", "Solo", "Outro")
MOST_SEGMENTED = 3  # more choices than this stand in a list
PLAN_ROWS = 6  # of a plan of sections, before anybody asks for more
RECORDINGS_OFFERED = 20
STYLE_FIELD = "tags"  # what an enhancer of tags may touch: what is to be left out is nobody's style
HELPERS = {
    Kind.LYRICS: ("write", "lyrics.make_lyrics", "Write with AI"),
    Kind.TAGS: ("enhance", "sonic.upsample_tags", "Enhance"),
}


@dataclass(frozen=True)
class Freshness:
    """How long a source still counts as fresh, for the ring beside it."""

    age_h: float
    limit_h: float

    @property
    def is_fresh(self) -> bool:
        return self.age_h < self.limit_h

    @property
    def share_left(self) -> int:
        """In percent, as `stroke-dashoffset` wants it taken away."""
        return round(100 * max(0.0, 1 - self.age_h / self.limit_h))

    @property
    def words(self) -> str:
        if not self.is_fresh:
            return f"older than {self.limit_h:g} h"
        left_h = self.limit_h - self.age_h
        return f"fresh for {left_h:.0f} h" if left_h >= 1.5 else f"fresh for {left_h * 60:.0f} min"


@dataclass(frozen=True)
class Control:
    """One field as its template draws it: `compose/_field_<kind>.html`, whatever the operation."""

    form: OperationForm
    field: Field

    @property
    def id(self) -> str:
        return f"id_{self.field.name}"

    @property
    def template(self) -> str:
        return f"compose/_field_{self.field.kind}.html"

    @property
    def value(self) -> Any:
        return self.form.values()[self.field.name]

    @property
    def typed(self) -> str:
        """As it stands in the post, readable or not."""
        return str(self.form.data.get(self.field.name) or "")

    @property
    def model(self) -> str:
        return str(self.form.values().get(self.form.model_field) or "")

    @functools.cached_property
    def shown(self) -> tuple[Problem, ...]:
        return self.form.problems_of(self.field.name)

    @property
    def problems(self) -> list[Problem]:
        return [problem for problem in self.shown if not problem.is_advice]

    @property
    def shows(self) -> str:
        """The one mode this field belongs to, or "" for all."""
        return next(iter(self.field.modes)) if len(self.field.modes) == 1 else ""

    @property
    def models(self) -> str:
        return " ".join(sorted(self.field.models or ()))

    @property
    def described_by(self) -> str:
        names = [f"{self.id}-hint"] if self.field.help else []
        return " ".join(names + ([f"{self.id}-error"] if self.shown else []))

    # --- texts and choices ---------------------------------------------------------------

    @property
    def sections(self) -> tuple[str, ...]:
        return SECTIONS

    @property
    def is_segmented(self) -> bool:
        return len(self.field.choices) <= MOST_SEGMENTED

    @property
    def unknown_value(self) -> str:
        """A choice unknown to the registry, kept in the list so that nobody's choice is changed unseen."""
        known = {choice.value for choice in self.field.choices}
        return "" if self.value in known else self.value

    @property
    def limit(self) -> int | None:
        return self.field.limit.for_model(self.model) if self.field.limit else None

    @property
    def limits(self) -> str:
        """Limits by model for the counter's script; "" is every other model."""
        assert self.field.limit is not None
        return json.dumps({"": self.field.limit.chars, **self.field.limit.by_model})

    @property
    def length(self) -> int:
        return len(self.value or "")

    @property
    def default_name(self) -> str:
        return default_name(self.field.name)

    @property
    def percent(self) -> int:
        """Where the slider stands: half-way while unset or out of range."""
        least, most = self.share_ends
        given = self.value * 100 if isinstance(self.value, int | float) else least - 1
        return round(given) if least <= given <= most else round((least + most) / 2)

    @property
    def share_ends(self) -> tuple[int, int]:
        """Where the slider begins and ends, in hundredths."""
        least, most = self.field.least or 0, self.field.most if self.field.most is not None else 1
        return round(least * 100), round(most * 100)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The rows of a plan, with empty ones to write into."""
        typed = segment_rows(self.form.data, self.field.name)
        return typed + [("", "")] * max(1, PLAN_ROWS - len(typed))

    # --- sources -------------------------------------------------------------------------

    @property
    def source(self) -> Source | None:
        return self.form.context.sources.get(self.field.name)

    @property
    def clip(self) -> Clip | None:
        """The clip that this source field names."""
        return self.form.clips.get(str(self.value))

    @property
    def is_main(self) -> bool:
        return self.field.name == self.form.operation.source

    @property
    def freshness(self) -> Freshness | None:
        """Where the provider wants a fresh source."""
        source = self.source
        if source is None or source.age_h is None or self.field.needs.fresh_h is None:
            return None
        return Freshness(source.age_h, self.field.needs.fresh_h)

    @functools.cached_property
    def personas(self) -> list[Persona]:
        """Who can sing at the provider that is asked."""
        connection = self.form.connection
        if connection is None:
            return []
        rows = Persona.objects.filter(team=self.form.team, connection=connection, retired_at=None)
        return list(rows.order_by("name", "pk"))

    @property
    def unknown_persona(self) -> str:
        known = {str(persona.code) for persona in self.personas}
        return "" if not self.value or str(self.value) in known else str(self.value)

    @functools.cached_property
    def recordings(self) -> QuerySet[Recording]:
        return Recording.objects.filter(team=self.form.team)[:RECORDINGS_OFFERED]

    @property
    def may_be_clip(self) -> bool:
        """Whether a clip is offered here: not where another field asks for one."""
        return not any(one.kind is Kind.CLIP for one in self.form.operation.fields)

    @property
    def unlisted_title(self) -> str:
        """What a recording is called that the list does not have; "" for one that it has."""
        listed = {str(recording.code) for recording in self.recordings}
        if not self.value or str(self.value) in listed:
            return ""
        return self.source.title if self.source else "Not here any more"

    # --- moments -------------------------------------------------------------------------

    @property
    def end(self) -> Control | None:
        """Of a moment that begins a window, the one that ends it."""
        return Control(self.form, self.form.operation.field(self.field.until)) if self.field.until else None

    @functools.cached_property
    def place(self) -> Control | None:
        """The source field whose clip this moment lies in."""
        name = self.field.of or self.form.operation.source
        return Control(self.form, self.form.operation.field(name)) if name else None

    @property
    def words_from(self) -> str:
        """Of a field for the words of a window: the ids of its edges, whose words a script puts in."""
        if self.field.name != WORDS_OF_WINDOW or not self.form.clips.get(self.form.subject):
            return ""
        begins = next((one for one in self.form.operation.fields if one.until), None)
        return f"id_{begins.name} id_{begins.until}" if begins else ""

    # --- help ----------------------------------------------------------------------------

    @property
    def helper(self) -> tuple[str, str, str] | None:
        """Who can help with this text: the helper, the operation behind it, and what its button says."""
        found = HELPERS.get(self.field.kind)
        is_style = self.field.kind is not Kind.TAGS or self.field.name == STYLE_FIELD
        if found is None or not is_style or found[1] in {"", self.form.operation.name}:
            return None
        return found if found[1] in REGISTRY else None
