"""Every random choice comes from a named stream, so that changing one part of a song moves no other."""

import hashlib
import random
from collections.abc import Sequence

import numpy as np


def dice(seed: int, *labels: object) -> random.Random:
    """A generator that depends on the seed and the labels alone, on every machine."""
    return random.Random(_key(seed, labels))  # noqa: S311 - music, not secrets


def noise_source(seed: int, *labels: object) -> np.random.Generator:
    """The numpy twin of `dice`, for whole arrays."""
    return np.random.default_rng(_key(seed, labels))


def derived_seed(seed: int, *labels: object) -> int:
    """A seed of its own for everything that belongs to these labels."""
    return _key(seed, labels) >> 16


def _key(seed: int, labels: Sequence[object]) -> int:
    text = "\x1f".join([str(seed), *(str(label) for label in labels)])
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")
