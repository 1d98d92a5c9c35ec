"""Our forecasters and other packages on one job, in one run; the table goes to docs/benchmarks.md (``make peers``).

python benchmarks/peers/compare.py PYTHON_OF_THE_PEERS
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.engine import backtest
from provrisk.evaluation.backtest.protocol import Setup, protocol_origins
from provrisk.evaluation.backtest.recipes import in_order
from provrisk.evaluation.scores import cell_scores
from provrisk.evaluation.scores.observations import active
from provrisk.events.counting import counts as tables
from provrisk.features.panel import build_panel, counts_upto_origin, panel_upto
from provrisk.forecasts.quantiles import quantiles
from provrisk.models.from_file import build
from provrisk.models.smoothing import ewma
from provrisk.study import find_project

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- peers: written by make peers -->", "<!-- peers: end -->"
ORIGINS = pd.date_range("2010-01-01", "2018-06-01", freq="MS")  # the protocol iraq-2010
HORIZONS, REFIT_EVERY, DRAWS, SEED, ALPHA = list(range(1, 7)), 12, 1000, 1, 0.3
MIDDLES = [round((k + 0.5) / 100, 3) for k in range(100)]
LEVELS = sorted({*MIDDLES, 0.05, 0.1, 0.9, 0.95})
COLUMNS = [f"{level:.3f}" for level in LEVELS]
CELL = ["origin", "horizon", "province"]
SAME = {"ewma_nb": "SES", "tsb": "TSB", "croston_sba": "CrostonSBA", "ets": "AutoETS"}
"""Methods that both have: our recipe, and statsforecast's name."""


def main(peers_python: str) -> None:
    load = os.getloadavg()[0]
    project = find_project(HERE)
    study = project.study("iraq")
    # None of the recipes reads features: at every origin they would only cost time.
    bare = replace(study, file=study.file.model_copy(update={"features": ()}))
    panel = build_panel(bare, tables.read_csv(study.bundled_counts, study))
    ours, seconds, fair, active = run_ours(study, panel)
    peers, peers_seconds, versions, ses = run_peers(peers_python, study.bundled_counts)
    same = same_method(panel, ses)
    counts = panel.attacks.to_series().rename("happened").reset_index()
    table = (
        pd.concat({"provrisk": ours, "peer": peers}, names=["side", None]).reset_index("side").reset_index(drop=True)
    )
    periods = pd.PeriodIndex(table.origin, freq="M") + table.horizon.to_numpy()
    table = table.assign(month=periods.to_timestamp()).merge(counts, on=["month", "province"], validate="many_to_one")
    table = table.join(active, on=["origin", "province"])
    board = scoreboard(table)
    board["seconds", ""] = board.index.get_level_values("model").map(seconds | peers_seconds)
    write(page(board, fair, same, peers_seconds["point SES"], versions, load))


def run_ours(study, panel):
    """Quantiles and seconds of our forecasters, the fair CRPS of all their draws, and which provinces were active.

    The one place that knows the backtest engine.
    """
    recipes = {name: build(name, file) for name, file in study.project.models().items()}
    names = dict.fromkeys([*study.file.backtest.candidates, study.project.promotion().challenger, *SAME])
    rules = study.protocol("iraq-2010")
    origins = protocol_origins(panel, rules)
    assert list(origins) == list(ORIGINS), "the peers are not asked for the protocol's origins"
    assert (rules.horizons, rules.draws, rules.refit_every) == (len(HORIZONS), DRAWS, REFIT_EVERY)
    view, tables_, seconds, fair = partial(panel_upto, panel), {}, {}, {}
    for name in names:
        needed = {part: recipes[part] for part in in_order(recipes, [name])}
        setup = Setup(HORIZONS, DRAWS, REFIT_EVERY, SEED)
        backtest(view, needed, origins[-1:], setup)  # imports, caches
        if len(needed) > 1:
            setup = replace(setup, burn_in=rules.burn_in)
        start = time.process_time()
        run = backtest(view, needed, origins, setup)
        title = f"provrisk {name}"
        seconds[title] = time.process_time() - start
        drawn = run.forecasts[name]
        scored = cell_scores.score({name: drawn}, panel, study)
        mine = (scored.score == "crps") & (scored.province != cell_scores.TOTAL)
        fair[title] = float(scored[mine].value.mean())
        one = drawn.transpose("origin", "horizon", "province", "draw")
        cells = pd.MultiIndex.from_product([one.indexes[dim] for dim in CELL], names=CELL)
        values = quantiles(one.to_numpy(), LEVELS).reshape(len(LEVELS), -1).T
        tables_[title] = pd.DataFrame(values, index=cells, columns=COLUMNS).reset_index()
    joined = pd.concat(tables_, names=["model", None]).reset_index("model").reset_index(drop=True)
    return joined, seconds, fair, active(panel, study, ORIGINS)


def run_peers(python: str, counts: Path) -> tuple[pd.DataFrame, dict[str, float], dict[str, str], pd.DataFrame]:
    """Quantiles, seconds and versions of the peers, run by ``python``, and the point forecasts of their SES."""
    with tempfile.TemporaryDirectory() as folder:
        job = {
            "table": str(counts), "first": str(ORIGINS[0].date()), "last": str(ORIGINS[-1].date()),
            "horizons": HORIZONS, "refit_every": REFIT_EVERY, "alpha": ALPHA, "levels": LEVELS,
        }  # fmt: skip
        (Path(folder) / "job.json").write_text(json.dumps(job))
        # One thread, as ours: who is faster is not to be a question of how many cores were free.
        alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        command = [python, str(HERE / "peers.py"), f"{folder}/job.json"]
        done = subprocess.run(command, capture_output=True, text=True, env=alone, check=False)
        if done.returncode:
            raise ProvriskError(f"The peers failed: {done.stderr.strip().splitlines()[-1]}")
        table = pd.read_parquet(f"{folder}/quantiles.parquet")
        facts = json.loads((Path(folder) / "seconds.json").read_text())
    ses = table[(table.model == "statsforecast SES") & (table.horizon == 1)].set_index(["origin", "province"])["mean"]
    # No forecast of a count is below 0; nothing else is done to what the peers said.
    table[COLUMNS] = table[COLUMNS].clip(lower=0)
    return table.drop(columns="mean"), facts["seconds"], facts["versions"], ses


def same_method(panel, ses: pd.Series) -> tuple[float, float]:
    """Largest difference between our level begun at the first count and the peer's SES, and our seconds for it."""
    start = time.process_time()
    level = ewma(counts_upto_origin(panel), ALPHA, burn_in=1)
    seconds = time.process_time() - start
    months_known = panel.indexes["month"][: len(level)]
    mine = pd.DataFrame(level, index=months_known, columns=panel.indexes["province"]).stack()
    mine.index.names = ["origin", "province"]
    difference = float((ses - mine.reindex(ses.index)).abs().max())
    assert difference < 1e-6, f"SES differs by {difference} attacks: one of the two is wrong"
    return difference, seconds


def scoreboard(table: pd.DataFrame) -> pd.DataFrame:
    """Mean CRPS by quantile decomposition and coverage of closed intervals, for all and for active provinces."""
    happened, values = table.happened.to_numpy()[:, None], table[[f"{level:.3f}" for level in MIDDLES]].to_numpy()
    cell = table[["side", "model", "active"]].assign(
        crps=crps(happened, values), crps_whole=crps(happened, np.round(values))
    )
    for level, low, high in (("80", "0.100", "0.900"), ("90", "0.050", "0.950")):
        cell[f"in{level}"] = table.happened.between(table[low], table[high])
    groups = ["side", "model"]
    both = {"all": cell, "active": cell[cell.active]}
    means = {name: part.drop(columns="active").groupby(groups).mean() for name, part in both.items()}
    cells = cell.groupby(groups).size()
    assert cells.nunique() == 1, f"not the same cells for all: {cells}"
    board = pd.concat(means, axis=1)
    board.attrs["cells"] = int(cells.iloc[0])
    return board.sort_values(("all", "crps"))


def crps(happened: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Twice the mean pinball loss at the levels ``MIDDLES``: the CRPS of the quantiles (Gneiting and Ranjan 2011)."""
    level = np.array(MIDDLES)
    return 2 * np.where(happened >= values, level * (happened - values), (1 - level) * (values - happened)).mean(axis=1)


def page(board: pd.DataFrame, fair: dict, same: tuple, point_seconds: float, versions: dict, load: float) -> str:
    """The section of docs/benchmarks.md; every number and every verdict in it comes from this run."""
    rows = [
        "| {} | {:.3f} | {:.3f} | {:.3f} | {:.0%} / {:.0%} | {:.0%} / {:.0%} | {:.1f} |".format(
            model, row["all", "crps"], row["active", "crps"], row["all", "crps_whole"], row["all", "in80"],
            row["active", "in80"], row["all", "in90"], row["active", "in90"], row["seconds", ""],
        )
        for (_, model), row in board.iterrows()
    ]  # fmt: skip
    ours, peers = board.xs("provrisk"), board.xs("peer")
    best, seconds = ours.index[0], board["seconds", ""].droplevel("side")
    # Rounding is the reader's to choose: a peer is held to the better of its two figures.
    theirs = pd.concat([peers["all", "crps"], peers["all", "crps_whole"]], axis=1).min(axis=1).sort_values()
    better = [f"{name} ({value:.3f})" for name, value in theirs.items() if value < ours.loc[best, ("all", "crps")]]
    faster = [f"{name} ({seconds[name]:.1f} s)" for name in theirs.index if seconds[name] < seconds[best]]
    quick = seconds[ours.index].idxmin()
    # The champion has no twin: it is compared with the best of theirs.
    pairs = {f"provrisk {our}": f"statsforecast {their}" for our, their in SAME.items()} | {best: theirs.index[0]}
    raced = [
        f"| {our} | {their} | {ours.loc[our, ('all', 'crps')]:.3f} | {theirs[their]:.3f} "
        f"| {ours.loc[our, ('all', 'crps')] / theirs[their]:.2f} | {seconds[our]:.2f} | {seconds[their]:.2f} "
        f"| {seconds[our] / seconds[their]:.2f} |"
        for our, their in pairs.items()
    ]
    gap = max(abs(ours.loc[name, ("all", "crps")] / value - 1) for name, value in fair.items())
    machine = f"{platform.system()} {platform.machine()}, one thread each, Python {platform.python_version()}"
    known = ", ".join(f"{name} {number}" for name, number in versions.items())
    mine = ", ".join(f"{name} {version(name)}" for name in ("provrisk", "pandas", "numpy"))
    facts = {
        "date": date.today().isoformat(), "processor": processor(), "machine": machine,
        "mine": mine, "known": known,
        "origins": len(ORIGINS), "first": f"{ORIGINS[0]:%Y-%m}", "last": f"{ORIGINS[-1]:%Y-%m}",
        "furthest": HORIZONS[-1], "load": load, "cells": board.attrs["cells"],
        "refit_every": REFIT_EVERY, "draws": DRAWS, "alpha": ALPHA,
        "rows": "\n".join(rows), "gap": gap, "raced": "\n".join(raced),
        "best": best, "best_crps": ours.loc[best, ("all", "crps")], "best_seconds": seconds[best],
        "peer": theirs.index[0], "peer_crps": theirs.iloc[0], "better": ", ".join(better) or "none",
        "quick": quick, "quick_seconds": seconds[quick], "faster": ", ".join(faster) or "none",
        "difference": same[0], "level_ms": same[1] * 1000, "peer_ms": point_seconds * 1000,
    }  # fmt: skip
    return f"{BEGIN}\n{(HERE / 'page.md').read_text(encoding='utf-8').format(**facts)}{END}"


def processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())


def write(section: str) -> None:
    """Put ``section`` in the place of the last one; the rest of the page stays."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else f"# Benchmarks\n\n{BEGIN}{END}\n"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}{END}\n"
    before, _, rest = text.partition(BEGIN)
    files.write(PAGE, before + section + rest.partition(END)[2])


if __name__ == "__main__":
    main(sys.argv[1])
