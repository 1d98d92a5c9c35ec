"""One job at a time for each study."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import filelock

from provrisk import files, journal
from provrisk.errors import LockedError
from provrisk.study import Study


@contextmanager
def only_one(study: Study, wait: float = 60) -> Iterator[None]:
    """Lock the study for other jobs; the lock ends with the process.

    Unfinished files of killed jobs are removed first.

    Raises ``LockedError`` if another job has not finished after ``wait`` seconds.
    """
    study.project.mlruns.mkdir(parents=True, exist_ok=True)
    path = study.project.mlruns / f"{study.name}.lock"
    try:
        with filelock.FileLock(path, timeout=wait):
            for folder in (study.reports, study.project.mlruns / "champions" / study.name):
                files.sweep(folder)
            yield
    except filelock.Timeout:
        raise LockedError(
            f"Another job of {study.name} is running ({_which(study) or f'{path} is locked'}): 'provrisk status' shows "
            "it; try again when it has ended."
        ) from None


def _which(study: Study) -> str:
    """The other running jobs by the journal, with start and process."""
    running = [one for one in journal.entries(study.project.mlruns, study.name) if one.status == journal.RUNNING]
    return ", ".join(
        f"{one.kind} since {one.started}, process {one.pid} on {one.host}" for one in running if one.pid != os.getpid()
    )
