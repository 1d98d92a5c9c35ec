"""Forecasts of a person or an organisation: a row for each province and month, with a number or a range."""

from itertools import pairwise

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.forecasts.external import columns
from provrisk.forecasts.external.parse import ParsedForecast, ParseRequest, finish

KEY, NAME = "plain", "plain table"
MARKS = frozenset({"province", "month"})
PLACES = ("admin1", "adm1", "location", "region", "state", "governorate", "district", "area", "place")
ALIASES = (
    dict.fromkeys(PLACES, "province")
    | dict.fromkeys(("target_month", "date", "target_date", "period"), "month")
    | dict.fromkeys(("mean", "expected", "prediction", "predicted", "estimate", "point"), "forecast")
)


def read(asked: ParseRequest) -> ParsedForecast:
    """The column ``forecast`` as an expected number, ``median``, the ends of the interval that was stated (low or
    lower, high or upper), and quantiles by their names (q05, p50, 0.95, 97.5%).

    A row may have only a range or only a number.
    """
    asked.one_model()
    month = months.floor(asked.days("month"))
    issued = asked.issued()
    kinds = _kinds(asked)
    figures = {name: asked.numbers(name, empty=True) for name in kinds}
    _check_rising(asked, kinds, figures)
    cells = pd.DataFrame(
        {
            "target": asked.stated.target or asked.study.file.target.column,
            **asked.timed(month, issued),
            "province": asked.provinces(asked.text("province")),
            "issued": issued,
            "row": asked.table.index,
        }
    )
    asked.sieve.set_aside(pd.concat(figures, axis=1).isna().all(axis=1), "no figure given")
    kept = asked.sieve.kept
    parts = [
        cells[kept].assign(output_type=kinds[name][0], output_type_id=kinds[name][1], value=figure[kept])
        for name, figure in figures.items()
    ]
    return finish(asked, pd.concat(parts).dropna(subset=["value"]))


def _kinds(asked: ParseRequest) -> dict[str, tuple[str, float]]:
    """The output type of each column of figures, and the level of a quantile."""
    points = {"forecast": "mean", "median": "median"}
    kinds = {name: (kind, 0.0) for name, kind in points.items() if name in asked.table}
    for name in map(str, asked.table.columns):
        told = columns.level(name) or columns.end(name, asked.stated.interval)
        if told is not None:
            twice = next((other for other, kind in kinds.items() if kind == ("quantile", told)), None)
            if twice:
                raise ProvriskError(
                    f"{asked.file} gives the quantile {told:g} twice, in {twice!r} and {name!r}: keep one column."
                )
            kinds[name] = ("quantile", told)
    if not kinds:
        raise asked.lacks("forecast", "or other figures: median, low and high, quantiles such as q05 and q95")
    return kinds


def _check_rising(asked: ParseRequest, kinds: dict[str, tuple[str, float]], figures: dict[str, pd.Series]) -> None:
    levels = sorted(
        (0.5 if kind == "median" else level, name) for name, (kind, level) in kinds.items() if kind != "mean"
    )
    for (_, low), (_, high) in pairwise(levels):
        crossed = figures[low] > figures[high]
        if crossed.any():
            row = crossed.index[crossed][0]
            raise asked.wrong(row, f"{low} is {figures[low][row]:g}, above {high}, which is {figures[high][row]:g}")
