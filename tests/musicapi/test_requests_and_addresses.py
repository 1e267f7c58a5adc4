import msgspec
import pytest

from studio.musicapi import Client, SonicCreate, normalise_base_url


def test_unset_fields_are_not_sent_and_the_task_type_always_is() -> None:
    request = SonicCreate(
        custom_mode=True, mv="sonic-v5", prompt="la", make_instrumental=False, duration_s=60
    )
    assert request.to_payload() == {
        "task_type": "create_music",
        "custom_mode": True,
        "mv": "sonic-v5",
        "prompt": "la",
        "make_instrumental": False,
        "duration": 60,
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("style_weight", "0.5"),
        ("make_instrumental", "true"),
        ("vocal_gender", "x"),
        ("duration_s", 1.5),
        ("mv", None),
    ],
)
def test_a_value_of_the_wrong_type_names_its_field(field: str, value: object) -> None:
    fields = {"custom_mode": True, "mv": "sonic-v5"} | {field: value}
    with pytest.raises(TypeError, match=field):
        SonicCreate(**fields)  # type: ignore[arg-type]


def test_a_request_survives_being_stored() -> None:
    request = SonicCreate(custom_mode=True, mv="sonic-v5", prompt="la", style_weight=1)
    assert msgspec.json.decode(msgspec.json.encode(request), type=SonicCreate) == request


def test_a_request_does_not_show_its_webhook() -> None:
    request = SonicCreate(
        custom_mode=False, mv="sonic-v5", webhook_url="https://a.example/hooks/code", webhook_secret="tide"
    )
    assert "tide" not in repr(request)
    assert "hooks" not in repr(request)


@pytest.mark.parametrize(
    ("typed", "base_url"),
    [
        ("https://api.musicapi.ai", "https://api.musicapi.ai/api/v1"),
        ("  https://API.MusicAPI.ai/  ", "https://api.musicapi.ai/api/v1"),
        ("api.musicapi.ai", "https://api.musicapi.ai/api/v1"),
        ("https://api.musicapi.ai/api", "https://api.musicapi.ai/api/v1"),
        ("https://api.musicapi.ai/api/v1/", "https://api.musicapi.ai/api/v1"),
        ("https://api.musicapi.ai/api/v1/sonic/create", "https://api.musicapi.ai/api/v1"),
        ("https://api.musicapi.ai:443/api/v2", "https://api.musicapi.ai/api/v2"),
        ("localhost:8000", "http://localhost:8000/api/v1"),
        ("http://127.0.0.1:8000/offline/api/v1", "http://127.0.0.1:8000/offline/api/v1"),
        ("http://127.0.0.1:8000/offline", "http://127.0.0.1:8000/offline/api/v1"),
        ("http://[::1]:9000", "http://[::1]:9000/api/v1"),
    ],
)
def test_a_base_url_is_understood_as_people_paste_it(typed: str, base_url: str) -> None:
    assert normalise_base_url(typed) == base_url
    assert normalise_base_url(base_url) == base_url


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://",
        "ftp://api.musicapi.ai",
        "javascript://x",
        "https://me:secret@api.musicapi.ai",
        "https://api.musicapi.ai/?key=secret",
        "https://api.musicapi.ai/#secret",
        "https://api.musicapi.ai:99999",
        "https://two words.example",
    ],
)
def test_a_base_url_that_cannot_work_is_explained_without_quoting_it(typed: str) -> None:
    with pytest.raises(ValueError, match=r"base URL .*\.") as caught:
        normalise_base_url(typed)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_fits_no_header_is_refused_without_quoting_it(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        Client("https://api.musicapi.ai", key)
    assert not key or key not in str(caught.value)
