"""The store: every release of a source, kept whole and for ever, with the date on which it became available.

A release is two files under its digest: the raw table as Parquet, every cell text, and a manifest. The
manifest is written last and makes the release count; nothing is ever changed or deleted.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import filelock
import pandas as pd

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.events import sources
from provrisk.events.mapped import Mapping
from provrisk.events.raw import RawFile
from provrisk.events.source import Source

LOCK_SECONDS = 120
RESTORE = "restore it, or add the same file again"


@dataclass(frozen=True)
class Release:
    """One release: what its manifest says. ``basis`` tells where the date ``available`` comes from."""

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

    @property
    def of(self) -> Source:
        return sources.of(self.source, self.mapping)

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}"

    def manifest(self) -> dict[str, Any]:
        """The manifest as JSON holds it."""
        return {
            "digest": self.digest, "source": self.source, "name": self.name, "version": self.version,
            "file": self.file, "available": f"{self.available:%Y-%m-%d}", "basis": self.basis, "final": self.final,
            "covered": [months.label(month) for month in self.covered], "rows": self.rows, "content": self.content,
            "mapping": self.mapping.model_dump() if self.mapping else None,
        }  # fmt: skip


class Store:
    """The releases in a folder (``releases/`` of the project)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self,
        raw: RawFile,
        available: pd.Timestamp,
        basis: str,
        mapping: Mapping | None = None,
        covered: pd.DatetimeIndex | None = None,
    ) -> tuple[Release, bool]:
        """Keep a file as a release; returns it, and whether it is new.

        A file that the store holds already changes nothing, whatever date is given, unless its table was damaged:
        then it is mended. Raises ``ProvriskError`` if the file is of no known source, or could not have been out on
        ``available``.
        """
        raw, source = sources.recognise(raw, mapping)
        edition = source.edition(raw)
        covered = edition.covered if covered is None else covered
        digest = files.digest(f"{raw.digest} {mapping.model_dump_json() if mapping else ''}".encode())
        if held := self._held(digest, raw):
            return held, False
        if len(covered) and available < months.shift(covered[-1], 1):
            raise ProvriskError(
                f"{raw.name} covers {months.label(covered[-1])} and cannot have been complete on "
                f"{available:%Y-%m-%d}: give the day on which it came out (--available), "
                "or the months that it covers (--covers)."
            )
        content = _as_parquet(raw)
        release = Release(
            digest=digest, source=source.key, name=source.name, version=edition.version, file=raw.name,
            available=available, basis=basis, final=edition.final, covered=covered, rows=len(raw.table),
            content=files.digest(content), mapping=mapping,
        )  # fmt: skip
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self.folder / ".lock", timeout=LOCK_SECONDS):
                if held := self._held(digest, raw):
                    return held, False
                files.sweep(self.folder)
                files.write(self._table(digest), content)
                files.write(self._manifest(digest), files.sealed(release.manifest()))
        except filelock.Timeout:
            raise ProvriskError(f"Another process has been writing to {self.folder}: try again later.") from None
        return release, True

    def releases(self, source: str | None = None, as_of: pd.Timestamp | None = None) -> list[Release]:
        """The releases of ``source`` (default: all) that were available on ``as_of``, oldest first."""
        held = [self._load(path) for path in sorted(self.folder.glob("*.json"))]
        found = [
            one
            for one in held
            if (source is None or one.source == source) and (as_of is None or one.available <= as_of)
        ]
        return sorted(found, key=lambda one: (one.available, one.covered[-1:].tolist(), one.version, one.digest))

    def table(self, release: Release) -> pd.DataFrame:
        """The raw table of ``release``, rows numbered from 1; raises ``ProvriskError`` if it was changed."""
        path = self._table(release.digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ProvriskError(f"{path}, the table of {release.label}, is missing: {RESTORE}.") from None
        if files.digest(content) != release.content:
            raise ProvriskError(f"{path}, the table of {release.label}, is not what was stored: {RESTORE}.")
        table = pd.read_parquet(BytesIO(content))
        return table.set_axis(range(1, len(table) + 1))

    def _table(self, digest: str) -> Path:
        return self.folder / f"{digest}.parquet"

    def _manifest(self, digest: str) -> Path:
        return self.folder / f"{digest}.json"

    def _held(self, digest: str, raw: RawFile) -> Release | None:
        """The release that was made of ``raw``, its table written again where it is not what was stored."""
        path = self._manifest(digest)
        if not path.exists():
            return None
        held, table = self._load(path), self._table(digest)
        if not table.is_file() or files.digest(table.read_bytes()) != held.content:
            content = _as_parquet(raw)
            if files.digest(content) == held.content:  # else another pyarrow wrote it
                files.write(table, content)
        return held

    def _load(self, path: Path) -> Release:
        try:
            said = files.unsealed(path.read_bytes())
            mapping = said.pop("mapping")
            covered = pd.DatetimeIndex([months.parse(label) for label in said.pop("covered")])
            return Release(
                **said | {"available": pd.Timestamp(said["available"])},
                covered=covered,
                mapping=Mapping.model_validate(mapping) if mapping else None,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ProvriskError(
                f"{path} is no manifest of a release ({type(error).__name__}): restore it from a copy, or delete it "
                "and add the file again with the day on which it came out (--available)."
            ) from None


def _as_parquet(raw: RawFile) -> bytes:
    buffer = BytesIO()
    raw.table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
