"""A comparison as dense arrays over (place, horizon, origin), packed for the page's script."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from provrisk.evaluation.compare import INTERVALS
from provrisk.evaluation.comparison import Comparison
from provrisk.evaluation.scores import TOTAL
from provrisk.reports.comparison.measures import MEASURES
from provrisk.reports.comparison.packing import Packer

BINS = 200
"""Bins of the PIT and of event probabilities; among their edges are those of each interval and each tenth."""

INSIDE = tuple(f"inside_{level}" for level in INTERVALS)

STEPS = {one.key: one.step for one in MEASURES} | {"mean": 1e-2, "p_escalation": 1e-3}
"""What numbers are kept to; draws are a thousand or more, so their probabilities of escalation keep their order."""

QUANTILES = ("median", *(f"{side}_{level}" for level in INTERVALS for side in ("low", "high")))


@dataclass(frozen=True)
class Axes:
    """What the axes of the arrays stand for; the last place is the total, if it was scored."""

    places: tuple[str, ...]
    horizons: tuple[int, ...]
    origins: pd.DatetimeIndex

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.places), len(self.horizons), len(self.origins)


def axes_of(comparison: Comparison) -> Axes:
    """Places with most observed first, so that what matters is seen first."""
    both = (comparison.scores, comparison.forecasts)
    named = {str(place) for table in both for place in table.province.unique()}
    total = comparison.observed.sum().sort_values(ascending=False, kind="stable")
    places = [str(place) for place in total.index] + sorted(named - {TOTAL, *map(str, total.index)})
    horizons = sorted({int(h) for table in both for h in table.horizon.unique()})
    origins = pd.DatetimeIndex(sorted({o for table in both for o in table.origin.unique()}))
    return Axes((*places, TOTAL) if TOTAL in named else tuple(places), tuple(horizons), origins)


def pack(comparison: Comparison, axes: Axes, events: dict[str, str]) -> Packer:
    """Every number the page shows; ``events`` are names of the scores table that hold probabilities."""
    packer = Packer()
    packer.add("observed", comparison.observed.reindex(columns=list(axes.places)).to_numpy().T, 1)
    scores, said = _coded(comparison.scores, axes), _coded(comparison.forecasts, axes)
    packer.add("active", _active(scores, axes), 1)
    escalated = scores[scores.score == "escalated"].drop_duplicates(["place", "lead", "begin"])
    packer.add("escalated", _dense(escalated, "value", axes), 1)
    for number, name in enumerate(comparison.contenders):
        own = {str(score): rows for score, rows in scores[scores.model == name].groupby("score", observed=True)}
        if "pit" not in own:
            for score in INSIDE:
                if score in own:
                    packer.add(score, _dense(own[score], "value", axes), 1, number)
        for score, step in STEPS.items():
            if score in own:
                packer.add(score, _dense(own[score], "value", axes), step, number)
        for score in ("pit", *events):
            if score in own and score != "p_escalation":
                values = _dense(own[score], "value", axes)
                packer.add(score, pit_bins(values) if score == "pit" else bins(values), 1, number)
        rows = said[said.model == name]
        for column in QUANTILES:
            if rows[column].notna().any():
                values = _dense(rows, column, axes)
                packer.add(column, values, 1 if np.nanmax(values % 1) == 0 else 1e-2, number)
        if "mean" not in own and rows["mean"].notna().any():
            packer.add("mean", _dense(rows, "mean", axes), 1e-2, number)
        if rows.nowcast.eq(True).any():
            packer.add("nowcast", _dense(rows.assign(late=rows.nowcast.eq(True)), "late", axes), 1, number)
    return packer


def bins(values: np.ndarray) -> np.ndarray:
    """The bin, 0-199, of each value in [0, 1]; an edge belongs to the bin above it."""
    return np.clip(np.floor(values * BINS + 1e-9), 0, BINS - 1)


def pit_bins(values: np.ndarray) -> np.ndarray:
    """As ``bins``, but above one half an edge belongs to the bin below it.

    So a PIT on the edge of a central interval lies inside it, as in ``compare.coverage``.
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
