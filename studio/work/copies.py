"""Files that are asked for a clip come home as its assets: WAV, other formats, video, the cut voice, MIDI."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from studio import vault
from studio.audio import files, midi
from studio.audio.midi import Instrument, Note
from studio.models import Asset, Clip, Task
from studio.musicapi import Client, TaskAnswer
from studio.musicapi.results import ClipFiles, Midi, Vox, Wav
from studio.work import assets
from studio.work.assets import GivenUp, Trouble

MIDI = files.Kind("midi", "audio/midi", "mid")
MP4 = files.Kind("mp4", "video/mp4", "mp4")
WEBM = files.Kind("webm", "video/webm", "webm")
MIDI_MAX_BYTES = 5_000_000
FILE_NAMES = {"wav": "WAV", "mp3": "MP3", "m4a": "M4A"}


def source_of(task: Task) -> Clip:
    """The clip that a task is about. Raises GivenUp when it is gone."""
    if task.source is None:
        raise GivenUp("The clip that this was made of is gone, so there is nowhere to keep it.", "no_clip")
    return task.source


def wav(task: Task, client: Client, said: Wav) -> Trouble | None:
    """The clip's newest WAV."""
    return _audio(task, client, said.wav_url, "", "The WAV file")


def formats(task: Task, client: Client, said: ClipFiles) -> Trouble | None:
    """A clip's files in several formats, each under its name."""
    until_s, found = time.monotonic() + assets.LOOK_S, None
    for link in said.files:
        if time.monotonic() > until_s:
            return found or assets.MORE
        name = link.format.strip().lower()[:20] or "file"
        what = f"The {FILE_NAMES.get(name, name.upper())} file"
        found = _audio(task, client, link.file_url, name, what) or found
    return found


def downloaded(task: Task, client: Client, answer: TaskAnswer) -> Trouble | None:
    """The file that a download's task says it has."""
    name = str(task.values.get("format") or "wav")
    for heard in answer.clips:
        if heard.state == "succeeded":
            url = heard.lossless_url if name == "wav" and heard.lossless_url else heard.audio_url
            return _audio(task, client, url, name, f"The {FILE_NAMES.get(name, name.upper())} file")
    return None


def _audio(task: Task, client: Client, url: str, name: str, what: str) -> Trouble | None:
    clip = source_of(task)
    if assets.has(task, clip, Asset.Kind.WAV, name):
        return None

    def fetch() -> None:
        found = assets.fetch_audio(client, url)
        details = {"duration_s": round(found.measured.duration_s, 3)}
        assets.add(
            clip,
            Asset.Kind.WAV,
            found.kept,
            found.content_type,
            name=name,
            task=task,
            details=details,
            replaces=True,
        )

    return assets.tried(task, f"file_{name or 'wav'}", what, fetch)


def sniff_video(head: bytes) -> files.Kind | None:
    """The video format that a file's first bytes show: MP4 or WebM."""
    if head.startswith(b"ftyp", 4):
        return MP4
    return WEBM if head.startswith(b"\x1a\x45\xdf\xa3") else None


def video(task: Task, client: Client, answer: TaskAnswer) -> Trouble | None:
    """The newest video of the clip."""
    clip = source_of(task)
    found = next((heard for heard in answer.clips if heard.state == "succeeded" and heard.video_url), None)
    if found is None or assets.has(task, clip, Asset.Kind.VIDEO):
        return None

    def fetch() -> None:
        kept, kind = assets.fetch_file(client, found.video_url, sniff_video)
        assets.add(clip, Asset.Kind.VIDEO, kept, kind.media_type, task=task, replaces=True)

    return assets.tried(task, "video", "The video", fetch)


def vox(task: Task, client: Client, said: Vox) -> Trouble | None:
    """The voice of a window: its audio where the provider hands it out, else what it said of it."""
    clip = source_of(task)
    start_s, end_s = _window(task, said)
    name = f"{start_s:g}-{end_s:g}"
    if assets.has(task, clip, Asset.Kind.VOX, name):
        return None
    details: dict[str, Any] = {"vox_audio_id": said.vox_audio_id, "start_s": start_s, "end_s": end_s}

    def fetch() -> None:
        more: dict[str, Any] = {"name": name, "task": task, "details": details, "replaces": True}
        if not said.audio_url:
            assets.add_json(clip, Asset.Kind.VOX, details, **more)
            return
        found = assets.fetch_audio(client, said.audio_url)
        more["details"] = details | {"duration_s": round(found.measured.duration_s, 3)}
        assets.add(clip, Asset.Kind.VOX, found.kept, found.content_type, **more)

    return assets.tried(task, "vox", "The voice", fetch)


def _window(task: Task, said: Vox) -> tuple[float, float]:
    def moment(name: str, heard: float | None, otherwise: float) -> float:
        given = task.values.get(name)
        is_given = isinstance(given, int | float) and not isinstance(given, bool)
        return float(given) if is_given else heard if heard is not None else otherwise  # type: ignore[arg-type]

    start_s = moment("vocal_start_s", said.vocal_start_s, 0.0)
    return start_s, moment("vocal_end_s", said.vocal_end_s, start_s + 30.0)


def notes(task: Task, client: Client, said: Midi) -> Trouble | None:
    """The MIDI file and the notes of a clip; each is made from the other where the provider has only one."""
    clip = source_of(task)
    if assets.has(task, clip, Asset.Kind.MIDI) and assets.has(task, clip, Asset.Kind.NOTES):
        return None
    spelled = tuple(
        Instrument(one.name or f"Track {number}", tuple(_note(note) for note in one.notes))
        for number, one in enumerate(said.instruments, 1)
    )

    def keep(data: bytes, instruments: Sequence[Instrument]) -> None:
        kept = vault.save(BytesIO(data), ".mid")
        fields = _notes_json(instruments)
        assets.add(clip, Asset.Kind.MIDI, kept, MIDI.media_type, task=task, replaces=True)
        assets.add_json(clip, Asset.Kind.NOTES, fields, task=task, replaces=True)

    if not said.midi_url:
        return assets.tried(task, "midi", "The notes", lambda: keep(midi.write(spelled), spelled))
    return _fetch_notes(task, client, said.midi_url, spelled, keep)


def _fetch_notes(
    task: Task,
    client: Client,
    url: str,
    spelled: tuple[Instrument, ...],
    keep: Callable[[bytes, Sequence[Instrument]], None],
) -> Trouble | None:
    def fetch() -> None:
        data = _midi_bytes(client, url)
        keep(data, spelled or midi.read(data))

    try:
        return assets.tried(task, "midi", "The MIDI file", fetch)
    except GivenUp:
        if not spelled:
            raise
        keep(midi.write(spelled), spelled)
        return None
    except midi.BrokenMidi as error:
        raise GivenUp(f"The notes cannot be used: {error}") from error


def _midi_bytes(client: Client, url: str) -> bytes:
    with vault.scratch() as folder:
        path = folder / "notes.mid"
        assets.download(client, url, path, MIDI_MAX_BYTES, midi.is_midi)
        return path.read_bytes()


def _note(note: Any) -> Note:
    return Note(note.start_s, note.end_s, note.pitch, 0.8 if note.velocity is None else note.velocity)


def _notes_json(instruments: Sequence[Instrument]) -> dict[str, Any]:
    tracks = [
        {
            "name": one.name,
            "notes": [
                [round(note.start_s, 4), round(note.end_s, 4), note.pitch, round(note.velocity, 3)]
                for note in sorted(one.notes, key=lambda note: (note.start_s, note.pitch))
            ],
        }
        for one in instruments
    ]
    return {"version": 1, "instruments": tracks}
