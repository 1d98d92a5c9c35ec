"""Archives of strangers: what is checked before anything is unpacked, and how much at most."""

import io
import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from provrisk.errors import ProvriskError

LARGEST = 2 << 30
"""Bytes that a file or what it unpacks to may have; the whole of GED has a fifth of it."""
SMALL, DENSEST = 64 << 20, 200
"""Above so many bytes, an archive that unpacks to more than so many times its size is a bomb; text packs 5 to 20."""
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    OverflowError,
)  # fmt: skip
"""What the library raises on archives that are damaged, locked, or of a kind that it does not know."""


def only_table(path: Path, content: bytes) -> tuple[str, bytes]:
    """Name and content of the one CSV file in a zip; nothing is written to disk.

    Raises ``ProvriskError`` if there is not one, or the archive is damaged or not to be trusted.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check(archive, path, len(content))
            tables = [one for one in archive.infolist() if _is_table(one)]
            if len(tables) != 1:
                raise ProvriskError(f"{path} holds {len(tables)} CSV files, not one: unpack it and name the file.")
            with archive.open(tables[0]) as member:
                # A header may lie about the size, so the reading itself is bounded.
                data = member.read(LARGEST + 1)
    except DAMAGE as error:
        raise ProvriskError(f"{path} is a damaged archive ({error}): download it again.") from None
    if len(data) > LARGEST:
        raise _too_large(path)
    return PurePosixPath(tables[0].filename).name, data


def check(archive: zipfile.ZipFile, path: Path, packed: int) -> None:
    """Refuse an archive of ``packed`` bytes with paths outside its folder, or that unpacks to absurdly much."""
    for member in archive.infolist():
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in member.filename:
            raise ProvriskError(f"{path} holds the path {member.filename!r}, outside its folder: do not trust it.")
    size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST or (size > SMALL and size > DENSEST * packed):
        raise _too_large(path)


def _is_table(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith(".csv") and "__MACOSX" not in member.filename


def _too_large(path: Path) -> ProvriskError:
    return ProvriskError(f"{path} unpacks to more than any event file does: do not trust it.")
