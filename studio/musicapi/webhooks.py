"""Is this delivery from the provider, and what is it about? Verified before its body is parsed.

    signature = "sha256=" + hex(HMAC-SHA256(secret, timestamp + "." + raw body))

`timestamp` is the X-Webhook-Timestamp header, Unix seconds; the signature is X-Webhook-Signature.
"""

import hashlib
import hmac

import msgspec

from studio.musicapi.values import first_text

TOLERANCE_S = 300  # what the provider's known receivers use
FAMILIES = {"suno": "sonic"}  # platforms that go by another name here


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


class BodyMalformed(WebhookError):
    """A delivery that is no JSON object, or does not say which task it is about."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery is about. The rest of its body reads like a poll and is only a hint to ask for one."""

    remote_id: str
    family: str = ""  # "" when the delivery does not say
    event: str = ""  # song.completed, song.streaming, song.failed, or a word that we do not know


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


def read(body: bytes) -> Delivery:
    """What a verified delivery is about; raises BodyMalformed."""
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        fields = None
    remote_id = first_text(fields, "task_id") if isinstance(fields, dict) else ""
    if not remote_id:
        raise BodyMalformed("The delivery does not say which task it is about.")
    platform = first_text(fields, "platform").lower()
    family = FAMILIES.get(platform, platform)
    return Delivery(remote_id=remote_id, family=family, event=first_text(fields, "event"))
