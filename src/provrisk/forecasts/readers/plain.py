"""A person's or an organisation's own judgement: a row a province and month, with a figure and perhaps a range."""

import pandas as pd

from provrisk import months
from provrisk.forecasts.reading import Asked, Read, finish

KEY, NAME = "plain", "plain table"
MARKS = frozenset({"province", "month", "forecast"})


def read(asked: Asked) -> Read:
    """The column ``forecast`` as an expected number; ``low`` and ``high`` as the ends of the interval that was stated.

    A row may give a range alone or a figure alone.
    """
    month = months.floor(asked.days("month"))
    issued = asked.issued()
    bounds = [name for name in ("low", "high") if name in asked.table]
    figures = {name: asked.numbers(name, empty=True) for name in ("forecast", *bounds)}
    if len(bounds) == 2:
        crossed = figures["low"] > figures["high"]
        if crossed.any():
            row = crossed.index[crossed][0]
            raise asked.wrong(row, f"low is {figures['low'][row]:g}, above high, which is {figures['high'][row]:g}")
    cells = pd.DataFrame(
        {
            "target": asked.stated.target or asked.study.file.target.column,
            **asked.timed(month, issued),
            "province": asked.provinces(asked.text("province")),
            "issued": issued,
            "row": asked.table.index,
        }
    )
    tail = (100 - asked.stated.interval) / 200
    kinds = {"forecast": ("mean", 0.0), "low": ("quantile", tail), "high": ("quantile", 1 - tail)}
    asked.sieve.set_aside(pd.concat(figures, axis=1).isna().all(axis=1), "no figure given")
    kept = asked.sieve.kept
    parts = [
        cells[kept].assign(output_type=kinds[name][0], output_type_id=kinds[name][1], value=figure[kept])
        for name, figure in figures.items()
    ]
    return finish(asked, pd.concat(parts).dropna(subset=["value"]))
