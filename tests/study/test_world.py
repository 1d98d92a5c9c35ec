"""The bundled study of the world's countries: codes, borders, regions, its map, and a forecast ahead of today."""

import pandas as pd
import pytest

from helpers import ROOT
from provrisk import months
from provrisk.events.counting import counts
from provrisk.reports.charts.province_map import atlas
from provrisk.reports.language import speaking
from provrisk.risk.issue_date import issue_on
from provrisk.study import Study, find_project


@pytest.fixture(scope="module")
def world() -> Study:
    return find_project(ROOT).study("world")


def test_every_country_has_its_codes_its_place_and_its_region(world: Study) -> None:
    table = world.provinces
    assert len(table) == 133
    assert table.loc["Namibia", ["iso", "pcode"]].tolist() == ["NA", "NAM"]
    assert table.notna().all(axis=None)
    assert (table[["iso", "pcode", "capital", "region", "views"]] != "").all(axis=None)
    assert table.region.nunique() == 5
    assert {tuple(pair) for pair in world.neighbours[["a", "b"]].to_numpy()} >= {("Chad", "Sudan"), ("Iraq", "Syria")}


def test_the_figures_hold_the_greatest_month_and_written_out_zeros(world: Study) -> None:
    table = counts.read_csv(world.bundled_counts, world)
    assert table.observed.all()
    assert len(table) == 449 * 133
    worst = table.loc[table.deaths.idxmax()]
    assert (worst.province, months.label(worst.month), worst.deaths) == ("Rwanda", "1994-04", 630_417)
    assert 0.7 < (table.deaths == 0).mean() < 0.9


@pytest.mark.parametrize(
    ("today", "horizon", "historical"),
    [("2026-06-20", 2, False), ("2026-11-26", 7, False), ("2027-04-30", 12, False), ("2027-05-01", 1, True)],
)
def test_the_issue_is_of_the_first_month_that_has_not_begun(
    world: Study, today: str, horizon: int, historical: bool
) -> None:
    issue = issue_on(pd.Timestamp(today), months.parse("2026-05"), world.file.horizons)
    assert (issue.horizon, issue.historical) == (horizon, historical)


def test_every_country_can_be_found_on_the_map(world: Study) -> None:
    with speaking("en", world):
        drawn = atlas(world)
    assert drawn is not None
    assert drawn.wide
    assert {area.name for area in drawn.areas} == set(world.provinces.index)
    small = {area.name: area for area in drawn.areas}
    for name in ("Malta", "Bahrain", "Dominica", "Lebanon"):  # a dot where the outline is none, or too small
        assert "a4 4 0 1 0" in small[name].path
