"""The gates' tables: one line a song, one line a demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from studio.engine.gates.demands import DEMANDS, Demand, Figures, Verdict

NAME_WIDTH = 34


def head() -> str:
    """The heads of the columns of `line`."""
    return f"{'song':{NAME_WIDTH}}" + "".join(f"{demand.column:>{_width(demand)}}" for demand in _columns())


def line(name: str, figures: Figures) -> str:
    """One song: its figures, with ! after those that miss the demand; - for what it has none of."""
    return f"{name[: NAME_WIDTH - 1]:{NAME_WIDTH}}" + "".join(
        _cell(d, figures.get(d.figure)) for d in _columns()
    )


def summary(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """One line a demand: what is wanted, the worst of all songs, how many fail, which is the worst."""
    yield f"{'demand':58}{'wanted':>16}{'worst':>10}{'failed':>10}  where"
    for verdict in verdicts:
        demand = verdict.demand
        if verdict.worst is None:
            yield f"{demand.title:58}{demand.wanted:>16}{'-':>10}{'':>10}  not measured"
            continue
        mark = "ok" if verdict.is_met else "FAIL"
        failed = f"{verdict.failed}/{verdict.counted}"
        worst = f"{verdict.worst:.{demand.digits}f}"
        yield f"{demand.title:58}{demand.wanted:>16}{worst:>10}{failed:>10}  {mark} {verdict.where}".rstrip()


def means(rows: Mapping[str, Figures]) -> Figures:
    """The mean of every figure over the songs that have it."""
    names = {name for row in rows.values() for name in row}
    found = {name: [v for row in rows.values() if (v := row.get(name)) is not None] for name in names}
    return {name: sum(values) / len(values) for name, values in found.items() if values}


def _columns() -> list[Demand]:
    return [demand for demand in DEMANDS if demand.column]


def _width(demand: Demand) -> int:
    return max(len(demand.column) + 2, 5 + (demand.digits > 0) * (demand.digits + 1))


def _cell(demand: Demand, value: float | None) -> str:
    if value is None:
        return f"{'-':>{_width(demand) - 1}} "
    mark = " " if demand.is_met(value) else "!"
    return f"{value:>{_width(demand) - 1}.{demand.digits}f}{mark}"
