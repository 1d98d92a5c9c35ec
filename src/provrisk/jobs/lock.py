"""One job at a time: a study's store is changed by nobody else meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

import filelock

from provrisk import files
from provrisk.errors import LockedError
from provrisk.study import Study


@contextmanager
def only_one(study: Study, wait: float = 60) -> Iterator[None]:
    """Keep other jobs of the study away; the lock goes with the process, however it ends.

    What jobs that were killed had begun to write is removed first.

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
            f"Another job of {study.name} is at work ({path} is locked): 'provrisk status' shows it; try again when it "
            "has ended."
        ) from None
