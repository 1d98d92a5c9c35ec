"""Relative skill: every forecast against every other, each pair on the cells that the two share."""

import numpy as np
import pandas as pd

from provrisk.evaluation.mean_ratio import critical, error_of_mean


def tournament(losses: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
    """Relative skill of each column of ``losses`` (a row for each cell, NaN for a missing forecast).

    The geometric mean of the ratios of its mean loss to that of each forecast it shares cells with, itself included,
    as forecast hubs do (Cramer et al. 2022): below 1 is better than the others. Columns:
    relative_skill, relative_low, relative_high (from what each origin adds to the log of it, by the test of ``ratio``;
    none from too few origins). NaN for a forecast that shares no cell with another, or has a ratio of zeros.
    """
    cells = losses.sort_index()
    numbers, origins = pd.factorize(cells.index.get_level_values("origin"), sort=True)
    span = int(cells.index.get_level_values("horizon").max())
    values, names = cells.to_numpy(float), list(cells.columns)
    logs, opponents = np.zeros(len(names)), np.zeros(len(names))
    added = np.zeros((len(names), len(origins)))
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(len(names)):
            for j in range(i):
                both = ~np.isnan(values[:, i] + values[:, j])
                if both.any():
                    one, other = (np.bincount(numbers[both], values[both, k], len(origins)) for k in (i, j))
                    ratio, parts = np.log(one.sum()) - np.log(other.sum()), one / one.sum() - other / other.sum()
                    logs[i], logs[j] = logs[i] + ratio, logs[j] - ratio
                    added[i], added[j] = added[i] + parts, added[j] - parts
                    opponents[[i, j]] += 1
    rows = {}
    for name, log, own, number in zip(names, logs, added, opponents, strict=True):
        log, (error, degrees) = log / (number + 1), error_of_mean(own / (number + 1), span)
        reach = critical(degrees, level) * error * len(origins)
        rows[name] = np.exp([log, log - reach, log + reach]) if number else np.full(3, np.nan)
    columns = ["relative_skill", "relative_low", "relative_high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(losses.columns.name)
