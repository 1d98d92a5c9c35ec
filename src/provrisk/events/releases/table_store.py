"""Storage of tables, whole and unchanged, each with a manifest.

A table is two files under one digest: its content as Parquet, and the manifest. The manifest is written last and makes
the table valid; nothing is ever changed or deleted. A removed table is moved to ``removed/``, from where it can
be restored.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import filelock
import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError

LOCK_SECONDS = 120
T = TypeVar("T")
LINE = "line"
"""The name of the stored lines; tables without them are numbered from 2, as below a header."""
RESTORE = "restore it, or add the same file again"


class TableStore:
    """The tables in a folder. ``what`` names one of them in messages: a release, a forecast."""

    def __init__(self, folder: Path, what: str) -> None:
        self.folder, self.what = folder, what

    def keep(self, digest: str, content: bytes, manifest: dict[str, Any]) -> bool:
        """Store a table (the bytes of a Parquet file) under ``digest``; false if one is already there."""
        with self._locked():
            if self.holds(digest):
                return False
            files.sweep(self.folder)
            files.write(self._table(digest), content)
            files.write(self._manifest(digest), files.sealed(manifest))
        return True

    def remove(self, digest: str) -> None:
        """Move a table to ``removed/``, the manifest first, since it makes the table valid."""
        self._move(digest, self, self.removed)

    def restore(self, digest: str) -> None:
        """Restore a removed table, the manifest last."""
        self._move(digest, self.removed, self)

    @property
    def removed(self) -> "TableStore":
        """The storage of removed tables."""
        return TableStore(self.folder / "removed", self.what)

    def _move(self, digest: str, source: "TableStore", target: "TableStore") -> None:
        ways = [(one._manifest(digest), one._table(digest)) for one in (source, target)]
        pairs = list(zip(*ways, strict=True))
        target.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            for old, new in pairs if source is self else pairs[::-1]:
                if old.exists():  # a call that was killed may have moved the first already
                    old.replace(new)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self.folder / ".lock", timeout=LOCK_SECONDS):
                yield
        except filelock.Timeout:
            raise ProvriskError(f"Another process has been writing to {self.folder}: try again later.") from None

    def heal(self, digest: str, content: bytes, held: str) -> None:
        """Repair a damaged table, if ``content`` is the original (its bytes have the digest ``held``)."""
        table = self._table(digest)
        whole = table.is_file() and files.digest(table.read_bytes()) == held
        if not whole and files.digest(content) == held:  # otherwise another pyarrow wrote it
            files.write(table, content)

    def holds(self, digest: str) -> bool:
        """Whether a table is stored under ``digest``."""
        return self._manifest(digest).exists()

    def digests(self) -> list[str]:
        """All valid tables, in the order of their digests."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def manifest(self, digest: str) -> dict[str, Any]:
        """The manifest of a table; raises ``ProvriskError`` if it cannot be read."""
        try:
            said = files.unsealed(self._manifest(digest).read_bytes())
            if said["digest"] != digest:
                raise ValueError("the digest is that of another")
        except (OSError, ValueError, KeyError) as error:
            raise self.damaged(digest, error) from None
        return said

    def damaged(self, digest: str, error: Exception) -> ProvriskError:
        """The error for an invalid manifest."""
        return ProvriskError(
            f"{self._manifest(digest)} is not a manifest of a {self.what} ({type(error).__name__}): restore it from a "
            "copy, or delete it and add the file again with its day of publication."
        )

    def table(self, digest: str, content: str, label: str) -> pd.DataFrame:
        """The table, its rows by the lines of its file, from 2 on where these are not stored.

        Raises ``ProvriskError`` unless its bytes have the digest ``content``.
        """
        path = self._table(digest)
        try:
            held = path.read_bytes()
        except FileNotFoundError:
            raise ProvriskError(f"{path}, the table of {label}, is missing: {RESTORE}.") from None
        if files.digest(held) != content:
            raise ProvriskError(f"{path}, the table of {label}, is not the stored one: {RESTORE}.")
        table = pd.read_parquet(BytesIO(held))
        return table.rename_axis(None) if table.index.name == LINE else table.set_axis(range(2, len(table) + 2))

    def _table(self, digest: str) -> Path:
        return self.folder / f"{digest}.parquet"

    def _manifest(self, digest: str) -> Path:
        return self.folder / f"{digest}.json"


def only_one(found: Sequence[T], which: str, what: str, told: Callable[[T], str]) -> T:
    """The one of ``found`` that ``which`` means; raises ``ProvriskError`` if it is not exactly one."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise ProvriskError(f"There is no {what} {which!r}: name it by its digest from the list.")
    raise ProvriskError(f"{which!r} means several {what}s ({'; '.join(map(told, found))}): name one by its digest.")


def as_parquet(table: pd.DataFrame) -> bytes:
    """The bytes of a stored table; its lines too if they do not follow from the rows, as below titles or gaps."""
    buffer = BytesIO()
    plain = table.index.equals(pd.RangeIndex(2, len(table) + 2))
    (table if plain else table.rename_axis(LINE)).to_parquet(buffer, index=not plain, compression="zstd")
    return buffer.getvalue()
