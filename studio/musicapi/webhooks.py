"""Is this delivery from the provider? Verified before its body is parsed.

    signature = "sha256=" + hex(HMAC-SHA256(secret, timestamp + "." + raw body))

`timestamp` is the X-Webhook-Timestamp header, Unix seconds; the signature is X-Webhook-Signature.
"""

import hashlib
import hmac

TOLERANCE_S = 300  # what the provider's known receivers use


class WebhookError(Exception):
    """A delivery that must not be believed. Each cause has its own class."""


class SecretMissing(WebhookError):
    """There is no secret to verify with; an empty one would accept anybody's signature."""


class SignatureMissing(WebhookError):
    """A signed delivery has both a timestamp and a signature header."""


class TimestampMalformed(WebhookError):
    """The timestamp is not a whole number of seconds."""


class TimestampOutside(WebhookError):
    """The delivery is more than 300 s old or from the future: a replay, or a clock that is wrong."""


class SignatureWrong(WebhookError):
    """The signature does not belong to this body, timestamp and secret."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature header for a delivery."""
    message = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def verify(secret: str, timestamp: str | None, signature: str | None, body: bytes, now_s: float) -> None:
    """Return when the delivery is genuine, raise a WebhookError when not.

    `body` is the exact bytes received. The comparison takes the same time wherever the first difference
    is. The signature is checked before the age, so that only a genuine sender learns about our clock.
    """
    if not secret:
        raise SecretMissing("There is no secret for this task.")
    timestamp, signature = (timestamp or "").strip(), (signature or "").strip()
    if not timestamp or not signature:
        raise SignatureMissing("The delivery is not signed.")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15):
        raise TimestampMalformed("The timestamp of the delivery is not a number of seconds.")
    if not hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.lower().encode()):
        raise SignatureWrong("The signature of the delivery is wrong.")
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        raise TimestampOutside("The delivery is more than 300 s away from now.")
