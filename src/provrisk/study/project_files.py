"""Reading the files of a project: a table or a TOML file, or one sentence on what is wrong with it."""

import tomllib
from pathlib import Path
from typing import TypeVar

import pandas as pd
from pydantic import BaseModel, ValidationError

from provrisk.errors import ProvriskError
from provrisk.text import is_formula, unfit

LONGEST_NAME = 100

FileT = TypeVar("FileT", bound=BaseModel)


def read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    """A CSV file of the project as text ("NA" is a name, not a missing value).

    Raises ``ProvriskError`` if the file is absent, is no CSV or lacks one of ``columns``.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProvriskError(f"{path} is missing: restore it, or make a project with 'provrisk init DIR'.") from None
    except (ValueError, OSError) as error:
        raise ProvriskError(f"{path} is not a CSV table in UTF-8 ({_first_line(error)}): save it as one.") from None
    table = _text_only(table, path)
    missing = [column for column in columns if column not in table]
    if missing:
        raise ProvriskError(f"{path} lacks the column {missing[0]!r}: its header is {', '.join(table.columns)}.")
    return table


def check_name(name: str, where: str) -> None:
    """Refuse a province's ``name`` that lists, spreadsheets or terminals would take for something else."""
    if not name.strip() or len(name) > LONGEST_NAME or "|" in name or unfit(name) or is_formula(name):
        raise ProvriskError(
            f"{where}: {name!r} cannot name a province: use up to {LONGEST_NAME} characters, no | among them, and "
            "no control character or sign of a formula (= + - @) at the beginning."
        )


def _text_only(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """``table`` if each of its rows has a cell a column, none of which holds a character that only machines obey."""
    if not isinstance(table.index, pd.RangeIndex):  # pandas takes the cells beyond the header for row labels
        raise ProvriskError(f"{path} has rows with more cells than its header: quote the cells that hold a comma.")
    for name in table:
        short = table[name].isna()  # a cell is empty, never missing, unless the row ends before it
        if short.any():
            row = int(short.to_numpy().argmax()) + 2
            raise ProvriskError(f"{path}, row {row}: it ends before the column {name!r}: complete it.")
        for cell in (str(name), *table[name].unique()):
            if found := unfit(cell):
                raise ProvriskError(f"{path}, column {name!r}: a cell holds the control character {found}: remove it.")
    return table


def read_toml(path: Path, kind: type[FileT]) -> FileT:
    """The TOML file at ``path``, checked against ``kind``; raises ``ProvriskError`` with what is wrong first."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        if found := _unfit(said):
            raise ProvriskError(f"{path}: a text in it holds the control character {found}: remove it.")
        return kind.model_validate(said)
    except ValidationError as error:
        # A misspelt key is also a missing one: name what stands there.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        where = ".".join(map(str, first["loc"])) or "the file"
        if first["type"] == "extra_forbidden":
            raise ProvriskError(f"{path}: unknown key {where!r}; remove it or correct its spelling.") from None
        what = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise ProvriskError(f"{path}: {where}: {what}.") from None
    except (ValueError, OSError, RecursionError) as error:
        raise ProvriskError(f"{path} is not readable TOML: {_first_line(error)}.") from None


def _unfit(said: object) -> str | None:
    """The first character in the keys and texts of a TOML file that only machines obey."""
    parts: list[object] = []
    if isinstance(said, str):
        return unfit(said)
    if isinstance(said, dict):
        parts = [*said.keys(), *said.values()]
    elif isinstance(said, list):
        parts = said
    return next((found for found in map(_unfit, parts) if found), None)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
