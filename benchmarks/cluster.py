"""A backtest on a Dask cluster that loses a worker half-way gives the scores of one process.

    .venv/bin/python benchmarks/cluster.py

Starts a scheduler and two workers as processes of their own on loopback, runs the protocol iraq-2010 on them, kills one
worker after a third of the blocks, and holds every draw against a run in this process.
"""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from provrisk.evaluation.engine import Backtest, Progress, backtest
from provrisk.evaluation.protocol import protocol_origins
from provrisk.events import counts
from provrisk.features.panel import build_panel, panel_upto
from provrisk.jobs.backtest import on_cluster
from provrisk.models.registry import build
from provrisk.study import find_project

MODELS = ("conflictology", "ewma_nb", "ingarch", "hurdle")
ADDRESS = "tcp://127.0.0.1:18786"


def main() -> None:
    project = find_project(Path(__file__).parent)
    study = project.study("iraq")
    panel = build_panel(study, counts.read_csv(study.bundled_counts, study))
    rules = study.protocol("iraq-2010")
    recipes = {name: build(name, project.models()[name]) for name in MODELS}

    def run(progress: Progress) -> tuple[Backtest, float]:
        start = time.perf_counter()
        result = backtest(
            partial(panel_upto, panel), recipes, protocol_origins(panel, rules), range(1, rules.horizons + 1),
            rules.draws, rules.refit_every, seed=1, workers=-1, progress=progress,
        )  # fmt: skip
        return result, time.perf_counter() - start

    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "18786"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", ADDRESS, "--nthreads", "1", "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen([*dask, "--no-dashboard"], **quiet)
    time.sleep(4)
    workers = [subprocess.Popen([*worker, "--no-nanny"], **quiet) for _ in range(2)]
    time.sleep(4)
    killed = []

    def kill_one(done: int, total: int) -> None:
        if done >= total // 3 and not killed:
            workers[0].kill()
            killed.append(f"{done} of {total}")

    try:
        with on_cluster(ADDRESS):
            far, seconds = run(kill_one)
    finally:
        for process in (*workers, scheduler):
            process.terminate()
    near, alone = run(lambda done, total: None)
    for name in MODELS:
        assert np.array_equal(far.forecasts[name], near.forecasts[name]), f"{name} differs"
    print(f"one of two workers killed after {killed[0]} blocks; cluster {seconds:.1f} s, this machine {alone:.1f} s")
    print("every draw is the same")


if __name__ == "__main__":
    main()
