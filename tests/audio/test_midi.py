from __future__ import annotations

import io

import pytest

from studio.audio import midi
from studio.audio.midi import BrokenMidi, Instrument, Note

mido = pytest.importorskip("mido")

PIANO = Instrument("Piano", (Note(0.5, 1.0, 60, 0.5), Note(1.0, 1.5, 64, 1.0), Note(1.0, 2.0, 60, 0.25)))
DRUMS = Instrument("Drums", (Note(0.0, 0.1, 36, 0.9),))


def test_what_is_written_is_read_again() -> None:
    piano, drums = midi.read(midi.write([PIANO, DRUMS]))
    assert (piano.name, drums.name) == ("Piano", "Drums")
    for read, written in zip(piano.notes, PIANO.notes[:1] + PIANO.notes[2:] + PIANO.notes[1:2], strict=True):
        assert (read.start_s, read.end_s) == pytest.approx((written.start_s, written.end_s), abs=0.002)
        assert read.pitch == written.pitch
        assert read.velocity == pytest.approx(written.velocity, abs=0.005)


def test_another_reader_understands_what_is_written() -> None:
    file = mido.MidiFile(file=io.BytesIO(midi.write([PIANO, DRUMS])))
    assert (file.type, len(file.tracks)) == (1, 3)
    assert file.length == pytest.approx(2.0, abs=0.01)
    begun = [(message.note, message.channel) for message in file if message.type == "note_on"]
    assert sorted(begun) == [(36, 9), (60, 0), (60, 0), (64, 0)]


def test_what_another_writer_writes_is_read_with_its_tempo_changes() -> None:
    file = mido.MidiFile(ticks_per_beat=96)
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("track_name", name="Bass"))
    track.append(mido.MetaMessage("set_tempo", tempo=1_000_000))
    track.append(mido.Message("program_change", program=33))
    track.append(mido.Message("note_on", note=40, velocity=64, time=96))
    track.append(
        mido.Message("note_on", note=40, velocity=0, time=96)
    )  # means off, and shares its status byte
    track.append(mido.MetaMessage("set_tempo", tempo=250_000, time=0))
    track.append(mido.Message("note_on", note=45, velocity=127, time=96))
    track.append(mido.Message("pitchwheel", pitch=100, time=0))
    track.append(mido.Message("note_off", note=45, time=96))
    target = io.BytesIO()
    file.save(file=target)
    [bass] = midi.read(target.getvalue())
    assert bass.name == "Bass"
    assert [(note.start_s, note.end_s, note.pitch) for note in bass.notes] == [(1, 2, 40), (2.25, 2.5, 45)]


def test_pitches_and_loudnesses_that_do_not_exist_are_brought_into_range() -> None:
    [one] = midi.read(midi.write([Instrument("x", (Note(-1.0, -0.5, 200, 7.0),))]))
    assert [(note.pitch, note.velocity, note.start_s) for note in one.notes] == [(127, 1.0, 0.0)]


@pytest.mark.parametrize(
    "data",
    [b"", b"RIFF....", b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\xe2\x50", midi.write([PIANO])[:70]],
)
def test_what_is_no_midi_file_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenMidi):
        midi.read(data)


def test_an_empty_piece_is_a_file_without_notes() -> None:
    assert midi.read(midi.write([])) == ()
