"""Relative skill: every forecast against every other, each pair on the cells that the two share."""

import numpy as np
import pandas as pd

from provrisk.evaluation.compare import block_weights


def tournament(losses: pd.DataFrame, fewest: int, seed: int = 0, level: float = 0.9) -> pd.DataFrame:
    """Relative skill of each column of ``losses`` (a row a cell, NaN where a forecast has not that cell).

    The geometric mean of the ratios of its mean loss to that of each forecast it shares cells with, itself included,
    as the forecast hubs rank unlike fields (Cramer et al. 2022): below 1 is better than its peers. Columns:
    relative_skill, relative_low, relative_high (the same resamples of origins for all pairs, none from fewer than
    ``fewest`` origins). NaN for a forecast that shares no cell with another, or has a ratio of zeros.
    """
    cells = losses.sort_index()
    numbers, origins = pd.factorize(cells.index.get_level_values("origin"), sort=True)
    weights = np.vstack([np.ones(len(origins)), block_weights(len(origins), seed)])  # the first is the record itself
    values, names = cells.to_numpy(float), list(cells.columns)
    logs, opponents = np.zeros((len(names), len(weights))), np.zeros(len(names))
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(len(names)):
            for j in range(i):
                both = ~np.isnan(values[:, i] + values[:, j])
                if both.any():
                    one, other = (weights @ np.bincount(numbers[both], values[both, k], len(origins)) for k in (i, j))
                    ratio = np.log(one) - np.log(other)
                    logs[i], logs[j] = logs[i] + ratio, logs[j] - ratio
                    opponents[[i, j]] += 1
    theta = np.where(opponents[:, None] > 0, np.exp(logs / (opponents[:, None] + 1)), np.nan)
    # A resample may miss all the cells of a pair that shares few origins: it says nothing of it.
    resampled = pd.DataFrame(theta[:, 1:].T).replace([np.inf, 0], np.nan).quantile([(1 - level) / 2, (1 + level) / 2])
    if len(origins) < fewest:
        resampled[:] = np.nan
    low, high = resampled.to_numpy()
    columns = {"relative_skill": theta[:, 0], "relative_low": low, "relative_high": high}
    return pd.DataFrame(columns, index=losses.columns)
