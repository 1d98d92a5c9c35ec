"""Files of ACLED's Conflict Alert System: events of political violence by country, first-level unit and month."""

import pandas as pd

from provrisk.forecasts.reading import Asked, Read, finish

KEY, NAME = "cast", "ACLED CAST"
MARKS = frozenset({"admin1", "month", "year", "total_forecast"})
TARGET = "events of organised political violence (ACLED)"
MONTHS = {pd.Timestamp(2000, number, 1).month_name().casefold(): number for number in range(1, 13)}


def read(asked: Asked) -> Read:
    """Total forecasts of the study's country; a row without a first-level unit is about the whole country.

    ``timestamp`` (seconds since 1970) is the day of issue, since ``month`` and ``year`` name the month forecast.
    """
    if "country" in asked.table:
        country = asked.text("country")
        same = {name: asked.gazetteer.same(name, asked.study.file.country) for name in country.unique()}
        asked.sieve.set_aside(~country.map(same).astype(bool), "other country")
    month = _month(asked)
    names = asked.text("admin1").where(asked.text("admin1") != "", asked.study.file.country)
    issued = asked.issued(_issued(asked))
    values = pd.DataFrame(
        {
            "target": asked.stated.target or TARGET,
            **asked.timed(month, issued),
            "province": asked.provinces(names),
            "issued": issued,
            "output_type": "mean",
            "output_type_id": 0.0,
            "value": asked.numbers("total_forecast"),
            "row": asked.table.index,
        }
    )
    return finish(asked, values[asked.sieve.kept])


def _month(asked: Asked) -> pd.Series:
    said, year = asked.text("month"), asked.numbers("year")
    numbers = {str(number): number for number in range(1, 13)} | MONTHS
    number = said.str.casefold().map(numbers)
    bad = number.isna() | ~year.between(1900, 2999) | (year % 1 != 0)
    if bad.any():
        row = bad.index[bad][0]
        raise asked.wrong(
            row, f"{said[row]} {year[row]:g} is no month: CAST writes an English name, such as June, and a year"
        )
    parts = pd.DataFrame({"year": year.astype(int), "month": number.astype(int), "day": 1})
    return pd.to_datetime(parts).astype("datetime64[us]")


def _issued(asked: Asked) -> pd.Series | None:
    if "timestamp" not in asked.table:
        return None
    seconds = asked.numbers("timestamp", empty=True)
    bad = seconds.notna() & ~seconds.between(1e9, 4e9)  # 2001 to 2096
    if bad.any():
        row = bad.index[bad][0]
        raise asked.wrong(row, f"timestamp is {seconds[row]:.0f}, no time in seconds since 1970")
    return pd.to_datetime(seconds, unit="s").dt.normalize().astype("datetime64[us]")
