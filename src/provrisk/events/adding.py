"""Files of the user's into the store."""

from pathlib import Path

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.given import Given
from provrisk.events.raw import open_file
from provrisk.events.releases import Release, Store

KINDS = (".csv", ".zip", ".xlsx")


def add_path(
    store: Store,
    path: Path,
    available: pd.Timestamp | None = None,
    covers: str | None = None,
    mapping: Path | None = None,
) -> list[tuple[Release, bool]]:
    """Keep the file ``path``, or every event file of that folder; returns each release, and whether it is new.

    A release counts from the day ``available`` that the user states, else from today: never from an
    earlier day that nobody vouches for. ``covers`` is ``YYYY-MM:YYYY-MM``.
    """
    files = _inside(path) if path.is_dir() else [path]
    if not files:
        raise ProvriskError(f"{path} holds no file that ends in {', '.join(KINDS)}.")
    today = pd.Timestamp.now().normalize()
    if available is not None and available > today:
        raise ProvriskError(f"A release cannot be available from {available:%Y-%m-%d}, which is yet to come.")
    basis = "the day it was added" if available is None else "stated by the user"
    given = Given(path, mapping, covers)
    told, covered = given.told(), given.covered()
    return [store.add(open_file(one), available or today, basis, told, covered) for one in files]


def _inside(folder: Path) -> list[Path]:
    """The event files in ``folder``, which somebody else may have packed: none may lead to files of the user's."""
    found = sorted(one for one in folder.iterdir() if one.suffix.lower() in KINDS)
    for one in found:
        if one.is_symlink() and not one.resolve().is_relative_to(folder.resolve()):
            raise ProvriskError(f"{one} is a link that leads out of its folder: add the file itself if you mean it.")
    return found
