"""The regression of standing drivers, on series whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from provrisk import seeds, simulate
from provrisk.errors import ProvriskError
from provrisk.features.panel import build_panel
from provrisk.risk.evidence import distributed_lag
from provrisk.study import Study


def ramadan_panel(study: Study, effect: float, number: int) -> xr.Dataset:
    own = replace(study, file=study.file.model_copy(update={"features": ("ramadan",)}))
    size = len(study.provinces)
    empty = build_panel(own, simulate.counts_table(np.zeros((180, size)), own, "2004-01"))
    driver = simulate.Driver(effect, empty["ramadan"].to_numpy()[:180])
    process = simulate.Process(np.full(size, 1.0), alpha=0.25, beta=0.6, size=4.0, drivers=(driver,))
    counts = simulate.simulate(process, 180, seeds.generator("test_lag", number))
    return build_panel(own, simulate.counts_table(counts, own, "2004-01"))


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.5, 1.0, 2.0])
def test_a_known_effect_is_found(iraq: Study, effect: float) -> None:
    held, estimates = 0, []
    for number in range(6):
        found = distributed_lag.respond(
            ramadan_panel(iraq, effect, number), "ramadan", [0], list(iraq.provinces.index), 0.9
        )
        ratio, low, high = found.table.loc["all together"]
        estimates.append(ratio)
        held += low <= effect <= high
    assert held >= 4
    assert np.exp(np.mean(np.log(estimates))) == pytest.approx(effect, rel=0.1)


def test_the_lags_add_up(iraq: Study) -> None:
    found = distributed_lag.respond(ramadan_panel(iraq, 1.5, 1), "ramadan", [0, 1], list(iraq.provinces.index), 0.9)
    each = found.table["rate ratio"]
    assert each["all together"] == pytest.approx(each["0 months later"] * each["1 months later"])
    assert found.p_above(1.0) + found.p_below(1.0) == pytest.approx(1)
    fall, rise = found.detectable(0.1, 0.8)
    assert fall < 1 < rise
    assert found.detectable(0.1, 0.8, 1.25)[1] == pytest.approx(1.25 * rise)


def test_what_does_not_vary_cannot_be_told(iraq: Study) -> None:
    panel = ramadan_panel(iraq, 1.0, 0)
    still = panel.assign(ramadan=panel["ramadan"] * 0)
    with pytest.raises(ProvriskError, match="hardly varies"):
        distributed_lag.respond(still, "ramadan", [0], list(iraq.provinces.index), 0.9)
