"""Packs: nets and voices that not every studio needs, added and removed by `manage.py packs`.

A pack is a list of pinned wheels, fetched by the machine's own installer with their hashes, from which a few
files are taken. Those are checked again whenever they are used: a file that is not the pinned one disables
the pack and is never guessed around.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from studio.engine.spec import EngineUnavailable

REQUIREMENTS = Path(__file__).resolve().parent / "pack_requirements"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Pack:
    """`files` are what the pack consists of once added, with their SHA-256. `modules` have to be importable,
    from the pack's own folder or the studio's. `download_mb` is what adding it fetches."""

    name: str
    purpose: str
    licence: str
    download_mb: int
    files: dict[str, str]
    modules: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()


PACKS: dict[str, Pack] = {
    pack.name: pack
    for pack in (
        Pack(
            "separation",
            "takes the singing and the accompaniment of a recording apart (Spleeter, two stems)",
            "Code MIT. Of the weights, the paper says MIT and the project's README names only the code; "
            "its authors have not answered which is right (deezer/spleeter #898, #959). Decide for yourself.",
            89,
            {
                "vocals.onnx": "20d6b2b79f9a6f10aaee01c5e378ae560fe7bebeb97bdcf9de7fa183776fefd7",
                "accompaniment.onnx": "176ad8003a8085bc2fdd4e927d682be88409b3f964a92c41d65188c60abb209f",
            },
            operations=("stems", "vox", "cover", "mashup"),
        ),
        Pack(
            "transcription",
            "writes the notes of a recording down as MIDI (basic-pitch)",
            "Apache-2.0",
            1,
            {"nmp.onnx": "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec"},
            operations=("midi",),
        ),
        Pack(
            "recognition",
            "reads the words that are sung in a recording (Whisper base)",
            "Weights and recogniser MIT; the packages they need MIT, BSD-3-Clause or Apache-2.0 "
            "(tqdm: MPL-2.0 and MIT)",
            190,
            {
                "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
                "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
                "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
                "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            },
            modules=("faster_whisper", "ctranslate2", "tokenizers"),
            operations=("timeline",),
        ),
        Pack(
            "voices",
            "adds singers with voices of their own, for English, Spanish, Italian, Portuguese and French "
            "(Kokoro-82M)",
            "Apache-2.0; its export to ONNX MIT",
            63,
            {
                "durations.onnx": "99946d8582ff4cf8c6eb60a518879f739f0d2237a628e7a3a60f5584a2e24888",
                "prosody.onnx": "e76e3c20071d1ec540af2e017c544b10656b540dc6aff211fbfa1af9c141a94f",
                "sound.onnx": "eb0ba5a9c41ff1868da314379ba7f8a88386a7f036cab425ed0bde708721266a",
            },
        ),
    )
}


@dataclass(frozen=True)
class State:
    """`problem` is empty when the pack can be used; `is_present` tells whether it was added at all."""

    pack: Pack
    is_present: bool
    problem: str

    @property
    def is_ready(self) -> bool:
        return self.is_present and not self.problem


def packs_folder() -> Path:
    """Where packs live: PACKS_DIR, or the platform's folder for a user's data. It need not be backed up."""
    if given := os.environ.get("PACKS_DIR"):
        return Path(given).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "ostinato" / "packs"


def pack_named(name: str) -> Pack:
    """Raises EngineUnavailable for an unknown name, listing the known ones."""
    if name not in PACKS:
        raise EngineUnavailable(f"There is no pack {name!r}. The packs are: {', '.join(PACKS)}.")
    return PACKS[name]


def sources_of(name: str) -> tuple[str, ...]:
    """The packages a pack is made of, each with its pinned version."""
    text = (REQUIREMENTS / f"{pack_named(name).name}.txt").read_text("utf-8")
    found = re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE)
    return tuple(f"{package} {version}" for package, version in found)


def state_of(name: str) -> State:
    """Whether a pack is there and whole. Hashes are read once for every change of a file."""
    pack = pack_named(name)
    folder = packs_folder() / name
    if not all((folder / file).is_file() for file in pack.files):
        return State(pack, False, "")
    for file, wanted in pack.files.items():
        path = folder / file
        if _sha256(path, path.stat().st_mtime_ns) != wanted:
            return State(
                pack, True, f"{file} is not the file that was added: its SHA-256 differs from the pinned one"
            )
    missing = [module for module in pack.modules if not _is_importable(module, folder)]
    return State(pack, True, f"{', '.join(missing)} cannot be imported" if missing else "")


def require(name: str) -> Path:
    """The folder of a pack that is there and whole, its modules made importable.

    Raises EngineUnavailable, which names the pack, what it is for and the command that adds it.
    """
    state = state_of(name)
    command = f"python manage.py packs add {name}"
    if not state.is_present:
        raise EngineUnavailable(
            f"This needs the pack “{name}”, which {state.pack.purpose}. Add it with: {command}"
        )
    if state.problem:
        raise EngineUnavailable(
            f"The pack “{name}” is switched off: {state.problem}. Put it right with: {command}"
        )
    folder = packs_folder() / name
    if state.pack.modules:
        _make_importable(folder)
    return folder


def is_ready(name: str) -> bool:
    return state_of(name).is_ready


@lru_cache(maxsize=32)
def _sha256(path: Path, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_importable(module: str, folder: Path) -> bool:
    return (folder / "site" / module).is_dir() or importlib.util.find_spec(module) is not None


def _make_importable(folder: Path) -> None:
    site = str(folder / "site")
    # Behind the studio's own packages, which win where both have one.
    if Path(site).is_dir() and site not in sys.path:
        sys.path.append(site)


def add(name: str, say: Say = print) -> None:
    """Fetch, check and prepare a pack; an old one is replaced only when the new one is whole.

    Raises EngineUnavailable when there is no installer, a download fails or a hash is wrong.
    """
    from studio.engine.analysis import pack_files

    pack = pack_named(name)
    root = packs_folder()
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=root) as work:
        site, new = Path(work) / "site", Path(work) / "new"
        new.mkdir()
        say(f"Fetching {name} (about {pack.download_mb} MB) …")
        _install(REQUIREMENTS / f"{name}.txt", site)
        say("Preparing it …")
        pack_files.PREPARE[name](site, new, say)
        for file, wanted in pack.files.items():
            found = _sha256(new / file, 0) if (new / file).is_file() else "no file"
            if found != wanted:
                raise EngineUnavailable(
                    f"{file} of the pack “{name}” is not what was expected ({found[:12]} instead of "
                    f"{wanted[:12]}). Nothing was added."
                )
        if pack.modules and site.exists():
            shutil.move(site, new / "site")
        _replace(new, root / name)
    say(f"{name} is ready in {root / name}.")


def _replace(new: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    new.replace(target)


def remove(name: str) -> bool:
    """Delete a pack; False when it was not there. Safe to repeat."""
    folder = packs_folder() / pack_named(name).name
    if not folder.exists():
        return False
    shutil.rmtree(folder)
    return True


def installer() -> list[str]:
    """The beginning of the command that installs wheels: pip of this Python, or uv. Raises
    EngineUnavailable."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    raise EngineUnavailable(
        "Packs are fetched by pip or uv, and this Python has neither. Install one: python -m ensurepip"
    )


def _install(requirements: Path, site: Path) -> None:
    command = [
        *installer(), "--target", str(site), "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "-r", str(requirements),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise EngineUnavailable(
            "The pack could not be fetched; nothing was added. The installer says: " + " ".join(lines[-3:])
        )
