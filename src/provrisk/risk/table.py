"""The risk table: one row a province, every figure from the same draws."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import rankdata

from provrisk import files, months
from provrisk.evaluation.scores.cell_scores import ESCALATION_FACTOR, TOTAL
from provrisk.features.panel import recent
from provrisk.forecasts.quantiles import quantiles
from provrisk.risk import levels, severity
from provrisk.risk.issue_date import Issue
from provrisk.study import Study

INTERVALS = (50, 80, 90)
QUARTER = 3


def risk_table(
    panel: xr.Dataset,
    forecast: xr.DataArray,
    issue: Issue,
    study: Study,
    previous: Mapping[str, float] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """The risk of every province in the issue's month, highest expected count first.

    ``forecast`` is (province, horizon, draw), ``previous`` the risk scores of the last bulletin, ``seed`` that of the
    deaths drawn. What a column holds is in docs/bulletin.md; a figure that cannot be had is missing.
    """
    draws = forecast.sel(horizon=issue.horizon).transpose("province", "draw").to_numpy()
    scale, provinces = study.file.risk, forecast.indexes["province"]
    before_now = recent(panel.assign_attrs(origin=months.label(issue.origin)), provinces)
    # A draw is held against the last month and mean of its own version of the counts, where these are provisional.
    last, mean_12 = (
        forecast[name].transpose("province", "draw").to_numpy() if name in forecast.coords else values[:, None]
        for name, values in before_now.items()
    )
    score = levels.score(draws, scale)
    before = pd.Series(previous or {}, dtype=float).reindex(provinces).to_numpy()
    table = pd.DataFrame(
        {"province": provinces, "level": levels.ordered(levels.level(quantiles(draws, [0.5])[0], scale), scale)}
    )
    table["watch"] = levels.watched(draws, scale)
    table["score"], table["score_change"] = score, score - before
    table["last_month"], table["mean_12"] = pd.array(before_now["last_month"], dtype="Int64"), mean_12.mean(axis=1)
    figures = {
        **_amounts(draws),
        **_quarter(forecast, issue.horizon),
        **_chances(draws, study),
        "p_escalation": escalation(draws, mean_12, scale.escalation),
        "p_above_last": _chance(draws > last, last),
        **severity.columns(panel, draws, issue, seed),
        **_ranks(draws),
        "per_100000": draws.mean(axis=1) / study.provinces.population.reindex(provinces).to_numpy() * 1e5,
    }
    table = table.assign(**figures).sort_values(["expected", "province"], ascending=[False, True], ignore_index=True)
    table.insert(0, "rank", range(1, len(table) + 1))
    # By the mean a province may stand outside the middle of its ranks in single draws: the interval holds its own rank.
    table["rank_low"] = table[["rank", "rank_low"]].min(axis=1)
    table["rank_high"] = table[["rank", "rank_high"]].max(axis=1)
    return table


def country_row(panel: xr.Dataset, forecast: xr.DataArray, issue: Issue, study: Study, seed: int = 0) -> pd.Series:
    """The row of all provinces together, from sums of the same draws; what makes no sense for them is missing."""
    target = panel.attrs["target"]
    whole = panel[[target]].sum("province", skipna=False).expand_dims(province=[TOTAL]).assign_attrs(panel.attrs)
    drawn = forecast.sum("province").expand_dims(province=[TOTAL])
    own = {name: forecast[name].sum("province") for name in ("last_month", "mean_12") if name in forecast.coords}
    drawn = drawn.assign_coords({name: values.expand_dims(province=[TOTAL]) for name, values in own.items()})
    row = risk_table(whole, drawn, issue, study, seed=seed).iloc[0].copy()
    # The scale of levels is one of provinces, and so is the rank.
    none = ["rank", "level", "watch", "score", "score_change", "rank_low", "rank_high"]
    row[none + [f"p_{name.replace(' ', '_')}" for name in study.file.risk.levels]] = None
    draws = forecast.sel(horizon=issue.horizon).transpose("province", "draw").to_numpy()
    for name, value in severity.country(panel, draws, issue, seed).items():
        row[name] = value
    row["per_100000"] = row.expected / study.provinces.population.sum(skipna=False) * 1e5
    return row


def escalation(draws: np.ndarray, mean_12: np.ndarray, least: int) -> np.ndarray:
    """P(the month exceeds both 1.5 times the 12-month mean and ``least``), per province; missing without a mean.

    ``draws`` is (province, draw), ``mean_12`` (province, draw) or, the same for all draws, (province, 1).
    """
    return _chance(draws > np.maximum(ESCALATION_FACTOR * mean_12, least), mean_12)


def _chance(observed: np.ndarray, held_against: np.ndarray) -> np.ndarray:
    """The share of draws (province, draw) with a count above 0; missing where there was nothing to compare with."""
    return np.where(np.isnan(held_against).any(axis=1), np.nan, observed.mean(axis=1))


def _amounts(draws: np.ndarray, prefix: str = "") -> dict[str, np.ndarray]:
    """Mean, median and central intervals of draws of counts."""
    out = {f"{prefix}expected": draws.mean(axis=1), f"{prefix}median": quantiles(draws, [0.5])[0]}
    for width in INTERVALS:
        tail = (100 - width) / 200
        out[f"{prefix}low_{width}"], out[f"{prefix}high_{width}"] = quantiles(draws, [tail, 1 - tail])
    return out


def _quarter(forecast: xr.DataArray, first: int) -> dict[str, np.ndarray]:
    """The sum over three months from horizon ``first`` on; missing where the forecast does not reach that far."""
    wanted = range(first, first + QUARTER)
    there = set(wanted) <= set(forecast.indexes["horizon"])
    drawn = forecast.sel(horizon=list(wanted) if there else [first]).sum("horizon")
    amounts = _amounts(drawn.transpose("province", "draw").to_numpy(), "quarter_")
    if not there:
        return {name: np.full(len(values), np.nan) for name, values in amounts.items()}
    return amounts


def _chances(draws: np.ndarray, study: Study) -> dict[str, np.ndarray]:
    scale = study.file.risk
    each = zip(scale.thresholds, levels.at_least(draws, scale.thresholds).T, strict=True)
    named = zip(scale.levels, levels.probabilities(draws, scale).T, strict=True)
    return {
        **{f"p_at_least_{threshold}": chance for threshold, chance in each},
        **{f"p_{name.replace(' ', '_')}": chance for name, chance in named},
    }


def _ranks(draws: np.ndarray) -> dict[str, np.ndarray]:
    """The 80 % interval of each province's rank; provinces that tie in a draw share the middle of their ranks."""
    ranks = np.floor(rankdata(-draws, method="average", axis=0)).astype(int)
    low, high = quantiles(ranks, [0.1, 0.9])
    return {"rank_low": low, "rank_high": high}


def to_csv(table: pd.DataFrame, country: pd.Series | None = None) -> str:
    """``risk.csv``: the table with three decimals, its columns as they are named here; the ``country`` comes first.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    said = {name: np.where(table[name], "yes", "no") for name in table.select_dtypes(include="bool").columns}
    whole = dict.fromkeys(table.select_dtypes(include="integer").columns, "Int64")
    table = table.assign(**said).astype(whole)
    if country is not None:
        first = country.to_frame().T.astype(table.dtypes.to_dict())
        table = pd.concat([first, table], ignore_index=True)
    return files.csv_of(table, float_format="%.3f")
