"""The answer of a command to a script: one JSON object on one line of stdout, of the same shape for every command."""

import datetime
import json
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provrisk.errors import ProvriskError
from provrisk.version import version


@dataclass
class Call:
    """One call of the program: when it began, its command, study and project."""

    command: str = ""
    study: str | None = None
    project: Path | None = None
    began: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    clock: float = field(default_factory=time.monotonic)
    answered: bool = False

    def envelope(self, status: str, **said: object) -> str:
        """The answer as JSON on one line: the common entries and ``said``. A call answers once."""
        answer = {
            "status": status,
            "command": self.command,
            "time": self.began.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.clock, 3),
            "version": version(),
            "study": self.study,
            "month": None,
            "paths": [],
            "findings": [],
        }
        self.answered = True
        return json.dumps(answer | said, default=str)


_current: ContextVar[Call] = ContextVar("call")


def begin(command: str) -> Call:
    """Begin a call of ``command``; later answers belong to it."""
    _current.set(call := Call(command))
    return call


def current() -> Call:
    """The call under way."""
    return _current.get(Call())


def answer(
    said: Mapping[str, Any] | None = None, *, status: str = "done", paths: Iterable[object] = (), **more: object
) -> None:
    """Print the answer of a command: the common entries and ``said``.

    ``paths`` are the files and folders that it wrote.
    """
    print(current().envelope(status, paths=[str(path) for path in paths], **{**(said or {}), **more}))


def failed(call: Call, error: BaseException, sentence: str, code: int) -> str:
    """The answer of a call that ended in ``error``, with exit code ``code``."""
    status = error.status if isinstance(error, ProvriskError) else "failed"
    findings = [one.as_dict() for one in getattr(error, "findings", ())]
    return call.envelope(status, error=sentence, exit_code=code, findings=findings)
