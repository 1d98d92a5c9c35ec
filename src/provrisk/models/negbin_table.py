"""The distribution function of the negative binomial, tabulated once and read off for many pairs at a time."""

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.special import betainc

SINGLE = 12  # counts up to here have a cell each
WIDER = 0.25  # how much wider, in logs, each further cell is
MEANS = np.arange(np.log(0.005), np.log(4e5), 0.15)
SIZES = np.arange(np.log(0.005), np.log(3e3), 0.4)


class TableValues(NamedTuple):
    """The distribution function in the middle of each cell, (pair, cell), and its slopes by log mean and log size."""

    values: np.ndarray
    by_mean: np.ndarray
    by_size: np.ndarray


class Table:
    """F(k) over a grid of log means and log sizes, in cells of counts that widen geometrically.

    Fits need F for every pair at every step. Between the grid's points it is interpolated linearly in both logs, and
    the slopes are those of the interpolation, so that a gradient is exact for what is computed.
    """

    def __init__(self, largest: float) -> None:
        """``largest`` is the highest count or mean that must be distinguished."""
        top = SINGLE * 2 + 6 * largest
        wide = np.geomspace(SINGLE, top, int(np.ceil(np.log(top / SINGLE) / WIDER)) + 1).round()
        self.edges = np.unique(np.concatenate([np.arange(SINGLE + 1), wide])).astype(int)
        self.width = np.diff(self.edges).astype(np.float32)
        middle = (self.edges[:-1] + self.edges[1:] - 1) / 2
        mean, size = np.exp(MEANS)[:, None, None], np.exp(SIZES)[None, :, None]
        self.values = betainc(size, middle + 1, size / (size + mean)).reshape(-1, len(middle)).astype(np.float32)

    def read(self, log_mean: np.ndarray, log_size: np.ndarray) -> TableValues:
        """F and its slopes at each pair of a mean and a size."""
        row, part = _place(log_mean, MEANS)
        column, share = _place(log_size, SIZES)
        corners = (row * len(SIZES) + column)[:, None] + [0, 1, len(SIZES), len(SIZES) + 1]
        low, high = np.stack([1 - share, share], axis=1), np.stack([1 - part, part], axis=1)
        weights = [
            np.hstack([high[:, :1] * low, high[:, 1:] * low]),
            np.hstack([-low, low]) / np.float32(MEANS[1] - MEANS[0]),
            np.repeat(high, 2, axis=1) * np.array([-1, 1, -1, 1]) / np.float32(SIZES[1] - SIZES[0]),
        ]
        # Every row is a sum of four rows of the table: a product with a matrix that is empty elsewhere.
        number = len(weights) * len(corners)
        entries = (np.concatenate(weights, dtype=np.float32).ravel(), np.tile(corners.astype(np.int32).ravel(), 3))
        sums = csr_array((*entries, np.arange(0, 4 * number + 1, 4, dtype=np.int32)), (number, len(self.values)))
        return TableValues(*(sums @ self.values).reshape(len(weights), len(corners), -1))

    def above(self, counts: np.ndarray) -> np.ndarray:
        """How many whole numbers of each cell are not below each count: (pair, cell)."""
        return np.clip(self.edges[1:].astype(np.float32) - counts[:, None].astype(np.float32), 0, self.width)


@cache
def table(power: int) -> Table:
    """The table for counts up to 4 ** ``power``, made once a process."""
    return Table(4.0**power)


def table_for(largest: float) -> Table:
    """A table that is wide enough for ``largest``."""
    return table(int(np.ceil(np.log(max(largest, 4)) / np.log(4))))


def _place(value: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The grid's point at or below each value, and how far the value is on the way to the next."""
    where = np.clip((value - grid[0]) / (grid[1] - grid[0]), 0, len(grid) - 1.001)
    before = where.astype(int)
    return before, (where - before).astype(np.float32)
