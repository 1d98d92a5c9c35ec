"""The risk table and the dates of an issue."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import integers

from helpers import panel_of
from provrisk import months, seeds
from provrisk.features.panel import recent
from provrisk.forecasts import hubverse
from provrisk.risk import levels
from provrisk.risk import table as risk
from provrisk.risk.issue_date import issue_on
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


def test_provisional_months_are_held_against_what_they_will_come_to(small_study: Study) -> None:
    """Each draw against its own version of the counts: a steady province does not rise by its last month's lateness."""
    rng = seeds.generator("provisional")
    true, late = rng.poisson(10, (36, 3)).astype(float), np.ones((36, 3))
    late[-3:] = [[0.8] * 3, [0.7] * 3, [0.5] * 3]
    reported = np.floor(true * late)
    panel, full = panel_of(reported, small_study), panel_of(true, small_study)
    issue = issue_on(pd.Timestamp("2026-01-01"), ORIGIN, 6)
    when = {"origin": ORIGIN, "target_month": ("horizon", [months.shift(ORIGIN, 1)])}
    drawn = xr.DataArray(
        rng.poisson(10, (3, 1, 4000)), dims=("province", "horizon", "draw"),
        coords={"province": panel.indexes["province"], "horizon": [1], **when}, attrs={"target": "attacks"},
    )  # fmt: skip
    own = {
        name: (("province", "draw"), np.repeat(values[:, None], 4000, axis=1))
        for name, values in recent(full, panel.indexes["province"]).items()
    }
    known = risk.risk_table(full, drawn, issue, small_study).set_index("province")
    corrected = risk.risk_table(panel, drawn.assign_coords(own), issue, small_study).set_index("province")
    for column in ("p_above_last", "p_escalation", "mean_12"):
        assert corrected[column].tolist() == pytest.approx(known[column].tolist())
    assert corrected.last_month[list(panel.indexes["province"])].tolist() == reported[-1].tolist()  # as reported
    assert hubverse.samples(drawn.assign_coords(own)).equals(hubverse.samples(drawn))
    country = risk.country_row(panel, drawn.assign_coords(own), issue, small_study)
    assert country.mean_12 == pytest.approx(true[-12:].sum(axis=1).mean())


def test_a_rank_lies_in_its_own_interval(small_study: Study) -> None:
    draws = np.zeros((3, 1, 10), dtype=int)
    draws[0], draws[1, :, 0] = 1, 100  # the second comes first by its mean, in one draw of ten
    table = table_of(small_study, draws)
    assert ((table.rank_low <= table["rank"]) & (table["rank"] <= table.rank_high)).all()


def test_levels_are_sorted_as_in_the_scale_and_written_as_text(small_study: Study) -> None:
    draws = np.repeat(np.array([7, 0, 30])[:, None, None], 10, axis=2)
    table = table_of(small_study, draws).reset_index()
    names = small_study.file.risk.levels
    assert list(table.level.cat.categories) == list(names)
    assert table.sort_values("level").level.tolist() == ["none", "moderate", "very high"]
    assert (table.level >= "moderate").sum() == 2
    text = table.assign(level=table.level.astype("str"))
    assert risk.to_csv(table) == risk.to_csv(text)
    formula = table.assign(level=table.level.cat.rename_categories({"none": "=none"}))
    assert ",'=none," in risk.to_csv(formula)


def test_the_csv_reads_back_as_numbers(small_study: Study) -> None:
    table = pd.DataFrame({"rank": [1], "province": ["Alpha"], "last_month": pd.array([pd.NA], "Int64"), "x": [1 / 3]})
    assert risk.to_csv(table) == "rank,province,last_month,x\n1,Alpha,,0.333\n"


def test_an_issue_rebuilt_for_a_day_gone_by_keeps_its_date_and_is_historical() -> None:
    issue = issue_on(pd.Timestamp(2019, 1, 20), pd.Timestamp(2018, 12, 1), 6, rebuilt=True)
    assert (issue.date, issue.horizon, issue.historical) == (pd.Timestamp(2019, 1, 20), 2, True)


def table_of(study: Study, draws: np.ndarray, previous: dict[str, float] | None = None) -> pd.DataFrame:
    """The risk table of three provinces from ``draws`` (province, horizon, draw), after two attacks every month."""
    panel = panel_of(np.full((36, 3), 2.0), study)
    forecast = xr.DataArray(
        draws,
        dims=("province", "horizon", "draw"),
        coords={"province": panel.indexes["province"], "horizon": range(1, draws.shape[1] + 1)},
    )
    issue = issue_on(pd.Timestamp("2026-01-01"), ORIGIN, draws.shape[1])
    return risk.risk_table(panel, forecast, issue, study, previous).set_index("province")


@pytest.mark.slow
@given(arrays(np.int64, (3, 3, 20), elements=integers(0, 60)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_holds_for_every_forecast(small_study: Study, draws: np.ndarray) -> None:
    table = table_of(small_study, draws)
    scale = small_study.file.risk
    named = [f"p_{name.replace(' ', '_')}" for name in scale.levels]
    assert np.allclose(table[named].sum(axis=1), 1)
    assert (table[named] >= 0).all(axis=None)
    exceeded = table[[f"p_at_least_{n}" for n in scale.thresholds]].to_numpy()
    assert (np.diff(exceeded, axis=1) <= 0).all()
    assert table.score.between(0, 100).all()
    assert np.allclose(table.score, 25 * exceeded.sum(axis=1))
    for prefix in ("", "quarter_"):
        ends = [f"{prefix}{edge}" for edge in ("low_90", "low_80", "low_50", "median", "high_50", "high_80", "high_90")]
        assert (np.diff(table[ends].to_numpy().astype(float), axis=1) >= 0).all()
    assert (table.rank_low <= table.rank_high).all()
    assert table.expected.is_monotonic_decreasing
    sums = draws.sum(axis=1).mean(axis=1)
    assert table.quarter_expected[["Alpha", "Beta", "Gamma"]].tolist() == pytest.approx(sums.tolist())


def test_a_quarter_needs_three_months(small_study: Study) -> None:
    assert table_of(small_study, np.ones((3, 2, 10), int)).quarter_expected.isna().all()
    assert (table_of(small_study, np.ones((3, 3, 10), int)).quarter_low_80 == 3).all()


def test_the_watch_list_follows_the_cost_ratio(small_study: Study) -> None:
    draws = np.zeros((3, 1, 10), int)
    draws[0, 0, :2] = 10  # a fifth: 0.25 / 1.25
    draws[1, 0, :1] = 99
    assert table_of(small_study, draws).watch.to_dict() == {"Alpha": True, "Beta": False, "Gamma": False}
    silent = dataclasses.replace(
        small_study,
        file=small_study.file.model_copy(
            update={"risk": small_study.file.risk.model_copy(update={"cost_ratio": None})}
        ),
    )
    assert not table_of(silent, draws).watch.any()


def test_escalation_more_than_last_change_and_rate(small_study: Study) -> None:
    draws = np.tile(np.arange(10), (3, 1, 1))
    table = table_of(small_study, draws, {"Alpha": 10.0})
    alpha = table.loc["Alpha"]
    assert alpha.p_escalation == pytest.approx(0.6)  # above 3, since 1.5 x 2 is no more
    assert alpha.p_above_last == pytest.approx(0.7)
    assert alpha.score == pytest.approx(100 * (0.9 + 0.5) / 4)
    assert alpha.score_change == pytest.approx(alpha.score - 10)
    assert np.isnan(table.loc["Beta", "score_change"])
    assert alpha.per_100000 == pytest.approx(450)


def test_ties_share_the_middle_rank(small_study: Study) -> None:
    draws = np.zeros((3, 1, 10), int)
    draws[2] = 5
    table = table_of(small_study, draws)
    assert table.loc["Gamma", ["rank_low", "rank_high"]].tolist() == [1, 1]
    assert table.loc["Alpha", ["rank_low", "rank_high"]].tolist() == [2, 2]


def test_no_memory_but_the_data(small_study: Study) -> None:
    draws = np.random.default_rng(0).integers(0, 30, size=(3, 3, 50))
    alone, after = table_of(small_study, draws), table_of(small_study, draws, {"Alpha": 90.0, "Beta": 0.0})
    pd.testing.assert_frame_equal(alone.drop(columns="score_change"), after.drop(columns="score_change"))
