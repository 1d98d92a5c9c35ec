"""Observed over expected, for every month of the record."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from provrisk import months
from provrisk.risk.evidence import rate_ratios

SPAN = months.span(months.parse("2010-01"), months.parse("2010-12"))


def counts(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(values, dims=("month", "province"), coords={"month": SPAN, "province": ["Alpha", "Beta"]})


def test_a_counterfactual_divides_what_came_by_what_was_forecast() -> None:
    values = np.column_stack([np.arange(12.0), np.full(12, 2.0)])
    draws = np.array([[1, 3], [1, 3]])  # both provinces, two draws: 2 on average, 2 or 6 together
    forecasts = xr.DataArray(
        np.broadcast_to(draws[None, :, None, :], (11, 2, 3, 2)),
        dims=("origin", "province", "horizon", "draw"),
        coords={"origin": SPAN[:11], "province": ["Alpha", "Beta"], "horizon": [1, 2, 3]},
    )
    found = rate_ratios.counterfactual(forecasts, counts(values), ["Alpha", "Beta"], [1, 3], 0.9)
    # The three months from March: Alpha 2 + 3 + 4, Beta 2 each; forecast 4 a month together.
    assert found.observed.loc["2010-03-01", 3] == 15
    assert found.expected.loc["2010-03-01", 3] == 12
    assert found.ratio.loc["2010-03-01", 3] == pytest.approx(15 / 12)
    low, high = np.quantile([6, 18], [0.05, 0.95])
    assert found.low.loc["2010-03-01", 3] == pytest.approx(15 / high)
    assert found.high.loc["2010-03-01", 3] == pytest.approx(15 / low)
    assert np.isnan(found.ratio.loc["2010-11-01", 3])  # the window leaves the record
    alone = rate_ratios.counterfactual(forecasts, counts(values), ["Beta"], [1], 0.9)
    assert (alone.ratio[1] == 1).all()


def test_a_month_not_observed_makes_no_ratio() -> None:
    values = np.ones((12, 2))
    values[5, 1] = np.nan
    total = rate_ratios.total(counts(values), ["Alpha", "Beta"])
    assert np.isnan(total.iloc[5])
    assert np.isnan(rate_ratios.ahead(total, 3).iloc[3:6]).all()
    assert rate_ratios.ahead(total, 3).iloc[2] == 6


def test_the_difference_in_differences_by_hand() -> None:
    treated = pd.Series([4.0] * 6 + [2.0] * 6, SPAN)
    control = pd.Series([10.0] * 6 + [20.0] * 6, SPAN)
    found = rate_ratios.relative(treated, control, [3], before=6)
    # 24 and 60 in the six months before are 12 and 30 in three; then 6 and 60 came.
    assert found.ratio.loc["2010-07-01", 3] == pytest.approx((6.5 / 12.5) / (60.5 / 30.5))
    assert found.expected.loc["2010-07-01", 3] == pytest.approx(12.5 * 60.5 / 30.5)
    assert found.observed.loc["2010-07-01", 3] == 6
    assert found.ratio[3].isna().sum() == 12 - 4  # months 7 to 10 have six months before and three after
