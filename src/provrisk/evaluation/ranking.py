"""Rankings of forecasts of any form: by the finest score that all can be asked, on the cells that all share."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.evaluation.compare import Cells, diebold_mariano, leaderboard, shared_cells, skills
from provrisk.evaluation.comparison import CELL, Comparison
from provrisk.forecasts.claims import TOTAL

FINEST = ("crps", "wis", "rps", "absolute_error")
"""From the score that asks most of a forecast to the one that asks least: draws, quantiles, probabilities, a number."""

BESIDE = (*FINEST, "interval_80", "inside_50", "inside_80", "inside_90")


@dataclass(frozen=True)
class Ranking:
    """Contenders of one ``target``, best first by ``score``, on ``cells``; with ``total``, on sums over provinces.

    ``table`` has a row a contender: the mean of each score that it has on all the cells, skill, skill_low, skill_high
    and verdict against ``benchmark``, dm_p, bias, the share of cells ``inside`` each interval, and nowcasts (cells). Of
    models alone it has the columns of ``compare.leaderboard`` besides. ``aside`` says who is not ranked, and why.
    """

    target: str
    score: str
    total: bool
    benchmark: str
    table: pd.DataFrame
    cells: Cells
    aside: dict[str, str]


def rank(
    comparison: Comparison, target: str, names: Sequence[str], benchmarks: Sequence[str] = (), total: bool = False,
    together: bool = False,
) -> Ranking:  # fmt: skip
    """Rank ``names``, who forecast ``target``, on the cells that all of them share.

    Unless they are to be ranked ``together`` or not at all, whoever has none in common with the rest is left aside:
    they are taken in turn, from the one with most cells. The benchmark is the first of ``benchmarks`` that is ranked,
    or else the best. Raises ``ProvriskError`` if nobody can be ranked.
    """
    wide = {score: _wide(comparison.scores, score, names, total) for score in FINEST}
    chosen, aside = (list(names), {}) if together else _together(wide, names, total)
    score = next((one for one in FINEST if _common(wide[one], chosen)), None)
    if score is None or not chosen:
        what = "sum over provinces" if total else "cell"
        raise ProvriskError(f"No {what} that came is forecast by all of {', '.join(names)}: compare fewer.")
    cells = shared_cells(comparison.scores, chosen, score, total)
    losses = cells.wide(score, total)
    benchmark = next((name for name in benchmarks if name in losses), str(losses.mean().idxmin()))
    table = _beside(comparison, cells, losses, total)
    if not total and "log_score" in _had(comparison.scores, chosen):
        extra = leaderboard(cells, benchmark)
        table = extra.join(table.drop(columns=table.columns.intersection(extra.columns)))
    else:
        table = table.join(skills(losses, benchmark))
        table["dm_p"] = [diebold_mariano(losses[name], losses[benchmark]) for name in table.index]
    return Ranking(target, score, total, benchmark, table.sort_values(score, kind="stable"), cells, aside)


def targets(comparison: Comparison, total: bool = False) -> dict[str, list[str]]:
    """Who is scored, by what they forecast, the target of most contenders first."""
    scores = comparison.scores[(comparison.scores.province == TOTAL) == total]
    scored = set(scores[scores.score.isin(FINEST)].model)
    found: dict[str, list[str]] = {}
    for name, one in comparison.contenders.items():
        if name in scored:
            found.setdefault(one.target, []).append(name)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _wide(scores: pd.DataFrame, score: str, names: Sequence[str], total: bool) -> pd.DataFrame:
    """One score as a table: a row a cell, a column each of ``names``, NaN where a contender has not that cell."""
    chosen = (scores.score == score) & ((scores.province == TOTAL) == total) & scores.model.isin(names)
    rows = scores[chosen].astype({"model": "str", "province": "str"})
    return rows.pivot(index=list(CELL), columns="model", values="value").reindex(columns=list(names))


def _common(wide: pd.DataFrame, names: Sequence[str]) -> int:
    return int(wide[list(names)].notna().all(axis=1).sum())


def _together(wide: dict[str, pd.DataFrame], names: Sequence[str], total: bool) -> tuple[list[str], dict[str, str]]:
    """The contenders that share cells, taken in turn from the one with most; the others with the reason."""
    number = pd.DataFrame({score: table.notna().sum() for score, table in wide.items()}).max(axis=1)
    chosen: list[str] = []
    aside = {}
    for name in number.sort_values(ascending=False, kind="stable").index:
        if not number[name]:
            aside[str(name)] = "has no sum over provinces that came" if total else "has no province's month that came"
        elif any(_common(table, [*chosen, name]) for table in wide.values()):
            chosen.append(str(name))
        else:
            aside[str(name)] = f"shares no cell with all of {', '.join(chosen)}"
    return chosen, aside


def _beside(comparison: Comparison, cells: Cells, losses: pd.DataFrame, total: bool) -> pd.DataFrame:
    """On the cells of ``losses``: every score that a contender has on all of them, bias and nowcasts."""
    table = pd.DataFrame(index=losses.columns)
    for score in BESIDE:
        wide = _wide(cells.scores, score, cells.models, total).reindex(losses.index)
        table[score] = wide.mean().where(wide.notna().all())
    said, came = (_wide(cells.scores, one, cells.models, total).reindex(losses.index) for one in ("mean", "observed"))
    table["bias"] = said.sum().where(said.notna().all()) / came.sum()
    own = comparison.forecasts[comparison.forecasts.nowcast & comparison.forecasts.model.isin(cells.models)]
    late = own[pd.MultiIndex.from_frame(own[list(CELL)]).isin(losses.index)]
    table["nowcasts"] = late.model.value_counts().reindex(table.index, fill_value=0)
    return table.rename_axis("model")


def _had(scores: pd.DataFrame, names: Sequence[str]) -> set[str]:
    """The scores that every one of ``names`` has of some cell."""
    own = scores[scores.model.isin(names)]
    number = own.groupby("score", observed=True).model.nunique()
    return set(number.index[number == len(set(names))])
