"""Raw files: bytes of any kind to a table of text, before its source is identified."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.events.formats import archives, delimited, file_type, json_pages, parquet, workbooks
from provrisk.text import plain


@dataclass(frozen=True)
class RawFile:
    """A file's rows, every cell text, numbered by their line as in an editor or a spreadsheet.

    ``name`` is that of the table itself (inside an archive), ``digest`` that of its bytes and of the user's statements
    on them. ``sheets`` are the tables of a workbook that has several, by name, of which ``table`` is the first.
    ``date_format`` is the user's format of its dates.
    """

    name: str
    digest: str
    table: pd.DataFrame
    sheets: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    date_format: str | None = None


def open_file(path: Path, sheet: str | None = None, date_format: str | None = None) -> RawFile:
    """Read a table: CSV of any usual encoding and separator, workbook, Parquet, JSON, alone or in gz or zip.

    ``sheet`` names one of a workbook. Raises ``ProvriskError`` with the kind of the file, if it is none of them, or an
    unsafe archive.
    """
    content = _content(path)
    name, content = archives.unpacked(path, content)
    tables = {title: _numbered(table) for title, table in _tables(path, content).items()}
    if sheet is not None:
        found = [title for title in tables if title.strip().casefold() == sheet.strip().casefold()]
        if not found or "" in tables:
            has = f"it has {', '.join(tables)}" if "" not in tables else "it is not a workbook"
            raise ProvriskError(f"{path} has no sheet {sheet!r}: {has}.")
        tables = {found[0]: tables[found[0]]}
    said = "".join(f"\n{one}" for one in (sheet, date_format) if one)
    digest = files.digest(content + said.encode())
    first = next(iter(tables.values()))
    return RawFile(plain(name), digest, first, tables if len(tables) > 1 else {}, date_format)


def open_pages(paths: Sequence[Path], date_format: str | None = None) -> RawFile:
    """Read JSON files that are the pages of one API answer as one table."""
    content = b"\n".join(_content(path) for path in paths)
    table = _numbered(json_pages.read_json(paths[0], content))
    return RawFile(plain(paths[0].name), files.digest(content + (date_format or "").encode()), table, {}, date_format)


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a device or a pipe might never end
            raise ProvriskError(f"{path} cannot be read (it is not a file): name a file.")
        if status.st_size > archives.LARGEST:
            raise ProvriskError(f"{path} has more than {archives.LARGEST >> 20:,} MB, more than any event file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise ProvriskError(f"There is no file {path}: check the path.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ProvriskError(f"{path} cannot be read ({reason}): name a file.") from None


def _tables(path: Path, content: bytes) -> Mapping[str, pd.DataFrame]:
    """The tables in a file, by the name of their sheet, "" without sheets."""
    match file_type.of(content):
        case file_type.WORKBOOK:
            return workbooks.sheets(path, content)
        case file_type.PARQUET:
            return {"": parquet.read_parquet(path, content)}
        case file_type.JSON:
            return {"": json_pages.read_json(path, content)}
        case file_type.TEXT:
            return {"": delimited.read_text(path, content)}
        case file_type.ZIP | file_type.GZIP:
            raise ProvriskError(f"{path} is not a CSV table, but an archive within one: unpack it and name the file.")
        case kind:
            raise ProvriskError(f"{path} is {kind.what}: {kind.step}.")


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    # HDX editions have a row of HXL tags, which is not data; workbooks may have numbers as headings.
    table.columns = table.columns.astype("str").str.strip()
    if table.index[:1].tolist() == [0]:  # without lines, rows are numbered as below a header
        table = table.set_axis(range(2, len(table) + 2))
    if len(table) and (table.iloc[0].str.startswith("#") | (table.iloc[0] == "")).all():
        table = table.iloc[1:]
    return table
