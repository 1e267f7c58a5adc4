"""What is answered at once: asked once, kept, and brought home from what was kept."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from studio import operations, vault
from studio.audio import midi
from studio.models import Asset, Clip, Persona, Task
from studio.musicapi import Client, Question
from studio.musicapi.results import Tempo
from studio.work import assets, jobs, replies, start, states, ticker
from tests.base import make_clip, make_recording
from tests.fake_api import Answer, tone
from tests.flow import Killed, be_due, fresh, money, ordered, refresh_until_over, through

Status = Task.Status
OF_CLIP = {"clip_id": "remote-1"}
NOTES = [{"name": "Piano", "notes": [{"pitch": 60, "start": 0.5, "end": 1.0, "velocity": 0.5}]}]
WORDS = [
    {"word": "[Verse]\nStars ", "start_s": 0.5, "end_s": 0.9, "p_align": 0.98, "success": True},
    {"word": "shine\n", "start_s": 0.9, "end_s": 1.4, "p_align": 0.97, "success": True},
]


def answers(api) -> dict[str, tuple[str, dict, dict]]:
    """Per operation: where it is asked, what is sent, what is answered."""
    at = f"{api.origin}/files"
    return {
        "sonic.wav": ("/sonic/wav", OF_CLIP, {"data": {"wav_url": f"{at}/song.wav"}}),
        "sonic.download": (
            "/sonic/download",
            {**OF_CLIP, "formats": ["mp3", "wav"]},
            {
                "data": {
                    "files": [{"format": name, "file_url": f"{at}/song.{name}"} for name in ("mp3", "wav")]
                }
            },
        ),
        "sonic.midi": (
            "/sonic/midi",
            OF_CLIP,
            {"data": {"midi_url": f"{at}/song.mid", "instruments": NOTES}},
        ),
        "sonic.bpm": ("/sonic/bpm", OF_CLIP, {"data": {"avg_bpm": 96.5, "max_bpm": 98, "min_bpm": 95}}),
        "sonic.aligned_lyrics": ("/sonic/aligned-lyrics", OF_CLIP, {"data": {"alignment": WORDS}}),
        "sonic.vox": (
            "/sonic/vox",
            {**OF_CLIP, "vocal_start_s": 0, "vocal_end_s": 2},
            {"data": {"vox_audio_id": "v-1", "status": "complete", "audio_url": f"{at}/vox.mp3"}},
        ),
        "sonic.persona": ("/sonic/persona", {**OF_CLIP, "name": "Mara"}, {"persona_id": "p-1"}),
        "sonic.upsample_tags": (
            "/sonic/upsample-tags",
            {"tags": "pop"},
            {"data": {"upsampled_tags": "pop, bright, tape"}},
        ),
        "sonic.upload": ("/sonic/upload", {"url": "https://x/a.mp3"}, {"code": 200, "clip_id": "up-1"}),
        "riffusion.upload": ("/riffusion/upload", {"url": "https://x/a.mp3"}, {"data": {"clip_id": "up-1"}}),
        "lyrics.make_lyrics": (
            "/sonic/lyrics",
            {"description": "rain"},
            {"results": [{"title": "One", "lyrics": "[Verse]\nA"}, {"title": "Two", "lyrics": "[Verse]\nB"}]},
        ),
    }


ASKED = sorted(
    name for name, operation in operations.REGISTRY.items() if issubclass(operation.request, Question)
)


@pytest.fixture
def clip(connected):
    return make_clip(connected, remote_id="remote-1")


@pytest.fixture
def recording(connected, tmp_path):
    return make_recording(connected, "Humming.mp3", tone(330))


@pytest.fixture
def ask(connected, api, clip, recording):
    """A queued question whose answer is ready at the provider."""
    api.other_files["mid"] = (
        "audio/midi",
        midi.write([midi.Instrument("Bass", (midi.Note(1, 2, 40),))]),
    )

    def queue(name: str, **fields) -> Task:
        path, payload, answer = answers(api)[name]
        api.replies[path] = answer
        values = {"clip": str(clip.code), **payload}
        values |= {"recording": str(recording.code)} if "upload" in name else {}
        about = clip if "clip_id" in payload else None
        return ordered(connected, name, payload, values=values, source=about, **fields)

    return queue


def stored(asset: Asset) -> bytes:
    with vault.open(asset.key) as source:
        return source.read()


def test_every_question_of_the_registry_is_asked_here(api):
    assert sorted(answers(api)) == ASKED


@pytest.mark.parametrize("name", ASKED)
def test_a_question_is_asked_once_kept_and_settled(ask, api, name):
    task = ask(name)
    jobs.submit(task.pk)
    done = fresh(task)
    assert (done.status, done.problem_text, done.remote_id) == (Status.READY, "", None)
    assert json.loads(done.answer)
    assert money(done) == ["hold", "settle"]
    assert api.count("POST") == 1
    assert api.bodies == [task.payload]


@pytest.mark.parametrize("name", ASKED)
def test_a_question_delivered_twice_changes_nothing(ask, api, name):
    task = ask(name)
    jobs.submit(task.pk)
    before = counts()
    Task.objects.filter(pk=task.pk).update(status=Status.RUNNING, due_at=timezone.now())
    jobs.submit(task.pk)
    jobs.refresh(task.pk)
    assert fresh(task).status == Status.READY
    assert counts() == before
    assert money(task) == ["hold", "settle"]
    assert api.count("POST") == 1


def counts() -> list[int]:
    return [rows.objects.count() for rows in (Clip, Asset, Persona, Task)]


@pytest.mark.parametrize("name", ASKED)
def test_a_worker_killed_after_the_answer_is_followed_by_one_that_goes_on_from_what_was_kept(
    ask, api, monkeypatch, name
):
    task = ask(name)
    with monkeypatch.context() as patch:
        patch.setattr(replies, "bring", lambda *_: die())
        with pytest.raises(Killed):
            jobs.submit(task.pk)
    waiting = fresh(task)
    assert waiting.status == Status.RUNNING
    assert json.loads(waiting.answer)
    assert money(task) == ["hold"]
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert refresh_until_over(task).status == Status.READY
    assert api.count("POST") == 1
    assert money(task) == ["hold", "settle"]


def die():
    raise Killed


@pytest.mark.parametrize("name", ["sonic.midi", "sonic.download", "sonic.upload", "sonic.vox"])
@pytest.mark.parametrize("step", [1, 2])
def test_a_worker_killed_at_any_file_is_followed_by_one_that_goes_on(ask, monkeypatch, name, step):
    task, real, steps = ask(name), vault.save, iter(range(1, 100))

    def save_or_die(*args):
        if next(steps) == step:
            raise Killed
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "save", save_or_die)
        try:
            jobs.submit(task.pk)
        except Killed:
            Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert through(task).status == Status.READY
    before = counts()
    Task.objects.filter(pk=task.pk).update(status=Status.RUNNING, due_at=timezone.now())
    jobs.refresh(task.pk)
    assert counts() == before
    assert money(task) == ["hold", "settle"]


# --- where it lands ---------------------------------------------------------------------------


def test_a_wav_is_an_asset_of_its_clip_and_the_newest_wins(ask, clip):
    through(ask("sonic.wav"))
    first = clip.assets.get(kind="wav")
    assert (first.name, first.content_type) == ("", "audio/wav")
    assert stored(first).startswith(b"RIFF")
    second = ask("sonic.wav")
    through(second)
    assert clip.assets.get(kind="wav").task == second


def test_downloaded_formats_stand_side_by_side(ask, clip):
    through(ask("sonic.download"))
    found = {asset.name: asset.content_type for asset in clip.assets.filter(kind="wav")}
    assert found == {"mp3": "audio/mpeg", "wav": "audio/wav"}


def test_a_look_that_has_fetched_for_long_goes_on_with_the_next(ask, clip, monkeypatch):
    task = ask("sonic.download")
    with monkeypatch.context() as patch:
        patch.setattr(assets, "LOOK_S", -1.0)
        jobs.submit(task.pk)
    assert (fresh(task).status, fresh(task).problem_text) == (Status.RUNNING, "")
    assert refresh_until_over(task).status == Status.READY
    assert clip.assets.count() == 2


def test_notes_come_as_a_file_and_as_numbers(ask, clip):
    through(ask("sonic.midi"))
    file, notes = clip.assets.get(kind="midi"), clip.assets.get(kind="notes")
    assert (file.content_type, stored(file)[:4]) == ("audio/midi", b"MThd")
    assert json.loads(stored(notes)) == {
        "version": 1,
        "instruments": [{"name": "Piano", "notes": [[0.5, 1.0, 60, 0.5]]}],
    }


def test_notes_without_a_file_make_one(ask, api, clip):
    task = ask("sonic.midi")
    del api.replies["/sonic/midi"]["data"]["midi_url"]
    through(task)
    [piano] = midi.read(stored(clip.assets.get(kind="midi")))
    assert (piano.name, [(note.start_s, note.pitch) for note in piano.notes]) == ("Piano", [(0.5, 60)])


def test_a_file_without_notes_is_read(ask, api, clip):
    task = ask("sonic.midi")
    del api.replies["/sonic/midi"]["data"]["instruments"]
    through(task)
    [bass] = json.loads(stored(clip.assets.get(kind="notes")))["instruments"]
    assert (bass["name"], bass["notes"][0][:3]) == ("Bass", [1.0, 2.0, 40])


def test_a_midi_file_that_cannot_be_had_is_written_from_the_notes(ask, api, clip):
    task = ask("sonic.midi")
    api.files.extend([Answer(404)] * 20)
    assert through(task).status == Status.READY
    assert midi.read(stored(clip.assets.get(kind="midi")))[0].name == "Piano"


def test_the_tempo_stands_at_the_clip_and_at_the_task(ask, clip):
    task = ask("sonic.bpm")
    through(task)
    clip.refresh_from_db()
    assert clip.bpm == 96.5
    assert fresh(task).result == {"avg_bpm": 96.5, "min_bpm": 95, "max_bpm": 98}
    assert json.loads(stored(clip.assets.get(kind="tempo"))) == fresh(task).result


def test_a_timeline_takes_the_place_of_the_old_one(ask, clip):
    assets.add_json(clip, Asset.Kind.TIMELINE, {"version": 1, "words": []})
    through(ask("sonic.aligned_lyrics"))
    [found] = clip.assets.filter(kind="timeline")
    assert [word["word"] for word in json.loads(stored(found))["words"]] == ["[Verse]\nStars ", "shine\n"]


def test_a_timeline_without_words_fails_and_leaves_the_old_one(ask, api, clip):
    old = assets.add_json(clip, Asset.Kind.TIMELINE, {"version": 1, "words": []})
    task = ask("sonic.aligned_lyrics")
    api.replies["/sonic/aligned-lyrics"] = {"data": {"alignment": []}}
    failed = through(task)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert "no words" in failed.problem_text
    assert money(failed) == ["hold", "settle"]
    assert clip.assets.get(kind="timeline").sha256 == old.sha256


def test_a_cut_voice_is_named_by_its_window_and_can_be_heard(ask, clip):
    through(ask("sonic.vox"))
    found = clip.assets.get(kind="vox")
    assert (found.name, found.content_type) == ("0-2", "audio/mpeg")
    assert {"vox_audio_id": "v-1", "start_s": 0.0, "end_s": 2.0}.items() <= found.details.items()


def test_a_cut_voice_that_is_not_handed_out_is_kept_by_its_number(ask, api, clip):
    task = ask("sonic.vox")
    del api.replies["/sonic/vox"]["data"]["audio_url"]
    through(task)
    found = clip.assets.get(kind="vox")
    assert (found.content_type, found.details["vox_audio_id"]) == ("application/json", "v-1")


def test_a_persona_knows_its_clip_and_its_maker(ask, clip):
    task = ask("sonic.persona")
    through(task)
    singer = Persona.objects.get()
    assert (singer.kind, singer.name, singer.remote_id, singer.clip) == ("persona", "Mara", "p-1", clip)
    assert (singer.task, singer.person, singer.connection) == (task, task.person, task.connection)


def test_richer_tags_are_told_before_and_after(ask):
    assert through(ask("sonic.upsample_tags")).result == {"before": "pop", "after": "pop, bright, tape"}


def test_lyrics_are_drafts_to_choose_from(ask):
    assert through(ask("lyrics.make_lyrics")).result == {
        "drafts": [{"title": "One", "lyrics": "[Verse]\nA"}, {"title": "Two", "lyrics": "[Verse]\nB"}]
    }


@pytest.mark.parametrize("name", ["sonic.upload", "riffusion.upload"])
def test_an_upload_is_a_clip_of_the_bytes_that_were_brought(ask, recording, name):
    task = ask(name)
    through(task)
    clip = task.clips.get()
    assert (clip.state, clip.origin, clip.remote_id) == ("ready", "uploaded", "up-1")
    assert (clip.title, clip.is_uploaded) == (recording.name, True)
    audio = clip.assets.get(kind="audio")
    assert (audio.key, audio.content_type) == (recording.key, recording.content_type)
    assert json.loads(stored(clip.assets.get(kind="peaks")))["pairs"]
    assert clip.duration_s == pytest.approx(2, abs=0.1)
    assert clip.sketch


def test_a_clip_that_is_uploaded_again_is_a_child_of_itself(ask, connected, api, clip):
    kept = vault.save(io.BytesIO(tone(220)), ".mp3")
    assets.add(clip, Asset.Kind.AUDIO, kept, "audio/mpeg")
    task = ask("sonic.upload")
    task.recipe["values"]["recording"] = str(clip.code)
    task.save()
    through(task)
    again = task.clips.get()
    assert (again.parent, again.title, again.lyrics) == (clip, clip.title, clip.lyrics)
    assert again.assets.get(kind="audio").key == kept.key


def test_an_upload_whose_recording_is_gone_fails_with_a_word(ask, recording):
    task = ask("sonic.upload")
    recording.delete()
    failed = through(task)
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert "not in the studio any more" in failed.problem_text
    assert money(failed) == ["hold", "settle"]


def test_an_upload_that_is_answered_with_a_task_is_followed(ask, api):
    task = ask("sonic.upload")
    api.replies["/sonic/upload"] = {"message": "success", "task_id": "t-9"}
    api.polls.append(Answer(200, {"code": 200, "clip_id": "up-9", "message": "success"}))
    jobs.submit(task.pk)
    assert (fresh(task).status, fresh(task).remote_id) == (Status.RUNNING, "t-9")
    assert refresh_until_over(task).status == Status.READY
    assert task.clips.get().remote_id == "up-9"


def test_an_upload_in_the_background_that_was_made_at_once_is_believed(connected, api, recording):
    payload, values = {"url": "https://x/a.mp3", "callback_url": ""}, {"recording": str(recording.code)}
    task = ordered(connected, "sonic.upload_later", payload, values=values)
    api.replies["/sonic/upload"] = {"code": 200, "clip_id": "up-7", "message": "success"}
    assert through(task).status == Status.READY
    assert (task.clips.get().remote_id, task.clips.get().origin) == ("up-7", "uploaded")
    assert money(task) == ["hold", "settle"]


def test_what_is_asked_of_a_clip_that_is_gone_says_so(ask, clip):
    task = ask("sonic.wav")
    Task.objects.filter(pk=task.pk).update(source=None)
    failed = through(task)
    assert (failed.status, failed.problem_kind) == (Status.FAILED, "no_clip")
    assert money(failed) == ["hold", "settle"]


# --- errors -----------------------------------------------------------------------------------


def test_a_file_that_breaks_is_fetched_again_without_asking_again(ask, api, clip):
    api.files.extend([Answer(cut_bytes=1000), Answer(body="<html>expired</html>")])
    task = ask("sonic.wav")
    jobs.submit(task.pk)
    waiting = fresh(task)
    assert (waiting.status, waiting.problem_kind) == (Status.RUNNING, "file_wav")
    assert "The WAV file could not be fetched" in waiting.problem_text
    assert refresh_until_over(task).status == Status.READY
    assert api.count("POST") == 1


def test_a_file_that_stays_broken_fails_the_task_settled_and_flagged(ask, api, clip):
    api.files.extend([Answer(body="<html>expired</html>")] * 20)
    failed = through(ask("sonic.wav"))
    assert (failed.status, failed.needs_person) == (Status.FAILED, True)
    assert f"tried {assets.FILE_TRIES} times" in failed.problem_text
    assert money(failed) == ["hold", "settle"]
    assert not clip.assets.exists()


def test_an_answer_that_came_late_goes_on_in_a_job_of_its_own(ask, monkeypatch):
    rung = []
    monkeypatch.setattr(jobs, "SAME_JOB_S", 0.0)
    monkeypatch.setattr("studio.work.queue.ring", lambda *call: rung.append(call))
    task = ask("sonic.bpm")
    jobs.submit(task.pk)
    assert fresh(task).status == Status.RUNNING
    assert rung == [("refresh", task.pk)]
    be_due(task)
    jobs.refresh(task.pk)
    assert fresh(task).status == Status.READY


def test_an_answer_after_the_lease_was_given_up_is_believed(ask):
    task = ask("sonic.bpm")
    claimed = states.claim_submit(task.pk)
    states.lose(task)
    assert states.take_reply(claimed, '{"data": {"avg_bpm": 90}}')
    found = fresh(task)
    assert (found.status, found.needs_person, found.problem_text) == (Status.RUNNING, False, "")


@pytest.mark.parametrize("fault", [RuntimeError, SystemExit, Killed])
def test_a_fault_of_ours_after_the_question_left_never_leads_to_a_second_one(ask, api, monkeypatch, fault):
    real, task = Client.ask, ask("sonic.wav")

    def ask_and_stumble(self, question):
        real(self, question)
        raise fault

    monkeypatch.setattr(Client, "ask", ask_and_stumble)
    with pytest.raises(fault):
        jobs.submit(task.pk)
    jobs.submit(task.pk)
    ticker.tick()
    assert api.count("POST") == 1
    assert (fresh(task).status, fresh(task).needs_person) == (Status.UNCONFIRMED, True)
    assert money(task) == ["hold"]


def test_a_worker_killed_while_it_asks_leaves_an_unconfirmed_task(ask, api, settings):
    settings.SUBMIT_LEASE_S = -1
    task = ask("sonic.wav")
    states.claim_submit(task.pk)
    ticker.tick()
    assert (fresh(task).status, money(task)) == (Status.UNCONFIRMED, ["hold"])
    jobs.submit(task.pk)
    assert api.count("POST") == 0


# --- not ready yet ----------------------------------------------------------------------------

PENDING = {"type": "not_ready", "error": "MIDI is not ready yet"}


@pytest.mark.parametrize("answer", [Answer(202, PENDING), Answer(200, {"code": 202, **PENDING})])
def test_submitting_to_queued_while_the_provider_prepares_the_answer(ask, api, settings, answer):
    settings.SUBMIT_TRIES = 2
    task = ask("sonic.midi")
    api.submits.extend([answer] * 4)
    for _ in range(4):
        be_due(task)
        jobs.submit(task.pk)
        waiting = fresh(task)
        assert (waiting.status, waiting.tries, waiting.lease_until) == (Status.QUEUED, 0, None)
        assert waiting.problem_kind == "not_ready"
        assert waiting.problem_text == "The provider is still preparing it."
        assert money(task) == ["hold"]
    be_due(task)
    jobs.submit(task.pk)
    done = fresh(task)
    assert (done.status, done.problem_text) == (Status.READY, "")
    assert money(task) == ["hold", "settle"]


def test_the_wish_to_be_asked_later_is_heard(ask, api):
    task = ask("sonic.midi")
    api.submits.append(Answer(202, PENDING, {"Retry-After": "40"}))
    jobs.submit(task.pk)
    wait = fresh(task).due_at - timezone.now()
    assert timedelta(seconds=35) < wait <= timedelta(seconds=40)


def test_what_never_gets_ready_fails_at_its_deadline_for_a_person_to_see(ask, api):
    task = ask("sonic.midi")
    api.submits.extend([Answer(202, PENDING)] * 2)
    jobs.submit(task.pk)
    Task.objects.update(deadline_at=timezone.now() - timedelta(seconds=1), due_at=timezone.now())
    ticker.tick()
    assert fresh(task).status == Status.QUEUED
    be_due(task)
    jobs.submit(task.pk)
    failed = fresh(task)
    assert (failed.status, failed.problem_kind, failed.needs_person) == (Status.FAILED, "overdue", True)
    assert money(task) == ["hold"]


def test_what_was_asked_once_cannot_be_taken_back_as_if_it_had_never_been(ask, api):
    task = ask("sonic.midi")
    api.submits.append(Answer(202, PENDING))
    jobs.submit(task.pk)
    assert not start.cancel(task)
    assert (fresh(task).status, money(task)) == (Status.QUEUED, ["hold"])


@pytest.mark.parametrize("ending", ["not sent", "refused"])
def test_what_fails_after_it_was_asked_once_keeps_its_hold_for_a_person_to_see(ask, api, settings, ending):
    settings.SUBMIT_TRIES = 1
    task = ask("sonic.midi")
    api.submits.append(Answer(202, PENDING))
    jobs.submit(task.pk)
    api.submits.append(Answer(429, {}) if ending == "not sent" else Answer(400, {"error": "No."}))
    be_due(task)
    jobs.submit(task.pk)
    failed = fresh(task)
    assert (failed.status, failed.needs_person, money(task)) == (Status.FAILED, True, ["hold"])


def test_a_kept_answer_that_cannot_be_read_any_more_is_no_verdict(ask, monkeypatch):
    task = ask("sonic.bpm")
    monkeypatch.setattr(Client, "ask", lambda *_: Tempo(avg_bpm=1.0, raw="not what it was"))
    jobs.submit(task.pk)
    waiting = fresh(task)
    assert (waiting.status, waiting.problem_kind) == (Status.RUNNING, "unreachable")
    assert waiting.answer == "not what it was"
