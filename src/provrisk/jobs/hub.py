"""Export of all stored forecasts as a hub, and import of a hub's models."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores.prediction_scores import measured, observed_in, target_months
from provrisk.events.formats.raw_file import RawFile
from provrisk.forecasts import hub_folder, hubverse, issued
from provrisk.forecasts.external.parse import Stated
from provrisk.forecasts.external.store import FORMATS, ExternalStore, open_table
from provrisk.forecasts.quantiles import with_total
from provrisk.jobs.comparison.contenders import BULLETIN
from provrisk.jobs.external_forecasts import HeldForecast, keep, today
from provrisk.jobs.snapshot import load_snapshot
from provrisk.reports.bulletin import stored_issues
from provrisk.study import Study

TEAM, OTHERS = "provrisk", "external"
"""Team name of our models, and of forecasters whose name is not of the form TEAM-MODEL."""


@dataclass(frozen=True)
class Hub:
    """The written hub: its folder, and the number of rounds of each model."""

    folder: Path
    rounds: dict[str, int]


def export_hub(study: Study, folder: Path, samples: Path | None = None) -> Hub:
    """Write the stored backtests, final bulletins and external forecasts of ``study`` as a hub, with observed values.

    ``samples`` is the file that ``backtest --samples`` wrote: its draws are added to the models' output. Raises
    ``ProvriskError`` if ``folder`` is not empty, or there is nothing to export.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProvriskError(f"{folder} is there already and not empty: name a new folder for the hub.")
    panel = load_snapshot(study).panel
    found: dict[str, list[pd.DataFrame]] = {}
    about: dict[str, dict[str, str]] = {}
    for name, said, table in _ours(study, panel.attrs["target"], samples):
        found.setdefault(name, []).append(table)
        about.setdefault(name, said)
    for name, said, table in _external(study):
        found.setdefault(name, []).append(table)
        about.setdefault(name, said)
    if not found:
        raise ProvriskError("No forecast is stored: run 'provrisk backtest', or add one with 'provrisk forecasts add'.")
    tables = {name: hub_folder.ordered(pd.concat(own, ignore_index=True)) for name, own in found.items()}
    rounds = {name: len(hub_folder.write_model(folder, name, table)) for name, table in tables.items()}
    for name, said in about.items():
        hub_folder.write_metadata(folder, name, said)
    targets = {str(target) for table in tables.values() for target in table.target.unique()}
    known = {name: observed_in(panel, study, name).observed for name in sorted(targets) if measured(panel, name)}
    hub_folder.write_truth(
        folder, known or {panel.attrs["target"]: observed_in(panel, study, panel.attrs["target"]).observed}
    )
    hub_folder.write_config(folder, tables.values(), study.file.title, {study.file.target.column: study.file.target})
    return Hub(folder, rounds)


def import_hub(
    study: Study, folder: Path, on: pd.Timestamp | None = None
) -> tuple[list[tuple[HeldForecast, bool]], dict[str, str]]:
    """Store every model of a hub as one external forecast by its name in the hub, all its rounds together.

    ``on`` is the day of issue. Returns the stored forecasts and whether each is new, and models not stored with
    reasons. Raises ``ProvriskError`` if ``folder`` is no hub, or none of its models could be read.
    """
    held, refused = [], {}
    for name, paths in hub_folder.read_models(folder).items():
        try:
            tables = [open_table(path) for path in paths]
            whole = pd.concat([raw.table for raw in tables], ignore_index=True)
            whole.index += 1
            digest = files.digest(" ".join(raw.digest for raw in tables).encode())
            raw = RawFile(f"{name}, {len(paths)} rounds", digest, whole)
            held.append(keep(study, raw, name, Stated(today(), on)))
        except ProvriskError as error:
            refused[name] = str(error)
    if not held:
        raise ProvriskError(f"No model of {folder} could be read: {next(iter(refused.values()))}")
    return held, refused


def _ours(study: Study, target: str, samples: Path | None) -> Iterator[tuple[str, dict[str, str], pd.DataFrame]]:
    """The models of stored backtests, the longest first, and the bulletins as issued."""
    files_of = study.project.models()
    folders = [path.parent for path in (study.reports / "backtests").glob("*/scores.parquet")]
    tables = {folder: files.read_parquet(folder / "scores.parquet") for folder in sorted(folders)}
    for folder, scores in sorted(tables.items(), key=lambda item: -len(item[1])):
        for path in sorted((folder / "quantiles").glob("*.parquet")):
            title = files_of[path.stem].title if path.stem in files_of else path.stem
            about = {"model_name": title, "methods": f"models/{path.stem}.toml", "data_inputs": study.file.source.name}
            quantiles = pd.read_parquet(path)
            means = scores[(scores.model == path.stem) & (scores.score == "mean")]
            yield hub_folder.model_id(path.stem, TEAM), about, pd.concat([_dated(quantiles), _means(means, target)])
    if samples is not None:
        drawn = open_table(samples).table
        if lacking := {"model_id", *hubverse.COLUMNS} - set(drawn):
            raise ProvriskError(
                f"{samples} is no file of 'backtest --samples': missing are {', '.join(sorted(lacking))}."
            )
        for name, own in drawn.groupby("model_id", observed=True):
            yield hub_folder.model_id(str(name), TEAM), {"model_name": str(name)}, _dated(own)
    about = {"model_name": "The bulletins as issued", "methods": "the champion of the month"}
    for one in stored_issues.all_issues(study):
        if one.document.state == "final":
            first = one.folder / "issue-1"
            drawn = issued.read((first if first.is_dir() else one.folder) / "forecast.parquet")
            table = hubverse.samples(with_total(drawn.assign_attrs(target=target)))
            yield hub_folder.model_id(BULLETIN, TEAM), about, _dated(table)


def _external(study: Study) -> Iterator[tuple[str, dict[str, str], pd.DataFrame]]:
    """The external forecasts, as read."""
    store = ExternalStore(study.project.forecasts)
    for kept in store.all(study):
        values = store.read(kept, study).values
        ids = values.output_type_id
        written = ids.map("{:g}".format).where(values.output_type.isin(["quantile", "cdf"]))
        drawn = values.output_type == "sample"
        written = written.mask(drawn, (ids[drawn] - ids[drawn].min() + 1).map("{:.0f}".format))
        table = values.rename(columns={"origin": "origin_date", "province": "location"}).assign(
            target_date=target_months(values), output_type_id=written
        )
        about = {"model_name": kept.by, "methods": FORMATS[kept.format].NAME}
        yield hub_folder.model_id(kept.by, OTHERS), about, _dated(table[hubverse.COLUMNS])


def _means(scores: pd.DataFrame, target: str) -> pd.DataFrame:
    """The means stored with the scores of a backtest."""
    origins = pd.DatetimeIndex(scores.origin)
    dates = (origins.to_period("M") + scores.horizon.to_numpy()).to_timestamp()
    return pd.DataFrame({
        "origin_date": origins, "target_date": dates, "target": target, "horizon": scores.horizon.to_numpy(),
        "location": scores.province.astype("str").to_numpy(), "output_type": "mean", "output_type_id": None,
        "value": scores.value.to_numpy(),
    })  # fmt: skip


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with dates as dates and text as text."""
    words = ("target", "location", "output_type", "output_type_id")
    days = {name: pd.to_datetime(table[name]).astype("datetime64[us]") for name in ("origin_date", "target_date")}
    return table.assign(**days, **{name: table[name].astype(object) for name in words})[hubverse.COLUMNS]
