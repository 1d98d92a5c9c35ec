"""What if: draws moved by a ratio, neighbours that follow, and effects taken from the past."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from provrisk import months, seeds
from provrisk.features.neighbours import adjacency
from provrisk.risk.scenario import Change, Spillover, compared, rescaled, with_changes
from provrisk.study import Study

TARGETS = months.span(months.parse("2019-01"), months.parse("2019-03"))


def forecast(means: list[float], draws: int = 4000) -> xr.DataArray:
    """Negative-binomial draws of size 2 with these means in Alpha, Beta and Gamma, three months alike."""
    rng = seeds.generator("test_scenario", *means)
    values = np.stack([rng.negative_binomial(2, 2 / (2 + mean), (3, draws)) for mean in means])
    coords = {"province": ["Alpha", "Beta", "Gamma"], "horizon": [1, 2, 3], "target_month": ("horizon", TARGETS)}
    return xr.DataArray(values, dims=("province", "horizon", "draw"), coords=coords)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 4), st.floats(0.3, 30))
def test_a_rescaled_count_has_the_rescaled_distribution(ratio: float, mean: float) -> None:
    rng = seeds.generator("rescaled", ratio, mean)
    draws = rng.negative_binomial(2, 2 / (2 + mean), 20_000)
    moved = rescaled(draws, np.full(20_000, ratio), rng)
    wanted = ratio * mean
    assert moved.mean() == pytest.approx(wanted, rel=0.08, abs=0.05)
    assert moved.var() == pytest.approx(wanted + wanted**2 / 2, rel=0.25, abs=0.1)


def test_a_ratio_of_one_changes_nothing_and_a_zero_can_become_an_attack() -> None:
    rng = seeds.generator("one")
    draws = rng.negative_binomial(2, 0.5, 1000)
    assert (rescaled(draws, np.ones(1000), rng) == draws).all()
    raised = rescaled(draws, np.full(1000, 2.0), rng)
    assert (raised >= draws).all()
    assert (raised[draws == 0] > 0).any()
    assert (rescaled(draws, np.full(1000, 0.5), rng) <= draws).all()
    assert (rescaled(np.zeros(9, int), np.full(9, 5.0), rng) == 0).all()  # a cell that never sees one stays so


def test_a_change_begins_in_its_month_and_stays_in_its_provinces() -> None:
    before = forecast([8, 4, 4])
    change = Change(("Alpha",), months.parse("2019-02"), np.full(before.sizes["draw"], 2.0))
    after = with_changes(before, [change], None, seeds.generator("x"))
    assert (after.sel(horizon=1) == before.sel(horizon=1)).all()
    assert (after.sel(province=["Beta", "Gamma"]) == before.sel(province=["Beta", "Gamma"])).all()
    assert after.sel(province="Alpha", horizon=[2, 3]).mean().item() == pytest.approx(16, rel=0.05)


def test_two_changes_of_one_province_multiply() -> None:
    before = forecast([8, 4, 4])
    twice = [Change(("Alpha",), TARGETS[0], np.full(before.sizes["draw"], ratio)) for ratio in (2.0, 0.25)]
    after = with_changes(before, twice, None, seeds.generator("x"))
    assert after.sel(province="Alpha").mean().item() == pytest.approx(4, rel=0.05)


def test_neighbours_follow_a_month_later_and_no_further(small_study: Study) -> None:
    before = forecast([8, 4, 4])  # Alpha borders Beta, Beta borders Gamma
    draws = before.sizes["draw"]
    change = Change(("Alpha",), TARGETS[0], np.full(draws, 4.0))
    spill = Spillover(np.full(draws, np.log(1.5)), adjacency(small_study))
    after = with_changes(before, [change], spill, seeds.generator("x"))
    beta, gamma = after.sel(province="Beta"), after.sel(province="Gamma")
    assert (beta.sel(horizon=1) == before.sel(province="Beta", horizon=1)).all()
    assert beta.sel(horizon=2).mean().item() > 1.2 * before.sel(province="Beta", horizon=2).mean().item()
    assert (gamma.sel(horizon=2) == before.sel(province="Gamma", horizon=2)).all()
    none = with_changes(before, [change], Spillover(np.zeros(draws), adjacency(small_study)), seeds.generator("x"))
    assert (none.sel(province="Beta") == before.sel(province="Beta")).all()


def test_the_table_compares_draw_by_draw(iraq: Study) -> None:
    before = forecast([8, 4, 1])
    change = Change(("Gamma",), TARGETS[1], np.full(before.sizes["draw"], 20.0))
    after = with_changes(before, [change], None, seeds.generator("x"))
    table = compared(before, after, iraq.file.risk).set_index(["month", "province"])
    row = table.loc[("2019-02", "Gamma")]
    assert row.difference == pytest.approx(row.expected_with - row.expected_without)
    assert (row.rank_without, row.rank_with) == (3, 1)
    assert row.p_high_with > row.p_high_without + 0.3
    still = table.loc["2019-01"]
    assert (still.difference == 0).all()
    assert pd.Index(still.index).tolist() == ["Alpha", "Beta", "Gamma"]
