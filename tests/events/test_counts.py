"""Counts: conservation, zeros, and the difference between zero and missing."""

import datetime
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provrisk.errors import ProvriskError
from provrisk.events.counting import counts
from provrisk.study import Study

FIRST, LAST = pd.Timestamp(2014, 1, 1), pd.Timestamp(2014, 12, 1)


def events_of(rows: list[tuple[str, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": pd.to_datetime([row[0] for row in rows]),
            "province": [row[1] for row in rows],
            "deaths_best": [row[2] for row in rows],
            "deaths_civilians": 0,
            "violence_type": "one-sided",
        }
    )


def test_events_are_counted_by_hand() -> None:
    table = counts.count(
        events_of([("2014-01-31", "Alpha", 10), ("2014-01-01", "Alpha", 9), ("2014-12-31", "Beta", 0)]),
        pd.Index(["Alpha", "Beta"]), FIRST, LAST,
    )  # fmt: skip
    assert len(table) == 24
    january = table[(table.month == FIRST) & (table.province == "Alpha")].iloc[0]
    assert (january.attacks, january.deaths, january.events_10_deaths, january.attacks_one_sided) == (
        2,
        19,
        1,
        2,
    )
    assert table.attacks.sum() == 3
    assert (table[table.month == pd.Timestamp(2014, 6, 1)].attacks == 0).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(FIRST.date(), pd.Timestamp(2014, 12, 31).date()).map(str),
            st.sampled_from(["Alpha", "Beta", "Gamma"]),
            st.integers(0, 500),
        ),
        min_size=1,
    )
)
def test_totals_are_conserved(rows: list[tuple[str, str, int]]) -> None:
    table = counts.count(events_of(rows), pd.Index(["Alpha", "Beta", "Gamma"]), FIRST, LAST)
    assert table.attacks.sum() == len(rows)
    assert table.deaths.sum() == sum(row[2] for row in rows)


def test_what_is_written_is_read_back(tmp_path: Path, small_study: Study) -> None:
    table = counts.count(events_of([("2014-03-05", "Alpha", 12)]), small_study.provinces.index, FIRST, LAST)
    again = counts.read_csv(counts.write_csv(table, tmp_path / "monthly.csv"), small_study)
    assert counts.digest(again) == counts.digest(table)
    assert (again.attacks == table.attacks).all()


def test_a_month_that_the_file_lacks_is_missing_not_zero(tmp_path: Path, small_study: Study) -> None:
    path = tmp_path / "monthly.csv"
    path.write_text("month,province,attacks\n2014-01,Alpha,1\n2014-03,Alpha,0\n2014-03,Beta,\n")
    table = counts.read_csv(path, small_study).set_index(["month", "province"])
    assert table.loc[(pd.Timestamp(2014, 3, 1), "Alpha"), "attacks"] == 0
    for cell in [(2, "Alpha"), (1, "Gamma"), (3, "Beta")]:
        row = table.loc[(pd.Timestamp(2014, cell[0], 1), cell[1])]
        assert np.isnan(row.attacks)
        assert not row.observed


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2014-13,Alpha,1", "line 3: '2014-13' is not a month"),
        ("2014-02,Atlantis,1", "line 3 (Atlantis, 2014-02): 'Atlantis' is not a province"),
        ("2014-02,Alpha,-1", "line 3 (Alpha, 2014-02): attacks is '-1'"),
        ("2014-02,Alpha,1.5", "line 3 (Alpha, 2014-02): attacks is '1.5'"),
        ("2014-02,Alpha,inf", "line 3 (Alpha, 2014-02): attacks is 'inf'"),
        ("2014-02,Alpha,few", "line 3 (Alpha, 2014-02): attacks is 'few'"),
        ("2014-01,Alpha,1", "line 3 (Alpha, 2014-01): this month"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, small_study: Study, row: str, message: str) -> None:
    path = tmp_path / "monthly.csv"
    path.write_text(f"month,province,attacks\n2014-01,Alpha,1\n{row}\n")
    with pytest.raises(ProvriskError, match=re.escape(message)):
        counts.read_csv(path, small_study)


def test_the_digest_tells_zero_from_missing(small_study: Study, tmp_path: Path) -> None:
    path = tmp_path / "monthly.csv"
    digests = set()
    for cell in ("0", "", "1"):
        path.write_text(f"month,province,attacks\n2014-01,Alpha,{cell}\n2014-01,Beta,2\n")
        digests.add(counts.digest(counts.read_csv(path, small_study)))
    assert len(digests) == 3


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(FIRST.date(), pd.Timestamp(2014, 12, 31).date()), st.integers(0, 90),
            st.sampled_from(["Alpha", "Beta"]), st.integers(0, 50),
        ),
        min_size=1,
    )
)  # fmt: skip
def test_spreading_conserves_every_total(rows: list[tuple[datetime.date, int, str, int]]) -> None:
    events = events_of([(str(start), province, deaths) for start, _, province, deaths in rows])
    events["date_end"] = events.date + pd.to_timedelta([days for _, days, _, _ in rows], unit="D")
    table = counts.count(events, pd.Index(["Alpha", "Beta", "Gamma"]), FIRST, LAST, spread=True)
    whole = counts.count(events, pd.Index(["Alpha", "Beta", "Gamma"]), FIRST, LAST)
    for name in counts.MEASURES:
        assert (table.groupby("province")[name].sum() == whole.groupby("province")[name].sum()).all()
        assert (table[name] >= 0).all()


def test_an_event_is_spread_over_its_days_by_hand() -> None:
    events = events_of([("2014-01-30", "Alpha", 100), ("2014-12-31", "Beta", 7)])
    events["date_end"] = pd.to_datetime(["2014-02-18", "2015-01-03"])  # 2 days of 20, and past the end
    table = counts.count(events, pd.Index(["Alpha", "Beta"]), FIRST, LAST, spread=True)
    table = table.set_index(["province", "month"])
    assert (table.loc[("Alpha", FIRST), "deaths"], table.loc[("Alpha", "2014-02-01"), "deaths"]) == (10, 90)
    assert (table.loc[("Alpha", FIRST), "attacks"], table.loc[("Alpha", "2014-02-01"), "attacks"]) == (0, 1)
    assert table.loc[("Beta", LAST), "deaths"] == 7


def test_deaths_that_are_not_given_are_missing_not_zero() -> None:
    events = events_of([("2014-01-05", "Alpha", 1), ("2014-01-06", "Alpha", 2), ("2014-02-06", "Alpha", 3)])
    events["deaths_best"] = [1, np.nan, 3]
    events["deaths_civilians"] = np.nan
    table = counts.count(events, pd.Index(["Alpha"]), FIRST, LAST)
    assert table.attacks.tolist()[:3] == [2, 1, 0]
    assert table.deaths.isna().tolist()[:3] == [True, False, False]
    assert table.deaths_civilians.isna().all()
