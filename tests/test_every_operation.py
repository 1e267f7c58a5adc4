"""Every entry of the registry, walked from the form to its stored result, against the offline provider.

One table, printed at the end of the run: entries down, steps across.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from studio import ledger, operations, vault
from studio.audio import files
from studio.forms.compose import form_for
from studio.forms.preflight import preflight
from studio.library import recordings, sources
from studio.models import Asset, Clip, Connection, Membership, Persona, Recording, Task
from studio.operations import Operation, Result
from studio.work import jobs, providers, start
from tests.base import People
from tests.operation_values import values_for
from tests.operations.test_documented import GIVEN

pytestmark = pytest.mark.django_db
STEPS = ("form", "request", "samples", "accepted", "ready", "stored")
TABLE = "table: every operation, from the form to its stored result"
STYLE = "pop, warm, female voice, 110 bpm"  # one that is always in 4/4: bars of a mashup have to fit
SHORT = "[Verse]\nHarbour lamps along the bay\nCount the boats that slipped away"
# Songs of a quarter of a minute are long enough to be cut, joined and sung over.
SHORTEN: dict[str, dict[str, Any]] = {
    "sonic.extend_music": {"continue_at_s": 6.0},
    "sonic.extend_upload_music": {"continue_at_s": 6.0},
    "sonic.add_vocals": {"overpainting_start_s": 0.0, "overpainting_end_s": 8.0},
    "sonic.replace_section": {"infill_start_s": 4.0, "infill_end_s": 9.0},
    "sonic.sample": {"chop_sample_start_s": 2.0, "chop_sample_end_s": 8.0},
    "sonic.upload_extend": {"continue_at_s": 6.0},
}
WHEN_S = {
    "starts_at_s": 4.0,
    "ends_at_s": 9.0,
    "replace_start_s": 4.0,
    "replace_end_s": 9.0,
    "continue_at_s": 6.0,
}


class Walk:
    """A team at the offline provider, and the sources that its entries take."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.connection: Connection = providers.connect_offline(people.team, people.alice)
        self.membership = Membership.objects.get(team=people.team, user=people.alice)
        self.number = 0
        self._made: dict[str, Any] = {}

    # --- the steps ----------------------------------------------------------------------------------

    def walk(self, operation: Operation, note: Callable[[str, str], None]) -> Task:
        """Take one entry through all steps; `note` is told of each that was made."""
        values = (
            operation.defaults() | values_for(operation.name, self.codes(operation)) | self.short(operation)
        )
        form = form_for(operation, values=values, team=self.people.team, connection=self.connection)
        flight = preflight(form, self.membership, self.connection)
        assert (flight.blocker, [one.text for one in flight.problems]) == ("", [])
        assert form_for(operation, values=form.values()).values() == form.values()
        note("form", "filled")
        task = self.begin(operation, form.values())
        context = sources.context(self.people.team, self.connection, operation, task.values)
        assert set(task.payload) == set(operation.build(task.values, context).to_payload())
        note("request", operation.request.__name__)
        samples = sum(1 for name, *_ in GIVEN.values() if name == operation.name)
        assert samples, "no documented sample stands for this entry"
        note("samples", f"{samples} equal")
        self.finish(task, lambda: note("accepted", f"{task.price_credits} cr"))
        assert task.status == Task.Status.READY, f"{task.status}: {task.problem_text} {task.answer[:400]}"
        note("ready", "yes")
        note("stored", self.stored(operation, task))
        assert not ledger.open_holds().filter(task=task).exists()
        return task

    def begin(self, operation: Operation, values: dict[str, Any]) -> Task:
        self.number += 1
        return start.start(
            self.people.alice, self.people.team, self.connection, operation, values, f"walk-{self.number}"
        )

    def finish(self, task: Task, accepted: Callable[[], None] = lambda: None) -> None:
        """Let queue and provider do their work, one thing after the other."""
        from studio.offline import jobs as renders
        from studio.offline.models import Take

        was_accepted = False
        for _ in range(40):
            Task.objects.filter(pk=task.pk).update(due_at=timezone.now())
            (jobs.submit if task.status == Task.Status.QUEUED else jobs.refresh)(task.pk)
            task.refresh_from_db()
            if not was_accepted and task.status in {Task.Status.RUNNING, Task.Status.READY}:
                was_accepted = True
                accepted()
            if not task.is_open:
                return
            for pk in Take.objects.filter(state=Take.State.PENDING).values_list("pk", flat=True):
                renders.render(pk)

    def make(self, name: str, **changes: Any) -> Task:
        """A task of another entry, for what it leaves behind."""
        operation = operations.get(name)
        values = (
            operation.defaults() | values_for(name, self.codes(operation)) | self.short(operation) | changes
        )
        task = self.begin(operation, values)
        self.finish(task)
        assert task.status == Task.Status.READY, f"{name}: {task.problem_text} {task.answer[:400]}"
        return task

    # --- what entries are made of -------------------------------------------------------------------

    def short(self, operation: Operation) -> dict[str, Any]:
        names = {one.name for one in operation.fields}
        found = {name: value for name, value in WHEN_S.items() if name in names}
        if operation.name == "sonic.concat_music":
            return {}
        if operation.name == "sonic.vox":
            return self.sung_window()
        texts = {name: SHORT for name in ("prompt", "lyrics") if name in names and operation.family != "nuro"}
        if operation.family in {"studio", "lyrics"} or operation.name == "producer.lyrics_create":
            texts.pop("prompt", None)
        if operation.name == "sonic.add_instrumental":
            texts = {}
        style = {"tags": STYLE} if "tags" in names and operation.name != "sonic.upsample_tags" else {}
        return found | texts | style | SHORTEN.get(operation.name, {})

    def sung_window(self) -> dict[str, Any]:
        """From the song's first word on."""
        words = self._json(self.songs("sonic")[0].assets.get(kind=Asset.Kind.TIMELINE))["words"]
        return {"vocal_start_s": words[0]["start_s"], "vocal_end_s": words[-1]["end_s"]}

    def codes(self, operation: Operation) -> dict[str, str]:
        codes: dict[str, str] = {}
        for one in operation.source_fields:
            if one.name == "recording" and operation.name != "sonic.sample":
                codes["recording"] = str(self.recording.code)
            elif one.name == "persona":
                codes["persona"] = str(self.persona.code)
            elif one.name in {"clip", "second_clip"}:
                codes[one.name] = str(self.clip_for(operation, one.name).code)
        return codes

    def clip_for(self, operation: Operation, field: str) -> Clip:
        needs = operation.field(field).needs
        if operation.name == "sonic.concat_music":
            return self.once("part", lambda: self.make("sonic.extend_music").clips.first())
        if operation.name == "sonic.add_instrumental":
            return self.once(
                "voice", lambda: self.make("sonic.upload", recording=str(self.voice.code)).clips.get()
            )
        if needs.origin == "uploaded":
            return self.uploaded(operation.family)
        return self.songs(operation.family)[1 if field == "second_clip" else 0]

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def songs(self, family: str) -> list[Clip]:
        name = {"studio": "studio.custom"}.get(family, f"{family}.create_music")
        clips = self.once(f"song {family}", lambda: list(self.make(name).clips.order_by("position")))
        return clips if len(clips) > 1 else clips * 2

    def uploaded(self, family: str) -> Clip:
        return self.once(f"upload {family}", lambda: self.make(f"{family}.upload").clips.get())

    @property
    def recording(self) -> Recording:
        """A song in the hands of somebody who has nothing but its audio."""
        return self.once("recording", lambda: self._record_from(Asset.Kind.AUDIO))

    def _record_from(self, kind: Asset.Kind, task: Task | None = None) -> Recording:
        found = self.songs("sonic")[0].assets.filter(kind=kind)
        asset = found.get(task=task) if task else found.get()
        with vault.open(asset.key) as source:
            return recordings.take_in(self.people.team, self.people.alice, "Harbour.mp3", [source.read()])

    @property
    def voice(self) -> Recording:
        """The singer of that song, alone."""
        return self.once("voice alone", lambda: self._record_from(Asset.Kind.VOX, self.make("sonic.vox")))

    @property
    def persona(self) -> Persona:
        return self.once("persona", lambda: self.make("sonic.persona").persona)

    # --- what comes home ----------------------------------------------------------------------------

    def stored(self, operation: Operation, task: Task) -> str:
        """What is there now, of the kind that the entry promises; raises AssertionError when it is not."""
        return getattr(self, f"_has_{operation.result.value}")(operation, task)

    def _has_clips(self, operation: Operation, task: Task) -> str:
        clips = list(task.clips.all())
        assert clips
        assert {clip.state for clip in clips} == {Clip.State.READY}
        for clip in clips:
            assert clip.duration_s > 2
            assert clip.assets.filter(kind=Asset.Kind.AUDIO).exists()
            if "clip" in {one.name for one in operation.source_fields}:
                assert str(clip.parent.code) == task.values["clip"]
        return f"{len(clips)} clips"

    def _has_upload(self, _operation: Operation, task: Task) -> str:
        clip = task.clips.get()
        assert (clip.is_uploaded, clip.is_ready) == (True, True)
        assert clip.assets.filter(kind=Asset.Kind.AUDIO).exists()
        return "uploaded clip"

    def _has_stems(self, operation: Operation, task: Task) -> str:
        stems = list(Asset.objects.filter(task=task, kind=Asset.Kind.STEM))
        assert len(stems) >= (2 if operation.name.endswith("basic") else 4)
        assert {stem.clip for stem in stems} == {task.source}
        assert len({stem.details["label"] for stem in stems}) == len(stems)
        peaks = Asset.objects.filter(task=task, kind=Asset.Kind.PEAKS)
        assert {one.name for one in peaks} == {one.name for one in stems}
        return f"{len(stems)} stems"

    def _audio(self, task: Task, kind: Asset.Kind, *names: str) -> str:
        found = list(Asset.objects.filter(task=task, kind=kind))
        assert found
        for asset in found:
            with vault.open(asset.key) as source:
                head = files.sniff(source.read(files.HEAD_BYTES))
            assert head is not None
            assert head.name in names
        return ", ".join(sorted(asset.content_type for asset in found))

    def _has_wav(self, _operation: Operation, task: Task) -> str:
        return self._audio(task, Asset.Kind.WAV, "wav")

    def _has_files(self, _operation: Operation, task: Task) -> str:
        return self._audio(task, Asset.Kind.WAV, "wav", "mp3", "m4a")

    def _has_vox(self, _operation: Operation, task: Task) -> str:
        asset = Asset.objects.get(task=task, kind=Asset.Kind.VOX)
        assert asset.details["vox_audio_id"]
        return self._audio(task, Asset.Kind.VOX, "wav", "mp3", "flac")

    def _has_midi(self, _operation: Operation, task: Task) -> str:
        with vault.open(Asset.objects.get(task=task, kind=Asset.Kind.MIDI).key) as source:
            assert source.read(4) == b"MThd"
        notes = self._json(Asset.objects.get(task=task, kind=Asset.Kind.NOTES))
        count = sum(len(instrument["notes"]) for instrument in notes["instruments"])
        assert count > 20
        return f"{count} notes"

    def _json(self, asset: Asset) -> Any:
        with vault.open(asset.key) as source:
            return json.load(io.TextIOWrapper(source, "utf-8"))

    def _has_tempo(self, _operation: Operation, task: Task) -> str:
        task.source.refresh_from_db()
        assert 40 < task.source.bpm < 240
        assert task.result["avg_bpm"] == pytest.approx(task.source.bpm)
        return f"{task.source.bpm:.0f} bpm"

    def _has_timeline(self, _operation: Operation, task: Task) -> str:
        words = self._json(task.source.assets.get(kind=Asset.Kind.TIMELINE))["words"]
        assert len(words) > 5
        return f"{len(words)} words"

    def _has_persona(self, _operation: Operation, task: Task) -> str:
        persona = Persona.objects.get(task=task)
        assert persona.remote_id
        return f"{persona.kind} {persona.name}"

    def _has_lyrics(self, _operation: Operation, task: Task) -> str:
        drafts = task.result["drafts"]
        assert drafts
        assert all(draft["lyrics"].strip() for draft in drafts)
        return f"{len(drafts)} drafts"

    def _has_tags(self, _operation: Operation, task: Task) -> str:
        before, after = (
            {word.strip() for word in task.result[side].split(",")} for side in ("before", "after")
        )
        assert before < after
        return "before and after"

    def _has_video(self, _operation: Operation, task: Task) -> str:
        asset = Asset.objects.get(task=task, kind=Asset.Kind.VIDEO)
        assert asset.content_type.startswith("video/")
        return asset.content_type


def _line(name: str, *cells: str) -> str:
    return f"{name:36}" + "".join(f"{cell:27}" for cell in cells).rstrip()


# Each group makes its own sources, so that several workers can share the walk.
GROUPS: dict[str, list[str]] = {}
for _name, _entry in operations.REGISTRY.items():
    _is_song = _entry.result is Result.CLIPS
    GROUPS.setdefault(f"{_entry.family} {'songs' if _is_song else 'rest'}", []).append(_name)


@pytest.fixture
def walk(people, settings, tmp_path, monkeypatch) -> Walk:
    settings.DATA_DIR = tmp_path / "data"
    settings.OFFLINE_FIRST_CREDITS = 5000
    # Nothing is queued: the walk does each piece of work itself.
    monkeypatch.setattr("django_q.tasks.async_task", lambda *_args, **_kwargs: None)
    monkeypatch.setattr("studio.offline.doorbell.async_task", lambda *_args, **_kwargs: None)
    return Walk(people)


@pytest.mark.parametrize("group", GROUPS)
def test_every_entry_goes_from_the_form_to_a_stored_result(walk, group, record_property):
    failed = []
    for name in GROUPS[group]:
        done: dict[str, str] = {}
        try:
            walk.walk(operations.get(name), done.__setitem__)
        except Exception as error:
            failed.append(f"{name} after {list(done)}: {error}")
        record_property(TABLE, _line(name, *(done.get(step, "–") for step in STEPS)))
    assert not failed, "\n".join(failed)


def test_no_entry_is_left_out():
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(operations.REGISTRY)


def test_the_balance_is_asked_for(walk):
    providers.check(walk.connection)
    walk.connection.refresh_from_db()
    assert walk.connection.remote_credits == 5000
