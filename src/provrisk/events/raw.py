"""Files as they came: CSV, zip or workbook to a table of text, before anybody asks what it means."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError

LARGEST = 4 << 30
"""Bytes that an archive may unpack to; the whole of GED is a tenth of it."""


@dataclass(frozen=True)
class RawFile:
    """A file's rows, every cell text, numbered from 1 below the header (and below a row of HXL tags).

    ``name`` is that of the table itself (inside a zip), ``digest`` that of its bytes.
    """

    name: str
    digest: str
    table: pd.DataFrame


def open_file(path: Path) -> RawFile:
    """Read a CSV file, a zip that holds one, or a workbook's first sheet.

    Raises ``ProvriskError`` if it is none of them, or is an archive that should not be opened.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ProvriskError(f"There is no file {path}: check the path.") from None
    except OSError as error:
        raise ProvriskError(f"{path} cannot be read ({error.strerror}): name a file.") from None
    name = path.name
    if path.suffix.lower() == ".xlsx":
        return RawFile(name, files.digest(content), _numbered(_workbook(path, content)))
    if content[:4] == b"PK\x03\x04":
        name, content = _only_member(path, content)
    return RawFile(name, files.digest(content), _numbered(_csv(path, content)))


def check_archive(archive: zipfile.ZipFile, where: str, largest: int = LARGEST) -> None:
    """Refuse an archive with paths outside its folder, or that unpacks to more than ``largest`` bytes."""
    for member in archive.infolist():
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in member.filename:
            raise ProvriskError(f"{where} holds the path {member.filename!r}, outside its folder: do not trust it.")
    if sum(member.file_size for member in archive.infolist()) > largest:
        raise ProvriskError(f"{where} unpacks to more than {largest >> 20:,} MB, which no event file does.")


def _only_member(path: Path, content: bytes) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_archive(archive, str(path))
            tables = [one for one in archive.namelist() if one.lower().endswith(".csv") and "__MACOSX" not in one]
            if len(tables) != 1:
                raise ProvriskError(f"{path} holds {len(tables)} CSV files, not one: unpack it and name the file.")
            with archive.open(tables[0]) as member:
                # A header may lie about the size, so the reading itself is bounded.
                data = member.read(LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ProvriskError(f"{path} is a damaged archive ({error}): download it again.") from None
    if len(data) > LARGEST:
        raise ProvriskError(f"{path} unpacks to more than {LARGEST >> 20:,} MB, which no event file does.")
    return PurePosixPath(tables[0]).name, data


def _csv(path: Path, content: bytes) -> pd.DataFrame:
    try:
        head = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig", nrows=0)
        # No column is called by a number: such a "header" is the first row of a file without one.
        header = None if str(head.columns[0]).isdigit() else "infer"
        return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig", header=header)
    except (ValueError, UnicodeError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is not a CSV table in UTF-8 ({reason}): download it again.") from None


def _workbook(path: Path, content: bytes) -> pd.DataFrame:
    try:
        return pd.read_excel(io.BytesIO(content), dtype=str, keep_default_na=False, engine="openpyxl")
    except (ValueError, KeyError, zipfile.BadZipFile, OSError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is not a workbook ({reason}): download it again.") from None


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    # HDX editions carry a row of HXL tags, which is no data; workbooks may carry numbers as headings.
    table.columns = table.columns.astype("str")
    if len(table) and (table.iloc[0].str.startswith("#") | (table.iloc[0] == "")).all():
        table = table.iloc[1:]
    return table.set_axis(range(1, len(table) + 1))
