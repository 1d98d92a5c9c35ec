"""Scores of predictions: for each cell the scores that its form allows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scoringrules as sr
import xarray as xr

from provrisk import months, seeds
from provrisk.evaluation.scores import observations
from provrisk.evaluation.scores.cell_scores import CELL, basic_scores, cell_scores, joint_scores, point_errors
from provrisk.evaluation.scores.quantile_scores import USUAL, Levels, scores_of
from provrisk.forecasts.predictions import TOTAL, Predictions
from provrisk.study import Study

INTERVALS = (50, 80, 90)
"""The central intervals in the summary of every forecast."""

SUMMARY = ["mean", "median", *(f"{side}_{level}" for level in INTERVALS for side in ("low", "high"))]

COLUMNS = {"median": 0.5} | {
    f"{side}_{level}": round(0.5 + sign * level / 200, 6)
    for level in INTERVALS
    for side, sign in (("low", -1), ("high", 1))
}
"""The level of each column of SUMMARY that is a quantile."""


@dataclass(frozen=True)
class Observed:
    """The observed values by month and province, with TOTAL, and other inputs of a study's scores.

    ``own``: whether it is the study's target; only this has risk levels and escalations.
    """

    observed: pd.DataFrame
    own: bool
    thresholds: tuple[int, ...]
    escalation: int
    active: pd.DataFrame

    def of(self, cells: pd.DataFrame) -> np.ndarray:
        """The observed value in the target month of each cell; NaN if not observed."""
        return _look_up(self.observed, target_months(cells), cells.province)

    def is_active(self, cells: pd.DataFrame) -> np.ndarray:
        """Whether the province of each cell was active at its origin; a total never is."""
        return _look_up(self.active, cells.origin, cells.province) == 1

    def mean_12(self, cells: pd.DataFrame) -> np.ndarray:
        """Mean of the 12 months up to the origin of each cell."""
        return _look_up(self.observed.rolling(12, min_periods=1).mean(), cells.origin, cells.province)


def measured(panel: xr.Dataset, target: str) -> bool:
    """Whether the panel counts ``target``, so that it has observed values."""
    return target in panel and panel[target].attrs.get("family") == "counts" and target != "observed"


def observed_in(panel: xr.Dataset, study: Study, target: str) -> Observed:
    """The observed values of ``target``, which the panel counts."""
    upto = slice(None, months.parse(panel.attrs["origin"]))
    counts = panel[target].sel(month=upto).transpose("month", "province").to_pandas()
    activity = observations.active(panel, study, counts.index).unstack("province").astype(float)
    own, scale = target == panel.attrs["target"], study.file.risk
    counts = counts.assign(**{TOTAL: counts.sum(axis=1, skipna=False)})
    return Observed(counts, own, scale.thresholds, scale.escalation, activity)


def observed_by_makers(observed: pd.DataFrame) -> Observed:
    """Observed values reported by the forecasters for a target that the study does not count: ``Read.observed``."""
    last = observed.drop_duplicates(["month", "province"], keep="last")
    counts = last.pivot(index="month", columns="province", values="value").astype(float).sort_index()
    return Observed(counts, own=False, thresholds=(), escalation=1, active=counts * np.nan)


def target_months(cells: pd.DataFrame) -> pd.Series:
    """The target month of each cell, from its origin and horizon."""
    return (cells.origin.dt.to_period("M") + cells.horizon.astype("int64")).dt.to_timestamp()


def quantiles_of(predictions: Predictions, levels: Sequence[float]) -> pd.DataFrame:
    """The quantiles at ``levels``, a row for each cell, missing if not given.

    Quantiles of draws are counts among them (the inverse of the empirical distribution function).
    """
    said = predictions.quantiles.rename(columns=lambda level: round(float(level), 6))
    table = said.reindex(columns=list(levels)).astype(float)
    if 0.5 in table:
        table[0.5] = predictions.points["median"].fillna(table[0.5])
    for rows, draws in predictions.blocks():
        found = np.quantile(draws, list(levels), axis=-1, method="inverted_cdf").T
        table.loc[rows] = table.loc[rows].fillna(pd.DataFrame(found, index=rows, columns=table.columns))
    return table


def summary(predictions: Predictions, quantiles: pd.DataFrame) -> pd.DataFrame:
    """The columns SUMMARY, a row for each cell, of ``predictions`` with ``quantiles`` at USUAL and other levels."""
    table = pd.DataFrame({name: quantiles[level] for name, level in COLUMNS.items()})
    means = predictions.points["mean"].copy()
    for rows, draws in predictions.blocks():
        means.loc[rows] = means.loc[rows].fillna(pd.Series(draws.mean(axis=1), index=rows))
    return table.assign(mean=means)[SUMMARY]


def score_predictions(name: str, predictions: Predictions, came: Observed, seed: int = 0) -> pd.DataFrame:
    """The long table of ``scores.score`` for predictions of one target: of draws every score of a cell, of
    probabilities those of the study's thresholds, of draws of all provinces those of all jointly. Cells that were not
    observed are not scored; ``score_summaries`` adds the rest.
    """
    predictions = predictions.take(~np.isnan(came.of(predictions.cells)))
    observed = came.of(predictions.cells)
    parts = [_of_draws(predictions, came, observed, seeds.generator(seed, "pit", name)), _jointly(predictions, came)]
    if came.own:
        parts.append(_of_probabilities(predictions, came, observed))
    return _long(name, predictions.cells, came, pd.concat(parts, axis=1))


def score_summaries(
    forecasts: pd.DataFrame, quantiles: pd.DataFrame, came: Observed, sets: Sequence[Levels] = (USUAL,)
) -> pd.DataFrame:
    """The scores that a forecast of any form can have, from its row in ``Comparison.forecasts``.

    ``quantiles`` has the same rows and a column a level: they are scored by the weighted interval score of each of
    ``sets`` that they have (``evaluation.scores.quantile_scores``). Errors are those of the median, or of the mean if
    there is no median. ``mean`` is the median if that is the only number given as a point; the median of a distribution
    is not its mean.
    """
    observed = came.of(forecasts)
    median, mean = forecasts["median"], forecasts["mean"]
    low, high = (forecasts[[f"{side}_{level}" for level in INTERVALS]].to_numpy(float) for side in ("low", "high"))
    values = scores_of(observed, quantiles, sets).assign(
        **point_errors(median.fillna(mean).to_numpy(float), observed),
        interval_80=sr.interval_score(observed, low[:, 1], high[:, 1], 0.2),
        mean=mean.fillna(
            median.where(np.isnan(low).all(axis=1) & quantiles.drop(columns=0.5, errors="ignore").isna().all(axis=1))
        ),
        observed=observed,
    )
    for i, level in enumerate(INTERVALS):
        inside = (observed >= low[:, i]) & (observed <= high[:, i])
        values[f"inside_{level}"] = np.where(np.isnan(low[:, i] + high[:, i]), np.nan, inside)
    values[np.isnan(observed)] = np.nan
    return _long(forecasts.model, forecasts, came, values)


def _of_draws(predictions: Predictions, came: Observed, observed: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    mean_12, found = came.mean_12(predictions.cells), []
    whole = (predictions.cells.province != TOTAL) & came.own
    for rows, draws in predictions.blocks():
        for chosen in (whole[rows].to_numpy(), ~whole[rows].to_numpy()):
            index, own = rows[chosen], np.sort(draws[chosen], axis=-1)
            if index.empty:
                continue
            if not whole[index[0]]:
                found.append(pd.DataFrame(basic_scores(own, observed[index], rng), index=index))
                continue
            # A cell has one origin, one province and one horizon.
            shaped = own[:, None, None], observed[index][:, None, None], mean_12[index][:, None]
            scored = cell_scores(*shaped, came.thresholds, came.escalation, rng)
            values = pd.DataFrame({name: np.ravel(value) for (name, _), value in scored.items()}, index=index)
            values.loc[np.isnan(mean_12[index]), ["escalated", "p_escalation", "brier_escalation"]] = np.nan
            # Log scores are comparable only at equal numbers of draws, and other forecasts may have fewer.
            found.append(values.drop(columns="log_score"))
    return pd.concat(found).reindex(predictions.cells.index) if found else pd.DataFrame(index=predictions.cells.index)


def _jointly(predictions: Predictions, observed: Observed) -> pd.DataFrame:
    """The scores of all provinces jointly, in the row of their sum; if all are observed and have equally many draws."""
    cells, places = predictions.cells, observed.observed.columns.drop(TOTAL, errors="ignore")
    drawn = predictions.draws.notna().all(axis=1) & (predictions.draws.shape[1] > 0)
    rows = cells[drawn & cells.province.isin(places)].reset_index().groupby(["origin", "horizon"])
    found = pd.DataFrame(index=cells.index)
    for row, origin, horizon in cells[drawn & (cells.province == TOTAL)][["origin", "horizon"]].itertuples():
        if (origin, horizon) in rows.groups and len(own := rows.get_group((origin, horizon))) == len(places):
            draws = predictions.draws.loc[own["index"]].to_numpy(float)
            happened = observed.of(own)[None, :, None]
            for name, value in joint_scores(draws[None, :, None, :], happened).items():
                found.loc[row, name] = value.item()
    return found


def _of_probabilities(predictions: Predictions, came: Observed, observed: np.ndarray) -> pd.DataFrame:
    """``p_N`` and ``brier_N`` of every count N with a forecast probability, and ``rps`` if none is missing."""
    values, total = {}, (predictions.cells.province == TOTAL).to_numpy()
    for bound in predictions.cdf:
        above = int(np.floor(bound)) + 1
        probability = (1 - predictions.cdf[bound]).where(~total)
        values[f"p_{above}"] = probability
        values[f"brier_{above}"] = (probability - (observed >= above)) ** 2
    table = pd.DataFrame(values, index=predictions.cells.index)
    needed = [f"brier_{threshold}" for threshold in came.thresholds]
    if set(needed) <= set(table):
        table["rps"] = table[needed].sum(axis=1, skipna=False)
    return table


def _long(name: str | pd.Series, cells: pd.DataFrame, observed: Observed, values: pd.DataFrame) -> pd.DataFrame:
    """One row for each cell and score; if two forms of a cell give a score, the first is used."""
    index = cells[list(CELL)].assign(model=name, active=observed.is_active(cells))
    values = values.loc[:, ~values.columns.duplicated()]
    table = index.join(values).melt([*CELL, "model", "active"], var_name="score", value_name="value")
    return table.dropna(subset=["value"])[["model", *CELL, "score", "value", "active"]].reset_index(drop=True)


def _look_up(table: pd.DataFrame, when: pd.Series, where: pd.Series) -> np.ndarray:
    rows, columns = table.index.get_indexer(pd.DatetimeIndex(when)), table.columns.get_indexer(where.astype("str"))
    found = table.to_numpy(float)[rows, columns]
    return np.where((rows < 0) | (columns < 0), np.nan, found)
