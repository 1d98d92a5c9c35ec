"""The known sources, and how the source of a file is identified."""

import difflib
from dataclasses import replace
from functools import partial

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.formats import dates
from provrisk.events.formats.headers import LOOKED_AT, unique
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources import acled, acled_weekly, gtd, hapi, mapped, ucdp
from provrisk.events.sources.mapped import Mapping
from provrisk.events.sources.source import Source
from provrisk.study.name_matching import folded

SOURCES = {one.key: one for one in (ucdp.SOURCE, acled.SOURCE, acled_weekly.SOURCE, gtd.SOURCE, hapi.SOURCE)}


def of(key: str, mapping: Mapping | None = None) -> Source:
    """The source with ``key``, or the one described by ``mapping``."""
    return mapped.source(mapping) if mapping else SOURCES[key]


def recognise(raw: RawFile, mapping: Mapping | None = None) -> tuple[RawFile, Source]:
    """The file and its source: the sheet that fits, with columns and dates in the source's format.

    Headings are matched without case, blanks and marks. Raises ``ProvriskError`` if they fit no source, if a
    required one is missing, or if dates can be read in two ways.
    """
    known = [mapped.source(mapping)] if mapping else [*SOURCES.values()]
    tables = raw.sheets or {"": raw.table}
    # The source whose marks fit best, so that a single missing column can be named.
    fitted = [(name, one, _named(_below(table, one), one)) for name, table in tables.items() for one in known]
    _, best, table = max(fitted, key=lambda each: _fit(*each[1:]))
    whole = [name for name, one, held in fitted if one is best and len(held) and set(best.needed) <= set(held)]
    if len(whole) > 1:  # reading only the first would lose the rows of the others
        raise ProvriskError(
            f"{raw.name} has {len(whole)} sheets that fit, {', '.join(whole)}: name one with --sheet, and add each "
            "separately if all of them count."
        )
    if not best.marks & set(table.columns):
        names = ", ".join(one.name for one in known)
        sheets = f"none of the sheets {', '.join(raw.sheets)} of {raw.name}" if raw.sheets else raw.name
        headings = ", ".join(map(str, raw.table.columns[:8])) + (", ..." if len(raw.table.columns) > 8 else "")
        raise ProvriskError(
            f"{sheets} is {'a' if raw.sheets else 'no'} table of {names} (its columns are {headings}): read it through "
            "a mapping file (--mapping)."
        )
    for column in best.needed:
        if column not in table:
            raise ProvriskError(
                f"{raw.name} is not a {best.name} table: it has no column {column!r}{_nearest(column, table)}."
            )
    return replace(raw, table=_dated(table, best, raw), sheets={}), best


def _fit(source: Source, table: pd.DataFrame) -> tuple[float, float]:
    columns = set(table.columns)
    shares = (len(set(names) & columns) / len(names) for names in (source.marks, source.needed))
    return next(shares), next(shares)


def _below(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """``table`` from the row with the headings of ``source`` on, if lines above were read as headings."""
    marks = {_plain(name) for name in source.marks}
    if marks & {_plain(str(name)) for name in table.columns}:
        return table
    for number, row in enumerate(table.head(LOOKED_AT).itertuples(index=False)):
        if marks <= {_plain(cell) for cell in row}:
            rest = table.iloc[number + 1 :].set_axis(unique(list(row)), axis="columns")
            return rest.set_axis(range(1, len(rest) + 1))
    return table


def _named(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """``table`` with the headings of ``source``, from headings with any case, blanks and marks."""
    if len(table.columns) == len(source.order) and table.columns[0] == "0":  # published without its header
        return table.set_axis(source.order, axis="columns")
    wanted = {_plain(name): name for name in (*source.order, *source.needed)}
    held = set(table.columns)
    names: dict[str, str] = {}
    for column in table.columns:
        name = wanted.get(_plain(column)) or (_plain(column, "_") if source.order else column)
        if name not in held and name not in names.values():
            names[column] = name
    return table.rename(columns=names)


def _plain(heading: str, blank: str = "") -> str:
    return folded(heading).replace(" ", blank)


def _nearest(column: str, table: pd.DataFrame) -> str:
    near = difflib.get_close_matches(column, map(str, table.columns), n=1)
    return f" (the most similar is {near[0]!r})" if near else ""


def _dated(table: pd.DataFrame, source: Source, raw: RawFile) -> pd.DataFrame:
    """``table`` with readable days in the format that the source's reader expects."""
    told = raw.date_format
    out = {}
    for column, pattern in source.dates.items():
        if column not in table or (told is None and pattern not in (dates.DAY, dates.MONTH)):
            continue  # a format named in a mapping is used as it is
        what = f"The column {column!r} of {raw.name}"
        read = dates.in_months if pattern == dates.MONTH else partial(dates.in_iso, pattern=pattern)
        out[column] = read(table[column], what, told)
    return table.assign(**out)
