"""Calendar months: everywhere in the program a month is the timestamp of its first day."""

import datetime
import re

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Records of events begin and end well within these years: anything else is a slip of the pen."""

MONTH = re.compile(r"(19[0-9]{2}|20[0-9]{2}|2100)-(0[1-9]|1[0-2])")


def parse(text: str) -> pd.Timestamp:
    """The month written as ``YYYY-MM``.

    >>> parse("2018-12")
    Timestamp('2018-12-01 00:00:00')

    Raises ``ProvriskError`` for any other spelling.
    """
    if not MONTH.fullmatch(str(text)):
        raise ProvriskError(f"{text!r} is not a month: write it as YYYY-MM, from {FIRST_YEAR}-01 to {LAST_YEAR}-12.")
    return pd.Timestamp(f"{text}-01")


def day(text: str, what: str) -> pd.Timestamp:
    """The day written as ``YYYY-MM-DD``.

    >>> day("2024-07-01", "--as-of")
    Timestamp('2024-07-01 00:00:00')

    Raises ``ProvriskError`` for any other spelling; ``what`` names the option in it.
    """
    try:
        return pd.Timestamp(datetime.date.fromisoformat(text))
    except ValueError:
        raise ProvriskError(f"{what} {text!r} is not a day: write it as YYYY-MM-DD, such as 2024-07-01.") from None


def label(month: pd.Timestamp) -> str:
    """``YYYY-MM``, the inverse of ``parse``."""
    return f"{month:%Y-%m}"


def spelled(month: pd.Timestamp) -> str:
    """The month as a reader says it: ``January 2019``."""
    return f"{month:%B %Y}"


def shift(month: pd.Timestamp, months: int) -> pd.Timestamp:
    """The month that lies ``months`` later (earlier if negative)."""
    return month + pd.DateOffset(months=months)


def span(first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Every month from ``first`` to ``last``, both included."""
    return pd.date_range(first, last, freq="MS")


def run(sorted_months: pd.DatetimeIndex) -> np.ndarray:
    """The number of the unbroken run of months that each of ``sorted_months`` belongs to, from 0."""
    number = np.asarray(sorted_months.year * 12 + sorted_months.month)
    return np.cumsum(np.diff(number, prepend=number[:1]) > 1)


def last_day(month: pd.Timestamp) -> pd.Timestamp:
    """The last day of a month."""
    return shift(month, 1) - pd.Timedelta(days=1)


def floor(dates: pd.Series) -> pd.Series:
    """The month of each date."""
    return dates.dt.to_period("M").dt.to_timestamp()
