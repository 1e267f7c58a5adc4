"""Taking uploads apart and writing down what is in them: stems, voice, notes, tempo, a WAV, a singer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import mido

from studio.audio.convert import to_wav
from studio.audio.files import BrokenAudio, decode
from studio.engine import encode
from studio.engine.analysis.likeness import estimate_persona
from studio.engine.analysis.melody import is_voice_alone
from studio.engine.analysis.pitch import track_pitch
from studio.engine.analysis.separating import is_sung, separate, separator
from studio.engine.analysis.separating import remarks as ways
from studio.engine.analysis.song import Analysis
from studio.engine.analysis.transcribing import HeardNote, transcribe
from studio.engine.analysis.voice_notes import notes_of_voice
from studio.engine.loudness import loudness_lufs
from studio.engine.packs import require
from studio.engine.spec import SpecError
from studio.engine.takes import hidden_folder
from studio.engine.uploads.work import (
    FACTS,
    Edited,
    IsCancelled,
    OnStage,
    Steps,
    Upload,
    doubts,
    facts_of,
    open_upload,
    write_facts,
)

TICKS_PER_BEAT = 480
NETS = {"nets": "Spleeter, 2 stems", "simple": "none, the simple way"}
ALONE_LU = 12.0
TWELVE = (
    "Twelve stems cannot be had from a finished recording: what works here tells the voice from the "
    "accompaniment, and dividing by frequency bands would give no instruments. Ask for 2 stems, vocals and "
    "accompaniment, instead."
)
ESTIMATED = "The parts were estimated from the finished mix; traces of each remain in the other."
ESTIMATE = "The notes were heard, not known: expect missing and wrong ones."


def stems(
    source: Path, out: Path, count: int = 2, *, on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """vocals and accompaniment as stems/NAME.flac; they sum to the recording. Raises SpecError for another
    number than two."""
    if count != 2:
        raise SpecError(TWELVE)
    return _separated(source, out, ("vocals", "accompaniment"), "stems", on_stage, is_cancelled)


def vox(
    source: Path, out: Path, *, on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None
) -> Edited:  # fmt: skip
    """The voice alone as stems/vocals.flac."""
    return _separated(source, out, ("vocals",), "vox", on_stage, is_cancelled)


def _separated(
    source: Path, out: Path, names: Sequence[str], operation: str, on_stage: OnStage | None,
    is_cancelled: IsCancelled | None,
) -> Edited:  # fmt: skip
    steps = Steps(("reading", "separating", "encoding"), on_stage, is_cancelled)
    steps.enter("reading")
    upload = open_upload(source)
    steps.enter("separating")
    parts = separate(upload.audio, steps.report)
    steps.enter("encoding")
    whole = loudness_lufs(upload.audio.T)
    levels = {name: round(loudness_lufs(parts[name].T), 1) for name in names}
    remarks = list(ways() or (ESTIMATED,))
    if not is_sung(levels["vocals"], whole):
        remarks.append("Hardly any singing was found in this recording.")
    facts = {"operation": operation, "loudness_lufs": levels, "net": NETS[separator()]}
    paths = {name: f"stems/{name}.flac" for name in names}
    with hidden_folder(Path(out)) as work:
        (work / "stems").mkdir()
        for name in names:
            encode.write_flac(parts[name], work / paths[name])
        write_facts(work / FACTS, facts, tuple(remarks))
        (Path(out) / "stems").mkdir(exist_ok=True)
        for file in (*paths.values(), FACTS):
            (work / file).replace(Path(out) / file)
    found = {name: Path(out) / file for name, file in paths.items()}
    return _written(upload, out, facts, tuple(remarks), found)


def _written(
    upload: Upload,
    out: Path,
    facts: Mapping[str, object],
    remarks: tuple[str, ...],
    paths: Mapping[str, Path],
) -> Edited:
    length = round(upload.samples / 44_100, 3)
    return Edited(upload.title, length, {**paths, "facts": Path(out) / FACTS}, facts, remarks)


def bpm(
    source: Path, out: Path | None = None, *, around: float | None = None, on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """Tempo with confidence and alternatives, bars, key and chords; written as edit.json when `out` is
    given. `around` is a tempo known beforehand."""
    steps = Steps(("analysing",), on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source, around)
    facts = {"operation": "bpm", **facts_of(upload.heard)}
    remarks = doubts(upload.heard)
    if out is None:
        return Edited(upload.title, round(upload.heard.duration_s, 3), {}, facts, remarks)
    with hidden_folder(Path(out)) as work:
        write_facts(work / FACTS, facts, remarks)
        (work / FACTS).replace(Path(out) / FACTS)
    return _written(upload, Path(out), facts, remarks, {})


def midi(
    source: Path, out: Path, *, on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None
) -> Edited:  # fmt: skip
    """song.mid and notes.json with the notes that were heard, on the tempo that was heard. An estimate.

    The voice gets a track of its own, from its pitch. Drums are not written.
    Raises EngineUnavailable without the pack "transcription".
    """
    require("transcription")
    steps = Steps(("analysing", "separating", "transcribing", "encoding"), on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source)
    heard = upload.heard
    tracks: dict[str, tuple[HeardNote, ...]] = {}
    rest = upload.audio
    steps.enter("separating")
    parts = separate(upload.audio, steps.report)
    if is_sung(loudness_lufs(parts["vocals"].T), heard.loudness_lufs):
        tracks["voice"] = tuple(
            HeardNote(n.start_s, n.end_s, n.pitch, 90) for n in notes_of_voice(track_pitch(parts["vocals"]))
        )
        rest = parts["accompaniment"]
    steps.enter("transcribing")
    tracks["instruments"] = transcribe(rest)
    steps.enter("encoding")
    facts = {"operation": "midi", "source": facts_of(heard), "notes": {k: len(v) for k, v in tracks.items()}}
    remarks = (ESTIMATE, *doubts(heard), *ways())
    with hidden_folder(Path(out)) as work:
        write_midi(tracks, heard, work / "song.mid")
        rows = {
            "is_estimate": True,
            "instruments": [_instrument(name, notes) for name, notes in tracks.items()],
        }
        (work / "notes.json").write_text(json.dumps(rows, separators=(",", ":")), "utf-8")
        write_facts(work / FACTS, facts, remarks)
        for file in ("song.mid", "notes.json", FACTS):
            (work / file).replace(Path(out) / file)
    paths = {"midi": Path(out) / "song.mid", "notes": Path(out) / "notes.json"}
    return _written(upload, Path(out), facts, remarks, paths)


def _instrument(name: str, notes: Sequence[HeardNote]) -> dict[str, object]:
    rows = [
        {"pitch": n.pitch, "start": n.start_s, "end": n.end_s, "velocity": n.velocity / 127} for n in notes
    ]
    return {"name": name, "notes": rows}


def write_midi(tracks: dict[str, tuple[HeardNote, ...]], heard: Analysis, path: Path) -> None:
    """Type 1, at the tempo that was heard, its first downbeat on a bar line, sections as markers."""
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    lead = float(heard.downbeats_s[0]) if len(heard.downbeats_s) else 0.0
    bar_s = heard.bar_s
    offset_s = (-lead) % bar_s if lead > 0.02 else -lead

    def ticks(seconds: float) -> int:
        return max(0, round((seconds + offset_s) * heard.bpm / 60 * TICKS_PER_BEAT))

    conductor = [
        (0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(heard.bpm))),
        (0, mido.MetaMessage("time_signature", numerator=heard.bar_beats, denominator=4)),
    ]
    conductor += [(ticks(start), mido.MetaMessage("marker", text=name)) for name, start, _ in heard.sections]
    file.tracks.append(_track("tempo (estimated)", conductor))
    for number, (name, notes) in enumerate(tracks.items()):
        events = []
        for n in notes:
            first, last = ticks(n.start_s), max(ticks(n.end_s), ticks(n.start_s) + 1)
            events.append((first, mido.Message("note_on", note=n.pitch, velocity=n.velocity, channel=number)))
            events.append((last, mido.Message("note_off", note=n.pitch, velocity=0, channel=number)))
        file.tracks.append(_track(f"{name} (estimated)", events))
    file.save(path)


def _track(name: str, events: Sequence[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)])
    now = 0
    for tick, message in sorted(events, key=lambda item: (item[0], item[1].type == "note_on")):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def wav(
    source: Path, out: Path, *, on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None
) -> Edited:  # fmt: skip
    """mix.wav, 24 bit, at the recording's own rate and channels: decoding adds nothing that was lost before.

    Raises SpecError for what cannot be read.
    """
    steps = Steps(("encoding",), on_stage, is_cancelled)
    steps.enter("encoding")
    path = Path(source)
    if not path.is_file():
        raise SpecError(f"There is no file {path.name}. Upload the recording again.")
    try:
        facts = {"operation": "wav", "sample_rate_hz": decode(path).sample_rate_hz, "bits": 24}
        with hidden_folder(Path(out)) as work:
            frames = to_wav(path, work / "mix.wav", 24)
            write_facts(work / FACTS, facts, ())
            for file in ("mix.wav", FACTS):
                (work / file).replace(Path(out) / file)
    except BrokenAudio as error:
        raise SpecError(f"{path.name} cannot be used: {error}") from None
    paths = {"wav": Path(out) / "mix.wav", "facts": Path(out) / FACTS}
    return Edited(path.stem, round(frames / int(str(facts["sample_rate_hz"])), 3), paths, facts)


def make_persona(
    source: Path, out: Path, name: str, *, on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """persona.json: a singer with the range, brightness, vibrato and throat of the recorded one. A likeness,
    not a copy. The voice is taken out of a mix.

    Raises SpecError for too short, too noisy or silent voices, with the figures.
    """
    steps = Steps(("reading", "separating", "measuring"), on_stage, is_cancelled)
    steps.enter("reading")
    upload = open_upload(source)
    voice = upload.audio
    taken: tuple[str, ...] = ()
    # A voice that is alone already only loses by being taken out.
    if not is_voice_alone(voice):
        steps.enter("separating")
        parts = separate(upload.audio, steps.report)
        if loudness_lufs(parts["accompaniment"].T) > loudness_lufs(parts["vocals"].T) - ALONE_LU:
            voice, taken = parts["vocals"], ways()
    steps.enter("measuring")
    persona = replace(estimate_persona(voice), name=name.strip() or upload.title)
    facts: dict[str, object] = {"operation": "make_persona", "persona": asdict(persona)}
    remarks = (
        "This is a likeness made of a few measured traits, not a copy of the voice. "
        "Use it only with the singer's consent.",
        *taken,
    )
    with hidden_folder(Path(out)) as work:
        (work / "persona.json").write_text(json.dumps(asdict(persona), indent=1), "utf-8")
        write_facts(work / FACTS, facts, remarks)
        for file in ("persona.json", FACTS):
            (work / file).replace(Path(out) / file)
    return _written(upload, Path(out), facts, remarks, {"persona": Path(out) / "persona.json"})


__all__ = ["bpm", "make_persona", "midi", "stems", "vox", "wav", "write_midi"]
