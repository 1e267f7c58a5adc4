"""Every documented request is encoded exactly as documented, and nothing is sent that was not said."""

import msgspec
import pytest
import responses

from studio.musicapi import REQUESTS, Client, Question
from studio.musicapi.requests import ApiRequest, nuro
from studio.musicapi.requests.producer import ProducerReplace
from studio.musicapi.requests.riffusion import RiffusionExtendUpload, RiffusionReplace
from studio.musicapi.requests.sonic import SonicConcat, SonicExtend, SonicMashup, SonicUploadExtend
from studio.musicapi.requests.studio import StudioConfig, StudioCreate, StudioSource
from tests.musicapi.payloads import INDEX, TYPES, body_of, fields_of, named, request_of

BASE = "https://api.musicapi.example/api/v1"
ACCEPTED = body_of(INDEX["sonic-create-response"])
TASK_ID = fields_of("sonic-create-response")["task_id"]
# Those of the vendor's OpenAPI file and pages, below /api/v1.
PATHS = {
    "/sonic/create", "/sonic/upload-extend", "/sonic/upload-cover", "/sonic/persona", "/sonic/sample",
    "/sonic/mashup", "/sonic/bpm", "/sonic/vox", "/sonic/wav", "/sonic/midi", "/sonic/aligned-lyrics",
    "/sonic/stems/basic", "/sonic/stems/full", "/sonic/replace-section", "/sonic/upload",
    "/sonic/create-voice", "/sonic/upsample-tags", "/sonic/lyrics", "/sonic/download",
    "/producer/create", "/producer/upload", "/producer/download", "/producer/lyrics-create",
    "/producer/video-clip", "/nuro/create", "/riffusion/create", "/riffusion/upload", "/studio/create",
}  # fmt: skip


@pytest.mark.parametrize("name", named("request"))
def test_a_documented_request_is_built_as_documented(name: str) -> None:
    documented = fields_of(name)
    kind = TYPES[INDEX[name]["type"]]
    request = msgspec.convert(documented, kind)
    tag = {} if kind.__struct_config__.tag is None else {"task_type": "create_music"}
    assert request.to_payload() == (tag | documented if "type" not in documented else documented)
    assert msgspec.convert(request.to_payload(), kind) == request


@pytest.mark.parametrize("kind", [kind for kind in TYPES if not issubclass(TYPES[kind], Question)])
def test_every_task_is_submitted_to_its_address_with_its_body(kind: str) -> None:
    request = request_of(kind)
    with responses.RequestsMock() as mock:
        sent_as_documented = responses.matchers.json_params_matcher(request.to_payload())
        mock.post(BASE + request.path, ACCEPTED, match=[sent_as_documented])
        assert Client(BASE, "sk-quiet").submit(request).task_id == TASK_ID


def test_every_documented_request_has_its_type_and_its_body() -> None:
    assert {INDEX[name]["type"] for name in named("request")} == set(TYPES)
    assert {kind.path for kind in REQUESTS} == PATHS
    assert {kind.family for kind in REQUESTS} == {
        "sonic",
        "lyrics",
        "producer",
        "nuro",
        "riffusion",
        "studio",
    }


def test_every_request_that_is_answered_at_once_says_how_its_answer_is_read() -> None:
    for kind in REQUESTS:
        if issubclass(kind, Question):
            assert kind.reply.__name__ in str(kind.__orig_bases__)  # type: ignore[attr-defined]


BUILT: list[tuple[ApiRequest, dict[str, object]]] = [
    (SonicConcat(continue_clip_id="c"), {"task_type": "concat_music", "continue_clip_id": "c"}),
    (
        SonicExtend(continue_clip_id="c", continue_at_s=30.5, mv="sonic-v5", duration_s=60),
        {
            "task_type": "extend_music",
            "continue_clip_id": "c",
            "continue_at": 30.5,
            "mv": "sonic-v5",
            "duration": 60,
        },
    ),
    (
        SonicUploadExtend(url="https://a.example/x.mp3", mv="sonic-v5", custom_mode=False, continue_at_s=0.1),
        {"url": "https://a.example/x.mp3", "mv": "sonic-v5", "custom_mode": False, "continue_at": 0.1},
    ),
    (
        SonicMashup(mashup_clip_ids=("a", "b"), mv="sonic-v5", custom_mode=False),
        {"mashup_clip_ids": ["a", "b"], "mv": "sonic-v5", "custom_mode": False},
    ),
    (
        ProducerReplace(clip_id="c", starts_at_s=0, ends_at_s=8),
        {"task_type": "replace_music", "clip_id": "c", "starts_at": 0, "ends_at": 8},
    ),
    (
        RiffusionReplace(
            continue_clip_id="c", mv="FUZZ-1.0", custom_mode=True, replace_start_s=1, replace_end_s=2
        ),
        {
            "task_type": "replace_music",
            "continue_clip_id": "c",
            "mv": "FUZZ-1.0",
            "custom_mode": True,
            "replace_start_time": 1,
            "replace_end_time": 2,
        },
    ),
    (
        RiffusionExtendUpload(continue_clip_id="c", mv="FUZZ-1.0", custom_mode=True, continue_at_s=10),
        {
            "task_type": "extend_upload_music",
            "continue_clip_id": "c",
            "mv": "FUZZ-1.0",
            "custom_mode": True,
            "continue_at": 10,
        },
    ),
    (
        nuro.NuroBgm(
            version="v2.0",
            description="rain",
            segments=(nuro.NuroSegment(name="intro", duration_s=30),),
        ),
        {
            "type": "bgm",
            "version": "v2.0",
            "description": "rain",
            "segments": [{"name": "intro", "duration": 30}],
        },
    ),
]


@pytest.mark.parametrize(("request_", "payload"), BUILT, ids=lambda value: type(value).__name__)
def test_a_request_speaks_of_seconds_and_sends_the_documented_names(
    request_: ApiRequest, payload: dict[str, object]
) -> None:
    assert request_.to_payload() == payload


def test_a_studio_song_is_regular_unless_it_goes_on_from_another() -> None:
    strengths = {"prompt_strength": 0.5, "clarity_strength": 0.25, "lyrics_strength": 0.5}
    rest = {
        "prompt": "jazz",
        "lyrics_type": "generate",
        "model_type": "studio32-v1.5",
        "generation_quality": 1,
    }
    assert StudioCreate(**rest, **strengths).to_payload()["config"] == {"mode": "regular"}  # type: ignore[arg-type]
    config = StudioConfig(mode="continuation", source=StudioSource(song_id="s"))
    request = StudioCreate(**rest, **strengths, config=config)  # type: ignore[arg-type]
    assert request.to_payload()["config"] == {"mode": "continuation", "source": {"song_id": "s"}}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("SonicMashup", "mashup_clip_ids", ("a",)),
        ("SonicMashup", "mashup_clip_ids", ("a", "b", "c")),
        ("SonicRemaster", "variation_category", "extreme"),
        ("SonicReplaceSection", "infill_start_s", "10"),
        ("SonicVox", "vocal_end_s", "30"),
        ("ProducerDownload", "format", "flac"),
        ("NuroVocal", "gender", "Any"),
        ("NuroBgm", "version", "v3.0"),
        ("NuroBgm", "genre", "pop"),
        ("StudioCreate", "lyrics_type", "poem"),
        ("RiffusionCreate", "custom_mode", "yes"),
    ],
)
def test_a_value_that_no_page_documents_is_refused(kind: str, field: str, value: object) -> None:
    documented = request_of(kind)
    given = {name: getattr(documented, name) for name in documented.__struct_fields__}
    with pytest.raises(TypeError, match=field):
        TYPES[kind](**given | {field: value})


@pytest.mark.parametrize("name", named("vocabulary"))
def test_the_words_of_nuro_are_the_documented_ones(name: str) -> None:
    documented = fields_of(name)
    vocal, bgm = documented["vocal"], documented["bgm"]
    assert {key: list(words) for key, words in nuro.VOCAL_WORDS.items()} | {
        "gender": vocal["gender"]
    } == vocal
    assert {key: list(words) for key, words in nuro.BGM_WORDS.items()} == {
        key: bgm[key] for key in nuro.BGM_WORDS
    }
    assert (list(nuro.SEGMENTS), nuro.LIST_MAX_ITEMS) == (bgm["segment_name"], bgm["max_items_per_array"])
    for gender in vocal["gender"]:
        assert nuro.NuroVocal(lyrics="la", gender=gender).to_payload()["gender"] == gender
    for version in bgm["version"]:
        assert nuro.NuroBgm(version=version, description="rain").to_payload()["version"] == version


def test_an_address_that_may_be_signed_is_not_shown() -> None:
    for kind in ("SonicUpload", "SonicUploadLater", "SonicCreateVoice", "ProducerUpload", "RiffusionUpload"):
        assert "://" not in repr(request_of(kind))
