"""What a mix measured in order to be made: kept, so that a changed song can be mixed by the same hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Balance:
    """Levels by name. A name that was `given` keeps its value, others are measured once, when first asked.

    Names are written by one thread each; the dictionary itself is safe to share.
    """

    def __init__(self, given: Mapping[str, float] | None = None) -> None:
        self._given = dict(given or {})
        self._noted: dict[str, float] = {}

    def keep(self, name: str, measure: Callable[[], float]) -> float:
        """The value under `name`, measured now unless it is known."""
        if name not in self._noted:
            self._noted[name] = float(self._given[name] if name in self._given else measure())
        return self._noted[name]

    def noted(self) -> dict[str, float]:
        """Everything asked for so far, by sorted name."""
        return dict(sorted(self._noted.items()))
