"""Drivers and elections: what they do, and that they come no earlier than they were known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import panel_of
from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.features import drivers
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import panel_upto
from provrisk.study import Study, load_study


@pytest.fixture
def panel(small_study: Study) -> xr.Dataset:
    """2010-01 to 2010-12 observed, 2011-01 to 2011-06 ahead."""
    return panel_of(np.ones((12, 3)), with_every_feature(small_study))


def seen(panel: xr.Dataset, name: str, origin: str, month: str) -> list[float]:
    """What the feature says of ``month``, by province, to a model that stands at ``origin``."""
    return panel_upto(panel, months.parse(origin))[name].sel(month=f"{month}-01").to_numpy().tolist()


def test_a_decay_halves_in_a_half_life(panel: xr.Dataset) -> None:
    assert seen(panel, "driver_shock", "2010-04", "2010-05") == [0, 0, 0]
    assert seen(panel, "driver_shock", "2010-05", "2010-05") == [1, 0, 0]
    assert seen(panel, "driver_shock", "2010-05", "2010-08") == pytest.approx([0.5, 0, 0])  # half-life of three months
    assert seen(panel, "driver_shock", "2010-12", "2010-11") == pytest.approx([0.25, 0, 0])


def test_what_was_secret_acts_from_the_day_it_was_known(panel: xr.Dataset) -> None:
    name = "driver_leadership_death"  # 15 March, announced 2 July
    assert seen(panel, name, "2010-06", "2010-07") == [0, 0, 0]
    assert seen(panel, name, "2010-07", "2010-07") == [1, 1, 0]
    assert seen(panel, name, "2010-12", "2010-03") == [0, 0, 0]


def test_a_step_ends_when_its_end_is_known(panel: xr.Dataset) -> None:
    name = "driver_foreign_operation"  # April to 15 August, its end known on 1 October
    assert [seen(panel, name, "2010-09", f"2010-{month}")[1] for month in ("03", "04", "09", "11")] == [0, 1, 1, 1]
    assert [seen(panel, name, "2010-10", f"2010-{month}")[1] for month in ("09", "10", "11")] == [1, 0, 0]


def test_what_was_announced_is_known_ahead(panel: xr.Dataset) -> None:
    name = "driver_boundary_change"  # 1 July, announced 1 February, a step without end
    assert seen(panel, name, "2010-01", "2010-07") == [0, 0, 0]
    assert seen(panel, name, "2010-02", "2010-06") == [0, 0, 0]
    assert seen(panel, name, "2010-02", "2010-07") == [0, 0, 1]
    assert seen(panel, name, "2010-12", "2011-05") == [0, 0, 1]


def test_a_pulse_is_one_month(panel: xr.Dataset) -> None:
    assert panel.driver_politics.sum("month").values.tolist() == [0, 0, 1]


def test_an_election_stands_on_the_date_announced_by_then(panel: xr.Dataset) -> None:
    assert seen(panel, "election", "2010-02", "2010-08") == [0, 0, 0]
    assert seen(panel, "election", "2010-03", "2010-09") == [1, 1, 1]  # the date of March
    assert seen(panel, "election", "2010-06", "2010-09") == [1, 1, 1]
    assert seen(panel, "election", "2010-06", "2010-11") == [1, 1, 1]
    assert seen(panel, "election", "2010-07", "2010-09") == [0, 0, 0]  # called off in July
    assert panel.election.sum("month").values.tolist() == [1, 1, 1]


def test_what_the_violence_itself_defines_is_no_feature(panel: xr.Dataset) -> None:
    assert "driver_insurgent_campaign" not in panel


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2010-05-10,,Alpha", "2010-05-32,,Alpha", "driver 's1': start '2010-05-32' is not a day"),
        ("2010-05-10,,Alpha", ",,Alpha", "driver 's1': it has no start"),
        ("2010-05-10,,Alpha", "2010-05-10,2010-05-01,Alpha", "driver 's1': it ends before"),
        ("2010-05-10,,Alpha", "2010-05-10,,Alfa", "driver 's1': provinces.csv lacks .'Alfa'"),
        ("shock,,,yes,no", "shock,,,yes,maybe", "driver 's1': endogenous is neither"),
        ("s2,", "s1,", "driver 's1': its id is there twice"),
        ("retaliation", "revenge", "names the type 'retaliation'.*revenge"),
    ],
)
def test_a_faulty_driver_is_named(small_study: Study, old: str, new: str, message: str) -> None:
    path = small_study.folder / "drivers.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ProvriskError, match=message):
        panel_of(np.ones((12, 3)), with_every_feature(load_study(small_study.folder)))


def test_a_study_without_drivers_has_no_driver_features(small_study: Study) -> None:
    (small_study.folder / "drivers.csv").unlink()
    panel = panel_of(np.ones((12, 3)), with_every_feature(small_study))
    assert not [name for name in panel if str(name).startswith("driver_")]
    assert (panel.election == 0).all()


def test_the_drivers_of_the_bundled_study(iraq: Study) -> None:
    table = drivers.read(iraq).set_index("name")
    assert len(table) == 73
    assert table.provinces.map(len).min() >= 1
    walls = table.loc["Breaking the Walls campaign"]
    assert (walls.start, walls.end) == (pd.Timestamp(2012, 7, 21), pd.Timestamp(2013, 7, 21))
    assert table.loc["Abu Ghraib and Taji prison breaks"].start == pd.Timestamp(2013, 7, 21)
    assert table.loc["US/coalition combat mission ends"].known_on == pd.Timestamp(2021, 7, 26)
    assert table.loc["al-Sina'a (Ghweran) prison assault in Hasakah"].provinces == ["Anbar", "Nineveh"]
    article = table[table.in_article == "yes"].index.str.cat(sep="; ")
    for name in ("border reinforcement", "Nahr al-Imam", "Electricity-tower", "Sinjar Agreement", "Claw-Lock",
                 "al-Azim barracks", "Luhaiban"):  # fmt: skip
        assert name in article
    assert table[table.type == "mass-casualty attack"].endogenous.all()
    # Nobody knows a thing before it is so much as planned: only announced things are known ahead.
    early = table[table.known_on < table.start]
    assert set(early.type) <= {"election", "foreign forces"}


def test_the_election_of_2021_was_once_expected_in_june(iraq: Study, tmp_path: Path) -> None:
    schedule = drivers.schedule(iraq, drivers.read(iraq), "election", "pulse")
    june, october = 12 * 2021 + 5, 12 * 2021 + 9

    def expected(known: int) -> list[float]:
        return schedule.values(np.array([june, october]), np.array(float(known)))[:, 0].tolist()

    assert expected(12 * 2020 + 5) == [0, 0]
    assert expected(12 * 2020 + 6) == [1, 0]
    assert expected(12 * 2021 + 0) == [0, 1]
