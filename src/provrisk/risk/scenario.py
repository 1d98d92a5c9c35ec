"""What if: a forecast with and without drivers that are supposed to happen, draw by draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy.sparse import csr_array
from scipy.stats import rankdata

from provrisk import months
from provrisk.forecasts.quantiles import quantiles
from provrisk.risk import levels
from provrisk.study.schema import Scale

LARGEST_SIZE = 1e4


@dataclass(frozen=True)
class Change:
    """A rate ratio, a draw each (draw,), of ``provinces`` from ``month`` to the end of the forecast."""

    provinces: tuple[str, ...]
    month: pd.Timestamp
    ratio: np.ndarray


@dataclass(frozen=True)
class Spillover:
    """How much a province's rate follows its neighbours' of the month before, as far as the record shows it.

    ``effect`` (draw,) is the change of the log rate for a doubling of one and the neighbours' mean count; ``borders``
    is the 0/1 matrix of neighbours (province, province).
    """

    effect: np.ndarray
    borders: csr_array


def with_changes(
    forecast: xr.DataArray, changes: Sequence[Change], spillover: Spillover | None, rng: np.random.Generator
) -> xr.DataArray:
    """``forecast`` (province, horizon, draw) as it would be with ``changes``: the same draws, each moved by its ratio.

    A count is thinned where the ratio is below 1 and added to where it is above (``rescaled``). With a ``spillover``,
    provinces follow what their neighbours gained or lost the month before, one border and one month far.
    """
    drawn = forecast.transpose("province", "horizon", "draw")
    before = drawn.to_numpy().astype(np.int64)
    target = pd.DatetimeIndex(forecast.target_month.to_numpy())
    names = drawn.indexes["province"]
    after = before.copy()
    for h, month in enumerate(target):
        ratio = np.ones((len(names), before.shape[2]))
        for change in changes:
            if month >= change.month:
                ratio[names.isin(change.provinces)] *= change.ratio
        if spillover is not None and h:
            ratio *= _followed(before[:, h - 1], after[:, h - 1], spillover)
        for p in np.flatnonzero((ratio != 1).any(axis=1)):
            after[p, h] = rescaled(before[p, h], ratio[p], rng)
    return drawn.copy(data=after)


def rescaled(draws: np.ndarray, ratio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Counts whose rate is ``ratio`` times that of ``draws`` (both (draw,)), each close to the draw it comes from.

    Taken as a Poisson count of a random rate, a draw is thinned binomially where the ratio is below 1, which is exact.
    Where it is above, a Poisson count of (ratio - 1) times its rate is added; the rate given the draw is gamma, from a
    negative binomial with the mean and variance of ``draws``. A zero can so become an attack.
    """
    mean, variance = float(draws.mean()), float(draws.var())
    thinned = rng.binomial(draws, np.minimum(ratio, 1.0))
    if mean == 0:
        return np.asarray(thinned)
    size = min(mean**2 / (variance - mean), LARGEST_SIZE) if variance > mean else LARGEST_SIZE
    rate = rng.gamma(size + draws, mean / (size + mean))
    return np.asarray(thinned + rng.poisson(np.maximum(ratio - 1, 0) * rate))


def compared(before: xr.DataArray, after: xr.DataArray, scale: Scale) -> pd.DataFrame:
    """One row a target month and province: expected without and with, their difference with its 80 % interval,
    P(high) and rank without and with. High is where the second-highest level begins; rank 1 expects the most.
    """
    rows, high = [], levels.watch_count(scale)
    one, other = (array.transpose("province", "horizon", "draw") for array in (before, after))
    for h, month in enumerate(pd.DatetimeIndex(before.target_month.to_numpy())):
        without, with_it = one.to_numpy()[:, h].astype(float), other.to_numpy()[:, h].astype(float)
        low, up = quantiles(with_it - without, [0.1, 0.9])
        table = pd.DataFrame(
            {
                "month": months.label(month),
                "province": one.indexes["province"],
                "expected_without": without.mean(axis=1),
                "expected_with": with_it.mean(axis=1),
                "difference": (with_it - without).mean(axis=1),
                "difference_low_80": low,
                "difference_high_80": up,
                "p_high_without": (without >= high).mean(axis=1),
                "p_high_with": (with_it >= high).mean(axis=1),
                "rank_without": rankdata(-without.mean(axis=1), method="min").astype(int),
                "rank_with": rankdata(-with_it.mean(axis=1), method="min").astype(int),
            }
        )
        rows.append(table)
    return pd.concat(rows, ignore_index=True)


def _followed(before: np.ndarray, after: np.ndarray, spillover: Spillover) -> np.ndarray:
    """The rate ratio (province, draw) by which provinces follow their neighbours' change of the month before."""
    number = np.maximum(np.asarray(spillover.borders.sum(axis=1)).ravel(), 1)[:, None]
    was, became = (spillover.borders @ counts / number for counts in (before, after))
    return np.asarray(np.exp(spillover.effect * (np.log2(1 + became) - np.log2(1 + was))))
