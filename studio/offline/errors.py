"""Refusals in the words and the envelope of the documented API."""

from __future__ import annotations


class Refusal(Exception):
    """An answer other than success. Nothing was charged.

    The text goes out under `error` and `message`: clients read either.
    """

    def __init__(self, status: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.kind = kind
        self.text = text

    def to_body(self) -> dict[str, str]:
        return {"type": self.kind, "error": self.text, "message": self.text}


def invalid(text: str) -> Refusal:
    return Refusal(400, "validation_error", text)


def unauthorized(text: str) -> Refusal:
    return Refusal(401, "unauthorized", text)


def out_of_credits(status: int = 403) -> Refusal:
    """403 with the older families, 402 where the newer pages say so."""
    text = "The remaining credits are not enough. You can buy more one-time credit packs or subscribe."
    return Refusal(status, "insufficient_credits" if status == 402 else "forbidden", text)


def forbidden(text: str) -> Refusal:
    return Refusal(403, "forbidden", text)


def not_found(text: str) -> Refusal:
    return Refusal(404, "not_found", text)


def wrong_method() -> Refusal:
    return Refusal(405, "not_found", "This address does not take that method.")


def too_large(limit_bytes: int) -> Refusal:
    return Refusal(413, "validation_error", f"The request body should be smaller than {limit_bytes} bytes.")


def engine_missing(text: str) -> Refusal:
    # Not 503: clients try that again by themselves, and no waiting installs a package.
    return Refusal(424, "engine_unavailable", text)


def internal() -> Refusal:
    return Refusal(500, "internal_error", "Internal Server Error.")
