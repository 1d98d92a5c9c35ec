"""Forecasts in a comparison besides models: issued bulletins and external forecasts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import CELL, Contender
from provrisk.evaluation.scores.prediction_scores import (
    Observed,
    measured,
    observed_by_makers,
    observed_in,
    quantiles_of,
    score_predictions,
    score_summaries,
    summary,
    target_months,
)
from provrisk.evaluation.scores.quantile_scores import USUAL, Levels
from provrisk.forecasts import issued
from provrisk.forecasts.external.parse import ParsedForecast
from provrisk.forecasts.external.store import FORMATS, ExternalStore, StoredForecast
from provrisk.forecasts.predictions import (
    Predictions,
    first_issued,
    from_forecast,
    from_values,
    joined,
    of_target,
    with_totals,
)
from provrisk.reports.bulletin import stored_issues
from provrisk.study import Study

NAMES = ("model", "province", "score")

BULLETIN, REBUILT = "bulletin", "bulletin_rebuilt"
"""Names of the issued bulletins, and of those rebuilt later, in a comparison."""


@dataclass(frozen=True)
class ContenderForecasts:
    """One forecaster with its predictions of one target, the observed values (None: unknown), and notes."""

    contender: Contender
    predictions: Predictions
    came: Observed | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScoredContender:
    """One forecaster with its scores (none if the observed values are unknown) and forecasts."""

    contender: Contender
    scores: pd.DataFrame | None
    forecasts: pd.DataFrame


def score_contender(said: ContenderForecasts, sets: Sequence[Levels] = (USUAL,)) -> ScoredContender:
    """The forecaster with scores where values are observed, by quantiles of each available one of ``sets``."""
    predictions, name = said.predictions, said.contender.name
    cells = predictions.cells.reset_index(drop=True)
    quantiles = quantiles_of(predictions, sorted({level for levels in (USUAL, *sets) for level in levels}))
    forecasts = forecasts_of(name, cells, cells.issued).assign(**dict(summary(predictions, quantiles)))
    if said.came is None:
        return ScoredContender(said.contender, None, forecasts)
    whole = score_predictions(name, predictions, said.came)
    both = pd.concat([whole, score_summaries(forecasts, quantiles, said.came, sets)])
    return ScoredContender(said.contender, both.drop_duplicates(["model", *CELL, "score"]), forecasts)


def bulletins(study: Study, panel: xr.Dataset, observed: Observed) -> list[ContenderForecasts]:
    """The final issues as one forecaster, and those rebuilt later, with hindsight, as another.

    An erratum does not replace a forecast: the first version of an issue counts.
    """
    final = [one for one in stored_issues.all_issues(study) if one.document.state == "final"]
    said = []
    for name, title, rebuilt in (
        (BULLETIN, "The bulletins as issued", False),
        (REBUILT, "Bulletins rebuilt later, by a later recipe on later data", True),
    ):
        predictions = []
        for one in (one for one in final if one.document.historical == rebuilt):
            first = one.folder / "issue-1"
            drawn = issued.read((first if first.is_dir() else one.folder) / "forecast.parquet")
            day = pd.Timestamp(one.document.issue_date)
            predictions.append(from_forecast(drawn, panel.attrs["target"], day))
        if predictions:
            contender = Contender(
                name,
                title,
                "bulletin",
                panel.attrs["target"],
                f"{len(predictions)} final issue{'s' * (len(predictions) > 1)}",
            )
            stands, _ = first_issued(joined(predictions))
            said.append(ContenderForecasts(contender, with_totals(stands, study.provinces.index), observed))
    return said


def external(study: Study, panel: xr.Dataset) -> tuple[list[ContenderForecasts], list[str]]:
    """The external forecasters, once for each target; and notes on files that could not be read."""
    store = ExternalStore(study.project.forecasts)
    files: dict[str, list[tuple[StoredForecast, ParsedForecast]]] = {}
    notes = []
    for one in store.all(study):
        try:
            files.setdefault(one.by, []).append((one, store.read(one, study)))
        except ProvriskError as error:  # added for another version of the study: the rest is compared
            notes.append(f"{one.by} is left out: {error}")
    parts = [part for by, own in files.items() if own for part in _source(by, own, study, panel)]
    return parts, notes


def _source(
    by: str, files: list[tuple[StoredForecast, ParsedForecast]], study: Study, panel: xr.Dataset
) -> Iterator[ContenderForecasts]:
    """One forecaster, once for each target; the study's target, or else the first, has the plain name."""
    predictions = from_values(pd.concat([read.values for _, read in files], ignore_index=True))
    observed = pd.concat([read.observed for _, read in files])
    forms = ", ".join(dict.fromkeys(FORMATS[one.format].NAME for one, _ in files))
    source = f"{forms}, {len(files)} file{'s' if len(files) > 1 else ''}"
    every = dict.fromkeys(target for _, read in files for target in read.values.target.unique())
    main = panel.attrs["target"] if panel.attrs["target"] in every else next(iter(every))
    for target in every:
        name = by if target == main else f"{by}: {target}"
        stands, later = first_issued(of_target(predictions, target))
        came, told = None, observed[observed.target == target]
        if measured(panel, target):
            came, told = observed_in(panel, study, target), told[:0]
        elif len(told):
            came = observed_by_makers(told)
        contender = Contender(name, by, "outside", target, source + (", scored by its own counts" if len(told) else ""))
        again = f"{name}: {later:,} later predictions of cells that it had forecast before; the first one counts."
        notes = [again] if later else []
        if came is None:
            ours = study.file.target
            notes.append(f"{name} forecasts {target}, the study counts {ours.many}: {ours.definition}. These differ.")
        yield ContenderForecasts(contender, with_totals(stands, study.provinces.index), came, tuple(notes))


def forecasts_of(name: str, cells: pd.DataFrame, published: pd.Series) -> pd.DataFrame:
    """The columns of ``Comparison.forecasts`` for forecaster, place and time."""
    target = target_months(cells)
    # A month has begun when its first day is over: a forecast published on the first is not a nowcast.
    return cells[list(CELL)].assign(
        model=name, target_month=target, issued=published.astype("datetime64[us]"), nowcast=published > target
    )[["model", *CELL, "target_month", "issued", "nowcast"]]


def one_table(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables of scores as one, names as categories."""
    columns = ["model", *CELL, "score", "value", "active"]
    named = [table[columns].astype(dict.fromkeys(NAMES, "category")) for table in tables]
    for name in NAMES:
        every = sorted(set().union(*(table[name].cat.categories for table in named)))
        kind = pd.CategoricalDtype(pd.Index(every, dtype="str"))
        named = [table.astype({name: kind}) for table in named]
    return pd.concat(named, ignore_index=True)
