"""The sources that the program knows, and how it tells whose a file is."""

from provrisk.errors import ProvriskError
from provrisk.events import acled, acled_weekly, gtd, hapi, mapped, ucdp
from provrisk.events.mapped import Mapping
from provrisk.events.raw import RawFile
from provrisk.events.source import Source

SOURCES = {one.key: one for one in (ucdp.SOURCE, acled.SOURCE, acled_weekly.SOURCE, gtd.SOURCE, hapi.SOURCE)}


def of(key: str, mapping: Mapping | None = None) -> Source:
    """The source called ``key``, or the one that ``mapping`` describes."""
    return mapped.source(mapping) if mapping else SOURCES[key]


def recognise(raw: RawFile, mapping: Mapping | None = None) -> tuple[RawFile, Source]:
    """The file, its columns named, and the source that it is of.

    Raises ``ProvriskError`` if its columns are those of no source, or if one that is needed lacks.
    """
    table = raw.table
    if mapping is None and len(table.columns) == len(ucdp.COLUMNS) and table.columns[0] == "0":
        raw = RawFile(raw.name, raw.digest, table.set_axis(ucdp.COLUMNS, axis="columns"))
    known = [mapped.source(mapping)] if mapping else SOURCES.values()
    columns = set(raw.table.columns)
    # The source whose marks fit best, so that a file that lacks one column is told which.
    best = max(known, key=lambda one: len(one.marks & columns) / len(one.marks))
    if not best.marks & columns:
        names = ", ".join(one.name for one in known)
        raise ProvriskError(
            f"{raw.name} is no table of {names}: read any other CSV through a mapping file (--mapping)."
        )
    for column in best.needed:
        if column not in columns:
            raise ProvriskError(f"{raw.name} is not a {best.name} table: it lacks the column {column!r}.")
    return raw, best
