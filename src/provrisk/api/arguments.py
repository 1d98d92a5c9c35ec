"""Arguments of the functions: paths, days, names and studies in all usual forms."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.sources.user_file import UserFile
from provrisk.jobs.open_project import open_project
from provrisk.study import Study

PathLike = str | Path
StudyLike = Study | str
"""A study, or its name in the project of the current folder (or PROVRISK_PROJECT)."""
Day = str | datetime.date
"""``YYYY-MM-DD``, or a date or timestamp."""


def to_path(given: PathLike | None) -> Path | None:
    """The given path, if any."""
    return None if given is None else Path(given)


def to_user_file(
    events: PathLike | None,
    mapping: PathLike | None = None,
    covers: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> UserFile | None:
    """The given event file, if any, with the statements on it."""
    if events is None and (mapping or covers or sheet or date_format):
        raise ProvriskError("mapping, covers, sheet and date_format need an event file: name it.")
    return None if events is None else UserFile(Path(events), to_path(mapping), covers, sheet, date_format)


def to_day(given: Day | None, what: str) -> pd.Timestamp | None:
    """The given day, if any; raises ``ProvriskError`` for text that is not a day."""
    if given is None:
        return None
    return months.day(given, what) if isinstance(given, str) else pd.Timestamp(given).normalize()


def to_names(given: str | Sequence[str]) -> list[str]:
    """The given names, as a list or as one text with commas."""
    parts = given.split(",") if isinstance(given, str) else given
    return [name.strip() for name in parts if name.strip()]


def to_study(given: StudyLike) -> Study:
    """The given study, or the one with the given name; raises ``ProvriskError`` for anything else."""
    if isinstance(given, Study):
        return given
    if isinstance(given, str):
        return open_project().study(given)
    raise ProvriskError(f"A study or its name is needed, not {type(given).__name__}: use pr.load_study().")
