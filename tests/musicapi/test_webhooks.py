import pytest

from studio.musicapi import webhooks

SECRET = "your-secret-key"
SIGNED_AT = "1760274782"
BODY = (
    b'{"code":200,"data":[],"message":"success","task_id":"aac70c26-c633-4d0c-880f-91610006f9b5",'
    b'"platform":"suno","event":"song.completed"}'
)
SIGNATURE = "sha256=1e1e0314afca08dfa09e4e9ab9309458af358ffc008fa4ed5aaf35ed7d528493"
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
