"""Comparison: intervals that cover, tests that hold their level, and ties that are called ties."""

import numpy as np
import pandas as pd
import pytest

from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation import compare
from provrisk.evaluation.scores import TOTAL

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
    cells = compare.shared_cells(table)
    assert cells.wide("crps").mean().to_dict() == {"a": 2.0, "b": 2.0}
    assert cells.wide("crps", only_active=True).mean().to_dict() == {"a": 1.0, "b": 2.0}
    assert cells.unshared == {"a": 1, "b": 0}
    with pytest.raises(ProvriskError, match="no scores of 'x'"):
        compare.shared_cells(table, ["a", "x"])
    apart = pd.concat([long("a", {"Alpha": {"crps": 1.0}}), long("b", {"Beta": {"crps": 1.0}})])
    with pytest.raises(ProvriskError, match="No cell"):
        compare.shared_cells(apart)


def test_skill_is_one_less_the_ratio_and_a_clear_difference_is_no_tie() -> None:
    rng = seeds.generator("skill")
    base = rng.gamma(4, 1, 60)
    table = compare.skills(losses(base, 0.8 * base, base + rng.normal(0, 0.3, 60)), "a")
    assert table.loc["b", "skill"] == pytest.approx(0.2)
    assert table.loc["b", ["skill_low", "skill_high"]].tolist() == pytest.approx([0.2, 0.2])
    assert table.verdict.tolist() == ["tie", "better", "tie"]
    assert table.loc["a", "skill"] == 0


def test_the_interval_holds_the_point_even_when_the_ends_differ_from_the_middle() -> None:
    ends = np.r_[np.full(6, 5.0), np.ones(48), np.full(6, 5.0)]
    row = compare.skills(losses(np.full(60, 2.0), ends), "a").loc["b"]
    assert row.skill_low <= row.skill <= row.skill_high


def test_bootstrap_weights_keep_the_number_of_origins_and_their_blocks() -> None:
    weights = compare.block_weights(102, seed=3)
    assert weights.shape == (compare.REPLICATES, 102)
    assert (weights.sum(axis=1) == 102).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(102), abs=0.15)
    neighbours = np.corrcoef(weights[:, 50], weights[:, 51])[0, 1]
    assert neighbours > 0.8  # a block of twelve takes both or neither
    assert (compare.block_weights(102, seed=3) == weights).all()


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    held = 0
    for number in range(200):
        rng = seeds.generator("cover", number)
        noise = np.convolve(rng.normal(0, 1, 65), np.ones(6) / 6, mode="valid")  # targets overlap
        row = compare.skills(losses(np.full(60, 10.0), 10 + noise), "a").loc["b"]
        held += row.skill_low <= 0 <= row.skill_high
    assert 0.78 <= held / 200 <= 0.97


def test_diebold_mariano_rejects_a_true_equality_about_as_often_as_it_should() -> None:
    rng = seeds.generator("dm")
    rejected = 0
    for _ in range(400):
        a, b = rng.normal(5, 1, (2, 60))
        table = losses(a, b)
        rejected += compare.diebold_mariano(table.a, table.b) < 0.1
    assert 0.06 <= rejected / 400 <= 0.14
    better = losses(rng.normal(5, 1, 60), rng.normal(6, 1, 60))
    assert compare.diebold_mariano(better.a, better.b) < 0.01
    assert np.isnan(compare.diebold_mariano(better.a, better.a))


def test_diebold_mariano_by_hand() -> None:
    a, b = np.zeros(60), np.zeros(60)
    a[::2], a[1::2] = 2.0, 1.0
    table = losses(a, b)
    # Mean 1.5, variance .25 / 60; at one horizon the correction is (n - 1) / n.
    from scipy import stats

    statistic = 1.5 / np.sqrt(0.25 / 60) * np.sqrt(59 / 60)
    assert compare.diebold_mariano(table.a, table.b) == pytest.approx(2 * stats.t.sf(statistic, 59))


def test_the_probability_of_being_lower() -> None:
    rng = seeds.generator("lower")
    base = rng.gamma(4, 1, 60)
    table = losses(base, base - 0.5, base + rng.normal(0, 1, 60))
    assert compare.probability_lower(table, "b", "a") == 1
    assert compare.probability_lower(table, "a", "b") == 0


def test_coverage_auc_and_reliability_by_hand() -> None:
    pit = pd.DataFrame({"a": [0.05, 0.3, 0.5, 0.96]})
    assert [compare.coverage(pit, level).a for level in (50, 80, 90)] == [0.5, 0.5, 0.75]
    came = pd.DataFrame({"a": [0.0, 0, 1, 1], "b": [0.0, 0, 0, 0]})
    said = pd.DataFrame({"a": [0.1, 0.4, 0.35, 0.8], "b": [0.1, 0.2, 0.3, 0.4]})
    found = compare.auc(came, said)
    assert found.a == 0.75
    assert np.isnan(found.b)
    points = compare.reliability(came.a, said.a, bins=5)
    assert points.cells.sum() == 4
    assert points.loc[1].tolist() == pytest.approx([0.35, 1, 1])
    assert points.loc[4].tolist() == pytest.approx([0.8, 1, 1])


def test_a_split_names_what_it_can_split_by() -> None:
    table = pd.concat([long("a", {"Alpha": {"crps": 1.0}}), long("b", {"Alpha": {"crps": 2.0}})])
    cells = compare.shared_cells(table)
    assert compare.by(cells, "year").loc[2010].to_dict() == {"a": 1.0, "b": 2.0}
    assert compare.by(cells, "horizon").index.tolist() == [1]
    assert compare.by(cells, "province").index.tolist() == ["Alpha"]
    with pytest.raises(ProvriskError, match="use horizon, year, province"):
        compare.by(cells, "colour")
