"""Severity: deaths an attack, with a heavy tail, fitted to monthly totals; deaths by compounding with the attacks.

An attack has ten or more deaths with probability q. Below ten its deaths follow one pooled distribution, tilted
exponentially to the province's mean; from ten up they follow a power law. Monthly totals tell all three: attacks with
ten or more deaths are counted, months without one show the mean below ten, and months whose few attacks hold exactly
one show its size.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.optimize import brentq, minimize
from scipy.special import betaln

from provrisk import months, seeds
from provrisk.forecasts.quantiles import quantiles
from provrisk.risk.issue_date import Issue

LARGE = 10
"""An attack with this many deaths or more is a large one."""

WINDOW = 6
"""Months up to the origin that tell how deadly attacks are now; the tail's shape is taken from all months."""


FEW = 5
"""A month of at most so many attacks shows the size of its only large one, to within the deaths of the others."""

PRIOR_EXPONENT, PRIOR_EVENTS = 1.4, 5
"""The tail before there are data: exponent of P(X >= x) for attacks worldwide (Clauset, Young and Gleditsch 2007)."""

PRIOR_ATTACKS = 5
"""A province's mean below ten counts as if so many attacks of the pooled mean had been added."""

MOST = 10_000_000
NEEDED = ("attacks", "deaths", "events_10_deaths")
COLUMNS = ("deaths_median", "deaths_low_80", "deaths_high_80", "p_event_10_deaths")


@dataclass(frozen=True)
class Severity:
    """A fitted distribution of deaths an attack, by province.

    ``large`` (province): probability of ten deaths or more. ``body`` (province, 10): distribution of 0-9 deaths of the
    others. ``exponent``: P(X >= x) of a large attack falls as x to the power of minus this. ``trials`` (province) and
    ``tail`` say on how many attacks, and large ones, ``large`` and ``exponent`` rest, priors included: draws carry
    their uncertainty. By default they are taken for exact.
    """

    large: np.ndarray
    body: np.ndarray
    exponent: float
    trials: np.ndarray | None = None
    tail: float | None = None

    def draw(self, attacks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Deaths for each draw of ``attacks`` (province, draw)."""
        large, exponent = np.broadcast_to(self.large[:, None], attacks.shape), np.full(attacks.shape[1], self.exponent)
        if self.trials is not None:
            large = rng.beta(
                (self.large * self.trials)[:, None], ((1 - self.large) * self.trials)[:, None], large.shape
            )
        if self.tail is not None:
            exponent = exponent * rng.gamma(self.tail, 1 / self.tail, len(exponent))
        big = rng.binomial(attacks, large)
        shape = (*attacks.shape, LARGE)
        small = rng.multinomial(attacks - big, np.broadcast_to(self.body[:, None, :], shape)) @ np.arange(LARGE)
        # The discrete power law by rounding a continuous one (Clauset, Shalizi and Newman 2009, appendix D).
        owner = np.repeat(np.arange(big.size), big.ravel())
        power = -1 / exponent[owner % big.shape[1]]
        sizes = np.floor(np.minimum((LARGE - 0.5) * (1 - rng.random(len(owner))) ** power, MOST) + 0.5)
        tail = np.bincount(owner, weights=sizes, minlength=big.size).reshape(big.shape)
        return small + tail.astype(np.int64)

    def chance_of_none(self, attacks: np.ndarray) -> np.ndarray:
        """P(no attack with ten or more deaths) in each draw of ``attacks`` (province, draw)."""
        if self.trials is None:
            return (1 - self.large[:, None]) ** attacks
        a, b = (self.large * self.trials)[:, None], ((1 - self.large) * self.trials)[:, None]
        return np.exp(betaln(a, b + attacks) - betaln(a, b))  # the mean over the beta distribution of ``large``

    def chance_of_large(self, attacks: np.ndarray) -> np.ndarray:
        """P(at least one attack with ten or more deaths), per province, over draws of ``attacks``."""
        return 1 - self.chance_of_none(attacks).mean(axis=1)


def fit(attacks: np.ndarray, deaths: np.ndarray, large: np.ndarray, window: int = WINDOW) -> Severity | None:
    """The distribution from monthly totals (month, province) up to the origin; NaN is not observed.

    ``large`` counts attacks with ten or more deaths; the last ``window`` months tell how deadly attacks are now.
    None where no attack has been recorded.
    """
    known = ~(np.isnan(attacks) | np.isnan(deaths) | np.isnan(large))
    n, d, k = (np.where(known, values, 0) for values in (attacks, deaths, large))
    if not n.sum():
        return None
    now = slice(-window, None) if n[-window:].sum() else slice(None)
    base = _base(n, d, k)
    body = _bodies(n[now], d[now], k[now], base)
    # Past months are stripped of the other attacks by the mean of all months, not by today's.
    mean = _bodies(n, d, k, base) @ np.arange(LARGE)
    large, trials = _large(n[now].sum(axis=0), k[now].sum(axis=0))
    exponent, tail = _exponent(n, d, k, mean)
    return Severity(large, body, exponent, trials, tail)


def columns(panel: xr.Dataset, draws: np.ndarray, issue: Issue, seed: int) -> dict[str, np.ndarray]:
    """Severity of the forecast ``draws`` (province, draw), as columns of the risk table; missing without deaths."""
    found = deaths(panel, draws, issue, seed)
    if found is None:
        return {name: np.full(len(draws), np.nan) for name in COLUMNS}
    return _columns(*found)


def country(panel: xr.Dataset, draws: np.ndarray, issue: Issue, seed: int) -> dict[str, float]:
    """The same columns for all provinces together: sums of the same drawn deaths; missing without deaths."""
    found = deaths(panel, draws, issue, seed)
    if found is None:
        return dict.fromkeys(COLUMNS, float("nan"))
    drawn, none_large = found
    summed = _columns(drawn.sum(axis=0, keepdims=True), none_large.prod(axis=0, keepdims=True))
    return {name: float(values[0]) for name, values in summed.items()}


def _columns(drawn: np.ndarray, none_large: np.ndarray) -> dict[str, np.ndarray]:
    low, median, high = quantiles(drawn, [0.1, 0.5, 0.9])
    return dict(zip(COLUMNS, [median, low, high, 1 - none_large.mean(axis=1)], strict=True))


def deaths(panel: xr.Dataset, draws: np.ndarray, issue: Issue, seed: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Deaths drawn for the ``draws`` of attacks (province, draw), and the chance that none of these is a large one.

    None where the panel tells no deaths, or no attack has been recorded.
    """
    if panel.attrs["target"] != "attacks" or not set(NEEDED) <= set(panel.data_vars):
        return None
    upto = panel.sel(month=slice(None, issue.origin))
    attacks, dead, large = (upto[name].transpose("month", "province").to_numpy() for name in NEEDED)
    fitted = fit(attacks, dead, large)
    if fitted is None:
        return None
    rng = seeds.generator(seed, "severity", panel.attrs["study"], months.label(issue.origin))
    return fitted.draw(draws, rng), fitted.chance_of_none(draws)


def _base(n: np.ndarray, d: np.ndarray, k: np.ndarray) -> np.ndarray:
    """The pooled distribution of 0-9 deaths, from months with a single attack that was not large."""
    alone = (n == 1) & (k == 0) & (d < LARGE)
    counted = np.bincount(d[alone].astype(int), minlength=LARGE) + 1 / LARGE
    return counted / counted.sum()


def _bodies(n: np.ndarray, d: np.ndarray, k: np.ndarray, base: np.ndarray) -> np.ndarray:
    """``base`` tilted to each province's mean in months without a large attack, shrunk to the pooled mean."""
    plain = (k == 0) & (d < LARGE * n)
    attacks, deaths = (n * plain).sum(axis=0), (d * plain).sum(axis=0)
    pooled = deaths.sum() / attacks.sum() if attacks.sum() else base @ np.arange(LARGE)
    means = (deaths + PRIOR_ATTACKS * pooled) / (attacks + PRIOR_ATTACKS)
    return np.stack([_tilted(base, mean) for mean in means])


def _tilted(base: np.ndarray, mean: float) -> np.ndarray:
    """The distribution nearest to ``base`` (least relative entropy) that has this mean; it is an exponential tilt."""
    values = np.arange(len(base))

    def weights(tilt: float) -> np.ndarray:
        weighted = base * np.exp(tilt * (values - values.mean()))
        return weighted / weighted.sum()

    target = float(np.clip(mean, 0.05, len(base) - 1.05))
    return weights(brentq(lambda tilt: weights(tilt) @ values - target, -20, 20))


def _large(n: np.ndarray, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P(large) by province, and the attacks that it rests on: beta-binomial, its prior fitted over provinces."""

    def beta(theta: np.ndarray) -> tuple[float, float]:
        share, strength = 1 / (1 + np.exp(-np.clip(theta[0], -12, 12))), np.exp(np.clip(theta[1], 0, 7))
        return share * strength, (1 - share) * strength

    def loss(theta: np.ndarray) -> float:
        a, b = beta(theta)
        return -float((betaln(k + a, n - k + b) - betaln(a, b)).sum())

    start = (k.sum() + 0.5) / (n.sum() + 1)
    best = minimize(loss, x0=[np.log(start / (1 - start)), 2.0], method="Nelder-Mead")
    a, b = beta(best.x)
    return (k + a) / (n + a + b), n + a + b


def _exponent(n: np.ndarray, d: np.ndarray, k: np.ndarray, mean: np.ndarray) -> tuple[float, float]:
    """The tail's exponent, pooled, and the large attacks that it rests on, those of a prior included.

    m / sum(log(x / 9.5)) (Clauset, Shalizi and Newman 2009, eq. 3.7), the mean of a gamma distribution of shape m.
    """
    shown = (k == 1) & (n <= FEW)
    others = (n - 1) * mean
    sizes = np.maximum(d - np.round(others), LARGE)[shown]
    logs = np.log(sizes / (LARGE - 0.5)).sum()
    shape = len(sizes) + PRIOR_EVENTS
    return float(shape / (logs + PRIOR_EVENTS / PRIOR_EXPONENT)), float(shape)
