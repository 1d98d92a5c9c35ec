"""Workbooks (xlsx, xls, xlsb, ods) as tables of text, one table for each sheet."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.formats import archives
from provrisk.events.formats.cell_text import as_text
from provrisk.events.formats.headers import header_row, unique

MOST_CELLS = 100_000_000
"""Largest number of cells of a sheet, empty ones included: the GTD has a third of it."""
CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def sheets(path: Path, content: bytes) -> dict[str, pd.DataFrame]:
    """The tables of a workbook by sheet, without empty rows and lines above the header.

    Cells with days and times are text in ISO form. Raises ``ProvriskError`` if the file is not a workbook, has
    no content, or is far too large.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archives.check(archive, path, len(content))
                _check_span(archive, path)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = {name: _table(_rows(book, name, path)) for name in book.sheet_names}
    except (*archives.DAMAGE, CalamineError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is a damaged workbook ({reason}): download it again, or save it as CSV.") from None
    held = {name: table for name, table in found.items() if table is not None}
    if not held:
        raise ProvriskError(f"{path} is an empty workbook: download it again.")
    return held


def _check_span(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse a sheet whose last cell is too far out: all cells before it would need memory."""
    for member in archive.infolist():
        if not (member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")):
            continue
        rows, columns = 0, 0
        with archive.open(member) as sheet:
            rest = b""
            while part := sheet.read(1 << 22):
                for column, row in set(CELL.findall(rest + part)):
                    rows, columns = max(rows, int(row)), max(columns, _number(column))
                rest = part[-20:]
        if rows * columns > MOST_CELLS:
            raise ProvriskError(f"{path} spans more than {MOST_CELLS:,} cells, more than any event file.")


def _number(letters: bytes) -> int:
    out = 0
    for letter in letters:
        out = 26 * out + letter - 64
    return out


def _rows(book: object, name: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet that are not empty, each with its number and up to its last cell that is not."""
    sheet = book.get_sheet_by_name(name)  # type: ignore[attr-defined]
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise ProvriskError(f"{path} spans more than {MOST_CELLS:,} cells, more than any event file.")
    for number, values in enumerate(sheet.iter_rows(), start=1):
        row = [as_text(value) for value in values]
        while row and not row[-1].strip():
            row.pop()
        if row:
            yield number, row


def _table(found: Iterator[tuple[int, list[str]]]) -> pd.DataFrame | None:
    numbered = dict(found)
    if not numbered:
        return None
    rows = list(numbered.values())
    top = header_row(rows)
    body = rows[top + 1 :]
    width = max(map(len, rows[top:]))
    names = unique(rows[top] + [""] * (width - len(rows[top])))
    lines = list(numbered)[top + 1 :]
    return pd.DataFrame([row + [""] * (width - len(row)) for row in body], index=lines, columns=names, dtype="str")
