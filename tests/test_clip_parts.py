"""What operations have brought to a clip, as its page shows it: stems, notes, voice, files, family, work."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import timedelta

import pytest
import soundfile as sf
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio import offers, operations, vault
from studio.library import instruments, making, notes, stems, takeaway, tempo
from studio.models import Asset, Clip, Persona, Task
from studio.operations import Result, Status
from tests import clip_parts
from tests.base import make_clip, make_connection, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(people) -> Clip:
    clip = make_clip(people, title="Night Drive", bpm=92.0, duration_s=2.0)
    clip_parts.keep(clip, Asset.Kind.AUDIO, b"mp3", ".mp3", "audio/mpeg")
    return clip


def task_of(people, clip: Clip, operation: str, **fields) -> Task:
    return make_task(people, operation=operation, source=clip, **({"status": Task.Status.READY} | fields))


@pytest.fixture
def split(people, clip) -> list[Asset]:
    task = task_of(people, clip, "sonic.stems_full")
    return clip_parts.add_stems(clip, task, ("vocals", "drums", "fx"), duration_s=0.5, silent=("fx",))


def show(people, clip: Clip, person=None, query: str = "") -> str:
    response = people.browser(person or people.bob).get(reverse("clip", args=[clip.code]) + query)
    assert response.status_code == 200
    return response.content.decode()


def section(html: str, name: str) -> str:
    return html.split(f'id="{name}"')[1].split("</section>")[0]


# --- stems ------------------------------------------------------------------------------------------


def test_stems_stand_on_the_page_with_sound_peaks_and_a_way_to_save_each(people, clip, split):
    found = section(show(people, clip), "stems")
    assert found.count("<studio-stem-lane") == 3
    for stem in split:
        assert f'src="{reverse("media", args=[stem.code])}"' in found
        assert f'href="{reverse("media", args=[stem.code])}?download"' in found
        peaks = clip.assets.get(kind=Asset.Kind.PEAKS, name=stem.name)
        assert f'peaks="{reverse("media", args=[peaks.code])}"' in found
    assert [code in found for code in ("VOX", "DRM", "FX")] == [True] * 3


def test_a_silent_stem_says_so_and_cannot_be_mixed(people, clip, split):
    lane = section(show(people, clip), "stems").split('name="Fx"')[1].split("</studio-stem-lane>")[0]
    assert 'aria-label="Fx, silent"' in lane
    assert lane.count("disabled") == 4
    assert "disabled" not in section(show(people, clip), "stems").split('name="Drums"')[1].split("</li>")[0]


def test_the_peaks_of_the_clip_are_not_those_of_a_stem(people, clip, split):
    assert people.browser(people.bob).get(reverse("clip_peaks", args=[clip.code])).status_code == 404
    clip_parts.keep(clip, Asset.Kind.PEAKS, b'{"pairs":[1,2]}', ".json", "application/json")
    response = people.browser(people.bob).get(reverse("clip_peaks", args=[clip.code]))
    assert b"".join(response.streaming_content) == b'{"pairs":[1,2]}'


def test_the_newest_split_is_shown_and_others_can_be_chosen(people, clip, split):
    older = task_of(people, clip, "sonic.stems_basic")
    basic = clip_parts.add_stems(clip, older, ("vocals", "instrumental"), duration_s=0.5, split="basic")
    Asset.objects.filter(pk__in=[one.pk for one in basic]).update(
        created_at=timezone.now() - timedelta(days=1)
    )
    assert section(show(people, clip), "stems").count("<studio-stem-lane") == 3
    chosen = section(show(people, clip, query=f"?stems={str(older.code)[:8]}"), "stems")
    assert chosen.count("<studio-stem-lane") == 2
    assert "Basic split: 2 stems" in chosen
    assert section(show(people, clip, query="?stems=nonsense"), "stems").count("<studio-stem-lane") == 3


def test_stems_keep_the_order_of_the_provider(clip, people, split):
    group = stems.groups(clip.assets.all())[0]
    assert [stem.part for stem in group.stems] == ["vocals", "drums", "fx"]
    assert (group.set, group.label, group.duration_s) == ("full", "Full split: 3 stems", 0.5)


def test_a_stem_without_any_details_is_still_shown(people, clip):
    clip_parts.keep(clip, Asset.Kind.STEM, b"x", ".mp3", "audio/mpeg", "Electric Guitar-1234abcd")
    stem = stems.groups(clip.assets.all())[0].stems[0]
    assert (stem.part, stem.code3, stem.label, stem.duration_s) == ("guitar", "GTR", "Guitar", None)
    assert "<studio-stem-lane" in show(people, clip)


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("vocals", "vocals"), ("Backing_Vocals", "backing"), ("Lead synth", "synth"), ("E-Bass", "bass"),
        ("Bassoon", "woodwind"), ("Harpsichord", "keys"), ("Harp", "strings"), ("Grand Piano", "keys"),
        ("French Horn", "brass"), ("Hi-Hat", "drums"), ("Acoustic Guitar", "guitar"), ("FX", "fx"),
        ("instrumental", "instrumental"), ("Lead guitar", "guitar"), ("???", "other"), ("", "other"),
    ],
)  # fmt: skip
def test_a_part_is_known_by_the_words_of_the_provider(said, part):
    assert instruments.part_of(said).name == part


def test_every_part_has_a_colour_or_the_quiet_one_and_a_short_code():
    assert all(2 <= len(part.code3) <= 3 for part in instruments.PARTS)
    assert len({part.code3 for part in instruments.PARTS}) == len(instruments.PARTS)


def test_all_stems_come_in_one_zip_that_is_not_packed(people, clip, split):
    group = stems.groups(clip.assets.all())[0]
    response = people.browser(people.vera).get(reverse("clip_stems", args=[clip.code, group.code]))
    assert response.headers["Content-Type"] == "application/zip"
    assert 'filename="Night Drive (take A) - stems.zip"' in response.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    assert archive.namelist() == [f"Night Drive (take A) - {name}.wav" for name in ("Vocals", "Drums", "Fx")]
    assert all(one.compress_type == zipfile.ZIP_STORED for one in archive.infolist())
    with vault.open(split[1].key) as stored:
        assert archive.read("Night Drive (take A) - Drums.wav") == stored.read()


def test_two_stems_of_one_name_both_get_into_the_zip(people, clip):
    task = task_of(people, clip, "sonic.stems_full")
    for number in (1, 2):
        clip_parts.keep(
            clip, Asset.Kind.STEM, bytes([number]), ".wav", "audio/wav", f"keys{number}-{str(task.code)[:8]}",
            details={"label": "Keys", "position": number},
        )  # fmt: skip
    group = stems.groups(clip.assets.all())[0]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(stems.zipped(clip, group))))
    assert archive.namelist() == ["Night Drive (take A) - Keys.wav", "02 Night Drive (take A) - Keys.wav"]


def test_the_zip_is_for_the_team_and_for_groups_that_are_there(people, clip, split):
    group = stems.groups(clip.assets.all())[0].code
    address = reverse("clip_stems", args=[clip.code, group])
    for person in (people.alice, people.ada, people.bob, people.vera):
        assert people.browser(person).get(address).status_code == 200
    assert people.browser(people.charlie).get(address).status_code == 404
    assert people.browser(None).get(address).status_code == 302
    assert people.browser(people.bob).post(address).status_code == 405
    assert people.browser(people.bob).head(address).status_code == 200
    other = reverse("clip_stems", args=[clip.code, "nonsense"])
    assert people.browser(people.bob).get(other).status_code == 404


def test_a_zip_of_which_a_stem_is_gone_is_explained(people, clip, split):
    vault.delete(split[0].key)
    address = reverse("clip_stems", args=[clip.code, stems.groups(clip.assets.all())[0].code])
    response = people.browser(people.bob).get(address)
    assert response.status_code == 404
    assert "not in the vault" in response.content.decode()


def test_a_stem_can_be_sought_in_and_belongs_to_the_team(people, clip, split):
    address = reverse("media", args=[split[0].code])
    response = people.browser(people.vera).get(address, headers={"range": "bytes=44-143"})
    assert response.status_code == 206
    assert len(b"".join(response.streaming_content)) == 100
    assert people.browser(people.charlie).get(address).status_code == 404


# --- notes ------------------------------------------------------------------------------------------


def test_notes_stand_on_the_page_as_a_roll_and_as_a_table(people, clip):
    stored = clip_parts.add_notes(clip, [("Acoustic bass", 8), ("Drums", 120)], 2)
    found = section(show(people, clip), "notes")
    assert f'src="{reverse("media", args=[stored.code])}"' in found
    assert 'bpm="92.000"' in found
    assert 'data-part="bass" value="0"' in found
    row = found.split('<tr data-part="bass">')[1].split("</tr>")[0]
    assert '<td class="num">8</td><td>C2 to G2</td>' in row
    midi = clip.assets.get(kind=Asset.Kind.MIDI)
    assert f"{reverse('media', args=[midi.code])}?download" in found
    saved = people.browser(people.bob).get(reverse("media", args=[midi.code]) + "?download")
    assert saved.headers["Content-Type"] == "audio/midi"
    assert 'filename="Night Drive (take A).mid"' in saved.headers["Content-Disposition"]


def test_the_list_of_notes_goes_on_page_by_page(people, clip):
    clip_parts.add_notes(clip, [("Drums", 120)], 60)
    address = reverse("clip_notes", args=[clip.code, 0])
    browser = people.browser(people.vera)
    counts = []
    for first in (0, 50, 100):
        html = browser.get(f"{address}?from={first}", headers={"hx-request": "true"}).content.decode()
        assert "<html" not in html
        counts.append((html.count("<tr>") - 1, "More notes" in html))
    assert counts == [(50, True), (50, True), (20, False)]
    assert "<html" in browser.get(address).content.decode()
    assert "Kick" in browser.get(address).content.decode()
    assert browser.get(f"{address}?from=abc").status_code == 200
    assert browser.get(reverse("clip_notes", args=[clip.code, 1])).status_code == 404
    assert people.browser(people.charlie).get(address).status_code == 404


@pytest.mark.parametrize(
    "stored", [{}, [1], {"instruments": [{"name": "x"}]}, {"instruments": [{"name": "x", "notes": [[1]]}]}]
)
def test_notes_that_cannot_be_read_leave_the_page_whole(people, clip, stored):
    clip_parts.keep(clip, Asset.Kind.NOTES, json.dumps(stored).encode(), ".json", "application/json")
    assert "<studio-roll" not in show(people, clip)


def test_an_instrument_without_notes_has_no_range(people, clip):
    stored = clip_parts.add_notes(clip, [("Organ", 0), ("Flute", 1)], 2)
    organ, flute = notes.read(stored)
    assert (organ.range, organ.first_s, organ.last_s) == ("", None, None)
    assert (flute.range, flute.part) == ("C3", "woodwind")
    assert "Organ" in show(people, clip)


# --- tempo, voice, files ----------------------------------------------------------------------------


def test_the_measured_tempo_is_told_with_its_span(people, clip):
    assert "92 bpm" in section(show(people, clip), "facts")
    clip_parts.add_tempo(clip, 92.36, 90.1, 95.4)
    html = show(people, clip)
    assert "92.36 bpm (90–95)" in section(html, "facts")
    assert "92.36 bpm (90–95)" in html.split('id="clip-hero"')[1].split("</header>")[0]


def test_a_tempo_that_cannot_be_read_leaves_what_the_provider_said(people, clip):
    stored = clip_parts.keep(clip, Asset.Kind.TEMPO, b"[]", ".json", "application/json")
    assert tempo.of(clip, stored) == tempo.Tempo(92, 92, 92)
    Clip.objects.filter(pk=clip.pk).update(bpm=None)
    facts = section(show(people, clip), "facts")
    assert "not measured yet" in facts or "Tempo" not in facts


def test_a_voice_is_heard_with_its_window_and_saved_under_a_name_of_its_own(people, clip):
    voice = clip_parts.add_voice(clip, 65, 67.5)
    found = section(show(people, clip), "voices")
    assert "1:05–1:08" in found
    assert f'data-src="{reverse("media", args=[voice.code])}"' in found
    saved = people.browser(people.vera).get(reverse("media", args=[voice.code]) + "?download")
    assert 'filename="Night Drive (take A) - Voice 1m05s-1m08s.wav"' in saved.headers["Content-Disposition"]
    sound, rate_hz = sf.read(io.BytesIO(b"".join(saved.streaming_content)))
    assert len(sound) / rate_hz == 2.5


def test_a_window_without_sound_is_told_and_offers_none(people, clip):
    details = {"vox_audio_id": "v", "start_s": 1, "end_s": 9}
    clip_parts.keep(clip, Asset.Kind.VOX, b'{"id":"v"}', ".json", "application/json", "1-9", details=details)
    html = show(people, clip)
    assert "sent nothing to hear" in section(html, "voices")
    assert "data-play" not in section(html, "voices")
    assert takeaway.files(clip.assets.all()) == []


def test_every_file_is_offered_under_its_own_type_and_name(people, clip, split):
    clip_parts.add_notes(clip, [("Drums", 3)], 2)
    clip_parts.add_voice(clip)
    clip_parts.keep(clip, Asset.Kind.WAV, b"RIFF", ".wav", "audio/wav")
    clip_parts.keep(clip, Asset.Kind.VIDEO, b"mp4", ".mp4", "video/mp4")
    html = show(people, clip)
    downloads = section(html, "downloads")
    for kind, content_type, name in (
        ("wav", "audio/wav", "Night Drive (take A).wav"),
        ("midi", "audio/midi", "Night Drive (take A).mid"),
        ("video", "video/mp4", "Night Drive (take A).mp4"),
        ("stem", "audio/wav", "Night Drive (take A) - Vocals.wav"),
    ):
        asset = clip.assets.filter(kind=kind).order_by("pk").first()
        address = f"{reverse('media', args=[asset.code])}?download"
        assert address in downloads
        saved = people.browser(people.vera).get(address)
        assert saved.headers["Content-Type"] == content_type
        assert f'filename="{name}"' in saved.headers["Content-Disposition"]
    assert "converted from the MP3" not in downloads
    assert "<video" in section(html, "video")


# --- family -----------------------------------------------------------------------------------------


def test_parents_and_children_lead_to_each_other_with_what_was_done(people):
    operation = next(one for one in operations.REGISTRY.values() if one.name.startswith("sonic.extend"))
    first, second = make_clip(people, title="First"), make_clip(people, title="Second")
    task = make_task(people, operation=operation.name)
    child = make_clip(people, task, title="Child", parent=first, second_parent=second)
    of_child = section(show(people, child), "lineage")
    for parent in (first, second):
        assert reverse("clip", args=[parent.code]) in of_child
        of_parent = section(show(people, parent), "lineage")
        assert reverse("clip", args=[child.code]) in of_parent
        assert operation.label in of_parent
    assert operation.label in of_child


def test_singers_made_of_a_clip_are_named(people, clip):
    Persona.objects.create(
        team=people.team, connection=people.connection, task=make_task(people), kind="persona", name="Wren",
        clip=clip,
    )  # fmt: skip
    assert "Wren" in section(show(people, clip), "lineage")


def test_relatives_of_another_team_are_never_named(people, clip):
    theirs = make_connection(people.others)
    task = make_task(people, team=people.others, connection=theirs)
    foreign = make_clip(people, task, team=people.others, title="Foreign", parent=clip)
    Clip.objects.filter(pk=clip.pk).update(parent=foreign)
    assert "Foreign" not in show(people, clip)


def test_a_clip_without_family_says_so(people, clip):
    assert "made from no other clip" in section(show(people, clip), "lineage")


# --- what can be made, and what is being made ----------------------------------------------------------


def test_empty_sections_say_what_they_would_bring_and_offer_it_without_a_price(people, clip):
    html = show(people, clip)
    for name, result in (("stems", Result.STEMS), ("notes", Result.MIDI), ("voices", Result.VOX)):
        found = section(html, name)
        ways = making.ways(clip).to(result)
        assert ways, f"no operation brings {result}"
        for way in ways:
            assert f"?operation={way.name}&amp;clip={clip.code}" in found
        assert "credit" not in found
    viewer = show(people, clip, people.vera)
    assert 'id="make"' not in viewer
    assert f"&amp;clip={clip.code}" not in viewer


def test_what_a_provider_does_not_offer_is_named_with_the_reason(people, clip):
    midi = operations.get("sonic.midi")
    offers.override(people.connection, midi, Status.RETIRED, "Gone since spring.", people.alice)
    html = show(people, clip)
    assert "Gone since spring." in html.split('id="make"')[1].split("</nav>")[0]
    assert "Gone since spring." in section(html, "notes")
    assert f"?operation={midi.name}&amp;clip" not in html


def test_of_twins_only_the_one_for_the_clip_s_origin_is_offered(people, clip):
    names = {way.name for way in making.ways(clip).all}
    assert "sonic.extend_music" in names
    assert "sonic.extend_upload_music" not in names
    clip.origin = "uploaded"
    assert "sonic.extend_upload_music" in {way.name for way in making.ways(clip).all}


def test_a_running_task_is_told_until_it_is_over(people, clip):
    task = task_of(people, clip, "sonic.stems_full", status=Task.Status.RUNNING)
    assert "Splitting into stems…" in show(people, clip)
    Task.objects.filter(pk=task.pk).update(status=Task.Status.FAILED, problem_text="It was too quiet.")
    assert "It was too quiet." in show(people, clip)
    task_of(people, clip, "sonic.stems_full")
    assert "It was too quiet." not in show(people, clip)


def test_an_old_failure_and_other_clips_work_are_not_told(people, clip):
    old = task_of(people, clip, "sonic.midi", status=Task.Status.FAILED, problem_text="Long ago.")
    Task.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=3))
    task_of(people, make_clip(people), "sonic.midi", status=Task.Status.RUNNING)
    html = show(people, clip)
    assert "Long ago." not in html
    assert "Writing down the notes" not in html


def test_the_page_asks_again_and_gets_nothing_until_something_is_new(people, clip):
    browser, address = people.browser(people.vera), reverse("clip", args=[clip.code])
    html = browser.get(address).content.decode()
    stamp = html.split("?parts=")[1].split('"')[0]
    headers = {"hx-request": "true"}
    assert browser.get(f"{address}?parts={stamp}", headers=headers).status_code == 204
    clip_parts.add_tempo(clip, 92, 90, 95)
    changed = browser.get(f"{address}?parts={stamp}", headers=headers)
    assert changed.status_code == 200
    assert "<html" not in changed.content.decode()
    assert "92 bpm (90–95)" in changed.content.decode()


def test_a_page_with_everything_needs_no_more_queries_than_one_with_a_little(people, clip, split):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            show(people, clip)
        return len(seen)

    parent = make_clip(people)
    Clip.objects.filter(pk=clip.pk).update(parent=parent)
    make_clip(people, make_task(people), parent=clip)
    few = queries()
    for number in range(4):
        task = task_of(people, clip, f"sonic.gone_{number}", status=Task.Status.RUNNING)
        clip_parts.add_stems(clip, task, clip_parts.TWELVE, duration_s=0.05)
        make_clip(people, make_task(people), parent=clip)
        clip_parts.add_voice(clip, number, number + 0.1)
    clip_parts.add_notes(clip, [("Drums", 9)], 2)
    assert queries() == few


def test_a_stranger_sees_no_notes_and_an_unknown_clip_has_none(people, clip):
    clip_parts.add_notes(clip, [("Drums", 9)], 2)
    assert people.browser(people.charlie).get(reverse("clip", args=[clip.code])).status_code == 404
    assert people.browser(people.alice).get(reverse("clip_notes", args=[uuid.uuid4(), 0])).status_code == 404
