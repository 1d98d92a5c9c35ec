"""Shares, ranks, and published figures."""

import numpy as np
import pandas as pd
import pytest

from provrisk.errors import ProvriskError
from provrisk.events import counts as tables
from provrisk.risk.evidence import published, shares
from provrisk.study import Study, load_study


def test_a_share_by_hand_and_its_interval() -> None:
    counts = pd.DataFrame({"A": [8.0, 8, 8, 8] * 6, "B": [2.0, 2, 2, 2] * 6})
    found = shares.share(counts, ["A"], 0.75, 0.9)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8))
    assert (found.p_for, found.p_against) == pytest.approx((0, 1), abs=1e-9)
    rng = np.random.default_rng(1)
    counts["B"] = rng.poisson(2, 24)
    found = shares.share(counts, ["A"], 0.9, 0.9)
    assert found.low < found.estimate < found.high
    assert found.p_for > 0.5 > found.p_against


def test_who_comes_first() -> None:
    rng = np.random.default_rng(1)
    counts = pd.DataFrame({"A": rng.poisson(9, 24), "B": rng.poisson(8.8, 24), "C": rng.poisson(2, 24)}).astype(float)
    both = shares.first(counts, ["A", "B"], 0.9)
    assert both.p_for < 0.02
    assert both.low > 1
    wrong = shares.first(counts, ["A", "C"], 0.9)
    assert wrong.p_against < 0.05
    assert wrong.high < 1
    found = shares.first(counts, ["B"], 0.9)
    assert found.p_for > 0.05
    assert found.p_against > 0.05
    assert found.low < 1 < found.high
    assert found.estimate == pytest.approx((counts.B.sum() + 0.5) / (counts.A.sum() + 0.5))


def test_rates_become_years_and_short_periods_do_not(iraq: Study) -> None:
    table = published.read(iraq).set_index(["period_start", "definition"])
    by_day = table.loc[("2021-01-01", "press-reported incidents")]
    assert by_day.a_year.item() == pytest.approx(803)
    by_quarter = table.loc[("2020-07-01", "IS-initiated (SIGACT) average")]
    assert (by_quarter.a_year.item(), by_quarter.year.item()) == (1320, 2021)
    assert np.isnan(table.loc[("2018-06-01", "press-reported security incidents")].a_year.item())


def test_every_source_stands_beside_our_own_with_its_definition(iraq: Study) -> None:
    counts = tables.read_csv(iraq.bundled_counts, iraq)
    table = published.side_by_side(iraq, counts, "UCDP GED 19.1")
    own = table[table.source == "UCDP GED 19.1"].set_index("year").a_year
    assert own[2018] == counts[counts.month.dt.year == 2018].attacks.sum()
    assert table.definition.ne("").all()
    figures = table[(table.year == 2021)].set_index("place").a_year
    assert figures["areas disputed between Baghdad and Erbil"] == 257


def test_of_a_year_takes_the_countrys_attacks_alone(iraq: Study) -> None:
    table = published.of_year(iraq, "2019-01", "2019-12")
    assert table.a_year.tolist() == [1669]  # not ACLED's events of all actors, not Diyala's


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2018-01-01,2018-12-31", "2018-01-01,2017-12-31", "row 3: it ends before it starts"),
        ("2018-01-01,2018-12-31", "2018-13-01,2018-12-31", "row 3: period_start is no day"),
        (",1470,", ",many,", "row 3: its value is no count"),
        (",quarter,", ",fortnight,", "per is none of"),
    ],
)
def test_a_bad_row_is_named(small_study: Study, old: str, new: str, message: str) -> None:
    path = small_study.folder / "public_counts.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ProvriskError, match=message):
        published.read(load_study(small_study.folder))
