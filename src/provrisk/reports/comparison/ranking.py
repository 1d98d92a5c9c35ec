"""Who is ranked together, and who is shown apart and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.evaluation.compare import Cells, leaderboard, shared_cells
from provrisk.evaluation.comparison import CELL, Comparison
from provrisk.evaluation.scores import TOTAL

KEY = ["model", *CELL]


@dataclass(frozen=True)
class Ranking:
    """The leaderboard on the cells that all ``names`` share, and who may never stand in it (``barred``: name, why)."""

    names: tuple[str, ...]
    cells: Cells
    table: pd.DataFrame
    barred: dict[str, str]


def rank(comparison: Comparison, benchmark: str, names: Sequence[str] | None, seed: int) -> Ranking:
    """The leaderboard of ``names``, by default all models that forecast what the ``benchmark`` forecasts.

    Nowcasts are left out. Raises ``ProvriskError`` for a name that is not there or may not be ranked.
    """
    if benchmark not in comparison.contenders:
        there = ", ".join(comparison.contenders)
        raise ProvriskError(f"The benchmark {benchmark!r} is not among those compared: {there}.")
    barred = _barred(comparison, comparison.contenders[benchmark].target)
    if names is None:
        free = [c for name, c in comparison.contenders.items() if name not in barred]
        names = [c.name for c in free if c.kind == "model"] or [c.name for c in free]
    names = list(dict.fromkeys([*names, benchmark]))
    for name in names:
        if name in barred:
            raise ProvriskError(f"{name!r} cannot be ranked ({barred[name]}): leave it out; the page shows it apart.")
    cells = shared_cells(without_nowcasts(comparison), names)
    table = leaderboard(cells, benchmark, seed)
    return Ranking(tuple(str(name) for name in table.index), cells, table, barred)


def without_nowcasts(comparison: Comparison) -> pd.DataFrame:
    """The scores of forecasts that were issued before their target month began; the total falls with any province."""
    said = comparison.forecasts
    late = said.loc[said.nowcast.eq(True), KEY].astype({"model": "str", "province": "str"})
    if late.empty:
        return comparison.scores
    late = pd.concat([late, late.assign(province=TOTAL)]).drop_duplicates()
    rows = comparison.scores[KEY].astype({"model": "str", "province": "str"})
    kept = ~pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(late))
    return comparison.scores[kept]


def _barred(comparison: Comparison, target: str) -> dict[str, str]:
    """Why a contender may never be ranked, by name; those that may have no entry."""
    early = without_nowcasts(comparison).model.unique()
    scored = comparison.scores.model.unique()
    why = {}
    for name, contender in comparison.contenders.items():
        if contender.target != target:
            why[name] = f"forecasts {contender.target}, not {target}"
        elif name not in scored:
            why[name] = "none of its cells has been observed"
        elif name not in early:
            why[name] = "nowcasts only: issued after their target months had begun"
    return why
