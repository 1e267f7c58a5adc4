"""Swaps, variations, other words, what comes before a song, and planned sections: on paper, without sound."""

from __future__ import annotations

import pytest

from studio.engine import edits
from studio.engine.planning import write_score
from studio.engine.score import Score
from studio.engine.segments import segment_score
from studio.engine.spec import SongSpec, SpecError

VERSE = (
    "[Verse]\nPaper boats along the gutter, rain is keeping time\n"
    "Every street a silver ribbon, every door a rhyme"
)
CHORUS = "[Chorus]\nCarry me over, carry me on\nWe will be singing when the water is gone"
WORDS = f"{VERSE}\n\n{CHORUS}"
OTHERS = (
    "[Verse]\nSilver moons above the harbour, nobody will know\n"
    "Every lamp a little number, every wave is slow\n\n"
    "[Chorus]\nFollow me over, follow me down\nWe will be dancing all through the town"
)
STYLES = ("dream pop, female vocals", "rock, male vocals", "jazz", "hip hop, rap")


def song(tags: str = STYLES[0], lyrics: str = WORDS, duration_s: float = 40) -> Score:
    return write_score(SongSpec(lyrics=lyrics, tags=tags, duration_s=duration_s, seed=5))


def lead(score: Score) -> list[int]:
    return [note.pitch for line in score.vocals if line.part == "lead" for note in line.notes]


@pytest.mark.parametrize("tags", STYLES)
@pytest.mark.parametrize("sound", ["smooth male pop vocal", "husky female voice", ""])
def test_another_singer_sings_the_same_tune_over_the_same_players(tags: str, sound: str) -> None:
    old = song(tags)
    new = edits.swap_vocals_score(old, sound)

    assert new.persona.name != old.persona.name
    assert new.persona.gender == {"smooth": "m", "husky": "f"}.get(sound.split(" ")[0], new.persona.gender)
    assert new.lyrics == old.lyrics
    steps = {after - before for before, after in zip(lead(old), lead(new), strict=True)}
    assert len(steps) == 1
    if new.key == old.key:
        assert [track.notes for track in new.tracks] == [track.notes for track in old.tracks]
        assert steps.pop() % 12 == 0
    inside = [new.persona.low - 3 <= pitch <= new.persona.high + 3 for pitch in lead(new)]
    assert sum(inside) > 0.9 * len(inside)


def test_strength_is_how_much_of_the_new_singers_manner_comes_along() -> None:
    old = song("jazz")
    full, some, none = (
        edits.swap_vocals_score(old, "male belting rock vocal", strength=strength).persona
        for strength in (0.7, 0.35, 0.0)
    )

    assert full.name == some.name == none.name != old.persona.name
    assert none.vibrato_cents == pytest.approx(old.persona.vibrato_cents)
    assert some.vibrato_cents == pytest.approx((full.vibrato_cents + old.persona.vibrato_cents) / 2)


def test_another_band_leaves_singer_and_tune() -> None:
    old = song()
    new = edits.swap_sound_score(old, "bossa nova, nylon guitar", strength=0.9)

    assert (new.persona, new.lyrics) == (old.persona, old.lyrics)
    assert new.style != old.style
    assert len({after - before for before, after in zip(lead(old), lead(new), strict=True)}) == 1
    with pytest.raises(SpecError, match="Describe the new sound"):
        edits.swap_sound_score(old, " ")


@pytest.mark.parametrize("tags", STYLES)
def test_a_variation_is_the_same_song_with_other_playing(tags: str) -> None:
    old = song(tags)
    new = edits.variation_score(old, seed=3)

    assert (new.lyrics, new.style, new.bpm, new.key, lead(new)) == (
        old.lyrics,
        old.style,
        old.bpm,
        old.key,
        lead(old),
    )
    same = [track for track in new.tracks if track.notes in [other.notes for other in old.tracks]]
    assert len(same) <= len(new.tracks) / 2
    assert edits.variation_score(old, seed=3) == new


def test_other_words_keep_the_tune_where_they_have_its_rhythm() -> None:
    old = song()
    new = edits.reworded(old, OTHERS)

    assert new.lyrics == OTHERS
    assert [s.name for s in new.sections] == [s.name for s in old.sections]
    assert sum(a == b for a, b in zip(lead(old), lead(new), strict=False)) > 0.4 * len(lead(old))
    assert edits.reworded(old, WORDS.upper()) is old and edits.reworded(old, "") is old


def test_words_that_find_no_room_get_bars_of_their_own_before_the_ending() -> None:
    old = song(lyrics=VERSE, duration_s=12)
    new = edits.reworded(old, WORDS)

    assert new.lyrics == WORDS
    assert "chorus" in [section.kind for section in new.sections] and new.sections[-1].kind == "outro"
    assert (new.bpm, new.key, new.persona) == (old.bpm, old.key, old.persona)


@pytest.mark.parametrize("tags", STYLES)
@pytest.mark.parametrize("lyrics", ["", VERSE.replace("Paper", "Wooden")])
def test_new_bars_lead_into_a_song_that_stays_as_it_was(tags: str, lyrics: str) -> None:
    old = song(tags)
    new, begins = edits.precede_score(old, lyrics, seed=1, duration_s=30)

    assert begins * 60 / old.bpm == pytest.approx(30, abs=2.5 * old.bar_beats * 60 / old.bpm)
    assert (new.bpm, new.tonic, new.persona) == (old.bpm, old.sections[0].tonic, old.persona)
    assert lead(new)[-len(lead(old)) :] == lead(old)
    assert new.lyrics.endswith(old.lyrics) and ("Wooden" in new.lyrics) == bool(lyrics)
    assert [chord.symbol for chord in new.chords][-len(old.chords) :] == [
        chord.symbol for chord in old.chords
    ]
    assert any(note.start_beat < begins for track in new.tracks for note in track.notes)


@pytest.mark.parametrize("seed", range(6))
def test_planned_sections_have_their_lengths_to_within_a_bar(seed: int) -> None:
    plan = [("intro", 20), ("verse", 25), ("inst", 5), ("bridge", 12), ("chorus", 30), ("outro", 15)]
    score = segment_score(SongSpec(description="cinematic background score", seed=seed), plan)

    bar_s = score.bar_beats * 60 / score.bpm
    assert [section.kind for section in score.sections] == [
        "intro",
        "verse",
        "solo",
        "bridge",
        "chorus",
        "outro",
    ]
    lengths = [section.length_beats * 60 / score.bpm for section in score.sections]
    assert lengths[:-1] == pytest.approx([length for _, length in plan[:-1]], abs=bar_s)
    assert sum(lengths) + 2.7 == pytest.approx(107, abs=bar_s)
    assert score.tune and not score.vocals


def test_nobody_can_be_swapped_where_nobody_sings() -> None:
    played = write_score(SongSpec(tags="jazz", instrumental=True, duration_s=20, seed=2))

    with pytest.raises(SpecError, match="Nobody sings"):
        edits.swap_vocals_score(played, "female vocal")
    assert edits.swap_vocals_score(played, "female vocal", VERSE).vocals
