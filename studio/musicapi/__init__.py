"""The AI Music API on the wire: requests, results, client, errors, webhook signatures. No Django."""

from studio.musicapi.addresses import normalise_base_url
from studio.musicapi.client import Client
from studio.musicapi.errors import (
    ApiError,
    BrokenDownload,
    Gone,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unreachable,
    Unreadable,
)
from studio.musicapi.requests import ApiRequest, SonicCreate
from studio.musicapi.results import (
    Accepted,
    Clip,
    Credits,
    Downloaded,
    Failure,
    TaskAnswer,
    TimedWord,
    Voice,
)
from studio.musicapi.webhooks import WebhookError, verify

__all__ = [
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
    "NotSent",
    "OutcomeUnknown",
    "Rejected",
    "SonicCreate",
    "TaskAnswer",
    "TimedWord",
    "Unreachable",
    "Unreadable",
    "Voice",
    "WebhookError",
    "normalise_base_url",
    "verify",
]
