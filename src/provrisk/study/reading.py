"""Reading the files of a project: a table or a TOML file, or one sentence on what is wrong with it."""

import tomllib
from pathlib import Path
from typing import TypeVar

import pandas as pd
from pydantic import BaseModel, ValidationError

from provrisk.errors import ProvriskError

FileT = TypeVar("FileT", bound=BaseModel)


def read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    """A CSV file of the project as text ("NA" is a name, not a missing value).

    Raises ``ProvriskError`` if the file is absent, is no CSV or lacks one of ``columns``.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProvriskError(f"{path} is missing: restore it, or make a project with 'provrisk init DIR'.") from None
    except (ValueError, UnicodeError) as error:
        raise ProvriskError(f"{path} is not a CSV table in UTF-8 ({_first_line(error)}): save it as one.") from None
    missing = [column for column in columns if column not in table]
    if missing:
        raise ProvriskError(f"{path} lacks the column {missing[0]!r}: its header is {', '.join(table.columns)}.")
    return table


def read_toml(path: Path, kind: type[FileT]) -> FileT:
    """The TOML file at ``path``, checked against ``kind``; raises ``ProvriskError`` with what is wrong first."""
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        # A misspelt key is also a missing one: name what stands there.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        where = ".".join(map(str, first["loc"])) or "the file"
        if first["type"] == "extra_forbidden":
            raise ProvriskError(f"{path}: unknown key {where!r}; remove it or correct its spelling.") from None
        raise ProvriskError(f"{path}: {where}: {first['msg']}.") from None
    except (tomllib.TOMLDecodeError, UnicodeError, OSError) as error:
        raise ProvriskError(f"{path} is not readable TOML: {_first_line(error)}.") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
