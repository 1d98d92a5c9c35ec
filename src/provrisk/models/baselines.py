"""Forecasters that learn nothing: what a real model must beat."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import FLOOR, HALF, need_months

YEAR = 12


class _Unfitted(Model):
    def fit(self, panel: xr.Dataset) -> Self:
        return self


class Zero(_Unfitted):
    """No attacks anywhere: right most of the time in most provinces, and never of use."""

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        return np.zeros((panel.sizes["province"], len(horizons), draws), dtype=int)


class LastMonth(_Unfitted):
    """A Poisson around the last observed count of each province."""

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        counts = counts_upto_origin(panel)
        last = np.maximum(_latest(counts, len(counts) - 1), FLOOR)
        return rng.poisson(np.broadcast_to(last[:, None, None], (len(last), len(horizons), draws)))


class SeasonalNaive(_Unfitted):
    """A Poisson around the count of the same month in a past year, one of the last ``years`` at random.

    A draw takes one year for all provinces and horizons.
    """

    def __init__(self, years: int = 3) -> None:
        self.years = years

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        counts = counts_upto_origin(panel)
        need_months(counts, YEAR, "The seasonal naive")
        last = len(counts) - 1
        back = rng.integers(1, min(self.years, len(counts) // YEAR) + 1, size=draws)
        out = []
        for horizon in horizons:
            whole = (horizon - 1) // YEAR * YEAR  # beyond a year ahead, the year before is not known either
            rows = np.stack(
                [_latest(counts, max(last + horizon - whole - YEAR * b, 0)) for b in range(1, back.max() + 1)]
            )
            out.append(rng.poisson(np.maximum(rows[back - 1], FLOOR)).T)
        return np.stack(out, axis=1)


class Conflictology(_Unfitted):
    """A province's own last ``window`` months, resampled with replacement.

    One draw takes one past month for all provinces, so that sums over provinces are honest. A month
    that was not observed in a province is replaced there by another that was.
    """

    def __init__(self, window: int = 12) -> None:
        self.window = window

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        recent = _filled(counts_upto_origin(panel)[-self.window :], self.window, rng)
        months_drawn = rng.integers(len(recent), size=(len(horizons), draws))
        return np.moveaxis(recent[months_drawn], -1, 0)


class WindowMixture(_Unfitted):
    """Conflictology over several ``windows`` at once, smoothed or not.

    A draw takes a window, then a past month of it for all provinces. A window w has a share in proportion
    to (w + forget * horizon) ** -power * (1 - exp(-w / (fade * horizon))): near horizons lean on short memory, far
    ones on long, and a window much shorter than the horizon says nothing. With ``smooth`` the log of the month's count
    is drawn towards that of the window's mean, ``keep`` being what stays of it, so that one spike does not lift all the
    months beside it; and a negative binomial of that mean is drawn, whose size is ``scale`` times the root of the mean.
    """

    def __init__(
        self,
        windows: Sequence[int] = (1, 3, 6, 12, 24, 60, 120),
        forget: float = 1.0,
        power: float = 0.5,
        fade: float = 0.5,
        smooth: bool = False,
        keep: float = 0.8,
        scale: float = 1.2,
    ) -> None:
        self.windows = windows
        self.forget = forget
        self.power = power
        self.fade = fade
        self.smooth = smooth
        self.keep = keep
        self.scale = scale

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        counts = counts_upto_origin(panel)
        windows = np.unique(np.minimum(self.windows, len(counts)))
        recent = _filled(counts[-windows[-1] :], windows[-1], rng)
        means = np.stack([recent[-w:].mean(axis=0) for w in windows])
        out = []
        for horizon in horizons:
            shares = (windows + self.forget * horizon) ** -float(self.power)
            shares *= -np.expm1(-windows / (self.fade * horizon))
            window = rng.choice(len(windows), p=shares / shares.sum(), size=draws)
            count = recent[len(recent) - 1 - (rng.random(draws) * windows[window]).astype(int)]
            if self.smooth:
                logs = self.keep * np.log(count + HALF) + (1 - self.keep) * np.log(means[window] + HALF)
                mean = np.maximum(np.exp(logs) - HALF, FLOOR)
                count = negbin.draw(mean, self.scale * np.sqrt(mean), rng)
            out.append(count.T)
        return np.stack(out, axis=1)


def _latest(counts: np.ndarray, row: int) -> np.ndarray:
    """The last observed count of each province up to ``row``; raises ``ProvriskError`` if there is none."""
    upto = counts[: row + 1]
    seen = ~np.isnan(upto)
    if not seen.any(axis=0).all():
        raise ProvriskError("A province has no observed month yet: leave the model out or shorten the study.")
    at = len(upto) - 1 - seen[::-1].argmax(axis=0)
    return upto[at, np.arange(upto.shape[1])]


def _filled(recent: np.ndarray, window: int, rng: np.random.Generator) -> np.ndarray:
    """``recent`` with each unobserved cell replaced by an observed one of the same province."""
    recent = recent.copy()
    for column in recent.T:
        known = column[~np.isnan(column)]
        if not len(known):
            raise ProvriskError(
                f"Conflictology needs an observed month among the last {window} of every province: "
                "widen its window or leave it out."
            )
        column[np.isnan(column)] = rng.choice(known, np.isnan(column).sum())
    return recent
