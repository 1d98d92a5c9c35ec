"""Adds the user's files to the store."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.formats import json_pages
from provrisk.events.formats.raw_file import RawFile, open_pages
from provrisk.events.releases.release_store import Release, Store
from provrisk.events.sources.user_file import UserFile

Added = list[tuple[Release, bool]]
"""Releases, each with whether it is new."""


def add_path(store: Store, events: UserFile | Path, available: pd.Timestamp | None = None) -> Added:
    """Store the file ``events``, or every event file of that folder; returns each release, and whether it is new.

    A release is available from the stated day ``available``, else from today: never from an
    earlier day without evidence.
    """
    given = UserFile.of(events)
    if given.path.is_dir():
        return add_folder(store, given, available)[0]
    return _add(store, given, given.raw(), available)


def add_folder(store: Store, given: UserFile, available: pd.Timestamp | None = None) -> tuple[Added, dict[str, str]]:
    """Store the event files in the folder of ``given``; returns them, and the reasons for files not read.

    Raises ``ProvriskError`` if a link leads out of the folder, or if none of its files can be read.
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
        raise ProvriskError(f"{given.path} has no file that can be read as events; the first error: {first}")
    return added, refused


def _add(store: Store, given: UserFile, raw: RawFile, available: pd.Timestamp | None) -> Added:
    today = pd.Timestamp.now().normalize()
    if available is not None and available > today:
        raise ProvriskError(f"A release cannot be available from {available:%Y-%m-%d}, a day in the future.")
    basis = "the day it was added" if available is None else "stated by the user"
    return [store.add(raw, available or today, basis, given.read_mapping(), given.covered())]


def _opened(given: UserFile, paths: Sequence[Path]) -> RawFile:
    if len(paths) > 1:
        return open_pages(paths, given.date_format)
    if paths[0].is_dir():
        raise ProvriskError(f"{paths[0]} is a folder: add it separately.")
    if paths[0].name.startswith("."):
        raise ProvriskError(f"{paths[0]} is hidden: add it separately if it is intended.")
    return replace(given, path=paths[0]).raw()


def _stays(link: Path, folder: Path) -> bool:
    """Whether ``link`` leads to something in ``folder``; a circular one does not."""
    try:
        return link.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def _inside(folder: Path) -> list[list[Path]]:
    """The files in ``folder``, the pages of one answer together; the folder may be from others.

    No link may lead to files of the user elsewhere.
    """
    found = sorted(folder.iterdir())
    for one in found:
        if one.is_symlink() and not _stays(one, folder):
            raise ProvriskError(f"{one} is a link that leads out of its folder: add the file itself if it is intended.")
    groups: dict[str, list[Path]] = {}
    for one in found:
        page = one.suffix.lower() == ".json" and one.is_file() and json_pages.is_page(one.read_bytes())
        groups.setdefault(re.sub(r"\d+", "#", one.stem) if page else one.name, []).append(one)
    return list(groups.values())
