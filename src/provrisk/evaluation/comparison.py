"""Forecasts side by side: what a comparison is made of, whoever made the forecasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from provrisk.forecasts.predictions import TOTAL

CELL = ("origin", "horizon", "province")
"""What names a cell; the target month is the origin and the horizon together."""


@dataclass(frozen=True)
class Contender:
    """Somebody's forecasts: a model of a backtest, the bulletins that were issued, or an outside source.

    ``target`` says what is forecast: contenders of different targets are never ranked together. ``run`` is the MLflow
    run that a model's backtest was logged as.
    """

    name: str
    title: str
    kind: Literal["model", "bulletin", "outside"]
    target: str
    source: str
    run: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What was forecast, what came, and the scores of it.

    ``scores`` is the long table of ``scores.score`` (model, origin, horizon, province, score, value, active), with the
    scores of ``predictions.score_summaries`` for all contenders.
    ``forecasts`` has a row a contender and cell: model, origin, horizon, province, target_month, issued (the day it
    was published, missing for backtests), nowcast (issued after its target month had begun), mean, median, and low_50,
    high_50, low_80, high_80, low_90, high_90, each missing where the contender does not say it; the province TOTAL is
    the sum over provinces. ``observed`` is what came of the study's target, months by province, NaN where it was not
    observed. ``truth`` names the release that served as truth, ``counted`` all that the study counts. ``notes`` are
    sentences on what was left out, and why.
    """

    contenders: Mapping[str, Contender]
    scores: pd.DataFrame
    forecasts: pd.DataFrame
    observed: pd.DataFrame
    truth: str
    notes: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()


def without_nowcasts(comparison: Comparison) -> pd.DataFrame:
    """The scores of forecasts that were issued before their target month began; the total falls with any province."""
    said = comparison.forecasts
    late = said.loc[said.nowcast.eq(True), ["model", *CELL]].astype({"model": "str", "province": "str"})
    if late.empty:
        return comparison.scores
    late = pd.concat([late, late.assign(province=TOTAL)]).drop_duplicates()
    rows = comparison.scores[["model", *CELL]].astype({"model": "str", "province": "str"})
    kept = ~pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(late))
    return comparison.scores[kept]
