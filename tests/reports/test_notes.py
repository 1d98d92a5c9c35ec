"""Data notes: what the checks found and how the newest release moved the past."""

import pandas as pd

from provrisk.evaluation.data_checks import Finding
from provrisk.events.counting.load import LoadedCounts
from provrisk.reports.bulletin.parts.notes import data_sentences

FIGURES = LoadedCounts(pd.DataFrame(), "made up", pd.Series(dtype="int64"))


def moved(*rows: tuple[str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["month", "first", "last"]).assign(releases=2)
    return table.assign(month=pd.to_datetime(table.month), change=table["last"] - table["first"])


def test_a_warning_reaches_the_reader_and_what_is_well_does_not() -> None:
    findings = [Finding("total", "warning", "news", "9 where 3 were due"), Finding("months", "ok", "", "none missing")]
    (said,) = data_sentences(FIGURES, False, findings)
    assert said == "A data check warns: 9 where 3 were due (probably a real change)."


def test_revisions_are_told_with_their_largest() -> None:
    table = moved(("2014-01", 3, 3), ("2014-02", 3, 9), ("2014-03", 5, 4))
    (said,) = data_sentences(FIGURES, False, moved=table)
    assert "changed 2 of the 3 months" in said
    assert "by +5 in all; most in February 2014, from 3 to 9" in said
    (quiet,) = data_sentences(FIGURES, False, moved=moved(("2014-01", 3, 3)))
    assert "changed nothing in the 1 month" in quiet


def test_the_reason_for_going_on_is_told() -> None:
    stop = Finding("total", "stop", "bad data", "900 where 3 were due")
    said = data_sentences(FIGURES, False, [stop], accepted="the ministry confirmed it")
    assert said[1] == "The check that stops the job was overruled: the ministry confirmed it."
    assert len(data_sentences(FIGURES, False, [], accepted="not needed")) == 0
