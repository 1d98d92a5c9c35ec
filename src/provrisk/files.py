"""Files are written whole or not at all, and named by the digest of what they hold."""

import hashlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.text import shown


def write(path: Path, content: str | bytes) -> Path:
    """Write ``content`` to ``path`` atomically: a reader or a crash sees the old file or the new one.

    Raises ``ProvriskError`` if nothing can be written there, or what is there is no file: a device or a pipe would
    be replaced, not written to.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            raise ProvriskError(f"{path} is there and is no file: choose another name.")
        path.parent.mkdir(parents=True, exist_ok=True)
        return _replace(path, data)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ProvriskError(
            f"{path} cannot be written ({reason}): make room for it, or choose another place."
        ) from None


def _replace(path: Path, data: bytes) -> Path:
    # The name of the file is not in that of its draft, which would be too long where the name just fits.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".provrisk.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def write_parquet(table: pd.DataFrame, path: Path) -> Path:
    """Write ``table``, its attrs included, as Parquet, atomically."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, compression="zstd", index=False)
    return write(path, buffer.getvalue())


def csv_of(table: pd.DataFrame, **options: Any) -> str:
    """``table`` as CSV for people: text that a spreadsheet would compute gets an apostrophe before it.

    ``options`` are those of ``DataFrame.to_csv``.
    """
    safe = table.copy(deep=False)
    for column in table.select_dtypes(include=["object", "string"]).columns:
        safe[column] = [shown(cell) if isinstance(cell, str) else cell for cell in table[column]]
    safe.columns = [shown(str(name)) for name in table.columns]
    return str(safe.to_csv(index=False, lineterminator="\n", **options))


def read_json(path: Path) -> Any:
    """What the JSON file at ``path`` holds; raises ``OSError`` or ``ValueError``, whatever is wrong with it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def digest(content: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()[:16]
