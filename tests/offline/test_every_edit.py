"""What every operation of the provider does to the sound: measured on its real output, no labels read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from studio.engine.analysis.pitch import track_pitch
from studio.engine.analysis.song import analyse
from studio.engine.score import Score, from_json
from studio.offline import api
from studio.offline.transport import ORIGIN
from tests.offline.workshop import (
    RATE_HZ,
    STARS,
    Audio,
    Workshop,
    between,
    heard,
    level_db,
    residual_db,
    sound,
    take_of,
    workshop,
)

BAR_S = 2.0  # of the songs in 4/4 at 120 bpm
WINDOW_S = (6.0, 10.0)


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of one for each test: what one test has made, the next one measures too."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def shop(db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with workshop(tmp_path_factory.mktemp("workshop")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _own_data_folder(shop: Workshop) -> None:
    """The workshop's folder, in place of one for each test."""


def score_of(clip: dict[str, Any]) -> Score:
    return from_json((take_of(clip).folder / "score.json").read_text("utf-8"))


def cut_s(shop: Workshop) -> float:
    """The bar line before the chorus, where nobody is in the middle of a line."""
    chorus = next(row for row in shop.stars["alignment"] if row["word"].startswith("[Chorus]"))
    return float((chorus["start_s"] + 0.1) // BAR_S * BAR_S)


def extension(shop: Workshop) -> dict[str, Any]:
    return shop.make(
        "create",
        task_type="extend_music",
        custom_mode=True,
        mv="sonic-v5",
        prompt="[Chorus]\nStarry night, let your light ignite",
        continue_clip_id=shop.stars["clip_id"],
        continue_at=cut_s(shop),
    )[0]


def whole(shop: Workshop) -> dict[str, Any]:
    return shop.make("create", task_type="concat_music", continue_clip_id=extension(shop)["clip_id"])[0]


def spectrum_db(audio: Audio) -> Any:
    """Power in octaves from 62 Hz to 16 kHz, in dB of the whole."""
    power = np.abs(np.fft.rfft(audio.mean(axis=0))) ** 2
    hz = np.fft.rfftfreq(audio.shape[1], 1 / RATE_HZ)
    edges = 62.5 * 2.0 ** np.arange(9)
    bands = [power[(hz >= low) & (hz < high)].sum() for low, high in itertools.pairwise(edges)]
    return 10 * np.log10(np.array(bands) / power.sum())


def loudness_curve_db(audio: Audio) -> Any:
    """The level of every half second."""
    count = audio.shape[1] // (RATE_HZ // 2)
    return np.array([level_db(between(audio, n / 2, n / 2 + 0.5)) for n in range(count)])


def melody(shop: Workshop, clip: dict[str, Any]) -> list[int]:
    return [int(note["pitch"]) for note in shop.notes(clip)["Lead vocal"]]


def steps(pitches: list[int]) -> list[int]:
    return [b - a for a, b in itertools.pairwise(pitches)]


TABLE = "table: edits of the offline provider, measured"
Telling = Callable[[str, str], None]


@pytest.fixture
def told(record_property: Callable[[str, str], None]) -> Telling:
    """Notes a figure for the table at the end of the run."""
    return lambda what, figure: record_property(TABLE, f"{what:58}{figure}")


def test_an_extension_goes_on_from_the_given_second(shop: Workshop, told: Telling) -> None:
    before, after, at_s = heard(shop.stars), heard(whole(shop)), cut_s(shop)

    kept_db = residual_db(between(before, 0, at_s - 0.2), between(after, 0, at_s - 0.2))
    told("extend: what is before the seam, against the source", f"{kept_db:.0f} dB")
    assert kept_db < -60
    length = min(before.shape[1], after.shape[1])
    differs = np.abs(before[:, :length] - after[:, :length]).max(axis=0) > 1e-3
    off_s = np.flatnonzero(differs)[0] / RATE_HZ - at_s
    told("extend: seam off the given second", f"{off_s * 1000:+.0f} ms")
    assert abs(off_s) < 0.3
    # The part alone is what is heard behind the seam.
    part = heard(extension(shop))
    lead_s = (after.shape[1] - part.shape[1]) / RATE_HZ
    assert residual_db(between(after, at_s + 1, at_s + 9), between(part, at_s + 1 - lead_s, 99)) < -60


def test_an_extension_keeps_tempo_and_key(shop: Workshop, told: Telling) -> None:
    source, song = analyse(heard(shop.stars)), analyse(heard(whole(shop)))

    told(
        "extend: tempo and key heard, source / whole",
        f"{source.bpm:.1f} {source.key.name} / {song.bpm:.1f} {song.key.name}",
    )
    assert song.is_steady and song.bpm == pytest.approx(120, rel=0.01)
    assert song.key.name == source.key.name == "C major"
    part = analyse(heard(extension(shop)))
    assert part.bpm == pytest.approx(120, rel=0.01)
    # All that is sung and played in the added part belongs to the scale nearly always.
    added = [note for name, row in shop.notes(extension(shop)).items() if is_pitched(name) for note in row]
    in_scale = [int(note["pitch"]) % 12 in {0, 2, 4, 5, 7, 9, 11} for note in added]
    assert np.mean(in_scale) > 0.9


def is_pitched(name: str) -> bool:
    return not any(word in name.lower() for word in ("drum", "percussion", "shaker", "clap", "kit"))


def test_joined_parts_last_as_long_as_their_sum_within_a_beat(shop: Workshop, told: Telling) -> None:
    part = heard(extension(shop))
    # A part with an upbeat begins on the bar line before it: what is silent there is the source's.
    silent = np.flatnonzero(np.abs(part).max(axis=0) > 1e-3)[0]
    parts_s = cut_s(shop) + (part.shape[1] - silent) / RATE_HZ

    whole_s = heard(whole(shop)).shape[1] / RATE_HZ
    told("concat: length off the sum (a beat is 500 ms)", f"{(whole_s - parts_s) * 1000:+.0f} ms")
    assert whole_s == pytest.approx(parts_s, abs=0.5)
    assert whole(shop)["duration"] == pytest.approx(heard(whole(shop)).shape[1] / RATE_HZ, abs=0.01)


def test_a_remaster_changes_loudness_and_spectrum_and_not_the_tempo(shop: Workshop, told: Telling) -> None:
    body = {"task_type": "remaster", "mv": "sonic-v5", "continue_clip_id": shop.stars["clip_id"]}
    done = shop.make("create", **body, variation_category="high")[0]
    old, new = heard(shop.stars), heard(done)

    louder_db = np.abs(loudness_curve_db(old) - loudness_curve_db(new)).max()
    brighter_db = np.abs(spectrum_db(old) - spectrum_db(new)).max()
    told("remaster: largest change of level / of an octave", f"{louder_db:.1f} / {brighter_db:.1f} dB")
    told("remaster: tempo heard before / after", f"{analyse(old).bpm:.2f} / {analyse(new).bpm:.2f}")
    assert louder_db > 1.0
    assert brighter_db > 1.0
    assert abs(old.shape[1] - new.shape[1]) < 0.02 * RATE_HZ
    assert analyse(new).bpm == pytest.approx(analyse(old).bpm, rel=0.002)
    assert np.abs(analyse(new).beats_s[:20] - analyse(old).beats_s[:20]).max() < 0.03
    assert melody(shop, done) == melody(shop, shop.stars)


def test_a_replaced_section_leaves_the_rest_alone(shop: Workshop, told: Telling) -> None:
    body = {"clip_id": shop.stars["clip_id"], "mv": "sonic-v5", "infill_lyrics": "Sunlight softly grows"}
    window = {"infill_start_s": WINDOW_S[0], "infill_end_s": WINDOW_S[1]}
    done = shop.make("replace-section", **body, **window)[0]
    old, new = heard(shop.stars), heard(done)

    changed = np.flatnonzero(np.abs(old - new).max(axis=0) > 1e-3) / RATE_HZ
    first_s, last_s = changed[0], changed[-1]
    # The window goes to bar lines, and on to the end of a line that is being sung.
    assert WINDOW_S[0] - BAR_S < first_s < WINDOW_S[0] + BAR_S / 2
    assert WINDOW_S[1] - BAR_S / 2 < last_s < WINDOW_S[1] + 2 * BAR_S
    outside_db = [
        residual_db(between(old, 0, first_s), between(new, 0, first_s)),
        residual_db(between(old, last_s + 0.01, 99), between(new, last_s + 0.01, 99)),
    ]
    told("replace-section: before / behind the window", " / ".join(f"{one:.0f} dB" for one in outside_db))
    assert max(outside_db) < -60
    assert residual_db(between(old, *WINDOW_S), between(new, *WINDOW_S)) > -12
    assert "Sunlight" in "".join(row["word"] for row in done["alignment"])


def test_a_replaced_section_comes_alone_and_whole_when_asked(shop: Workshop) -> None:
    body = {"clip_id": shop.stars["clip_id"], "mv": "sonic-v5", "infill_lyrics": "Sunlight softly grows"}
    window = {"infill_start_s": WINDOW_S[0], "infill_end_s": WINDOW_S[1], "auto_concat": True}
    answer = shop.say("replace-section", **body, **window)
    from studio.offline import jobs
    from studio.offline.models import Job

    for take in Job.objects.get(task_id=answer["task_id"]).takes.all()[:2]:
        jobs.render(take.pk)
    [pair, other] = shop.poll(answer["task_id"])

    assert set(pair) == {"replaced", "full"} and other["full"] is None
    part, song = heard(pair["replaced"]), heard(pair["full"])
    assert song.shape == heard(shop.stars).shape
    start = best_place(part, song)
    assert WINDOW_S[0] - BAR_S < start / RATE_HZ < WINDOW_S[0] + BAR_S / 2
    inner = part[:, RATE_HZ // 2 : -RATE_HZ // 2]
    assert residual_db(inner, song[:, start + RATE_HZ // 2 :]) < -60


def best_place(part: Audio, song: Audio) -> int:
    """Where `part` lies in `song`, by correlation."""
    length = song.shape[1] + part.shape[1]
    spectra = [np.fft.rfft(audio.mean(axis=0), length) for audio in (song, part)]
    return int(np.argmax(np.fft.irfft(spectra[0] * np.conj(spectra[1]), length)[: song.shape[1]]))


@pytest.mark.parametrize("kind", ["full", "basic"])
def test_stems_sum_to_the_mix(shop: Workshop, kind: str, told: Telling) -> None:
    stems = shop.stems(shop.stars, kind)

    assert len(stems) == 2 if kind == "basic" else len(stems) > 5
    assert all(level_db(stem) > -60 for stem in stems.values())
    total = np.sum(list(stems.values()), axis=0)
    left_db = residual_db(heard(shop.stars), total)
    told(f"stems {kind}: sum of {len(stems)} against the mix", f"{left_db:.0f} dB")
    assert left_db < -40


def test_the_tempo_that_is_told_is_the_score_s_and_is_heard(shop: Workshop, told: Telling) -> None:
    for clip in (shop.stars, shop.wordless):
        bpm = shop.say("bpm", clip_id=clip["clip_id"])["data"]["avg_bpm"]
        told("bpm: answer / score / heard", f"{bpm} / {score_of(clip).bpm} / {analyse(heard(clip)).bpm:.2f}")

        assert bpm == pytest.approx(score_of(clip).bpm, rel=0.01)
        assert bpm == pytest.approx(analyse(heard(clip)).bpm, rel=0.01)


def test_the_notes_of_the_midi_file_are_those_that_sound(shop: Workshop, told: Telling) -> None:
    notes = shop.notes(shop.stars)
    stems = shop.stems(shop.stars)

    track = track_pitch(stems["Vocals"])
    sung = []
    for note in notes["Lead vocal"]:
        inside = (track.times_s > note["start"] + 0.05) & (track.times_s < note["end"] - 0.03)
        pitches = track.midi[inside & track.voiced]
        sung.append(len(pitches) >= 5 and abs(float(np.median(pitches)) - note["pitch"]) < 0.6)
    assert np.mean(sung) >= 0.9
    long = [note for note in notes["Picked bass"] if note["end"] - note["start"] > 0.18]
    played = [loudest_pitch(between(stems["Bass"], note["start"], note["end"])) for note in long]
    assert len(long) > 20
    right = np.mean([a == note["pitch"] % 12 for a, note in zip(played, long, strict=True)])
    told("midi: notes that sound, lead voice / bass", f"{np.mean(sung):.0%} / {right:.0%}")
    assert right >= 0.9


def loudest_pitch(audio: Audio) -> int:
    """The pitch class whose harmonics hold most of the power."""
    wave = audio.mean(axis=0)
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 17)) ** 2
    step_hz = RATE_HZ / (1 << 17)
    found = []
    for pitch in range(28, 52):
        hz = 440 * 2 ** ((pitch - 69) / 12) * np.arange(1, 7)
        found.append(
            sum(power[int(one / step_hz * 0.99) : int(one / step_hz * 1.01) + 1].max() for one in hz)
        )
    return (28 + int(np.argmax(found))) % 12


def test_the_midi_file_holds_the_notes_of_the_answer(shop: Workshop) -> None:
    data = shop.say("midi", clip_id=shop.stars["clip_id"])["data"]
    answer = api.handle("GET", data["midi_url"].removeprefix(ORIGIN), {}, b"", ORIGIN)
    file = mido.MidiFile(answer.file)

    told = sorted(note["pitch"] for row in data["instruments"] for note in row["notes"])
    written = sorted(m.note for track in file.tracks for m in track if m.type == "note_on" and m.velocity)
    assert written == told
    onsets = sorted(note["start"] for row in data["instruments"] for note in row["notes"])
    now_s, starts = 0.0, []
    for message in file:
        now_s += message.time
        if message.type == "note_on" and message.velocity:
            starts.append(now_s)
    assert np.abs(np.array(onsets) - np.array(sorted(starts))).max() < 0.02


def test_the_timeline_has_the_words_of_the_lyrics_in_order_where_they_are_sung(shop: Workshop) -> None:
    rows = shop.say("aligned-lyrics", clip_id=shop.stars["clip_id"])["data"]["alignment"]

    assert "".join(row["word"] for row in rows).split() == STARS.split()
    starts = [row["start_s"] for row in rows]
    assert starts == sorted(starts) and all(row["start_s"] < row["end_s"] for row in rows)
    voice = shop.stems(shop.stars)["Vocals"]
    sung = [level_db(between(voice, row["start_s"], row["end_s"])) for row in rows]
    assert min(sung) > -45
    assert level_db(between(voice, 0, starts[0] - 1.0)) < -60


def test_vox_is_the_window_of_the_vocal_stem(shop: Workshop, told: Telling) -> None:
    window = {"vocal_start_s": 5.5, "vocal_end_s": 12.5}
    data = shop.say("vox", clip_id=shop.stars["clip_id"], **window)["data"]
    stems = shop.stems(shop.stars)
    voices = stems["Vocals"] + stems.get("Backing Vocals", np.float32(0))
    cut = sound(data["audio_url"])

    assert cut.shape[1] == 7 * RATE_HZ
    left_db = residual_db(between(voices, 5.6, 12.4), between(cut, 0.1, 6.9))
    told("vox: against the window of the vocal stems", f"{left_db:.0f} dB")
    assert left_db < -60


@pytest.mark.parametrize("which", ["created", "covered"])
def test_an_instrumental_has_no_voice_in_it(shop: Workshop, which: str, told: Telling) -> None:
    clip = shop.wordless
    if which == "covered":
        body = {"task_type": "cover_music", "mv": "sonic-v5", "tags": "jazz", "make_instrumental": True}
        clip = shop.make("create", **body, continue_clip_id=shop.stars["clip_id"])[0]
    stems = shop.stems(clip)

    assert clip["lyrics"] == "[Instrumental]" and not clip.get("alignment")
    assert not any("ocal" in name for name in stems)
    # Players alone make up the mix: there is no energy left that a voice could have.
    left_db = residual_db(heard(clip), np.sum(list(stems.values()), axis=0))
    told(f"instrumental ({which}): what players leave of the mix", f"{left_db:.0f} dB")
    assert left_db < -60


def test_richer_tags_keep_those_that_were_given(shop: Workshop) -> None:
    for tags in (
        "sea shanty, male choir",
        "no drums, dream pop",
        ", ".join(f"very long style {n}" for n in range(30)),
    ):
        line = shop.say("upsample-tags", tags=tags)["data"]["upsampled_tags"]

        given = [item.strip() for item in tags.split(",")]
        assert line.split(", ")[: len(given)] == given
        assert len(line) > len(tags) or len(tags) > 200
        assert "drums" not in line.replace("no drums", "")


def test_a_mashup_has_the_tune_of_one_song_and_the_band_of_the_other(shop: Workshop) -> None:
    ids = [shop.stars["clip_id"], shop.river["clip_id"]]
    mixed = shop.make("mashup", mashup_clip_ids=ids, custom_mode=True, mv="sonic-v4-5-all")[0]

    # Its rhythm is the voice's; single notes may be bent to the other song's chords.
    old, new = (shop.notes(clip)["Lead vocal"] for clip in (shop.stars, mixed))
    gaps = [[b["start"] - a["start"] for a, b in itertools.pairwise(line)] for line in (old, new)]
    assert len(old) == len(new) and np.corrcoef(gaps)[0, 1] > 0.98
    shifts = [a - b for a, b in zip(melody(shop, mixed), melody(shop, shop.stars), strict=True)]
    assert max(shifts) - min(shifts) <= 4
    players, band, other = shop.notes(mixed), shop.notes(shop.river), shop.notes(shop.stars)
    assert set(players) - {"Lead vocal", "Vocal harmony", "Vocal double"} <= set(band)
    assert not set(players) - {"Lead vocal"} <= set(other)
    bass = next(name for name in players if "bass" in name.lower())
    runs = riffs(players[bass])
    assert len(runs & riffs(band[bass])) / len(runs) > 0.8
    words = "".join(row["word"] for row in mixed["alignment"])
    assert words.split() == STARS.split()


def riffs(notes: list[dict[str, float]], length: int = 4) -> set[tuple[int, ...]]:
    """Every run of so many steps of a player's line."""
    line = steps([int(note["pitch"]) for note in notes])
    return {tuple(line[start : start + length]) for start in range(len(line) - length + 1)}


def test_a_cover_sings_the_same_tune_to_another_band(shop: Workshop) -> None:
    body = {"task_type": "cover_music", "mv": "sonic-v5", "tags": "jazz, piano trio"}
    done = shop.make("create", **body, continue_clip_id=shop.stars["clip_id"])[0]

    assert steps(melody(shop, done)) == steps(melody(shop, shop.stars))
    assert "".join(row["word"] for row in done["alignment"]).split() == STARS.split()
    assert np.abs(spectrum_db(heard(done)) - spectrum_db(heard(shop.stars))).max() > 2
    assert set(shop.notes(done)) != set(shop.notes(shop.stars))


def test_a_sample_goes_round_and_round_in_the_new_song(shop: Workshop) -> None:
    body = {"chop_sample_start_s": 4, "chop_sample_end_s": 8, "custom_mode": True, "mv": "sonic-v5"}
    words = {"make_instrumental": False, "prompt": "[Verse]\nOver and over again"}
    done = shop.make("sample", sample_clip_id=shop.stars["clip_id"], **body, **words)[0]

    assert "".join(row["word"] for row in done["alignment"]).split()[:3] == ["[Verse]", "Over", "and"]
    assert done["key"] == "C major"
    chords = "Guitar", "Keys", "Piano", "Strings", "Pad", "Organ"
    old = {int(n["pitch"]) for name, row in shop.notes(shop.stars).items() for n in row
           if any(word.lower() in name.lower() for word in chords) and 4 <= n["start"] < 8}  # fmt: skip
    new = [int(n["pitch"]) for name, row in shop.notes(done).items() for n in row
           if any(word.lower() in name.lower() for word in chords)]  # fmt: skip
    assert np.mean([pitch in old for pitch in new]) > 0.6


def test_a_recording_is_sung_over_where_it_was_asked_for(shop: Workshop) -> None:
    clip_id = shop.upload(shop.wordless["flac_url"])
    body = {"task_type": "add_vocals", "custom_mode": True, "mv": "sonic-v5", "continue_clip_id": clip_id}
    words = {"prompt": "[Verse]\nSing me a song", "overpainting_start_s": 5, "overpainting_end_s": 16}
    done = shop.make("create", **body, **words, tags="pop")[0]
    old, new = heard(shop.wordless), heard(done)

    voice = new - scaled_to(old, new)
    row = done["alignment"][0], done["alignment"][-1]
    assert row[0]["start_s"] > 5 and row[1]["end_s"] < 17
    before, sung = between(voice, 0, 4.9), between(voice, row[0]["start_s"], row[1]["end_s"])
    assert level_db(sung) > level_db(before) + 15
    track = track_pitch(sung)
    assert track.voiced.mean() > 0.3


def scaled_to(old: Audio, new: Audio) -> Audio:
    """`old` at the level it has in the beginning of `new`."""
    one, other = between(old, 1, 4), between(new, 1, 4)
    return old * np.float32((one * other).sum() / (one * one).sum())


def test_a_recorded_voice_gets_a_band_and_stays(shop: Workshop) -> None:
    voice = shop.make("stems/basic", 2, clip_id=shop.stars["clip_id"])[0]
    clip_id = shop.upload(voice["flac_url"])
    body = {"task_type": "add_instrumental", "mv": "sonic-v5", "tags": "folk", "continue_clip_id": clip_id}
    done = shop.make("create", **body)[0]
    old, new = heard(voice), heard(done)

    length = min(old.shape[1], new.shape[1])
    likeness = np.corrcoef(old[:, :length].ravel(), new[:, :length].ravel())[0, 1]
    assert 0.3 < likeness < 0.98
    assert level_db(between(new, 0.5, 5)) > level_db(between(old, 0.5, 5)) + 20


def test_a_voice_made_of_a_recording_sings_a_song(shop: Workshop) -> None:
    voice = shop.make("stems/basic", 2, clip_id=shop.stars["clip_id"])[0]
    [about] = shop.make("create-voice", audio_url=voice["flac_url"])
    song = {"custom_mode": True, "mv": "sonic-v5", "prompt": "[Verse]\nI am the singer of stars"}
    clip = shop.make(
        "create", task_type="persona_music", persona_id=about["persona_id"], **song, duration=12
    )[0]

    stem = shop.make("stems/basic", 2, clip_id=clip["clip_id"])[0]
    assert stem["stem_type"] == "Vocals" and level_db(sound(stem["flac_url"])) > -45
    singer = score_of(clip).persona
    assert singer is not None and singer.name == about["name"]


def test_an_uploaded_recording_goes_on_in_its_tempo(shop: Workshop) -> None:
    clip_id = shop.upload(shop.wordless["flac_url"])
    body = {"task_type": "extend_upload_music", "custom_mode": True, "mv": "sonic-v5", "duration": 12}
    part = shop.make("create", **body, make_instrumental=True, continue_clip_id=clip_id, continue_at=14)[0]
    song = shop.make("create", task_type="concat_music", continue_clip_id=part["clip_id"])[0]

    assert analyse(heard(song)).bpm == pytest.approx(84, rel=0.01)
    seam_s = (heard(song).shape[1] - heard(part).shape[1]) / RATE_HZ
    assert seam_s == pytest.approx(14, abs=1.5)
    old = between(heard(shop.wordless), 1, seam_s - 0.5)
    new = between(heard(song), 1, seam_s - 0.5)
    assert np.corrcoef(old.ravel(), new.ravel())[0, 1] > 0.99


def test_what_was_forgotten_is_made_again_sample_for_sample(shop: Workshop, tmp_path: Path) -> None:
    from studio.offline import making

    take = take_of(extension(shop))
    first = heard(extension(shop)).copy()
    for clip in (extension(shop), shop.stars):
        making.forget_large_files(take_of(clip))
    take.refresh_from_db()
    assert take.files == {} and not list(take.folder.rglob("*.flac"))

    source = making.ready(take)

    assert np.array_equal(sound.__wrapped__(clip_url(take)), first)
    assert source.is_own and take_of(shop.stars).files


def clip_url(take: Any) -> str:
    return f"{ORIGIN}/files/{take.file_key}/audio.flac"
