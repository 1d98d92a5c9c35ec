"""Descriptive claims: the share of some provinces in all attacks, and who comes first, with p-values and intervals.

Both are ratios of monthly means, judged as differences of forecasts are (``evaluation.mean_ratio``): the interval says
how far the figure hangs on which months happened to be bad.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from provrisk.evaluation.mean_ratio import ratio_of

OVERLAP = 1
"""Monthly counts are of months of their own."""


@dataclass(frozen=True)
class Description:
    """A figure with its interval, and one-sided p-values for the claim and against it; NaN of too few months."""

    estimate: float
    low: float
    high: float
    p_for: float
    p_against: float


def share(counts: pd.DataFrame, provinces: Sequence[str], at_least: float, level: float) -> Description:
    """The part of all attacks of ``counts`` (months by province) that ``provinces`` hold, against ``at_least``."""
    found = ratio_of(counts[list(provinces)].sum(axis=1).to_numpy(), counts.sum(axis=1).to_numpy(), OVERLAP)
    low, high = found.interval(level)
    return Description(found.estimate, low, min(high, 1.0), found.p_above(at_least), found.p_below(at_least))


def first(counts: pd.DataFrame, provinces: Sequence[str], level: float) -> Description:
    """Whether ``provinces`` are those with the most attacks, in any order.

    The figure is the ratio of the lowest total among them to the highest among the others, above 1 where they come
    first; half an attack is added to both. They do if each of them is above each of the others (no correction: Berger
    1982), and do not if any is below any, which is corrected for the number of pairs (Bonferroni).
    """
    named, others = list(provinces), [name for name in counts if name not in set(provinces)]
    padded = counts + 0.5 / len(counts)
    pairs = [
        ratio_of(padded[one].to_numpy(), padded[other].to_numpy(), OVERLAP) for one, other in product(named, others)
    ]
    return Description(
        estimate=min(pair.estimate for pair in pairs),
        low=min(pair.interval(level)[0] for pair in pairs),
        high=min(pair.interval(1 - (1 - level) / len(pairs))[1] for pair in pairs),
        p_for=max(_known(pair.p_above(1.0)) for pair in pairs),
        p_against=min(1.0, len(pairs) * min(_known(pair.p_below(1.0)) for pair in pairs)),
    )


def _known(p: float) -> float:
    """A p-value; 1 where two provinces are the same month by month, since nothing tells them apart."""
    return 1.0 if np.isnan(p) else p
