import pytest

from studio.musicapi import REQUESTS, envelope, outcomes, webhooks
from studio.musicapi.requests import HookedRequest
from tests.musicapi.payloads import INDEX, body_of, fields_of, named, request_of

SIGNED = {name: fields_of(name) for name in named("signature")}
VECTOR = SIGNED["webhook-signature-vector"]
SECRET, SIGNED_AT, SIGNATURE = VECTOR["secret"], VECTOR["timestamp"], VECTOR["signature_header"]
BODY = VECTOR["raw_body"].encode()
NOW_S = 1_760_274_790.0


def test_a_genuine_delivery_is_believed() -> None:
    webhooks.verify(SECRET, SIGNED_AT, SIGNATURE, BODY, NOW_S)
    assert webhooks.sign(SECRET, SIGNED_AT, BODY) == SIGNATURE


@pytest.mark.parametrize("now_s", [1_760_274_782 - 300, 1_760_274_782 + 300])
def test_a_delivery_may_be_five_minutes_off(now_s: float) -> None:
    webhooks.verify(SECRET, SIGNED_AT, SIGNATURE, BODY, now_s)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"secret": ""}, webhooks.SecretMissing),
        ({"secret": "another"}, webhooks.SignatureWrong),
        ({"signature": None}, webhooks.SignatureMissing),
        ({"timestamp": ""}, webhooks.SignatureMissing),
        ({"signature": "sha256="}, webhooks.SignatureWrong),
        ({"signature": SIGNATURE.removeprefix("sha256=")}, webhooks.SignatureWrong),
        ({"signature": "sha256=ünfug"}, webhooks.SignatureWrong),
        ({"body": BODY + b" "}, webhooks.SignatureWrong),
        ({"timestamp": "1760274783"}, webhooks.SignatureWrong),
        ({"timestamp": "yesterday"}, webhooks.TimestampMalformed),
        ({"timestamp": "-1760274782"}, webhooks.TimestampMalformed),
        ({"timestamp": "9" * 400}, webhooks.TimestampMalformed),
        ({"now_s": 1_760_274_782 + 301.0}, webhooks.TimestampOutside),
        ({"now_s": 1_760_274_782 - 301.0}, webhooks.TimestampOutside),
    ],
)
def test_every_cause_of_disbelief_has_its_own_error(change: dict, error: type[Exception]) -> None:
    delivery = {
        "secret": SECRET,
        "timestamp": SIGNED_AT,
        "signature": SIGNATURE,
        "body": BODY,
        "now_s": NOW_S,
    }
    with pytest.raises(webhooks.WebhookError) as caught:
        webhooks.verify(**(delivery | change))
    assert type(caught.value) is error


def test_the_documented_headers_are_the_ones_that_count() -> None:
    headers = SIGNED["webhook-headers"]
    timestamp, signature = headers["X-Webhook-Timestamp"], headers["X-Webhook-Signature"]
    webhooks.verify(SECRET, timestamp, signature, BODY, NOW_S)


def test_the_older_scheme_without_a_time_is_not_believed() -> None:
    headers = SIGNED["webhook-legacy-headers"]
    with pytest.raises(webhooks.SignatureMissing):
        webhooks.verify(SECRET, headers.get("X-Webhook-Timestamp"), headers["X-Signature"], BODY, NOW_S)


@pytest.mark.parametrize("name", named("webhook"))
def test_a_delivery_says_what_it_is_about_and_reads_like_a_poll(name: str) -> None:
    expect, body = INDEX[name]["expect"], body_of(INDEX[name])
    found = webhooks.read(body)
    assert (found.remote_id, found.family, found.event) == (
        expect["remote_id"],
        expect["family"],
        expect["event"],
    )
    answer = envelope.answer(200, {}, body, "sk-quiet")
    assert outcomes.task_answer(found.family, found.remote_id, answer).state == expect["state"]


def test_both_names_of_the_sonic_family_are_understood() -> None:
    assert webhooks.read(b'{"task_id": "t", "platform": "sonic"}').family == "sonic"
    assert webhooks.read(b'{"task_id": "t", "platform": "Suno"}').family == "sonic"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"{}", b'{"task_id": null}', b"[" * 100_000])
def test_a_delivery_about_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(webhooks.BodyMalformed):
        webhooks.read(body)


HOOKED = [kind.__name__ for kind in REQUESTS if issubclass(kind, HookedRequest)]


@pytest.mark.parametrize("name", named("webhook-fields"))
@pytest.mark.parametrize("kind", HOOKED)
def test_a_request_that_can_report_says_where_to(kind: str, name: str) -> None:
    fields = fields_of(name)
    plain = request_of(kind)
    hooked = type(plain)(**{field: getattr(plain, field) for field in plain.__struct_fields__} | fields)
    assert hooked.to_payload() == plain.to_payload() | fields
    assert fields["webhook_secret"] not in repr(hooked)


def test_only_sonic_producer_and_nuro_document_webhooks() -> None:
    assert {kind.family for kind in REQUESTS if issubclass(kind, HookedRequest)} == {
        "sonic",
        "producer",
        "nuro",
    }
