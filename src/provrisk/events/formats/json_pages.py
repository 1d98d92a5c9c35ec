"""JSON answers of APIs: one page or several, each with the rows under some name, or only the rows."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.formats.cell_text import as_text

ROWS = ("result", "data", "results", "records", "rows", "items", "value", "events")
"""Names of the rows in APIs: UCDP has Result, ACLED and HDX HAPI have data."""


def read_json(path: Path, content: bytes) -> pd.DataFrame:
    """The rows of one answer, or of several one after the other, as a table of text.

    Raises ``ProvriskError`` if the file is not JSON, has no rows, or is one page of several.
    """
    pages = _documents(path, content)
    rows = [row for page in pages for row in _rows(path, page)]
    _check_whole(path, pages, len(rows))
    if not rows:
        raise ProvriskError(f"{path} is an answer without a row: request other months or another country.")
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    return pd.DataFrame([[as_text(row.get(name)) for name in names] for row in rows], columns=names, dtype="str")


def is_page(content: bytes) -> bool:
    """Whether a file may be one page of an answer: rows in an envelope that does not confirm that they are all."""
    try:
        page = json.loads(content)
    except (ValueError, RecursionError):
        return False
    named = {str(name).casefold(): value for name, value in page.items()} if isinstance(page, dict) else {}
    rows = next((named[name] for name in ROWS if isinstance(named.get(name), list)), None)
    return rows is not None and _total(named) != len(rows)


def _documents(path: Path, content: bytes) -> list[Any]:
    """The JSON values of a file: one, or several one after the other."""
    found, at, decoder = [], 0, json.JSONDecoder()
    try:
        text = content.decode("utf-8-sig").strip()
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            found.append(value)
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1
    except (ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is damaged JSON ({reason}): download it again.") from None
    return found if not all(_is_row(one) for one in found) or len(found) == 1 else [found]


def _is_row(value: Any) -> bool:
    """Whether ``value`` is a row: an object without an object or a list of them in it (as in JSON lines)."""
    return isinstance(value, dict) and not any(isinstance(one, dict | list) and one for one in value.values())


def _rows(path: Path, page: Any) -> list[dict[str, Any]]:
    if isinstance(page, dict):
        named = {str(name).casefold(): value for name, value in page.items()}
        if str(named.get("type")) == "FeatureCollection":
            return [_feature(one) for one in named.get("features", []) if isinstance(one, dict)]
        columns = [value for value in page.values() if isinstance(value, dict)]
        if columns and len(columns) == len(page):  # a table by column, as pandas writes it
            keys = list(columns[0])
            return [{name: column.get(one) for name, column in page.items()} for one in keys]
        page = next((named[name] for name in ROWS if isinstance(named.get(name), list)), None)
        if page is None:
            said = next((named[name] for name in ("message", "error", "detail", "errors") if named.get(name)), "")
            what = f", with the message {as_text(said)!r}" if said else ""
            raise ProvriskError(f"{path} is an answer without rows{what}: request it again.")
    if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
        raise ProvriskError(f"{path} is JSON, but not a list of rows: save the answer of the API, or a CSV.")
    return page


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    """The properties of a GeoJSON point, with its coordinates if they are not included."""
    said = dict(feature.get("properties") or {})
    geometry = feature.get("geometry") or {}
    if geometry.get("type") == "Point" and isinstance(geometry.get("coordinates"), list):
        said.setdefault("longitude", geometry["coordinates"][0])
        said.setdefault("latitude", geometry["coordinates"][1])
    return said


def _check_whole(path: Path, pages: list[Any], rows: int) -> None:
    """Refuse a part of an answer: events on the other pages would be read as zero."""
    for page in pages:
        named = {str(name).casefold(): value for name, value in page.items()} if isinstance(page, dict) else {}
        total = _total(named)
        if total is not None and total > rows:
            raise ProvriskError(
                f"{path} has {rows:,} of the {total:,} rows of its answer: save the other pages also, and put all of "
                "them one after the other into one file or one zip."
            )


def _total(named: dict[str, Any]) -> int | None:
    return next((named[name] for name in ("totalcount", "total_count") if isinstance(named.get(name), int)), None)
