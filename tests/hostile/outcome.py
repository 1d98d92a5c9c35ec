"""What may come of a broken input: success, or one clear sentence; and never harm to what is stored."""

import contextlib
import hashlib
import os
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from provrisk.errors import ProvriskError

NIGHTLY = bool(os.environ.get("PROVRISK_NIGHTLY"))
LONGEST = 1000
"""Characters of a sentence that somebody still reads."""


def cases(normal: int, nightly: int) -> settings:
    """So many generated cases in ``make test``, always the same, and so many, always others, in ``make nightly``."""
    return settings(
        max_examples=nightly if NIGHTLY else normal,
        derandomize=not NIGHTLY,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def told(action: Callable[[], Any]) -> Any:
    """The result of ``action``, or the ``ProvriskError`` that it ended in; any other end is a fault of the program.

    A warning that a library prints in the user's face is a fault, too.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return action()
    except ProvriskError as error:
        is_a_sentence(str(error))
        return error


def is_a_sentence(text: str) -> None:
    assert "\n" not in text, text
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs") or c in "\u202d\u202e\u2066\u2067"], repr(
        text
    )
    assert 10 < len(text) <= LONGEST, f"{len(text)} characters: {text[:200]!r}"
    assert text.rstrip(")\"'")[-1] in ".?", text


def content(folder: Path) -> dict[str, str]:
    """The digest of each file below ``folder``."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@contextlib.contextmanager
def unharmed(folder: Path) -> Iterator[None]:
    """What lies in ``folder`` stays as it is, whatever is added."""
    before = content(folder)
    yield
    after = content(folder)
    assert {name: after.get(name) for name in before} == before
