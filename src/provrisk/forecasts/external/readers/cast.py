"""Files of ACLED's Conflict Alert System: events of political violence by country, first-level unit and month."""

import pandas as pd

from provrisk.forecasts.external.parse import OBSERVED, ParsedForecast, ParseRequest, finish, months_later

KEY, NAME = "cast", "ACLED CAST"
MARKS = frozenset({"admin1", "month", "year", "total_forecast"})
ALIASES: dict[str, str] = {}
TARGETS = {
    "total": "events of organised political violence (ACLED)",
    "battles": "battles (ACLED)",
    "erv": "explosions and remote violence (ACLED)",
    "vac": "violence against civilians (ACLED)",
}
MONTHS = {pd.Timestamp(2000, number, 1).month_name().casefold(): number for number in range(1, 13)}


def read(asked: ParseRequest) -> ParsedForecast:
    """Forecasts of the study's country: the total, and battles, explosions and violence against civilians where they
    are given; a row without a first-level unit is for the whole country. ACLED's observed counts are also read, so
    that each forecast can be scored by ACLED's own counts.

    ``timestamp`` (seconds since 1970) is the day of issue, since ``month`` and ``year`` name the month forecast.
    """
    if "country" in asked.table:
        country = asked.text("country")
        same = {name: asked.gazetteer.same(name, asked.study.file.country) for name in country.unique()}
        asked.sieve.set_aside(~country.map(same).astype(bool), "other country")
    month = _month(asked)
    names = asked.text("admin1").where(asked.text("admin1") != "", asked.study.file.country)
    issued = asked.issued(_issued(asked))
    cells = pd.DataFrame(
        {
            **asked.timed(month, issued),
            "province": asked.provinces(names),
            "issued": issued,
            "output_type_id": 0.0,
            "row": asked.table.index,
        }
    )
    parts = []
    for kind, target in TARGETS.items():
        told = asked.stated.target if kind == "total" and asked.stated.target else target
        for column, output_type in ((f"{kind}_forecast", "mean"), (f"{kind}_observed", OBSERVED)):
            if column in asked.table:
                figures = asked.numbers(column, empty=True)
                parts.append(cells.assign(target=told, output_type=output_type, value=figures)[asked.sieve.kept])
    values = pd.concat(parts).dropna(subset=["value"])
    # The same month is in each issue: the count in the last one is used.
    came = values[values.output_type == OBSERVED].sort_values("issued", kind="stable")
    observed = came.assign(month=months_later(came.origin, came.horizon))[["target", "month", "province", "value"]]
    return finish(asked, values[values.output_type != OBSERVED], observed)


def _month(asked: ParseRequest) -> pd.Series:
    said, year = asked.text("month"), asked.numbers("year")
    numbers = {str(number): number for number in range(1, 13)} | {f"0{number}": number for number in range(1, 10)}
    number = said.str.casefold().map(numbers | MONTHS | {name[:3]: value for name, value in MONTHS.items()})
    bad = number.isna() | ~year.between(1900, 2999) | (year % 1 != 0)
    if bad.any():
        row = bad.index[bad][0]
        raise asked.wrong(
            row, f"{said[row]} {year[row]:g} is not a month: CAST has an English name, such as June, and a year"
        )
    parts = pd.DataFrame({"year": year.astype(int), "month": number.astype(int), "day": 1})
    return pd.to_datetime(parts).astype("datetime64[us]")


def _issued(asked: ParseRequest) -> pd.Series | None:
    if "timestamp" not in asked.table:
        return None
    said = asked.text("timestamp")
    if said.str.contains("-").any():
        return asked.days("timestamp", empty=True)
    seconds = asked.numbers("timestamp", empty=True)
    seconds = seconds.where(~(seconds > 1e11), seconds / 1000)  # milliseconds
    bad = seconds.notna() & ~seconds.between(1e9, 4e9)  # 2001 to 2096
    if bad.any():
        row = bad.index[bad][0]
        raise asked.wrong(row, f"timestamp is {said[row]}, not a time in seconds since 1970")
    return pd.to_datetime(seconds, unit="s").dt.normalize().astype("datetime64[us]")
