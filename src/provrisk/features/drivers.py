"""Dated drivers of the violence: what happened outside the counts, from the day that it was known."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.features.feature import Feature, scheduled
from provrisk.features.known_dates import Schedule, month_numbers
from provrisk.study import Study
from provrisk.study.project_files import read_table

SOURCE = "drivers.csv"
ELECTION = "election"
"""Drivers of this type enter through the family ``calendar``."""

COLUMNS = ["id", "name", "start", "end", "provinces", "type", "known_on", "end_known_on", "day_confirmed", "endogenous"]
DATES = ["start", "end", "known_on", "end_known_on"]


def read(study: Study) -> pd.DataFrame:
    """The drivers of ``study``, a row each, none where it has no ``drivers.csv``.

    ``provinces`` is a list of names; dates are timestamps, missing where there is no end. What became
    known on a day not recorded counts as known on the day itself: ``known_on`` is then the start, and
    ``end_known_on`` the end. An ``end_known_on`` before the start calls the driver off.

    Raises ``ProvriskError``, naming the row, for what is no date, an unknown province or a start missing.
    """
    path = study.folder / SOURCE
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    table = read_table(path, COLUMNS)
    table["provinces"] = table.provinces.str.split("|")
    for column in DATES:
        dates = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
        _refuse(
            table, dates.isna() & (table[column] != ""), path, f"{column} " + table[column].map(repr) + " is not a day"
        )
        table[column] = dates
    _refuse(table, table.start.isna(), path, "it has no start")
    _refuse(table, table.end < table.start, path, "it ends before it starts")
    _refuse(table, table.id.duplicated(), path, "its id is there twice")
    for column in ("day_confirmed", "endogenous"):
        _refuse(table, ~table[column].isin(["yes", "no"]), path, f"{column} is neither yes nor no")
        table[column] = table[column] == "yes"
    unknown = table.provinces.map(lambda names: [name for name in names if name not in study.provinces.index])
    _refuse(table, unknown.map(bool), path, unknown.map(lambda names: f"provinces.csv lacks {names[:1]}"))
    table["known_on"] = table.known_on.fillna(table.start)
    table["end_known_on"] = table.end_known_on.fillna(table.end)
    return table


def schedule(study: Study, table: pd.DataFrame, kind: str, shape: str) -> Schedule:
    """The drivers in ``table`` of type ``kind``, but for the endogenous ones, each with the effect of ``shape``.

    ``pulse``: its first month alone. ``step``: from its first month to its last, for good if it has
    none. ``decay``: as a step, or one month where it has no end, halving in every half-life after.
    """
    table = table[(table.type == kind) & ~table.endogenous.astype(bool)]
    known = month_numbers(table.known_on)
    begins = np.maximum(month_numbers(table.start), known)
    ends, ends_known = month_numbers(table.end), month_numbers(table.end_known_on)
    called_off = (table.end_known_on < table.start).to_numpy(dtype=bool)
    off = np.where(called_off, ends_known, np.inf)
    if shape == "pulse":
        ends, ends_known = begins, known
    elif shape == "decay":
        point = np.isinf(ends)
        ends, ends_known = np.where(point, begins, ends), np.where(point, known, ends_known)
    names = study.provinces.index
    where = np.zeros((len(table), len(names)))
    for row, provinces in enumerate(table.provinces):
        where[row, names.get_indexer(provinces)] = 1
    keep = 0.5 ** (1 / study.file.drivers.half_life) if shape == "decay" else 0.0
    return Schedule(begins, np.maximum(ends, begins), known, np.maximum(ends_known, known), off, where, keep)


def features(study: Study, measures: list[str]) -> list[Feature]:
    """The family ``drivers``: one feature a type, by the shape that the study gives it.

    Raises ``ProvriskError`` for a shape of a type that no driver has.
    """
    table = read(study)
    kinds = sorted(set(table.type[~table.endogenous.astype(bool)]) - {ELECTION})
    settings = study.file.drivers
    for kind in settings.shapes:
        if len(table) and kind not in kinds:
            raise ProvriskError(
                f"{study.folder / 'study.toml'}: [drivers.shapes] names the type {kind!r}, which {SOURCE} has for no "
                f"driver that can be a feature; it has {', '.join(kinds) or 'none'}."
            )
    out = []
    for kind in kinds:
        shape = settings.shapes.get(kind, "decay")
        words = {"pulse": "that month alone", "step": "while in force"}.get(
            shape, f"halving every {settings.half_life:g} months after"
        )
        name = f"driver_{slug(kind)}"
        meaning = f"drivers of the type “{kind}” in the province, {words}, from the day known"
        out.append(scheduled(name, "drivers", meaning, SOURCE, schedule(study, table, kind, shape)))
    return out


def slug(kind: str) -> str:
    """A type of driver as names and options write it: ``prison_break``."""
    return re.sub(r"\W+", "_", kind.casefold()).strip("_")


def _refuse(table: pd.DataFrame, bad: pd.Series, path: Path, what: str | pd.Series) -> None:
    if bad.any():
        reason = what if isinstance(what, str) else what[bad].iloc[0]
        raise ProvriskError(f"{path}, driver {table.id[bad].iloc[0]!r}: {reason}; correct it.")
