"""The families beside sonic: what they take, refuse and charge, how tasks are polled, and what they make.

Everything here is rendered for real, from one short song.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from django.conf import settings as django_settings

from studio import engine
from studio.engine import encode
from studio.engine.edits.covering import harmony_fit
from studio.musicapi import polls
from studio.musicapi.results import TaskAnswer
from studio.offline import families, jobs
from studio.offline.accounts import hash_of, open_account
from studio.offline.models import Account, Job, Take
from studio.offline.works.planned import best_of
from tests.offline.songs import WORDS, hum, lead_pitches, own_clip, rendered, score_of

OTHER_WORDS = (
    "[Verse]\nSilver moons above the harbour, nobody will know\n"
    "Every lamp a little number, every wave is slow"
)
STRENGTHS = {
    "prompt_strength": 0.5,
    "clarity_strength": 0.25,
    "lyrics_strength": 0.5,
    "generation_quality": 0.5,
}


class Provider:
    """One account's way to the provider. What is queued is rendered when `finish` is called."""

    def __init__(self, call: Callable[..., Any], rung: list[int], folder: Path) -> None:
        self._call, self._rung, self.folder = call, rung, folder
        self.key = open_account("Families", 1000)

    @property
    def account(self) -> Account:
        return Account.objects.get(key_hash=hash_of(self.key))

    def post(self, path: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        answer = self._call("POST", f"/api/v1/{path}", self.key, json.dumps(fields).encode())
        return answer.status, json.loads(answer.body)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        answer = self._call("GET", f"/api/v1/{path}", self.key)
        return answer.status, json.loads(answer.body)

    def task(self, path: str, **fields: Any) -> str:
        """Send a request that must be accepted; returns its task's id."""
        status, said = self.post(path, **fields)
        assert status == 200, said
        return said["task_id"] if "task_id" in said else said["data"]

    def finish(self) -> None:
        while self._rung:
            jobs.render(self._rung.pop(0))

    def made(self, path: str, **fields: Any) -> list[Take]:
        """The takes of a request, rendered."""
        task_id = self.task(path, **fields)
        self.finish()
        takes = list(Take.objects.filter(job__task_id=task_id))
        assert [take.state for take in takes] == ["succeeded"] * len(takes), [take.error for take in takes]
        return takes

    def sound(self, url: str) -> tuple[np.ndarray, int]:
        """What lies behind an address of the provider's, (samples, channels)."""
        return soundfile.read(self.file(url), always_2d=True)

    def file(self, url: str) -> Path:
        answer = self._call("GET", url.split("/offline", 1)[1])
        assert answer.status == 200
        return answer.file


@pytest.fixture
def provider(db, call: Callable[..., Any], rung: list[int], tmp_path: Path) -> Provider:
    return Provider(call, rung, tmp_path)


def broken(*_args: Any, **_kwargs: Any) -> None:
    raise engine.SpecError("This cannot be made.")


def read(family: str, said: dict[str, Any]) -> TaskAnswer:
    """As our own client reads it."""
    return polls.READERS[family](said, "task")


# producer


def test_a_producer_song_is_polled_in_each_of_the_three_dialects(provider: Provider, settings) -> None:
    asked = {
        "sound": "lofi, mellow, felt piano",
        "seed": "17",
        "length": 10,
        "mv": "FUZZ-2.0 Pro",
        "title": "Rain",
    }
    task_id = provider.task("producer/create", task_type="create_music", **asked)
    pending = {}
    for dialect in ("p3", "p1", "p2"):
        settings.OFFLINE_PRODUCER_DIALECT = dialect
        pending[dialect] = provider.get(f"producer/task/{task_id}")
    assert pending["p3"] == (202, {"code": 200, "status": "PENDING", "message": "pending", "data": []})
    assert pending["p1"] == pending["p2"]
    assert (pending["p1"][0], pending["p1"][1]["code"], pending["p1"][1]["type"]) == (202, 202, "not_ready")
    assert all(read("producer", said).state == "not_ready" for _status, said in pending.values())

    provider.finish()

    told = {}
    for dialect in ("p3", "p1", "p2"):
        settings.OFFLINE_PRODUCER_DIALECT = dialect
        status, told[dialect] = provider.get(f"producer/task/{task_id}")
        answer = read("producer", told[dialect])
        assert (status, answer.state, len(answer.clips)) == (200, "succeeded", 1)
        clip = answer.clips[0]
        assert (clip.title, clip.seed, clip.mv) == ("Rain", "17", "FUZZ-2.0 Pro")
        assert clip.duration_s == pytest.approx(10, abs=2.5)
        assert provider.sound(clip.audio_url)[0].max() > 0.1
    assert told["p3"]["status"] == "SUCCESS" and "state" not in told["p3"]["data"][0]
    assert "status" not in told["p1"] and told["p1"]["data"][0]["state"] == "succeeded"
    assert "status" not in told["p2"] and "state" not in told["p2"]["data"][0]
    wav_url = told["p3"]["data"][0]["wav_url"]
    assert soundfile.info(provider.file(wav_url)).format == "WAV"
    assert provider.account.credits == 990


def test_the_same_seed_is_the_same_producer_song_and_another_seed_another(provider: Provider) -> None:
    songs = [
        provider.made("producer/create", sound="jazz, piano trio", length=10, seed=seed)[0]
        for seed in ("5", 5, "6")
    ]
    first, second, third = (encode.read_audio(take.path("flac")) for take in songs)

    assert np.array_equal(first, second)
    assert first.shape != third.shape or not np.array_equal(first, third)


def test_sound_without_words_is_played_unless_it_asks_for_a_voice(provider: Provider) -> None:
    drafts = {}
    for sound in ("slow ambient piece with felt piano", "warm pop, close female vocal", "pop, no vocals"):
        task_id = provider.task("producer/create", sound=sound)
        drafts[sound] = Take.objects.get(job__task_id=task_id).work["first"]["spec"]
    silenced = provider.task("producer/create", sound="pop", lyrics=WORDS, make_instrumental=True)

    assert [spec["instrumental"] for spec in drafts.values()] == [True, False, True]
    assert Take.objects.get(job__task_id=silenced).work["first"]["spec"]["instrumental"]


def test_the_strengths_of_a_producer_song_reach_the_composer(provider: Provider) -> None:
    def spec(**fields: Any) -> dict[str, Any]:
        task_id = provider.task("producer/create", sound="folk", lyrics=WORDS, seed="3", **fields)
        return Take.objects.get(job__task_id=task_id).work["first"]["spec"]

    assert spec(sound_strength=0.9, weirdness=0.1)["style_weight"] == 0.9
    assert spec(weirdness=0.1)["weirdness"] == 0.1
    assert spec(lyrics_strength=0.5)["lyrics"] == spec()["lyrics"]
    loose = spec(lyrics_strength=0.0)["lyrics"].split("\n")
    assert sum(row != kept for row, kept in zip(loose, WORDS.split("\n"), strict=True)) == 1
    assert spec(bpm=93)["tags"] == "folk, 93 bpm"


def swapped_singer(before: Take, after: Take) -> None:
    old, new = score_of(before), score_of(after)
    assert new.persona.name != old.persona.name and new.persona.gender == "m"
    assert [track.notes for track in new.tracks] == [track.notes for track in old.tracks]
    steps = {new_pitch - pitch for pitch, new_pitch in zip(lead_pitches(old), lead_pitches(new), strict=True)}
    assert len(steps) == 1 and steps.pop() % 12 == 0
    assert new.lyrics == old.lyrics


def swapped_band(before: Take, after: Take) -> None:
    old, new = score_of(before), score_of(after)
    assert new.style != old.style and new.persona == old.persona
    steps = {new_pitch - pitch for pitch, new_pitch in zip(lead_pitches(old), lead_pitches(new), strict=True)}
    assert len(steps) == 1
    assert {track.instrument.name for track in new.tracks} != {track.instrument.name for track in old.tracks}


def varied(before: Take, after: Take) -> None:
    old, new = score_of(before), score_of(after)
    assert (new.style, new.bpm, new.persona, lead_pitches(new)) == (
        old.style,
        old.bpm,
        old.persona,
        lead_pitches(old),
    )
    shared = [track for track in new.tracks if track.notes in [other.notes for other in old.tracks]]
    assert len(shared) <= len(new.tracks) / 2


def covered(before: Take, after: Take) -> None:
    assert score_of(after).style != score_of(before).style
    assert score_of(after).lyrics == score_of(before).lyrics


def extended(before: Take, after: Take) -> None:
    old, new = score_of(before), score_of(after)
    assert (new.bpm, new.key) == (old.bpm, old.key)
    first, second = (encode.read_audio(take.path("flac")) for take in (before, after))
    same = 4 * encode.SAMPLE_RATE_HZ
    assert np.abs(first[:, :same] - second[:, :same]).max() < 1e-3
    assert after.duration_s > before.duration_s


def replaced(before: Take, after: Take) -> None:
    first, second = (encode.read_audio(take.path("flac")) for take in (before, after))
    both = min(first.shape[1], second.shape[1])  # a new ending may ring for longer
    difference = np.abs(first[:, :both] - second[:, :both]).max(axis=0)
    changed_s = np.flatnonzero(difference > 0.02) / encode.SAMPLE_RATE_HZ
    assert len(changed_s) and changed_s.min() > 1.0


CHANGES = (
    ("extend_music", {"starts_at": 6.2, "length": 10, "sound": "dream pop"}, extended),
    ("extend_upload_music", {"starts": 6.2, "lyrics_text": "[Outro]\nCarry me over"}, extended),
    ("replace_music", {"starts_at": 3.2, "ends_at": 6, "sound": "dream pop"}, replaced),
    ("replace_upload_music", {"starts": 3.2, "instruction": "New bars, please."}, replaced),
    ("cover_music", {"instruction": "bossa nova, nylon guitar", "strength": 0.5}, covered),
    ("cover_upload_music", {"sound": "rock, distorted guitar", "cover_strength": 0.9}, covered),
    ("swap_music_vocals", {"sound": "smooth male pop vocal", "cover_strength": 0.9}, swapped_singer),
    ("swap_music_sound", {"sound": "rock, guitar", "lyrics": WORDS, "cover_strength": 0.6}, swapped_band),
    ("music_variation", {}, varied),
)  # fmt: skip


@pytest.mark.parametrize(("task_type", "fields", "shows"), CHANGES, ids=[row[0] for row in CHANGES])
def test_every_change_of_a_producer_clip_does_what_it_is_called(
    provider: Provider, task_type: str, fields: dict[str, Any], shows: Callable[[Take, Take], None]
) -> None:
    source = own_clip(provider.account)

    made = provider.made(
        "producer/create", task_type=task_type, clip_id=str(source.clip_id), mv="FUZZ-2.0", **fields
    )

    assert len(made) == 1
    shows(source, made[0])
    assert made[0].path("flac").read_bytes() != source.path("flac").read_bytes()
    assert provider.account.credits == 990


def test_a_cover_with_other_lyrics_sings_them_to_the_songs_tune(provider: Provider) -> None:
    source = own_clip(provider.account)
    made = provider.made(
        "producer/create",
        task_type="cover_music",
        clip_id=str(source.clip_id),
        sound="dream pop",
        lyrics=OTHER_WORDS,
    )[0]

    assert score_of(made).lyrics == made.lyrics == OTHER_WORDS
    assert made.alignment[0]["word"].startswith("[Verse]\nSilver")


def test_a_recording_is_taken_in_as_a_producer_clip_and_gets_a_band(provider: Provider, settings) -> None:
    source = own_clip(provider.account)  # its address serves the file that is uploaded
    hum(source.folder / source.files["flac"].replace(".flac", ".wav"))
    source.files["wav"] = source.files["flac"].replace(".flac", ".wav")
    source.save()
    address = f"http://studio.test/offline/files/{source.file_key}/audio.wav"

    task_id = provider.task("producer/upload", audio_url=address)
    answer = read("producer", provider.get(f"producer/task/{task_id}")[1])

    assert (answer.state, answer.clips[0].duration_s) == ("succeeded", pytest.approx(9.6, abs=0.1))
    made = provider.made(
        "producer/create", task_type="cover_upload_music", clip_id=answer.clips[0].clip_id,
        instruction="folk, acoustic guitar",
    )[0]  # fmt: skip
    hummed, covered_ = (encode.read_audio(path) for path in (
        Take.objects.get(clip_id=answer.clips[0].clip_id).path("flac"), made.path("flac")
    ))  # fmt: skip
    assert covered_.shape[1] >= hummed.shape[1]
    assert provider.account.credits == 1000 - 2 - 10


@pytest.mark.parametrize("kind", ["mp3", "wav"])
def test_a_producer_download_is_the_clip_in_that_format(provider: Provider, kind: str) -> None:
    source = own_clip(provider.account)
    task_id = provider.task("producer/download", clip_id=str(source.clip_id), format=kind)
    provider.finish()

    (item,) = provider.get(f"producer/task/{task_id}")[1]["data"]

    assert (item["clip_id"], item["format"]) == (str(source.clip_id), kind)
    info = soundfile.info(provider.file(item["audio_url"]))
    assert info.format == kind.upper()
    assert info.duration == pytest.approx(source.duration_s, abs=0.1)
    assert provider.account.credits == 998


def test_producer_lyrics_are_two_drafts_on_the_prompt(provider: Provider, settings) -> None:
    task_id = provider.task("producer/lyrics-create", prompt="a song about walking home in the rain")
    provider.finish()
    for dialect in ("p3", "p1", "p2"):
        settings.OFFLINE_PRODUCER_DIALECT = dialect
        answer = read("producer", provider.get(f"producer/task/{task_id}")[1])
        assert answer.state == "succeeded" and len(answer.drafts) == 2
        assert all("[Chorus]" in draft.lyrics and draft.title for draft in answer.drafts)
        assert any("rain" in draft.lyrics.lower() for draft in answer.drafts)
    assert provider.account.credits == 999


def test_a_producer_video_shows_and_plays_its_clip(provider: Provider) -> None:
    source = own_clip(provider.account)
    task_id = provider.task("producer/video-clip", clip_id=str(source.clip_id))
    provider.finish()

    answer = read("producer", provider.get(f"producer/task/{task_id}")[1])

    assert answer.clips[0].clip_id == str(source.clip_id)
    with av.open(str(provider.file(answer.clips[0].video_url))) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}
        assert container.duration / 1e6 == pytest.approx(source.duration_s, abs=0.1)
    assert provider.account.credits == 995


@pytest.mark.parametrize(
    ("fields", "status", "kind", "words"),
    [
        ({}, 400, "validation_error", "'sound' and 'lyrics'"),
        (
            {"sound": "pop", "task_type": "sing_louder"},
            410,
            "endpoint_retired",
            "'sing_louder' is no longer supported",
        ),
        ({"sound": "pop", "mv": "FUZZ-9"}, 400, "validation_error", "'mv'"),
        ({"sound": "pop", "seed": "many"}, 400, "validation_error", "'seed'"),
        ({"sound": "pop", "weirdness": 2}, 400, "validation_error", "'weirdness'"),
        ({"sound": "pop", "title": "t" * 81}, 400, "validation_error", "title character length"),
        ({"task_type": "music_variation"}, 400, "validation_error", "'clip_id' field is required"),
        ({"task_type": "music_variation", "clip_id": "elsewhere"}, 404, "not_found", "clip not found"),
        ({"sound": "in the style of Some Body"}, 403, "forbidden", "artist names: 'Some Body'"),
    ],
)
def test_the_producer_refuses_in_words_and_charges_nothing(
    provider: Provider, fields: dict[str, Any], status: int, kind: str, words: str
) -> None:
    answered, said = provider.post("producer/create", **fields)

    assert (answered, said["type"]) == (status, kind)
    assert words in said["error"]
    assert provider.account.credits == 1000 and not Job.objects.exists()


def test_who_cannot_pay_is_told_so_with_402_by_the_producer_and_403_by_the_others(provider: Provider) -> None:
    Account.objects.update(credits=1)

    assert provider.post("producer/create", sound="pop")[0] == 402
    assert provider.post("nuro/create", type="bgm", description="calm")[0] == 403
    riffusion = provider.post("riffusion/create", mv="FUZZ-1.0", custom_mode=False, prompt="calm")
    assert (riffusion[0], riffusion[1]["type"]) == (403, "forbidden")
    assert provider.account.credits == 1


def test_a_producer_song_that_fails_is_paid_back_and_every_dialect_says_so(
    provider: Provider, settings, monkeypatch
) -> None:
    task_id = provider.task("producer/create", sound="pop")
    monkeypatch.setattr("studio.engine.render", broken)
    provider.finish()

    assert provider.account.credits == 1000
    for dialect in ("p3", "p1", "p2"):
        settings.OFFLINE_PRODUCER_DIALECT = dialect
        status, said = provider.get(f"producer/task/{task_id}")
        assert (status, said["type"]) == (200, "failed")
        assert "This cannot be made" in said["message"] and "refunded" in said["message"]
        assert polls.failure_words("producer", said) == (said["error"] if dialect == "p3" else None)


def test_what_a_song_has_not_cannot_be_swapped_and_costs_nothing(provider: Provider) -> None:
    source = own_clip(provider.account)
    path = source.folder / "score.json"
    unsung = json.loads(path.read_text("utf-8")) | {"vocals": [], "persona": None}
    path.write_text(json.dumps(unsung), "utf-8")
    swap = {"task_type": "swap_music_vocals", "clip_id": str(source.clip_id), "sound": "male vocal"}

    status, said = provider.post("producer/create", **swap)

    assert status == 400 and "Nobody sings in this song" in said["error"]
    assert provider.account.credits == 1000


# nuro

V2 = {"type": "bgm", "description": "calm", "version": "v2.0"}


def test_nuro_sings_with_the_wished_voice_and_answers_flat_with_a_wav(provider: Provider) -> None:
    asked = {
        "lyrics": WORDS.lower(),
        "gender": "Male",
        "genre": "Folk",
        "mood": "Calm/Relaxing",
        "timbre": "Warm",
    }
    task_id = provider.task("nuro/create", type="vocal", duration=30, **asked)
    status, pending = provider.get(f"nuro/task/{task_id}")
    empty = {
        "audio_url": "",
        "lyrics": "",
        "duration": 0,
        "genre": "",
        "mood": "",
        "gender": "",
        "timbre": "",
    }
    assert (status, pending) == (200, {"task_id": task_id, "status": "pending", "progress": 0, **empty})

    provider.finish()

    said = provider.get(f"nuro/task/{task_id}")[1]
    assert (said["status"], said["progress"], said["gender"], said["genre"]) == (
        "succeeded",
        100,
        "Male",
        "Folk",
    )
    audio, rate_hz = provider.sound(said["audio_url"])
    assert soundfile.info(provider.file(said["audio_url"])).format == "WAV"
    score = score_of(Take.objects.get(job__task_id=task_id))
    assert said["duration"] == pytest.approx(len(audio) / rate_hz, abs=0.02)
    assert said["duration"] == pytest.approx(30, abs=score.bar_beats * 60 / score.bpm)
    assert score.persona.gender == "m"
    answer = read("nuro", said)
    assert (answer.state, answer.clips[0].clip_id) == ("succeeded", task_id)
    assert provider.account.credits == 990


def test_nuro_background_music_has_the_planned_sections_to_within_a_bar(provider: Provider) -> None:
    plan = [("intro", 6), ("verse", 10), ("chorus", 9), ("outro", 7)]
    segments = [{"name": name, "duration": seconds} for name, seconds in plan]
    take = provider.made(
        "nuro/create", type="bgm", version="v2.0", description="cinematic score", segments=segments
    )[0]

    score = score_of(take)
    bar_s = score.bar_beats * 60 / score.bpm
    assert [section.kind for section in score.sections] == ["intro", "verse", "chorus", "outro"]
    lengths = [section.length_beats * 60 / score.bpm for section in score.sections]
    assert lengths[:-1] == pytest.approx([6, 10, 9], abs=bar_s)
    assert take.duration_s == pytest.approx(32, abs=bar_s)
    assert not score.vocals


@pytest.mark.parametrize("wished_s", [6, 15])
def test_nuro_background_music_of_words_lasts_as_long_as_asked(provider: Provider, wished_s: int) -> None:
    take = provider.made(
        "nuro/create", type="bgm", description="tense battle music", duration=wished_s, genre=["electronic"],
        instrument=["piano", "strings"], mood=["calm"], theme=["fantasy"],
    )[0]  # fmt: skip

    score = score_of(take)
    assert take.duration_s == pytest.approx(wished_s, abs=score.bar_beats * 60 / score.bpm)
    assert soundfile.info(take.path("wav")).duration == pytest.approx(take.duration_s, abs=0.02)
    assert "electronic" in take.tags and score.lyrics == "[Instrumental]"


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"lyrics": WORDS}, 400, "'type' field is required"),
        ({"type": "vocal"}, 400, "'lyrics' field is required"),
        ({"type": "vocal", "lyrics": "[verse]\nПесня о дожде"}, 400, "Input language not supported"),
        ({"type": "vocal", "lyrics": WORDS, "genre": "Polka"}, 400, "'genre'"),
        ({"type": "vocal", "lyrics": WORDS, "duration": 20}, 400, "between 30 and 240"),
        ({"type": "bgm", "description": "x", "mood": ["calm"] * 6}, 400, "at most 5"),
        (V2 | {"duration": 20}, 400, "between 30 and 120"),
        (V2 | {"segments": [{"name": "drop", "duration": 40}]}, 400, "'name'"),
        (V2 | {"segments": [{"name": "verse", "duration": 10}]}, 400, "between 30 and 120"),
        (V2 | {"segments": [{"name": "verse", "duration": 40}], "duration": 50}, 400, "sum of the segments"),
    ],
)  # fmt: skip
def test_nuro_refuses_what_is_not_in_its_vocabulary(
    provider: Provider, fields: dict[str, Any], status: int, words: str
) -> None:
    answered, said = provider.post("nuro/create", **fields)

    assert answered == status and words in said["message"]
    assert provider.account.credits == 1000


def test_a_nuro_song_that_fails_is_told_in_its_own_shape(provider: Provider, monkeypatch) -> None:
    task_id = provider.task("nuro/create", type="bgm", description="calm", duration=10)
    monkeypatch.setattr("studio.engine.render", broken)
    provider.finish()
    status, said = provider.get(f"nuro/task/{task_id}")

    assert (status, said["type"], said["refund_processed"]) == (500, "api_error", True)
    assert set(said) == {"type", "message", "refund_processed"}
    assert provider.account.credits == 1000
    assert provider.get("nuro/task/nobodys")[0] == 404


# riffusion


def test_riffusion_makes_two_different_songs_and_shows_them_when_both_are_there(provider: Provider) -> None:
    task_id = provider.task(
        "riffusion/create", mv="FUZZ-1.1 Pro", custom_mode=True, lyrics=WORDS, sound="folk", title="Boats"
    )
    assert provider.get(f"riffusion/task/{task_id}")[0] == 202
    Account.objects.update(shows_partial=True)
    jobs.render(provider._rung.pop(0))
    partial = provider.get(f"riffusion/task/{task_id}")[1]
    assert len(partial["data"]) == 1 and read("riffusion", partial).state == "running"

    provider.finish()

    answer = read("riffusion", provider.get(f"riffusion/task/{task_id}")[1])
    assert (answer.state, len(answer.clips)) == ("succeeded", 2)
    assert {clip.title for clip in answer.clips} == {"Boats"}
    first, second = (provider.file(clip.audio_url).read_bytes() for clip in answer.clips)
    assert first != second
    assert provider.account.credits == 988


RIFFUSION = (
    ("extend_music", {"continue_at": 6, "lyrics": "[Outro]\nCarry me over"}, extended),
    ("replace_music", {"replace_start_time": 3.2, "replace_end_time": 6, "lyrics": WORDS}, replaced),
    ("replace_upload_music", {"replace_start_at": 3.2, "replace_end_at": 6}, replaced),
    ("cover_music", {"sound": "bossa nova", "lyrics": WORDS}, covered),
    ("swap_music_sound", {"sound": "rock, overdriven guitar"}, swapped_band),
    ("swap_upload_music_vocals", {"sound": "husky male vocal", "vocal_variation": 0.9}, swapped_singer),
)


@pytest.mark.parametrize(("task_type", "fields", "shows"), RIFFUSION, ids=[row[0] for row in RIFFUSION])
def test_every_change_of_a_riffusion_clip_does_what_it_is_called(
    provider: Provider,
    rung: list[int],
    task_type: str,
    fields: dict[str, Any],
    shows: Callable[[Take, Take], None],
) -> None:
    source = own_clip(provider.account, "riffusion")
    task_id = provider.task(
        "riffusion/create", task_type=task_type, mv="FUZZ-1.0", custom_mode=True,
        continue_clip_id=str(source.clip_id), **fields,
    )  # fmt: skip
    assert len(rung) == 2
    jobs.render(rung[0])  # the other one differs by its seed only

    take = Take.objects.get(pk=rung[0])
    assert take.state == "succeeded", take.error
    assert str(take.job.task_id) == task_id
    shows(source, take)


def test_a_riffusion_upload_is_answered_at_once_with_its_clip(provider: Provider) -> None:
    source = own_clip(provider.account)
    address = f"http://studio.test/offline/files/{source.file_key}/audio.mp3"

    status, said = provider.post("riffusion/upload", url=address)

    assert (status, set(said), said["code"]) == (200, {"code", "clip_id", "message"}, 200)
    kept = Take.objects.get(clip_id=said["clip_id"])
    assert kept.is_uploaded and kept.duration_s == pytest.approx(source.duration_s, abs=0.1)
    assert provider.account.credits == 998


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"custom_mode": False, "prompt": "x"}, "'mv'"),
        ({"mv": "FUZZ-1.0", "prompt": "x"}, "'custom_mode' field should be boolean"),
        ({"mv": "FUZZ-1.0", "custom_mode": False}, "'prompt' field is required"),
        ({"mv": "FUZZ-1.0", "custom_mode": True, "sound": "pop"}, "'lyrics' field is required"),
        (
            {"mv": "FUZZ-1.0", "custom_mode": True, "task_type": "extend_music"},
            "'continue_at' field is required",
        ),
        ({"mv": "FUZZ-1.0", "custom_mode": True, "task_type": "replace_music"}, "'replace_start_time'"),
        ({"mv": "FUZZ-1.0", "custom_mode": True, "task_type": "hum"}, "'task_type'"),
    ],
)
def test_riffusion_refuses_in_words(provider: Provider, fields: dict[str, Any], words: str) -> None:
    status, said = provider.post("riffusion/create", **fields)

    assert status == 400 and words in said["error"]
    assert provider.account.credits == 1000


# studio


def studio_request(**fields: Any) -> dict[str, Any]:
    usual = {"prompt": "jazz, bossa nova", "lyrics_type": "instrumental", "model_type": "studio32-v1.5",
             "config": {"mode": "regular"}, **STRENGTHS}  # fmt: skip
    return usual | fields


def test_studio_songs_last_as_long_as_their_model_says_in_both_shapes_of_the_poll(
    provider: Provider, settings
) -> None:
    task_id = provider.task("studio/create", **studio_request(seed=9))
    status, waiting = provider.get(f"studio/task/{task_id}")
    assert (status, waiting["code"], waiting["data"]["status"]) == (200, "success", "NOT_START")
    settings.OFFLINE_STUDIO_SHAPE = "handledData"
    assert read("studio", provider.get(f"studio/task/{task_id}")[1]).state == "not_ready"

    provider.finish()

    handled = provider.get(f"studio/task/{task_id}")[1]
    settings.OFFLINE_STUDIO_SHAPE = "data"
    documented = provider.get(f"studio/task/{task_id}")[1]
    assert handled == {"handledData": {"data": documented["data"]["data"]}}
    assert (documented["data"]["status"], documented["data"]["progress"]) == ("SUCCESS", "100%")
    for said in (handled, documented):
        answer = read("studio", said)
        assert (answer.state, len(answer.clips)) == ("succeeded", 2)
        assert all(clip.duration_s == pytest.approx(32, abs=2.5) for clip in answer.clips)
    assert isinstance(documented["data"]["data"]["songs"][0]["tags"], list)
    takes = Take.objects.filter(job__task_id=task_id)
    assert not any(score_of(take).vocals for take in takes)
    again = provider.task("studio/create", **studio_request(seed=9))
    works = [take.work for take in Take.objects.filter(job__task_id=again)]
    assert works == [take.work for take in takes] and works[0] != works[1]
    assert provider.account.credits == 970


def first_made(provider: Provider, rung: list[int], **fields: Any) -> Take:
    provider.task("studio/create", **studio_request(**fields))
    jobs.render(rung[0])
    take = Take.objects.get(pk=rung[0])
    assert take.state == "succeeded", take.error
    return take


def test_studio_puts_new_music_before_a_song(provider: Provider, rung: list[int]) -> None:
    source = own_clip(provider.account, "studio")
    config = {"mode": "precede", "source": {"song_id": str(source.clip_id)}}
    take = first_made(provider, rung, prompt="dream pop", config=config)

    old, new = score_of(source), score_of(take)
    assert take.duration_s - source.duration_s == pytest.approx(32, abs=5)
    assert (new.bpm, new.key, new.persona) == (old.bpm, old.key, old.persona)
    assert [s.kind for s in new.sections[-len(old.sections) :]] == [s.kind for s in old.sections]
    assert lead_pitches(new) == lead_pitches(old)
    begins_s = take.alignment[0]["start_s"] - source.alignment[0]["start_s"]
    assert begins_s == pytest.approx(take.duration_s - source.duration_s, abs=0.2)


def test_studio_goes_on_after_the_end_of_a_song(provider: Provider, rung: list[int]) -> None:
    source = own_clip(provider.account, "studio")
    config = {"mode": "continuation", "source": {"song_id": str(source.clip_id)}}
    take = first_made(
        provider, rung, prompt="dream pop", config=config, lyrics_type="user", lyrics=OTHER_WORDS
    )

    assert take.duration_s > source.duration_s + 15
    assert take.lyrics.startswith(source.lyrics) and "Silver moons" in take.lyrics
    first, second = (encode.read_audio(clip.path("flac")) for clip in (source, take))
    same = 4 * encode.SAMPLE_RATE_HZ
    assert np.abs(first[:, :same] - second[:, :same]).max() < 1e-3


def test_studio_sections_and_the_words_place_shape_the_song(provider: Provider, rung: list[int]) -> None:
    whole, part, late = (
        provider.task("studio/create", **studio_request(lyrics_type="user", lyrics=WORDS, seed=4, **fields))
        for fields in ({}, {"song_section_start": 0.5}, {"lyrics_placement_start": 0.5})
    )
    work = {name: Take.objects.filter(job__task_id=name)[0].work for name in (whole, part, late)}

    assert work[whole]["spec"]["lyrics"].startswith("[Verse]") and work[whole]["span"] == [0.0, 1.0]
    assert work[late]["spec"]["lyrics"].startswith("[Solo]\n\n[Verse]")
    assert (work[part]["spec"]["duration_s"], work[part]["span"]) == (64.0, [0.5, 1.0])


def test_studio_quality_buys_more_drafts_of_which_the_best_is_played(provider: Provider) -> None:
    def drafts(quality: float) -> int:
        task_id = provider.task("studio/create", **studio_request(generation_quality=quality))
        return Take.objects.filter(job__task_id=task_id)[0].work["drafts"]

    assert (drafts(0.0), drafts(1.0)) == (1, 5)
    spec = engine.SongSpec(tags="jazz", instrumental=True, duration_s=20, seed=3)
    fits = [harmony_fit(best_of(spec, count)) for count in (1, 5)]
    assert fits[1] >= fits[0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"config": None}, "'config' field is required"),
        ({"config": {"mode": "precede"}}, "'config.source.song_id'"),
        ({"lyrics_type": "user"}, "'lyrics' field is required"),
        ({"model_type": "studio64"}, "'model_type'"),
        ({"prompt_strength": None}, "'prompt_strength' field is required"),
        ({"song_section_start": 0.8, "song_section_end": 0.2}, "'song_section_end'"),
    ],
)
def test_studio_refuses_in_words(provider: Provider, fields: dict[str, Any], words: str) -> None:
    status, said = provider.post("studio/create", **studio_request(**fields))

    assert status == 400 and words in said["error"]
    assert provider.account.credits == 1000


# all


def test_deliveries_say_what_their_families_document(provider: Provider) -> None:
    hook = {"webhook_url": "https://yourdomain.example/api/music-callback", "webhook_secret": "sssh"}
    song = provider.task("producer/create", sound="lofi", length=10, **hook)
    music = provider.task("nuro/create", type="bgm", description="calm", duration=10, mood=["calm"], **hook)
    provider.finish()

    produced, played = (families.poll_body(Job.objects.get(task_id=task_id)) for task_id in (song, music))

    assert Job.objects.get(task_id=song).webhook_secret == "sssh"
    assert (produced["code"], produced["message"], "status" in produced) == (200, "success", False)
    assert {
        "clip_id", "title", "sound", "lyrics", "image_url", "audio_url", "video_url", "created_at", "mv",
        "seed", "duration", "state",
    } <= set(produced["data"][0])  # fmt: skip
    assert produced["data"][0]["audio_url"].startswith("http://studio.test/offline/files/")
    assert {
        "task_id", "status", "progress", "audio_url", "lyrics", "duration", "genre", "mood", "gender",
        "timbre", "prompt", "theme", "instrument",
    } <= set(played)  # fmt: skip
    assert (played["status"], played["mood"], played["prompt"]) == ("succeeded", "calm", "calm")


def test_every_family_answers_only_to_the_account_that_asked(provider: Provider, call) -> None:
    task_id = provider.task("producer/create", sound="pop")
    stranger = open_account("Stranger", 10)

    for family in ("producer", "nuro", "riffusion", "studio"):
        assert call("GET", f"/api/v1/{family}/task/{task_id}", stranger).status == 404
        assert call("GET", f"/api/v1/{family}/task/{task_id}").status == 401
    assert provider.get(f"nuro/task/{task_id}")[0] == 404  # another family's
    clip_id = str(own_clip(provider.account, "sonic").clip_id)
    for path, fields in (
        ("producer/download", {"clip_id": clip_id}),
        ("riffusion/create", {"task_type": "cover_music", "sound": "x", "mv": "FUZZ-1.0", "custom_mode": True,
                              "continue_clip_id": clip_id}),
        ("studio/create", studio_request(config={"mode": "precede", "source": {"song_id": clip_id}})),
    ):  # fmt: skip
        assert provider.post(path, **fields)[0] == 404


def test_the_song_these_tests_are_made_of_is_sung() -> None:
    folder, song = rendered()
    assert song.lyrics == WORDS and (folder / "score.json").is_file()
    assert django_settings.OFFLINE_HTTP_IS_ON
