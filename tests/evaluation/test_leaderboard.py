"""Comparison: intervals that cover, tests that hold their level, and ties that are called ties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison import leaderboard
from provrisk.evaluation.scores.cell_scores import TOTAL

ORIGINS = months.span(months.parse("2010-01"), months.parse("2014-12"))


def losses(*columns: np.ndarray, horizons: int = 1) -> pd.DataFrame:
    """A table (origin, horizon, province) with a column of losses a model, from arrays over origins."""
    index = pd.MultiIndex.from_product(
        [ORIGINS, range(1, horizons + 1), ["Alpha"]], names=["origin", "horizon", "province"]
    )
    return pd.DataFrame({name: np.repeat(c, horizons) for name, c in zip("abc", columns, strict=False)}, index=index)


def long(model: str, rows: dict[str, dict[str, float]], origin: pd.Timestamp = ORIGINS[0]) -> pd.DataFrame:
    return pd.DataFrame(
        [(model, origin, 1, p, s, v, p == "Alpha") for p, values in rows.items() for s, v in values.items()],
        columns=["model", "origin", "horizon", "province", "score", "value", "active"],
    )


def test_only_shared_cells_are_compared_and_the_others_counted() -> None:
    table = pd.concat(
        [
            long("a", {"Alpha": {"crps": 1.0}, "Beta": {"crps": 3.0}, "Gamma": {"crps": 50.0}}),
            long("b", {"Alpha": {"crps": 2.0}, "Beta": {"crps": 2.0}, TOTAL: {"crps": 9.0}}),
        ]
    )
    cells = leaderboard.shared_cells(table)
    assert cells.wide("crps").mean().to_dict() == {"a": 2.0, "b": 2.0}
    assert cells.wide("crps", only_active=True).mean().to_dict() == {"a": 1.0, "b": 2.0}
    assert cells.unshared == {"a": 1, "b": 0}
    with pytest.raises(ProvriskError, match="no scores of 'x'"):
        leaderboard.shared_cells(table, ["a", "x"])
    apart = pd.concat([long("a", {"Alpha": {"crps": 1.0}}), long("b", {"Beta": {"crps": 1.0}})])
    with pytest.raises(ProvriskError, match="No cell"):
        leaderboard.shared_cells(apart)


def test_skill_is_one_less_the_ratio_and_a_clear_difference_is_no_tie() -> None:
    rng = seeds.generator("skill")
    base = rng.gamma(4, 1, 60)
    table = leaderboard.skills(losses(base, 0.8 * base, base + rng.normal(0, 0.3, 60)), "a")
    assert table.loc["b", "skill"] == pytest.approx(0.2)
    assert table.loc["b", ["skill_low", "skill_high"]].tolist() == pytest.approx([0.2, 0.2])
    assert table.verdict.tolist() == ["tie", "better", "tie"]
    assert table.loc["a", "skill"] == 0


def test_the_interval_holds_the_point_even_when_the_ends_differ_from_the_middle() -> None:
    ends = np.r_[np.full(6, 5.0), np.ones(48), np.full(6, 5.0)]
    row = leaderboard.skills(losses(np.full(60, 2.0), ends), "a").loc["b"]
    assert row.skill_low <= row.skill <= row.skill_high


@pytest.mark.slow
def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    held = 0
    for number in range(200):
        rng = seeds.generator("cover", number)
        noise = np.convolve(rng.normal(0, 1, 65), np.ones(6) / 6, mode="valid")  # targets overlap
        row = leaderboard.skills(losses(np.full(60, 10.0), 10 + noise), "a").loc["b"]
        held += row.skill_low <= 0 <= row.skill_high
    assert 0.78 <= held / 200 <= 0.97


@pytest.mark.slow
def test_equal_models_are_told_apart_about_as_often_as_the_level_says() -> None:
    rng = seeds.generator("dm")
    rejected = sum(
        leaderboard.skills(losses(*rng.normal(5, 1, (2, 60))), "a").loc["b", "dm_p"] < 0.1 for _ in range(400)
    )
    assert 0.06 <= rejected / 400 <= 0.14
    better = losses(rng.normal(5, 1, 60), rng.normal(7, 1, 60))
    assert leaderboard.skills(better, "b").loc["a", "dm_p"] < 0.01
    assert np.isnan(leaderboard.skills(better, "b").loc["b", "dm_p"])


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_interval_and_p_value_never_contradict_each_other(seed: int, scale: int) -> None:
    rng = np.random.default_rng(seed)
    table = losses(rng.gamma(2, 1, 60) * scale, rng.gamma(2, 1, 60) + rng.normal(0, 0.3))
    row = leaderboard.skills(table.clip(lower=0), "a").loc["b"]
    if row.verdict != "too few":
        assert (row.skill_low > 0 or row.skill_high < 0) == (row.dm_p < 1 - leaderboard.LEVEL)
        assert row.verdict == ("better" if row.skill_low > 0 else "worse" if row.skill_high < 0 else "tie")


def test_what_cannot_be_told_is_too_few_and_never_a_tie() -> None:
    base = seeds.generator("few").gamma(4, 1, 60)
    few = losses(base, base + 1)
    row = leaderboard.skills(few[few.index.get_level_values("origin") < ORIGINS[11]], "a").loc["b"]
    assert row.verdict == "too few"
    assert row[["skill_low", "skill_high", "dm_p"]].isna().all()
    assert (
        leaderboard.skills(few[few.index.get_level_values("origin") < ORIGINS[12]], "a").loc["b", "verdict"] == "worse"
    )
    # A benchmark that erred at one origin of sixty: a rare threshold.
    once = np.r_[np.zeros(59), 1.0]
    assert leaderboard.skills(losses(once, 0.5 * once), "a").loc["b", "verdict"] == "too few"
    assert leaderboard.skills(losses(np.zeros(60), once), "a").loc["b", "verdict"] == "too few"


def test_coverage_auc_and_reliability_by_hand() -> None:
    pit = pd.DataFrame({"a": [0.05, 0.3, 0.5, 0.96]})
    assert [leaderboard.coverage(pit, level).a for level in (50, 80, 90)] == [0.5, 0.5, 0.75]
    observed = pd.DataFrame({"a": [0.0, 0, 1, 1], "b": [0.0, 0, 0, 0]})
    said = pd.DataFrame({"a": [0.1, 0.4, 0.35, 0.8], "b": [0.1, 0.2, 0.3, 0.4]})
    found = leaderboard.auc(observed, said)
    assert found.a == 0.75
    assert np.isnan(found.b)
    points = leaderboard.reliability(observed.a, said.a, bins=5)
    assert points.cells.sum() == 4
    assert points.loc[1].tolist() == pytest.approx([0.35, 1, 1])
    assert points.loc[4].tolist() == pytest.approx([0.8, 1, 1])


def test_a_split_names_what_it_can_split_by() -> None:
    table = pd.concat([long("a", {"Alpha": {"crps": 1.0}}), long("b", {"Alpha": {"crps": 2.0}})])
    cells = leaderboard.shared_cells(table)
    assert leaderboard.by(cells, "year").loc[2010].to_dict() == {"a": 1.0, "b": 2.0}
    assert leaderboard.by(cells, "horizon").index.tolist() == [1]
    assert leaderboard.by(cells, "province").index.tolist() == ["Alpha"]
    with pytest.raises(ProvriskError, match="use horizon, year, province"):
        leaderboard.by(cells, "colour")
