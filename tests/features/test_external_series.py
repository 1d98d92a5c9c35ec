"""Series from outside the counts, after their lag."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers import counts_table, panel_of
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import build_panel
from provrisk.study import Study
from provrisk.study.schema import NeighbourStudy, OutsideSeries


def with_price(study: Study, text: str, lag: int = 2) -> Study:
    (study.folder / "price.csv").write_text(text)
    price = OutsideSeries(
        name="price", file="price.csv", lag=lag, unit="USD", meaning="price of bread", source="market"
    )
    return with_every_feature(replace(study, file=study.file.model_copy(update={"outside": (price,)})))


def test_a_series_enters_after_its_lag(small_study: Study) -> None:
    study = with_price(small_study, "month,value\n2009-12,7\n2010-01,8\n2010-03,9.5\n2010-04,1\n")
    price = panel_of(np.ones((6, 3)), study).price
    assert price.sel(province="Beta").values[:6] == pytest.approx([np.nan, 7, 8, np.nan, 9.5, 1], nan_ok=True)
    assert price.attrs["meaning"] == "price of bread, 2 months before"
    assert price.isnull()[6:].all()  # what is not yet out is missing, not the last value


def test_a_series_by_province_is_missing_where_it_says_nothing(small_study: Study) -> None:
    text = "month,province,value\n2010-01,Alpha,1\n2010-01,Gamma,\n2010-02,Gamma,3\n"
    price = panel_of(np.ones((3, 3)), with_price(small_study, text, lag=0)).price
    np.testing.assert_array_equal(price.values[:2], [[1, np.nan, np.nan], [np.nan, np.nan, 3]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("month,value\n2010-13,1\n", "line 2: the month"),
        ("month,value\n2010-01,1\n2010-02,x\n", "line 3: the value"),
        ("month,value\n2010-01,1\n2010-01,2\n", "line 3: this month is there twice"),
        ("month,province,value\n2010-01,Delta,1\n", "line 2: the province"),
        ("date,value\n", "lacks the column 'month'"),
    ],
)
def test_a_faulty_series_is_named_by_its_row(small_study: Study, text: str, message: str) -> None:
    with pytest.raises(ProvriskError, match=message):
        panel_of(np.ones((3, 3)), with_price(small_study, text))


@pytest.fixture
def border(small_study: Study) -> Study:
    """The small study, whose Gamma touches Alpha and Beta of a second study, seen a month late."""
    folder = small_study.folder.parent / "abroad"
    folder.mkdir()
    for name in ("study.toml", "provinces.csv", "neighbours.csv"):
        (folder / name).write_bytes((small_study.folder / name).read_bytes())
    other = NeighbourStudy(name="abroad", study="abroad", provinces=("Alpha", "Beta"), into=("Gamma",), lag=1)
    return with_every_feature(
        replace(small_study, file=small_study.file.model_copy(update={"neighbour_studies": (other,)}))
    )


def test_a_second_study_is_a_neighbour(border: Study) -> None:
    values = np.array([[1, 2, 90], [3, np.nan, 90], [5, 6, 90.0]])
    folder: Path = border.folder.parent / "abroad"
    tables.write_csv(counts_table(values, list(border.provinces.index)), folder / "monthly.csv")
    panel = build_panel(border, counts_table(np.ones((4, 3)), list(border.provinces.index)))
    abroad = panel.abroad.sel(month=slice("2010-01", "2010-04"))
    # Alpha and Beta together, a month later; one of them missing is both missing.
    assert abroad.sel(province="Gamma").values == pytest.approx([np.nan, 3, np.nan, 11], nan_ok=True)
    assert abroad.sel(province="Alpha").values == pytest.approx([np.nan, 0, np.nan, 0], nan_ok=True)


def test_a_second_study_must_exist_and_have_the_provinces(border: Study) -> None:
    other = border.file.neighbour_studies[0].model_copy(update={"provinces": ("Omega",)})
    table = counts_table(np.ones((4, 3)), list(border.provinces.index))
    tables.write_csv(table, border.folder.parent / "abroad" / "monthly.csv")
    faulty = replace(border, file=border.file.model_copy(update={"neighbour_studies": (other,)}))
    with pytest.raises(ProvriskError, match="'Omega' is not a province of abroad"):
        build_panel(faulty, table)


@pytest.mark.parametrize("name", ["lag_1", "attacks", "observed", "history"])
def test_a_name_that_is_taken_is_refused(small_study: Study, name: str) -> None:
    study = with_price(small_study, "month,value\n2010-01,8\n")
    price = study.file.outside[0].model_copy(update={"name": name})
    study = replace(study, file=study.file.model_copy(update={"outside": (price,)}))
    with pytest.raises(ProvriskError, match=f"the name '{name}' is taken twice"):
        panel_of(np.ones((3, 3)), study)
