"""What an operation is. One entry drives form, validation, pre-flight, price, payload and queue label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field  # classes here have a `field` of their own
from enum import StrEnum
from typing import Any

from studio.musicapi import ApiRequest

Values = Mapping[str, Any]
"""What a person gave, by field name, as JSON knows it: text, bool, number, list, None. Recipes store this."""


OFFLINE = "offline"
AIMUSICAPI = "api.aimusicapi.ai"
MUSICAPI = "api.musicapi.ai"
OTHER = "other"  # stands for every host that is none of these
HOSTS = frozenset({OFFLINE, AIMUSICAPI, MUSICAPI})


def kind_of_host(host: str) -> str:
    """The name under which entries speak of `host`."""
    return host if host in HOSTS else OTHER


class Kind(StrEnum):
    """How a field is asked for and parsed."""

    LINE = "line"  # one line of text
    TEXT = "text"  # a few lines of text
    LYRICS = "lyrics"  # many lines, with section marks
    TAGS = "tags"  # comma-separated style words
    CHOICE = "choice"  # one of `choices`
    WORDS = "words"  # some of `choices`: a list of their values
    SWITCH = "switch"  # yes or no
    SHARE = "share"  # 0 to 100 in the form, 0.0 to 1.0 on the wire; None = the provider's default
    NUMBER = "number"  # a number from `least` to `most`; None = not given
    MOMENT = "moment"  # seconds into the source clip; None = not given
    SEGMENTS = "segments"  # a list of {"name", "duration_s"}: the plan of a piece
    CLIP = "clip"  # the code of a clip
    PERSONA = "persona"  # the code of a persona or voice
    RECORDING = "recording"  # the code of a recording somebody brought, or of a clip to be sent as one


SOURCE_KINDS = frozenset({Kind.CLIP, Kind.PERSONA, Kind.RECORDING})


class Result(StrEnum):
    """What comes home, and so where it lands."""

    CLIPS = "clips"  # new clips, children of the source
    UPLOAD = "upload"  # a clip of a recording
    STEMS = "stems"  # the rest are assets of the source clip
    WAV = "wav"
    FILES = "files"
    MIDI = "midi"
    TEMPO = "tempo"
    TIMELINE = "timeline"
    VOX = "vox"
    VIDEO = "video"
    PERSONA = "persona"  # a row of the personas page
    LYRICS = "lyrics"  # text for the form it was asked from
    TAGS = "tags"


class Group(StrEnum):
    """Where an operation stands in the menus."""

    CREATE = "Create"
    CHANGE = "Change"
    PARTS = "Take apart"
    VOICE = "Voices"
    WORDS = "Words"
    BRING = "Bring in"


class Status(StrEnum):
    AVAILABLE = "available"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Availability:
    """Whether a host offers an operation, with a reason in words and the nearest alternative."""

    status: Status = Status.AVAILABLE
    reason: str = ""
    instead: str = ""  # the name of an operation to use in its place

    @property
    def is_usable(self) -> bool:
        return self.status in {Status.AVAILABLE, Status.DEPRECATED, Status.UNKNOWN}


@dataclass(frozen=True)
class Limit:
    """The most characters a field takes; some models take fewer or more than the rest."""

    chars: int
    by_model: Mapping[str, int] = dataclass_field(default_factory=dict)

    def for_model(self, model: str) -> int:
        return self.by_model.get(model, self.chars)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Needs:
    """What a source must be for an operation, as the provider documents it.

    `is_strict`: an older clip is refused; else the provider only advises a fresh one. Lengths in seconds: it
    has to be longer than `least_s`, and may be as long as `most_s`.
    """

    families: frozenset[str] = frozenset({"sonic"})
    origin: str = ""  # "generated" or "uploaded"; "" = either
    made_by: frozenset[str] = frozenset()  # the operations that make what fits; none = any
    fresh_h: float | None = None
    is_strict: bool = False
    least_s: float | None = None
    most_s: float | None = None
    formats: tuple[str, ...] = ()  # media types of a recording that are read; others are sent as WAV

    def fits(self, operation: str) -> bool:
        """Whether clips that `operation` made are taken; of one that nobody knows, nothing is said."""
        return not self.made_by or not operation or operation in self.made_by


@dataclass(frozen=True)
class Source:
    """What the registry has to know of the clip, persona or recording that a field names."""

    code: str
    title: str = ""
    remote_id: str = ""  # the provider's id of it
    connection: str = ""  # the code of the connection whose provider knows that id
    family: str = "sonic"
    operation: str = ""  # what made it; "" = not known
    is_uploaded: bool = False
    is_ready: bool = True
    age_h: float | None = None
    duration_s: float | None = None
    url: str = ""  # where the provider can fetch a recording; "" = it cannot
    lyrics: str = ""


@dataclass(frozen=True)
class Context:
    """What a request is made with besides the person's values.

    `sources` are those that could be found, by field name; `connection` is the code of the one asked.
    """

    host: str = "offline"
    connection: str = ""
    sources: Mapping[str, Source] = dataclass_field(default_factory=dict)
    can_be_called: bool = False  # whether the provider can reach this studio


@dataclass(frozen=True)
class Field:
    """One field of an operation's form.

    `modes`, `models` and `hosts` (of HOSTS and OTHER) say when it is asked and sent at all.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    limit: Limit | None = None
    choices: tuple[Choice, ...] = ()
    default: Any = ""
    modes: frozenset[str] = frozenset({"simple", "custom"})
    models: frozenset[str] | None = None
    hosts: frozenset[str] | None = None
    ends: tuple[str, str] = ("", "")
    placeholder: str = ""
    examples: tuple[Choice, ...] = ()  # offered while the field is empty
    is_more: bool = False  # stands under "More"
    is_required: bool = False  # a source, number, moment or choice that must be given
    least: float | None = None  # of a number, a moment, a segment's length; of words: how many
    most: float | None = None
    is_whole: bool = False  # a number without a fraction
    unit: str = ""
    needs: Needs = Needs()  # of a clip
    until: str = ""  # a moment that begins a window names the moment that ends it
    window_most_s: float | None = None  # the longest such window
    of: str = ""  # a moment: the field that names its clip; "" = the operation's source

    @property
    def empty(self) -> Any:
        """The default as JSON knows it, and a list of the caller's own where it is one."""
        return list(self.default) if isinstance(self.default, tuple) else self.default

    def applies(self, values: Values, host: str = "offline") -> bool:
        """Whether this field belongs to the mode and model that `values` name, and to the host."""
        if (values.get("mode") or "custom") not in self.modes:
            return False
        if self.hosts is not None and kind_of_host(host) not in self.hosts:
            return False
        return self.models is None or values.get("mv") in self.models


@dataclass(frozen=True)
class Fix:
    """What a person can take with one press: a change of the form, or another operation on the same source.

    `also` has what changes besides `field`: two ends of a window can only be swapped together.
    """

    label: str
    field: str
    value: Any = None
    operation: str = ""
    also: Mapping[str, Any] = dataclass_field(default_factory=dict)

    @property
    def changes(self) -> dict[str, Any]:
        """New values by field name; none when another operation is the way out."""
        return {} if self.operation else {self.field: self.value, **self.also}


@dataclass(frozen=True)
class Problem:
    """Why a request would be refused, said before it is sent. `field` is "" when it concerns the whole.

    `is_advice`: the provider warns of it, but does not refuse.
    """

    field: str
    text: str
    fix: Fix | None = None
    is_advice: bool = False


@dataclass(frozen=True)
class Operation:
    """One call of the API.

    `build` turns checked values into the request, an instance of `request`; `check` finds what the fields'
    own limits cannot; `price` gives the first guess in credits for a host; `variant` tells prices of one
    operation apart, "" when it has one only. `source` is the field of its main source, "" for none. `twin` is
    the entry that does the same for an uploaded clip (and back).
    """

    name: str
    label: str
    verb: str
    family: str
    request: type[ApiRequest]
    fields: tuple[Field, ...]
    build: Callable[[Values, Context], ApiRequest]
    check: Callable[[Values, Context], list[Problem]]
    price: Callable[[str, Values], int]
    variant: Callable[[Values], str]
    result: Result = Result.CLIPS
    group: Group = Group.CREATE
    icon: str = "music"
    about: str = ""
    source: str = ""
    twin: str = ""
    modes: tuple[Choice, ...] = ()
    availability: Mapping[str, Availability] = dataclass_field(default_factory=dict)

    def field(self, name: str) -> Field:
        """The field `name`; KeyError when the operation has none."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def source_fields(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.kind in SOURCE_KINDS)

    def applicable(self, values: Values, host: str = "offline") -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.applies(values, host))

    def defaults(self) -> dict[str, Any]:
        return {one.name: one.empty for one in self.fields}

    def problems(self, values: Values, context: Context = Context()) -> list[Problem]:
        """Everything a provider would refuse about `values`, in the order of the form; empty = ready.

        Advice may be among it, see Problem.is_advice.
        """
        from studio.operations.checking import field_problems

        applicable = self.applicable(values, context.host)
        found = [problem for one in applicable for problem in field_problems(self, one, values, context)]
        return found + self.check(values, context)

    def on(self, host: str) -> Availability:
        return self.availability.get(kind_of_host(host), Availability())

    def recipe(self, values: Values) -> dict[str, Any]:
        """The complete, versioned set of parameters that makes this request again."""
        kept = {one.name: values.get(one.name, one.empty) for one in self.fields}
        return {
            "version": 1,
            "operation": self.name,
            "values": {"mode": values.get("mode") or "custom", **kept},
        }


def obstacles(problems: Sequence[Problem]) -> list[Problem]:
    """Those that keep a request from being sent."""
    return [problem for problem in problems if not problem.is_advice]
