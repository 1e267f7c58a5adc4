"""Writes small ONNX files by hand, so that building a graph from loose weights needs no further package.

The format is protocol buffers; field numbers are those of onnx.proto3 (ONNX 1.16, IR version 8).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IR_VERSION, OPSET = 8, 13
FLOAT, INT64 = 1, 7
Weights = NDArray[np.float32] | NDArray[np.int64]


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def tensor(name: str, values: Weights) -> bytes:
    """A TensorProto of float32 or int64 values."""
    kind = INT64 if values.dtype == np.int64 else FLOAT
    dims = b"".join(_number(1, size) for size in values.shape)
    data = np.ascontiguousarray(values, "<i8" if kind == INT64 else "<f4").tobytes()
    return dims + _number(2, kind) + _bytes(8, name) + _bytes(9, data)


def node(
    kind: str, inputs: Sequence[str], output: str, **attributes: int | float | str | Sequence[int]
) -> bytes:
    """A NodeProto with one output; attributes are ints, floats, texts or lists of ints."""
    out = b"".join(_bytes(1, name) for name in inputs) + _bytes(2, output) + _bytes(3, output)
    return out + _bytes(4, kind) + b"".join(_bytes(5, _attribute(k, v)) for k, v in attributes.items())


def _attribute(name: str, value: int | float | str | Sequence[int]) -> bytes:
    head = _bytes(1, name)
    if isinstance(value, float):
        return head + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    if isinstance(value, str):
        return head + _bytes(4, value) + _number(20, 3)
    return head + b"".join(_number(8, item) for item in value) + _number(20, 7)


def _value_info(name: str, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(
        _bytes(1, _number(1, size) if isinstance(size, int) else _bytes(2, size)) for size in shape
    )
    kind = _bytes(1, _number(1, FLOAT) + _bytes(2, dims))
    return _bytes(1, name) + _bytes(2, kind)


def model(
    nodes: Sequence[bytes],
    tensors: Sequence[bytes],
    inputs: dict[str, Sequence[int | str]],
    outputs: dict[str, Sequence[int | str]],
) -> bytes:
    """A whole ModelProto. Shapes hold sizes, or names for sizes that are free."""
    graph = b"".join(_bytes(1, item) for item in nodes) + _bytes(2, "graph")
    graph += b"".join(_bytes(5, item) for item in tensors)
    graph += b"".join(_bytes(11, _value_info(name, shape)) for name, shape in inputs.items())
    graph += b"".join(_bytes(12, _value_info(name, shape)) for name, shape in outputs.items())
    opset = _bytes(1, "") + _number(2, OPSET)
    return _number(1, IR_VERSION) + _bytes(2, "ostinato") + _bytes(7, graph) + _bytes(8, opset)
