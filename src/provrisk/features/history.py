"""Features from a province's own past, up to and including the month they stand in.

The functions take counts over (month, province), NaN where not observed, and return the same shape.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from provrisk.features.feature import Feature, of_target
from provrisk.study import Study

LAGS = (1, 2, 3, 6, 12)
WINDOWS = (3, 6, 12, 24)
WEIGHTS = (10, 30, 50)
HALF = 0.5
"""Added to both sides of a ratio of means, so that quiet provinces have one."""


def lag(counts: np.ndarray, months: int) -> np.ndarray:
    """The count of ``months`` before."""
    before = np.full(counts.shape, np.nan)
    before[months:] = counts[:-months]
    return before


def window_sum(values: np.ndarray, window: int) -> np.ndarray:
    """The sum of the last ``window`` months; those not observed, or before the first, add nothing."""
    total = np.cumsum(np.nan_to_num(values), axis=0)
    total[window:] -= total[:-window].copy()
    return total


def _known(counts: np.ndarray, window: int) -> np.ndarray:
    """How many of the last ``window`` months were observed; NaN where fewer than half."""
    number = window_sum(np.isfinite(counts).astype(float), window)
    return np.where(number >= (window + 1) // 2, number, np.nan)


def rolling_mean(counts: np.ndarray, window: int) -> np.ndarray:
    """Mean of the last ``window`` months, over those observed; missing where fewer than half were."""
    return window_sum(counts, window) / _known(counts, window)


def rolling_max(counts: np.ndarray, window: int) -> np.ndarray:
    """Greatest count of the last ``window`` months; missing where fewer than half were observed."""
    greatest, reach = counts.copy(), 1
    while reach < window:  # the maximum over twice as many months is that of two maxima
        step = min(reach, window - reach)
        greatest[step:] = np.fmax(greatest[step:], greatest[:-step].copy())
        reach += step
    return np.where(np.isnan(_known(counts, window)), np.nan, greatest)


def rolling_spread(counts: np.ndarray, window: int) -> np.ndarray:
    """Standard deviation of the last ``window`` months; missing where fewer than half were observed."""
    known = _known(counts, window)
    # In whole numbers until the root, so that equal counts have no spread at all.
    variance = known * window_sum(counts**2, window) - window_sum(counts, window) ** 2
    return np.sqrt(np.maximum(variance, 0)) / known


def ewma(counts: np.ndarray, weight: float) -> np.ndarray:
    """Exponentially weighted mean of all months so far, the newest weighing ``weight``; missing if this one is.

    The weights are (1 - weight) ** n for the n-th observed month back, scaled to sum to one, so that
    no starting value is needed.
    """
    mean = pd.DataFrame(counts).ewm(alpha=weight, ignore_na=True).mean().to_numpy()
    return np.where(np.isnan(counts), np.nan, mean)


def months_since_last(counts: np.ndarray) -> np.ndarray:
    """Months since the last one with an attack (0: this one); missing before the first attack."""
    position = np.arange(len(counts), dtype=float)[:, None]
    last = np.fmax.accumulate(np.where(counts > 0, position, np.nan), axis=0)
    return np.where(np.isnan(counts), np.nan, position - last)


def escalation(counts: np.ndarray) -> np.ndarray:
    """Mean of 3 months over the mean of 12, half an attack added to both: above 1 it rises."""
    return (rolling_mean(counts, 3) + HALF) / (rolling_mean(counts, 12) + HALF)


def share_of_country(counts: np.ndarray) -> np.ndarray:
    """The province's part of the attacks in 12 months, of all provinces observed; missing if there were none."""
    mean = rolling_mean(counts, 12)
    country = np.nansum(mean, axis=1, keepdims=True)
    return np.divide(mean, country, out=np.full(mean.shape, np.nan), where=country > 0)


def trend_against_country(counts: np.ndarray) -> np.ndarray:
    """The province's escalation over that of the whole country: above 1 it gains on the others."""
    known = np.isfinite(counts)
    number = known.sum(axis=1, keepdims=True)
    country = np.divide(
        np.nansum(counts, axis=1, keepdims=True), number, out=np.full(number.shape, np.nan), where=number > 0
    )
    return escalation(counts) / escalation(country)


def families(one: str, many: str) -> dict[str, tuple[str, str, Callable[[np.ndarray], np.ndarray]]]:
    """Unit, meaning and function by name, for counts of ``many``."""
    rate = f"{many} a month"
    table: dict[str, tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = {}
    for months in LAGS:
        table[f"lag_{months}"] = (rate, f"{many} {months} months before", partial(lag, months=months))
    for percent in WEIGHTS:
        meaning = f"exponentially weighted mean, the last month weighing {percent} %"
        table[f"ewma_{percent}"] = (rate, meaning, partial(ewma, weight=percent / 100))
    for window in WINDOWS:
        last = f"of the last {window} months"
        table[f"mean_{window}"] = (rate, f"mean {last}", partial(rolling_mean, window=window))
        table[f"max_{window}"] = (rate, f"greatest {last}", partial(rolling_max, window=window))
        table[f"spread_{window}"] = (rate, f"standard deviation {last}", partial(rolling_spread, window=window))
    return table | {
        "months_since_last": ("months", f"months since the last {one} (0: this month)", months_since_last),
        "escalation": ("ratio", "mean of 3 months over mean of 12, 0.5 added to both", escalation),
        "share_of_country": ("share", f"part of the country's {many} in the last 12 months", share_of_country),
        "trend_against_country": ("ratio", "escalation over that of the whole country", trend_against_country),
    }


def features(study: Study, measures: list[str]) -> list[Feature]:
    """The family ``history``."""
    aim = study.file.target
    return [
        Feature(name, unit, meaning, of_target(function))
        for name, (unit, meaning, function) in families(aim.one, aim.many).items()
    ]
