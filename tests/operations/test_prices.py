"""First guesses of prices are those of the vendor's price pages, host by host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.operations import REGISTRY, Operation
from tests.operation_values import values_for
from tests.operations.contexts import CODES

TABLE = json.loads((Path(__file__).parent / "prices.json").read_text())
ROWS = [(host, name, credits) for host, prices in TABLE.items() for name, credits in prices.items()]


@pytest.mark.parametrize(("host", "name", "credits"), ROWS, ids=lambda value: str(value))
def test_the_documented_price_is_quoted(host: str, name: str, credits: int) -> None:
    entry, _, model = name.partition(" ")
    operation: Operation = REGISTRY[entry]
    values = operation.defaults() | values_for(entry, CODES) | ({"mv": model} if model else {})
    assert operation.price(host, values) == credits


def test_the_offline_provider_charges_what_is_quoted_for_it() -> None:
    """Of every entry; the walk of tests/test_every_operation.py pays them."""
    host = "api.aimusicapi.ai"
    dearer = {}
    for name, operation in REGISTRY.items():
        values = operation.defaults() | values_for(name, CODES)
        quoted = operation.price("offline", values), operation.price(host, values)
        if quoted[0] != quoted[1] and operation.on(host).is_usable:
            dearer[name] = quoted
    assert dearer == {}
