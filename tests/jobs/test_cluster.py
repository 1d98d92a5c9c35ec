"""A real cluster: a scheduler and workers as processes of their own, one late, one killed, one of another provrisk."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import provrisk
from helpers import ROOT
from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.engine import Backtest, Progress, View, backtest
from provrisk.evaluation.backtest.protocol import Setup
from provrisk.features.panel import panel_upto
from provrisk.jobs.cluster import on_cluster
from provrisk.models.from_file import build
from provrisk.study import find_project

pytest.importorskip("distributed", reason="needs the extra [cluster]")
ORIGINS = months.span(months.parse("2014-01"), months.parse("2017-12"))
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def cluster() -> Iterator[tuple[str, Start]]:
    """A scheduler's address, and how to start a worker of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, started = f"tcp://127.0.0.1:{port}", []

    def start(module: str, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
        process = subprocess.Popen(
            command,
            env=os.environ | {"OMP_NUM_THREADS": "1"} | env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
    yield address, partial(start, "dask_worker", address, "--nthreads", "1", "--no-nanny")
    for process in started:
        process.kill()
        process.wait()


def run(view: View, progress: Progress = lambda done, total: None, workers: int = 1) -> Backtest:
    files = find_project(ROOT).models()
    models = {name: build(name, files[name]) for name in ("ewma_nb", "conflictology")}
    return backtest(view, models, ORIGINS, Setup(range(1, 4), 500, 3, seed=7), workers=workers, progress=progress)


def waited(address: str, number: int) -> None:
    from distributed import Client

    with Client(address, timeout=60) as client:
        client.wait_for_workers(number, timeout=120)


def test_one_that_is_killed_and_one_that_comes_late_leave_every_draw_the_same(
    cluster: tuple[str, Start], iraq_panel: xr.Dataset
) -> None:
    address, worker = cluster
    first, _ = worker(), worker()
    waited(address, 2)
    killed = []

    def disturb(done: int, total: int) -> None:
        if done >= 4 and not killed:
            killed.append(done)
            first.kill()
            worker()

    view = partial(panel_upto, iraq_panel)
    with on_cluster(address, view):
        far = run(view, disturb, workers=-1)
    near = run(view)
    assert killed
    for name, draws in near.forecasts.items():
        assert np.array_equal(far.forecasts[name], draws), name


def test_a_worker_of_another_provrisk_is_refused_before_any_work(cluster: tuple[str, Start], tmp_path: Path) -> None:
    address, worker = cluster
    shutil.copytree(Path(provrisk.__file__).parent, tmp_path / "provrisk")
    seeds = tmp_path / "provrisk" / "seeds.py"
    seeds.write_text(seeds.read_text() + "\n# of last year\n")
    worker(PYTHONPATH=str(tmp_path))
    waited(address, 1)
    with (
        pytest.raises(ProvriskError, match="runs another provrisk .*other code.*: install this one there"),
        on_cluster(address),
    ):
        raise AssertionError("no work is done")


def test_a_late_worker_of_another_provrisk_never_joins(cluster: tuple[str, Start], tmp_path: Path) -> None:
    address, worker = cluster
    worker()
    waited(address, 1)
    shutil.copytree(Path(provrisk.__file__).parent, tmp_path / "provrisk")
    (tmp_path / "provrisk" / "evaluation" / "backtest" / "block_store.py").unlink()  # so old that it cannot even tell
    with on_cluster(address):
        worker(PYTHONPATH=str(tmp_path)).wait(120)
