from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from studio.audio import convert, files
from studio.audio.files import BrokenAudio
from tests.audio import sounds

KINDS = ("wav", "flac", "ogg", "aiff", "mp3", "m4a", "aac", "opus", "webm")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return sounds.every_kind(tmp_path_factory.mktemp("sounds"), sounds.sine(seconds=3))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_recognised_by_its_bytes_and_decoded_whole(kind: str, made: dict[str, Path]) -> None:
    facts = files.probe(made[kind], expected_duration_s=3)
    assert facts.kind.name == kind
    assert facts.duration_s == pytest.approx(3, abs=0.1)
    assert (facts.sample_rate_hz, facts.channels) == (48_000, 2)
    assert facts.bit_rate_bps == pytest.approx(made[kind].stat().st_size * 8 / 3, rel=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_are_float_frames_by_channels_and_sound_like_the_source(
    kind: str, made: dict[str, Path]
) -> None:
    source = files.decode(made[kind])
    blocks = list(source)
    assert {block.dtype for block in blocks} == {np.dtype("float32")}
    assert max(len(block) for block in blocks) <= files.BLOCK_FRAMES
    assert {block.shape[1] for block in blocks} == {source.channels} == {2}
    left = np.concatenate(blocks)[12_000:108_000, 0]
    assert np.sqrt(np.mean(left**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    assert np.argmax(np.abs(np.fft.rfft(left))) == pytest.approx(440 * len(left) / 48_000, abs=2)


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_file_is_broken_for_who_knows_its_length(kind: str, made: dict[str, Path]) -> None:
    with pytest.raises(BrokenAudio):
        files.probe(sounds.halve(made[kind]), expected_duration_s=3)


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "mp3", "m4a", "aac"])
def test_half_a_file_that_says_its_length_is_broken_for_everybody(kind: str, made: dict[str, Path]) -> None:
    with pytest.raises(BrokenAudio):
        files.probe(sounds.halve(made[kind]))


def test_half_an_mp3_without_length_is_told_by_the_expected_duration_only(tmp_path: Path) -> None:
    half = sounds.halve(sounds.write_mp3_without_length(tmp_path / "a.mp3", sounds.sine(seconds=4)))
    assert files.probe(half).duration_s == pytest.approx(2, abs=0.1)
    with pytest.raises(BrokenAudio, match=r"ends after 2\.\d of 4\.0 seconds"):
        files.probe(half, expected_duration_s=4)


def test_an_mp3_of_variable_bit_rate_without_length_is_read_to_its_end(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).uniform(-0.8, 0.8, (48_000 * 10, 2)).astype(np.float32)
    quiet = np.zeros_like(noise)
    for name, halves in {"rising": (quiet, noise), "falling": (noise, quiet)}.items():
        path = sounds.write_mp3_without_length(tmp_path / f"{name}.mp3", np.concatenate(halves), vbr=True)
        assert files.probe(path).duration_s == pytest.approx(20, abs=0.1)


def test_a_tag_behind_an_mp3_is_not_damage(tmp_path: Path) -> None:
    path = sounds.write_mp3_without_length(tmp_path / "a.mp3", sounds.sine(seconds=2))
    before = files.probe(path).duration_s
    path.write_bytes(
        path.read_bytes() + b"TAG" + b"Harbour Lamps".ljust(125, b"\0") + b"APETAGEX" + bytes(500)
    )
    assert files.probe(path).duration_s == pytest.approx(before, abs=0.06)


def test_a_flac_that_was_written_as_a_stream_is_read_to_its_end(
    made: dict[str, Path], tmp_path: Path
) -> None:
    content = bytearray(made["flac"].read_bytes())
    content[21] &= 0xF0  # the low 36 bits of bytes 21-25 are the number of samples; 0 means unknown
    content[22:26] = bytes(4)
    path = tmp_path / "a.flac"
    path.write_bytes(content)
    assert files.probe(path).duration_s == pytest.approx(3, abs=0.01)


def test_the_padding_of_an_encoder_is_not_a_missing_end(tmp_path: Path) -> None:
    path = sounds.write_mp3_without_length(tmp_path / "a.mp3", sounds.sine(seconds=2))
    assert files.probe(path, expected_duration_s=2.2).duration_s < 2.2


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"<!doctype html><p>No.", b'{"type": "error"}', b"RIFF\x10\x00\x00\x00WAVEjunk", b"fLaC"],
)
def test_what_is_not_audio_is_broken(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(BrokenAudio):
        files.probe(path)


def test_audio_without_a_single_sample_is_broken(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", np.zeros((0, 2), dtype=np.float32))
    with pytest.raises(BrokenAudio, match="no audio"):
        files.probe(path)


def test_damage_in_the_middle_of_a_flac_is_found(made: dict[str, Path], tmp_path: Path) -> None:
    content = bytearray(made["flac"].read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    path = tmp_path / "a.flac"
    path.write_bytes(content)
    with pytest.raises(BrokenAudio):
        files.probe(path)


ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xfb\x90\x64", "mp3"),
        (ID3 + b"\xff\xfb\x90\x64", "mp3"),
        (ID3 + b"fLaC", "flac"),
        (b"ID3\x04\x00\x00\x00\x0f\x7f\x7f", "mp3"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"\xff\xff\xff\xff", None),
        (b"\xff\xe0\x00\x00", None),
        (b"\x00\x00\x00\x20ftypavif", None),
        (b"RIFF\x00\x00\x00\x00WEBP", None),
        (b"", None),
    ],
)
def test_sniffing_trusts_only_signatures(head: bytes, name: str | None) -> None:
    kind = files.sniff(head)
    assert (kind.name if kind else None) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"<svg xmlns=", None),
    ],
)
def test_covers_are_recognised_too(head: bytes, name: str | None) -> None:
    kind = files.sniff_image(head)
    assert (kind.name if kind else None) == name


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("to", [convert.to_wav, convert.to_flac])
def test_a_lossless_copy_holds_the_same_samples(to, bits: int, made: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "copy"
    frames = to(made["mp3"], target, bits)
    before, after = (np.concatenate(list(files.decode(path))) for path in (made["mp3"], target))
    assert frames == len(before) == len(after)
    assert np.abs(before - after).max() <= 2.0 ** (1 - bits)
    assert files.kind_of(target).name == to.__name__.removeprefix("to_")


def test_samples_above_full_scale_are_clipped_not_wrapped(tmp_path: Path) -> None:
    source, target = tmp_path / "loud.wav", tmp_path / "copy.wav"
    sf.write(source, sounds.sine(level=1.5), 48_000, subtype="FLOAT")
    convert.to_wav(source, target)
    copy = np.concatenate(list(files.decode(target)))
    assert copy.max() > 0.999
    assert np.abs(np.diff(copy[:, 0])).max() < 0.2  # a wrapped sample would jump by nearly 2


def test_a_conversion_that_breaks_off_leaves_nothing_behind(made: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "copy.wav"
    with pytest.raises(BrokenAudio):
        convert.to_wav(sounds.halve(made["mp3"]), target)
    assert not target.exists()
    with pytest.raises(OSError, match="could not be written"):
        convert.to_wav(made["mp3"], tmp_path / "no folder" / "copy.wav")
