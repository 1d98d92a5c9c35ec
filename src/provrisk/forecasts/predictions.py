"""Predictions of cells in any form: draws, quantiles, probabilities or single numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import xarray as xr

TOTAL = "(total)"
"""The value of province for the sum over provinces, and for all provinces jointly."""

CELL = ["target", "origin", "horizon", "province"]
"""The columns that identify a cell; the target month follows from origin and horizon."""


@dataclass(frozen=True)
class Predictions:
    """Predictions with a row for each cell, the same rows in every table; NaN if not given.

    ``cells``: target, origin, horizon, province (or TOTAL), issued (the day it was published; missing for re-runs).
    ``draws``: a column for each draw, joint over cells. ``quantiles``: a column for each level. ``cdf``: a column for
    each count, P(at most that count). ``points``: mean and median.
    """

    cells: pd.DataFrame
    draws: pd.DataFrame
    quantiles: pd.DataFrame
    cdf: pd.DataFrame
    points: pd.DataFrame

    def take(self, rows: np.ndarray | pd.Series) -> "Predictions":
        """The cells of ``rows``, a mask or positions, numbered from 0."""
        chosen = self.cells.index[rows]
        return Predictions(*(getattr(self, one.name).loc[chosen].reset_index(drop=True) for one in fields(self)))

    def blocks(self) -> Iterator[tuple[pd.Index, np.ndarray]]:
        """The cells with draws, and their draws (cell, draw), grouped by the number of draws."""
        number = self.draws.notna().sum(axis=1)
        for many in sorted(number[number > 0].unique()):
            rows = number.index[number == many]
            values = self.draws.loc[rows].to_numpy(float)
            yield rows, values[~np.isnan(values)].reshape(len(rows), many)


def from_values(values: pd.DataFrame) -> Predictions:
    """Predictions from a long table: ``CELL``, issued, output_type (as in hubverse tables), output_type_id, value."""
    key = [*CELL, "issued"]
    number, cells = _numbered(values[key])
    pivots = {}
    for kind in ("sample", "quantile", "cdf"):
        chosen = (values.output_type == kind).to_numpy()
        own = pd.DataFrame({"id": values.output_type_id[chosen], "value": values.value[chosen].astype(float)})
        wide = own.assign(cell=number[chosen]).pivot(index="cell", columns="id", values="value")
        pivots[kind] = wide.reindex(cells.index).sort_index(axis=1)
    points = pd.DataFrame(index=cells.index, columns=["mean", "median"], dtype=float)
    for kind in points:
        chosen = (values.output_type == kind).to_numpy()
        points.loc[number[chosen], kind] = values.value[chosen].to_numpy(float)
    return Predictions(cells, pivots["sample"], pivots["quantile"], pivots["cdf"], points)


def from_forecast(forecast: xr.DataArray, target: str, issued: pd.Timestamp) -> Predictions:
    """Predictions from draws (province, horizon, draw) of one origin, as an issue holds them."""
    drawn = forecast.transpose("province", "horizon", "draw")
    index = pd.MultiIndex.from_product([drawn.indexes["province"], drawn.indexes["horizon"]])
    cells = index.to_frame(index=False, name=["province", "horizon"]).assign(
        target=target, origin=pd.Timestamp(drawn.origin.item()), issued=issued
    )
    draws = pd.DataFrame(drawn.to_numpy().reshape(len(cells), -1).astype(float))
    nothing = pd.DataFrame(index=cells.index)
    points = pd.DataFrame(index=cells.index, columns=["mean", "median"], dtype=float)
    return Predictions(cells[[*CELL, "issued"]], draws, nothing, nothing, points)


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Several predictions as one; draws of different parts are not joint."""
    return Predictions(
        *(pd.concat([getattr(part, one.name) for part in parts], ignore_index=True) for one in fields(Predictions))
    )


def first_issued(predictions: Predictions) -> tuple[Predictions, int]:
    """The first published prediction of each cell, and the number of later ones that are ignored.

    The first one counts: a later prediction of the same cell cannot replace it.
    """
    order = predictions.cells.sort_values("issued", kind="stable", na_position="last").index
    later = predictions.cells.loc[order].duplicated(CELL).reindex(predictions.cells.index)
    return predictions.take(~later), int(later.sum())


def with_totals(predictions: Predictions, provinces: pd.Index) -> Predictions:
    """``predictions`` and the sums over ``provinces``, if all provinces are predicted and the sum is not.

    Sums are those of draws, joint over provinces, and of means; quantiles and probabilities do not add up.
    """
    cells, key = predictions.cells, ["target", "origin", "horizon"]
    own = cells.province.isin(provinces)
    number = cells[own].groupby(key).province.nunique()
    said = cells[cells.province == TOTAL].set_index(key).index
    whole = number.index[(number == len(provinces)).to_numpy() & ~number.index.isin(said)]
    rows = cells.index[own & pd.MultiIndex.from_frame(cells[key]).isin(whole)]
    if rows.empty:
        return predictions
    groups = [cells.loc[rows, name] for name in key]

    def summed(table: pd.DataFrame) -> pd.DataFrame:
        return table.loc[rows].groupby(groups).sum(min_count=len(provinces)).reset_index(drop=True)

    issued = cells.loc[rows].groupby(key).issued.max().reset_index()
    totals = issued.assign(province=TOTAL)[[*CELL, "issued"]]
    nothing = pd.DataFrame(index=totals.index)
    points = summed(predictions.points[["mean"]]).assign(median=np.nan)
    draws = summed(predictions.draws) if predictions.draws.shape[1] else nothing
    sums = Predictions(totals, draws, nothing, nothing, points)
    return joined([predictions, sums.take(draws.notna().any(axis=1) | points["mean"].notna())])


def of_target(predictions: Predictions, target: str) -> Predictions:
    """The part of ``predictions`` for ``target``."""
    return predictions.take(predictions.cells.target == target)


def renamed(predictions: Predictions, target: str) -> Predictions:
    """``predictions``, all of them for ``target``."""
    return replace(predictions, cells=predictions.cells.assign(target=target))


def _numbered(keys: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """The number of the cell of each row, and the cells."""
    grouped = keys.groupby(list(keys.columns), dropna=False, sort=True)
    number = grouped.ngroup().to_numpy()
    cells = keys.iloc[pd.Series(number).drop_duplicates().index].assign(n=lambda _: pd.unique(number))
    return number, cells.sort_values("n").drop(columns="n").reset_index(drop=True)
