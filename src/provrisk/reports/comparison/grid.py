"""A comparison as dense arrays over (place, horizon, origin), packed for the page's script."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.comparison.leaderboard import INTERVALS
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.evaluation.scores.quantile_scores import LOG
from provrisk.reports.comparison.measures import measures
from provrisk.reports.comparison.packed_numbers import Packer

BINS = 100
"""Bins of the PIT and of event probabilities; among their edges are those of each interval and each tenth."""

INSIDE = tuple(f"inside_{level}" for level in INTERVALS)

STEPS = {"mean": 1e-2, "p_escalation": 1e-4}
"""Rounding of numbers other than losses; probabilities of escalation must keep their order."""

QUANTILES = ("median", *(f"{side}_{level}" for level in INTERVALS for side in ("low", "high")))


@dataclass(frozen=True)
class Axes:
    """The axes of the arrays; the last place is the total, if it was scored."""

    places: tuple[str, ...]
    horizons: tuple[int, ...]
    origins: pd.DatetimeIndex

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many cells each axis has."""
        return len(self.places), len(self.horizons), len(self.origins)


def axes_of(comparison: Comparison) -> Axes:
    """Places, those with the highest observed counts first."""
    both = (comparison.scores, comparison.forecasts)
    named = {str(place) for table in both for place in table.province.unique()}
    total = comparison.observed.sum().sort_values(ascending=False, kind="stable")
    places = [str(place) for place in total.index] + sorted(named - {TOTAL, *map(str, total.index)})
    horizons = sorted({int(h) for table in both for h in table.horizon.unique()})
    origins = pd.DatetimeIndex(sorted({o for table in both for o in table.origin.unique()}))
    return Axes((*places, TOTAL) if TOTAL in named else tuple(places), tuple(horizons), origins)


def pack(comparison: Comparison, axes: Axes, events: Mapping[str, str]) -> Packer:
    """All numbers of the page; ``events`` are names of scores that are probabilities."""
    packer = Packer()
    observed = comparison.observed.reindex(columns=list(axes.places))
    packer.add("observed", observed.to_numpy().T, 1)
    steps = STEPS | {one.key: one.step for one in measures(map(str, comparison.scores.score.unique()))}
    scores, said = _coded(comparison.scores, axes), _coded(comparison.forecasts, axes)
    packer.add("active", _active(scores, axes), 1)
    escalated = scores[scores.score == "escalated"].drop_duplicates(["place", "lead", "begin"])
    packer.add("escalated", _dense(escalated, "value", axes), 1)
    for number, name in enumerate(comparison.contenders):
        groups = scores[scores.model == name].groupby("score", observed=True)
        own = {str(score): _dense(rows, "value", axes) for score, rows in groups}
        forecasts = said[said.model == name]
        own |= {key: _dense(forecasts, key, axes) for key in QUANTILES if forecasts[key].notna().any()}
        if "mean" not in own and forecasts["mean"].notna().any():
            own["mean"] = _dense(forecasts, "mean", axes)
        if forecasts.nowcast.eq(True).any():
            own["nowcast"] = _dense(forecasts.assign(late=forecasts.nowcast.eq(True)), "late", axes)
        _pack_one(packer, number, own, events, steps)
    return packer


def _pack_one(
    packer: Packer, number: int, own: Mapping[str, np.ndarray], events: Mapping[str, str], steps: Mapping[str, float]
) -> None:
    """The arrays of one model, by name."""
    derived = derivable(own)
    for key, values in own.items():
        if key in derived and np.allclose(values, derived[key], equal_nan=True):
            packer.leave_out(key, number)
        elif key == "pit":
            packer.add(key, pit_bins(values), 1, number)
        elif key in steps:
            packer.add(key, values, steps[key], number)
        elif key in events:
            packer.add(key, bins(values), 1, number)
        elif key in QUANTILES:
            packer.add(key, values, 1 if np.nanmax(values % 1) == 0 else 1e-2, number)
        elif key == "nowcast" or (key in INSIDE and "pit" not in own):
            packer.add(key, values, 1, number)


def derivable(own: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Losses that the script can compute from the forecast and the observed count by the same formulas."""
    if "median" not in own or "observed" not in own:
        return {}
    derived = {}
    for suffix, scale in (("", np.asarray), (LOG, np.log1p)):
        observed = scale(own["observed"])
        error = np.abs(scale(own["median"]) - observed)
        derived[f"absolute_error{suffix}"] = error
        if all(key in own for key in QUANTILES):
            total = error / 2
            for level in INTERVALS:
                low, high, alpha = scale(own[f"low_{level}"]), scale(own[f"high_{level}"]), 1 - level / 100
                total = (
                    total + alpha / 2 * (high - low) + np.maximum(low - observed, 0) + np.maximum(observed - high, 0)
                )
            derived[f"wis{suffix}"] = total / (len(INTERVALS) + 0.5)  # Bracher et al. (2021)
    return derived


def bins(values: np.ndarray) -> np.ndarray:
    """The bin, 0-99, of each value in [0, 1]; an edge belongs to the bin above it."""
    return np.clip(np.floor(values * BINS + 1e-9), 0, BINS - 1)


def pit_bins(values: np.ndarray) -> np.ndarray:
    """As ``bins``, but above one half an edge belongs to the bin below it.

    So a PIT on the edge of a central interval is inside it, as in ``compare.coverage``.
    """
    return np.where(values < 0.5, bins(values), BINS - 1 - bins(1 - values))


def _coded(table: pd.DataFrame, axes: Axes) -> pd.DataFrame:
    """The table with the position of each row's cell on the axes."""
    return table.assign(
        place=pd.Index(axes.places).get_indexer(table.province.astype("str")),
        lead=pd.Index(axes.horizons).get_indexer(table.horizon),
        begin=axes.origins.get_indexer(table.origin),
    )


def _dense(rows: pd.DataFrame, column: str, axes: Axes) -> np.ndarray:
    values = np.full(axes.shape, np.nan)
    values[rows.place, rows.lead, rows.begin] = rows[column].astype(float)
    return values


def _active(scores: pd.DataFrame, axes: Axes) -> np.ndarray:
    """Whether each place was active at each origin: (place, origin)."""
    values = np.zeros((len(axes.places), len(axes.origins)))
    rows = scores[scores.active]
    values[rows.place, rows.begin] = 1
    return values
