"""Files of the user's into the store."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events import answers
from provrisk.events.given import Given
from provrisk.events.raw import RawFile, open_pages
from provrisk.events.releases import Release, Store

Added = list[tuple[Release, bool]]
"""Releases, and of each whether it is new."""


def add_path(store: Store, events: Given | Path, available: pd.Timestamp | None = None) -> Added:
    """Keep the file ``events``, or every event file of that folder; returns each release, and whether it is new.

    A release counts from the day ``available`` that the user states, else from today: never from an
    earlier day that nobody vouches for.
    """
    given = Given.of(events)
    if given.path.is_dir():
        return add_folder(store, given, available)[0]
    return _add(store, given, given.raw(), available)


def add_folder(store: Store, given: Given, available: pd.Timestamp | None = None) -> tuple[Added, dict[str, str]]:
    """Keep the event files in the folder of ``given``; returns them, and why each of the others was not read.

    Raises ``ProvriskError`` if a link leads out of the folder, or if not one of its files can be read.
    """
    added: Added = []
    refused: dict[str, str] = {}
    for paths in _inside(given.path):
        name = ", ".join(path.name for path in paths)
        try:
            added += _add(store, given, _opened(given, paths), available)
        except ProvriskError as error:
            refused[name] = str(error)
    if not added:
        first = next(iter(refused.values()), "it is empty")
        raise ProvriskError(f"{given.path} holds no file that can be read as events; of the first: {first}")
    return added, refused


def _add(store: Store, given: Given, raw: RawFile, available: pd.Timestamp | None) -> Added:
    today = pd.Timestamp.now().normalize()
    if available is not None and available > today:
        raise ProvriskError(f"A release cannot be available from {available:%Y-%m-%d}, which is yet to come.")
    basis = "the day it was added" if available is None else "stated by the user"
    return [store.add(raw, available or today, basis, given.told(), given.covered())]


def _opened(given: Given, paths: Sequence[Path]) -> RawFile:
    if len(paths) > 1:
        return open_pages(paths, given.date_format)
    if paths[0].is_dir():
        raise ProvriskError(f"{paths[0]} is a folder: add it by itself.")
    if paths[0].name.startswith("."):
        raise ProvriskError(f"{paths[0]} is hidden: add it by itself if you mean it.")
    return replace(given, path=paths[0]).raw()


def _stays(link: Path, folder: Path) -> bool:
    """Whether ``link`` leads to something in ``folder``; one that goes in a circle leads nowhere."""
    try:
        return link.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def _inside(folder: Path) -> list[list[Path]]:
    """What lies in ``folder``, the pages of one answer together; somebody else may have packed it.

    None may lead to files of the user's elsewhere.
    """
    found = sorted(folder.iterdir())
    for one in found:
        if one.is_symlink() and not _stays(one, folder):
            raise ProvriskError(f"{one} is a link that leads out of its folder: add the file itself if you mean it.")
    groups: dict[str, list[Path]] = {}
    for one in found:
        page = one.suffix.lower() == ".json" and one.is_file() and answers.is_page(one.read_bytes())
        groups.setdefault(re.sub(r"\d+", "#", one.stem) if page else one.name, []).append(one)
    return list(groups.values())
