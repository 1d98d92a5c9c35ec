"""Descriptive claims: the share of some provinces in all attacks, and who comes first, with intervals.

Months are resampled in blocks (``evaluation.compare.block_weights``), all provinces together: the interval says how far
the figure hangs on which months happened to be bad.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from provrisk.evaluation.compare import block_weights


@dataclass(frozen=True)
class Description:
    """A figure with its interval, and ``probability``: the share of resamples in which the claim holds."""

    estimate: float
    low: float
    high: float
    probability: float


def share(counts: pd.DataFrame, provinces: Sequence[str], at_least: float, level: float, seed: int) -> Description:
    """The part of all attacks of ``counts`` (months by province) that ``provinces`` hold, and P(it is ``at_least``)."""
    named = counts[list(provinces)].sum(axis=1).to_numpy()
    weights = block_weights(len(counts), seed)
    with np.errstate(invalid="ignore"):
        drawn = (weights @ named) / (weights @ counts.sum(axis=1).to_numpy())
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    estimate = named.sum() / counts.to_numpy().sum()
    return Description(float(estimate), float(low), float(high), float((drawn >= at_least).mean()))


def first(counts: pd.DataFrame, provinces: Sequence[str], level: float, seed: int) -> Description:
    """Whether ``provinces`` are those with the most attacks, in any order.

    The figure is the ratio of the lowest total among them to the highest among the others, above 1 where they come
    first. Half an attack is added to both.
    """
    weights = block_weights(len(counts), seed)
    drawn = weights @ counts.to_numpy()
    chosen = counts.columns.isin(list(provinces))

    def lead(totals: np.ndarray) -> np.ndarray:
        lowest, highest = totals[..., chosen].min(axis=-1), totals[..., ~chosen].max(axis=-1)
        return np.asarray((lowest + 0.5) / (highest + 0.5))

    ratio = lead(drawn)
    low, high = np.quantile(ratio, [(1 - level) / 2, (1 + level) / 2])
    estimate = float(lead(counts.sum().to_numpy()))
    return Description(estimate, float(low), float(high), float((ratio > 1).mean()))
