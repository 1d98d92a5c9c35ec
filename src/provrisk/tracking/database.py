"""The project's own MLflow store, a SQLite file: created whole, and checked when it fails."""

import contextlib
import re
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import filelock
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import make_url

from provrisk import files
from provrisk.errors import ProvriskError

WAIT = 120
"""Seconds that a process waits for another that creates the store."""


def address(path: Path) -> str:
    """The address of the SQLite file at ``path`` for SQLAlchemy, where ``%`` and ``?`` are special.

    Raises ``ProvriskError`` if it cannot have an address.
    """
    for text in (str(path), quote(str(path))):
        if make_url(f"sqlite:///{text}").database == str(path):
            return f"sqlite:///{text}"
    raise ProvriskError(
        f"{path} cannot be an MLflow store, because of a special character in its path: move the project."
    )


def driven(uri: str) -> str:
    """The address of a PostgreSQL database with the driver that is installed; any other ``uri`` as it is.

    Raises ``ProvriskError`` if none is.
    """
    dialect, _, rest = uri.partition("://")
    if not dialect.startswith("postgres"):
        return uri
    driver = dialect.partition("+")[2] or ("psycopg2" if find_spec("psycopg2") else "psycopg")
    if find_spec(driver) is None:
        raise ProvriskError(
            "The MLflow store is a PostgreSQL database, and its driver is not installed: install provrisk with the "
            "extra [postgres], or point MLFLOW_TRACKING_URI at an MLflow server before it."
        )
    return f"postgresql+{driver}://{rest}"


def tidy(path: Path) -> None:
    """Remove the empty folder that MLflow makes beside one whose name had to be quoted in its ``address``."""
    stray = Path(address(path).removeprefix("sqlite:///")).parent
    while stray != path.parent and not path.is_relative_to(stray):
        try:
            stray.rmdir()
        except OSError:  # it is missing, or not empty
            break
        stray = stray.parent


def prepare(path: Path, artifacts: Path) -> None:
    """Create the store at ``path`` unless it exists; raises ``ProvriskError`` if it cannot be opened.

    MLflow creates its tables one by one, and waits for two minutes on another kind of file: a process that was
    killed meanwhile would leave a store that cannot be used.
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_suffix(".lock"), timeout=WAIT):
            if not path.is_file():
                _make(path, artifacts)
    try:
        with contextlib.closing(sqlite3.connect(path)) as store:
            store.execute("select count(*) from sqlite_master").fetchone()
            _follow(store, artifacts.as_uri())
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from None


def damage(path: Path) -> str | None:
    """The fault of the file by SQLite, in a few words; None if it is whole."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as store:
            said = str(store.execute("pragma integrity_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        said = str(error)
    return None if said == "ok" else " ".join(said.split())


def damaged(path: Path, what: str) -> ProvriskError:
    """The error for a damaged store."""
    return ProvriskError(
        f"The MLflow store {path} is damaged ({what}): restore it from a copy, or move it away and start a new one; "
        f"the champions in {path.parent / 'champions'} can still be used with --champion."
    )


def _follow(store: sqlite3.Connection, artifacts: str) -> None:
    """Update the artifact paths of a store that was moved with its project; they are absolute."""
    where = {
        "experiments": "artifact_location", "runs": "artifact_uri", "logged_models": "artifact_location",
        "model_versions": "storage_location",
    }  # fmt: skip
    found = store.execute("select artifact_location from experiments").fetchall()
    told = (re.fullmatch(r"(file:.*/mlruns/artifacts)(?:/0)?", str(one)) for (one,) in found)
    for old in {one[1] for one in told if one} - {artifacts}:
        for table, column in where.items():
            change = f"update {table} set {column} = ? || substr({column}, ?) where substr({column}, 1, ?) = ?"  # noqa: S608 - names of ours
            store.execute(change, (artifacts, len(old) + 1, len(old), old))
    store.commit()


def _make(path: Path, artifacts: Path) -> None:
    part = path.with_name(f".{path.name}{files.PART}")
    for old in path.parent.glob(f"{part.name}*"):  # its journal too
        old.unlink()
    try:
        SqlAlchemyStore(address(part), artifacts.as_uri()).engine.dispose()
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # the disk may be full
        raise
