"""The counts bundled with a study, as the base release of its source; the store's releases are on top of them."""

from typing import NoReturn

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.events.releases.release_store import Release
from provrisk.events.sources import registry
from provrisk.events.sources.parsed_rows import EVENT_COLUMNS, ParsedRows
from provrisk.events.sources.source import Source
from provrisk.study import Study

BASIS = "bundled with the study"


def release(study: Study, held: list[Release]) -> Release:
    """The base release of ``study``; ``held``, the releases of the store, give the key of a mapped source.

    It is final, unless by the study its newest months may still change, and is available from the day in study.toml,
    else (for precedence only) from the end of its months.
    """
    said = study.file.source
    table = tables.read_csv(study.bundled_counts, study)
    covered = pd.DatetimeIndex(table.month[table.observed].unique()).sort_values()
    published = pd.Timestamp(said.published) if said.published else None
    source = _source(study, held)
    return Release(
        digest=tables.digest(table), source=source.key, name=said.name, version=said.release,
        file=study.bundled_counts.name, available=published or months.shift(covered[-1], 1), basis=BASIS,
        final=not study.file.rules.provisional_months, covered=covered, rows=int(table.observed.sum()), content="",
        given=source, dated=published is not None,
    )  # fmt: skip


def reading(study: Study, base: Release) -> ParsedRows:
    """The bundled figures as monthly totals."""
    table = tables.read_csv(study.bundled_counts, study)
    seen = table[table.observed].drop(columns="observed").reset_index(drop=True)
    nothing = pd.DataFrame(columns=EVENT_COLUMNS)
    return ParsedRows(nothing, pd.Series(dtype="str"), len(seen), base.covered, totals=seen)


def _source(study: Study, held: list[Release]) -> Source:
    """Its source: a known one, or that of a mapped release, or the one described in study.toml."""
    said = study.file.source
    known = {one.name: one for one in registry.SOURCES.values()} | {one.name: one.of for one in held}
    if said.name in known:
        return known[said.name]

    def nothing(*_: object) -> NoReturn:
        raise ProvriskError(f"No file of {said.name} can be read: describe it in a mapping file of that name.")

    return Source(
        key=said.name, name=said.name, marks=frozenset(), needed=(), edition=nothing, read=nothing,
        licence=said.licence, citation=said.citation, url=said.url, shareable=True,
    )  # fmt: skip
