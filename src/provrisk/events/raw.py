"""Files as they came: CSV, zip or workbook to a table of text, before anybody asks what it means."""

import io
import stat
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.events import archives, workbooks
from provrisk.text import plain


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
    content = _content(path)
    name = path.name  # as shown: the name of a file, or in an archive, is anybody's
    if path.suffix.lower() == ".xlsx":
        return RawFile(plain(name), files.digest(content), _numbered(workbooks.first_sheet(path, content)))
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        name, content = archives.only_table(path, content)
    return RawFile(plain(name), files.digest(content), _numbered(_csv(path, content)))


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a device or a pipe might never end
            raise ProvriskError(f"{path} cannot be read (it is no file): name a file.")
        if status.st_size > archives.LARGEST:
            raise ProvriskError(f"{path} has more than {archives.LARGEST >> 20:,} MB, which no event file has.")
        return path.read_bytes()
    except FileNotFoundError:
        raise ProvriskError(f"There is no file {path}: check the path.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ProvriskError(f"{path} cannot be read ({reason}): name a file.") from None


def _csv(path: Path, content: bytes) -> pd.DataFrame:
    if b"\x00" in content:  # pandas would drop the rest of such a cell without a word
        raise ProvriskError(f"{path} is not a CSV table in UTF-8 (it holds zero bytes): download it again.")
    how = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
    try:
        head = pd.read_csv(io.BytesIO(content), nrows=0, **how)
        # No column is called by a number: such a "header" is the first row of a file without one.
        header = None if str(head.columns[0]).isdigit() else "infer"
        table = pd.read_csv(io.BytesIO(content), header=header, **how)
    except ValueError as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is not a CSV table in UTF-8 ({reason}): download it again.") from None
    if not isinstance(table.index, pd.RangeIndex):  # pandas takes cells beyond the header for row labels
        raise ProvriskError(f"{path} has rows with more cells than its header: download it again.")
    return table.fillna("")  # a row that ends early lacks its last cells


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    # HDX editions carry a row of HXL tags, which is no data; workbooks may carry numbers as headings.
    table.columns = table.columns.astype("str")
    if len(table) and (table.iloc[0].str.startswith("#") | (table.iloc[0] == "")).all():
        table = table.iloc[1:]
    return table.set_axis(range(1, len(table) + 1))
