"""What the provider refuses, charges and keeps apart, operation by operation; no music is measured here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from studio.engine.spec import EngineUnavailable
from studio.offline import accounts, jobs
from studio.offline.models import Account, Persona, Take
from studio.offline.works import Results, all_works
from tests.offline.conftest import ORIGIN
from tests.offline.quick_engine import QuickEngine
from tests.offline.test_api import poll

Asking = Callable[..., tuple[int, dict[str, Any]]]
SONG = {"custom_mode": True, "mv": "sonic-v5", "prompt": "[Verse]\nStars"}
ENDPOINTS = [
    "create", "replace-section", "mashup", "stems/basic", "stems/full", "upload", "upload-extend",
    "upload-cover", "sample", "create-voice", "bpm", "vox", "wav", "download", "midi", "aligned-lyrics",
    "upsample-tags", "persona", "lyrics",
]  # fmt: skip


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("family", ["sonic", "suno"])
def test_every_address_wants_a_key_and_a_json_object(db, call: Callable, path: str, family: str) -> None:
    assert call("POST", f"/api/v1/{family}/{path}", "wrong", b"{}").status == 401
    key = accounts.open_account("Other", 0)

    assert call("POST", f"/api/v1/{family}/{path}", key, b"[]").status == 400
    assert call("GET", f"/api/v1/{family}/{path}", key).status == 405


OF_CLIP = ["stems/basic", "stems/full", "bpm", "vox", "wav", "midi", "aligned-lyrics", "persona"]


@pytest.mark.parametrize("path", OF_CLIP)
def test_clips_that_are_unknown_or_somebody_else_s_are_not_found(
    credits_left: Callable[[], int], ask: Asking, upload: Callable[..., Take], path: str
) -> None:
    stranger = accounts.open_account("Stranger", 100)
    take = upload()

    for clip_id, with_key in ((str(uuid.uuid4()), ""), ("12", ""), (str(take.clip_id), stranger)):
        status, body = ask(path, with_key, clip_id=clip_id, name="Who")
        assert (status, body["type"]) == (404, "not_found")
        assert body["error"].startswith("clip not found")
    assert credits_left() == 1000


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"task_type": "extend_music"}, "This clip was uploaded. Use task_type = extend_upload_music."),
        ({"task_type": "cover_music"}, "This clip was uploaded. Use task_type = cover_upload_music."),
        ({"task_type": "extend_upload_music", "continue_at": 99}, "between 0 and 12"),
        ({"task_type": "concat_music"}, "Only a clip made by extend_music"),
        ({"task_type": "remaster", "mv": "sonic-v4", "variation_category": "high"}, "by sonic-v5 only"),
        ({"task_type": "remaster", "variation_category": "wild"}, "'subtle', 'normal', 'high'"),
        ({"task_type": "remaster", "duration": 60}, "not supported when task_type = remaster"),
        ({"task_type": "add_vocals", "mv": "sonic-v4"}, "needs v4.5 or later"),
        ({"task_type": "add_vocals", "prompt": None}, "is required when task_type = add_vocals"),
        ({"task_type": "add_vocals", "overpainting_start_s": 5, "overpainting_end_s": 4}, "must be greater"),
        ({"task_type": "add_instrumental", "overpainting_start_s": 50}, "behind the end"),
        ({"task_type": "persona_music", "persona_id": "12"}, "persona not found"),
    ],
)
def test_edits_that_cannot_be_are_refused_before_anything_is_charged(
    credits_left: Callable[[], int], ask: Asking, upload: Callable[..., Take], body: dict[str, Any], text: str
) -> None:
    status, answer = ask("create", **SONG | {"continue_clip_id": str(upload().clip_id)} | body)

    assert status in (400, 404) and text in answer["error"]
    assert credits_left() == 1000


def test_generated_clips_have_tasks_of_their_own(ask: Asking, song: Take) -> None:
    for task_type, text in (
        ("extend_upload_music", "Use task_type = extend_music."),
        ("cover_upload_music", "Use task_type = cover_music."),
        ("add_vocals", "takes clips from /sonic/upload only"),
        ("add_instrumental", "takes clips from /sonic/upload only"),
    ):
        status, body = ask("create", **SONG, task_type=task_type, continue_clip_id=str(song.clip_id))
        assert status == 400 and text in body["error"]


@pytest.mark.parametrize("task_type", ["add_vocals", "add_instrumental"])
def test_recordings_are_sung_over_on_their_first_day_only(
    ask: Asking, upload: Callable[..., Take], task_type: str
) -> None:
    take = upload()
    body = SONG | {"task_type": task_type, "continue_clip_id": str(take.clip_id)}
    assert ask("create", **body)[0] == 200

    Take.objects.filter(pk=take.pk).update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    status, answer = ask("create", **body)

    assert status == 400 and "less than 24 hours ago" in answer["error"]


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        (
            "replace-section",
            {"infill_start_s": 5, "infill_end_s": 4},
            "must be greater than 'infill_start_s'",
        ),
        ("replace-section", {"infill_start_s": 5}, "The 'infill_end_s' field is required."),
        ("replace-section", {"infill_start_s": 5, "infill_end_s": 99}, "between 0 and 12"),
        ("replace-section", {"mv": "sonic-v3-5", "infill_start_s": 1, "infill_end_s": 4}, "v4 or later"),
        ("vox", {"vocal_start_s": 0, "vocal_end_s": 31}, "at most 30 seconds"),
        ("download", {"formats": ["ogg"]}, "'mp3', 'm4a' and 'wav'"),
        ("download", {}, "'mp3', 'm4a' and 'wav'"),
        ("mashup", {"custom_mode": True, "mashup_clip_ids": ["one"]}, "exactly 2 clip ids"),
        ("mashup", {}, "The 'custom_mode' field should be boolean."),
        ("sample", {}, "Exactly one of the 'url' and 'sample_clip_id' fields"),
        ("sample", {"url": "https://a", "sample_clip_id": "b"}, "Exactly one"),
        ("upload", {}, "The 'url' field is required."),
        ("create-voice", {}, "The 'audio_url' field is required."),
        ("persona", {"name": "", "clip_id": ""}, "name and clip_id are required fields."),
        ("persona", {"name": "n" * 80}, "The name character length should be less than 79."),
        ("upsample-tags", {}, "The 'tags' field is required."),
        ("lyrics", {}, "description is required."),
        ("lyrics", {"description": "d" * 120}, "The description character length should be less than 120."),
        ("stems/full", {}, "Use /sonic/stems/basic"),
    ],
)
def test_questions_that_cannot_be_answered_say_why_and_cost_nothing(
    credits_left: Callable[[], int],
    ask: Asking,
    upload: Callable[..., Take],
    path: str,
    body: dict[str, Any],
    text: str,
) -> None:
    status, answer = ask(path, **{"mv": "sonic-v5", "clip_id": str(upload().clip_id)} | body)

    assert status == 400 and text in answer["error"]
    assert credits_left() == 1000


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("a ballad in the style of Jane Q Doe", "artist names: 'Jane Q Doe' which is not allowed."),
        ("summer hit feat. Somebody", "artist names: 'Somebody' which is not allowed."),
        ("dark trap prod. by Nobody", "producer tags: 'Nobody' which is not allowed."),
    ],
)
def test_descriptions_that_name_people_are_refused(ask: Asking, description: str, text: str) -> None:
    for more in ({"custom_mode": False, "gpt_description_prompt": description},
                 {"auto_lyrics": True, "prompt": description}):  # fmt: skip
        status, body = ask("create", **SONG | more)
        assert (status, body["type"]) == (403, "forbidden") and body["error"].endswith(text)


def test_styles_and_places_may_be_named(ask: Asking, quick_engine: QuickEngine) -> None:
    wish = {"custom_mode": False, "gpt_description_prompt": "in the style of Bossa nova, from New York"}

    assert ask("create", **SONG | wish)[0] == 200


KEYS = [
    ("bpm", {}, {"code", "message", "data"}, 1),
    ("wav", {}, {"message", "data"}, 1),
    ("download", {"formats": ["mp3", "m4a"]}, {"code", "message", "data"}, 2),
]


@pytest.mark.parametrize(("path", "body", "keys", "price"), KEYS)
def test_answers_have_exactly_the_documented_keys_and_their_price(
    credits_left: Callable[[], int], ask: Asking, call: Callable, upload: Callable[..., Take],
    monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any], keys: set[str], price: int,
) -> None:  # fmt: skip
    monkeypatch.setattr("studio.offline.sonic.reports.tempo", lambda _take: (120.0, 118.0, 122.0))
    status, answer = ask(path, clip_id=str(upload().clip_id), **body)

    assert (status, set(answer)) == (200, keys)
    assert credits_left() == 1000 - price
    for row in answer["data"].get("files", []):
        assert call("GET", row["file_url"].removeprefix(ORIGIN)).status == 200


def test_words_and_tags_have_exactly_the_documented_keys(
    credits_left: Callable[[], int], ask: Asking
) -> None:
    status, tags = ask("upsample-tags", tags="pop")
    assert (status, set(tags), set(tags["data"])) == (200, {"code", "message", "data"}, {"upsampled_tags"})
    status, lyrics = ask("lyrics", description="a night train")
    assert (status, set(lyrics)) == (200, {"code", "results", "message"})
    one, other = lyrics["results"]
    assert set(one) == {"title", "lyrics"} and one["lyrics"] != other["lyrics"]
    assert credits_left() == 1000 - 3


def test_lines_are_written_anew_as_many_as_were_sent(ask: Asking) -> None:
    old = ["The stars are out tonight", "We are walking home alone", "And the morning takes its time"]

    drafts = ask("lyrics", description="Rewrite: " + " / ".join(old))[1]["results"]

    for draft in drafts:
        lines = draft["lyrics"].split("\n")
        assert len(lines) == 3 and not set(lines) & set(old)
    assert drafts[0]["lyrics"] != drafts[1]["lyrics"]


def test_the_timeline_is_charged_once_per_clip(
    credits_left: Callable[[], int], ask: Asking, song: Take
) -> None:
    left = credits_left()

    answers = [ask("aligned-lyrics", clip_id=str(song.clip_id)) for _ in range(2)]

    assert answers[0] == answers[1] and answers[0][0] == 200
    assert answers[0][1]["data"]["alignment"][0]["word"] == "[Verse]\nStars"
    assert credits_left() == left - 1


def test_a_timeline_of_nothing_sung_is_not_found_and_free(
    credits_left: Callable[[], int], ask: Asking, song: Take, monkeypatch
) -> None:
    Take.objects.filter(pk=song.pk).update(alignment=[])
    monkeypatch.setattr("studio.offline.sonic.reports.has_score", lambda _take: True)
    left = credits_left()

    status, body = ask("aligned-lyrics", clip_id=str(song.clip_id))

    assert (status, body["error"]) == (404, "clip not found or has no lyrics")
    assert credits_left() == left


def test_a_recording_s_notes_are_heard_on_the_queue_and_charged_once(
    credits_left: Callable[[], int],
    ask: Asking,
    upload: Callable[..., Take],
    rung: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take, left = upload(), credits_left()
    row = {"name": "instruments", "notes": [{"start": 0.0, "end": 1.0, "pitch": 57, "velocity": 0.5}]}

    def listen(_take: Take, folder: Path, _progress: object) -> Results:
        (folder / "song.mid").write_bytes(b"MThd")
        (folder / "notes.json").write_text(json.dumps({"instruments": [row]}))
        return Results(files={"mid": "song.mid", "notes": "notes.json"})

    monkeypatch.setattr("studio.offline.planning.need_pack", lambda _name: None)
    monkeypatch.setitem(all_works(), "midi", listen)
    body = {"clip_id": str(take.clip_id)}

    for _ in range(3):
        assert ask("midi", **body) == (202, {"type": "not_ready", "error": "MIDI is not ready yet"})
    assert len(rung) == 1
    jobs.render(rung[0])
    status, answer = ask("midi", **body)

    assert (status, set(answer)) == (200, {"code", "data", "message"})
    assert answer["data"]["instruments"] == [row] and answer["data"]["midi_url"].endswith("notes.mid")
    assert credits_left() == left - 1


def test_notes_that_cannot_be_heard_are_paid_back_and_can_be_asked_for_again(
    credits_left: Callable[[], int],
    ask: Asking,
    upload: Callable[..., Take],
    rung: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = upload()

    def stumble(*_about: object) -> Results:
        raise EngineUnavailable("There is no net.")

    monkeypatch.setattr("studio.offline.planning.need_pack", lambda _name: None)
    monkeypatch.setitem(all_works(), "midi", stumble)
    assert ask("midi", clip_id=str(take.clip_id))[0] == 202
    jobs.render(rung[0])

    status, body = ask("midi", clip_id=str(take.clip_id))

    assert status == 502 and "There is no net." in body["error"]
    assert credits_left() == 1000
    assert ask("midi", clip_id=str(take.clip_id))[0] == 202


def test_a_pack_that_is_missing_is_named_and_nothing_is_charged(
    credits_left: Callable[[], int],
    ask: Asking,
    upload: Callable[..., Take],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PACKS_DIR", str(tmp_path / "no packs"))
    clip_id = str(upload().clip_id)

    for path, body, pack in (
        ("midi", {"clip_id": clip_id}, "transcription"),
        ("aligned-lyrics", {"clip_id": clip_id}, "recognition"),
    ):
        status, answer = ask(path, **body)
        assert status == 424 and f"packs add {pack}" in answer["error"]
    assert credits_left() == 1000


def test_a_poor_account_gets_nothing_and_keeps_its_credits(
    ask: Asking, song: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    Account.objects.update(credits=0)
    clip = {"clip_id": str(song.clip_id)}

    for path in ("bpm", "wav", "aligned-lyrics"):
        assert ask(path, **clip)[0] == 403
    assert ask("create-voice", audio_url="https://nowhere.example/a.mp3")[0] == 402
    assert ask("upload", url="https://nowhere.example/a.mp3")[0] == 403
    assert Account.objects.get(name="Rich").credits == 0


def test_a_failed_edit_is_paid_back_and_leaves_no_files(
    credits_left: Callable[[], int],
    call: Callable,
    ask: Asking,
    rich_key: str,
    upload: Callable[..., Take],
    rung: list[int],
    settings: Any,
) -> None:
    take = upload()
    (take.folder / "recording.flac").write_bytes(b"broken")
    body = {"task_type": "remaster", "mv": "sonic-v5", "continue_clip_id": str(take.clip_id)}

    task_id = ask("create", **body)[1]["task_id"]
    assert credits_left() == 1000 - 10
    for pk in rung:
        jobs.render(pk)

    status, answer = poll(call, rich_key, task_id)
    assert (status, answer["type"]) == (200, "failed") and "refunded" in answer["error"]
    assert credits_left() == 1000
    assert [path.name for path in (Path(settings.DATA_DIR) / "offline").iterdir()] == [str(take.clip_id)]


def test_a_persona_belongs_to_its_account(ask: Asking, quick_engine: QuickEngine) -> None:
    stranger = accounts.open_account("Stranger", 100)
    persona = Persona.objects.create(
        account=Account.objects.get(name="Stranger"), name="Hers", parameters={}, styles="folk"
    )

    status, body = ask("create", **SONG, task_type="persona_music", persona_id=str(persona.persona_id))

    assert (status, body["error"]) == (404, "persona not found")
    given = ask("create", stranger, **SONG, task_type="persona_music", persona_id=str(persona.persona_id))
    assert given[0] == 200
    assert Take.objects.first().work["spec"]["tags"] == "folk"


def test_without_an_engine_every_operation_says_what_to_install(
    credits_left: Callable[[], int], ask: Asking, song: Take, quick_engine: QuickEngine
) -> None:
    quick_engine.missing = "The offline engine needs mido. Install them with: pip install 'ostinato[engine]'"
    left, clip = credits_left(), {"clip_id": str(song.clip_id)}

    for path, body in (
        ("create", SONG),
        ("create", SONG | {"task_type": "remaster", "continue_clip_id": clip["clip_id"]}),
        ("replace-section", SONG | clip | {"infill_start_s": 0, "infill_end_s": 0.4}),
        ("stems/full", clip),
        ("bpm", clip),
        ("wav", clip),
        ("persona", clip | {"name": "Anna"}),
        ("upsample-tags", {"tags": "pop"}),
        ("lyrics", {"description": "a night train"}),
    ):
        status, answer = ask(path, **body)
        assert (status, answer["error"]) == (424, quick_engine.missing), path
    assert credits_left() == left
