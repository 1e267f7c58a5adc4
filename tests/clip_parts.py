"""Gives a clip what operations bring home: stems, notes, tempo, timed words, voice; all of real sound."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Sequence
from typing import Any

import lameenc
import numpy as np
import numpy.typing as npt
import soundfile as sf
from django.utils import timezone

from studio import vault
from studio.models import Asset, Clip, Connection, Membership, Persona, Role, Task, Team, User

RATE_HZ = 44_100
TWELVE = (
    *("vocals", "backing", "drums", "percussion", "bass", "guitar"),
    *("keys", "synth", "strings", "brass", "woodwind", "fx"),
)
Sound = npt.NDArray[np.float64]


def keep(
    clip: Clip, kind: Asset.Kind, body: bytes, suffix: str, content_type: str, name: str = "", **fields: Any
) -> Asset:
    stored = vault.save(io.BytesIO(body), suffix)
    given = {"key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes}
    return Asset.objects.create(clip=clip, kind=kind, content_type=content_type, name=name, **given, **fields)


def tune(number: int, duration_s: float) -> Sound:
    """A melody of its own for each number: one pitch every quarter of a second, none like another's."""
    rng = np.random.default_rng(number)
    step = RATE_HZ // 4
    frames = int(duration_s * RATE_HZ)
    pitches_hz = 110 * 2 ** (rng.integers(0, 36, frames // step + 1) / 12)
    steps = [
        np.sin(2 * np.pi * pitch_hz * np.arange(step) / RATE_HZ) * np.exp(-np.arange(step) / step * 3)
        for pitch_hz in pitches_hz
    ]
    return 0.2 * np.concatenate(steps)[:frames]


def as_file(sound: Sound, container: str = "WAV") -> bytes:
    both = np.stack([sound, sound], axis=1)
    if container == "MP3":
        return _as_mp3(both)
    stream = io.BytesIO()
    sf.write(stream, both, RATE_HZ, format=container, subtype="PCM_16")
    return stream.getvalue()


def _as_mp3(both: Sound) -> bytes:
    """At a constant bit rate, as providers send it: in others a browser only guesses where a moment is."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(192)
    encoder.set_in_sample_rate(RATE_HZ)
    encoder.set_channels(2)
    encoder.silence()
    coded = bytes(encoder.encode((both * 32767).astype("<i2").tobytes()))
    return coded + bytes(encoder.flush())


def peaks_of(sound: Sound, buckets: int = 400) -> bytes:
    parts = np.array_split(sound, buckets)
    pairs = [int(127 * pick(part)) for part in parts for pick in (np.min, np.max)]
    return json.dumps({"version": 1, "pairs": pairs}).encode()


def add_stems(
    clip: Clip,
    task: Task,
    parts: Sequence[str] = TWELVE,
    *,
    duration_s: float = 8,
    split: str = "full",
    silent: Sequence[str] = (),
    container: str = "WAV",
) -> list[Asset]:
    """One stem a part, each a melody of its own; those named in `silent` hold nothing."""
    found = []
    for position, part in enumerate(parts):
        sound = tune(position, duration_s) * (part not in silent)
        name = f"{part}-{str(task.code)[:8]}"
        details = {
            "label": part.title(),
            "part": part,
            "duration_s": duration_s,
            "position": position,
            "set": split,
            "is_silent": part in silent,
        }
        body = as_file(sound, container)
        suffix, content_type = (".mp3", "audio/mpeg") if container == "MP3" else (".wav", "audio/wav")
        stem = keep(clip, Asset.Kind.STEM, body, suffix, content_type, name, task=task, details=details)
        keep(clip, Asset.Kind.PEAKS, peaks_of(sound), ".json", "application/json", name, task=task)
        found.append(stem)
    return found


def add_notes(clip: Clip, instruments: Sequence[tuple[str, int]], duration_s: float = 8) -> Asset:
    """`instruments` are names and numbers of notes."""
    rows = []
    for number, (name, count) in enumerate(instruments):
        step_s = duration_s / max(count, 1)
        notes = [
            [round(i * step_s, 3), round((i + 0.9) * step_s, 3), 36 + 12 * number + i % 12, 60 + i % 60]
            for i in range(count)
        ]
        rows.append({"name": name, "notes": notes})
    body = json.dumps({"version": 1, "instruments": rows}).encode()
    keep(clip, Asset.Kind.MIDI, b"MThd" + bytes(10), ".mid", "audio/midi")
    return keep(clip, Asset.Kind.NOTES, body, ".json", "application/json")


def add_tempo(clip: Clip, average: float, least: float, most: float) -> Asset:
    body = json.dumps({"avg_bpm": average, "min_bpm": least, "max_bpm": most}).encode()
    return keep(clip, Asset.Kind.TEMPO, body, ".json", "application/json")


def add_words(clip: Clip, duration_s: float = 8, step_s: float = 0.4) -> Asset:
    """A word every `step_s`, a line of four, a section of eight lines."""
    words = []
    for number in range(int(duration_s / step_s)):
        head = "[Verse]\n" if number % 32 == 0 else ""
        tail = "\n" if number % 4 == 3 else " "
        times = {"start_s": number * step_s, "end_s": (number + 0.8) * step_s, "p_align": 0.9}
        words.append({"word": f"{head}word{number}{tail}", **times})
    body = json.dumps({"version": 1, "words": words}).encode()
    return keep(clip, Asset.Kind.TIMELINE, body, ".json", "application/json")


def add_voice(clip: Clip, start_s: float = 1, end_s: float = 3) -> Asset:
    details = {"vox_audio_id": "vox-1", "start_s": start_s, "end_s": end_s}
    body = as_file(tune(99, end_s - start_s))
    name = f"{start_s:g}-{end_s:g}"
    return keep(clip, Asset.Kind.VOX, body, ".wav", "audio/wav", name, details=details)


def add_song(team: Team, person: User, title: str = "Night Drive", duration_s: float = 24) -> Clip:
    """A finished clip of this team with real sound of its own, as if a provider had made it."""
    connection = team.connections.filter(is_default=True).get()
    task = add_task(team, person, connection, "sonic.create_music")
    sound = np.sum([tune(number, duration_s) for number in range(4)], axis=0) / 4
    clip = Clip.objects.create(
        team=team,
        task=task,
        remote_id=f"song-{task.pk}",
        state=Clip.State.READY,
        title=title,
        tags="synth pop, dreamy",
        lyrics="[Verse]\nword0 word1 word2 word3",
        model="sonic-v5-5",
        key="A minor",
        duration_s=duration_s,
        sketch="42" * 120,
        ready_at=timezone.now(),
    )
    keep(clip, Asset.Kind.AUDIO, as_file(sound, "FLAC"), ".flac", "audio/flac")
    keep(clip, Asset.Kind.PEAKS, peaks_of(sound, 800), ".json", "application/json")
    return clip


def add_task(
    team: Team,
    person: User | None,
    connection: Connection,
    operation: str,
    source: Clip | None = None,
    **fields: Any,
) -> Task:
    recipe = {"version": 1, "operation": operation, "values": {"mode": "custom", "tags": "synth pop"}}
    given = {"recipe": recipe, "payload": {}, "price_credits": 1, "status": Task.Status.READY}
    token = secrets.token_hex(8)
    return Task.objects.create(
        team=team,
        person=person,
        connection=connection,
        operation=operation,
        form_token=token,
        source=source,
        **(given | fields),
    )


def add_everything(clip: Clip) -> None:
    """All that the page can show of a clip, at the clip's own length."""
    team, person, connection = clip.team, clip.task.person, clip.task.connection
    length_s = clip.duration_s or 0
    for split, parts, silent in (("basic", ("vocals", "instrumental"), ()), ("full", TWELVE, ("woodwind",))):
        task = add_task(team, person, connection, f"sonic.stems_{split}", clip)
        container = "MP3" if split == "basic" else "WAV"
        add_stems(clip, task, parts, duration_s=length_s, split=split, silent=silent, container=container)
    add_notes(clip, [("Lead synth", 60), ("Acoustic bass", 80), ("Drums", 120), ("Strings", 20)], length_s)
    add_tempo(clip, 92.4, 90, 95)
    add_words(clip, length_s)
    add_voice(clip)
    keep(clip, Asset.Kind.WAV, as_file(tune(5, length_s)), ".wav", "audio/wav")


def add_family(clip: Clip, parent: Clip) -> None:
    """A parent, a child, a mashup still in the making, and a singer made of the clip."""
    task = add_task(clip.team, clip.task.person, clip.task.connection, "sonic.extend_music", clip)
    given = {"team": clip.team, "task": task}
    Clip.objects.filter(pk=clip.pk).update(parent=parent)
    Clip.objects.create(
        remote_id="longer", title="Night Drive, longer", state="ready", duration_s=31, parent=clip, **given
    )
    Clip.objects.create(remote_id="mash", title="Night Bones", second_parent=clip, position=1, **given)
    Persona.objects.create(
        team=clip.team, connection=clip.task.connection, task=task, kind="persona", name="Wren", clip=clip
    )


def demo() -> None:
    """For `manage.py shell` in the demo team: one song with everything and a bare one; prints their codes."""
    owner = (
        Membership.objects.filter(role=Role.OWNER, user__email="owner@demo.example").select_related().get()
    )
    full = add_song(owner.team, owner.user)
    add_everything(full)
    bare = add_song(owner.team, owner.user, "Bare Bones")
    add_family(full, bare)
    print(json.dumps({"full": str(full.code), "bare": str(bare.code)}))
