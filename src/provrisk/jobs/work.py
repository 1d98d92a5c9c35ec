"""How a job is run: seed, workers, progress and messages."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

Progress = Callable[[str, int, int], None]
"""Called with the kind of work, the steps done and their number."""


def silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


def mute(sentence: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Work:
    """How a job is run: its ``seed``, the processes, and the functions that receive progress and messages.

    ``workers`` are processes of this machine; a ``cluster``, the address of a Dask scheduler, computes in their place.
    Results depend on the seed alone.
    """

    seed: int = 1
    workers: int = 1
    cluster: str | None = None
    progress: Progress = silent
    say: Callable[[str], None] = mute

    def progress_of(self, what: str) -> Callable[[int, int], None]:
        """The progress function for the part ``what`` of the job: gets the steps done and their number."""
        return partial(self.progress, what)
