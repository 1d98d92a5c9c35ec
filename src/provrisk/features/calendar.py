"""Features of the month itself, known long before; elections only from the day their date was announced."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
import xarray as xr
from hijridate import Gregorian, Hijri

from provrisk.features import drivers
from provrisk.features.feature import Feature, scheduled
from provrisk.study import Study

TURN = 2 * np.pi / 12
FIRST_DAY, LAST_DAY = pd.Timestamp(1924, 8, 1), pd.Timestamp(2077, 11, 16)
"""What hijridate's tables of the Umm al-Qura calendar hold: 1343 to 1500 AH."""
UMM_AL_QURA = "Umm al-Qura calendar (hijridate); the day of sighting may differ by one"


def hijri_share(months: pd.DatetimeIndex, month: int, first_day: int, last_day: int | None) -> np.ndarray:
    """The part of each of ``months`` that lies in a span of days of an Islamic month (``None``: to its end).

    Missing where the calendar's tables do not reach (before August 1924 and after November 2077).
    """
    return _share_of_days(tuple(months), month, first_day, last_day)


@lru_cache(maxsize=64)  # a job builds several panels of the same months
def _share_of_days(span: tuple[pd.Timestamp, ...], month: int, first_day: int, last_day: int | None) -> np.ndarray:
    months = pd.DatetimeIndex(span)
    starts, ends = months, months + pd.offsets.MonthEnd(0)
    days = np.zeros(len(months))
    for year in range(*_hijri_years(months)):
        length = Hijri(year, month, 1).month_length()
        begins = pd.Timestamp(Hijri(year, month, first_day).to_gregorian().isoformat())
        over = begins + pd.Timedelta(days=(last_day or length) - first_day)
        overlap = (np.minimum(ends, over) - np.maximum(starts, begins)).days + 1
        days += np.maximum(overlap, 0)
    inside = (starts >= FIRST_DAY) & (ends <= LAST_DAY)
    shares = np.where(inside, days / months.days_in_month.to_numpy(), np.nan)
    shares.flags.writeable = False
    return shares


def _hijri_years(months: pd.DatetimeIndex) -> tuple[int, int]:
    """The first, and the one after the last, of the Islamic years that touch ``months`` and that the tables hold."""
    first, last = max(months[0], FIRST_DAY), min(months[-1] + pd.offsets.MonthEnd(0), LAST_DAY)
    if first > last:
        return 0, 0
    years = [Gregorian(day.year, day.month, day.day).to_hijri().year for day in (first, last)]
    return years[0], years[1] + 1


def _monthly(function: Callable[[pd.DatetimeIndex], np.ndarray]) -> Callable[[xr.Dataset], np.ndarray]:
    """A function of the months alone as one of the panel: the same in every province."""

    def values(panel: xr.Dataset) -> np.ndarray:
        column = np.asarray(function(panel.indexes["month"]), dtype=float)[:, None]
        return np.broadcast_to(column, (panel.sizes["month"], panel.sizes["province"]))

    return values


def features(study: Study, measures: list[str]) -> list[Feature]:
    """The family ``calendar``."""

    def of_month(name: str, unit: str, meaning: str, function: Callable[[pd.DatetimeIndex], np.ndarray]) -> Feature:
        source = UMM_AL_QURA if "Islamic" in meaning else "calendar"
        return Feature(name, unit, meaning, _monthly(function), known_ahead=True, source=source)

    def islamic(name: str, meaning: str, month: int, first: int, last: int | None) -> Feature:
        meaning = f"part of the month that is {meaning} (Islamic calendar)"
        return of_month(name, "share", meaning, lambda months: hijri_share(months, month, first, last))

    return [
        of_month("month_of_year", "1 to 12", "calendar month", lambda months: months.month),
        of_month("month_sin", "-1 to 1", "sine of the season", lambda months: np.sin(TURN * months.month)),
        of_month("month_cos", "-1 to 1", "cosine of the season", lambda months: np.cos(TURN * months.month)),
        of_month("days", "days", "days in the month", lambda months: months.days_in_month),
        islamic("ramadan", "Ramadan", 9, 1, None),
        islamic("eid_fitr", "the feast of breaking the fast, 1-3 Shawwal", 10, 1, 3),
        islamic("eid_adha", "the feast of sacrifice, 10-13 Dhu al-Hijja", 12, 10, 13),
        scheduled(
            "election",
            "elections",
            "elections in the month, on the date announced by then",
            drivers.SOURCE,
            drivers.schedule(study, drivers.read(study), drivers.ELECTION, "pulse"),
        ),
    ]
