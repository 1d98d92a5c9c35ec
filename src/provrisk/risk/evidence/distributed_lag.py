"""Distributed lag: the rate ratio of a standing driver, from a negative-binomial regression of the counts."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial, Poisson

from provrisk.errors import ProvriskError

LEAST_ATTACKS = 12
"""A province with fewer attacks in the whole record says nothing of a ratio and only burdens the fit."""

VARIES = 12
"""A driver must differ from its commonest value in this many rows to differ from the rest."""

REACH = 6
"""Months over which errors may hang together (Driscoll and Kraay 1998)."""


@dataclass(frozen=True)
class Response:
    """The fitted response: rate ratio of each lag, and of all lags together, each with its interval.

    ``log_effect`` and ``error`` are the sum of the coefficients and its standard error.
    """

    table: pd.DataFrame
    log_effect: float
    error: float
    rows: int

    def p_above(self, ratio: float) -> float:
        """One-sided p-value of a rate ratio up to ``ratio`` against one above it."""
        return float(stats.norm.sf((self.log_effect - np.log(ratio)) / self.error))

    def p_below(self, ratio: float) -> float:
        """One-sided p-value of a rate ratio of ``ratio`` or more against one below it."""
        return 1 - self.p_above(ratio)

    def detectable(self, alpha: float, power: float, bar: float = 1.0) -> tuple[float, float]:
        """The smallest fall below 1 / ``bar`` and rise above ``bar`` that a one-sided test at ``alpha`` finds.

        It finds them with ``power``.
        """
        rise = bar * float(np.exp((stats.norm.isf(alpha) + stats.norm.ppf(power)) * self.error))
        return 1 / rise, rise


def respond(
    panel: xr.Dataset,
    variable: str,
    lags: Sequence[int],
    provinces: Sequence[str],
    level: float,
    doubling: bool = False,
) -> Response:
    """The regression of the panel's target on ``variable`` at ``lags`` months, in ``provinces``.

    Log mean = province + year + calendar month + b * log(1 + last month's count) + sum of the lags' terms; negative
    binomial (NB2) by maximum likelihood, errors robust to dependence between provinces and up to ``REACH`` months.
    With ``doubling`` the variable enters as log2(1 + variable).

    Raises ``ProvriskError`` if the variable hardly varies there, or the fit does not converge.
    """
    rows = _rows(panel, variable, lags, provinces, doubling)
    names = [f"lag_{lag}" for lag in lags]
    moving = min((len(rows) - rows[name].value_counts().max() for name in names), default=0) if len(rows) else 0
    if moving < VARIES:
        raise ProvriskError(f"the variable {variable} hardly varies in {len(rows)} months and provinces of the record")
    design = _design(rows, names)
    fitted = _fit(rows.counts.to_numpy(), design, rows.time.to_numpy())
    width = stats.norm.ppf((1 + level) / 2)
    positions = [design.columns.get_loc(name) for name in names]
    covariance = np.asarray(fitted.cov_params())[np.ix_(positions, positions)]
    effects = np.asarray(fitted.params)[positions]
    each = [*effects, effects.sum()]
    errors = np.sqrt([*np.diag(covariance), covariance.sum()])
    table = pd.DataFrame(
        {
            "rate ratio": np.exp(each),
            "low": np.exp(each - width * errors),
            "high": np.exp(each + width * errors),
        },
        index=[*(f"{lag} months later" for lag in lags), "all together"],
    )
    return Response(table, float(each[-1]), float(errors[-1]), len(rows))


def _rows(
    panel: xr.Dataset, variable: str, lags: Sequence[int], provinces: Sequence[str], doubling: bool
) -> pd.DataFrame:
    """One row a month and province that is wholly known, in order of time."""
    upto = panel.sel(month=slice(None, panel.attrs["origin"]), province=list(provinces))
    counts: pd.DataFrame = upto[panel.attrs["target"]].to_pandas()
    counts = counts.loc[:, counts.sum() >= LEAST_ATTACKS]
    driver: pd.DataFrame = upto[variable].astype(float).to_pandas()[counts.columns]
    driver = np.log2(1 + driver) if doubling else driver
    columns = {"counts": counts, "before": np.log1p(counts.shift(1))}
    columns |= {f"lag_{lag}": driver.shift(lag) for lag in lags}
    rows = pd.DataFrame({name: table.stack() for name, table in columns.items()}).dropna().reset_index()
    return rows.assign(time=rows.month.dt.year * 12 + rows.month.dt.month)


def _design(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Dummies of province, year and calendar month, the last month's count, and the lags; no column twice."""
    fixed = {"province": rows.province, "year": rows.month.dt.year, "season": rows.month.dt.month}
    dummies = [pd.get_dummies(values, prefix=name, drop_first=True, dtype=float) for name, values in fixed.items()]
    one = pd.Series(1.0, rows.index, name="one")
    return pd.concat([one, *dummies, rows.before, rows[names]], axis=1)


def _fit(counts: np.ndarray, design: pd.DataFrame, time: np.ndarray) -> Any:
    """The NB2 fit, begun at the Poisson's estimates."""
    x = design.to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = Poisson(counts, x).fit(disp=0, maxiter=200, method="newton")
        model = NegativeBinomial(counts, x, loglike_method="nb2")
        begin = np.append(start.params, 0.5)
        robust = {"cov_type": "hac-groupsum", "cov_kwds": {"time": time, "maxlags": REACH}}
        fitted = model.fit(start_params=begin, disp=0, maxiter=500, method="bfgs", **robust)
    errors = np.asarray(fitted.bse)
    if not fitted.mle_retvals["converged"] or not np.isfinite(errors).all():
        raise ProvriskError(f"the regression on {len(counts)} rows did not converge")
    return fitted
