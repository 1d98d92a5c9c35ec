"""Dated things and when each was known: what stood in the diary at the end of any month."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import pandas as pd

BEGIN = 12.0 * 1970
"""The number of the month from which numpy counts."""


def month_numbers(dates: Sequence[object] | pd.Index | pd.Series) -> np.ndarray:
    """Months as numbers that count on by one, ``12 * year + month - 1``; a missing date is infinity.

    >>> month_numbers(["2018-12-31", "2019-01-01", None])
    array([24227., 24228.,    inf])
    """
    if not (isinstance(dates, pd.Series | pd.Index) and dates.dtype.kind == "M"):  # slow, and seldom needed
        dates = pd.to_datetime(pd.Index(dates))
    stamps = dates.to_numpy().astype("datetime64[M]")
    return np.where(np.isnat(stamps), np.inf, stamps.astype("int64") + BEGIN)


@dataclass(frozen=True, eq=False)
class Schedule:
    """Dated things of one kind, a row each; months as in ``month_numbers``, infinity for never.

    A thing has an effect of 1 in ``where`` (row, province) from the month ``begins`` to the month
    ``ends``, and of ``keep ** n`` in the n-th month after its end. It is in the diary from ``known``
    on, its end from ``ends_known`` (until then it has none), and out again from ``off`` (called off).
    """

    begins: np.ndarray
    ends: np.ndarray
    known: np.ndarray
    ends_known: np.ndarray
    off: np.ndarray
    where: np.ndarray
    keep: float

    def values(self, months: np.ndarray, known: np.ndarray) -> np.ndarray:
        """The sum of effects in each of ``months``, as known at the end of the month ``known``: (month, province)."""
        on = (self.known[:, None] <= known) & (self.begins[:, None] <= months) & (self.off[:, None] > known)
        ends = np.where(self.ends_known[:, None] <= known, self.ends[:, None], np.inf)
        return (on * self.keep ** np.maximum(months - ends, 0)).T @ self.where

    def upto(self, month: float) -> Self:
        """The schedule as it was known at the end of ``month``."""
        rows = self.known <= month
        return replace(
            self,
            begins=self.begins[rows],
            ends=np.where(self.ends_known > month, np.inf, self.ends)[rows],
            known=self.known[rows],
            ends_known=np.where(self.ends_known > month, np.inf, self.ends_known)[rows],
            off=np.where(self.off > month, np.inf, self.off)[rows],
            where=self.where[rows],
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schedule) and all(
            np.array_equal(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        )

    __hash__ = None  # type: ignore[assignment]
