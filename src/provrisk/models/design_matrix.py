"""The design matrix of the regressions: levels of the past, and what else the panel offers."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk import months
from provrisk.features.panel import as_known, counts_upto_origin
from provrisk.models.smoothed_levels import FLOOR, discounted_mean, ewma, pairs

RARE = 12  # a regressor that differs from its commonest value in fewer rows than this teaches nothing
REACH = 4.0  # standard deviations beyond which a regressor is cut off


class Design:
    """Rows of regressors for the count ``horizon`` months after a state, standardised as at the fit.

    Columns: one, the logs of the fast, slow and long-run levels, and every panel variable whose attribute
    ``family`` is among ``families``: what is known ahead, in the target month as it was known in that of the
    state; else in the month of the state. Missing values stand at the mean.
    """

    def __init__(self, families: Sequence[str] = ()) -> None:
        self.families = families

    def fit(self, panel: xr.Dataset, horizon: int, burn_in: int) -> Self:
        """Learn means and spreads, and which columns vary; ``x_`` and ``y_`` are the pairs up to the origin."""
        state = self._states(panel, horizon, len(counts_upto_origin(panel)))
        (rows,), self.y_ = pairs([state], counts_upto_origin(panel), horizon, burn_in)
        self.mean_ = np.nan_to_num(np.nanmean(np.where(np.isnan(rows).all(axis=0), 0.0, rows), axis=0))
        rows = np.where(np.isnan(rows), self.mean_, rows)
        self.spread_ = rows.std(axis=0)
        varies = np.array([len(rows) - np.unique(column, return_counts=True)[1].max() for column in rows.T])
        self.kept_ = np.flatnonzero((self.spread_ > 1e-6) & (varies >= RARE))
        self.x_ = self._standard(rows)
        return self

    def at_origin(self, panel: xr.Dataset, horizon: int) -> np.ndarray:
        """The rows (province, column) for the forecast at the panel's origin."""
        n = len(counts_upto_origin(panel))
        return self._standard(self._states(panel, horizon, n)[n - 1])

    def _standard(self, rows: np.ndarray) -> np.ndarray:
        rows = np.where(np.isnan(rows), self.mean_, rows)
        scaled = (rows - self.mean_)[:, self.kept_] / self.spread_[self.kept_]
        return np.column_stack([np.ones(len(rows)), np.clip(scaled, -REACH, REACH)])

    def _states(self, panel: xr.Dataset, horizon: int, n: int) -> np.ndarray:
        counts = counts_upto_origin(panel)
        levels = [ewma(counts, 0.5, 12), ewma(counts, 0.1, 12), discounted_mean(counts, 0.0)]
        columns = [np.log(np.maximum(level, FLOOR) + 0.1) for level in levels]
        first = panel.indexes["month"].get_loc(months.parse(panel.attrs["origin"])) - n + 1
        for variable in panel.data_vars.values():
            if variable.attrs.get("family") in self.families:
                lead = horizon if variable.attrs["known_ahead"] else 0
                columns.append(_shifted(as_known(variable, lead), first + lead, n))
        return np.stack(columns, axis=-1)


def _shifted(values: np.ndarray, first: int, n: int) -> np.ndarray:
    """``n`` rows of ``values`` from ``first`` on; missing beyond its end."""
    out = np.full((n, values.shape[1]), np.nan)
    rows = values[first : first + n]
    out[: len(rows)] = rows
    return out
