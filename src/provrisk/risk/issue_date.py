"""When a bulletin is issued, and its month."""

from dataclasses import dataclass

import pandas as pd

from provrisk import months


@dataclass(frozen=True)
class Issue:
    """The dates of one bulletin; ``horizon`` is that of the first target month not begun on the issue date."""

    date: pd.Timestamp
    origin: pd.Timestamp
    horizon: int
    historical: bool

    @property
    def month(self) -> pd.Timestamp:
        """The month of the issue."""
        return months.shift(self.origin, self.horizon)


def issue_on(today: pd.Timestamp, origin: pd.Timestamp, horizons: int, rebuilt: bool = False) -> Issue:
    """The issue that can be written ``today`` from data up to ``origin``, ``horizons`` months ahead.

    Where every target month has begun, the issue is historical: dated the first day after the origin. So is
    one that is ``rebuilt`` for a day gone by, which keeps that day as its date.
    """
    for horizon in range(1, horizons + 1):
        if months.shift(origin, horizon) > today:
            return Issue(today.normalize(), origin, horizon, historical=rebuilt)
    return Issue(months.shift(origin, 1), origin, 1, historical=True)
