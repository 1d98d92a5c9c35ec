"""The store of external forecasts: whole files with dates, like releases."""

import contextlib
import re
from dataclasses import dataclass, fields, replace
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.events.formats.raw_file import RawFile, open_file
from provrisk.events.releases import table_store
from provrisk.events.releases.table_store import TableStore, as_parquet
from provrisk.forecasts.external.columns import renamed
from provrisk.forecasts.external.parse import ParsedForecast, ParseRequest, Stated
from provrisk.forecasts.external.readers import cast, hubverse, plain, views, views_points
from provrisk.study import Study
from provrisk.study.project_files import read_table

FORMATS: dict[str, ModuleType] = {one.KEY: one for one in (hubverse, cast, views, views_points, plain)}
NAME = re.compile(r"[^\W_][\w .&'-]{0,60}")


@dataclass(frozen=True)
class StoredForecast:
    """One stored file. ``by`` is the forecaster, ``study`` the one it was added for, ``stated`` was given with it."""

    digest: str
    by: str
    study: str
    format: str
    file: str
    rows: int
    content: str
    stated: Stated

    def manifest(self) -> dict[str, Any]:
        """The manifest as in JSON."""
        own = {key: value for key, value in self.__dict__.items() if key != "stated"}
        added, issued = self.stated.added, self.stated.issued
        days = {"added": f"{added:%Y-%m-%d}", "issued": f"{issued:%Y-%m-%d}" if issued else None}
        written = own | self.stated.__dict__ | {"places": dict(self.stated.places)} | days
        return written if self.stated.model else {key: value for key, value in written.items() if key != "model"}


class ExternalStore:
    """The forecasts in a folder (``forecasts/`` of the project)."""

    def __init__(self, folder: Path) -> None:
        self.shelf = TableStore(folder, "forecast")

    def add(self, raw: RawFile, by: str, study: Study, stated: Stated) -> tuple[StoredForecast, ParsedForecast, bool]:
        """Store a file as a forecast of the forecaster ``by``; returns it, its contents, and whether it is new.

        It is read first: a file with nothing on ``study`` is not stored. A file already stored changes nothing.
        Raises ``ProvriskError`` if it cannot be read.
        """
        if not NAME.fullmatch(by):
            raise ProvriskError(f"{by!r} cannot be the name of a forecaster: use letters, digits, spaces and . & ' -.")
        raw, form = the_forecast(raw)
        content = as_parquet(raw.table)
        kept = StoredForecast(
            digest="", by=by, study=study.name, format=form.KEY, file=raw.name, rows=len(raw.table),
            content=files.digest(content), stated=stated,
        )  # fmt: skip
        # The day on which it is added is not part of its identity.
        key = {name: value for name, value in kept.manifest().items() if name not in ("added", "digest", "file")}
        kept = replace(kept, digest=files.digest(f"{raw.digest} {sorted(key.items())}".encode()))
        if self.shelf.holds(kept.digest):
            held = self._load(kept.digest)
            self.shelf.heal(held.digest, content, held.content)
            return held, self.read(held, study), False
        found = _read(kept, raw.table, study)
        new = self.shelf.keep(kept.digest, content, kept.manifest())
        return kept, found, new

    def all(self, study: Study) -> list[StoredForecast]:
        """The forecasts added for ``study``: by name, the first added first."""
        held = [self._load(digest) for digest in self.shelf.digests()]
        own = [one for one in held if one.study == study.name]
        return sorted(own, key=lambda one: (one.by.casefold(), one.stated.added, one.file, one.digest))

    def remove(self, which: str, study: Study) -> StoredForecast:
        """Move the forecast ``which`` (digest or its first digits, forecaster, or file) to ``removed/``."""
        kept = table_store.only_one(self._named(which, study), which, "forecast", _title)
        self.shelf.remove(kept.digest)
        return kept

    def restore(self, which: str, study: Study) -> StoredForecast:
        """Restore a removed forecast."""
        off = ExternalStore(self.shelf.removed.folder)
        kept = table_store.only_one(off._named(which, study), which, "removed forecast", _title)
        self.shelf.restore(kept.digest)
        return kept

    def _named(self, which: str, study: Study) -> list[StoredForecast]:
        every = self.all(study)
        exact = [
            one for one in every
            if which in (one.by, one.file) or (len(which) >= 4 and one.digest.startswith(which))
        ]  # fmt: skip
        return exact or [one for one in every if which.casefold() == one.by.casefold()]

    def read(self, kept: StoredForecast, study: Study) -> ParsedForecast:
        """The contents of a stored file for ``study``."""
        table = self.shelf.table(kept.digest, kept.content, f"{kept.by} ({kept.file})")
        return _read(kept, table, study)

    def _load(self, digest: str) -> StoredForecast:
        said = self.shelf.manifest(digest)
        try:
            issued = pd.Timestamp(said["issued"]) if said["issued"] else None
            days = {"added": pd.Timestamp(said["added"]), "issued": issued}
            stated = {one.name: said.pop(one.name) for one in fields(Stated) if one.name in said}
            kept = StoredForecast(**said, stated=Stated(**stated | days))
            if kept.format not in FORMATS:
                raise ValueError(kept.format)
        except (ValueError, KeyError, TypeError) as error:
            raise self.shelf.damaged(digest, error) from None
        return kept


def _title(kept: StoredForecast) -> str:
    return f"{kept.by}, {kept.file}, {kept.digest}"


def open_table(path: Path) -> RawFile:
    """A forecast file: Parquet, or what ``events.formats.raw_file`` opens, rows numbered from 1 below the header."""
    try:
        content = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise ProvriskError(f"{path} cannot be read ({error.strerror}): name a file.") from None
    if content.lstrip()[:1] == b"<":
        raise ProvriskError(f"{path} is a web page, not a table, perhaps a login page: download it again.")
    if content[:4] != b"PAR1":
        return open_file(path)
    try:
        table = pd.read_parquet(BytesIO(content))
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is a damaged Parquet file ({reason}): download it again.") from None
    named = [name for name in table.index.names if name is not None]
    table = table.reset_index(level=named) if named else table
    return RawFile(path.name, files.digest(content), table.set_axis(range(1, len(table) + 1)))


def the_forecast(raw: RawFile) -> tuple[RawFile, ModuleType]:
    """The sheet of a workbook that is a forecast, named with its sheet; and its format."""
    for name, table in raw.sheets.items():
        one = replace(raw, table=table, sheets={}, name=f"{raw.name} (sheet {name})")
        with contextlib.suppress(ProvriskError):
            return one, recognise(one)
    return raw, recognise(raw)


def recognise(raw: RawFile) -> ModuleType:
    """The format of a file, by its columns; raises ``ProvriskError`` if it is unknown."""
    named = {one.KEY: set(renamed(raw.table.columns.map(str), one.ALIASES).values()) for one in FORMATS.values()}
    best = max(FORMATS.values(), key=lambda one: len(one.MARKS & named[one.KEY]) / len(one.MARKS))
    columns = named[best.KEY]
    if lacking := sorted(best.MARKS - columns):
        forms = "; ".join(f"{one.NAME}: {', '.join(sorted(one.MARKS))}" for one in FORMATS.values())
        near = (
            f"the most similar is a {best.NAME}, but {', '.join(lacking)} is missing" if best.MARKS & columns else forms
        )
        raise ProvriskError(
            f"{raw.name} has not the columns of a known forecast format ({near}): see docs/comparing.md."
        )
    return best


def read_places(path: Path) -> dict[str, str]:
    """A mapping of grid cells to provinces: a CSV with the columns cell and province."""
    table = read_table(path, ["cell", "province"])
    if (twice := table.cell.duplicated()).any():
        raise ProvriskError(f"{path} names the cell {table.cell[twice].iloc[0]} twice: keep one row for each cell.")
    return dict(zip(table.cell.str.strip(), table.province.str.strip(), strict=True))


def _read(kept: StoredForecast, table: pd.DataFrame, study: Study) -> ParsedForecast:
    form = FORMATS[kept.format]
    read: ParsedForecast = form.read(ParseRequest(kept.file, table, study, kept.stated, form.ALIASES))
    return read
