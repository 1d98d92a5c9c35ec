"""Files are written whole or not at all, and named by the digest of what they hold."""

import hashlib
import io
import os
import tempfile
from pathlib import Path

import pandas as pd

from provrisk.errors import ProvriskError


def write(path: Path, content: str | bytes) -> Path:
    """Write ``content`` to ``path`` atomically: a reader or a crash sees the old file or the new one."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
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


def check_suffix(path: Path, allowed: tuple[str, ...]) -> None:
    """Raise ``ProvriskError`` unless the name of ``path`` ends in one of ``allowed``, such as ``.csv``."""
    if path.suffix not in allowed:
        raise ProvriskError(f"{path}: give the file a name that ends in {' or '.join(allowed)}.")


def digest(content: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()[:16]
