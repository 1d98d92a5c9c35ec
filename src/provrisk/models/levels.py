"""Levels of the recent past, and the pairs of a state and a later count that models learn from."""

from collections.abc import Sequence

import numpy as np

from provrisk import seeds
from provrisk.errors import ProvriskError

FLOOR = 0.02
"""The lowest mean that a model gives a province, in counts a month: a quiet province is not a dead one."""


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
    total, worth = np.zeros(counts.shape[1]), np.zeros(counts.shape[1])
    out = np.empty_like(counts)
    for t, now in enumerate(counts):
        total = (1 - weight) * total + np.nan_to_num(now)
        worth = (1 - weight) * worth + ~np.isnan(now)
        out[t] = total / np.maximum(worth, 1e-9)
    return out


def volatility(counts: np.ndarray, level: np.ndarray, weight: float) -> np.ndarray:
    """An EWMA of the absolute log surprise |log(1 + count) - log(1 + level of the month before)|."""
    before = np.concatenate([level[:1], level[:-1]])
    surprise = np.abs(np.log1p(np.where(np.isnan(counts), before, counts)) - np.log1p(before))
    return ewma(surprise, weight, 1)


def known_mean(counts: np.ndarray) -> np.ndarray:
    """The mean over the observed months of each province, zero where there is none."""
    known = ~np.isnan(counts)
    return np.where(known, counts, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def need_months(counts: np.ndarray, least: int, who: str) -> None:
    """Raise ``ProvriskError`` if the record has fewer than ``least`` months or no observed cell at all."""
    if len(counts) < least or np.isnan(counts).all():
        raise ProvriskError(
            f"{who} needs at least {least} months of counts and has {len(counts)}: "
            "leave it out or give it a longer record."
        )


def pairs(
    states: Sequence[np.ndarray], counts: np.ndarray, horizon: int, burn_in: int, limit: int = 20_000
) -> tuple[list[np.ndarray], np.ndarray]:
    """``states`` (month, province, ...) as rows, and the counts that came ``horizon`` months later.

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
