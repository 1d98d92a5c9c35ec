"""Workbooks as tables of text."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError  # the exception alone; expat itself refuses entities that explode

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events import archives

MOST_CELLS = 100_000_000
"""Cells, empty ones included, that a sheet may span: the GTD spans a third of it."""


def first_sheet(path: Path, content: bytes) -> pd.DataFrame:
    """The first sheet of a workbook, every cell text; rows that are empty throughout are no rows.

    Raises ``ProvriskError`` if the file is no workbook, or one that unpacks to absurdly much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archives.check(archive, path, len(content))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that tell us nothing
            rows = list(_rows(path, content))
    except (*archives.DAMAGE, ParseError, KeyError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is not a workbook ({reason}): download it again.") from None
    if not rows:
        raise ProvriskError(f"{path} is an empty workbook: download it again.")
    width = len(rows[0])
    if any(len(row) > width for row in rows):
        raise ProvriskError(f"{path} has rows with more cells than its header: download it again.")
    table = pd.DataFrame([row + [""] * (width - len(row)) for row in rows[1:]], columns=_names(rows[0]), dtype="str")
    return table


def _rows(path: Path, content: bytes) -> Iterator[list[str]]:
    """The rows that are not empty, each up to its last cell that is not."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    if not book.worksheets:
        return
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what a sheet says of its own size may be wrong
    spanned = 0
    for values in sheet.iter_rows(values_only=True):
        spanned += len(values) + 1
        if spanned > MOST_CELLS:
            raise ProvriskError(f"{path} spans more than {MOST_CELLS:,} cells, which no event file does.")
        row = [_text(value) for value in values]
        while row and not row[-1]:
            row.pop()
        if row:
            yield row


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _names(header: list[str]) -> list[str]:
    """Headings, those that stand twice told apart as in a CSV file."""
    seen: dict[str, int] = {}
    out = []
    for name in header:
        seen[name] = seen.get(name, -1) + 1
        out.append(f"{name}.{seen[name]}" if seen[name] else name)
    return out
