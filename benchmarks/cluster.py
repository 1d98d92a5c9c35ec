"""A backtest on Dask clusters of one, two and three workers, and on one that loses a worker and gains another half-way.

    .venv/bin/python benchmarks/cluster.py [PROTOCOL]

Starts a scheduler and workers as processes of their own on loopback, runs the protocol (by default iraq-2010) on them,
and holds every draw against a run in this process. Prints seconds by the clock, and those that all workers worked.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from provrisk.evaluation.backtest.engine import Backtest, Progress, backtest
from provrisk.evaluation.backtest.protocol import protocol_origins, setup_of
from provrisk.events.counting import counts
from provrisk.features.panel import build_panel, panel_upto
from provrisk.jobs.cluster import on_cluster
from provrisk.models.from_file import build
from provrisk.study import find_project

MODELS = ("conflictology", "ewma_nb", "ingarch", "hurdle")
PORT = 18786
ADDRESS = f"tcp://127.0.0.1:{PORT}"
TICKS = os.sysconf("SC_CLK_TCK")


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
    env = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def worker() -> subprocess.Popen[bytes]:
    return start("dask_worker", ADDRESS, "--nthreads", "1", "--no-nanny")


def worked(processes: list[subprocess.Popen[bytes]]) -> float:
    """Seconds of processor time of those that live."""
    total = 0.0
    for process in processes:
        stat = Path(f"/proc/{process.pid}/stat")
        if stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def main(protocol: str = "iraq-2010") -> None:
    project = find_project(Path(__file__).parent)
    study = project.study("iraq")
    panel = build_panel(study, counts.read_csv(study.bundled_counts, study))
    rules = study.protocol(protocol)
    recipes = {name: build(name, project.models()[name]) for name in MODELS}
    view = partial(panel_upto, panel)

    def run(workers: int, progress: Progress = lambda done, total: None) -> tuple[Backtest, float]:
        begin = time.perf_counter()
        result = backtest(
            view, recipes, protocol_origins(panel, rules), setup_of(rules, seed=1), workers=workers, progress=progress,
        )  # fmt: skip
        return result, time.perf_counter() - begin

    near, alone = run(1)
    print(f"{protocol}, {', '.join(MODELS)}: this process alone {alone:.1f} s", flush=True)
    for number in (1, 2, 3):
        on_workers(number, view, near, lambda _: run(-1))
    on_workers(2, view, near, lambda workers: run(-1, disturbance(workers)), "one killed after a third, one more begun")


def disturbance(workers: list[subprocess.Popen[bytes]]) -> Progress:
    """Kill the first worker after a third of the blocks, and start another."""
    first = workers[0]

    def disturb(done: int, total: int) -> None:
        if done >= total // 3 and first.poll() is None:
            first.kill()
            first.wait()
            workers.append(worker())

    return disturb


def on_workers(
    number: int, view: partial, near: Backtest, run: Callable[[list], tuple[Backtest, float]], what: str = ""
) -> None:
    """Run on a new cluster of ``number`` workers, and hold the draws against ``near``."""
    from distributed import Client

    scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", str(PORT))
    workers = [worker() for _ in range(number)]
    try:
        with Client(ADDRESS, timeout=120) as client:
            client.wait_for_workers(number, timeout=300)
        before = worked(workers)
        with on_cluster(ADDRESS, view):
            far, seconds = run(workers)
        busy = worked(workers) - before
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
    for name in MODELS:
        assert np.array_equal(far.forecasts[name], near.forecasts[name]), f"{name} differs"
    noted = f" ({what})" if what else ""
    print(f"{number} workers{noted}: {seconds:.1f} s, of which they worked {busy:.1f} s; draws the same", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
