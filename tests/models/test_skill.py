"""The champion on a short stretch of the bundled record: its skill, and that its numbers stay put."""

import json

import numpy as np
import pytest
import xarray as xr

import golden
from helpers import ROOT
from provrisk import METHOD_VERSION
from provrisk.evaluation.backtest.engine import Backtest


def test_the_champion_is_ahead_of_its_benchmarks(golden_run: Backtest, iraq_panel: xr.Dataset) -> None:
    crps = golden.crps(golden_run, iraq_panel)
    assert crps["ensemble"] < crps["ewma_nb"] < crps["conflictology"]
    assert golden_run.failures.empty
    nation = {name: golden_run.past[name].sum("province").std("draw").mean().item() for name in ("pool", "ensemble")}
    assert nation["ensemble"] > 1.1 * nation["pool"]
    assert (np.sort(golden_run.past["ensemble"]) == np.sort(golden_run.past["pool"])).all()


def test_the_numbers_stay_put(golden_run: Backtest, iraq_panel: xr.Dataset) -> None:
    stored = json.loads(golden.FILE.read_text())
    # Other versions of the libraries may end their optimisations elsewhere; the pinned ones may not.
    tolerance = 1e-3 if stored["packages"] == golden.versions() else 0.05
    found = golden.figures(golden_run, iraq_panel)
    assert found.keys() == stored["figures"].keys()
    for name, figures in stored["figures"].items():
        for what, value in figures.items():
            assert found[name][what] == pytest.approx(value, rel=tolerance), (
                f"{what} of {name} has moved: if that is meant, raise METHOD_VERSION, write before and after in "
                "CHANGELOG.md, and run tests/golden.py"
            )


def test_a_method_has_its_golden_figures_and_its_line_in_the_changelog() -> None:
    assert json.loads(golden.FILE.read_text())["method"] == METHOD_VERSION
    assert f"Method {METHOD_VERSION}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
