"""Music videos: what is in the file, that the picture follows the music, and what cannot be filmed."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from studio.engine import lettering, screen
from studio.engine.spec import Cancelled, SpecError, TimedWord
from studio.engine.video import FPS, UNDRAWABLE, Video, make_video
from studio.offline import covers

RATE_HZ = 44_100
LENGTH_S = 6.3
WORDS = (
    TimedWord("[Verse]\nPaper ", 1.5, 1.9), TimedWord("boats\n", 1.9, 2.6),
    TimedWord("Carry ", 2.9, 3.1), TimedWord("me\n\n", 3.1, 3.3),
)  # fmt: skip


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone that swells: quiet at first, loud in the end."""
    at_s = np.arange(int(LENGTH_S * RATE_HZ)) / RATE_HZ
    tone = np.sin(2 * np.pi * 220 * at_s) * np.linspace(0.02, 0.7, len(at_s))
    path = tmp_path_factory.mktemp("video") / "song.flac"
    soundfile.write(path, np.stack([tone, tone], axis=1), RATE_HZ)
    return path


@pytest.fixture(scope="module")
def filmed(song: Path) -> tuple[Video, list[np.ndarray]]:
    cover = song.with_name("cover.jpg")
    cover.write_bytes(covers.draw(7, 0, "dream pop"))
    video = make_video(song, song.with_name("v.webm"), cover=cover, words=WORDS, title="Paper Boats")
    with av.open(str(video.path)) as container:
        return video, [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_file_holds_vp9_pictures_and_opus_sound_of_the_songs_length(filmed) -> None:
    video, frames = filmed
    with av.open(str(video.path)) as container:
        pictures, sound = container.streams.video[0], container.streams.audio[0]
        assert (pictures.codec.canonical_name, sound.codec.canonical_name) == ("vp9", "opus")
        assert (pictures.width, pictures.height) == (1280, 720)
        assert float(pictures.average_rate) >= 10
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert len(frames) / FPS == pytest.approx(LENGTH_S, abs=0.1)
    assert samples / 48_000 == pytest.approx(LENGTH_S, abs=0.1)
    assert (video.frames, video.remarks) == (len(frames), ())


def test_no_second_looks_like_the_one_before(filmed) -> None:
    _video, frames = filmed
    seconds = [frame.astype(int) for frame in frames[::FPS]]
    changes = [np.abs(one - other).mean() for one, other in pairwise(seconds)]

    assert min(changes) > 0.15


def test_the_playhead_line_says_how_much_has_been_heard(filmed) -> None:
    _video, frames = filmed
    accent = screen.accent_of(np.asarray(frames[0][104:488, 96:480]))
    shares = []
    for number in (20, 60):
        row = frames[number][screen.LINE_Y + 1].astype(float)
        reached = np.abs(row - accent).sum(axis=1) < np.abs(row - row[-1]).sum(axis=1)
        shares.append(reached.mean())

    assert shares == pytest.approx([20 / FPS / LENGTH_S, 60 / FPS / LENGTH_S], abs=0.03)


def test_words_come_when_they_are_sung_and_light_up_from_the_left(filmed) -> None:
    _video, frames = filmed

    def seen(at_s: float) -> np.ndarray:
        area = frames[round(at_s * FPS)][
            screen.WORDS_Y : screen.WORDS_Y + 60, screen.TEXT_X : screen.TEXT_RIGHT
        ]
        return area.astype(float).max(axis=2)

    empty = seen(0.1)
    before, during, after = (np.abs(seen(at_s) - empty) for at_s in (1.3, 2.2, 6.2))
    assert before.max() > 50 and np.percentile(after, 99.5) < 15
    width = max(np.flatnonzero(before.max(axis=0) > 40))
    left, right = slice(0, width // 2), slice(round(width * 0.85), width)
    assert during[:, left].max() > before[:, left].max() + 15
    assert during[:, right].max() == pytest.approx(before[:, right].max(), abs=15)


def test_a_word_stays_on_its_line_from_shortly_before_to_shortly_after() -> None:
    lines = screen.lines_of(WORDS)

    assert [[word.text for word in line.words] for line in lines] == [["Paper", "boats"], ["Carry", "me"]]
    assert all(line.shows_s < line.words[0].start_s <= line.words[-1].end_s <= line.hides_s for line in lines)
    assert lines[0].hides_s <= lines[1].shows_s
    assert screen.lines_of([]) == []


def test_the_alphabet_has_the_letters_of_western_european_songs_and_says_which_it_lacks() -> None:
    text = "Élan, naïve Ängström! Straße señor ação œuvre “quoted” — it’s 5%…"

    assert lettering.is_drawable(text)
    assert not lettering.is_drawable("さくら")
    drawn = {char: lettering.row([char], 40).mask for char in "aábdeg"}
    assert all(mask.max() == 1 for mask in drawn.values())
    assert drawn["á"].sum() > drawn["a"].sum()
    assert len({mask.tobytes() for mask in drawn.values()}) == len(drawn)


def test_long_lines_are_broken_or_made_smaller_so_that_they_stay_on_the_screen() -> None:
    words = [TimedWord("Everlasting", n, n + 1) for n in range(14)]
    rows = screen.rows_of(words)

    assert len(rows) > 1
    room = screen.TEXT_RIGHT - screen.TEXT_X
    assert all(row.text.width_px <= room + 12 for row in rows)
    assert screen.fitted("Wide words " * 40, 50, room).width_px <= room + 12


def test_letters_that_cannot_be_drawn_are_told_of_and_leave_the_music(song: Path, tmp_path: Path) -> None:
    video = make_video(song, tmp_path / "v.webm", words=[TimedWord("さくら", 1, 2)], title="桜")

    assert video.remarks == (UNDRAWABLE,)
    assert video.path.stat().st_size > 20_000


def test_a_cancelled_video_and_one_of_no_audio_leave_nothing(song: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        make_video(song, tmp_path / "v.webm", is_cancelled=lambda: True)
    (tmp_path / "text.mp3").write_text("no audio")
    with pytest.raises(SpecError, match="cannot be read"):
        make_video(tmp_path / "text.mp3", tmp_path / "v.webm")

    assert [path.name for path in tmp_path.iterdir()] == ["text.mp3"]


def test_filming_costs_a_quarter_of_the_songs_time_at_most(song: Path, tmp_path: Path) -> None:
    began_s = time.process_time()
    make_video(song, tmp_path / "v.webm", words=WORDS)

    assert time.process_time() - began_s < LENGTH_S * 0.25 + 1.5  # the still picture comes on top
