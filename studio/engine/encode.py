"""Float audio to FLAC and MP3, the score to a MIDI file, the words to a timeline file."""

import io
import json
from pathlib import Path

import lameenc
import mido
import numpy as np
import soundfile

from studio.engine.loudness import true_peak_dbtp
from studio.engine.perform import Performance, Played, PlayedTrack
from studio.engine.score import Score
from studio.engine.spec import SAMPLE_RATE_HZ, TimedWord

MP3_KBIT_S = 192
MP3_CEILING_DBTP = -1.0
MP3_ATTEMPTS = 3
# At 192 kbit/s LAME turns its input down to 0.97 before it encodes; this undoes it.
MP3_GAIN = 1 / 0.97
TICKS_PER_BEAT = 480


def write_flac(audio: np.ndarray, path: Path) -> None:
    """24-bit FLAC of float (2, samples)."""
    soundfile.write(path, audio.T, SAMPLE_RATE_HZ, subtype="PCM_24", format="FLAC")


def write_mp3(audio: np.ndarray, path: Path) -> None:
    """192 kbit/s MP3 of float (2, samples), as loud as `audio`. Decoded, it stays under -1 dBTP too."""
    gain = MP3_GAIN
    for _ in range(MP3_ATTEMPTS):
        coded = _mp3(audio * np.float32(gain))
        decoded, _ = soundfile.read(io.BytesIO(coded), dtype="float32", always_2d=True)
        over_db = true_peak_dbtp(decoded) - MP3_CEILING_DBTP
        if over_db <= 0:
            break
        gain *= 10 ** (-(over_db + 0.03) / 20)
    path.write_bytes(coded)


def _mp3(audio: np.ndarray) -> bytes:
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(MP3_KBIT_S)
    encoder.set_in_sample_rate(SAMPLE_RATE_HZ)
    encoder.set_channels(2)
    encoder.set_quality(5)
    encoder.silence()
    pcm = np.clip(np.round(audio.T * 32767), -32768, 32767).astype("<i2")
    return bytes(encoder.encode(pcm.tobytes())) + bytes(encoder.flush())


def write_timeline(words: tuple[TimedWord, ...], path: Path) -> None:
    rows = [{"word": w.text, "start_s": w.start_s, "end_s": w.end_s} for w in words]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def write_midi(score: Score, performance: Performance, path: Path) -> None:
    """A type 1 file at the song's tempo: section markers, lyric events, one track for each player.

    Times are the performance's, so the file sounds like the song; beats follow the written tempo.
    """
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_conductor(score, performance))
    channels = iter([c for c in range(16) if c != 9] * 4)
    for track in performance.tracks:
        channel = 9 if track.instrument.bank == 128 or track.role == "kick" else next(channels)
        if track.role != "riser":
            file.tracks.append(_player(score, track, channel))
    file.save(path)


def _ticks(score: Score, seconds: float) -> int:
    return max(0, round(seconds * score.bpm / 60 * TICKS_PER_BEAT))


def _conductor(score: Score, performance: Performance) -> mido.MidiTrack:
    upper, lower = (int(part) for part in score.meter.split("/"))
    messages: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=_latin(score.title))),
        (0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(score.bpm))),
        (0, mido.MetaMessage("time_signature", numerator=upper, denominator=lower)),
    ]
    messages += [
        (_ticks(score, start), mido.MetaMessage("marker", text=_latin(name)))
        for name, start, _ in performance.sections
    ]
    messages += [
        (_ticks(score, word.start_s), mido.MetaMessage("lyrics", text=_latin(word.text)))
        for word in performance.words
    ]
    return _track(messages)


def _player(score: Score, track: PlayedTrack, channel: int) -> mido.MidiTrack:
    messages: list[tuple[int, mido.Message | mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=_latin(f"{track.role}: {track.instrument.name}"))),
        (0, mido.Message("program_change", channel=channel, program=track.instrument.program)),
    ]
    for note in track.notes:
        messages += _on_off(score, note, channel)
    return _track(messages)


def _on_off(score: Score, note: Played, channel: int) -> list[tuple[int, mido.Message]]:
    start, end = _ticks(score, note.start_s), _ticks(score, note.end_s)
    pitch = max(0, min(127, note.pitch))
    return [
        (start, mido.Message("note_on", channel=channel, note=pitch, velocity=note.velocity)),
        (max(end, start + 1), mido.Message("note_off", channel=channel, note=pitch, velocity=0)),
    ]


def _track(messages: list[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for tick, message in sorted(messages, key=lambda item: (item[0], item[1].type == "note_on")):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _latin(text: str) -> str:
    """MIDI text is Latin-1 by custom; what it cannot hold is dropped from the file, not from the song."""
    return text.encode("latin-1", "ignore").decode("latin-1")
