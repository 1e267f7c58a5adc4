"""Bytes to the browser: ranges, conditions, who may have them, and what is never run as a page."""

from __future__ import annotations

import io
import logging
import uuid

import numpy as np
import pytest
import soundfile as sf
from django.urls import reverse

from studio import vault
from studio.models import Asset, Clip
from studio.views import ranges
from studio.views.ranges import Unsatisfiable, wanted_range
from tests.base import make_clip

pytestmark = pytest.mark.django_db

BODY = bytes(range(256)) * 8  # 2048 bytes
MIB = 1024 * 1024


def keep(clip: Clip, kind: Asset.Kind, body: bytes, suffix: str, content_type: str) -> Asset:
    stored = vault.save(io.BytesIO(body), suffix)
    fields = {"key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes}
    return Asset.objects.create(clip=clip, kind=kind, content_type=content_type, **fields)


def sound(container: str, subtype: str) -> bytes:
    """A second of a tone at 44.1 kHz."""
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)
    stream = io.BytesIO()
    sf.write(stream, tone, 44_100, format=container, subtype=subtype)
    return stream.getvalue()


@pytest.fixture
def clip(people) -> Clip:
    return make_clip(people, title="Night Drive")


@pytest.fixture
def audio(clip) -> Asset:
    return keep(clip, Asset.Kind.AUDIO, BODY, ".mp3", "audio/mpeg")


@pytest.fixture
def get(people, audio):
    """Asks for the audio as Alice; headers by their names."""
    browser, address = people.browser(people.alice), reverse("media", args=[audio.code])

    def ask(method: str = "get", **headers: str):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(browser, method)(address, headers=given)

    return ask


def body_of(response) -> bytes:
    return b"".join(response.streaming_content)


# --- ranges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-199", 100, 199),
        ("bytes=2047-2047", 2047, 2047),
        ("bytes=2000-9999", 2000, 2047),
        ("bytes=0-", 0, 2047),
        ("bytes=500-", 500, 2047),
        ("bytes=-1", 2047, 2047),
        ("bytes=-500", 1548, 2047),
        ("bytes=-9999", 0, 2047),
        ("Bytes=5-6", 5, 6),
        (" bytes=5-6 ", 5, 6),
    ],
)
def test_a_single_range_is_answered_with_just_these_bytes(get, asked, first, last):
    response = get(range=asked)
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/2048"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert body_of(response) == BODY[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=2048-", "bytes=2048-2050", "bytes=99999-", "bytes=-0"])
def test_a_range_behind_the_end_is_416_and_says_how_long_the_file_is(get, asked):
    response = get(range=asked)
    assert response.status_code == 416
    assert response.headers["Content-Range"] == "bytes */2048"
    assert "immutable" not in response.headers["Cache-Control"]
    assert body_of(response) == b""


@pytest.mark.parametrize(
    "asked",
    [
        *(
            "bytes=0-1,5-6",
            "bytes=0-1, -5",
            "bytes=5-4",
            "bytes=-",
            "bytes=",
            "bytes=a-b",
            "bytes=0x1-2",
            "bytes",
        ),
        *(
            "items=0-5",
            "0-5",
            "bytes=--5",
            "bytes=1-2-3",
            "bytes=1 - 2",
            "bytes=٣-٤",
            "bytes=" + "9" * 5000 + "-",
        ),
    ],
)
def test_an_invalid_range_or_several_at_once_get_the_whole_file(get, asked):
    response = get(range=asked)
    assert response.status_code == 200
    assert "Content-Range" not in response.headers
    assert body_of(response) == BODY


def test_a_range_without_an_end_is_answered_in_bites():
    assert wanted_range("bytes=0-", 5 * MIB, MIB) == (0, MIB - 1)
    assert wanted_range(f"bytes={4 * MIB + 7}-", 5 * MIB, MIB) == (4 * MIB + 7, 5 * MIB - 1)
    assert wanted_range("bytes=0-", 5 * MIB, None) == (0, 5 * MIB - 1)
    assert wanted_range(f"bytes=0-{3 * MIB}", 5 * MIB, MIB) == (0, 3 * MIB)
    assert wanted_range(f"bytes=-{3 * MIB}", 5 * MIB, MIB) == (2 * MIB, 5 * MIB - 1)


def test_an_empty_file_has_no_range():
    for asked in ("bytes=0-", "bytes=0-0", "bytes=-1"):
        with pytest.raises(Unsatisfiable):
            wanted_range(asked, 0, MIB)


def test_playing_is_capped_and_saving_is_not(people, clip):
    long = keep(clip, Asset.Kind.AUDIO, bytes(MIB + 5000), ".mp3", "audio/mpeg")
    browser = people.browser(people.alice)
    played = browser.get(reverse("media", args=[long.code]), headers={"range": "bytes=0-"})
    assert (played.headers["Content-Range"], len(body_of(played))) == (f"bytes 0-{MIB - 1}/{MIB + 5000}", MIB)
    saved = browser.get(reverse("media", args=[long.code]) + "?download", headers={"range": "bytes=10-"})
    assert len(body_of(saved)) == MIB + 4990


def test_reading_goes_on_from_the_first_byte_in_small_pieces(monkeypatch):
    monkeypatch.setattr(ranges, "CHUNK_BYTES", 3)
    assert list(ranges._read(io.BytesIO(b"0123456789"), 2, 7)) == [b"234", b"567", b"8"]


# --- conditions ----------------------------------------------------------------------------------


def test_the_whole_file_names_itself_and_may_be_kept_by_this_browser_for_ever(get, audio):
    response = get()
    assert response.status_code == 200
    assert body_of(response) == BODY
    assert response.headers["ETag"] == f'"{audio.sha256}"'
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "audio/mpeg"
    assert response.headers["Content-Length"] == "2048"


@pytest.mark.parametrize("form", ['"{0}"', 'W/"{0}"', '"other", "{0}"', "*"])
def test_a_file_the_browser_has_is_not_sent_again(get, audio, form):
    response = get(if_none_match=form.format(audio.sha256), range="bytes=0-9")
    assert response.status_code == 304
    assert body_of(response) == b""
    assert response.headers["ETag"] == f'"{audio.sha256}"'


def test_another_file_is_sent_though_the_browser_has_one(get):
    assert get(if_none_match='"other"').status_code == 200


def test_if_range_with_our_etag_continues(get, audio):
    assert get(range="bytes=5-9", if_range=f'"{audio.sha256}"').status_code == 206


@pytest.mark.parametrize("form", ['W/"{0}"', '"other"', "Wed, 21 Oct 2026 07:28:00 GMT", "{0}"])
def test_if_range_with_anything_else_starts_anew(get, audio, form):
    response = get(range="bytes=5-9", if_range=form.format(audio.sha256))
    assert response.status_code == 200
    assert body_of(response) == BODY


def test_head_tells_all_and_sends_nothing(get):
    response = get("head", range="bytes=0-9")
    assert (response.status_code, response.headers["Content-Length"]) == (200, "2048")
    assert body_of(response) == b""


def test_nothing_can_be_posted_to_a_file(get):
    assert get("post").status_code == 405


def test_the_file_is_closed_when_the_answer_ends(get, monkeypatch):
    opened = []
    really_open = vault.open
    monkeypatch.setattr(vault, "open", lambda key: opened.append(really_open(key)) or opened[-1])
    for headers in ({}, {"range": "bytes=0-9"}, {"range": "bytes=9999-"}, {"if_none_match": "*"}):
        body_of(get(**headers))  # the test client closes an answer behind its last byte
    assert [source.closed for source in opened] == [True] * 4


# --- what a browser makes of it ----------------------------------------------------------------------


def test_a_file_is_never_run_as_a_page(get):
    headers = get().headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]


def test_a_drawing_is_saved_when_its_address_is_opened(people, clip):
    cover = keep(
        clip, Asset.Kind.COVER, b"<svg xmlns='http://www.w3.org/2000/svg'/>", ".svg", "image/svg+xml"
    )
    response = people.browser(people.alice).get(reverse("media", args=[cover.code]))
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "content_type", ["text/html", "application/xhtml+xml", "text/javascript", "made/up", ""]
)
def test_a_type_that_is_not_ours_is_only_bytes(people, clip, content_type):
    cover = keep(clip, Asset.Kind.COVER, b"<script>alert(1)</script>", ".bin", content_type)
    response = people.browser(people.alice).get(reverse("media", args=[cover.code]))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_the_raw_answer_of_a_provider_is_not_handed_out(people, clip):
    answer = keep(clip, Asset.Kind.ANSWER, b"{}", ".json", "application/json")
    assert people.browser(people.alice).get(reverse("media", args=[answer.code])).status_code == 404


def test_playing_is_inline_and_saving_has_a_name(people, audio):
    browser, address = people.browser(people.alice), reverse("media", args=[audio.code])
    assert "Content-Disposition" not in browser.get(address).headers
    saved = browser.get(address + "?download").headers["Content-Disposition"]
    assert saved == 'attachment; filename="Night Drive (take A).mp3"'


# --- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["media", "clip_peaks", "clip_download"])
def test_the_team_may_listen_and_nobody_else(people, clip, audio, address):
    keep(clip, Asset.Kind.PEAKS, b'{"pairs":[]}', ".json", "application/json")
    args = {"media": [audio.code], "clip_peaks": [clip.code], "clip_download": [clip.code, "mp3"]}[address]
    where = reverse(address, args=args)
    for person in (people.alice, people.ada, people.bob, people.vera):
        assert people.browser(person).get(where).status_code == 200
    assert people.browser(people.charlie).get(where).status_code == 404
    anonymous = people.browser(None).get(where)
    assert anonymous.status_code == 302
    assert anonymous.headers["Location"].startswith(reverse("account_login"))


def test_somebody_who_left_the_team_hears_nothing_more(people, audio):
    browser, address = people.browser(people.bob), reverse("media", args=[audio.code])
    assert browser.get(address).status_code == 200
    people.bob.memberships.all().delete()
    assert browser.get(address).status_code == 404


def test_an_unknown_file_is_404(people):
    for name, args in (("media", [uuid.uuid4()]), ("clip_peaks", [uuid.uuid4()])):
        assert people.browser(people.alice).get(reverse(name, args=args)).status_code == 404


# --- peaks, and files that are gone --------------------------------------------------------------------


def test_peaks_are_json_that_never_changes(people, clip):
    peaks = keep(clip, Asset.Kind.PEAKS, b'{"version":1,"pairs":[-3,4]}', ".json", "application/json")
    response = people.browser(people.alice).get(reverse("clip_peaks", args=[clip.code]))
    assert body_of(response) == b'{"version":1,"pairs":[-3,4]}'
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["ETag"] == f'"{peaks.sha256}"'
    assert "immutable" in response.headers["Cache-Control"]


def test_a_clip_without_peaks_is_404(people, clip):
    assert people.browser(people.alice).get(reverse("clip_peaks", args=[clip.code])).status_code == 404


def test_bytes_that_are_gone_are_404_with_a_sentence_and_an_error_in_the_log(people, audio, caplog):
    vault.delete(audio.key)
    with caplog.at_level(logging.ERROR, logger="studio"):
        response = people.browser(people.alice).get(reverse("media", args=[audio.code]))
    assert response.status_code == 404
    assert "not in the vault" in response.content.decode()
    assert audio.key in caplog.text


# --- downloads ------------------------------------------------------------------------------------


def download(people, clip: Clip, kind: str, **headers: str):
    address = reverse("clip_download", args=[clip.code, kind])
    return people.browser(people.alice).get(address, headers=headers)


def test_the_delivered_mp3_is_saved_as_it_came(people, clip, audio):
    response = download(people, clip, "mp3")
    assert body_of(response) == BODY
    assert response.headers["Content-Disposition"] == 'attachment; filename="Night Drive (take A).mp3"'


@pytest.mark.parametrize(
    ("title", "disposition"),
    [
        ("Été 🌊", "attachment; filename*=utf-8''%C3%89t%C3%A9%20%F0%9F%8C%8A%20%28take%20B%29.mp3"),
        ('a/b\\c: "d"?\r\n*e', 'attachment; filename="a b c d e (take B).mp3"'),
        ("", 'attachment; filename="Untitled (take B).mp3"'),
        ("..", 'attachment; filename="Untitled (take B).mp3"'),
    ],
)
def test_any_title_makes_a_safe_file_name(people, title, disposition):
    clip = make_clip(people, title=title, position=1)
    keep(clip, Asset.Kind.AUDIO, BODY, ".mp3", "audio/mpeg")
    assert download(people, clip, "mp3").headers["Content-Disposition"] == disposition


def test_very_long_titles_stay_within_what_file_systems_take(people):
    clip = make_clip(people, title="x" * 200)
    keep(clip, Asset.Kind.AUDIO, BODY, ".mp3", "audio/mpeg")
    assert len(download(people, clip, "mp3").headers["Content-Disposition"]) < 180


def test_a_wav_is_made_from_the_delivered_file_when_there_is_no_better_one(people, clip):
    keep(clip, Asset.Kind.AUDIO, sound("MP3", "MPEG_LAYER_III"), ".mp3", "audio/mpeg")
    response = download(people, clip, "wav")
    body = body_of(response)
    assert response.headers["Content-Type"] == "audio/wav"
    assert response.headers["Content-Length"] == str(len(body))
    samples, rate_hz = sf.read(io.BytesIO(body))
    assert rate_hz == 44_100
    assert len(samples) == pytest.approx(44_100, abs=2500)
    assert np.abs(samples).max() == pytest.approx(0.4, abs=0.05)


def test_a_wav_is_made_from_the_lossless_master_sample_by_sample(people, clip, audio):
    master = sound("FLAC", "PCM_16")
    keep(clip, Asset.Kind.LOSSLESS, master, ".flac", "audio/flac")
    made, _ = sf.read(io.BytesIO(body_of(download(people, clip, "wav"))), dtype="int16")
    meant, _ = sf.read(io.BytesIO(master), dtype="int16")
    assert np.array_equal(made, meant)
    assert body_of(download(people, clip, "flac")) == master


def test_a_made_copy_can_be_continued_like_any_file(people, clip):
    keep(clip, Asset.Kind.AUDIO, sound("FLAC", "PCM_16"), ".flac", "audio/flac")
    whole = download(people, clip, "wav")
    rest = download(people, clip, "wav", range="bytes=1000-", if_range=whole.headers["ETag"])
    assert rest.status_code == 206
    assert body_of(rest) == body_of(whole)[1000:]


@pytest.mark.parametrize("kind", ["flac", "m4a", "exe", "answer"])
def test_what_a_clip_does_not_have_is_404(people, clip, audio, kind):
    assert download(people, clip, kind).status_code == 404


def test_a_clip_without_audio_offers_nothing(people, clip):
    for kind in ("mp3", "wav", "flac"):
        assert download(people, clip, kind).status_code == 404


def test_audio_that_cannot_be_read_is_explained_and_leaves_no_file(
    people, clip, audio, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    response = download(people, clip, "wav")
    assert response.status_code == 503
    assert "could not be made" in response.content.decode()
    assert list(tmp_path.glob("*.wav")) == []


def test_the_temporary_copy_is_gone_after_the_answer(people, clip, tmp_path, monkeypatch):
    keep(clip, Asset.Kind.AUDIO, sound("FLAC", "PCM_16"), ".flac", "audio/flac")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    response = download(people, clip, "wav")
    assert len(list(tmp_path.glob("*.wav"))) == 1
    body_of(response)
    assert list(tmp_path.glob("*.wav")) == []


def test_a_master_whose_bytes_are_gone_is_404(people, clip, audio):
    master = keep(clip, Asset.Kind.LOSSLESS, sound("FLAC", "PCM_16"), ".flac", "audio/flac")
    vault.delete(master.key)
    assert download(people, clip, "flac").status_code == 404
    assert download(people, clip, "wav").status_code == 404
    assert download(people, clip, "mp3").status_code == 200
