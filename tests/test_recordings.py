"""Recordings that people bring: what is taken, what is refused in words, and who may hear or delete it."""

from __future__ import annotations

import io
import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio import fetching, links, vault
from studio.library import recordings
from studio.library.recordings import NotTaken
from studio.models import Recording, Task
from studio.views.ranges import OPEN_RANGE_BYTES
from tests.base import make_connection, make_task

pytestmark = pytest.mark.django_db
RATE_HZ = 44_100


def tone(seconds: float = 2.0, level: float = 0.3) -> np.ndarray:
    """A tone that swells and fades twice a second, so that it has loud and quiet moments."""
    at_s = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    return level * np.sin(2 * np.pi * 220 * at_s) * np.sin(2 * np.pi * at_s) ** 2


def sound(container: str = "WAV", subtype: str | None = None, samples: np.ndarray | None = None) -> bytes:
    stream = io.BytesIO()
    rate_hz = 48_000 if subtype == "OPUS" else RATE_HZ
    sf.write(stream, tone() if samples is None else samples, rate_hz, format=container, subtype=subtype)
    return stream.getvalue()


def encoded(path: Path, codec: str, container: str) -> bytes:
    """Through FFmpeg, for formats that libsndfile does not write."""
    with av.open(str(path), "w", format=container) as target:
        stream = target.add_stream(codec, rate=48_000)
        samples = (tone() * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        resampler = av.AudioResampler(format=stream.format, layout=stream.layout, rate=stream.rate)
        for piece in (*resampler.resample(frame), None):
            for packet in stream.encode(piece):
                target.mux(packet)
    return path.read_bytes()


def take(people, data: bytes, name: str = "my_song.wav") -> Recording:
    return recordings.take_in(people.team, people.alice, name, [data])


class TestTakingIn:
    @pytest.mark.parametrize(
        ("container", "subtype", "media_type"),
        [
            ("WAV", "PCM_24", "audio/wav"),
            ("FLAC", None, "audio/flac"),
            ("MP3", None, "audio/mpeg"),
            ("OGG", "VORBIS", "audio/ogg"),
            ("OGG", "OPUS", "audio/ogg; codecs=opus"),
        ],
    )
    def test_keeps_a_file_as_it_is_and_measures_it(self, people, container, subtype, media_type):
        data = sound(container, subtype)
        made = take(people, data)
        with vault.open(made.key) as stored:
            assert stored.read() == data
        assert made.content_type == media_type
        assert made.duration_s == pytest.approx(1.84 if subtype == "OPUS" else 2.0, abs=0.1)
        assert -40 < made.loudness_lufs < -5
        assert made.noise_db < -20
        assert made.name == "my song"
        assert len(made.sketch) == 240

    def test_keeps_m4a(self, people, tmp_path):
        made = take(people, encoded(tmp_path / "a.m4a", "aac", "ipod"))
        assert made.content_type == "audio/mp4"

    def test_makes_a_wav_of_what_browsers_record(self, people, tmp_path):
        made = take(people, encoded(tmp_path / "a.webm", "libopus", "webm"), "Recording.webm")
        assert made.content_type == "audio/wav"
        assert made.duration_s == pytest.approx(2.0, abs=0.1)

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "empty"),
            (b"<html>not a song</html>" * 100, "not an audio file"),
            (sound("FLAC")[:9000], "cannot be played to its end"),
            (sound(samples=np.zeros(RATE_HZ * 2)), "silent"),
            (sound(samples=tone(0.4)), "shorter than a second"),
        ],
        ids=["nothing", "page", "cut", "silence", "short"],
    )
    def test_refuses_in_words_and_keeps_nothing(self, people, data, says, settings):
        with pytest.raises(NotTaken, match=says):
            take(people, data, "song.mp3")
        assert not Recording.objects.exists()
        assert not [*Path(settings.STORAGES["default"]["OPTIONS"]["location"]).rglob("*.wav")]

    def test_refuses_what_is_longer_than_eight_minutes(self, people):
        quiet = np.tile(tone(1.0)[::8].astype(np.float32), 490)
        stream = io.BytesIO()
        sf.write(stream, quiet, RATE_HZ // 8, format="FLAC")
        with pytest.raises(NotTaken, match="longer than 8 minutes"):
            take(people, stream.getvalue())

    def test_refuses_an_endless_recording_of_a_browser_before_a_copy_fills_the_disk(
        self, people, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(recordings, "MAX_S", 1.5)
        monkeypatch.setattr(recordings.convert, "to_wav", lambda *_: pytest.fail("A copy was made."))
        with pytest.raises(NotTaken, match="Cut it first"):
            take(people, encoded(tmp_path / "a.webm", "libopus", "webm"))

    def test_decodes_no_more_of_a_long_file_than_it_takes_to_refuse_it(self, people, monkeypatch):
        monkeypatch.setattr(recordings, "MAX_S", 1.0)
        heard = []
        decode = recordings.files.decode
        monkeypatch.setattr(recordings.files, "decode", lambda path: heard.append(decode(path)) or heard[-1])
        with pytest.raises(NotTaken, match="Cut it first"):
            take(people, sound("OGG", "VORBIS", tone(20.0)))
        assert sum(one.duration_s for one in heard) < 4

    def test_refuses_what_is_too_large(self, people, settings):
        settings.MAX_AUDIO_BYTES = 100_000
        with pytest.raises(NotTaken, match="larger than"):
            take(people, sound(samples=tone(4)))

    def test_refuses_an_address_inside_our_own_network(self, people):
        with pytest.raises(NotTaken, match="not on the public internet"):
            recordings.fetch(people.team, people.alice, "http://127.0.0.1:9/song.mp3")

    def test_fetches_a_file_by_its_address(self, people, settings, live_server, client):
        settings.FETCH_PRIVATE = True
        first = take(people, sound())
        url = links.address(first, make_connection(people.others, is_offline=True))
        made = recordings.fetch(people.team, people.alice, url.replace(links.HERE, live_server.url))
        assert made.sha256 == first.sha256
        assert made.source_url.startswith(live_server.url)

    def test_says_what_an_address_answered(self, people, settings, live_server):
        settings.FETCH_PRIVATE = True
        with pytest.raises(NotTaken, match="answered 404"):
            recordings.fetch(people.team, people.alice, f"{live_server.url}/nothing.mp3")

    def test_says_that_an_address_is_none(self, people):
        for address in ("http://[", "http://a b/", "file:///etc/passwd"):
            with pytest.raises(NotTaken, match=r"address|reached"):
                recordings.fetch(people.team, people.alice, address)


def answering(*pieces: bytes) -> str:
    """The address of a server that sends `pieces`, a tenth of a second apart, to whoever comes first."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as peer, suppress(OSError):
            peer.recv(4096)
            for piece in pieces:
                peer.sendall(piece)
                time.sleep(0.1)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/song.mp3"


class TestFetching:
    def fetch(self, url: str, **bounds: float) -> bytes:
        target = io.BytesIO()
        fetching.fetch(url, target, **{"max_bytes": 1000, "may_be_private": True} | bounds)
        return target.getvalue()

    def test_does_not_wait_for_a_trickle(self):
        url = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 40)
        begun_s = time.monotonic()
        with pytest.raises(fetching.NotFetched, match="too slowly"):
            self.fetch(url, deadline_s=0.5)
        assert time.monotonic() - begun_s < 2

    def test_reads_a_body_in_chunks(self):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert self.fetch(answering(head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")) == b"abcde"
        with pytest.raises(fetching.NotFetched, match="broke off"):
            self.fetch(answering(head, b"9\r\nabc"))

    def test_knows_a_body_that_ends_too_early_or_is_too_large(self):
        with pytest.raises(fetching.NotFetched, match="broke off"):
            self.fetch(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"))
        with pytest.raises(fetching.NotFetched, match="larger than"):
            self.fetch(answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000))

    def test_believes_no_length_that_is_none(self):
        assert self.fetch(answering(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc")) == b"abc"


class TestPublicAddresses:
    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
    def test_lets_the_internet_pass(self, address):
        assert fetching.is_public(address)

    @pytest.mark.parametrize(
        "address",
        ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1",
         "100.64.0.1", "0.0.0.0", "224.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "fec0::1", "::7f00:1",
         "no address"],
    )  # fmt: skip
    def test_knows_what_is_not_of_the_internet(self, address):
        assert not fetching.is_public(address)


class TestVoices:
    def judged(self, people, samples: np.ndarray) -> recordings.Verdict:
        return recordings.judge_voice(take(people, sound(samples=samples)))

    def test_finds_nothing_against_a_clear_recording(self, people):
        assert self.judged(people, tone(12)) == recordings.Verdict((), ())

    def test_refuses_what_is_too_short_or_too_quiet(self, people):
        assert "more than 10 s" in self.judged(people, tone(4)).refusals[0]
        assert "too quiet" in self.judged(people, tone(12, level=0.002)).refusals[0]

    def test_warns_of_noise(self, people):
        noisy = np.random.default_rng(1).normal(0, 0.2, RATE_HZ * 12)
        assert any("noise" in text for text in self.judged(people, noisy).advice)


class TestLinks:
    def test_serve_the_bytes_without_signing_in_and_in_ranges(self, people, client):
        made = take(people, sound())
        url = links.address(made, make_connection(people.others, is_offline=True)).removeprefix(links.HERE)
        whole = client.get(url)
        assert b"".join(whole.streaming_content) == sound()
        assert whole.headers["Content-Type"] == "audio/wav"
        part = client.get(url, headers={"Range": "bytes=4-7"})
        assert (part.status_code, b"".join(part.streaming_content)) == (206, sound()[4:8])

    def test_hand_out_all_of_a_large_file_to_a_decoder_that_asks_for_the_rest_of_it(self, people, client):
        data = sound(samples=tone(14))
        assert len(data) > OPEN_RANGE_BYTES
        made = take(people, data)
        connection = make_connection(people.others, is_offline=True)
        for as_wav in (False, True):
            url = links.address(made, connection, as_wav=as_wav).removeprefix(links.HERE)
            rest = client.get(url, headers={"Range": "bytes=0-"})
            assert len(b"".join(rest.streaming_content)) == len(data)

    def test_end_after_a_day(self, people, client, time_machine):
        made = take(people, sound())
        url = links.address(made, make_connection(people.others, is_offline=True)).removeprefix(links.HERE)
        assert client.head(url).status_code == 200
        time_machine.move_to(timezone.now() + timedelta(hours=25))
        assert client.get(url).status_code == 404

    def test_serve_a_wav_where_the_provider_reads_nothing_else(self, people, client):
        made = take(people, sound("FLAC"))
        connection = make_connection(people.others, is_offline=True)
        url = links.address(made, connection, as_wav=True).removeprefix(links.HERE)
        assert url.endswith(".wav")
        answer = client.get(url)
        samples, rate_hz = sf.read(io.BytesIO(b"".join(answer.streaming_content)))
        assert (len(samples), rate_hz) == (RATE_HZ * 2, RATE_HZ)

    def test_cannot_be_forged(self, people, client):
        assert client.get(reverse("shared_file", args=["abc:def:ghi", "audio.wav"])).status_code == 404

    def test_lead_nowhere_while_no_provider_can_reach_the_studio(self, people, settings):
        made = take(people, sound())
        assert links.address(made, people.connection) == ""
        Recording.objects.update(source_url="https://example.com/a.mp3")
        made.refresh_from_db()
        assert links.address(made, people.connection) == "https://example.com/a.mp3"
        settings.PUBLIC_URL = "https://studio.example"
        assert links.address(made, people.connection).startswith("https://studio.example/shared/")

    def test_end_as_the_file_would(self, people, tmp_path):
        connection = make_connection(people.others, is_offline=True)
        made = take(people, encoded(tmp_path / "a.aac", "aac", "adts"))
        assert links.address(made, connection).endswith(".aac")

    def test_do_not_stand_for_a_copy_with_the_address_of_another_format(self, people):
        made = take(people, sound("FLAC"))
        made.source_url = "https://example.com/a.flac"
        assert links.address(made, people.connection, as_wav=True) == ""

    def test_open_in_this_process_for_the_offline_provider_only_what_is_ours(self, people):
        made = take(people, sound())
        url = links.address(made, make_connection(people.others, is_offline=True))
        with links.open_here(url) as opened:
            assert opened.read() == sound()
        assert links.open_here(url.replace("studio.invalid", "evil.example")) is None
        assert links.open_here(f"{links.HERE}/admin/") is None


class TestPages:
    def bring(self, browser, **given):
        file = SimpleUploadedFile("Demo one.wav", sound(), "audio/wav")
        return browser.post(reverse("recordings"), {"file": file} | given)

    def test_bring_a_file_without_javascript(self, people):
        browser = people.browser(people.bob)
        assert self.bring(browser).headers["Location"] == reverse("recordings")
        page = browser.get(reverse("recordings")).content.decode()
        assert "Demo one" in page

    def test_answer_the_element_with_the_picker_in_which_it_is_chosen(self, people):
        browser = people.browser(people.alice)
        file = SimpleUploadedFile("a.wav", sound(), "audio/wav")
        answer = browser.post(
            reverse("recordings"), {"file": file, "field": "recording"}, headers={"HX-Request": "true"}
        )
        made = Recording.objects.get()
        assert f'<option value="{made.code}" selected>' in answer.content.decode()

    def test_say_why_a_file_is_refused(self, people):
        browser = people.browser(people.alice)
        page = SimpleUploadedFile("a.mp3", b"<html>" * 100)
        answer = browser.post(reverse("recordings"), {"file": page})
        assert answer.status_code == 422
        assert "not an audio file" in answer.content.decode()
        answer = browser.post(reverse("recordings"), {}, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content) == (
            422,
            b"Choose a file, record something, or give an address.",
        )

    def test_take_more_bytes_than_other_pages(self, people, settings):
        settings.MAX_BODY_BYTES = 10_000
        browser = people.browser(people.alice)
        assert self.bring(browser).status_code == 302
        large = browser.post(reverse("save_draft"), {"prompt": "a" * 20_000})
        assert large.status_code == 413

    def test_are_for_the_team_and_changed_by_owner_or_admin(self, people):
        made = take(people, sound())
        audio, rename = (reverse(name, args=[made.code]) for name in ("recording_audio", "rename_recording"))
        allowed = {people.alice: 302, people.ada: 302, people.bob: 403, people.vera: 403, people.charlie: 404}
        for person, status in allowed.items():
            browser = people.browser(person)
            assert browser.get(audio).status_code == (404 if person is people.charlie else 200)
            assert browser.post(rename, {"name": "New"}).status_code == status, person
        assert self.bring(people.browser(people.vera)).status_code == 403
        assert people.browser(None).get(audio).status_code == 302

    def test_delete_a_recording_with_its_bytes(self, people):
        made = take(people, sound())
        people.browser(people.alice).post(reverse("delete_recording", args=[made.code]))
        assert not Recording.objects.exists()
        assert not vault.exists(made.key)

    def test_keep_a_recording_that_a_task_under_way_still_needs(self, people):
        made = take(people, sound())
        task = make_task(people, operation="sonic.upload", status=Task.Status.RUNNING)
        task.recipe["values"] = {"recording": str(made.code)}
        task.save()
        browser, delete = people.browser(people.alice), reverse("delete_recording", args=[made.code])
        assert browser.post(delete).status_code == 422
        assert vault.exists(made.key)
        Task.objects.update(status=Task.Status.READY)
        assert browser.post(delete).status_code == 302

    def test_need_no_more_queries_for_more_recordings(self, people, django_assert_num_queries):
        browser = people.browser(people.alice)
        take(people, sound())
        with CaptureQueriesContext(connection) as few:
            browser.get(reverse("recordings"))
        for number in range(5):
            take(people, sound(samples=tone(1.0 + number / 100)), f"{number}.wav")
        with django_assert_num_queries(len(few)):
            browser.get(reverse("recordings"))
