"""The journal of a project's jobs: running and ended jobs and their results; read without any heavy package.

One small JSON file a job in ``mlruns/jobs/STUDY/``, written as it begins, while it works and as it ends. It is what
``provrisk status`` reads; that a file of it cannot be written never ends a job.
"""

import contextlib
import datetime
import functools
import hashlib
import inspect
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.version import version

EVERY = 5.0
"""Seconds between two notes of how far a running job is."""
KEPT = 50
"""Jobs of a study that the journal remembers."""
RUNNING, KILLED = "running", "killed"
DONE = ("done", "unchanged")
UNUSUAL = ("inputs", "dry_run")
"""Arguments of a job that make it another than the project's own month, and leave open what is due."""
P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Entry:
    """One job: its kind, when and where it ran, how it ended, and its own entries (``said``)."""

    kind: str
    study: str
    started: str
    pid: int
    host: str
    version: str
    status: str = RUNNING
    seconds: float = 0.0
    step: str | None = None
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Whether it is still at work, as far as is known on this machine."""
        if self.status != RUNNING or self.host != socket.gethostname():
            return self.status == RUNNING
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it is somebody else's, so it lives
            return True
        return True


def folder(mlruns: Path, study: str) -> Path:
    """Where the journal of ``study`` is kept."""
    return mlruns / "jobs" / study


def entries(mlruns: Path, study: str) -> list[Entry]:
    """The jobs of ``study``, newest first; one that was killed says so. What cannot be read is passed over."""
    found = []
    for path in sorted(folder(mlruns, study).glob("*.json"), reverse=True):
        with contextlib.suppress(OSError, ValueError, TypeError):
            entry = Entry(**json.loads(path.read_text(encoding="utf-8")))
            if entry.status == RUNNING and not entry.alive:
                entry.status = KILLED
            found.append(entry)
    return found


def champion(mlruns: Path, study: str) -> dict[str, Any] | None:
    """The champion as the newest job noted it; None if none did, or a later one may have changed it before it ended."""
    for entry in entries(mlruns, study):
        if entry.status not in DONE:
            return None
        own = entry.said.get("as_usual") or entry.said.get("promoted")  # else it may be one that the user gave
        if own and (noted := entry.said.get("champion")):
            return dict(noted)
    return None


@contextlib.contextmanager
def written(mlruns: Path, study: str, kind: str) -> Iterator[tuple[Entry, Callable[[str, int, int], None]]]:
    """Write the journal of one job: yields its entry, for the result, and a function for its progress."""
    began, now = time.monotonic(), datetime.datetime.now(datetime.UTC)
    entry = Entry(kind, study, now.isoformat(timespec="seconds"), os.getpid(), socket.gethostname(), version())
    path = folder(mlruns, study) / f"{now:%Y%m%dT%H%M%S%f}-{os.getpid()}.json"
    noted = began

    def write() -> None:
        entry.seconds = round(time.monotonic() - began, 1)
        with contextlib.suppress(ProvriskError, OSError):
            files.write(path, json.dumps(asdict(entry), default=str) + "\n")

    def note(what: str, done: int, total: int) -> None:
        nonlocal noted
        entry.step = f"{what}: {done} of {total}"
        if time.monotonic() - noted >= EVERY:
            noted = time.monotonic()
            write()

    write()
    try:
        yield entry, note
        entry.status = "done" if entry.status == RUNNING else entry.status
    except BaseException as error:
        entry.status = error.status if isinstance(error, ProvriskError) else "failed"
        entry.said = {**entry.said, "error": str(error) or type(error).__name__}
        raise
    finally:
        entry.step = None
        write()
        for old in sorted(path.parent.glob("*.json"), reverse=True)[KEPT:]:
            with contextlib.suppress(OSError):
                old.unlink()


def recorded(
    kind: str, tell: Callable[[Any, dict[str, Any]], dict[str, Any]]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a job of a ``study`` or a ``snapshot`` of one keep its journal; ``tell`` says of its result what is noted.

    ``tell`` gets the result and the arguments of the job by name, and may name a ``status`` other than "done".
    ``as_usual`` tells a job on the project's own newest data from one for another file, day or model,
    which leaves open what is due.
    """

    def around(job: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(job)
        usual = {name: parameter.default for name, parameter in signature.parameters.items()}

        @functools.wraps(job)
        def noted(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            asked = bound.arguments
            study = asked["study"] if "study" in asked else asked["snapshot"].study
            project, mlruns = study.project, study.project.mlruns
            with written(mlruns, study.name, kind) as (entry, note):
                if "work" in asked:
                    asked["work"] = replace(asked["work"], progress=_both(note, asked["work"].progress))
                entry.said = {
                    "inputs": inputs(project.root, project.home, study.name),
                    "as_usual": all(asked[name] == usual[name] for name in UNUSUAL if name in asked),
                }
                result = job(*bound.args, **bound.kwargs)
                said = tell(result, asked)
                entry.status = said.pop("status", RUNNING)
                entry.said |= said
                return result

        return noted

    return around


def _both(note: Callable[[str, int, int], None], show: Any) -> Callable[[str, int, int], None]:
    def progress(what: str, done: int, total: int) -> None:
        note(what, done, total)
        show(what, done, total)

    return progress


def inputs(root: Path, home: Path, study: str) -> str:
    """A digest of the files that a job of ``study`` starts from: study, models, releases and the program's version."""
    held = hashlib.sha256(version().encode())
    paths = [
        *sorted(path for path in (root / "features" / study).rglob("*") if path.is_file()),
        *sorted((root / "models").glob("*.toml")),
        *sorted((home / "releases").glob("*.json")),
    ]
    for path in paths:
        with contextlib.suppress(OSError):
            held.update(path.name.encode() + b"\0" + path.read_bytes())
    return held.hexdigest()[:16]
