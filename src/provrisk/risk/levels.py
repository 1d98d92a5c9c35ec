"""The study's scale: which level a forecast has, how probable each is, and the score made of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from provrisk.study.schema import Scale


def level(median: np.ndarray, scale: Scale) -> list[str]:
    """The level of each province: the category of the scale that holds its median."""
    return [scale.levels[i] for i in np.searchsorted(scale.thresholds, median, side="right")]


def ordered(names: Sequence[str], scale: Scale) -> pd.Categorical:
    """Levels as categories in the order of the scale, so that a table of them is sorted from the lowest."""
    return pd.Categorical(names, list(scale.levels), ordered=True)


def at_least(draws: np.ndarray, counts: tuple[int, ...]) -> np.ndarray:
    """P(at least n) for each n of ``counts``: (province, n) from ``draws`` (province, draw)."""
    return np.stack([(draws >= count).mean(axis=-1) for count in counts], axis=-1)


def probabilities(draws: np.ndarray, scale: Scale) -> np.ndarray:
    """The probability of each level: (province, level) from ``draws`` (province, draw); each row sums to one."""
    exceeded = at_least(draws, scale.thresholds)
    edges = np.concatenate([np.ones((len(draws), 1)), exceeded, np.zeros((len(draws), 1))], axis=1)
    return edges[:, :-1] - edges[:, 1:]


def score(draws: np.ndarray, scale: Scale) -> np.ndarray:
    """The risk score, 0-100: the expected number of the level, rescaled so that the highest level is 100."""
    steps = np.arange(len(scale.levels))
    return 100 * probabilities(draws, scale) @ steps / steps[-1]


def watched(draws: np.ndarray, scale: Scale) -> np.ndarray:
    """Which provinces are worth acting on: P(at least the second-highest level) from c / (1 + c) up.

    c is the cost of a false alarm over that of a missed event: acting has the lower expected cost exactly where the
    probability reaches c / (1 + c) (Murphy 1977). None is where the study has no ``cost_ratio``.
    """
    if scale.cost_ratio is None:
        return np.zeros(len(draws), dtype=bool)
    return (draws >= watch_count(scale)).mean(axis=-1) >= scale.cost_ratio / (1 + scale.cost_ratio)


def watch_count(scale: Scale) -> int:
    """The count that the watch list is about: where the second-highest level begins."""
    return scale.thresholds[-2] if len(scale.thresholds) > 1 else scale.thresholds[0]


def scores(forecast: xr.DataArray, horizon: int, scale: Scale) -> dict[str, float]:
    """The risk score of each province in one month of ``forecast`` (province, horizon, draw)."""
    drawn = forecast.sel(horizon=horizon).transpose("province", "draw").to_numpy()
    return dict(zip(forecast.indexes["province"], score(drawn, scale).tolist(), strict=True))
