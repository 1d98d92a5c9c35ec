"""The ledger of published figures: what it refuses, what it chooses, where it contradicts itself."""

import pandas as pd
import pytest

from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.risk.evidence import ledger
from provrisk.risk.evidence.quoting import cited, spelled_days
from provrisk.risk.evidence.side_by_side import side_by_side
from provrisk.study import Study, load_study
from provrisk.study.claims import Series
from provrisk.text import unlinked

HEAD = "id,place,first_day,last_day,who,what,value,per,computation,publisher,published_on,address,note\n"
WEEKS = """\
P1,Iraq,2022-01-01,2022-01-07,IS,attacks,9,,,Press,2022,a,
P2,Iraq,2022-01-08,2022-01-31,IS,attacks,30,,,Press,2022,a,
P3,Iraq,2022-01-01,2022-01-31,IS,attacks,38,,,Press,2022,a,
P4,Iraq,2022-02-01,2022-02-28,IS,attacks,20,,,Press,2022,a,
P5,Iraq,2022-02-01,2022-02-28,IS,attacks,21,,,Press,2022,b,revised
P6,Iraq,2022-02-01,2022-02-28,others,attacks,5,,,Press,2022,b,
P7,Iraq,2022-02-01,2022-02-28,all,attacks,26,,P5 + P6,Press,2022,b,
P8,Beta,2022-01-01,2022-01-07,IS,attacks,3,,,Press,2022,a,
P9,Alpha,2022-01-01,2022-01-07,IS,attacks,6,,,Press,2022,a,
P10,Alpha,2022-02-01,2022-02-28,IS,attacks,4,,,Press,2022,a,
P11,Iraq,2021-01-01,2021-12-31,IS,attacks,2.2,day,,Press,2022,a,
"""
SERIES = Series(counted="attacks", publisher="Press", who="IS", what="attacks", place="Iraq")


def written(study: Study, rows: str = WEEKS) -> Study:
    (study.folder / ledger.FILE).write_text(HEAD + rows, encoding="utf-8")
    return load_study(study.folder)


def days(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def test_the_shorter_periods_stand_and_none_is_counted_twice(small_study: Study) -> None:
    book = ledger.read(written(small_study))
    rows = ledger.figures(book, SERIES, "Iraq", days("2022-01-01"), days("2022-12-31"))
    assert rows.id.tolist() == ["P1", "P2", "P4"]
    assert rows["count"].tolist() == [9, 30, 20]
    year = ledger.figures(book, SERIES, "Iraq", days("2021-01-01"), days("2021-12-31"))
    assert year["count"].item() == pytest.approx(2.2 * 365)
    assert year.a_year.item() == pytest.approx(803)


def test_a_table_is_whole_if_its_parts_make_up_the_figure(small_study: Study) -> None:
    book = ledger.read(written(small_study))
    table = ledger.whole_tables(book, SERIES, ["Alpha", "Beta", "Gamma"], days("2022-01-01"), days("2022-12-31"))
    # February names one province of 20 attacks' 4, so it is no table; the week's is whole, and Gamma had none.
    assert table.drop(columns="whole").to_numpy().tolist() == [[6, 3, 0]]
    (week,) = table.index
    assert ledger.row_of(table, week, "Beta") == "P8"
    assert ledger.row_of(table, week, "Gamma") == "P1"


def test_contradictions_are_told_with_their_rows(small_study: Study) -> None:
    told = ledger.contradictions(ledger.read(written(small_study)))
    assert [unlinked(one).split(". ")[0] for one in told] == [
        "February 2022: 20 and 21",
        "January 2022: 38, and its parts 9, 30 come to 39",
    ]
    assert "[38](#P3)" in told[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "2022-01-01,2022-01-07,IS,attacks,9",
            "2022-01-01,2021-01-07,IS,attacks,9",
            "line 2: it ends before it begins",
        ),
        ("2022-01-01,2022-01-07,IS,attacks,9", "2022-13-01,2022-01-07,IS,attacks,9", "line 2: first_day is not a day"),
        (",9,,,Press", ",many,,,Press", "line 2: its value is not a count"),
        (",9,,,Press", ",9,,,", "line 2: publisher is empty"),
        (",day,", ",fortnight,", "per is not one of"),
        ("P2,", "P1,", "line 3: its id is already used above"),
        ("P5 + P6", "P5 - P6", "line 8: its value differs from its computation"),
        ("P5 + P6", "P5 + P99", "line 8: computation is not a sum of ids"),
        ("P5 + P6", "P5 * P6", "line 8: computation is not a sum of ids"),
    ],
)
def test_a_bad_row_is_named(small_study: Study, old: str, new: str, message: str) -> None:
    study = written(small_study, WEEKS.replace(old, new, 1))
    with pytest.raises(ProvriskError, match=message):
        ledger.read(study)


def test_days_in_words() -> None:
    assert spelled_days(days("2022-01-01"), days("2022-12-31")) == "2022"
    assert spelled_days(days("2022-02-01"), days("2022-02-28")) == "February 2022"
    assert spelled_days(days("2022-01-15"), days("2022-01-21")) == "15-21 January 2022"
    assert spelled_days(days("2022-01-22"), days("2022-03-31")) == "22 January 2022 to 31 March 2022"
    assert spelled_days(days("2020-07-01"), days("2021-11-30")) == "July 2020 to November 2021"
    assert cited(1470, "P9") == "[1,470](#P9)"
    assert cited(2.2, "P9", "day") == "[2.2](#P9) a day"


def test_figures_stand_side_by_side_with_the_studys_own(iraq: Study) -> None:
    counts = tables.read_csv(iraq.bundled_counts, iraq)
    book = ledger.read(iraq)
    table = side_by_side(iraq, book, counts, "UCDP GED 19.1", "year")
    own = table[table.publisher == "UCDP GED 19.1"].set_index("year").a_year
    assert own[2018] == counts[counts.month.dt.year == 2018].attacks.sum()
    assert table.who.ne("").all()
    figures = table[table.year == 2021].set_index("place").a_year
    assert figures["areas disputed between Baghdad and Erbil"] == 257
    monthly = side_by_side(iraq, book, counts, "UCDP GED 19.1", "month")
    week = monthly[(monthly.period == "22-28 January 2022") & (monthly.who == "IS (media-reported incidents)")]
    assert week.value.tolist() == ["13"]
    assert week.basis.item().startswith("computed: P")


def test_the_ledger_of_the_study_is_whole(iraq: Study) -> None:
    book = ledger.read(iraq)
    assert len(book) == 800
    assert (book.computation != "").sum() == 17
    for name, series in iraq.hypotheses.series.items():
        assert len(ledger.defined(book, series, series.place or iraq.file.country)) >= 5, name
