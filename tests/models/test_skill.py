"""The champion's skill on a short stretch of the bundled record, against the benchmarks."""

import numpy as np
import scoringrules as sr
import xarray as xr

from helpers import ROOT
from provrisk import months
from provrisk.evaluation.engine import backtest
from provrisk.evaluation.truth import truth
from provrisk.features.panel import panel_upto
from provrisk.models.registry import build
from provrisk.study import find_project


def test_the_champion_is_ahead_of_its_benchmarks(iraq_panel: xr.Dataset) -> None:
    files = find_project(ROOT).models()
    pool = list(files["pool"].settings["members"])
    recipes = {name: build(name, files[name]) for name in [*pool, "conflictology", "pool", "ensemble"]}
    origins = months.span(months.parse("2011-01"), months.parse("2011-12"))
    result = backtest(lambda at: panel_upto(iraq_panel, at), recipes, origins, range(1, 7), 1000, 12, seed=1)
    crps = {}
    for name in ("ensemble", "ewma_nb", "conflictology"):
        observed = truth(iraq_panel, result.past[name]).to_numpy()
        crps[name] = sr.crps_ensemble(observed, result.past[name].to_numpy().astype(float), estimator="pwm").mean()
    assert crps["ensemble"] < crps["ewma_nb"] < crps["conflictology"]
    assert result.failures.empty
    nation = {name: result.past[name].sum("province").std("draw").mean().item() for name in ("pool", "ensemble")}
    assert nation["ensemble"] > 1.1 * nation["pool"]
    assert (np.sort(result.past["ensemble"]) == np.sort(result.past["pool"])).all()
