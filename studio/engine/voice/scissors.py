"""Cuts parts out of an ONNX file without the package onnx: nodes and weights are passed on byte for byte.

The format is protocol buffers; field numbers are those of onnx.proto3 (ONNX 1.16).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

GRAPH = 7  # in a model
NODE, WEIGHT, INPUT, OUTPUT, KNOWN_SHAPE = 1, 5, 11, 12, 13  # in a graph
NODE_READS, NODE_WRITES, WEIGHT_NAME = 1, 2, 8
VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
FLOAT, INT64 = 1, 7  # element types

Field = tuple[int, memoryview, memoryview]  # number, content, the whole field with its tag


def part(model: bytes, inputs: Mapping[str, int], outputs: Mapping[str, int]) -> bytes:
    """The nodes between some tensors of a model, as a model of its own. `inputs` and `outputs` map names of
    tensors to FLOAT or INT64; they keep their names, and their shapes are left open. Raises ValueError when
    an output does not exist or needs anything else than the inputs."""
    graph = next(content for number, content, _ in fields(model) if number == GRAPH)
    nodes = [(whole, *_names(content)) for number, content, whole in fields(graph) if number == NODE]
    weights = {
        _text(content, WEIGHT_NAME): whole for number, content, whole in fields(graph) if number == WEIGHT
    }
    wanted = _needed(nodes, frozenset(weights), frozenset(inputs), outputs)
    kept = b"".join(whole for whole, _, writes in nodes if any(name in wanted for name in writes))
    kept += b"".join(whole for name, whole in weights.items() if name in wanted)
    dropped = (NODE, WEIGHT, INPUT, OUTPUT, KNOWN_SHAPE)
    kept += b"".join(whole for number, _, whole in fields(graph) if number not in dropped)
    kept += b"".join(_field(INPUT, _tensor_of(name, kind)) for name, kind in inputs.items())
    kept += b"".join(_field(OUTPUT, _tensor_of(name, kind)) for name, kind in outputs.items())
    rest = b"".join(whole for number, _, whole in fields(model) if number != GRAPH)
    return rest + _field(GRAPH, kept)


def _needed(
    nodes: list[tuple[memoryview, list[str], list[str]]],
    weights: frozenset[str],
    inputs: frozenset[str],
    outputs: Iterable[str],
) -> set[str]:
    """Names of all tensors on the way from the inputs to the outputs, the weights among them."""
    reads_of = {name: reads for _, reads, writes in nodes for name in writes}
    wanted: set[str] = set()
    open_ = list(outputs)
    while open_:
        name = open_.pop()
        if not name or name in wanted or name in inputs:
            continue
        if name not in reads_of and name not in weights:
            raise ValueError(f"The tensor {name!r} of the net is neither computed, nor stored, nor given.")
        wanted.add(name)
        open_ += reads_of.get(name, [])
    return wanted


def fields(message: bytes | memoryview) -> Iterator[Field]:
    """The fields of a message in order. Raises ValueError for bytes that are no message."""
    view = memoryview(message)
    at = 0
    while at < len(view):
        start = at
        tag, at = _varint(view, at)
        kind = tag & 7
        if kind == VARINT:
            first = at
            _, at = _varint(view, at)
        elif kind == BYTES:
            length, first = _varint(view, at)
            at = first + length
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            first = at
            at += 8 if kind == EIGHT_BYTES else 4
        else:
            raise ValueError(f"This is no ONNX file: field type {kind}.")
        if at > len(view):
            raise ValueError("This is no ONNX file, or only a part of one.")
        yield tag >> 3, view[first:at], view[start:at]


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(view):
        byte = view[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise ValueError("This is no ONNX file, or only a part of one.")


def _names(node: memoryview) -> tuple[list[str], list[str]]:
    reads = [str(content, "utf-8") for number, content, _ in fields(node) if number == NODE_READS]
    writes = [str(content, "utf-8") for number, content, _ in fields(node) if number == NODE_WRITES]
    return reads, writes


def _text(message: memoryview, wanted: int) -> str:
    return next(str(content, "utf-8") for number, content, _ in fields(message) if number == wanted)


def _tensor_of(name: str, kind: int) -> bytes:
    """A ValueInfoProto without a shape."""
    return _field(1, name.encode()) + _field(2, _field(1, bytes([1 << 3, kind])))


def _field(number: int, content: bytes) -> bytes:
    return _number(number << 3 | BYTES) + _number(len(content)) + content


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
