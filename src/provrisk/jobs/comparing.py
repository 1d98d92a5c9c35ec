"""Everybody's forecasts in one comparison: stored backtests, issued bulletins, what others said."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.evaluation.claims import SUMMARY, Truth, score_claims, score_summaries, summary, target_months, truth_of
from provrisk.evaluation.comparison import CELL, Comparison, Contender
from provrisk.forecasts import issued
from provrisk.forecasts.claims import TOTAL, Claims, first_said, from_forecast, joined, with_totals
from provrisk.jobs.backtest import read_scores
from provrisk.reports import issues
from provrisk.study import Project, Study
from provrisk.tracking.store import Tracker

BULLETIN = "bulletin"
"""The name under which the issued bulletins are one contender."""


@dataclass(frozen=True)
class Part:
    """One contender with its scores and forecasts, and what must be said of them."""

    contender: Contender
    scores: pd.DataFrame
    forecasts: pd.DataFrame
    notes: tuple[str, ...] = ()


def gather(
    project: Project, study: Study, panel: xr.Dataset, protocol: str | None = None, tracker: Tracker | None = None
) -> Comparison:
    """All that is held of forecasts for ``study``, scored against ``panel``.

    Models come from the stored backtest of ``protocol``, or from all of them, a cell that several have from the
    longest; with a ``tracker`` they carry the MLflow run that they were logged as. Beside them stand the issued
    bulletins as one contender and every outside forecast that was added. Raises ``ProvriskError`` if nothing is held,
    if ``protocol`` has not been run, or if it was scored against other data than the panel's.
    """
    came = truth_of(panel, study, panel.attrs["target"])
    parts, notes = _models(project, study, panel, came, protocol, tracker)
    parts += _bulletins(project, study, panel, came)
    if not parts:
        raise ProvriskError("No forecast is held: run 'provrisk backtest', or add one with 'provrisk forecasts add'.")
    forecasts = pd.concat([part.forecasts for part in parts], ignore_index=True)
    scores = pd.concat([part.scores for part in parts], ignore_index=True)
    return Comparison(
        contenders={part.contender.name: part.contender for part in parts},
        scores=scores.assign(**{name: scores[name].astype("category") for name in ("model", "province", "score")}),
        forecasts=forecasts,
        observed=came.observed.drop(columns=TOTAL),
        truth=panel.attrs["source"],
        notes=(*notes, *(note for part in parts for note in part.notes)),
    )


def part_of(contender: Contender, claims: Claims, came: Truth | None) -> Part:
    """A contender that made ``claims`` on one target; scored where it is known what ``came`` of it."""
    cells = claims.cells.reset_index(drop=True)
    forecasts = _forecasts(contender.name, cells, cells.issued).assign(**dict(summary(claims)))
    tables = [score_claims(contender.name, claims, came), score_summaries(forecasts, came)] if came else []
    return Part(contender, _scores(tables), forecasts)


def _models(
    project: Project, study: Study, panel: xr.Dataset, came: Truth, protocol: str | None, tracker: Tracker | None
) -> tuple[list[Part], list[str]]:
    """The models of stored backtests, and why a backtest was left out."""
    folder = project.reports / study.name / "backtests"
    stored = [protocol] if protocol else sorted(path.parent.name for path in folder.glob("*/scores.parquet"))
    tables, notes = {}, []
    for name in stored:
        table = read_scores(project, study, name)
        if _scored_otherwise(table, came):
            text = (
                f"The backtest {name} was scored against {table.attrs.get('truth', 'other data')}, which is not what "
                f"the data say now: run 'provrisk backtest --protocol {name}' again."
            )
            if protocol:
                raise ProvriskError(text)
            notes.append(text)
            continue
        tables[name] = table
    longest_first = sorted(tables, key=lambda name: -tables[name].origin.nunique())
    runs = {name: tracker.backtest_runs(name, panel.attrs["digest"]) if tracker else {} for name in longest_first}
    titles = {name: file.title for name, file in project.models().items()}
    parts = []
    for model in sorted({str(name) for table in tables.values() for name in table.model.unique()}):
        within = [name for name in longest_first if (tables[name].model == model).any()]
        run = next((runs[name][model] for name in within if model in runs[name]), None)
        contender = Contender(
            name=model, title=titles.get(model, model), kind="model", target=panel.attrs["target"],
            source="backtest " + ", ".join(within), run=run,
        )  # fmt: skip
        parts.append(_model(contender, [(tables[p], folder / p) for p in within], came))
    return parts, notes


def _model(contender: Contender, backtests: list[tuple[pd.DataFrame, Path]], came: Truth) -> Part:
    """One model from the backtests that ran it; a cell that several have is the first's."""
    name, kept, said = contender.name, [], []
    for table, folder in backtests:
        own = table[table.model == name].astype({"model": "str", "province": "str", "score": "str"})
        kept.append(own)
        said.append(_stored_forecasts(name, own, folder / "quantiles" / f"{name}.parquet"))
    if len(kept) > 1:
        cells = [pd.MultiIndex.from_frame(table[list(CELL)]) for table in kept]
        for i in range(1, len(kept)):
            kept[i] = kept[i][~cells[i].isin(cells[0].append(cells[1:i]).unique())]
    forecasts = pd.concat(said).drop_duplicates(list(CELL)).reset_index(drop=True)
    return Part(contender, _scores([*kept, score_summaries(forecasts, came)]), forecasts)


def _stored_forecasts(name: str, scores: pd.DataFrame, path: Path) -> pd.DataFrame:
    """What a backtest kept of a model: quantiles of provinces (and of the total where it kept them), and means."""
    columns = {0.5: "median"}
    for level in (50, 80, 90):
        columns |= {round(0.5 - level / 200, 3): f"low_{level}", round(0.5 + level / 200, 3): f"high_{level}"}
    try:
        ids = [f"{level:g}" for level in columns]
        wanted = ["origin_date", "horizon", "location", "output_type_id", "value"]
        table = pd.read_parquet(path, columns=wanted, filters=[("output_type_id", "in", ids)])
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} cannot be read ({reason}): run 'provrisk backtest' again.") from None
    table["output_type_id"] = table.output_type_id.astype(float).map(columns)
    table["origin_date"] = pd.to_datetime(table.origin_date)
    wide = table.pivot(index=["origin_date", "horizon", "location"], columns="output_type_id", values="value")
    means = scores[scores.score == "mean"].set_index(list(CELL)).value.rename("mean")
    joined_ = wide.rename_axis(list(CELL)).join(means, how="outer").reset_index()
    joined_["horizon"] = joined_.horizon.astype("int64")
    missing = pd.Series(pd.NaT, index=joined_.index, dtype="datetime64[us]")
    return _forecasts(name, joined_, missing).assign(**dict(joined_.reindex(columns=SUMMARY)))


def _bulletins(project: Project, study: Study, panel: xr.Dataset, came: Truth) -> list[Part]:
    """The final issues as one contender. An erratum does not unsay: the first version of an issue stands."""
    final = [one for one in issues.all_issues(project, study) if one.document.state == "final"]
    claims = []
    for one in final:
        first = one.folder / "issue-1"
        drawn = issued.read((first if first.is_dir() else one.folder) / "forecast.parquet")
        day = pd.Timestamp(one.document.issue_date)
        claims.append(from_forecast(drawn, panel.attrs["target"], day))
    if not claims:
        return []
    rebuilt = sum(one.document.historical for one in final)
    source = f"{len(final)} final issues" + (f", {rebuilt} of them historical" if rebuilt else "")
    contender = Contender(BULLETIN, "The bulletins as issued", "bulletin", panel.attrs["target"], source)
    stands, _ = first_said(joined(claims))
    return [part_of(contender, with_totals(stands, study.provinces.index), came)]


def _forecasts(name: str, cells: pd.DataFrame, published: pd.Series) -> pd.DataFrame:
    """The columns of ``Comparison.forecasts`` that say who, where and when."""
    target = target_months(cells)
    # A month has begun once its first day is over, so that what is published on the first still looks ahead.
    return cells[list(CELL)].assign(
        model=name, target_month=target, issued=published.astype("datetime64[us]"), nowcast=published > target
    )[["model", *CELL, "target_month", "issued", "nowcast"]]


def _scores(tables: list[pd.DataFrame]) -> pd.DataFrame:
    columns = ["model", *CELL, "score", "value", "active"]
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat([table[columns] for table in tables], ignore_index=True).drop_duplicates(
        ["model", *CELL, "score"], ignore_index=True
    )


def _scored_otherwise(table: pd.DataFrame, came: Truth) -> bool:
    """Whether ``table`` was scored against other counts than those that ``came``."""
    seen = table[table.score == "observed"].drop_duplicates(list(CELL))
    return not np.array_equal(came.of(seen), seen.value.to_numpy(float))
