"""A hubverse hub: model output by model and round, configuration, and observed counts."""

import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.forecasts.hubverse import COLUMNS
from provrisk.study.schema import Target

TYPES = ("mean", "median", "quantile", "cdf", "sample")
SCHEMAS = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0"
"""The schema that the configuration files name."""

MODEL_ID = re.compile(r"\w+-\w+")
KINDS = {
    "origin_date": pa.date32(), "target_date": pa.date32(), "target": pa.string(), "horizon": pa.int32(),
    "location": pa.string(), "output_type": pa.string(), "output_type_id": pa.string(), "value": pa.float64(),
}  # fmt: skip


def model_id(name: str, team: str) -> str:
    """``name`` as hubs name a model, TEAM-MODEL in letters, digits and underscores; by ``team`` unless it names one."""
    bare = re.sub(r"[^\w-]+", "_", name)
    return bare if MODEL_ID.fullmatch(bare) else f"{team}-{bare.replace('-', '_')}"


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """A hubverse ``table`` in a fixed order of rows, duplicates removed (the first is used)."""
    table = table.assign(number=pd.to_numeric(table.output_type_id, errors="coerce").fillna(0))
    key = ["origin_date", "target", "horizon", "location", "output_type", "number"]
    table = table.drop_duplicates(key).sort_values(key, kind="stable")
    return table[COLUMNS].reset_index(drop=True)


def write_model(folder: Path, name: str, table: pd.DataFrame) -> list[Path]:
    """Write ``table``, the ``ordered`` forecasts of a model, one file a round: a round is an origin."""
    paths = []
    for origin, own in table.groupby("origin_date", sort=True):
        path = folder / "model-output" / name / f"{origin:%Y-%m-%d}-{name}.parquet"
        paths.append(files.write(path, _parquet(own, KINDS)))
    return paths


def write_truth(folder: Path, observed: Mapping[str, pd.DataFrame]) -> None:
    """Write the observed counts of each target (months by location, NaN if not observed) as time series and oracle."""
    tables = []
    for target, counts in observed.items():
        long = counts.rename_axis(index="target_date", columns="location").stack().rename("observation").reset_index()
        tables.append(long.assign(target=target))
    series = pd.concat(tables).dropna(subset="observation").sort_values(["target", "location", "target_date"])
    kinds = {name: KINDS[name] for name in ("target_date", "target", "location")}
    for name, column in (("time-series", "observation"), ("oracle-output", "oracle_value")):
        own = series.rename(columns={"observation": column})
        files.write(folder / "target-data" / f"{name}.parquet", _parquet(own, kinds | {column: pa.float64()}))


def write_config(folder: Path, tables: Iterable[pd.DataFrame], name: str, targets: Mapping[str, Target]) -> None:
    """Write the hub's configuration: its rounds and tasks are those of the model output in ``tables``."""
    every = [table for table in tables if len(table)]
    found = sorted({str(target) for table in every for target in table.target.unique()})
    tasks = {
        "schema_version": f"{SCHEMAS}/tasks-schema.json",
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "origin_date",
                "model_tasks": [
                    _task([table[table.target == target] for table in every], target, targets) for target in found
                ],
                "submissions_due": {"relative_to": "origin_date", "start": 0, "end": 62},
            }
        ],
        "output_type_id_datatype": "character",
        "derived_task_ids": ["target_date"],
    }
    admin = {
        "schema_version": f"{SCHEMAS}/admin-schema.json", "name": name, "maintainer": "provrisk",
        "contact": {"name": "see the project", "email": "nobody@example.org"},
        "repository": {"host": "github", "owner": "none", "name": "none"},
        "file_format": ["parquet"], "timezone": "UTC", "model_output_dir": "model-output",
    }  # fmt: skip
    unit = {"observable_unit": ["target_date", "target", "location"]}
    truth = {
        "schema_version": f"{SCHEMAS}/target-data-schema.json", **unit, "date_col": "target_date", "versioned": False,
        "time-series": unit, "oracle-output": unit | {"has_output_type_ids": False},
    }  # fmt: skip
    text = {"type": "string"}
    about = dict.fromkeys(("team_name", "team_abbr", "model_name", "model_abbr", "methods", "data_inputs"), text)
    metadata = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": about,
        "required": ["team_abbr", "model_abbr"],
    }  # fmt: skip
    config = {"tasks": tasks, "admin": admin, "target-data": truth, "model-metadata-schema": metadata}
    for file, content in config.items():
        files.write(folder / "hub-config" / f"{file}.json", json.dumps(content, indent=2) + "\n")


def write_metadata(folder: Path, name: str, about: Mapping[str, str]) -> None:
    """Write the metadata of a model; JSON strings are YAML."""
    team, model = name.split("-", 1)
    lines = {"team_abbr": team, "model_abbr": model, **about}
    text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())
    files.write(folder / "model-metadata" / f"{name}.yml", text)


def read_models(folder: Path) -> dict[str, list[Path]]:
    """The files of each model of a hub, by round; raises ``ProvriskError`` if ``folder`` is no hub."""
    try:
        admin = json.loads((folder / "hub-config" / "admin.json").read_text(encoding="utf-8"))
        output = folder / str(admin.get("model_output_dir", "model-output"))
        formats = {f".{one}" for one in admin.get("file_format", ["csv", "parquet"])}
    except (OSError, ValueError, AttributeError):
        raise ProvriskError(
            f"{folder} is no hub (it has no hub-config/admin.json that can be read): name the folder that holds it."
        ) from None
    found = {
        model.name: sorted(path for path in model.iterdir() if path.suffix in formats)
        for model in sorted(output.iterdir() if output.is_dir() else ())
        if model.is_dir()
    }
    found = {name: paths for name, paths in found.items() if paths}
    if not found:
        raise ProvriskError(f"{output} has no file of a model: there is nothing to add.")
    return found


def _task(tables: list[pd.DataFrame], target: str, targets: Mapping[str, Target]) -> dict[str, object]:
    """One group of tasks, whose values are those that ``tables`` have of ``target``."""
    ids = {
        "origin_date": _days(tables, "origin_date"), "target_date": _days(tables, "target_date"), "target": [target],
        "horizon": sorted({int(h) for table in tables for h in table.horizon.unique()}),
        "location": sorted({str(place) for table in tables for place in table.location.unique()}),
    }  # fmt: skip
    known = targets.get(target)
    return {
        "task_ids": {
            name: {"required": values if name == "target" else None, "optional": None if name == "target" else values}
            for name, values in ids.items()
        },
        "output_type": {kind: task for kind in TYPES if (task := _output_type(tables, kind))},
        "target_metadata": [
            {
                "target_id": target, "target_name": known.many if known else target,
                "target_units": known.many if known else "count", "target_keys": {"target": target},
                **({"description": known.definition} if known else {}),
                "target_type": "discrete", "is_step_ahead": True, "time_unit": "month",
            }
        ],
    }  # fmt: skip


def _output_type(tables: list[pd.DataFrame], kind: str) -> dict[str, object] | None:
    own = [table[table.output_type == kind] for table in tables]
    own = [table for table in own if len(table)]
    if not own:
        return None
    value = {"type": "double", "minimum": 0}
    if kind == "sample":
        cells = ["origin_date", "horizon", "location"]
        sizes = [table.groupby(cells, observed=True).size() for table in own]
        most, least = max(int(size.max()) for size in sizes), min(int(size.min()) for size in sizes)
        params = {
            "type": "character", "max_length": len(str(most)), "min_samples_per_task": least,
            "max_samples_per_task": most,
            "compound_taskid_set": ["origin_date", "target"],  # joint over provinces and horizons
        }  # fmt: skip
        return {"output_type_id_params": params, "is_required": False, "value": value}
    levels = sorted({float(level) for table in own for level in table.output_type_id.dropna().unique()})
    if kind == "cdf":
        value["maximum"] = 1
    return {
        "output_type_id": {"required": levels if kind in ("quantile", "cdf") else None},
        "is_required": False,
        "value": value,
    }


def _days(tables: list[pd.DataFrame], column: str) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in sorted({day for table in tables for day in table[column].unique()})]


def _parquet(table: pd.DataFrame, kinds: Mapping[str, pa.DataType]) -> bytes:
    """The same bytes for the same rows."""
    columns = []
    for name, kind in kinds.items():
        values = table[name]
        if pa.types.is_date(kind):
            values = pd.to_datetime(values).dt.date
        elif pa.types.is_string(kind):
            values = values.astype(object).where(values.notna(), None)
        columns.append(pa.array(np.asarray(values), kind, from_pandas=True))
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=list(kinds)), buffer, compression="zstd")
    return buffer.getvalue()
