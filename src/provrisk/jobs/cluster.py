"""A Dask cluster for computing; all its workers must run the same version of provrisk."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.engine import View

PLUGIN = "provrisk-same-code"
WAITING = 32
"""Smallest number of tasks submitted at once; Dask distributes them among the workers present."""


@contextlib.contextmanager
def on_cluster(address: str | None, view: View | None = None) -> Iterator[None]:
    """Let joblib work on the Dask cluster at ``address``; without an address, on this machine.

    The contents of ``view`` are sent to each worker once. Results are sent directly from the workers. A worker
    with another provrisk is refused before any work: draws would differ. Raises ``ProvriskError`` if
    Dask is not installed, the scheduler does not answer, or a worker is refused.
    """
    if address is None:
        yield
        return
    import joblib

    try:
        from distributed import Client
    except ImportError:
        raise ProvriskError("--cluster needs Dask: install provrisk with the extra [cluster].") from None
    try:
        client = Client(address, timeout=10, direct_to_workers=True)
    except (OSError, ValueError) as error:
        raise ProvriskError(
            f"No Dask scheduler answers at {address} ({error}): start one, or leave out --cluster."
        ) from None
    scatter = [view] if view is not None else None
    identity, closing = _identity(), _closing()
    ours = identity()
    with client:
        for where, theirs in client.run(identity).items():
            if theirs != ours:
                name = theirs[0] if theirs[0] != ours[0] else f"{theirs[0]} with other code"
                raise ProvriskError(
                    f"The worker at {where} runs another provrisk ({name}, here {ours[0]}): install this one there, "
                    "or stop it; its draws would differ."
                )
        client.register_plugin(closing, name=PLUGIN)
        try:
            with joblib.parallel_config(backend=_backend(scatter)):
                yield
        finally:
            with contextlib.suppress(OSError, ValueError):  # the scheduler may be gone
                client.unregister_worker_plugin(PLUGIN)


def _backend(scatter: list[View] | None) -> object:
    """joblib's Dask backend, with more submitted tasks than workers.

    joblib counts the workers once and does not use a single one; workers that join later would be idle.
    """
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(WAITING, int(super().effective_n_jobs(n_jobs)))

    return Backend(wait_for_workers_timeout=30, scatter=scatter)


def _identity() -> Callable[[], tuple[str, str]]:
    """Identity of a provrisk installation; sent to the worker by value, since older versions do not have it."""

    def identity() -> tuple[str, str]:
        try:
            from provrisk.evaluation.backtest.block_store import code_key
            from provrisk.version import version
        except ImportError:
            return "an old one", ""
        return version(), code_key()

    return identity


def _closing() -> object:
    """A Dask plugin that closes a worker with another provrisk that joins during the work."""
    from distributed import WorkerPlugin

    identity = _identity()
    ours = identity()

    class SameCode(WorkerPlugin):
        name = PLUGIN

        def setup(self, worker: Any) -> None:
            if identity() != ours:
                worker.loop.add_callback(worker.close, reason="another provrisk")

    return SameCode()
