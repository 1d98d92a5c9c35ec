"""The project's own MLflow store, a SQLite file: made whole, and looked through when it fails."""

import contextlib
import sqlite3
from pathlib import Path

import filelock
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from provrisk import files
from provrisk.errors import ProvriskError

WAIT = 120
"""Seconds that a process waits for another that is making the store."""


def prepare(path: Path, artifacts: Path) -> None:
    """Make the store at ``path`` unless it is there; raises ``ProvriskError`` if what is there cannot be opened.

    MLflow makes its tables one by one, and waits for two minutes on a file that is none of its own: a process that was
    killed meanwhile would leave what no later one can use.
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_suffix(".lock"), timeout=WAIT):
            if not path.is_file():
                _make(path, artifacts)
    try:
        with contextlib.closing(sqlite3.connect(path)) as store:
            store.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from None


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with the file, in a few words; None if it is whole."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as store:
            said = str(store.execute("pragma integrity_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        said = str(error)
    return None if said == "ok" else " ".join(said.split())


def damaged(path: Path, what: str) -> ProvriskError:
    """The sentence for a store that is not whole."""
    return ProvriskError(
        f"The MLflow store {path} is damaged ({what}): restore it from a copy, or move it away and begin a new one; "
        f"the champions in {path.parent / 'champions'} still serve with --champion."
    )


def _make(path: Path, artifacts: Path) -> None:
    part = path.with_name(f".{path.name}{files.PART}")
    for old in path.parent.glob(f"{part.name}*"):  # its journal too
        old.unlink()
    try:
        SqlAlchemyStore(f"sqlite:///{part}", artifacts.as_uri()).engine.dispose()
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # the disk may be full
        raise
