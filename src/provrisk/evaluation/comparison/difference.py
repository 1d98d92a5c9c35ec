"""Two forecasts compared in detail: where, when and by how much they differ, and which is better."""

import json
from dataclasses import dataclass

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import CELL, Comparison
from provrisk.evaluation.comparison.leaderboard import skills
from provrisk.evaluation.comparison.ranking import finest
from provrisk.evaluation.comparison.why_apart import why_apart
from provrisk.evaluation.scores.scoring import Scoring
from provrisk.forecasts.predictions import TOTAL

FEW_MONTHS = 24
"""Largest number of target months shown one by one; more are shown by year."""


@dataclass(frozen=True)
class Difference:
    """The forecasts ``a`` and ``b`` of the cells in both.

    ``cells`` has a row for each cell: ``CELL``, target_month, a and b (median, else mean), ``came`` (observed), a_score
    and b_score. ``score`` is the most demanding that both have of an observed cell, or None. ``verdict`` has the means
    a_score and b_score, and for a against b the columns of ``compare.skills``. ``unshared`` counts the cells that only
    one of them forecast.
    """

    a: str
    b: str
    target: str
    score: str | None
    total: bool
    cells: pd.DataFrame
    unshared: dict[str, int]
    verdict: dict[str, float | str]

    def as_dict(self) -> dict[str, object]:
        """The difference without the single cells, as in JSON."""
        tables = {"where": self.where(), "when": self.when()}
        return {
            "a": self.a, "b": self.b, "target": self.target, "score": self.score, "cells": len(self.cells),
            "unshared": self.unshared, **{key: said if said == said else None for key, said in self.verdict.items()},
            **{name: json.loads(table.reset_index().to_json(orient="records")) for name, table in tables.items()},
        }  # fmt: skip

    def where(self) -> pd.DataFrame:
        """Means by province, the largest difference first."""
        return self._by(self.cells.province).sort_values("difference", key=abs, ascending=False, kind="stable")

    def when(self) -> pd.DataFrame:
        """Means by target month, or by year if there are many."""
        target = self.cells.target_month
        few = target.nunique() <= FEW_MONTHS
        return self._by((target.map(months.label) if few else target.dt.year).rename("month" if few else "year"))

    def largest(self, number: int = 5) -> pd.DataFrame:
        """The cells with the largest difference: of the score if known, else of the forecasts."""
        size = (self.cells.a_score - self.cells.b_score).abs()
        size = size if size.notna().any() else (self.cells.a - self.cells.b).abs()
        return self.cells.loc[size.sort_values(ascending=False, kind="stable").index[:number]]

    def _by(self, part: pd.Series) -> pd.DataFrame:
        ahead = self.cells.a_score - self.cells.b_score
        groups = self.cells.assign(difference=ahead, a_nearer=ahead < 0, b_nearer=ahead > 0).groupby(part)
        means = groups[["a", "b", "came", "a_score", "b_score", "difference"]].mean()
        return means.join(groups[["a_nearer", "b_nearer"]].sum()).assign(cells=groups.size())


def difference(comparison: Comparison, a: str, b: str, scoring: Scoring = Scoring()) -> Difference:
    """Compare ``a`` with ``b`` on every cell that both forecast.

    Raises ``ProvriskError`` if they forecast different targets, or share no cell.
    """
    one, other, total = comparison.contenders[a], comparison.contenders[b], scoring.total
    if one.target != other.target:
        raise ProvriskError(
            f"{a} forecasts {one.target} and {b} {other.target}, which are never compared: "
            "'compare --at MONTH' shows both."
        )
    said = {name: _said(comparison, name, total) for name in (a, b)}
    both = said[a].rename(columns={"said": "a"}).join(said[b].said.rename("b"), how="inner")
    if both.empty:
        raise _nothing_shared(comparison, a, b, total)
    score, scored = _scored(comparison, (a, b), both.index, scoring.log)
    cells = both.join(scored).reset_index()
    unshared = {name: len(said[name]) - len(both) for name in (a, b)}
    return Difference(a, b, one.target, score, total, cells, unshared, _verdict(cells) if score else {})


def _nothing_shared(comparison: Comparison, a: str, b: str, total: bool) -> ProvriskError:
    """The sentence on two who share no cell; a backtest can be run again, an external forecast cannot."""
    there = [set(_said(comparison, name, not total).index) for name in (a, b)]
    if there[0] & there[1]:
        kind, how = ("sum over provinces", "without") if total else ("province", "with")
        return ProvriskError(f"{a} and {b} share no {kind}: 'compare' {how} --total compares them.")
    name, other = (a, b) if comparison.contenders[b].kind == "model" else (b, a)
    return ProvriskError(f"{name} {why_apart(comparison, name, other, total)}; --at MONTH shows both.")


def _said(comparison: Comparison, name: str, total: bool) -> pd.DataFrame:
    own = comparison.forecasts[comparison.forecasts.model == name]
    own = own[(own.province == TOTAL) == total].set_index(list(CELL))
    return own[["target_month"]].assign(said=own["median"].fillna(own["mean"]))


def _scored(
    comparison: Comparison, names: tuple[str, str], cells: pd.Index, log: bool
) -> tuple[str | None, pd.DataFrame]:
    """The most demanding score that both have of any of ``cells``; with observed, a_score and b_score by cell."""
    a, b = names
    order = finest(comparison.scores, log)
    scores = comparison.scores[comparison.scores.model.isin([a, b])].astype({"model": "str", "province": "str"})
    scores = scores[scores.score.isin([*order, "observed"])].astype({"score": "str"})
    wide = scores.pivot(index=list(CELL), columns=["score", "model"], values="value").reindex(cells)
    table = pd.DataFrame({"came": float("nan"), "a_score": float("nan"), "b_score": float("nan")}, index=cells)
    if "observed" in wide:
        table["came"] = wide["observed"].bfill(axis=1).iloc[:, 0]
    for score in order:
        pair = [(score, a), (score, b)]
        if set(pair) <= set(wide) and wide[pair].notna().all(axis=1).any():
            return score, table.assign(a_score=wide[pair[0]], b_score=wide[pair[1]])
    return None, table


def _verdict(cells: pd.DataFrame) -> dict[str, float | str]:
    losses = cells.set_index(list(CELL))[["a_score", "b_score"]].dropna()
    return {
        **losses.mean().to_dict(),
        **skills(losses, "b_score").loc["a_score"].to_dict(),
        "scored": len(losses),
    }
