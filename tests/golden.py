"""The golden run: figures of the champion, its members and the benchmarks on a fixed stretch of the bundled record.

    python tests/golden.py      # after a change of method: raise METHOD_VERSION first, and say so in CHANGELOG.md

writes tests/golden.json anew.
"""

import importlib.metadata
import json
from pathlib import Path

import numpy as np
import scoringrules as sr
import xarray as xr

from provrisk import METHOD_VERSION, months
from provrisk.evaluation.backtest.engine import Backtest, backtest
from provrisk.evaluation.backtest.protocol import Setup
from provrisk.evaluation.scores.observations import observations
from provrisk.events.counting import counts as tables
from provrisk.features.panel import build_panel, panel_upto
from provrisk.models.from_file import build
from provrisk.study import find_project

FILE = Path(__file__).with_suffix(".json")
PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "statsmodels", "xarray")


def bundled_panel() -> xr.Dataset:
    study = find_project(Path(__file__).parent).study("iraq")
    return build_panel(study, tables.read_csv(study.bundled_counts, study))


def run(panel: xr.Dataset) -> Backtest:
    """The origins of 2011, 1,000 draws, seed 1."""
    files = find_project(Path(__file__).parent).models()
    names = [*files["pool"].settings["members"], "conflictology", "ewma_nb", "ingarch", "pool", "ensemble"]
    recipes = {name: build(name, files[name]) for name in names}
    origins = months.span(months.parse("2011-01"), months.parse("2011-12"))
    return backtest(lambda at: panel_upto(panel, at), recipes, origins, Setup(range(1, 7), 1000, 12))


def crps(result: Backtest, panel: xr.Dataset) -> dict[str, float]:
    """Mean fair CRPS of each recipe over all cells, in attacks."""
    out = {}
    for name, past in result.past.items():
        happened, draws = observations(panel, past).to_numpy(), past.to_numpy().astype(float)
        out[name] = float(sr.crps_ensemble(happened, draws, estimator="pwm").mean())
    return out


def figures(result: Backtest, panel: xr.Dataset) -> dict[str, dict[str, object]]:
    """By recipe: its CRPS, and by horizon the national mean and 90 % quantile, all origins together."""
    out: dict[str, dict[str, object]] = {}
    scores = crps(result, panel)
    for name, past in result.past.items():
        nation = past.sum("province").transpose("horizon", "origin", "draw").to_numpy()
        upper = np.quantile(nation, 0.9, axis=2).mean(axis=1)
        out[name] = {
            "crps": round(scores[name], 6),
            "mean": nation.mean(axis=(1, 2)).round(4).tolist(),
            "upper": upper.round(3).tolist(),
        }
    return out


def versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in PACKAGES}


if __name__ == "__main__":
    panel = bundled_panel()
    content = {"method": METHOD_VERSION, "packages": versions(), "figures": figures(run(panel), panel)}
    FILE.write_text(json.dumps(content, indent=1) + "\n")
