"""The month from releases: the store through the command line, and late events in the forecast."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import event_files
from helpers import counts_table
from provrisk import cli, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.champion import Champion
from provrisk.jobs.champion_forecast import AsReleased, forecast_over
from provrisk.models.baselines import Conflictology
from provrisk.study import Project, Study


def provrisk(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    cli.app(list(arguments), standalone_mode=False)
    return capsys.readouterr().out


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(project.root)
    return project


@pytest.mark.slow
def test_the_data_commands_in_order(here: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = event_files.write(tmp_path / "ged201.csv", event_files.GED, {}, {"id": "2", "adm_1": "Ninevehh"})
    second = event_files.write(tmp_path / "ged211.csv", event_files.GED, {}, {"id": "2"}, {"id": "3"})
    assert "kept: UCDP GED 20.1" in provrisk("data", "add", str(first), "--available", "2020-06-15", capsys=capsys)
    assert "already stored" in provrisk("data", "add", str(first), capsys=capsys)
    provrisk("data", "add", str(second), "--available", "2021-06-15", capsys=capsys)
    listed = json.loads(provrisk("data", "list", "--json", capsys=capsys))["releases"]
    assert [one["version"] for one in listed] == ["19.1", "20.1", "21.1"]
    early = json.loads(provrisk("data", "list", "--json", "--as-of", "2020-12-31", capsys=capsys))
    assert len(early["releases"]) == 2
    checked = provrisk("data", "check", "--rows", "aside.csv", capsys=capsys)
    assert "2 rows = 1 counted + 1 excluded" in checked
    assert "province unknown: Ninevehh (nearest known: Nineveh)" in checked
    aside = pd.read_csv("aside.csv")
    assert (aside["row"].tolist(), aside.id.tolist(), aside.best.tolist()) == ([3], [2], [8])
    moved = json.loads(provrisk("data", "revisions", "--json", capsys=capsys))["revisions"]
    june = next(one for one in moved if one["month"] == "2014-06")  # as the bundled figures had it, and in the end
    assert (june["releases"], june["last"]) == (3, 3)
    then = json.loads(
        provrisk(
            "data", "counts", "-o", "m.csv", "--json", "--as-of", "2020-12-31", "--accept", "a slip", capsys=capsys
        )
    )
    assert (then["events"], then["releases"]) == (1, ["UCDP GED 19.1", "UCDP GED 20.1"])
    assert json.loads(provrisk("data", "counts", "-o", "m.csv", "--json", capsys=capsys))["events"] == 3


def test_versions_of_the_counts_share_the_draws_and_widen_the_forecast(small_study: Study) -> None:
    values = np.full((40, 3), 5.0)
    tables = []
    for newest in (5.0, 500.0, 5000.0):
        values[-1] = newest
        tables.append(counts_table(values, list(small_study.provinces.index)))
    champion = Champion("conflictology", Conflictology(), "1", "", "", "")
    drawn = forecast_over(small_study, tables, "made up", champion, 1000, seed=1)
    assert drawn.sizes["draw"] == 1000
    values = set(np.unique(drawn))
    assert {5, 500, 5000} <= values
    one = forecast_over(small_study, tables[:1], "made up", champion, 1000, seed=1)
    assert set(np.unique(one)) == {5}


@pytest.mark.slow
def test_each_origin_sees_the_releases_of_its_day(
    here: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def rows(*months: str) -> list[dict[str, str]]:
        return [
            {"id": str(i), "year": month[:4], "date_start": f"{month}-05", "date_end": f"{month}-05"}
            for i, month in enumerate(months)
        ]

    early = rows("2019-01", "2019-03", "2019-12")
    late = rows("2019-01", "2019-03", "2019-12", "2019-12", "2019-12", "2020-06")  # two came in late
    for name, content, day in (("ged201.csv", early, "2020-06-15"), ("ged211.csv", late, "2021-06-15")):
        path = event_files.write(tmp_path / name, event_files.GED, *content)
        provrisk("data", "add", str(path), "--available", day, capsys=capsys)
    view = AsReleased(here.study())
    assert f"{view.day(months.parse('2019-12')):%Y-%m-%d}" == "2020-06-15"
    december = {"month": "2019-12-01", "province": "Nineveh"}
    assert view(months.parse("2019-12")).attacks.sel(december) == 1
    assert view(months.parse("2020-12")).attacks.sel(december) == 3
    assert view(months.parse("2019-12")).attrs["origin"] == "2019-12"
    with pytest.raises(ProvriskError, match="No release in the store covers 2021-01"):
        view(months.parse("2021-01"))
    found = json.loads(provrisk("data", "check", "--json", capsys=capsys))["findings"]
    assert {one["name"] for one in found} == {
        "figures",
        "months",
        "silence",
        "total",
        "provinces",
        "unreadable rows",
        "excluded rows",
        "revisions",
    }
    moved = next(one for one in found if one["name"] == "revisions")
    assert "66.7 %" in moved["text"]  # 5 where there were 3
