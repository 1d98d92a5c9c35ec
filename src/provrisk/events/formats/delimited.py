"""Text files as tables: encoding, separator, title lines and decimal sign are detected."""

import codecs
import csv
import io
import math
import re
from collections import Counter
from pathlib import Path

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.formats.headers import LOOKED_AT, header_row

NO_TABLE = "is not a CSV table in UTF-8 or another usual encoding"
SEPARATORS = ",;\t|"
SPOILT = 0.05
"""Up to this share of non-ASCII letters that are not UTF-8, a file is UTF-8 with errors."""
OTHER_LETTERS = ("cp1251", "cp1256", "cp1253", "cp1255", "koi8_r", "gb18030", "big5", "shift_jis", "cp949")
"""Encodings without a mark in which whole words have non-Latin letters."""
HEAD = 1 << 18
"""Characters at the top of a file used for detection."""
BLOCK = 1 << 24
"""Bytes that are decoded and divided into rows at a time."""
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
WHOLE = re.compile(r"[+-]?\d+")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def read_text(path: Path, content: bytes) -> pd.DataFrame:
    """The table in a text file, every cell text; short rows have missing last cells.

    Raises ``ProvriskError`` if there is none.
    """
    content = _as_utf8(path, content)
    head = content[:HEAD].decode("utf-8", errors="ignore")
    if len(content) > HEAD:
        head = head[: head.rfind("\n") + 1] or head
    start, separator = 0, ""
    if found := re.match(r"\s*\"?sep=(.)\"?[^\S\n]*\r?\n", head, flags=re.IGNORECASE):  # Excel's own first line
        start, separator = found.end(), found[1]
    separator = separator or _separator(head[start:])
    start += _titles(head[start:], separator)
    body = content[len(head[:start].encode()) :]
    table = _parse(path, body, separator)
    return _decimal_points(table.set_axis(_lines(body, table, 1 + head[:start].count("\n"))))


def _as_utf8(path: Path, content: bytes) -> bytes:
    """``content`` in UTF-8 without a mark."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding).encode()
            except UnicodeError as error:
                raise ProvriskError(f"{path} {NO_TABLE} ({error}): download it again.") from None
    if b"\x00" in content[: 1 << 16] and (unmarked := _wide(content)):
        content = content.decode(unmarked, errors="replace").encode()
    if b"\x00" in content:  # pandas would silently drop the rest of such a cell
        raise ProvriskError(f"{path} {NO_TABLE} (it has zero bytes): download it again.")
    if content.isascii() or _is_utf8(content):
        return content
    mended = content.decode(errors="replace")
    lost, foreign = mended.count("\ufffd"), len(mended) - sum(map(len, re.findall(r"[\x00-\x7f]+", mended)))
    if lost <= SPOILT * foreign:  # a few damaged bytes, such as a cell cut inside a letter
        return mended.encode()
    return content.decode(_legacy(content)).encode()


def _is_utf8(content: bytes) -> bool:
    """Whether ``content`` is UTF-8; decoded in blocks, since text takes up to four times the memory of bytes."""
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(content)
    try:
        for start in range(0, len(content), BLOCK):
            decoder.decode(view[start : start + BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its separators is zero."""
    sample = content[: 1 << 12]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _legacy(content: bytes) -> str:
    """The one-byte encoding of a file that is not UTF-8: Western, unless whole words have other letters."""
    lines = [line for line in content.splitlines() if not line.isascii()][:2000]
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", b"\n".join(lines))]
    if sum(runs) / len(runs) >= 3:
        from charset_normalizer import from_bytes

        best = from_bytes(b"\n".join(lines), cp_isolation=[*OTHER_LETTERS], threshold=0.5).best()
        if best is not None:
            try:
                content.decode(best.encoding)
                return str(best.encoding)
            except UnicodeError:
                pass
    try:
        content.decode("cp1252")
        return "cp1252"
    except UnicodeDecodeError:
        return "latin-1"


def _separator(head: str) -> str:
    """The separator that gives most lines the same, large number of cells."""

    def fit(sign: str) -> float:
        widths = Counter(len(row) for row in _rows(head, sign) if any(row))
        if not widths:
            return 0.0
        width, number = max(widths.items(), key=lambda one: (one[1] * math.log(one[0]), one[0]))
        return number / widths.total() * math.log(width)

    return max(SEPARATORS, key=fit)


def _rows(head: str, separator: str) -> list[list[str]]:
    return [row for row, _ in _rows_and_ends(head, separator)]


def _rows_and_ends(head: str, separator: str) -> list[tuple[list[str], int]]:
    """The first rows of a text, each with the number of lines up to its end."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    out: list[tuple[list[str], int]] = []
    try:
        for row in reader:
            out.append((row, reader.line_num))
            if len(out) == LOOKED_AT:
                break
    except csv.Error:  # a cell that is too large: use the rows read so far
        pass
    return out


def _titles(head: str, separator: str) -> int:
    """The number of characters in lines above the header."""
    found = _rows_and_ends(head, separator)
    filled = [number for number, (row, _) in enumerate(found) if any(cell.strip() for cell in row)]
    top = header_row([found[number][0] for number in filled])
    if top == 0 and filled[:1] in ([], [0]):
        return 0
    lines = found[filled[top] - 1][1]
    return sum(len(line) for line in io.StringIO(head, newline="").readlines()[:lines])


def _parse(path: Path, content: bytes, separator: str) -> pd.DataFrame:
    how = {"dtype": str, "keep_default_na": False, "sep": separator}
    try:
        head = pd.read_csv(io.BytesIO(content), nrows=0, **how).columns
        # Column names are not numbers: such a "header" is the first row of a file without one.
        headless = str(head[0]).isdigit()
        table = _even(content, separator, len(head))
        if table is not None:
            return table.set_axis(range(len(head)), axis=1) if headless else table[1:].set_axis(head, axis=1)
        table = pd.read_csv(io.BytesIO(content), header=None if headless else "infer", **how)
    except ValueError as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} {NO_TABLE} ({reason}): download it again, or save it as one.") from None
    if not isinstance(table.index, pd.RangeIndex):  # pandas reads cells beyond the header as row labels
        raise ProvriskError(f"{path} has rows with more cells than its header: download it again.")
    table = table.fillna("")  # a short row has missing last cells
    return table if headless else table.set_axis(table.index + 1)


def _lines(body: bytes, table: pd.DataFrame, first: int) -> pd.Index:
    """The line of each row of ``table``; ``body`` begins on the line ``first``."""
    if b"\n\n" in body or b"\n\r\n" in body:  # empty lines are no rows
        filled = [number for number, line in enumerate(body.split(b"\n"), start=first) if line.strip()]
        if len(filled) in (len(table), len(table) + 1):  # otherwise a cell has several lines
            return pd.Index(filled[len(filled) - len(table) :])
    return table.index + first


def _even(content: bytes, separator: str, width: int) -> pd.DataFrame | None:
    """The rows, including the header, of a text in which every row has ``width`` cells; None for any other text.

    Arrow is several times faster than pandas and needs a fraction of its memory, but refuses uneven rows. It would read
    everything after an unclosed quotation mark as one cell, so that such a file is left to pandas, too.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow

    if width == 1 or content.count(b'"') % 2:
        return None
    names = [str(number) for number in range(width)]
    try:
        table = arrow.read_csv(
            pa.BufferReader(content),
            arrow.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
            arrow.ParseOptions(delimiter=separator, newlines_in_values=True),
            arrow.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string())),
        )
    except pa.ArrowInvalid:
        return None
    text = pd.StringDtype("pyarrow", na_value=math.nan)
    out = table.to_pandas(types_mapper={pa.large_string(): text}.get)
    return None if re.search(r"[\r\n]", out.iloc[-1, -1]) else out


def _decimal_points(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with decimal points instead of commas, if the top of some column is unambiguous."""
    top = table.head(2000)
    numeric = [name for name in top if _all_match(top[name], DECIMAL_COMMA, WHOLE)]
    if not any(not _all_match(top[name], THOUSANDS, WHOLE) for name in numeric):
        return table
    for name in numeric:
        cells = table[name]
        commas = cells.str.fullmatch(DECIMAL_COMMA)
        table[name] = cells.mask(commas, cells.str.replace(",", ".", regex=False))
    return table


def _all_match(cells: pd.Series, main: re.Pattern[str], other: re.Pattern[str]) -> bool:
    """Whether every cell that is not empty matches ``main`` or ``other``, and one at least ``main``."""
    texts = [text.strip() for text in cells.unique() if text.strip()]
    hits = [bool(main.fullmatch(text)) for text in texts]
    return any(hits) and all(hit or other.fullmatch(text) for hit, text in zip(hits, texts, strict=True))
