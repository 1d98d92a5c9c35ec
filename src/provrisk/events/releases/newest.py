"""Published UCDP releases that are not in the store: the newest yearly one, and the Candidate months after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import months
from provrisk.errors import NothingNewError, ProvriskError
from provrisk.events.releases import download
from provrisk.events.releases.release_store import Release, Store

YEARS_BACK = 3
"""Number of years back in which the newest yearly release is searched."""


@dataclass(frozen=True)
class NewestReleases:
    """The downloaded releases, oldest first, and the versions that the server does not have (yet)."""

    fetched: list[Release]
    absent: list[str]


def fetch(
    store: Store, cache: Path, version: str | None, newest: bool, country: int | None = None, sha256: str | None = None
) -> list[tuple[Release, bool]]:
    """Download the release ``version``, or with ``newest`` the missing ones; returns each, and whether it is new.

    Raises ``ProvriskError`` unless exactly one of the two is given.
    """
    if newest:
        if version or country is not None or sha256:
            raise ProvriskError(
                "--newest finds the versions automatically: leave out the version, --country and --sha256."
            )
        return [(release, True) for release in fetch_newest(store, cache).fetched]
    if version is None:
        raise ProvriskError("Which release? Name one, such as 25.1, or use --newest for all that are missing.")
    return [download.fetch_ucdp(store, cache, version, country, sha256)]


def fetch_newest(store: Store, cache: Path, today: pd.Timestamp | None = None) -> NewestReleases:
    """Download the missing releases: the newest yearly one, and every Candidate month after it up to last month.

    Raises ``NothingNewError`` if the server has nothing new, and ``ProvriskError`` if it cannot be
    reached.
    """
    now = today if today is not None else pd.Timestamp.now().normalize()
    held = {one.version for one in store.releases("ucdp")}
    fetched: list[Release] = []
    absent: list[str] = []
    yearly = None
    for version in _yearly(now):
        if version in held or _fetch(store, cache, version, fetched, absent):
            yearly = version
            break
    for version in _candidates(yearly, now):
        if version not in held:
            _fetch(store, cache, version, fetched, absent)
    if not fetched:
        last = f"the newest are {yearly} and the Candidate months after it" if yearly else "it has no yearly release"
        raise NothingNewError(f"UCDP has no new release ({last}; not published: {', '.join(absent)}).")
    return NewestReleases(fetched, absent)


def _yearly(now: pd.Timestamp) -> Iterator[str]:
    """Versions of yearly releases, newest first: that of a year is published in about June."""
    for year in range(now.year, now.year - YEARS_BACK - 1, -1):
        yield f"{year % 100:02d}.1"


def _candidates(yearly: str | None, now: pd.Timestamp) -> Iterator[str]:
    """Versions of the past Candidate months that the yearly release does not cover, oldest first."""
    year = 2000 + int(yearly.partition(".")[0]) if yearly else now.year
    for month in months.span(pd.Timestamp(year, 1, 1), months.shift(pd.Timestamp(now.year, now.month, 1), -1)):
        yield f"{month.year % 100:02d}.0.{month.month}"


def _fetch(store: Store, cache: Path, version: str, fetched: list[Release], absent: list[str]) -> bool:
    try:
        release, new = download.fetch_ucdp(store, cache, version)
    except download.AbsentError:
        absent.append(version)
        return False
    if new:
        fetched.append(release)
    return True
