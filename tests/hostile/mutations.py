"""Valid files, broken in one to three ways that Hypothesis draws: by accident, or by somebody wicked."""

import copy
import csv
import datetime
import gzip
import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

TEXTS = (
    "", " ", "NaN", "nan", "inf", "-inf", "-1", "-0", "0.5", "1e400", "1e308", "1e17", "9" * 400, "1_000",
    "0x10", "None", "NA", "true",
    "0001-01-01", "9999-12-31", "10000-01-01", "2014-02-30", "2014-13-01", "0000-00-00", "1500-01-01",
    "2014-06", "0001-01", "9999-12", "2014-00",
    "2014-06-10T00:00:00+03:00", "10/06/2014", "٣", "１２", "²", "\u202eevil", "a\u200bb", "\ufeff", "\x00",
    "a\x00b", "\x1b[31mred\x1b[0m",
    "\x9b31m", "\x07", "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "<script>alert(1)</script>", "]]>",
    "[red]x[/red]", "[/nope]", "{{ 7*7 }}", "%s%n", "../../etc/passwd",
    "/dev/stdin", "~", "a\nb", "a\rb", '"', "'", "a,b", "a;b", "|", "a|b", "x" * 5000, "e\u0301" * 50, "İ",
    "ß", "\ud7ff", "😀", "\U000e0001", "ﷺ", "C:\\x", "$HOME", "`id`",
)  # fmt: skip
"""Cells that break readers."""

DATES = (
    "0001-01-01", "9999-12-31", "10000-01-01", "1500-01-01", "1899-12-31", "2101-01-01", "2014-02-30", "2014-13-01",
    "0000-00-00", "2014-06", "0001-01", "9999-12", "2014-00", "1000-01", "20140610",
    "2014-06-10T00:00:00+03:00", "10/06/2014",
    "10/06/9999", "10/06/0001", "31 December 9999", "01 January 0001", "01-Jan-9999", "２０１４-06-10",
    "٢٠١٤-06-10", "2014-06-1०",
    "2014-06-10 25:00", "-2014-06-10", "2262-04-12", "1677-09-20", "NaT", "now", "today",
)  # fmt: skip
"""Days and months that are none, or that no event has."""

NUMBERS = (
    "NaN", "inf", "-inf", "-1", "-0", "0.5", "1e400", "1e308", "1e17", "9223372036854775808", "9" * 400,
    "1_000", "1,000", "0x10", "true",
    "0", "0000", "12345", "9999", "-9999", "1.0", "1e2", "99", "13", "32", "5000000000", "٣", "１２", "²", " 7 ", "+7",
)  # fmt: skip
"""Figures that are none, or absurd."""

VALUES = (
    *TEXTS, 0, 1, -1, 10**9, 10**30, -(10**30), 0.0, -0.5, 1.5, 1e308, math.nan, math.inf, True, False, [], {},
    [[]], [1, 2, 3], ["a"], ["a", "a"], {"a": 1}, [{"a": 1}],
)  # fmt: skip
"""Values that no one expects where they stand."""

texts = st.sampled_from(TEXTS) | st.text(max_size=12).filter(lambda text: _encodes(text))
values = st.sampled_from(VALUES) | st.integers() | st.floats() | texts


def _encodes(text: str) -> bool:
    return text.encode(errors="replace").decode() == text


def csv_bytes(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
    return buffer.getvalue().encode(errors="replace")


@st.composite
def tables(draw: Draw, good: Sequence[dict[str, str]], bytes_too: bool = True) -> bytes:
    """A CSV file of the ``good`` rows, broken in one to three ways."""
    header = list(good[0])
    rows = [[row[name] for name in header] for row in good]
    ways = [_cell, _cell, _cell, _cell, _row, _rows, _column]
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(ways))(draw, header, rows)
    content = csv_bytes(header, rows)
    return draw(broken(content)) if bytes_too and draw(st.integers(0, 3)) == 0 else content


def _cell(draw: Draw, header: list[str], rows: list[list[str]]) -> None:
    if rows and header:
        row = rows[draw(st.integers(0, len(rows) - 1))]
        if row:
            column = draw(st.integers(0, len(row) - 1))
            row[column] = draw(like(row[column]))


def like(text: str) -> st.SearchStrategy[str]:
    """Broken dates in place of a date, absurd figures in place of a figure, as often as anything else."""
    if re.fullmatch(r"\d+[-/ ]\S+([-/ ]\d+)?", text):
        return st.sampled_from(DATES) | texts
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return st.sampled_from(NUMBERS) | texts
    return texts | st.sampled_from(("\u200b", "\u202e", " ", "\x00", "'")).map(lambda mark: mark + text)


def _row(draw: Draw, header: list[str], rows: list[list[str]]) -> None:
    if not rows:
        return
    at = draw(st.integers(0, len(rows) - 1))
    way = draw(st.sampled_from(["drop", "twice", "blank", "ragged", "short", "tags", "header"]))
    match way:
        case "drop":
            del rows[at]
        case "twice":
            rows.insert(at, list(rows[at]))
        case "blank":
            rows.insert(at, [])
        case "ragged":
            rows[at] = [*rows[at], draw(texts), "more"]
        case "short":
            rows[at] = rows[at][: draw(st.integers(0, max(len(rows[at]) - 1, 0)))]
        case "tags":
            rows.insert(0, ["#tag"] * len(header))
        case "header":
            rows.insert(at, list(header))


def _rows(draw: Draw, header: list[str], rows: list[list[str]]) -> None:
    match draw(st.sampled_from(["none", "backwards", "many"])):
        case "none":
            rows.clear()
        case "backwards":
            rows.reverse()
        case "many":
            rows.extend([list(row) for row in rows] * 20)


def _column(draw: Draw, header: list[str], rows: list[list[str]]) -> None:
    if not header:
        return
    at = draw(st.integers(0, len(header) - 1))
    match draw(st.sampled_from(["drop", "twice", "rename", "wide", "same", "new"])):
        case "drop":
            del header[at]
            for row in rows:
                del row[at : at + 1]
        case "twice":
            header.insert(at, header[at])
            for row in rows:
                row.insert(at, row[at] if at < len(row) else "")
        case "rename":
            header[at] = draw(texts)
        case "wide":
            header.extend(f"c{i}" for i in range(2000))
            for row in rows:
                row.extend([""] * 2000)
        case "same":
            value = draw(like(rows[0][at] if rows and at < len(rows[0]) else ""))
            for row in rows:
                if at < len(row):
                    row[at] = value
        case "new":
            header.append(draw(texts))
            for row in rows:
                row.append("1")


@st.composite
def broken(draw: Draw, content: bytes) -> bytes:
    """Any file, broken as bytes."""
    at = draw(st.integers(0, 999_999)) * len(content) // 1_000_000  # a share, since lengths may differ by the clock
    junk = draw(st.binary(min_size=1, max_size=6))
    text = content.decode(errors="replace")
    match draw(st.sampled_from(sorted(_BYTES))):
        case "cut":
            return content[:at]
        case "hole":
            return content[:at] + content[at + len(junk) :]
        case "flip":
            return content[:at] + junk + content[at + len(junk) :]
        case "insert":
            return content[:at] + junk + content[at:]
        case "quote":
            return content[:at] + b'"' + content[at:]
        case "nul":
            return content[:at] + b"\x00" * 4 + content[at:]
        case "headless":
            return content.partition(b"\n")[2]
        case "twice":
            return content + content
        case other:
            return _BYTES[other](text)


_BYTES: dict[str, Callable[[str], bytes]] = {
    **dict.fromkeys(("cut", "hole", "flip", "insert", "quote", "nul", "headless", "twice"), str.encode),
    "latin": lambda text: text.encode("latin-1", errors="replace"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-32": lambda text: text.encode("utf-32"),
    "mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "two marks": lambda text: b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode(),
    "windows": lambda text: text.replace("\n", "\r\n").encode(),
    "mac": lambda text: text.replace("\n", "\r").encode(),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "empty": lambda _: b"",
    "blank": lambda _: b" \n\n \n",
    "only mark": lambda _: b"\xef\xbb\xbf",
    "html": lambda _: b"<!doctype html><html><body><h1>Sign in, please</h1>, 404</body></html>\n",
    "error": lambda _: b'{"error": "token required", "status": 401}',
    "deep": lambda _: b"[" * 100_000,
    "deep json": lambda _: b'{"a":' * 100_000,
    "deep toml": lambda _: b"a = " + b"[" * 100_000,
    "long number": lambda _: b"a = " + b"9" * 5000,
    "pickle": lambda _: b"cos\nsystem\n(S'echo'\ntR.",
    "gzip": lambda text: gzip.compress(text.encode(), mtime=0),
    "zip": lambda text: zipped({"a.csv": text.encode()}),
    "zip in zip": lambda text: zipped({"a.csv": zipped({"b.csv": text.encode()})}),
    "zip of nothing": lambda _: zipped({}),
    "zip of folders": lambda _: zipped({"a.csv/": b""}),
}


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip of ``members`` by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)  # of 1980: the same bytes whenever it is made
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return buffer.getvalue()


@st.composite
def trees(draw: Draw, good: Any) -> Any:
    """``good`` (dictionaries and lists), broken in one to three places."""
    tree = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        holder, name = draw(st.sampled_from(_places(tree) or [([None], 0)]))
        match draw(st.sampled_from(["value", "value", "value", "drop", "new", "rename", "swap"])):
            case "value":
                holder[name] = draw(values)
            case "drop":
                del holder[name]
            case "new":
                _put(holder, draw(texts), draw(values))
            case "rename":
                _put(holder, draw(texts), holder.pop(name))
            case "swap":
                other, theirs = draw(st.sampled_from(_places(tree)))
                value = copy.deepcopy(other[theirs])
                holder[name] = value
    return tree


def _put(holder: Any, name: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[name] = value
    else:
        holder.append(value)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Where a value stands in ``tree``: its holder and its name or position there."""
    names = range(len(tree)) if isinstance(tree, list) else list(tree)
    found = [(tree, name) for name in names]
    return found + [one for name in names if isinstance(tree[name], dict | list) for one in _places(tree[name])]


@st.composite
def json_files(draw: Draw, good: Any) -> bytes:
    """A JSON file of ``good``, broken."""
    content = json.dumps(draw(trees(good)), ensure_ascii=False).encode(errors="replace")
    return draw(broken(content)) if draw(st.integers(0, 4)) == 0 else content


@st.composite
def toml_files(draw: Draw, good: dict[str, Any]) -> bytes:
    """A TOML file of ``good``, broken."""
    tree = draw(trees(good))
    content = "".join(f"{_toml(str(name))} = {_toml(value)}\n" for name, value in tree.items()).encode(errors="replace")
    return draw(broken(content)) if draw(st.integers(0, 4)) == 0 else content


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(name))} = {_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan" if math.isnan(value) else repr(value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    # The escapes of JSON are those of TOML, save that it has DEL in the raw.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
