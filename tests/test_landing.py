"""Followed tasks whose outcome is no new song: stems, voices, uploads, downloads, videos, words, pairs."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from studio import vault
from studio.models import Asset, Clip, Persona, Task
from studio.work import assets, jobs, parts, stems, ticker
from tests.base import make_clip, make_recording
from tests.fake_api import Answer, tone
from tests.flow import Killed, be_due, fresh, money, ordered, refresh_until_over, through

Status = Task.Status
TWO = ["Vocals", "Instrumental"]
FOUR = ["Vocals", "Drums", "Bass", "Other"]
TWELVE = [
    "Vocals", "Backing Vocals", "Drums", "Bass", "Electric Guitar", "Keyboard", "Percussion", "Strings",
    "Synth", "FX", "Brass", "Woodwinds",
]  # fmt: skip


@pytest.fixture
def clip(connected):
    return make_clip(connected, remote_id="remote-1")


@pytest.fixture
def recording(connected):
    return make_recording(connected, "Humming.mp3", tone(330))


def stem_json(api, name: str, number: int = 0, **fields) -> dict:
    return {
        "clip_id": f"stem-{name}-{number}",
        "state": "succeeded",
        "title": f"Song ({name})",
        "audio_url": f"{api.origin}/files/stem-{name}-{number}.mp3".replace(" ", "-"),
        "duration": "2.0",
    } | fields


def said(*items, **more) -> Answer:
    return Answer(200, {"code": 200, "data": list(items), "message": "success"} | more)


@pytest.fixture
def parting(connected, clip):
    """A task of all stems, on its way."""
    task = ordered(
        connected, "sonic.stems_full", {"clip_id": "remote-1"}, values={"clip": str(clip.code)}, source=clip
    )
    jobs.submit(task.pk)
    return fresh(task)


# --- stems ------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [TWO, FOUR, TWELVE, TWELVE + TWELVE])
def test_as_many_stems_as_the_provider_names_become_assets_of_the_clip(parting, api, clip, names):
    api.polls.append(said(*(stem_json(api, name, number) for number, name in enumerate(names))))
    jobs.refresh(parting.pk)
    assert fresh(parting).status == Status.READY
    assert money(parting) == ["hold", "settle"]
    found = clip.assets.filter(kind="stem").order_by("pk")
    assert len(found) == len(names)
    assert not parting.clips.exists()
    assert [asset.details["position"] for asset in found] == list(range(len(names)))
    assert {asset.details["set"] for asset in found} == {"full"}
    assert {asset.task_id for asset in found} == {parting.pk}
    drawn = clip.assets.filter(kind="peaks").values_list("name", flat=True)
    assert sorted(drawn) == sorted(asset.name for asset in found)
    labels = [asset.details["label"] for asset in found]
    assert len(set(labels)) == len(labels)


def test_a_stem_knows_its_part_its_letters_and_its_length(parting, api, clip):
    api.polls.append(
        said(stem_json(api, "Backing Vocals"), stem_json(api, "Vocals", stem_type="Lead Vocals"))
    )
    jobs.refresh(parting.pk)
    backing, lead = clip.assets.filter(kind="stem").order_by("pk")
    code8 = parting.code.hex[:8]
    assert (backing.name, lead.name) == (f"backing-{code8}", f"vocals-{code8}")
    assert (backing.details["part"], backing.details["code3"]) == ("backing", "BGV")
    assert (lead.details["label"], lead.details["remote_id"]) == ("Lead Vocals", "stem-Vocals-0")
    assert lead.details["duration_s"] == pytest.approx(2, abs=0.1)
    assert not lead.details["is_silent"]


def test_stems_of_the_same_name_are_numbered(parting, api, clip):
    api.polls.append(said(*(stem_json(api, "Guitar", number) for number in range(3)), stem_json(api, "Bass")))
    jobs.refresh(parting.pk)
    labels = [asset.details["label"] for asset in clip.assets.filter(kind="stem").order_by("pk")]
    assert labels == ["Guitar 1", "Guitar 2", "Guitar 3", "Bass"]


def test_a_silent_stem_is_told_apart(parting, api, clip):
    silent = stem_json(api, "Brass", audio_url=f"{api.origin}/files/silent.wav")
    api.polls.append(said(silent, stem_json(api, "Bass")))
    jobs.refresh(parting.pk)
    found = {asset.details["part"]: asset.details["is_silent"] for asset in clip.assets.filter(kind="stem")}
    assert found == {"brass": True, "bass": False}


def test_stems_are_shown_as_they_land(parting, api, clip):
    api.polls.append(said(stem_json(api, "Vocals"), stem_json(api, "Bass", state="running", audio_url=None)))
    jobs.refresh(parting.pk)
    assert fresh(parting).status == Status.RUNNING
    assert clip.assets.filter(kind="stem").count() == 1
    api.polls.append(said(stem_json(api, "Vocals"), stem_json(api, "Bass")))
    be_due(parting)
    jobs.refresh(parting.pk)
    assert fresh(parting).status == Status.READY
    assert api.count("GET /files/") == 2


def test_a_look_that_has_fetched_for_long_goes_on_with_the_next(parting, api, clip, monkeypatch):
    monkeypatch.setattr(assets, "LOOK_S", 0.0)
    api.polls.extend([said(*(stem_json(api, name) for name in FOUR))] * 10)
    jobs.refresh(parting.pk)
    waiting = fresh(parting)
    assert (waiting.status, waiting.problem_text, waiting.lease_until) == (Status.RUNNING, "", None)
    assert waiting.due_at <= timezone.now()
    monkeypatch.setattr(assets, "LOOK_S", 60.0)
    jobs.refresh(parting.pk)
    assert fresh(parting).status == Status.READY
    assert clip.assets.filter(kind="stem").count() == 4


@pytest.mark.parametrize("step", range(1, 5))
def test_a_worker_killed_between_stems_is_followed_by_one_that_goes_on(parting, api, clip, monkeypatch, step):
    api.polls.extend([said(*(stem_json(api, name) for name in TWO))] * 3)
    real, steps = vault.save, iter(range(1, 100))

    def save_or_die(*args):
        if next(steps) == step:
            raise Killed
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "save", save_or_die)
        with pytest.raises(Killed):
            jobs.refresh(parting.pk)
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert refresh_until_over(parting).status == Status.READY
    assert sorted(asset.details["part"] for asset in clip.assets.filter(kind="stem")) == [
        "instrumental",
        "vocals",
    ]


def test_the_same_stems_brought_twice_at_once_are_kept_once(parting, api, clip, monkeypatch):
    api.polls.extend([said(*(stem_json(api, name) for name in TWO))] * 2)
    real = assets.fetch_audio

    def fetch_while_another_does_too(*args):
        monkeypatch.setattr(assets, "fetch_audio", real)
        Task.objects.update(lease_until=None)
        jobs.refresh(parting.pk)
        return real(*args)

    monkeypatch.setattr(assets, "fetch_audio", fetch_while_another_does_too)
    jobs.refresh(parting.pk)
    assert fresh(parting).status == Status.READY
    assert clip.assets.filter(kind="stem").count() == 2
    assert money(parting) == ["hold", "settle"]


def test_a_stem_that_stays_broken_is_given_up_and_the_others_are_kept(parting, api, clip):
    expired = stem_json(api, "Drums", audio_url=f"{api.origin}/files/expired.html")
    failed = stem_json(api, "Synth", state="failed", audio_url=None)
    api.other_files["html"] = ("text/html", b"<html>expired</html>")
    api.polls.extend([said(expired, failed, stem_json(api, "Bass"))] * 10)
    done = refresh_until_over(parting)
    assert done.status == Status.READY
    assert sorted(done.result["missing"]) == sorted([expired["clip_id"], failed["clip_id"]])
    assert [asset.details["part"] for asset in clip.assets.filter(kind="stem")] == ["bass"]


def test_when_no_stem_comes_home_the_task_fails_settled_and_flagged(parting, api):
    api.other_files["html"] = ("text/html", b"<html>expired</html>")
    api.polls.extend([said(stem_json(api, "Drums", audio_url=f"{api.origin}/files/expired.html"))] * 10)
    failed = refresh_until_over(parting)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert "None of the stems" in failed.problem_text
    assert money(failed) == ["hold", "settle"]


def test_stems_that_failed_are_released_when_the_provider_says_refunded(parting, api):
    api.polls.append(Answer(200, {"type": "failed", "error": "No luck", "already_refunded": True}))
    jobs.refresh(parting.pk)
    assert fresh(parting).status == Status.FAILED
    assert money(parting) == ["hold", "release"]


def test_stems_of_a_clip_that_is_gone_say_so(parting, api):
    Task.objects.update(source=None)
    api.polls.append(said(stem_json(api, "Bass")))
    jobs.refresh(parting.pk)
    assert fresh(parting).problem_text == stems.NO_CLIP
    assert money(parting) == ["hold", "settle"]


def test_the_waveform_of_a_clip_is_not_that_of_its_stems(parting, api, clip, connected):
    api.polls.append(said(stem_json(api, "Bass")))
    jobs.refresh(parting.pk)
    assert connected.browser(connected.alice).get(f"/clips/{clip.code}/peaks.json").status_code == 404


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("Vocals", "vocals"),
        ("Lead Vocals", "vocals"),
        ("Backing Vocals", "backing"),
        ("backing_vocals", "backing"),
        ("Background vocals", "backing"),
        ("Drum Kit", "drums"),
        ("Bass Drum", "drums"),
        ("Percussion", "percussion"),
        ("Bass", "bass"),
        ("Bass Guitar", "bass"),
        ("Synth Bass", "bass"),
        ("Lead Guitar", "guitar"),
        ("Acoustic Guitar", "guitar"),
        ("Electric Piano", "keys"),
        ("Keyboard", "keys"),
        ("Organ", "keys"),
        ("Synth", "synth"),
        ("Synth Pad", "synth"),
        ("Strings", "strings"),
        ("Cello", "strings"),
        ("Brass", "brass"),
        ("French Horn", "brass"),
        ("Saxophone", "woodwind"),
        ("Bassoon", "woodwind"),
        ("Woodwinds", "woodwind"),
        ("FX", "fx"),
        ("Sound Effects", "fx"),
        ("Instrumental", "instrumental"),
        ("No Vocals", "instrumental"),
        ("Backing Track", "instrumental"),
        ("Other", "other"),
        ("Theremin", "other"),
        ("", "other"),
    ],
)
def test_a_part_is_known_by_its_words(words, part):
    assert parts.part_of(words) == part


# --- voices, words, files ---------------------------------------------------------------------


def test_a_voice_knows_its_recording(connected, api, recording):
    values = {"recording": str(recording.code)}
    task = ordered(connected, "sonic.create_voice", {"audio_url": "https://x/a.mp3"}, values=values)
    api.polls.append(Answer(202, {"type": "not_ready", "error": "Still processing"}))
    api.polls.extend([Answer(200, {"code": 200, "data": {"persona_id": "v-1", "name": "Voice Name"}})] * 2)
    assert through(task).status == Status.READY
    singer = Persona.objects.get()
    assert (singer.kind, singer.name, singer.remote_id) == ("voice", "Humming", "v-1")
    assert (singer.recording, singer.clip, singer.task) == (recording, None, task)
    Task.objects.filter(pk=task.pk).update(status=Status.RUNNING)
    refresh_until_over(task)
    assert Persona.objects.count() == 1


def test_lyrics_that_are_written_as_a_task_are_drafts(connected, api):
    task = ordered(connected, "producer.lyrics_create", {"prompt": "rain"}, values={"prompt": "rain"})
    api.polls.append(said({"title": "Rain", "lyrics": "[Verse]\nRain"}, status="SUCCESS"))
    assert through(task).result == {"drafts": [{"title": "Rain", "lyrics": "[Verse]\nRain"}]}
    assert fresh(task).status == Status.READY


def test_a_finished_task_that_hands_nothing_out_fails_with_a_word(connected, api):
    task = ordered(connected, "producer.lyrics_create", {"prompt": "rain"}, values={"prompt": "rain"})
    item = {"clip_id": "c", "audio_url": f"{api.origin}/files/a.mp3"}
    api.polls.append(said(item, status="SUCCESS"))
    failed = through(task)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert "handed nothing out" in failed.problem_text


def of_clip(connected, clip, operation, **payload):
    payload = {"clip_id": "remote-1"} | payload
    values = {"clip": str(clip.code), **payload}
    return ordered(connected, operation, payload, values=values, source=clip)


def test_a_video_is_an_asset_of_its_clip(connected, api, clip):
    api.other_files["mp4"] = ("video/mp4", b"\x00\x00\x00\x18ftypisom" + bytes(5000))
    task = of_clip(connected, clip, "producer.video_clip")
    item = {"clip_id": "remote-1", "video_url": f"{api.origin}/files/song.mp4"}
    api.polls.append(said(item, status="SUCCESS"))
    assert through(task).status == Status.READY
    found = clip.assets.get()
    assert (found.kind, found.content_type, found.task) == ("video", "video/mp4", task)
    assert not task.clips.exists()


def test_a_video_that_is_none_is_not_kept(connected, api, clip):
    api.other_files["mp4"] = ("video/mp4", b"no video at all" * 300)
    task = of_clip(connected, clip, "producer.video_clip")
    item = {"clip_id": "remote-1", "video_url": f"{api.origin}/files/song.mp4"}
    api.polls.extend([said(item, status="SUCCESS")] * 10)
    failed = through(task)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert "The video could not be fetched" in failed.problem_text


@pytest.mark.parametrize(("name", "content_type"), [("wav", "audio/wav"), ("mp3", "audio/mpeg")])
def test_a_downloaded_file_is_an_asset_of_its_clip(connected, api, clip, name, content_type):
    task = of_clip(connected, clip, "producer.download", format=name)
    item = {"clip_id": "remote-1", "format": name, "audio_url": f"{api.origin}/files/song.{name}"}
    api.polls.append(said(item, status="SUCCESS"))
    assert through(task).status == Status.READY
    found = clip.assets.get()
    assert (found.kind, found.name, found.content_type) == ("wav", name, content_type)


@pytest.mark.parametrize("has_address", [True, False])
def test_an_upload_that_is_followed_is_a_clip_of_the_bytes_that_were_brought(
    connected, api, recording, has_address
):
    values = {"recording": str(recording.code)}
    task = ordered(connected, "producer.upload", {"audio_url": "https://x/a.mp3"}, values=values)
    item = {"clip_id": "up-1", "lyrics": "[Verse]\nHeard words"}
    item |= {"audio_url": f"{api.origin}/files/up.mp3"} if has_address else {"state": "succeeded"}
    api.polls.append(said(item))
    assert through(task).status == Status.READY
    clip = task.clips.get()
    assert (clip.origin, clip.title, clip.remote_id) == ("uploaded", recording.name, "up-1")
    assert clip.lyrics == "[Verse]\nHeard words"
    assert clip.assets.get(kind="audio").key == recording.key
    assert api.count("GET /files/") == 0


def test_an_upload_whose_recording_is_gone_takes_the_file_of_the_provider(connected, api):
    values = {"recording": str(uuid4())}
    task = ordered(connected, "producer.upload", {"audio_url": "https://x/a.mp3"}, values=values)
    api.polls.append(
        said(
            {"clip_id": "up-1", "title": "Heard", "audio_url": f"{api.origin}/files/up.mp3"}, status="SUCCESS"
        )
    )
    assert through(task).status == Status.READY
    assert task.clips.get().title == "Heard"
    assert api.count("GET /files/") == 1


# --- songs ------------------------------------------------------------------------------------


def song(api, clip_id: str, **fields) -> dict:
    return {
        "clip_id": clip_id,
        "state": "succeeded",
        "title": "Song",
        "audio_url": f"{api.origin}/files/{clip_id}.mp3",
        "duration": 2,
    } | fields


def test_a_new_song_knows_the_clip_that_it_was_made_of(connected, api, clip):
    task = of_clip(
        connected, clip, "sonic.concat_music", continue_clip_id="remote-1", task_type="concat_music"
    )
    assert through(task).status == Status.READY
    assert {child.parent for child in task.clips.all()} == {clip}
    assert set(clip.children.all()) == set(task.clips.all())


def test_a_mashup_has_two_parents(connected, api, clip):
    other = make_clip(connected)
    payload = {"custom_mode": False, "mashup_clip_ids": ["remote-1", "b"], "mv": "sonic-v5"}
    values = {"clip": str(clip.code), "second_clip": str(other.code)}
    task = ordered(connected, "sonic.mashup", payload, values=values, source=clip)
    assert through(task).status == Status.READY
    assert {(child.parent, child.second_parent) for child in task.clips.all()} == {(clip, other)}


@pytest.fixture
def pairing(connected, clip):
    payload = {"clip_id": "remote-1", "mv": "sonic-v5", "infill_start_s": 1, "infill_end_s": 2}
    values = {"clip": str(clip.code), **payload, "auto_concat": True}
    task = ordered(
        connected, "sonic.replace_section", payload | {"auto_concat": True}, values=values, source=clip
    )
    jobs.submit(task.pk)
    return fresh(task)


def test_pairs_are_told_apart_as_part_and_whole(pairing, api):
    api.polls.append(said({"replaced": song(api, "p1"), "full": song(api, "f1")}))
    jobs.refresh(pairing.pk)
    assert fresh(pairing).status == Status.READY
    assert dict(pairing.clips.values_list("remote_id", "role")) == {"p1": "part", "f1": "full"}


def test_a_joined_song_is_waited_for_but_not_for_ever(pairing, api):
    half = said({"replaced": song(api, "p1"), "full": None})
    api.polls.extend([half, half])
    jobs.refresh(pairing.pk)
    assert fresh(pairing).status == Status.RUNNING
    assert pairing.clips.get().state == "ready"
    Clip.objects.filter(task=pairing).update(ready_at=timezone.now() - jobs.JOIN_WAIT)
    be_due(pairing)
    jobs.refresh(pairing.pk)
    assert fresh(pairing).status == Status.READY


def test_what_is_home_at_the_deadline_is_enough(connected, api):
    task = ordered(connected, "riffusion.create_music", {"task_type": "create_music"}, price_credits=12)
    Task.objects.filter(pk=task.pk).update(
        payload={"task_type": "create_music", "mv": "FUZZ-1.1", "custom_mode": False, "prompt": "rain"}
    )
    jobs.submit(task.pk)
    api.polls.append(said(song(api, "r1")))  # of two, and the second one never comes
    jobs.refresh(task.pk)
    assert fresh(task).status == Status.RUNNING
    Task.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    ticker.tick()
    assert fresh(task).status == Status.READY
    assert money(task) == ["hold", "settle"]


def test_a_song_whose_clip_has_no_number_of_its_own_goes_by_the_tasks(connected, api):
    payload = {"type": "vocal", "lyrics": "[verse]\nRain"}
    task = ordered(connected, "nuro.vocal", payload, price_credits=10)
    jobs.submit(task.pk)
    flat = {"status": "succeeded", "progress": 100, "audio_url": f"{api.origin}/files/n.mp3", "duration": 2.0}
    api.polls.append(Answer(200, flat))
    jobs.refresh(task.pk)
    assert fresh(task).status == Status.READY
    assert task.clips.get().remote_id == fresh(task).remote_id
    assert json.loads(vault.open(task.clips.get().assets.get(kind=Asset.Kind.ANSWER).key).read())
