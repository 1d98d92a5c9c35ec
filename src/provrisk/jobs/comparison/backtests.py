"""The models of stored backtests, as contenders of a comparison."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import CELL, Contender
from provrisk.evaluation.scores.prediction_scores import COLUMNS, SUMMARY, Observed, score_summaries
from provrisk.evaluation.scores.quantile_scores import USUAL, Levels
from provrisk.jobs.comparison.contenders import ScoredContender, forecasts_of, one_table
from provrisk.study import Study

if TYPE_CHECKING:
    from provrisk.tracking.runs import Tracker


def models(
    study: Study, panel: xr.Dataset, observed: Observed, protocol: str | None, tracker: "Tracker | None",
    sets: Sequence[Levels] = (USUAL,),
) -> tuple[list[ScoredContender], list[str]]:  # fmt: skip
    """The models of stored backtests, scored at each available one of ``sets``, and notes on backtests left out."""
    folder = study.reports / "backtests"
    stored = [protocol] if protocol else sorted(path.parent.name for path in folder.glob("*/scores.parquet"))
    tables, notes = {}, []
    for name in stored:
        table = read_scores(study, name)
        if _scored_otherwise(table, observed):
            notes.append(
                f"The backtest {name} was scored against {table.attrs.get('truth', 'other data')}; "
                f"the data have changed since: run 'provrisk backtest --protocol {name}' again."
            )
        else:
            tables[name] = dict(iter(table.groupby("model", observed=True)))
    if protocol and notes:
        raise ProvriskError(notes[0])
    longest_first = sorted(tables, key=lambda name: -max(len(own) for own in tables[name].values()))
    runs = {name: tracker.backtest_runs(name, panel.attrs["digest"]) if tracker else {} for name in longest_first}
    titles = {name: file.title for name, file in study.project.models().items()}
    parts = []
    for model in sorted({str(name) for table in tables.values() for name in table}):
        within = [name for name in longest_first if model in tables[name]]
        run = next((runs[name][model] for name in within if model in runs[name]), None)
        contender = Contender(
            name=model, title=titles.get(model, model), kind="model", target=panel.attrs["target"],
            source="backtest " + ", ".join(within), run=run,
        )  # fmt: skip
        parts.append(_model(contender, [(tables[p][model], folder / p) for p in within], observed, sets))
    return parts, notes


def read_scores(study: Study, protocol: str) -> pd.DataFrame:
    """The stored scores of a protocol; raises ``ProvriskError`` if it has not been run."""
    path = study.reports / "backtests" / protocol / "scores.parquet"
    if not path.is_file():
        study.protocol(protocol)
        raise ProvriskError(f"There are no scores at {path}: run 'provrisk backtest --protocol {protocol}' first.")
    return files.read_parquet(path)


def _model(
    contender: Contender, backtests: list[tuple[pd.DataFrame, Path]], observed: Observed, sets: Sequence[Levels]
) -> ScoredContender:
    """One model from the backtests that ran it; for a cell in several, the first one is used."""
    name, levels = contender.name, sorted({level for own in (USUAL, *sets) for level in own})
    kept: list[pd.DataFrame] = []
    said: list[pd.DataFrame] = []
    for own, folder in backtests:
        forecasts = _stored_forecasts(name, own, folder / "quantiles" / f"{name}.parquet", levels)
        for before in list(said):
            own, forecasts = _without(own, before), _without(forecasts, before)
        kept.append(own)
        said.append(forecasts)
    forecasts = pd.concat(said, ignore_index=True)
    besides = score_summaries(forecasts, forecasts[levels], observed, sets)
    besides = besides[~besides.score.isin(kept[0].score.unique())]
    return ScoredContender(contender, one_table([*kept, besides]), forecasts.drop(columns=levels))


def _without(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``table`` with cells that are not in ``other``."""
    mine, theirs = (pd.MultiIndex.from_frame(one[list(CELL)].astype({"province": "str"})) for one in (table, other))
    return table[~mine.isin(theirs)]


def _stored_forecasts(name: str, scores: pd.DataFrame, path: Path, levels: Sequence[float]) -> pd.DataFrame:
    """The stored forecasts of a model: quantiles of provinces (and of the total, if stored), and means.

    Besides the columns of ``Comparison.forecasts`` there is one for each level.
    """
    try:
        wanted = ["origin_date", "horizon", "location", "output_type_id", "value"]
        ids = [f"{level:g}" for level in levels]
        table = pd.read_parquet(path, columns=wanted, filters=[("output_type_id", "in", ids)])
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} cannot be read ({reason}): run 'provrisk backtest' again.") from None
    table["output_type_id"] = table.output_type_id.astype(float).round(6)
    table["origin_date"] = pd.to_datetime(table.origin_date)
    wide = table.pivot(index=["origin_date", "horizon", "location"], columns="output_type_id", values="value")
    wide = wide.reindex(columns=list(levels))
    means = scores[scores.score == "mean"].set_index(list(CELL)).value.rename("mean")
    table = wide.rename_axis(list(CELL)).join(means, how="outer").reset_index()
    table["horizon"] = table.horizon.astype("int64")
    missing = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]")
    columns = {column: table[level] for column, level in COLUMNS.items()} | {"mean": table["mean"]}
    said = forecasts_of(name, table, missing).assign(**{column: columns[column] for column in SUMMARY})
    return pd.concat([said, table[list(levels)]], axis=1)


def _scored_otherwise(table: pd.DataFrame, observed: Observed) -> bool:
    """Whether ``table`` was scored against counts other than ``observed``."""
    seen = table[table.score == "observed"].drop_duplicates(list(CELL))
    return not np.array_equal(observed.of(seen), seen.value.to_numpy(float))
