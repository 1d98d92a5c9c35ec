"""Rankings of forecasts of any form: by the finest score that all can be asked, on the cells that all share."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.evaluation.compare import Cells, diebold_mariano, leaderboard, pivoted, shared_cells, skills
from provrisk.evaluation.comparison import CELL, Comparison
from provrisk.forecasts.predictions import TOTAL

FINEST = ("crps", "wis", "rps", "absolute_error")
"""From the score that asks most of a forecast to the one that asks least: draws, quantiles, probabilities, a number."""

FEWEST = 8
"""Origins below which a bootstrap over them says nothing: the difference is left open."""

LEAST_SHARE = 0.5
"""Whoever would leave less than this share of the cells to be compared is held against the benchmark alone."""

BESIDE = (*FINEST, "interval_80", "inside_50", "inside_80", "inside_90")


@dataclass(frozen=True)
class Ranking:
    """Contenders of one ``target``, best first by ``score``, on ``cells``; with ``total``, on sums over provinces.

    ``table`` has a row a contender: the mean of each score that it has on all the cells, skill, skill_low, skill_high
    and verdict against ``benchmark``, dm_p, bias, the share of cells ``inside`` each interval, and nowcasts (cells). Of
    models alone it has the columns of ``compare.leaderboard`` besides. ``pairs`` has a row for each other contender
    that shares cells with the benchmark, and what the two scored on those: score, cells, mean, benchmark_mean, skill
    and its interval, verdict, nowcasts. ``aside`` says who shares none, and why.
    """

    target: str
    score: str
    total: bool
    benchmark: str
    table: pd.DataFrame
    cells: Cells
    pairs: pd.DataFrame
    aside: dict[str, str]

    def records(self) -> pd.DataFrame:
        """Everybody in one table, those of ``pairs`` with ``ranked`` false."""
        mean = self.table[self.score]
        ranked = self.table.assign(
            ranked=True, score=self.score, cells=len(self.cells.wide(self.score, self.total)), mean=mean,
            benchmark_mean=mean[self.benchmark],
        )  # fmt: skip
        table = ranked if self.pairs.empty else pd.concat([ranked, self.pairs.assign(ranked=False)])
        return table.assign(benchmark=self.benchmark).rename_axis("model").reset_index()


def rank(
    comparison: Comparison, target: str, names: Sequence[str], benchmarks: Sequence[str] = (), total: bool = False,
    together: bool = False,
) -> Ranking:  # fmt: skip
    """Rank ``names``, who forecast ``target``, on the cells that all of them share.

    Unless they are to be ranked ``together`` or not at all, whoever shares few cells with the rest is held against the
    benchmark alone: they are taken in turn, from the one with most cells. The benchmark is the first of ``benchmarks``
    that is ranked, or else the best. Raises ``ProvriskError`` if nobody can be ranked.
    """
    wide = {score: _wide(comparison.scores, score, names, total) for score in FINEST}
    chosen = list(names) if together else _together(wide)
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
        extra = extra.assign(**told_skills(losses, benchmark))
        table = extra.join(table.drop(columns=table.columns.intersection(extra.columns)))
    else:
        table = table.join(told_skills(losses, benchmark))
        table["dm_p"] = [diebold_mariano(losses[name], losses[benchmark]) for name in table.index]
    others = [name for name in names if name not in chosen]
    pairs = {name: _pair(comparison, wide, name, benchmark) for name in others}
    return Ranking(
        target, score, total, benchmark, table.sort_values(score, kind="stable"), cells,
        pairs=pd.DataFrame.from_dict({name: pair for name, pair in pairs.items() if pair}, orient="index"),
        aside={name: f"shares no cell with {benchmark}" for name, pair in pairs.items() if not pair},
    )  # fmt: skip


def told_skills(losses: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    """``compare.skills``; from fewer than FEWEST origins there is no interval, and the verdict is "too few"."""
    table = skills(losses, benchmark)
    if losses.index.get_level_values("origin").nunique() < FEWEST:
        return table.assign(skill_low=float("nan"), skill_high=float("nan"), verdict="too few")
    return table


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
    return pivoted(scores[chosen]).reindex(columns=list(names))


def _common(wide: pd.DataFrame, names: Sequence[str]) -> int:
    return int(wide[list(names)].notna().all(axis=1).sum())


def _together(wide: dict[str, pd.DataFrame]) -> list[str]:
    """The contenders that are ranked in one table, taken in turn from the one with most cells."""
    number = pd.DataFrame({score: table.notna().sum() for score, table in wide.items()}).max(axis=1)
    chosen: list[str] = []
    shared = 0
    for name in number[number > 0].sort_values(ascending=False, kind="stable").index:
        left = max(_common(table, [*chosen, name]) for table in wide.values())
        if not chosen or left >= LEAST_SHARE * shared > 0:
            chosen, shared = [*chosen, str(name)], left
    return chosen


def _pair(
    comparison: Comparison, wide: dict[str, pd.DataFrame], name: str, benchmark: str
) -> dict[str, float | str] | None:
    """What ``name`` and ``benchmark`` scored on the cells that the two share, by the finest score that both have."""
    for score, table in wide.items():
        losses = table[[name, benchmark]].dropna()
        if len(losses):
            means = {"mean": losses[name].mean(), "benchmark_mean": losses[benchmark].mean()}
            late = _nowcasts(comparison, [name], losses.index).get(name, 0)
            skill = told_skills(losses, benchmark).loc[name].to_dict()
            return {"score": score, "cells": len(losses), **means, **skill, "nowcasts": late}
    return None


def _nowcasts(comparison: Comparison, names: Sequence[str], cells: pd.Index) -> pd.Series:
    """How many of ``cells`` each of ``names`` forecast after their month had begun."""
    own = comparison.forecasts[comparison.forecasts.nowcast & comparison.forecasts.model.isin(list(names))]
    return own[pd.MultiIndex.from_frame(own[list(CELL)]).isin(cells)].model.value_counts()


def _beside(comparison: Comparison, cells: Cells, losses: pd.DataFrame, total: bool) -> pd.DataFrame:
    """On the cells of ``losses``: every score that a contender has on all of them, bias and nowcasts."""
    table = pd.DataFrame(index=losses.columns)
    for score in BESIDE:
        wide = _wide(cells.scores, score, cells.models, total).reindex(losses.index)
        table[score] = wide.mean().where(wide.notna().all())
    said, came = (_wide(cells.scores, one, cells.models, total).reindex(losses.index) for one in ("mean", "observed"))
    table["bias"] = said.sum().where(said.notna().all()) / came.sum()
    table["nowcasts"] = _nowcasts(comparison, cells.models, losses.index).reindex(table.index, fill_value=0)
    return table.rename_axis("model")


def _had(scores: pd.DataFrame, names: Sequence[str]) -> set[str]:
    """The scores that every one of ``names`` has of some cell."""
    own = scores[scores.model.isin(names)]
    number = own.groupby("score", observed=True).model.nunique()
    return set(number.index[number == len(set(names))])
