"""Sleeves: the same for the same clip, different for its sister, small enough to send."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from studio.offline import cover_shapes, covers

MUSIC = np.abs(np.sin(np.linspace(0, 20, 256))).astype(np.float32)


def pixels(jpeg: bytes) -> np.ndarray:
    frame = av.CodecContext.create("mjpeg", "r").decode(av.Packet(jpeg))[0]
    return frame.to_ndarray(format="rgb24").astype(np.float32)


@pytest.mark.parametrize("family", cover_shapes.FAMILIES, ids=lambda family: family.__name__)
def test_every_family_draws_a_picture_that_is_neither_empty_nor_heavy(
    family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cover_shapes, "FAMILIES", (family,))
    for position in range(4):
        jpeg = covers.draw(41, position, "pop, dreamy", MUSIC)
        found = pixels(jpeg)

        assert found.shape == (640, 640, 3)
        assert found.std() > 12
        assert len(jpeg) < 120_000


def test_the_same_clip_always_gets_the_same_sleeve() -> None:
    assert covers.draw(7, 0, "techno", MUSIC) == covers.draw(7, 0, "techno", MUSIC)


@pytest.mark.parametrize("seed", range(8))
def test_two_takes_can_be_told_apart(seed: int) -> None:
    one, other = (pixels(covers.draw(seed, position, "folk", MUSIC)) for position in (0, 1))

    assert np.abs(one - other).mean() > 25


def test_two_takes_share_their_palette() -> None:
    rng = [np.random.default_rng([9, 0x5EE7]) for _ in range(2)]

    assert covers._palette("folk, warm", rng[0]) == covers._palette("folk, warm", rng[1])


@pytest.mark.parametrize(
    ("tags", "word"), [("Hard Metal, angry", "metal"), ("EDM, club", "edm"), ("lo-fi, slow", "lo-fi")]
)
def test_the_tags_choose_the_palette(tags: str, word: str) -> None:
    palettes = {covers._palette(tags, np.random.default_rng(seed)) for seed in range(20)}

    assert {word in palette.words.split() for palette in palettes} == {True}


def test_a_sleeve_needs_neither_tags_nor_music() -> None:
    assert covers.draw(3, 0, "", None)
    assert covers.draw(3, 0, "", np.zeros(256, np.float32))


def test_the_outline_follows_the_loudness(tmp_path: Path) -> None:
    swell = np.linspace(0, 1, 44_100) * np.sin(np.arange(44_100) * 0.1)
    soundfile.write(tmp_path / "swell.flac", np.column_stack([swell, swell]), 44_100)

    found = covers.outline(tmp_path / "swell.flac")

    assert len(found) == covers.OUTLINE_POINTS
    assert found.max() == 1
    assert found[:64].mean() < found[64:128].mean() < found[128:192].mean() < found[192:].mean()


def test_a_file_of_a_few_samples_has_an_outline_too(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "blip.flac", np.zeros(40), 44_100)

    assert covers.outline(tmp_path / "blip.flac").max() == 0
