"""The panel, its features by hand, and the door that keeps the future out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import counts_table, panel_of
from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.features import panel as panels
from provrisk.study import Study

NAN = np.nan


def test_features_by_hand(small_study: Study) -> None:
    #                  Alpha Beta Gamma
    panel = panel_of(np.array([[3, 0, 1], [0, 6, 1], [3, 0, 4], [0, 0, 2.0]]), small_study)
    last = panel.sel(month="2010-04-01")
    assert last.mean_3.values.tolist() == [1, 2, 7 / 3]
    assert last.months_since_last.values.tolist() == [1, 2, 0]
    # Alpha borders Beta; Beta borders Alpha and Gamma; Gamma borders Beta.
    assert last.neighbours_mean_3.values == pytest.approx([2, (1 + 7 / 3) / 2, 2])
    assert np.isnan(panel.months_since_last.sel(month="2010-01-01", province="Beta"))


def test_missing_is_missing_in_every_feature_and_never_zero(small_study: Study) -> None:
    panel = panel_of(np.array([[1, NAN, NAN], [NAN, NAN, 2], [3, NAN, NAN]]), small_study)
    assert np.isnan(panel.attacks.sel(province="Beta")).all()
    assert np.isnan(panel.mean_3.sel(province="Beta")).all()
    assert panel.mean_3.sel(month="2010-03-01", province="Alpha") == 2  # of the two that were observed
    assert np.isnan(panel.mean_3.sel(month="2010-03-01", province="Gamma"))  # one of three is too few
    assert not panel.observed.sel(month="2010-02-01", province="Alpha")


def test_every_variable_describes_itself(iraq_panel: xr.Dataset) -> None:
    for name, values in iraq_panel.data_vars.items():
        assert {"unit", "known_ahead", "source", "meaning", "family"} <= set(values.attrs), name
        assert values.dims == ("month", "province"), name
    assert iraq_panel.attacks.attrs["source"] == "UCDP GED 19.1"


def test_an_unknown_feature_is_named(small_study: Study) -> None:
    file = small_study.file.model_copy(update={"features": ("mean_7",)})
    with pytest.raises(ProvriskError, match="no feature 'mean_7': did you mean 'mean_"):
        panel_of(np.ones((4, 3)), replace(small_study, file=file))


@pytest.mark.parametrize("month", ["2003-12", "2019-01"])
def test_an_origin_outside_the_data_is_refused(iraq_panel: xr.Dataset, month: str) -> None:
    with pytest.raises(ProvriskError, match="2004-01 to 2018-12"):
        panels.panel_upto(iraq_panel, months.parse(month))


def test_cutting_a_cut_is_cutting_once(iraq_panel: xr.Dataset) -> None:
    early, late = months.parse("2010-05"), months.parse("2014-06")
    twice = panels.panel_upto(panels.panel_upto(iraq_panel, late), early)
    xr.testing.assert_identical(twice, panels.panel_upto(iraq_panel, early))


def test_counts_without_an_observed_month_are_refused(small_study: Study) -> None:
    table = counts_table(np.full((3, 3), NAN), list(small_study.provinces.index))
    with pytest.raises(ProvriskError, match="no counts"):
        panels.build_panel(small_study, table)


def test_the_panel_reaches_past_the_data_by_the_horizon(iraq_panel: xr.Dataset) -> None:
    assert iraq_panel.indexes["month"][-1] == pd.Timestamp(2019, 6, 1)
    assert not iraq_panel.observed.sel(month="2019-01-01").any()
