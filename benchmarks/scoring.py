"""How long scoring takes: 102 origins x 18 provinces x 6 horizons x 1,000 draws with every score, and the leaderboard.

    .venv/bin/python benchmarks/scoring.py

Targets: scores of one model in under 10 s and 2 GiB; the leaderboard from stored scores of ten models in under 3 s.
"""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import seeds
from provrisk.evaluation.backtest.protocol import protocol_origins
from provrisk.evaluation.comparison import leaderboard
from provrisk.evaluation.scores import cell_scores
from provrisk.evaluation.scores.observations import with_targets
from provrisk.events.counting import counts
from provrisk.features.panel import build_panel
from provrisk.study import find_project


def main() -> None:
    study = find_project(Path(__file__).parent).study("iraq")
    panel = build_panel(study, counts.read_csv(study.bundled_counts, study))
    origins = protocol_origins(panel, study.protocol("iraq-2010"))
    drawn = with_targets(
        xr.DataArray(
            seeds.generator("scoring").negative_binomial(1.0, 0.3, (102, 18, 6, 1000)).astype(np.int32),
            dims=("origin", "province", "horizon", "draw"),
            coords={"origin": origins, "province": panel.indexes["province"], "horizon": range(1, 7)},
        )
    )
    start = time.perf_counter()
    table = cell_scores.score({"m0": drawn}, panel, study)
    print(f"every score of {drawn.size:,} draws: {time.perf_counter() - start:.1f} s")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")

    ten = pd.concat([table.assign(model=f"m{i}") for i in range(10)], ignore_index=True)
    ten["model"] = ten.model.astype("category")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scores.parquet")
        ten.to_parquet(path, index=False)
        start = time.perf_counter()
        leaderboard.leaderboard(leaderboard.shared_cells(pd.read_parquet(path)), "m0")
        print(f"leaderboard of ten models from {len(ten):,} stored scores: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
