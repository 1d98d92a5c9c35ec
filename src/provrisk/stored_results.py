"""Small results on disk, each under a key of all that it depends on."""

import contextlib
import json
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import provrisk
from provrisk import files
from provrisk.errors import ProvriskError

PACKAGES = ("numpy", "pandas", "scipy", "matplotlib")
"""What results are computed with: with another version they are computed again."""

Keep = Callable[[object, Callable[[], Any]], Any]
"""Gives a result, of what JSON holds, from what it depends on and the function that computes it."""


def computed(depends_on: object, compute: Callable[[], Any]) -> Any:
    """The result, computed each time."""
    return compute()


class StoredResults:
    """A ``Keep`` with a file for each result in ``folder``.

    A result is computed again after a change in the program, in what it depends on or in its ``basis``, which is that
    of all results; and if its file is damaged, missing, or cannot be written.
    """

    def __init__(self, folder: Path, *basis: object) -> None:
        self.folder, self.basis = folder, basis

    def __call__(self, depends_on: object, compute: Callable[[], Any]) -> Any:
        key = files.digest(json.dumps([_program(), self.basis, depends_on], default=str).encode())
        path = self.folder / f"{key}.json"
        with contextlib.suppress(OSError, ValueError):
            seal, _, content = path.read_bytes().partition(b"\n")
            if seal.decode() == files.digest(content):
                path.touch()  # it is used, see ``clean``
                return json.loads(content)
        result = compute()
        content = json.dumps(result).encode()
        with contextlib.suppress(ProvriskError):
            files.write(path, files.digest(content).encode() + b"\n" + content)
        return json.loads(content)  # the same as from the file


@cache
def _program() -> str:
    """A digest of the program's code and of the versions of what it computes with."""
    package = Path(provrisk.__file__).parent
    code = b"".join(path.read_bytes() for path in sorted(package.rglob("*.py")))
    return files.digest(" ".join(map(version, PACKAGES)).encode() + code)
