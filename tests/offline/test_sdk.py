"""The official client of the API against the provider over HTTP: every method that it has.

What it cannot read by itself stands in UNREADABLE, each with the reason and with what was on the wire.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
import musicapi
import pytest
from django.test import override_settings
from musicapi import _polling
from musicapi import _types as p

from studio import engine
from studio.offline import jobs
from studio.offline.accounts import hash_of, open_account
from studio.offline.models import Account, Job, Take
from tests.offline.songs import WORDS, hum, own_clip, rendered

RESOURCES = ("sonic", "suno", "producer", "riffusion", "studio", "credits")
QUICK = p.PollOptions(poll_interval_ms=10, timeout_ms=240_000)
MODEL = {"custom_mode": True, "mv": "sonic-v5"}
SONG = {**MODEL, "prompt": WORDS, "tags": "pop", "title": "Paper Boats"}
STUDIO = {
    "prompt": "jazz", "lyrics_type": "instrumental", "model_type": "studio32-v1.5",
    "config": {"mode": "regular"}, "prompt_strength": 0.5, "clarity_strength": 0.25,
    "lyrics_strength": 0.5, "generation_quality": 0.0,
}  # fmt: skip


@dataclass
class Ground:
    """The client, and what it can work with."""

    sdk: musicapi.MusicAPI
    key: str
    queued: list[int]
    url: str  # of the provider
    tmp: Any

    @property
    def account(self) -> Account:
        return Account.objects.get(key_hash=hash_of(self.key))

    def clip(self, family: str = "sonic") -> str:
        return str(own_clip(self.account, family).clip_id)

    def task(self, family: str) -> str:
        """The id of a task that is done."""
        return str(own_clip(self.account, family).job.task_id)

    def recording(self) -> str:
        """The address of a hummed recording, among the provider's own files."""
        take = own_clip(self.account)
        name = "hummed.wav"
        hum(take.folder / name, 12.0)
        Take.objects.filter(pk=take.pk).update(files=take.files | {"wav": name})
        return f"{self.url}/offline/files/{take.file_key}/audio.wav"

    def render(self, count: int | None = None) -> None:
        for pk in self.queued[:count]:
            jobs.render(pk)
        del self.queued[:count]

    def wire(self, method: str, path: str, **fields: Any) -> httpx.Response:
        """The same question without the client."""
        headers = {"Authorization": f"Bearer {self.key}"}
        body = {"json": fields} if method == "POST" else {}
        return httpx.request(method, f"{self.url}/offline/api/v1{path}", headers=headers, timeout=60, **body)


@pytest.fixture
def ground(transactional_db, live_server, rung: list[int], monkeypatch, tmp_path) -> Iterator[Ground]:
    """While the client waits for its next poll, one take is rendered."""

    def wait(_seconds: float) -> None:
        if rung:
            jobs.render(rung.pop(0))

    monkeypatch.setattr(_polling, "time", SimpleNamespace(sleep=wait, monotonic=time.monotonic))
    key = open_account("SDK", 1000)
    with httpx.Client(timeout=120) as connections:
        base_url = f"{live_server.url}/offline/api/v1"
        sdk = musicapi.MusicAPI(api_key=key, base_url=base_url, http_client=connections)
        yield Ground(sdk, key, rung, live_server.url, tmp_path)


def is_submitted(ground: Ground, answer: p.TaskSubmitResponse | Any, takes: int) -> None:
    assert answer.message == "success" and len(ground.queued) == takes
    assert Job.objects.get(task_id=answer.task_id).state == Job.State.RUNNING


def is_done(answer: Any, songs: int) -> None:
    """A finished task, its songs with everything that a listener needs."""
    assert (answer.code, answer.message, len(answer.data)) == (200, "success", songs)
    for song in answer.data:
        assert song.clip_id and song.title
        assert httpx.get(song.audio_url).headers["Content-Type"].startswith("audio/")
        assert song.state in ("succeeded", None) and song.duration > 1


# sonic


def sonic_create(ground: Ground) -> None:
    is_submitted(ground, ground.sdk.sonic.create(p.SonicCreateParams(**SONG)), 2)
    for task_type, more, takes in (
        ("extend_music", {"continue_at": 6, "prompt": WORDS}, 4),
        ("cover_music", {"tags": "rock", "audio_weight": 0.5}, 6),
        ("remaster", {"variation_category": "normal"}, 8),
    ):
        fields = {**MODEL, "continue_clip_id": ground.clip(), **more}
        is_submitted(
            ground, ground.sdk.sonic.create(p.SonicCreateParams(task_type=task_type, **fields)), takes
        )


def sonic_get_task(ground: Ground) -> None:
    waiting = ground.sdk.sonic.create(p.SonicCreateParams(**SONG))
    assert ground.sdk.sonic.get_task(waiting.task_id).code == 202
    is_done(ground.sdk.sonic.get_task(ground.task("sonic")), 1)


def sonic_generate_and_wait(ground: Ground) -> None:
    is_done(ground.sdk.sonic.generate_and_wait(p.SonicCreateParams(**SONG), QUICK), 2)


def sonic_lyrics(ground: Ground) -> None:
    answer = ground.sdk.sonic.lyrics(p.SonicLyricsParams("a walk in the rain"))
    assert (answer.code, len(answer.results)) == (200, 2)
    assert all(draft["title"] and "[Chorus]" in draft["lyrics"] for draft in answer.results)


def sonic_aligned_lyrics(ground: Ground) -> None:
    rows = ground.sdk.sonic.aligned_lyrics(p.AlignedLyricsParams(ground.clip())).data["alignment"]
    assert "".join(row["word"] for row in rows).strip() == WORDS


def sonic_bpm(ground: Ground) -> None:
    clip = own_clip(ground.account, "sonic")
    tempo = ground.sdk.sonic.bpm(p.BpmParams(str(clip.clip_id))).data
    assert set(tempo) == {"avg_bpm", "max_bpm", "min_bpm"}
    assert tempo["max_bpm"] == pytest.approx(clip.bpm, abs=0.1)


def sonic_upsample_tags(ground: Ground) -> None:
    richer = ground.sdk.sonic.upsample_tags(p.UpsampleTagsParams("dream pop")).data["upsampled_tags"]
    assert "dream pop" in richer and len(richer) > 20


def sonic_create_voice(ground: Ground) -> None:
    is_submitted(ground, ground.sdk.sonic.create_voice(p.CreateVoiceParams(ground.recording())), 1)


def sonic_create_persona(ground: Ground) -> None:
    answer = ground.sdk.sonic.create_persona(p.CreatePersonaParams(name="Clara", clip_id=ground.clip()))
    assert (answer.code, answer.message) == (200, "success") and answer.persona_id
    is_submitted(
        ground,
        ground.sdk.sonic.create(
            p.SonicCreateParams(task_type="persona_music", persona_id=answer.persona_id, **SONG)
        ),
        2,
    )


def sonic_vox(ground: Ground) -> None:
    answer = ground.sdk.sonic.vox(p.VoxParams(ground.clip(), vocal_start_s=0, vocal_end_s=6))
    assert answer.data["vox_audio_id"] and answer.data["status"] == "complete"
    assert httpx.get(answer.data["audio_url"]).headers["Content-Type"].startswith("audio/")


def sonic_midi(ground: Ground) -> None:
    data = ground.sdk.sonic.midi(p.MidiParams(ground.clip())).data
    assert httpx.get(data["midi_url"]).content.startswith(b"MThd")
    assert all(tune["notes"] for tune in data["instruments"])


def sonic_wav(ground: Ground) -> None:
    answer = ground.sdk.sonic.wav(p.WavParams(ground.clip()))
    assert httpx.get(answer.data["wav_url"]).content.startswith(b"RIFF")


def sonic_stems_basic(ground: Ground) -> None:
    answer = ground.sdk.sonic.stems_basic(p.StemsParams(ground.clip()))
    is_submitted(ground, answer, len(ground.queued))
    assert len(ground.queued) in (2, 4)


def _sounding() -> tuple[str, ...]:
    """Of twelve stems, those that the song has."""
    return engine.open_take(rendered()[0]).stem_names()


def sonic_stems_full(ground: Ground) -> None:
    answer = ground.sdk.sonic.stems_full(p.StemsParams(ground.clip()))
    is_submitted(ground, answer, len(_sounding()))


def sonic_stems_basic_and_wait(ground: Ground) -> None:
    answer = ground.sdk.sonic.stems_basic_and_wait(p.StemsParams(ground.clip()), QUICK)
    is_done(answer, len(answer.data))
    assert len(answer.data) in (2, 4)


def sonic_stems_full_and_wait(ground: Ground) -> None:
    answer = ground.sdk.sonic.stems_full_and_wait(p.StemsParams(ground.clip()), QUICK)
    is_done(answer, len(_sounding()))


def _mashup(ground: Ground) -> p.MashupParams:
    return p.MashupParams(mashup_clip_ids=(ground.clip(), ground.clip()), **MODEL)


def sonic_mashup(ground: Ground) -> None:
    is_submitted(ground, ground.sdk.sonic.mashup(_mashup(ground)), 2)


def sonic_mashup_and_wait(ground: Ground) -> None:
    is_done(ground.sdk.sonic.mashup_and_wait(_mashup(ground), QUICK), 2)


def _section(ground: Ground, **more: Any) -> p.ReplaceSectionParams:
    window = {"infill_start_s": 3.2, "infill_end_s": 6}
    return p.ReplaceSectionParams(clip_id=ground.clip(), mv="sonic-v5", **window, **more)


def sonic_replace_section(ground: Ground) -> None:
    is_submitted(ground, ground.sdk.sonic.replace_section(_section(ground)), 2)


def sonic_replace_section_and_wait(ground: Ground) -> None:
    is_done(ground.sdk.sonic.replace_section_and_wait(_section(ground), QUICK), 2)


def _sample(**source: str) -> p.SampleParams:
    window = {"chop_sample_start_s": 1, "chop_sample_end_s": 6}
    return p.SampleParams(make_instrumental=True, tags="lofi", **MODEL, **window, **source)


def sonic_sample(ground: Ground) -> None:
    is_submitted(ground, ground.sdk.sonic.sample(_sample(sample_clip_id=ground.clip())), 2)
    answer = ground.sdk.sonic.sample(_sample(url=ground.recording()))
    is_submitted(ground, answer, 4)
    assert answer.steps["upload"]["success"] and not answer.failed_step


def sonic_upload(ground: Ground) -> None:
    answer = ground.sdk.sonic.upload(p.SonicUploadParams(ground.recording()))
    assert (answer.code, answer.message) == (200, "success")
    assert Take.objects.get(clip_id=answer.clip_id).duration_s == pytest.approx(12, abs=0.1)


def sonic_upload_cover(ground: Ground) -> None:
    params = p.UploadCoverParams(url=ground.recording(), tags="folk", **MODEL)
    with patch("studio.offline.planning.need_pack"):  # a voice alone would not need it either
        answer = ground.sdk.sonic.upload_cover(params)
    is_submitted(ground, answer, 2)
    assert (answer.code, set(answer.steps)) == (200, {"upload", "cover"})


def sonic_upload_extend(ground: Ground) -> None:
    params = p.UploadExtendParams(url=ground.recording(), continue_at=6, prompt=WORDS, tags="folk", **MODEL)
    answer = ground.sdk.sonic.upload_extend(params)
    is_submitted(ground, answer, 2)
    nowhere = p.UploadExtendParams(url=f"{ground.url}/nothing.mp3", continue_at=6, prompt=WORDS, **MODEL)
    failed = ground.sdk.sonic.upload_extend(nowhere)
    assert (failed.failed_step, failed.steps["upload"]["success"], failed.task_id) == ("upload", False, None)


# suno


def suno_create(ground: Ground) -> None:
    is_submitted(ground, ground.sdk.suno.create(p.SonicCreateParams(**SONG)), 2)


def suno_get_clip(ground: Ground) -> None:
    waiting = ground.sdk.suno.create(p.SonicCreateParams(**SONG))
    assert ground.sdk.suno.get_clip(waiting.task_id).code == 202
    is_done(ground.sdk.suno.get_clip(ground.task("sonic")), 1)


def suno_generate_and_wait(ground: Ground) -> None:
    params = p.SonicCreateParams(**(SONG | {"make_instrumental": True, "prompt": "[Chorus]\n[Outro]"}))
    is_done(ground.sdk.suno.generate_and_wait(params, QUICK), 2)


def suno_make_lyrics(ground: Ground) -> None:
    answer = ground.sdk.suno.make_lyrics(p.MakeLyricsParams("a walk in the rain"))
    assert (answer.code, answer.message, len(ground.queued)) == (200, "success", 1)
    assert Job.objects.get(task_id=answer.data["task_id"]).charged_credits == 2


def suno_get_lyrics(ground: Ground) -> None:
    task_id = ground.sdk.suno.make_lyrics(p.MakeLyricsParams("a walk in the rain")).data["task_id"]
    ground.render()
    answer = ground.sdk.suno.get_lyrics(task_id)
    assert (answer.code, answer.message) == (200, "success")
    assert answer.data["title"] and "[Chorus]" in answer.data["text"]


def suno_get_song(ground: Ground) -> None:
    clip = own_clip(ground.account, "sonic")
    song = ground.sdk.suno.get_song(p.GetSongParams(f"https://suno.example/song/{clip.clip_id}"))
    assert (song.song_title, song.music_styles, song.song_author) == (clip.title, clip.tags, "SDK")
    assert httpx.get(song.audio_url).headers["Content-Type"] == "audio/mpeg"
    assert ground.sdk.suno.get_song(p.GetSongParams(song.audio_url)) == song


# producer


def producer_create(ground: Ground) -> None:
    clip_id = ground.clip("producer")
    for number, fields in enumerate(
        (
            {"sound": "lofi", "length": 20, "seed": 7, "bpm": 80},
            {"task_type": "extend_music", "clip_id": clip_id, "starts_at": 6, "instruction": "rise"},
            {"task_type": "extend_upload_music", "clip_id": clip_id, "starts_at": 6, "extend_s": 20},
            {"task_type": "replace_music", "clip_id": clip_id, "starts_at": 3, "ends_at": 6},
            {"task_type": "replace_upload_music", "clip_id": clip_id, "starts_at": 3, "ends_at": 6},
        ),
        start=1,
    ):
        is_submitted(ground, ground.sdk.producer.create(p.ProducerCreateParams(**fields)), number)


def producer_get_task(ground: Ground) -> None:
    waiting = ground.sdk.producer.create(p.ProducerCreateParams(sound="lofi"))
    assert ground.sdk.producer.get_task(waiting.task_id).code == 202
    uploaded = ground.sdk.producer.upload(p.ProducerUploadParams(ground.recording()))
    answer = ground.sdk.producer.get_task(uploaded.task_id)
    assert answer.data[0].duration == pytest.approx(12, abs=0.1)


def producer_generate_and_wait(ground: Ground) -> None:
    params = p.ProducerCreateParams(sound="lofi, felt piano", length=10, title="Rain", seed=3)
    answer = ground.sdk.producer.generate_and_wait(params, QUICK)
    is_done(answer, 1)
    assert answer.data[0].seed == "3"
    assert httpx.get(answer.data[0].wav_url).content.startswith(b"RIFF")


def producer_upload(ground: Ground) -> None:
    answer = ground.sdk.producer.upload(p.ProducerUploadParams(ground.recording()))
    assert Job.objects.get(task_id=answer.task_id).state == Job.State.SUCCEEDED


def producer_download(ground: Ground) -> None:
    params = p.ProducerDownloadParams(ground.clip("producer"))
    is_submitted(ground, ground.sdk.producer.download(params), 1)


def producer_download_and_wait(ground: Ground) -> None:
    params = p.ProducerDownloadParams(ground.clip("producer"), format="wav")
    answer = ground.sdk.producer.download_and_wait(params, QUICK)
    assert httpx.get(answer.data[0].audio_url).content.startswith(b"RIFF")


# riffusion


def riffusion_create(ground: Ground) -> None:
    song = {"mv": "FUZZ-1.1 Pro", "custom_mode": True, "lyrics": WORDS, "sound": "folk"}
    is_submitted(ground, ground.sdk.riffusion.create(p.RiffusionCreateParams(**song)), 2)
    edit = song | {"continue_clip_id": ground.clip("riffusion")}
    for number, fields in enumerate(
        (
            {"task_type": "extend_music", "continue_at": 6},
            {"task_type": "cover_upload_music"},
            {"task_type": "replace_music", "replace_start_time": 3, "replace_end_time": 6},
            {"task_type": "swap_music_vocals", "vocal_variation": 0.5},
            {"task_type": "swap_upload_music_sound"},
        ),
        start=2,
    ):
        answer = ground.sdk.riffusion.create(p.RiffusionCreateParams(**edit, **fields))
        is_submitted(ground, answer, 2 * number)


def riffusion_get_task(ground: Ground) -> None:
    params = p.RiffusionCreateParams(mv="FUZZ-1.0", custom_mode=False, prompt="calm")
    waiting = ground.sdk.riffusion.create(params)
    assert ground.sdk.riffusion.get_task(waiting.task_id).code == 202
    is_done(ground.sdk.riffusion.get_task(ground.task("riffusion")), 1)


def riffusion_generate_and_wait(ground: Ground) -> None:
    params = p.RiffusionCreateParams(
        mv="FUZZ-1.0", custom_mode=True, lyrics=WORDS, sound="pop", title="Boats"
    )
    is_done(ground.sdk.riffusion.generate_and_wait(params, QUICK), 2)


def riffusion_upload(ground: Ground) -> None:
    answer = ground.sdk.riffusion.upload(p.RiffusionUploadParams(ground.recording()))
    assert (answer.code, answer.message) == (200, "success")
    assert Take.objects.get(clip_id=answer.clip_id).is_uploaded


# studio


def studio_create(ground: Ground) -> None:
    answer = ground.sdk.studio.create(p.StudioCreateParams(**STUDIO))
    assert (answer.code, len(ground.queued)) == ("success", 2)
    assert Job.objects.get(task_id=answer.data).charged_credits == 15


def studio_get_task(ground: Ground) -> None:
    waiting = ground.sdk.studio.create(p.StudioCreateParams(**STUDIO)).data
    answer = ground.sdk.studio.get_task(waiting)
    assert (answer.data.status, answer.data.progress, answer.data.songs) == ("NOT_START", "0%", None)
    assert ground.sdk.studio.get_task(ground.task("studio")).data.songs[0].title == "Paper Boats"


def studio_generate_and_wait(ground: Ground) -> None:
    task = ground.sdk.studio.generate_and_wait(p.StudioCreateParams(**STUDIO), QUICK).data
    assert (task.status, task.progress, len(task.songs)) == ("SUCCESS", "100%", 2)
    for song in task.songs:
        assert httpx.get(song.song_path).headers["Content-Type"] == "audio/mpeg"
        assert song.duration == pytest.approx(32, abs=2.5)


def credits_get(ground: Ground) -> None:
    balance = ground.sdk.credits.get()
    assert (balance.credits, balance.extra_credits) == (1000, 0)


CALLS: dict[str, Callable[[Ground], None]] = {
    f"{resource}.{name.removeprefix(resource + '_')}": call
    for name, call in list(globals().items())
    for resource in RESOURCES
    if name.startswith(f"{resource}_") and inspect.isfunction(call)
}


def test_no_method_of_the_client_is_left_out(ground: Ground) -> None:
    public = {
        f"{resource}.{name}"
        for resource in RESOURCES
        for name, _ in inspect.getmembers(getattr(ground.sdk, resource), inspect.ismethod)
        if not name.startswith("_")
    }
    resources = {name for name in vars(ground.sdk) if not name.startswith("_")}

    assert public == set(CALLS)
    assert resources == set(RESOURCES)


@pytest.mark.parametrize("method", CALLS)
def test_the_client_calls_and_reads(ground: Ground, method: str) -> None:
    CALLS[method](ground)


# What the client cannot read, though it is what the API says.


def midi_of_a_recording(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 202 while notes are written down: the client builds its answer from any body."""
    monkeypatch.setattr("studio.offline.planning.need_pack", lambda _name: None)
    clip_id = ground.sdk.sonic.upload(p.SonicUploadParams(ground.recording())).clip_id
    with pytest.raises(TypeError, match="unexpected keyword argument 'type'"):
        ground.sdk.sonic.midi(p.MidiParams(clip_id))
    answer = ground.wire("POST", "/sonic/midi", clip_id=clip_id)
    assert (answer.status_code, answer.json()) == (
        202,
        {"type": "not_ready", "error": "MIDI is not ready yet"},
    )


def poll_of_a_voice(ground: Ground, _monkeypatch: pytest.MonkeyPatch) -> None:
    """`data` is a persona, an object, where the client goes through a list of songs."""
    take = own_clip(ground.account, "sonic")
    Job.objects.filter(pk=take.job_id).update(task_type="create_voice")
    Take.objects.filter(pk=take.pk).update(about={"persona_id": "f00d", "name": "Clara"})
    with pytest.raises(AttributeError, match="'str' object has no attribute 'items'"):
        ground.sdk.sonic.get_task(str(take.job.task_id))
    answer = ground.wire("GET", f"/sonic/task/{take.job.task_id}").json()
    assert (answer["code"], answer["data"]) == (200, {"persona_id": "f00d", "name": "Clara"})


def pairs_of_auto_concat(ground: Ground, _monkeypatch: pytest.MonkeyPatch) -> None:
    """Items are pairs of a part and the whole song, where the client expects songs."""
    task_id = ground.sdk.sonic.replace_section(_section(ground, auto_concat=True)).task_id
    ground.render()
    with pytest.raises(TypeError, match="'clip_id' and 'state'"):
        ground.sdk.sonic.get_task(task_id)
    data = ground.wire("GET", f"/sonic/task/{task_id}").json()["data"]
    assert [set(pair) for pair in data] == [{"replaced", "full"}] * 2
    assert all(pair["full"]["state"] == "succeeded" for pair in data)


def poll_of_a_failed_task(ground: Ground, _monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting, a failure's body is taken for a result that lacks its `code`."""
    take = own_clip(ground.account, "sonic")
    Job.objects.filter(pk=take.job_id).update(state=Job.State.FAILED, error="It broke.")
    with pytest.raises(KeyError, match="code"):
        ground.sdk.sonic.get_task(str(take.job.task_id))
    answer = ground.wire("GET", f"/sonic/task/{take.job.task_id}")
    assert (answer.status_code, answer.json()) == (
        200, {"type": "failed", "error": "It broke. Credits have been refunded."}
    )  # fmt: skip


def lyrics_that_are_being_written(ground: Ground, _monkeypatch: pytest.MonkeyPatch) -> None:
    """A 202 again, which get_lyrics alone of the polls does not look at."""
    task_id = ground.sdk.suno.make_lyrics(p.MakeLyricsParams("rain")).data["task_id"]
    with pytest.raises(TypeError, match="unexpected keyword argument 'type'"):
        ground.sdk.suno.get_lyrics(task_id)
    answer = ground.wire("GET", f"/suno/get-lyrics/{task_id}")
    assert (answer.status_code, answer.json()["type"]) == (202, "not_ready")


def studio_songs_in_handled_data(ground: Ground, _monkeypatch: pytest.MonkeyPatch) -> None:
    """The shape that was seen live: the client looks for `data` only and finds no task."""
    task_id = ground.task("studio")
    with override_settings(OFFLINE_STUDIO_SHAPE="handledData"):
        assert ground.sdk.studio.get_task(task_id).data is None
        answer = ground.wire("GET", f"/studio/task/{task_id}").json()
    assert answer["handledData"]["data"]["songs"][0]["title"] == "Paper Boats"


def studio_task_that_failed(ground: Ground, _monkeypatch: pytest.MonkeyPatch) -> None:
    """The client knows no failure of this family and waits until its time is up."""
    take = own_clip(ground.account, "studio")
    Job.objects.filter(pk=take.job_id).update(state=Job.State.FAILED, error="It broke.")
    with pytest.raises(musicapi.MusicAPIError) as waited:
        _polling.poll_studio(
            ground.sdk.studio._http, str(take.job.task_id), p.PollOptions(poll_interval_ms=10, timeout_ms=60)
        )
    assert waited.value.code == "client_timeout"
    said = ground.wire("GET", f"/studio/task/{take.job.task_id}").json()["data"]
    assert (said["status"], said["fail_reason"]) == ("FAILURE", "It broke. Credits have been refunded.")


UNREADABLE = (
    midi_of_a_recording,
    poll_of_a_voice,
    pairs_of_auto_concat,
    poll_of_a_failed_task,
    lyrics_that_are_being_written,
    studio_songs_in_handled_data,
    studio_task_that_failed,
)


@pytest.mark.parametrize("case", UNREADABLE, ids=[case.__name__ for case in UNREADABLE])
def test_what_the_client_cannot_read_is_right_on_the_wire(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, case: Callable[[Ground, pytest.MonkeyPatch], None]
) -> None:
    case(ground, monkeypatch)
