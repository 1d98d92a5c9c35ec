"""A shelf: tables kept whole and for ever, each with a manifest.

A table is two files under one digest: its content as Parquet, and the manifest. The manifest is written last and makes
the table count; nothing is ever changed or deleted.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import filelock
import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError

LOCK_SECONDS = 120
RESTORE = "restore it, or add the same file again"


class Shelf:
    """The tables in a folder. ``what`` names one of them in messages: a release, a forecast."""

    def __init__(self, folder: Path, what: str) -> None:
        self.folder, self.what = folder, what

    def keep(self, digest: str, content: bytes, manifest: dict[str, Any]) -> bool:
        """Keep a table (the bytes of a Parquet file) under ``digest``; false if one is held there already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self.folder / ".lock", timeout=LOCK_SECONDS):
                if self.holds(digest):
                    return False
                files.sweep(self.folder)
                files.write(self._table(digest), content)
                files.write(self._manifest(digest), files.sealed(manifest))
        except filelock.Timeout:
            raise ProvriskError(f"Another process has been writing to {self.folder}: try again later.") from None
        return True

    def heal(self, digest: str, content: bytes, held: str) -> None:
        """Write a table again that is not what was stored, if ``content`` is (its bytes have the digest ``held``)."""
        table = self._table(digest)
        whole = table.is_file() and files.digest(table.read_bytes()) == held
        if not whole and files.digest(content) == held:  # else another pyarrow wrote it
            files.write(table, content)

    def holds(self, digest: str) -> bool:
        """Whether a table is kept under ``digest``."""
        return self._manifest(digest).exists()

    def digests(self) -> list[str]:
        """Every table that counts, in the order of their digests."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def said(self, digest: str) -> dict[str, Any]:
        """The manifest of a table; raises ``ProvriskError`` if it cannot be read."""
        try:
            said = files.unsealed(self._manifest(digest).read_bytes())
            if said["digest"] != digest:
                raise ValueError("the digest is that of another")
        except (OSError, ValueError, KeyError) as error:
            raise self.damaged(digest, error) from None
        return said

    def damaged(self, digest: str, error: Exception) -> ProvriskError:
        """The sentence on a manifest that does not say what it should."""
        return ProvriskError(
            f"{self._manifest(digest)} is no manifest of a {self.what} ({type(error).__name__}): restore it from a "
            "copy, or delete it and add the file again with the day on which it came out."
        )

    def table(self, digest: str, content: str, label: str) -> pd.DataFrame:
        """The table, rows numbered from 1; raises ``ProvriskError`` if its bytes have not the digest ``content``."""
        path = self._table(digest)
        try:
            held = path.read_bytes()
        except FileNotFoundError:
            raise ProvriskError(f"{path}, the table of {label}, is missing: {RESTORE}.") from None
        if files.digest(held) != content:
            raise ProvriskError(f"{path}, the table of {label}, is not what was stored: {RESTORE}.")
        table = pd.read_parquet(BytesIO(held))
        return table.set_axis(range(1, len(table) + 1))

    def _table(self, digest: str) -> Path:
        return self.folder / f"{digest}.parquet"

    def _manifest(self, digest: str) -> Path:
        return self.folder / f"{digest}.json"


def as_parquet(table: pd.DataFrame) -> bytes:
    """The bytes that a table is kept as."""
    buffer = BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
