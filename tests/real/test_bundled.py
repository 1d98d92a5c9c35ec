"""The bundled figures, rebuilt from the raw event file."""

from pathlib import Path

import pandas as pd

from provrisk import months
from provrisk.events.counting import counts
from provrisk.events.counting.load import load_counts, read_file
from provrisk.study import Study


def test_the_bundled_figures_are_those_of_the_source(ged: Path, iraq: Study, tmp_path: Path) -> None:
    figures = load_counts(iraq, ged)
    table = figures.counts
    rebuilt = counts.write_csv(table, tmp_path / "monthly.csv")
    assert rebuilt.read_bytes() == iraq.bundled_counts.read_bytes()
    assert figures.source == str(iraq.file.source)
    assert counts.digest(table) == counts.digest(counts.read_csv(iraq.bundled_counts, iraq))


def test_the_source_holds_what_its_documentation_says(ged: Path, iraq: Study) -> None:
    reading = read_file(iraq, ged).reading
    assert reading.rows == 7473 == len(reading.events) + len(reading.set_aside)
    reasons = reading.reasons()
    assert reading.rows - reasons["other actor"] == 6191
    assert len(reading.events) == 6053
    assert reasons.to_dict() == {"other actor": 1282, "no province given": 138}
    assert reading.remarks == {"death estimates contradict each other, best one used": 54}


def test_six_provinces_hold_nearly_all(iraq: Study) -> None:
    table = counts.read_csv(iraq.bundled_counts, iraq)
    assert len(table) == 180 * 18
    assert (table.month.min(), table.month.max()) == (months.parse("2004-01"), months.parse("2018-12"))
    assert table.observed.all()
    total: pd.Series = table.groupby("province").attacks.sum()
    six = total[["Nineveh", "Anbar", "Baghdad", "Salah al-Din", "Diyala", "Kirkuk"]].sum()
    assert total.sum() == 6053
    assert 0.955 < six / total.sum() < 0.965
