"""The AI Music API on the wire: requests, results, client, errors, webhook signatures. No Django."""

from studio.musicapi.addresses import normalise_base_url
from studio.musicapi.client import Client
from studio.musicapi.clips import Clip, TimedWord
from studio.musicapi.errors import (
    ApiError,
    BrokenDownload,
    Gone,
    HalfDone,
    NotReady,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unreachable,
    Unreadable,
)
from studio.musicapi.outcomes import stored_reply
from studio.musicapi.requests import REQUESTS, ApiRequest, HookedRequest, Question, SonicCreate
from studio.musicapi.results import (
    Accepted,
    Credits,
    Downloaded,
    Failure,
    LyricsDraft,
    Persona,
    Reply,
    TaskAnswer,
)
from studio.musicapi.webhooks import WebhookError, verify

__all__ = [
    "REQUESTS",
    "Accepted",
    "ApiError",
    "ApiRequest",
    "BrokenDownload",
    "Client",
    "Clip",
    "Credits",
    "Downloaded",
    "Failure",
    "Gone",
    "HalfDone",
    "HookedRequest",
    "LyricsDraft",
    "NotReady",
    "NotSent",
    "OutcomeUnknown",
    "Persona",
    "Question",
    "Rejected",
    "Reply",
    "SonicCreate",
    "TaskAnswer",
    "TimedWord",
    "Unreachable",
    "Unreadable",
    "WebhookError",
    "normalise_base_url",
    "stored_reply",
    "verify",
]
