"""How long the champion takes on a large panel: 3,600 provinces by 420 months, 1,000 draws, horizons 1-12.

    python benchmarks/skill_speed.py

Target: 120 s and 4 GiB on two cores.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import time
from pathlib import Path

import numpy as np
import xarray as xr
from skill_elsewhere import MADE_OF

from provrisk import months, seeds
from provrisk.evaluation.backtest.fitted import fit, forecast
from provrisk.models.from_file import build
from provrisk.study import find_project

MONTHS, PROVINCES, AHEAD = 420, 3600, 12


def main() -> None:
    rng = seeds.generator("large")
    mean = rng.lognormal(-0.5, 1.2, PROVINCES) * np.exp(0.5 * np.sin(np.arange(MONTHS + AHEAD) / 40)[:, None])
    values = rng.poisson(rng.gamma(2, mean / 2)).astype(float)
    values[MONTHS:] = np.nan
    start = months.parse("1980-01")
    index = months.span(start, months.shift(start, MONTHS + AHEAD - 1))
    coords = {"month": index, "province": [f"P{i:04d}" for i in range(PROVINCES)]}
    panel = xr.Dataset({"attacks": (("month", "province"), values, {"known_ahead": False})}, coords)
    panel = panel.assign_attrs(
        study="large", digest="-", source="-", target="attacks", origin=months.label(index[MONTHS - 1])
    )

    files = find_project(Path(__file__).resolve().parents[1]).models()
    recipes = {name: build(name, files[name]) for name in (*MADE_OF, "ensemble")}
    total = 0.0
    for name in MADE_OF[:-1]:
        begin = time.perf_counter()
        recipes[name].fit(panel).predict(panel, range(1, AHEAD + 1), 1000, seeds.generator(1))
        total += time.perf_counter() - begin
        print(f"{name}: {time.perf_counter() - begin:.1f} s", flush=True)
    empty = xr.DataArray(
        np.zeros((0, PROVINCES, AHEAD, 1000), np.int32),
        dims=("origin", "province", "horizon", "draw"),
        coords={"origin": index[:0], "province": coords["province"], "horizon": range(1, AHEAD + 1)},
    )
    past = dict.fromkeys(recipes, empty)
    begin = time.perf_counter()
    fitted = fit("ensemble", recipes, panel, past, {name: empty.isel(draw=0) for name in recipes})
    forecast(panel, "ensemble", fitted, range(1, AHEAD + 1), 1000, seed=1)
    print(f"the ensemble, fit and forecast: {time.perf_counter() - begin:.1f} s")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
