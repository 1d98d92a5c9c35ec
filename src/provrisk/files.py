"""Files are written whole or not at all, named by the digest of what they hold, and sealed where they are records."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provrisk.errors import ProvriskError, refused
from provrisk.text import shown

if TYPE_CHECKING:
    import pandas as pd

PART = ".part"
"""What ends the name of a file that is being written; such a file begins with a dot."""
STALE = 3600
SEAL = "seal"


def write(path: Path, content: str | bytes) -> Path:
    """Write ``content`` to ``path`` atomically: a reader or a crash sees the old file or the new one.

    Raises ``ProvriskError`` if nothing can be written there (a full disk, a folder of somebody else's), or what is
    there is no file: a device or a pipe would be replaced, not written to.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            raise ProvriskError(f"{path} is there and is no file: choose another name.")
        path.parent.mkdir(parents=True, exist_ok=True)
        return _replace(path, data)
    except OSError as error:
        other = f"{path} cannot be written ({error.strerror or error}): make room for it, or choose another place."
        raise refused(error, path) or ProvriskError(other) from None
    except ValueError as error:
        raise ProvriskError(f"{path} cannot be written ({error}): choose another place.") from None


@contextlib.contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A file to write what is too large for ``write``; it takes the place of ``path`` when all of it is written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".provrisk.", suffix=PART)
        os.close(handle)
        try:
            yield Path(name)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        other = f"{path} cannot be written ({error.strerror or error}): make room for it, or choose another place."
        raise refused(error, path) or ProvriskError(other) from None


def _replace(path: Path, data: bytes) -> Path:
    # The name of the file is not in that of its draft, which would be too long where the name just fits.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".provrisk.", suffix=PART)
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


def sweep(folder: Path) -> None:
    """Remove what writers that were killed left in ``folder`` and below; none writes for as long as ``STALE``."""
    for path in folder.rglob(f".*{PART}"):
        if time.time() - path.stat().st_mtime < STALE:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def listed(folder: Path) -> list[Path]:
    """The files of ``folder``, by name, without those that are being written."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def write_parquet(table: "pd.DataFrame", path: Path) -> Path:
    """Write ``table``, its attrs included, as Parquet, atomically.

    Every page carries a checksum, and the attrs a seal of what no page holds: names, types, length, attrs.
    """
    buffer = io.BytesIO()
    described = table.copy(deep=False)
    described.attrs = {**table.attrs, SEAL: _frame_seal(table)}
    described.to_parquet(buffer, compression="zstd", index=False, write_page_checksum=True)
    return write(path, buffer.getvalue())


def check_suffix(path: Path, allowed: tuple[str, ...]) -> None:
    """Raise ``ProvriskError`` unless the name of ``path`` ends in one of ``allowed``, such as ``.csv``."""
    if path.suffix not in allowed:
        raise ProvriskError(f"{path}: give the file a name that ends in {' or '.join(allowed)}.")


def csv_of(table: "pd.DataFrame", **options: Any) -> str:
    """``table`` as CSV for people: text that a spreadsheet would compute gets an apostrophe before it.

    ``options`` are those of ``DataFrame.to_csv``.
    """
    safe = table.copy(deep=False)
    for column in table.select_dtypes(include=["object", "string", "category"]).columns:
        safe[column] = [shown(cell) if isinstance(cell, str) else cell for cell in table[column]]
    safe.columns = [shown(str(name)) for name in table.columns]
    return str(safe.to_csv(index=False, lineterminator="\n", **options))


def read_json(path: Path) -> Any:
    """What the JSON file at ``path`` holds; raises ``OSError`` or ``ValueError``, whatever is wrong with it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_parquet(path: Path) -> "pd.DataFrame":
    """The table that ``write_parquet`` wrote; raises ``ProvriskError`` if the file is damaged."""
    import pandas as pd  # heavy: only where it is used

    try:
        table = pd.read_parquet(path, page_checksum_verification=True)
        if table.attrs.pop(SEAL) != _frame_seal(table):
            raise ValueError("it was changed after it was written")
        return table
    except (OSError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is damaged ({reason}): restore it, or run again what wrote it.") from None


def sealed(record: Mapping[str, Any]) -> str:
    """``record`` as JSON, with a digest of itself as its last entry: no changed byte passes for what was written."""
    return json.dumps({**record, SEAL: _seal(record)}, ensure_ascii=False, indent=1) + "\n"


def unsealed(text: str | bytes) -> dict[str, Any]:
    """The record that ``sealed`` wrote, or one from before there were seals.

    Raises ``ValueError`` if it is no JSON object, or not what was sealed.
    """
    try:
        record = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(record, dict):
        raise ValueError("it is no record")
    seal = record.pop(SEAL, None)
    if seal is not None and seal != _seal(record):
        raise ValueError("it was changed after it was written")
    return record


def digest(content: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()[:16]


def _frame_seal(table: "pd.DataFrame") -> str:
    types = {str(name): str(kind) for name, kind in table.dtypes.items()}
    return _seal({"types": types, "order": list(types), "rows": len(table), "attrs": table.attrs})


def _seal(record: Mapping[str, Any]) -> str:
    return digest(json.dumps(record, sort_keys=True).encode())
