"""The champion on records it was not made for: simulated panels and parts of the bundled one, against the benchmarks.

    python benchmarks/skill_elsewhere.py

Prints a table: mean fair CRPS over the last 36 origins (fewer where the record is short), horizons 1-6, 1,000
draws, refit every 12 months, of the ensemble, EWMA-NB and conflictology-12.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules as sr
import xarray as xr

from provrisk import months, seeds
from provrisk.evaluation.backtest.engine import backtest
from provrisk.evaluation.backtest.protocol import Setup
from provrisk.evaluation.scores.observations import observations
from provrisk.events.counting import counts as tables
from provrisk.features.panel import panel_upto
from provrisk.models.from_file import build
from provrisk.study import find_project

SHOWN = ("ensemble", "ewma_nb", "conflictology")
MADE_OF = ("learnt_abroad", "fast_slow", "ratio_forest", "smoothed_conflictology", "pool")
AHEAD = 6


def panel_of(counts: np.ndarray) -> xr.Dataset:
    """A panel with nothing but ``counts`` (month, province), as ``build_panel`` would make it."""
    start = months.parse("1995-01")
    index = months.span(start, months.shift(start, len(counts) + AHEAD - 1))
    values = np.vstack([counts, np.full((AHEAD, counts.shape[1]), np.nan)])
    coords = {"month": index, "province": [f"P{i:02d}" for i in range(counts.shape[1])]}
    panel = xr.Dataset({"attacks": (("month", "province"), values, {"known_ahead": False, "unit": "events"})}, coords)
    panel["observed"] = panel.attacks.notnull().assign_attrs(known_ahead=False)
    origin = months.label(index[len(counts) - 1])
    return panel.assign_attrs(study="simulated", digest="-", source="simulated", origin=origin, target="attacks")


def gamma_poisson(mean: np.ndarray, size: float, rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(rng.gamma(size, np.maximum(mean, 1e-3) / size)).astype(float)


def feedback(length: int, provinces: int, rng: np.random.Generator) -> np.ndarray:
    """NB-INGARCH(1,1)."""
    base = rng.lognormal(0, 1.2, provinces)
    mean, rows = base, []
    for _ in range(length):
        rows.append(gamma_poisson(mean, 2, rng))
        mean = 0.1 * base + 0.35 * rows[-1] + 0.55 * mean
    return np.stack(rows)


def wandering(length: int, provinces: int, rng: np.random.Generator) -> np.ndarray:
    """A log level that wanders, in part for all provinces together."""
    steps = 0.12 * rng.standard_normal((length, provinces)) + 0.08 * rng.standard_normal((length, 1))
    level = np.zeros(provinces)
    rows = []
    for step in steps:
        level = 0.985 * level + step
        rows.append(level)
    return gamma_poisson(np.exp(np.stack(rows) + rng.normal(0, 1.2, provinces)), 3, rng)


def regimes(length: int, provinces: int, rng: np.random.Generator) -> np.ndarray:
    """Long quiet spells and wars of about two years."""
    state = np.zeros(provinces, dtype=bool)
    base, rows = rng.lognormal(-0.5, 1, provinces), []
    for _ in range(length):
        state = np.where(rng.random(provinces) < np.where(state, 1 / 24, 1 / 60), ~state, state)
        rows.append(np.where(state, 8, 1) * base)
    return gamma_poisson(np.stack(rows), 2, rng)


def steady(length: int, provinces: int, rng: np.random.Generator) -> np.ndarray:
    """Nothing to learn but the mean, and a yearly season."""
    season = 1 + 0.4 * np.sin(2 * np.pi * np.arange(length) / 12)[:, None]
    return gamma_poisson(season * rng.lognormal(0, 1.2, provinces), 4, rng)


def quiet(length: int, provinces: int, rng: np.random.Generator) -> np.ndarray:
    """An attack or two a year, now and then several in a month."""
    return gamma_poisson(np.broadcast_to(rng.lognormal(-2.5, 0.7, provinces), (length, provinces)), 0.3, rng)


def cases() -> dict[str, np.ndarray]:
    """Counts (month, province) by what they are."""
    study = find_project(Path(__file__).resolve().parents[1]).study()
    table = tables.read_csv(study.bundled_counts, study)
    bundled = table.pivot(index="month", columns="province", values="attacks").dropna().to_numpy(dtype=float)
    busiest = bundled.sum(axis=0).argsort()[::-1]
    out = {
        f"{make.__name__}, {length} months, {provinces} provinces": make(length, provinces, seeds.generator("skill", n))
        for n, (make, length, provinces) in enumerate(
            [(kind, 180, 18) for kind in (feedback, wandering, regimes, steady, quiet)]
            + [(kind, 180, 6) for kind in (feedback, wandering, regimes)]
            + [(wandering, 120, 60)]
            + [(kind, 36, 18) for kind in (feedback, wandering, regimes)]
        )
    }
    return out | {
        "bundled, six busiest provinces": bundled[:, busiest[:6]],
        "bundled, twelve quietest": bundled[:, busiest[6:]],
        "bundled, 2004-2010": bundled[:84],
        "bundled, 2013-2015": bundled[108:144],
        "bundled, 2016-2018": bundled[144:],
    }


def scored(counts: np.ndarray) -> pd.Series:
    """Mean fair CRPS of each model in ``SHOWN``, and the ratios with a 90 % interval over blocks of 12 origins."""
    panel = panel_of(counts)
    index = panel.indexes["month"][: len(counts)]
    number = min(36, len(counts) - AHEAD - 18)
    origins = index[len(counts) - AHEAD - number : len(counts) - AHEAD]
    files = find_project(Path(__file__).resolve().parents[1]).models()
    recipes = {name: build(name, files[name]) for name in {*MADE_OF, *SHOWN}}
    result = backtest(lambda origin: panel_upto(panel, origin), recipes, origins, Setup(range(1, AHEAD + 1), 1000, 12))
    by_origin = {}
    for name in SHOWN:
        draws = result.past[name].sel(origin=origins)
        observed = observations(panel, draws)
        values = sr.crps_ensemble(
            observed.to_numpy(), draws.transpose(*observed.dims, "draw").to_numpy().astype(float), estimator="pwm"
        )
        by_origin[name] = values.mean(axis=tuple(range(1, values.ndim)))
    rng = seeds.generator("blocks")
    blocks = (rng.integers(number, size=(1000, -(-number // 12), 1)) + np.arange(min(12, number))) % number
    rows = blocks.reshape(1000, -1)[:, :number]
    out: dict[str, object] = {name: round(float(one.mean()), 3) for name, one in by_origin.items()}
    for other in SHOWN[1:]:
        ratio = by_origin["ensemble"][rows].mean(axis=1) / by_origin[other][rows].mean(axis=1)
        low, high = np.quantile(ratio, [0.05, 0.95])
        whole = by_origin["ensemble"].mean() / by_origin[other].mean()
        out[f"ensemble / {other}"] = f"{whole:.3f} ({low:.3f}-{high:.3f})"
    return pd.Series(out)


if __name__ == "__main__":
    for name, counts in cases().items():
        print(name, *(f"{key} {value}" for key, value in scored(counts).items()), sep=" | ", flush=True)
