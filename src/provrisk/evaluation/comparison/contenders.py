"""The data of a comparison: forecasts of all kinds and their scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from provrisk.evaluation.scores.cell_scores import CELL
from provrisk.forecasts.predictions import TOTAL


@dataclass(frozen=True)
class Contender:
    """One forecaster: a model of a backtest, the issued bulletins, or an external forecaster.

    ``target`` is what is forecast: different targets are never ranked together. ``run`` is the MLflow
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
    """Forecasts, observed counts and scores.

    ``scores`` is the long table of ``scores.score`` (model, origin, horizon, province, score, value, active), with the
    scores of ``predictions.score_summaries`` for all contenders.
    ``forecasts`` has a row a contender and cell: model, origin, horizon, province, target_month, issued (the day it
    was published, missing for backtests), nowcast (issued after its target month had begun), mean, median, and low_50,
    high_50, low_80, high_80, low_90, high_90, each missing if not given; the province TOTAL is
    the sum over provinces. ``observed`` are the counts of the study's target, months by province, NaN if not
    observed. ``truth`` names the release of the observed counts, ``counted`` all that the study counts. ``notes`` are
    sentences on forecasts left out, with reasons. ``protocols`` has origins and number of horizons of each
    backtest that can be run on these data.
    """

    contenders: Mapping[str, Contender]
    scores: pd.DataFrame
    forecasts: pd.DataFrame
    observed: pd.DataFrame
    truth: str
    notes: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    protocols: Mapping[str, tuple[pd.DatetimeIndex, int]] = field(default_factory=dict)


def without_nowcasts(comparison: Comparison) -> pd.DataFrame:
    """The scores of forecasts issued before their target month began; the total needs this of all provinces."""
    said = comparison.forecasts
    late = said.loc[said.nowcast.eq(True), ["model", *CELL]].astype({"model": "str", "province": "str"})
    if late.empty:
        return comparison.scores
    late = pd.concat([late, late.assign(province=TOTAL)]).drop_duplicates()
    rows = comparison.scores[["model", *CELL]].astype({"model": "str", "province": "str"})
    kept = ~pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(late))
    return comparison.scores[kept]
