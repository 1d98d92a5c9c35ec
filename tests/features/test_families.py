"""The families of features, by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import counts_table
from provrisk import months
from provrisk.features import calendar, history
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import build_panel
from provrisk.study import Study

NAN = np.nan
#                  Alpha Beta Gamma
COUNTS = np.array([[3, 0, 1], [0, 6, 1], [3, 0, 4], [0, 0, 2.0]])


@pytest.fixture
def panel(small_study: Study) -> xr.Dataset:
    table = counts_table(COUNTS, list(small_study.provinces.index))
    table["attacks_bombing"] = table.attacks / 2
    return build_panel(with_every_feature(small_study), table)


def last(panel: xr.Dataset, name: str) -> np.ndarray:
    return panel[name].sel(month="2010-04-01").to_numpy()


def test_history_by_hand(panel: xr.Dataset) -> None:
    assert last(panel, "lag_1").tolist() == [3, 0, 4]
    assert last(panel, "max_3").tolist() == [3, 6, 4]
    assert last(panel, "spread_3") == pytest.approx([np.sqrt(2), np.sqrt(8), np.sqrt(14 / 9)])
    # Alpha: weights 1, .7, .49, .343 on 0, 3, 0, 3.
    assert last(panel, "ewma_30")[0] == pytest.approx((0.7 * 3 + 0.343 * 3) / 2.533)
    assert last(panel, "months_since_last").tolist() == [1, 2, 0]
    # Four months are too few for anything over 12.
    assert np.isnan(last(panel, "mean_12")).all()


def test_ratios_by_hand() -> None:
    counts = np.vstack([np.tile([2.0, 2.0], (9, 1)), np.tile([8.0, 2.0], (3, 1))])
    assert history.escalation(counts)[-1] == pytest.approx([8.5 / 4, 1])
    assert history.share_of_country(counts)[-1] == pytest.approx([3.5 / 5.5, 2 / 5.5])
    country = 5.5 / 3.25  # the mean over two provinces: 5 against 2.75
    assert history.trend_against_country(counts)[-1] == pytest.approx([8.5 / 4 / country, 1 / country])
    assert np.isnan(history.share_of_country(np.zeros((12, 2)))).all()


def test_neighbours_by_hand(panel: xr.Dataset) -> None:
    # Alpha borders Beta; Beta borders Alpha and Gamma; Gamma borders Beta.
    assert last(panel, "neighbours_lag_1").tolist() == [0, 3.5, 0]
    assert last(panel, "neighbours_total").tolist() == [0, 2, 0]
    assert last(panel, "country_total").tolist() == [2, 2, 2]
    # Beta's capital is at (2, 2), Alpha's at (1, 1), Gamma's at (3, 3), a little nearer: the sphere narrows.
    near = 1 / np.array([157.2254, 157.1775])
    assert last(panel, "neighbours_weighted_3")[1] == pytest.approx(near @ [1, 7 / 3] / near.sum(), rel=1e-4)


def test_rank_shares_a_place() -> None:
    from provrisk.features.neighbours import rank

    assert rank(np.tile([1.0, 4, 1, NAN], (12, 1)))[-1][:3].tolist() == [2.5, 1, 2.5]
    assert np.isnan(rank(np.tile([1.0, 4, 1, NAN], (12, 1)))[-1][3])


def test_shares_exist_for_the_measures_that_are_there(panel: xr.Dataset) -> None:
    assert last(panel, "share_bombing")[2] == 0.5
    assert np.isnan(last(panel, "share_bombing")[0])  # no attack, no share
    assert last(panel, "share_bombing_12").tolist() == [0.5, 0.5, 0.5]
    assert "share_hostage_taking" not in panel


def test_a_missing_month_is_missing_in_totals(small_study: Study) -> None:
    counts = COUNTS.copy()
    counts[2, 0] = NAN
    panel = build_panel(with_every_feature(small_study), counts_table(counts, list(small_study.provinces.index)))
    third = panel.sel(month="2010-03-01")
    assert third.country_total.isnull().all()
    assert third.neighbours_total.isnull().values.tolist() == [False, True, False]
    assert np.isnan(third.ewma_30[0])
    assert np.isnan(third.months_since_last[0])


def test_ramadan_and_the_feasts_are_shares_of_the_month() -> None:
    span = months.span(months.parse("2018-05"), months.parse("2018-08"))
    # Ramadan 1439: 16 May to 14 June 2018; the feasts from 15 June and 21 August.
    assert calendar.hijri_share(span, 9, 1, None) == pytest.approx([16 / 31, 14 / 30, 0, 0])
    assert calendar.hijri_share(span, 10, 1, 3) == pytest.approx([0, 3 / 30, 0, 0])
    assert calendar.hijri_share(span, 12, 10, 13) == pytest.approx([0, 0, 0, 4 / 31])


def test_two_ramadans_fall_in_2030() -> None:
    span = months.span(months.parse("2030-01"), months.parse("2030-12"))
    days = calendar.hijri_share(span, 9, 1, None) * span.days_in_month.to_numpy()
    assert (days > 0).sum() == 3
    assert days.sum() == pytest.approx(30 + 6, abs=1)  # from 5 January, and from 26 December


def test_the_islamic_calendar_ends_where_its_tables_end() -> None:
    span = months.span(months.parse("2077-09"), months.parse("2078-01"))
    assert np.isnan(calendar.hijri_share(span, 9, 1, None)[2:]).all()
    assert np.isnan(calendar.hijri_share(pd.DatetimeIndex(["1900-01-01"]), 9, 1, None)).all()


def test_features_by_definition_on_random_counts(iraq_panel: xr.Dataset) -> None:
    rng = np.random.default_rng(5)
    counts = rng.poisson(2, (60, 7)).astype(float)
    counts[rng.random(counts.shape) < 0.2] = NAN
    for window in (3, 12):
        rolling = pd.DataFrame(counts).rolling(window, min_periods=(window + 1) // 2)
        np.testing.assert_allclose(history.rolling_mean(counts, window), rolling.mean())
        np.testing.assert_allclose(history.rolling_max(counts, window), rolling.max())
        np.testing.assert_allclose(history.rolling_spread(counts, window), rolling.std(ddof=0), atol=1e-9)
