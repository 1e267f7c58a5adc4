"""Files and packages the engine cannot do without, checked by hash before they are believed."""

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.engine.spec import ENGINE_VERSION, EngineUnavailable

ASSETS = Path(__file__).parent / "assets"
BANK_NAME = "FluidR3Mono_GM.sf3"
# Source and licence of the bank are in NOTICE, where the same hash stands.
SHA256 = {BANK_NAME: "cfcd66d89e8386823400eca64934b14fbea7bf48ba1f00d21189af1262794ec2"}
PACKAGES = ("numpy", "scipy", "soundfile", "pyloudnorm", "tinysoundfont", "lameenc", "mido")


def asset_path(name: str, folder: Path = ASSETS) -> Path:
    """The path of a verified asset. Raises EngineUnavailable when it is missing or its hash is wrong."""
    path = folder / name
    if not path.is_file():
        raise EngineUnavailable(
            f"The sound bank {name} is missing from {folder}. Install Ostinato again to put it back."
        )
    if _sha256(path, path.stat().st_mtime_ns) != SHA256[name]:
        raise EngineUnavailable(
            f"The sound bank {name} is damaged or was replaced (its SHA-256 differs from the pinned one). "
            "Install Ostinato again to put the original back."
        )
    return path


@lru_cache(maxsize=8)
def _sha256(path: Path, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing_packages() -> list[str]:
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def require_engine() -> Path:
    """The bank's path, once everything a render needs is here. Raises EngineUnavailable."""
    missing = missing_packages()
    if missing:
        raise EngineUnavailable(
            f"The offline engine needs {', '.join(missing)}. "
            "Install them with: pip install 'ostinato[engine]'"
        )
    return asset_path(BANK_NAME)


def capabilities() -> dict[str, Any]:
    """What this installation can do: `available`, `reason` (empty when it can), packages, assets, version."""
    try:
        require_engine()
        reason = ""
    except EngineUnavailable as error:
        reason = str(error)
    return {
        "engine_version": ENGINE_VERSION,
        "available": not reason,
        "reason": reason,
        "missing_packages": missing_packages(),
        "assets": {name: (ASSETS / name).is_file() for name in SHA256},
        "singing_voice": False,
        "operations": ["create_music"],
    }
