"""Files and packages the engine cannot do without, checked by hash before they are believed."""

import hashlib
import importlib.util
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from studio.engine.spec import ENGINE_VERSION, EngineUnavailable

ASSETS = Path(__file__).parent / "assets"
BANK_NAME = "FluidR3Mono_GM.sf3"
# Source and licence of each are in NOTICE, where the same hash stands.
SHA256 = {
    BANK_NAME: "cfcd66d89e8386823400eca64934b14fbea7bf48ba1f00d21189af1262794ec2",
    "words_en.tsv.gz": "f74076347d4f433c89a157e809a8be3b5953a8958765c770e84361a794d40a3b",
    "pinyin.tsv.gz": "1fa811d4994b1aa1af3e9681fc2c2838b5dd9cdcebbfa044672dff6b01ee5781",
    "oov.onnx": "d3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76",
    "oov.json": "b462e6e5dbdf0e7346c732385d0dd844f612f1770871441c56932bff4ca75d8c",
    "voice/durations.onnx": "66463302dfb73ddfa54cc94e0b512ca7e39864e70b0ea0db8ee6f148afc3f926",
    "voice/prosody.onnx": "8a67b9e33eb4771dca2dcaeb0bdcbe58838eb7442be9b004705755327c473014",
    "voice/spectra.onnx": "3f32192dba9ae5be2acf411979da4c54d85d277850e05dabbe655beda68b633c",
    "voice/phones.json": "7c0516094866f39c4c6538716002abe3f2eba8ef9e6d5af5544d3b2120534851",
    "voice/kokoro/af_bella.f16": "1f3fa814d8d2112ffc2728c90e3ef0f67b62a682aefea6ecc626354117765056",
    "voice/kokoro/am_fenrir.f16": "51cd12a27688d265c7d16afae11ce40d67f2237a713f9e8ee0aed1bff26d1ace",
    "voice/kokoro/am_michael.f16": "711d312743f781103b1c4ad66fa78a1b48140524699dbab289e3daa09ca8d7ab",
    "voice/kokoro/bf_emma.f16": "64096f782b5563f3cd716c734393158ed7f19e734637761bf18c55c1798194eb",
    "voice/kokoro/ef_dora.f16": "8f5d1656154c5bd41894c42b3f47bdc7c52d53339d78a8aa28d08fb8d0e69c00",
    "voice/kokoro/em_alex.f16": "22d0c6637b487defd8d3bbfcee0aef7659ce0564e4fe46f3f23961159965a6d2",
    "voice/kokoro/ff_siwis.f16": "48af1efdcbfb23eaee818d4ab1dbd852d5e51ee0b10c49aec70f0f17b4e2f584",
    "voice/kokoro/if_sara.f16": "74ccefb9b9ed2f368228558ea699b4fea3a02b2adef420df48b66f7bbad593ce",
    "voice/kokoro/im_nicola.f16": "6bc0e4538211caabab0b423cf9c9ee0e99d2cdaed0bed24e520641066454c47c",
    "voice/kokoro/pf_dora.f16": "acdf764907552f43d63c3206ca48159aae4b7f7c97404faf7d3b8b6e6ee94b02",
    "voice/kokoro/pm_alex.f16": "b871eaceb618c970977a7ed7c8dc4c3c519916054533b4cbb7a2aed69eb26af2",
}
# The voices of the optional bank are in a folder of their own, and nobody sings the worse without them.
VOICE_FILES = tuple(name for name in SHA256 if name.startswith("voice/") and name.count("/") == 1)
PACKAGES = ("numpy", "scipy", "soundfile", "pyloudnorm", "tinysoundfont", "lameenc", "mido", "onnxruntime")


def asset_path(name: str, folder: Path = ASSETS) -> Path:
    """The path of a verified asset. Raises EngineUnavailable when it is missing or its hash is wrong."""
    path = folder / name
    if not path.is_file():
        raise EngineUnavailable(
            f"The engine's file {name} is missing from {folder}. Install Ostinato again to put it back."
        )
    if _sha256(path, path.stat().st_mtime_ns) != SHA256[name]:
        raise EngineUnavailable(
            f"The engine's file {name} is damaged or was replaced (its SHA-256 differs from the pinned one). "
            "Install Ostinato again to put the original back."
        )
    return path


@lru_cache(maxsize=64)
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
    """What this installation can do: `available` and `reason` (empty when it can), the same for the singing
    voice (`sings`, `voice_reason`), packages, assets, version, and by what voices are taken out of recordings
    (`separator`: "nets" or "simple")."""
    # Loaded here, for the analysis imports what this module checks.
    from studio.engine import packs

    reason = _why_not(require_engine)
    voice_reason = reason or _why_not(*(partial(asset_path, name) for name in VOICE_FILES))
    return {
        "engine_version": ENGINE_VERSION,
        "available": not reason,
        "reason": reason,
        "missing_packages": missing_packages(),
        "assets": {name: (ASSETS / name).is_file() for name in SHA256},
        "sings": not voice_reason,
        "voice_reason": voice_reason,
        "separator": "nets" if packs.is_ready("separation") else "simple",
    }


def _why_not(*needs: Callable[[], object]) -> str:
    """The sentence of the first need that is not met, empty when all are."""
    for need in needs:
        try:
            need()
        except EngineUnavailable as error:
            return str(error)
    return ""
