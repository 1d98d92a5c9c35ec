"""Our forecasters and other packages on one job, in one run; the table goes to docs/benchmarks.md (``make peers``).

    python benchmarks/peers/compare.py PYTHON_OF_THE_PEERS
"""

import json
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.evaluation import scores
from provrisk.evaluation.backtest import backtest
from provrisk.events import counts as tables
from provrisk.features.panel import build_panel, counts_upto_origin
from provrisk.forecasts.draws import quantiles
from provrisk.models.registry import build
from provrisk.models.smoothing import ewma
from provrisk.study import find_project

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- peers: written by make peers -->", "<!-- peers: end -->"
OURS = ["conflictology", "ewma_nb", "ingarch", "champion"]
ORIGINS = pd.date_range("2010-01-01", "2018-06-01", freq="MS")  # the protocol iraq-2010
HORIZONS, REFIT_EVERY, DRAWS, SEED, ALPHA = list(range(1, 7)), 12, 1000, 1, 0.3
MIDDLES = [round((k + 0.5) / 100, 3) for k in range(100)]
LEVELS = sorted({*MIDDLES, 0.05, 0.1, 0.9, 0.95})
COLUMNS = [f"{level:.3f}" for level in LEVELS]
CELL = ["origin", "horizon", "province"]


def main(peers_python: str) -> None:
    project = find_project(HERE)
    study = project.study("iraq")
    panel = build_panel(study, tables.read_csv(study.bundled_counts, study))
    ours, seconds, fair, active = run_ours(project, study, panel)
    peers, peers_seconds, versions, ses = run_peers(peers_python, study.bundled_counts)
    same = same_method(panel, ses)
    counts = panel.attacks.to_series().rename("happened").reset_index()
    table = pd.concat({"provrisk": ours, "peer": peers}, names=["side", None]).reset_index("side").reset_index(drop=True)
    periods = pd.PeriodIndex(table.origin, freq="M") + table.horizon.to_numpy()
    table = table.assign(month=periods.to_timestamp()).merge(counts, on=["month", "province"], validate="many_to_one")
    table = table.join(active, on=["origin", "province"])
    board = scoreboard(table).assign(seconds=lambda b: b.index.get_level_values("model").map(seconds | peers_seconds))
    write(page(board, fair, same, peers_seconds["point SES"], versions))


def run_ours(project, study, panel):  # noqa: ANN001, ANN201
    """Quantiles and seconds of our forecasters, the fair CRPS of all their draws, and which provinces were active.

    The one place that knows the backtest engine.
    """
    found = {name: build(name, file) for name, file in project.models().items() if name in OURS}
    tables_, seconds, fair = {}, {}, {}
    for name in (name for name in OURS if name in found):
        backtest(panel, {name: found[name]}, ORIGINS[-1:], HORIZONS, DRAWS, REFIT_EVERY, SEED)  # imports, caches
        start = time.perf_counter()
        drawn = backtest(panel, {name: found[name]}, ORIGINS, HORIZONS, DRAWS, REFIT_EVERY, SEED)
        title = f"provrisk {name}"
        seconds[title] = time.perf_counter() - start
        scored = scores.score(drawn, scores.truth(panel, drawn))
        fair[title] = float(scored[scored.score == "crps"].value.mean())
        one = drawn.sel(model=name).transpose("origin", "horizon", "province", "draw")
        cells = pd.MultiIndex.from_product([one.indexes[dim] for dim in CELL], names=CELL)
        values = quantiles(one.to_numpy(), LEVELS).reshape(len(LEVELS), -1).T
        tables_[title] = pd.DataFrame(values, index=cells, columns=COLUMNS).reset_index()
    joined = pd.concat(tables_, names=["model", None]).reset_index("model").reset_index(drop=True)
    return joined, seconds, fair, scores.active(panel, study, ORIGINS)


def run_peers(python: str, counts: Path) -> tuple[pd.DataFrame, dict[str, float], dict[str, str], pd.DataFrame]:
    """Quantiles, seconds and versions of the peers, run by ``python``, and the point forecasts of their SES."""
    with tempfile.TemporaryDirectory() as folder:
        job = {
            "table": str(counts), "first": str(ORIGINS[0].date()), "last": str(ORIGINS[-1].date()), "horizons": HORIZONS,
            "refit_every": REFIT_EVERY, "alpha": ALPHA, "levels": LEVELS,
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


def same_method(panel, ses: pd.Series) -> tuple[float, float]:  # noqa: ANN001
    """Largest difference between our level begun at the first count and the peer's SES, and our seconds for it."""
    start = time.perf_counter()
    level = ewma(counts_upto_origin(panel), ALPHA, burn_in=1)
    seconds = time.perf_counter() - start
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


def page(board: pd.DataFrame, fair: dict, same: tuple, point_seconds: float, versions: dict) -> str:
    """The section of docs/benchmarks.md; every number and every verdict in it comes from this run."""
    rows = [
        f"| {model} | {row['all', 'crps']:.3f} | {row['active', 'crps']:.3f} | {row['all', 'crps_whole']:.3f} "
        f"| {row['all', 'in80']:.0%} / {row['active', 'in80']:.0%} | {row['all', 'in90']:.0%} / {row['active', 'in90']:.0%} "
        f"| {row['seconds', '']:.1f} |"
        for (_, model), row in board.iterrows()
    ]
    ours, peers = board.xs("provrisk"), board.xs("peer")
    best, seconds = ours.index[0], board["seconds"].droplevel("side")
    # Rounding is the reader's to choose: a peer is held to the better of its two figures.
    theirs = pd.concat([peers["all", "crps"], peers["all", "crps_whole"]], axis=1).min(axis=1).sort_values()
    better = [f"{name} ({value:.3f})" for name, value in theirs.items() if value < ours.loc[best, ("all", "crps")]]
    faster = [f"{name} ({seconds[name]:.1f} s)" for name in theirs.index if seconds[name] < seconds[best]]
    quick = seconds[ours.index].idxmin()
    gap = max(abs(ours.loc[name, ("all", "crps")] / value - 1) for name, value in fair.items())
    machine = f"{platform.system()} {platform.machine()}, one thread each, Python {platform.python_version()}"
    known = ", ".join(f"{name} {number}" for name, number in versions.items())
    mine = ", ".join(f"{name} {version(name)}" for name in ("provrisk", "pandas", "numpy"))
    return f"""{BEGIN}
## Named peers, side by side

`make peers` ran this on {date.today().isoformat()}: {processor()}, {machine}. Ours: {mine}. Peers, in an environment of their
own: {known}.

The job is protocol `iraq-2010`: bundled figures, {len(ORIGINS)} origins {ORIGINS[0]:%Y-%m} to {ORIGINS[-1]:%Y-%m}, horizons
{HORIZONS[0]}-{HORIZONS[-1]}, 18 provinces, {board.attrs["cells"]:,} cells for every forecaster; what is fitted is fitted
anew every {REFIT_EVERY} months.

| forecaster | CRPS all | CRPS active | CRPS all, whole numbers | in 80 % all / active | in 90 % all / active | seconds |
|---|---|---|---|---|---|---|
{chr(10).join(rows)}

- By CRPS the best of ours is {best} ({ours.loc[best, ("all", "crps")]:.3f}), the best peer {theirs.index[0]} ({theirs.iloc[0]:.3f},
  the better of its two figures). Peers with a lower CRPS than {best}: {", ".join(better) or "none"}.
- Peers that took less time than {best} ({seconds[best]:.1f} s): {", ".join(faster) or "none"}. Our quickest was {quick}
  ({seconds[quick]:.1f} s).
- The same method: exponential smoothing with weight {ALPHA} begun at the first count. Over {len(ORIGINS)} origins and 18 provinces
  our level and statsforecast's SES differ by at most {same[0]:.1g} attacks. Ours took {same[1] * 1000:.1f} ms for all
  origins in one pass, statsforecast's `cross_validation` {point_seconds * 1000:.0f} ms, most of it tables.

How it is made comparable: every forecaster gives quantiles at the levels 0.005, 0.015, ..., 0.995, ours from {DRAWS:,} draws,
statsforecast's as the ends of its central intervals (1, 3, ..., 99 %), skforecast's from 250 bootstrapped paths. They are
clipped at 0. CRPS is twice the mean pinball loss over these levels (Gneiting and Ranjan 2011), in attacks; for ours it is
within {gap:.1%} of the fair CRPS of the draws. "Whole numbers": the same, quantiles rounded first. Coverage is that of the closed
intervals; of counts they hold more than their name says even when the forecast is perfect.

Intervals of SES (alpha {ALPHA}), TSB (0.2, 0.2) and Croston-SBA are statsforecast's conformal ones with 4 windows, the number that suited
these peers best among 2, 4, 8 and 12; AutoETS and AutoARIMA, not seasonal, bring their own. skforecast pools the provinces in a ridge regression
on six lags and means of 12 and 24 months. A boosted tree with Poisson loss in its place did worse in a trial.

Seconds are for the job with intervals, on one thread, after a small run that loads and compiles; ours include cutting the panel at
each origin.
{END}"""


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
