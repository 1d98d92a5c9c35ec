"""Series from outside the counts: monthly tables, and another study as a neighbour, each after its lag."""

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.features.feature import Feature
from provrisk.study import Study, load_study
from provrisk.study.project_files import read_table
from provrisk.study.schema import NeighbourStudy, OutsideSeries


def published(values: pd.DataFrame, index: pd.DatetimeIndex, lag: int) -> np.ndarray:
    """For each month of ``index`` the newest row that was out by its end: that of ``lag`` months before."""
    return values.reindex(index - pd.DateOffset(months=lag)).to_numpy(dtype=float)


def read_series(study: Study, series: OutsideSeries) -> pd.DataFrame:
    """The table of an outside series: month by province, NaN where it has no value.

    Raises ``ProvriskError``, naming the row, for a bad month, number or province, or a cell given twice.
    """
    path = study.folder / series.file
    raw = read_table(path, ["month", "value"])
    names = study.provinces.index
    keys = ["month", "province"] if "province" in raw else ["month"]

    def refuse(bad: np.ndarray | pd.Series | list[bool], what: str) -> None:
        if np.any(bad):
            raise ProvriskError(f"{path}, line {int(np.argmax(bad)) + 2}: {what}.")

    refuse([not months.MONTH.fullmatch(text) for text in raw.month], "the month is not written as YYYY-MM")
    raw["number"] = pd.to_numeric(raw.value, errors="coerce")
    refuse((raw.number.isna() & (raw.value != "")) | np.isinf(raw.number), "the value is not a number")
    refuse(raw.duplicated(keys), f"this {' and '.join(keys)} is there twice")
    if "province" in raw:
        refuse(~raw.province.isin(names), "the province is not one of provinces.csv")
    raw["month"] = pd.to_datetime(raw.month, format="%Y-%m")
    if "province" in raw:
        return raw.pivot(index="month", columns="province", values="number").reindex(columns=names)
    one = raw.set_index("month").number
    return pd.DataFrame(np.repeat(one.to_numpy()[:, None], len(names), axis=1), one.index, names)


def read_neighbour(study: Study, other: NeighbourStudy) -> pd.DataFrame:
    """Attacks a month in the provinces of the other study, in those of ours that they touch; 0 elsewhere.

    A month in which one of the other provinces was not observed is missing.
    """
    neighbour = load_study(study.folder.parent / other.study)
    where = f"{study.folder / 'study.toml'}: neighbour study {other.name!r}"
    for name, place in [(name, neighbour) for name in other.provinces] + [(name, study) for name in other.into]:
        if name not in place.provinces.index:
            raise ProvriskError(f"{where}: {name!r} is not a province of {place.name}; use the names in provinces.csv.")
    table = tables.read_csv(neighbour.bundled_counts, neighbour)
    cells = table.pivot(index="month", columns="province", values=neighbour.file.target.column)
    total = cells[list(other.provinces)].sum(axis=1, skipna=False)
    out = pd.DataFrame(np.nan, total.index, study.provinces.index)
    out.loc[total.notna()] = 0.0
    out[list(other.into)] = np.repeat(total.to_numpy()[:, None], len(other.into), axis=1)
    return out


def features(study: Study, measures: list[str]) -> list[Feature]:
    """The family ``outside``: a feature for every ``[[outside]]`` and ``[[neighbour_studies]]`` of the study."""

    def feature(name: str, unit: str, meaning: str, source: str, values: pd.DataFrame, lag: int) -> Feature:
        late = "" if lag == 0 else f", {lag} months before"

        def function(panel: xr.Dataset) -> np.ndarray:
            return published(values, panel.indexes["month"], lag)

        return Feature(name, unit, meaning + late, function, source=source)

    out = [
        feature(one.name, one.unit, one.meaning, one.source, read_series(study, one), one.lag)
        for one in study.file.outside
    ]
    for other in study.file.neighbour_studies:
        neighbour = load_study(study.folder.parent / other.study)
        aim = neighbour.file.target
        meaning = f"{aim.many} in {', '.join(other.provinces)} (study {other.study}); 0 away from them"
        values = read_neighbour(study, other)
        out.append(feature(other.name, f"{aim.many} a month", meaning, str(neighbour.file.source), values, other.lag))
    return out
