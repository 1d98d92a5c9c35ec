"""How a job is done, whatever it does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and their number."""


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Work:
    """How a job is done: its ``seed``, on which processes, and who is told how far it is.

    ``workers`` are processes of this machine; a ``cluster``, the address of a Dask scheduler, computes in their place.
    Results depend on the seed alone.
    """

    seed: int = 1
    workers: int = 1
    cluster: str | None = None
    progress: Progress = silent

    def progress_of(self, what: str) -> Callable[[int, int], None]:
        """Who is told of the part of the job called ``what``: the steps done and their number."""
        return partial(self.progress, what)
