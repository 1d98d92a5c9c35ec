"""VIEWS' operational table: one expected number of deaths by month and country or grid cell."""

import pandas as pd

from provrisk.forecasts.external.parse import ParsedForecast, ParseRequest, finish
from provrisk.forecasts.external.readers import views

KEY, NAME = "views_points", "VIEWS operational table"
MARKS = frozenset({"month_id", "main_mean"})
ALIASES: dict[str, str] = {}


def read(asked: ParseRequest) -> ParsedForecast:
    """``main_mean`` as an expected number, of the study's country or summed over grid cells, as ``views`` does.

    Logs and probabilities beside it are not read.
    """
    month, cell, province = views.where_and_when(asked)
    issued = asked.issued()
    values = pd.DataFrame(
        {
            "target": asked.stated.target or views.TARGET,
            **asked.timed(month, issued),
            "province": province,
            "issued": issued,
            "output_type": "mean",
            "output_type_id": 0.0,
            "value": asked.numbers("main_mean"),
            "row": asked.table.index,
        }
    )[asked.sieve.kept]
    return finish(asked, views.summed(asked, values, asked.text(cell)) if cell else values)
