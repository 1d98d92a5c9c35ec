"""The risk table and the dates of an issue."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import panel_of
from provrisk import months
from provrisk.risk import levels
from provrisk.risk import table as risk
from provrisk.risk.issue import issue_on
from provrisk.study import Study

ORIGIN = months.parse("2012-12")


@pytest.mark.parametrize(
    ("today", "horizon", "historical", "date"),
    [
        ("2012-12-20", 1, False, "2012-12-20"),
        ("2013-01-01", 2, False, "2013-01-01"),  # the first target month has begun
        ("2013-01-20", 2, False, "2013-01-20"),
        ("2013-05-31", 6, False, "2013-05-31"),
        ("2013-06-01", 1, True, "2013-01-01"),
        ("2026-11-22", 1, True, "2013-01-01"),
    ],
)
def test_an_issue_speaks_of_the_first_month_not_begun(today: str, horizon: int, historical: bool, date: str) -> None:
    issue = issue_on(pd.Timestamp(today), ORIGIN, 6)
    assert (issue.horizon, issue.historical, f"{issue.date:%Y-%m-%d}") == (horizon, historical, date)
    assert issue.month == months.shift(ORIGIN, horizon)


def test_the_level_holds_the_median(iraq: Study) -> None:
    medians = np.array([0, 1, 4, 5, 9, 10, 24, 25, 1000])
    words = ["none", "low", "low", "moderate", "moderate", "high", "high", "very high", "very high"]
    assert levels.level(medians, iraq.file.risk) == words


def test_the_table_by_hand(small_study: Study) -> None:
    values = np.ones((36, 3))
    values[-1] = [4, 0, 2]
    values[-12, 2] = np.nan
    panel = panel_of(values, small_study)
    issue = issue_on(pd.Timestamp("2026-01-01"), ORIGIN, 6)
    draws = np.zeros((3, 1, 10), dtype=int)
    draws[0, 0] = np.arange(10)
    draws[1, 0] = 30
    forecast = xr.DataArray(
        draws, dims=("province", "horizon", "draw"), coords={"province": panel.indexes["province"], "horizon": [1]}
    )
    table = risk.risk_table(panel, forecast, issue, small_study).set_index("province")
    assert table.index.tolist() == ["Beta", "Alpha", "Gamma"]
    alpha = table.loc["Alpha"]
    assert (alpha["rank"], alpha.last_month, alpha.mean_12) == (2, 4, pytest.approx(15 / 12))
    assert (alpha.expected, alpha["median"], alpha.low_80, alpha.high_80) == (4.5, 4, 0, 8)
    assert (alpha.p_at_least_1, alpha.level) == (0.9, "low")
    assert table.loc["Beta", "level"] == "very high"
    assert table.loc["Gamma", "mean_12"] == pytest.approx(12 / 11)  # over the eleven months observed


def test_the_csv_reads_back_as_numbers(small_study: Study) -> None:
    table = pd.DataFrame({"rank": [1], "province": ["Alpha"], "last_month": pd.array([pd.NA], "Int64"), "x": [1 / 3]})
    assert risk.to_csv(table) == "rank,province,last_month,x\n1,Alpha,,0.333\n"
