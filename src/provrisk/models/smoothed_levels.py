"""Levels of the recent past, and the pairs of a state and a later count that models learn from."""

from collections.abc import Sequence

import numpy as np
from scipy.signal import lfilter

from provrisk import seeds
from provrisk.errors import ProvriskError

FLOOR = 0.02
"""The lowest mean that a model gives a province, in counts a month: a quiet province is not a dead one."""

AHEAD = (1, 2, 3, 4, 6, 8, 11, 14)
"""Horizons that a model learns from which learns all at once; between them it goes by the log of the horizon."""

LONGEST_QUIET = 36
HALF = 0.5  # added to counts before a root or a logarithm


def ewma(counts: np.ndarray, weight: float, burn_in: int) -> np.ndarray:
    """The exponentially weighted level after each month, per province: shape of ``counts`` (month, province).

    level[t] = (1 - weight) * level[t - 1] + weight * counts[t], begun at the mean of the first
    ``burn_in`` months; a month that was not observed leaves the level as it was.
    """
    level = known_mean(counts[:burn_in])
    out = np.empty_like(counts)
    for t, now in enumerate(counts):
        level = np.where(np.isnan(now), level, (1 - weight) * level + weight * now)
        out[t] = level
    return out


def discounted_mean(counts: np.ndarray, weight: float) -> np.ndarray:
    """The mean of all months so far, a month's worth falling by ``weight`` a month: (month, province).

    Unlike an EWMA it has no starting level that a short record would never forget; zero before the
    first observed month.
    """
    known = ~np.isnan(counts)
    total, worth = (
        lfilter([1.0], [1.0, weight - 1.0], values, axis=0) for values in (np.where(known, counts, 0), known * 1.0)
    )
    return total / np.maximum(worth, 1e-9)


def volatility(counts: np.ndarray, level: np.ndarray, weight: float) -> np.ndarray:
    """An EWMA of the absolute log surprise |log(1 + count) - log(1 + level of the month before)|."""
    before = np.concatenate([level[:1], level[:-1]])
    surprise = np.abs(np.log1p(np.where(np.isnan(counts), before, counts)) - np.log1p(before))
    return ewma(surprise, weight, 1)


def highest(counts: np.ndarray, window: int) -> np.ndarray:
    """The highest of the last ``window`` months, or of as many as there are."""
    return np.stack([counts[max(t - window + 1, 0) : t + 1].max(axis=0) for t in range(len(counts))])


def quiet_for(counts: np.ndarray) -> np.ndarray:
    """Months since the last one that was not empty, at most ``LONGEST_QUIET``."""
    row = np.arange(len(counts))[:, None]
    last = np.maximum.accumulate(np.where(counts > 0, row, -LONGEST_QUIET), axis=0)
    return np.minimum(row - last, LONGEST_QUIET)


def known_mean(counts: np.ndarray) -> np.ndarray:
    """The mean over the observed months of each province, zero where there is none."""
    known = ~np.isnan(counts)
    return np.where(known, counts, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def need_months(counts: np.ndarray, least: int, who: str) -> None:
    """Raise ``ProvriskError`` if the record has fewer than ``least`` months or no observed cell at all."""
    if len(counts) < least or np.isnan(counts).all():
        raise ProvriskError(
            f"{who} needs at least {least} months of counts and has {len(counts)}: leave it out or use more months."
        )


def pairs(
    states: Sequence[np.ndarray], counts: np.ndarray, horizon: int, burn_in: int, limit: int = 20_000
) -> tuple[list[np.ndarray], np.ndarray]:
    """``states`` (month, province, ...) as rows, and the counts ``horizon`` months later.

    Begins with the state after ``burn_in`` months and ends with the last pair whose target is in
    ``counts``. Above ``limit`` pairs a fixed random sample of them stands for all.
    """
    last = max(len(counts) - horizon, 0)
    after = counts[burn_in - 1 + horizon :].ravel()
    rows = np.flatnonzero(~np.isnan(after))
    if len(rows) > limit:
        rows = np.sort(seeds.generator("pairs", len(rows), horizon).choice(rows, limit, replace=False))
    before = [state[burn_in - 1 : last].reshape(len(after), *state.shape[2:])[rows] for state in states]
    return before, after[rows]


def pairs_ahead(
    states: Sequence[np.ndarray], counts: np.ndarray, size: np.ndarray, burn_in: int, limit: int
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """``pairs`` of all horizons ``AHEAD`` together: the rows, how far ahead each is, the counts and the pairs' worth.

    Where there are more than about ``limit``, a fixed random part stands for all: a pair is kept with a chance that
    grows with the root of the ``size`` (month, province) of its state, and is worth the inverse of that chance.
    """
    first, end = burn_in - 1, len(counts)
    reached = [horizon for horizon in AHEAD if first + horizon < end]
    known = {horizon: ~np.isnan(counts[first + horizon :]) for horizon in reached}
    root = np.sqrt(size + HALF)
    total = sum(float(root[first : end - h][seen].sum()) for h, seen in known.items())
    rows: list[list[np.ndarray]] = [[] for _ in states]
    ahead, after, worth = [], [], []
    for horizon, seen in known.items():
        chance = np.minimum(limit * root[first : end - horizon] / total, 1)
        kept = seen & (seeds.generator("pairs", end, horizon).random(seen.shape) < chance)
        for found, state in zip(rows, states, strict=True):
            found.append(state[first : end - horizon][kept])
        ahead.append(np.full(int(kept.sum()), horizon))
        after.append(counts[first + horizon :][kept])
        worth.append(1 / chance[kept])
    joined = [np.concatenate(found) for found in rows]
    return joined, np.concatenate(ahead), np.concatenate(after), np.concatenate(worth)
