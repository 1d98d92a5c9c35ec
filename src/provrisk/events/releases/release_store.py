"""The store: every release of a source, whole and unchanged, with the date on which it became available.

A stored release is the raw table, every cell text, and a manifest.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.releases import table_store
from provrisk.events.releases.table_store import TableStore, as_parquet
from provrisk.events.sources import registry
from provrisk.events.sources.mapped import Mapping
from provrisk.events.sources.source import Source
from provrisk.study.schema import Label, Month, UserFile

UNVOUCHED = ("the day it was added", "the day it was fetched", "the day it was requested")
"""Bases on which ``available`` is not the day of publication."""


@dataclass(frozen=True)
class Release:
    """One release and its manifest. ``basis`` is the basis of the date ``available``.

    ``dated``: whether its day of publication is known. ``issued``: the earliest day on which it can have been
    published, if the file shows it. ``added``: when it was added to the store. ``given``: the source of bundled counts.
    """

    digest: str
    source: str
    name: str
    version: str
    file: str
    available: pd.Timestamp
    basis: str
    final: bool
    covered: pd.DatetimeIndex
    rows: int
    content: str
    mapping: Mapping | None = None
    issued: pd.Timestamp | None = None
    added: str = ""
    given: Source | None = None
    dated: bool = True

    def __repr__(self) -> str:
        return f"Release({self.label!r}, available {self.available:%Y-%m-%d}, {self.rows:,} rows)"

    @property
    def of(self) -> Source:
        """Its source."""
        return self.given or registry.of(self.source, self.mapping)

    @property
    def bundled(self) -> bool:
        """Whether these are the counts bundled with the study, not a file of the store."""
        return self.given is not None

    @property
    def published(self) -> pd.Timestamp:
        """The day of publication, as far as known: the order of precedence of releases."""
        vouched = self.basis not in UNVOUCHED
        return self.available if vouched or self.issued is None else min(self.issued, self.available)

    @property
    def label(self) -> str:
        """The name of the release: its source and version."""
        return f"{self.name} {self.version}"

    def manifest(self) -> dict[str, Any]:
        """The manifest as in JSON."""
        return {
            "digest": self.digest, "source": self.source, "name": self.name, "version": self.version,
            "file": self.file, "available": f"{self.available:%Y-%m-%d}", "basis": self.basis, "final": self.final,
            "covered": [months.label(month) for month in self.covered], "rows": self.rows, "content": self.content,
            "mapping": self.mapping.model_dump() if self.mapping else None,
            "issued": f"{self.issued:%Y-%m-%d}" if self.issued is not None else None, "added": self.added,
        }  # fmt: skip


class Manifest(UserFile):
    """``<digest>.json`` of a release."""

    digest: str = Field(pattern="^[0-9a-f]{16}$")
    source: str
    name: Label
    version: Label
    file: Label
    available: datetime.date
    basis: Label
    final: bool
    covered: tuple[Month, ...]
    rows: int = Field(ge=0)
    content: str = Field(pattern="^[0-9a-f]{16}$")
    mapping: Mapping | None
    issued: datetime.date | None = None
    added: str = Field(default="", max_length=40)

    @model_validator(mode="after")
    def _is_of_a_source(self) -> Self:
        if self.source not in ([self.mapping.key] if self.mapping else registry.SOURCES):
            raise ValueError("its source is not known")
        return self


class Store:
    """The releases in a folder (``releases/`` of the project)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shelf = TableStore(folder, "release")

    def add(
        self,
        raw: RawFile,
        available: pd.Timestamp,
        basis: str,
        mapping: Mapping | None = None,
        covered: pd.DatetimeIndex | None = None,
    ) -> tuple[Release, bool]:
        """Store a file as a release; returns it, and whether it is new.

        A file already in the store changes nothing, with any date, unless its table was damaged: then it is repaired.
        Raises ``ProvriskError`` if the file is of no known source, or cannot have been published by ``available``.
        """
        raw, source = registry.recognise(raw, mapping)
        edition = source.edition(raw)
        covered = edition.covered if covered is None else covered
        if covered.empty:
            raise ProvriskError(f"{raw.name} covers no whole past month: give the months it covers (--covers).")
        digest = files.digest(f"{raw.digest} {mapping.model_dump_json() if mapping else ''}".encode())
        if self.shelf.holds(digest):
            held = self._load(digest)
            self.shelf.heal(digest, as_parquet(raw.table), held.content)
            return held, False
        if len(covered) and available < months.shift(covered[-1], 1):
            raise ProvriskError(
                f"{raw.name} covers {months.label(covered[-1])} and cannot have been complete on "
                f"{available:%Y-%m-%d}: give the day of publication (--available), "
                "or the months that it covers (--covers)."
            )
        content = as_parquet(raw.table)
        release = Release(
            digest=digest, source=source.key, name=source.name, version=edition.version, file=raw.name,
            available=available, basis=basis, final=edition.final, covered=covered, rows=len(raw.table),
            content=files.digest(content), mapping=mapping, issued=edition.issued,
            added=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        )  # fmt: skip
        new = self.shelf.keep(digest, content, release.manifest())
        return (release if new else self._load(digest)), new

    def releases(self, source: str | None = None, as_of: pd.Timestamp | None = None) -> list[Release]:
        """The releases of ``source`` (default: all) that were available on ``as_of``, oldest first."""
        held = [self._load(digest) for digest in self.shelf.digests()]
        found = [
            one
            for one in held
            if (source is None or one.source == source) and (as_of is None or one.available <= as_of)
        ]
        return in_order(found)

    def remove(self, which: str) -> Release:
        """Move the release ``which`` (digest or its first digits, label or version) to ``removed/``."""
        release = table_store.only_one(self.named(which), which, "release", lambda one: f"{one.label}, {one.digest}")
        self.shelf.remove(release.digest)
        return release

    def restore(self, which: str) -> Release:
        """Restore a removed release."""
        off = Store(self.shelf.removed.folder)
        release = table_store.only_one(
            off.named(which), which, "removed release", lambda one: f"{one.label}, {one.digest}"
        )
        self.shelf.restore(release.digest)
        return release

    def named(self, which: str) -> list[Release]:
        """The releases that ``which`` may mean: by the first digits of the digest, the label or the version."""
        return [
            one for one in self.releases()
            if which in (one.label, one.version, one.file) or (len(which) >= 4 and one.digest.startswith(which))
        ]  # fmt: skip

    def table(self, release: Release) -> pd.DataFrame:
        """The raw table of ``release``, rows numbered from 1; raises ``ProvriskError`` if it was changed."""
        return self.shelf.table(release.digest, release.content, release.label)

    def _load(self, digest: str) -> Release:
        try:
            said = Manifest.model_validate(self.shelf.manifest(digest))
        except ValidationError as error:
            raise self.shelf.damaged(digest, error) from None
        covered = pd.DatetimeIndex([months.parse(label) for label in said.covered])
        fields = {name: getattr(said, name) for name in Manifest.model_fields}
        days = {"available": pd.Timestamp(said.available), "issued": pd.Timestamp(said.issued) if said.issued else None}
        return Release(**fields | days | {"covered": covered})


def in_order(releases: Iterable[Release]) -> list[Release]:
    """``releases`` in the order of publication: of two that cover a month, the later one is used."""
    return sorted(
        releases,
        key=lambda one: (one.published, one.covered[-1:].tolist(), len(one.covered), one.added, one.digest),
    )
