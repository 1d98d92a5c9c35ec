"""Rankings of forecasts of any form: by the most demanding shared score, on the shared cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import Comparison, without_nowcasts
from provrisk.evaluation.comparison.leaderboard import Cells, leaderboard, pivoted, shared_cells, skills
from provrisk.evaluation.comparison.relative_skill import tournament
from provrisk.evaluation.comparison.why_apart import why_apart
from provrisk.evaluation.scores.quantile_scores import LOG, PARTS, RANK, USUAL, levels_of, quantile_coverage
from provrisk.evaluation.scores.scoring import Scoring
from provrisk.forecasts.predictions import TOTAL

LEAST_SHARE = 0.5
"""A model that would leave less than this share of the cells is compared only with the benchmark."""

BESIDE = ("interval_80", "inside_50", "inside_80", "inside_90")


def finest(scores: pd.DataFrame, log: bool = False) -> tuple[str, ...]:
    """Scores from the most to the least demanding: of draws, quantiles (the most levels
    first), probabilities, a number; with ``log``, those of log(x + 1). Only scores that some model has.
    """
    there = {str(name) for name in scores.score.unique()}
    of_levels = {name: levels for name in there if (levels := levels_of(name)) and name.endswith(LOG) == log}
    by_size = sorted(of_levels, key=lambda name: (-len(of_levels[name]), of_levels[name] != USUAL, name))
    every = ("crps_log", *by_size, "absolute_error_log") if log else ("crps", *by_size, "rps", "absolute_error")
    return tuple(name for name in every if name in there)


@dataclass(frozen=True)
class Ranking:
    """Models of one ``target``, best first by ``score``, on ``cells``; with ``total``, on sums over provinces.

    ``table`` has a row for each model: the mean of each score that it has on all the cells, the columns of
    ``compare.skills`` against ``benchmark``, relative_skill and its interval (``tournament``), bias, the share of cells
    ``inside`` each interval, median_absolute_error, rmsle and mean_log_error, of quantiles the parts of the weighted
    interval score and coverage (at_most_LEVEL), and nowcasts (cells that are not ranked). If all are backtested, also
    the columns of ``compare.leaderboard``. ``pairs`` has a row for each other model that shares cells with the
    benchmark, with the scores of the two on those: score, cells, mean, benchmark_mean, skill and its interval, verdict,
    nowcasts; and its relative skill, if it has the score. ``aside`` has those that share none, with reasons.
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
        """All models in one table, those of ``pairs`` with ``ranked`` false."""
        mean = self.table[self.score]
        ranked = self.table.assign(
            ranked=True, score=self.score, cells=len(self.cells.wide(self.score, self.total)), mean=mean,
            benchmark_mean=mean[self.benchmark],
        )  # fmt: skip
        few = f"shares too few cells with the others, and is compared only with {self.benchmark}"
        pairs = self.pairs.assign(ranked=False, reason=few)
        table = ranked.assign(reason=None) if pairs.empty else pd.concat([ranked, pairs])
        return table.assign(benchmark=self.benchmark).rename_axis("model").reset_index()


def rank(
    comparison: Comparison,
    target: str,
    names: Sequence[str],
    benchmarks: Sequence[str] = (),
    scoring: Scoring = Scoring(),
    together: bool = False,
) -> Ranking:
    """Rank ``names``, which forecast ``target``, on the cells that all of them share.

    Unless ``together`` is required, a model that shares few cells with the others is compared only with the
    benchmark: models are added one by one, from the one with most cells. The benchmark is the first of ``benchmarks``
    that is ranked, or else the best. Nowcasts are left out. Raises ``ProvriskError`` if none can be ranked.
    """
    total, log = scoring.total, scoring.log
    comparison = replace(comparison, scores=without_nowcasts(comparison))
    order = finest(comparison.scores, log)
    wide = {score: _wide(comparison.scores, score, names, total) for score in order}
    chosen = list(names) if together else _together(wide)
    score = next((one for one in order if _common(wide[one], chosen)), None)
    if score is None or not chosen:
        what = "sum over provinces" if total else "cell"
        why = _why_none(comparison, wide, names, total)
        raise ProvriskError(f"No observed {what} is forecast by all of {', '.join(names)}: {why}.")
    cells = shared_cells(comparison.scores, chosen, score, total)
    losses = cells.wide(score, total)
    benchmark = next((name for name in benchmarks if name in losses), str(losses.mean().idxmin()))
    table = _beside(comparison, cells, losses, total, score)
    relative = tournament(wide[score].dropna(how="all"))
    table = table.join(relative)
    if not total and not log and "log_score" in _had(comparison.scores, chosen):
        extra = leaderboard(cells, benchmark)
        table = extra.join(table.drop(columns=table.columns.intersection(extra.columns)))
    else:
        table = table.join(skills(losses, benchmark))
    table.loc[benchmark, "verdict"] = "benchmark"
    others = [name for name in names if name not in chosen]
    pairs = {name: _pair(comparison, wide, name, benchmark, total) for name in others}
    apart = pd.DataFrame.from_dict({name: pair for name, pair in pairs.items() if pair}, orient="index")
    return Ranking(
        target, score, total, benchmark, table.sort_values(score, kind="stable"), cells,
        pairs=apart if apart.empty else apart.join(relative),
        aside={
            name: _why_aside(comparison, wide, name, [benchmark, *chosen], total)
            for name, pair in pairs.items()
            if not pair
        },
    )  # fmt: skip


def targets(comparison: Comparison, scoring: Scoring = Scoring()) -> dict[str, list[str]]:
    """The scored models by target, the most common target first."""
    scores = comparison.scores[(comparison.scores.province == TOTAL) == scoring.total]
    scored = set(scores[scores.score.isin(finest(comparison.scores, scoring.log))].model)
    found: dict[str, list[str]] = {}
    for name, one in comparison.contenders.items():
        if name in scored:
            found.setdefault(one.target, []).append(name)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def left_out(
    comparison: Comparison, names: Sequence[str], rankings: Mapping[str, Ranking], scoring: Scoring
) -> dict[str, str]:
    """The ones of ``names`` in none of ``rankings`` (by target), with reasons."""
    ranked = {str(name) for one in rankings.values() for name in (*one.table.index, *one.pairs.index)}
    reasons = {name: why for one in rankings.values() for name, why in one.aside.items()}
    other = {name for own in targets(comparison, Scoring(total=not scoring.total)).values() for name in own}
    here = comparison.scores[(comparison.scores.province == TOTAL) == scoring.total]
    observed, counted = set(here.model[here.score == "observed"]), set(comparison.scores.model.unique())
    for name in names:
        target = comparison.contenders[name].target
        if name in ranked or name in reasons:
            continue
        if name in observed:
            reasons[name] = "has no score that another model has" + (" of the logs" if scoring.log else "")
        elif name in other:
            what, how = ("provinces", "without") if scoring.total else ("sums over provinces", "with")
            reasons[name] = f"forecasts {what} only: 'compare' {how} --total ranks it"
        elif name in counted or target in comparison.counted:
            reasons[name] = "forecasts no month that has been observed"
        else:
            reasons[name] = f"forecasts {target}, which the study does not count"
    return reasons


def _wide(scores: pd.DataFrame, score: str, names: Sequence[str], total: bool) -> pd.DataFrame:
    """One score as a table: a row for each cell, a column for each of ``names``, NaN for a missing cell."""
    chosen = (scores.score == score) & ((scores.province == TOTAL) == total) & scores.model.isin(names)
    return pivoted(scores[chosen]).reindex(columns=list(names))


def _common(wide: pd.DataFrame, names: Sequence[str]) -> int:
    return int(wide[list(names)].notna().all(axis=1).sum())


def _together(wide: dict[str, pd.DataFrame]) -> list[str]:
    """The models ranked in one table, added one by one from the one with most cells."""
    number = pd.DataFrame({score: table.notna().sum() for score, table in wide.items()}).max(axis=1)
    chosen: list[str] = []
    shared = 0
    for name in number[number > 0].sort_values(ascending=False, kind="stable").index:
        left = max(_common(table, [*chosen, name]) for table in wide.values())
        if not chosen or left >= LEAST_SHARE * shared > 0:
            chosen, shared = [*chosen, str(name)], left
    return chosen


def _pair(
    comparison: Comparison, wide: dict[str, pd.DataFrame], name: str, benchmark: str, total: bool
) -> dict[str, float | str] | None:
    """The scores of ``name`` and ``benchmark`` on their shared cells, by the most demanding shared score."""
    for score, table in wide.items():
        losses = table[[name, benchmark]].dropna()
        if len(losses):
            means = {"mean": losses[name].mean(), "benchmark_mean": losses[benchmark].mean()}
            late = _nowcasts(comparison, [name], total).get(name, 0)
            skill = skills(losses, benchmark).loc[name].to_dict()
            return {"score": score, "cells": len(losses), **means, **skill, "nowcasts": late}
    return None


def _why_none(comparison: Comparison, wide: Mapping[str, pd.DataFrame], names: Sequence[str], total: bool) -> str:
    """The first two of ``names`` that share no cell, and why."""
    for a, b in combinations(names, 2):
        if not any(_common(table, (a, b)) for table in wide.values()):
            model = comparison.contenders[a].kind == "model"
            return " ".join(
                (b, why_apart(comparison, b, a, total)) if model else (a, why_apart(comparison, a, b, total))
            )
    return "compare fewer"


def _why_aside(
    comparison: Comparison, wide: Mapping[str, pd.DataFrame], name: str, ranked: Sequence[str], total: bool
) -> str:
    if not any(table[name].notna().any() for table in wide.values()):
        return "made nowcasts only, issued after their months had begun"
    return why_apart(comparison, name, ranked[0], total, list(dict.fromkeys(ranked)))


def _nowcasts(comparison: Comparison, names: Sequence[str], total: bool) -> pd.Series:
    """The number of nowcasts of each of ``names``, which are not ranked."""
    own = comparison.forecasts[comparison.forecasts.nowcast.eq(True) & comparison.forecasts.model.isin(list(names))]
    return own[(own.province == TOTAL) == total].model.value_counts()


def _beside(comparison: Comparison, cells: Cells, losses: pd.DataFrame, total: bool, score: str) -> pd.DataFrame:
    """On the cells of ``losses``: every score that a model has on all of them, bias, errors and nowcasts."""
    table = pd.DataFrame(index=losses.columns)

    def wide(name: str) -> pd.DataFrame:
        return _wide(cells.scores, name, cells.models, total).reindex(losses.index)

    def mean(values: pd.DataFrame) -> pd.Series:
        return values.mean().where(values.notna().all())

    of_quantiles = next((name for name in (score, "wis") if levels_of(name)), "wis").removesuffix(LOG)
    scores = (*finest(cells.scores), *finest(cells.scores, log=True), *(of_quantiles + part for part in PARTS), *BESIDE)
    for name in dict.fromkeys(("crps", "wis", "rps", "absolute_error", *scores)):
        table[name] = mean(wide(name))
    error, log_error = wide("absolute_error"), wide("log_error")
    table["median_absolute_error"] = error.median().where(error.notna().all())
    table["rmsle"], table["mean_log_error"] = np.sqrt(mean(log_error**2)), mean(log_error)
    ranks, levels = wide(of_quantiles + RANK), levels_of(of_quantiles) or USUAL
    for name in table.index[ranks.notna().all()]:
        for column, share in quantile_coverage(ranks[name], levels).items():
            table.loc[name, column] = share
    said, observed = wide("mean"), wide("observed")
    table["bias"] = said.sum().where(said.notna().all()) / observed.sum()
    table["nowcasts"] = _nowcasts(comparison, cells.models, total).reindex(table.index, fill_value=0)
    return table.rename_axis("model")


def _had(scores: pd.DataFrame, names: Sequence[str]) -> set[str]:
    """The scores that all of ``names`` have for some cell."""
    own = scores[scores.model.isin(names)]
    number = own.groupby("score", observed=True).model.nunique()
    return set(number.index[number == len(set(names))])
