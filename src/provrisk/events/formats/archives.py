"""Archives: checks before anything is unpacked, and size limits."""

import gzip
import io
import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from provrisk.errors import ProvriskError
from provrisk.events.formats import file_type

LARGEST = 2 << 30
"""Largest size in bytes of a file, packed or unpacked; the whole GED has a fifth of it."""
SMALL, DENSEST = 64 << 20, 200
"""Above this size in bytes, an archive that unpacks to more than this ratio is refused; text has 5 to 20."""
TABLES = (".csv", ".tsv", ".txt", ".tab", ".json", ".jsonl", ".xlsx", ".xls", ".xlsb", ".ods", ".parquet")
"""Endings of the names of tables in an archive, beside explanatory files."""
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    OverflowError,
)  # fmt: skip
"""Errors for archives that are damaged, locked, or of an unknown kind."""


def unpacked(path: Path, content: bytes) -> tuple[str, bytes]:
    """Name and content of the one table in a gz or zip, or of a file that is neither; nothing is written to disk.

    The pages of one JSON answer are one table. Raises ``ProvriskError`` if there is not exactly one, or the archive is
    damaged or unsafe.
    """
    match file_type.of(content):
        case file_type.GZIP:
            return path.name.removesuffix(path.suffix) if path.suffix.lower() == ".gz" else path.name, _gunzip(
                path, content
            )
        case file_type.ZIP:
            return _unzip(path, content)
    return path.name, content


def _gunzip(path: Path, content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            data = packed.read(max(SMALL, DENSEST * len(content)) + 1)
    except DAMAGE as error:
        raise _damaged(path, error) from None
    if len(data) > min(LARGEST, max(SMALL, DENSEST * len(content))):
        raise _too_large(path)
    return data


def _unzip(path: Path, content: bytes) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check(archive, path, len(content))
            tables = [one for one in archive.infolist() if _is_table(one)]
            answers = all(one.filename.lower().endswith(".json") for one in tables)
            if not tables or (len(tables) > 1 and not answers):
                names = [one.filename for one in tables or archive.infolist() if not one.is_dir()]
                listed = f" ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})" if names else ""
                raise ProvriskError(
                    f"{path} has {len(tables)} CSV files or other tables{listed}, not one: unpack it and name the file."
                )
            # A header may give a wrong size, so the reading itself is bounded.
            data = b"\n".join(archive.open(one).read(LARGEST + 1) for one in tables)
    except DAMAGE as error:
        raise _damaged(path, error) from None
    if len(data) > LARGEST:
        raise _too_large(path)
    return PurePosixPath(tables[0].filename).name, data


def check(archive: zipfile.ZipFile, path: Path, packed: int) -> None:
    """Refuse an archive of ``packed`` bytes with paths outside its folder, or with a far too large content."""
    for member in archive.infolist():
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in member.filename:
            raise ProvriskError(f"{path} has the path {member.filename!r}, outside its folder: do not trust it.")
    size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST or (size > SMALL and size > DENSEST * packed):
        raise _too_large(path)


def _is_table(member: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(member.filename).name.lower()
    aside = name.startswith((".", "readme", "licen", "licence"))  # explanatory files, or files of macOS
    return name.endswith(TABLES) and not aside and "__MACOSX" not in member.filename


def _damaged(path: Path, error: BaseException) -> ProvriskError:
    return ProvriskError(f"{path} is a damaged archive ({error}): download it again.")


def _too_large(path: Path) -> ProvriskError:
    return ProvriskError(f"{path} unpacks to more than any event file: do not trust it.")
