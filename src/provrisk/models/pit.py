"""The randomised probability integral transform of forecasts made of draws."""

import numpy as np

from provrisk import seeds


def randomised_pit(draws: np.ndarray, counts: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """P(draw < count) + v P(draw = count), v uniform: uniform itself if the forecast is right (Czado et al. 2009).

    ``draws`` has the draws on its last axis, ``counts`` is without it; NaN where the count is. The m
    draws and the count are treated as m + 1 exchangeable values, so that no PIT is 0 or 1.
    """
    rng = rng or seeds.generator("pit", counts.shape)
    m = draws.shape[-1]
    below, ties = ((draws < counts[..., None]).sum(axis=-1), (draws == counts[..., None]).sum(axis=-1))
    values = (below + rng.random(counts.shape) * (ties + 1)) / (m + 1)
    return np.where(np.isnan(counts), np.nan, values)
