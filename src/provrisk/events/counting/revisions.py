"""How the count of each month changed between releases."""

from collections.abc import Sequence

import pandas as pd

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.events.counting.load import counted_releases, read_release
from provrisk.events.releases.release_store import Release, Store
from provrisk.study import Study


def revisions(study: Study, releases: Sequence[Release] | None = None) -> pd.DataFrame:
    """The target in each of ``releases`` (default: all of the study's source), for the months it covers.

    Columns: release, available, final, month, province, age (whole months from the end of the month to
    the day the release became available), value. Each release separately, oldest first.
    """
    store = Store(study.project.releases)
    if releases is None:
        if not store.releases():
            raise ProvriskError("No release is stored: add one with 'provrisk data add FILE'.")
        releases = counted_releases(study)
    start = months.parse(study.file.first_month)
    stated = []
    for release in releases:
        if not release.dated:
            continue  # the age of its months is not known
        reading = read_release(study, store, release).reading
        covered = reading.covered[reading.covered >= start]
        if covered.empty:
            continue
        if reading.totals is None:
            events = reading.events[months.floor(reading.events.date).isin(covered)]
            table = tables.count(events, study.provinces.index, covered[0], covered[-1])
        else:
            table = reading.totals[reading.totals.month.isin(covered)]
        table = table[table.month.isin(covered)]
        stated.append(
            pd.DataFrame(
                {
                    "release": release.label,
                    "available": release.available,
                    "final": release.final,
                    "month": table.month,
                    "province": table.province,
                    "age": age(table.month, release.available),
                    "value": table[study.file.target.column].astype("float64"),
                }
            )
        )
    return pd.concat(stated, ignore_index=True)


def age(month: pd.Series, available: pd.Timestamp) -> pd.Series:
    """Whole months from the end of each ``month`` to the day ``available``: 0 within the month after it."""
    later = (available.year - month.dt.year) * 12 + available.month - month.dt.month
    return later - 1


def by_month(table: pd.DataFrame) -> pd.DataFrame:
    """The months in several releases: the first and the last value of the national total."""
    totals = table.groupby(["month", "available", "release"], sort=True).value.sum(min_count=1).reset_index()
    grouped = totals.groupby("month").value
    out = pd.DataFrame({"first": grouped.first(), "last": grouped.last(), "releases": grouped.size()})
    out["change"] = out["last"] - out["first"]
    return out[out.releases > 1].reset_index()


def to_csv(table: pd.DataFrame) -> str:
    """The table of ``revisions`` as CSV, months as ``YYYY-MM``."""
    return files.csv_of(table.assign(month=table.month.map(months.label)))
