"""Evidence and scenarios as a user runs them: the bundled study, with a quick champion."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import lay_project, provrisk
from provrisk.jobs.evidence import complete
from provrisk.study import Project


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose champion fits nothing, and has its forecasts made anew every year."""
    folder = tmp_path_factory.mktemp("evidence") / "project"
    lay_project(folder)
    study, claims = folder / "features" / "iraq" / "study.toml", folder / "features" / "iraq" / "hypotheses.toml"
    text = study.read_text()
    text = re.sub(r"candidates = \[.*\]", 'candidates = ["conflictology"]', text)
    study.write_text(re.sub(r"benchmarks = \[.*\]", 'benchmarks = ["conflictology"]', text))
    protocols = folder / "features" / "iraq" / "protocols.toml"
    protocols.write_text(re.sub(r"(?m)^(origins|burn_in) = .*", r"\1 = 6", protocols.read_text()))
    claims.write_text(claims.read_text().replace('recipe = "ewma_nb"', 'recipe = "conflictology"'))
    done = provrisk("run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_claims_are_listed(home: Path) -> None:
    done = provrisk("evidence", "list", cwd=home)
    assert len(re.findall(r"^[HX][0-9]+ ", done.stdout, flags=re.M)) == 29
    listed = json.loads(provrisk("evidence", "list", "--json", cwd=home).stdout)["claims"]
    assert [test["test"] for test in listed["H1"]["tests"]] == ["before_after"] * 3 + ["counterfactual"] * 2
    assert [test["direction"] for test in listed["H1"]["tests"]] == ["none"] * 5


def test_the_claims_are_tested_and_the_page_is_written(home: Path) -> None:
    done = provrisk("evidence", "test", "all", "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    verdicts = {one["id"]: one for one in json.loads(done.stdout)["verdicts"]}
    assert len(verdicts) == 29
    assert verdicts["H7"]["verdict"] == "contradicted"
    assert verdicts["X7"]["verdict"] == "supported"
    (share,) = verdicts["X7"]["measures"]
    assert share["estimate"] == pytest.approx(0.959, abs=0.001)
    assert "disputed" in verdicts["H7"]["why"]
    weeks, civilians, forces, deaths, events = verdicts["H1"]["measures"]
    assert forces["estimate"] < 0.6 < civilians["estimate"]
    assert weeks["estimate"] == pytest.approx((77 / 69) / (30 / 21), abs=0.001)
    assert "Iraq" not in deaths["measure"]
    assert events["verdict"] == "not testable"
    assert "reaches 2022-07" in events["why"]
    # No claim that a published figure speaks to stays untested.
    untested = {name for name, one in verdicts.items() if one["verdict"] == "not testable"}
    assert untested == {"H5", "H8", "H9", "H11", "H12", "H15", "H18", "H19"}
    assert verdicts["H17"]["verdict"] == "shown"
    # Fewer attacks than forecast when the territory was lost, more than forecast in 2012-13.
    assert all(one["estimate"] < 0.8 for one in verdicts["H13"]["measures"])
    assert verdicts["H2"]["measures"][0]["estimate"] > 1.2
    page = (home / "reports" / "iraq" / "evidence" / "evidence.html").read_text(encoding="utf-8")
    assert "conflictology" in page
    assert "p-values, one for each test, two-sided, corrected together" in page
    # A second run says the same to the letter, whatever the workers, and prints what it was asked for.
    one = provrisk("evidence", "test", "H13", "--workers", "2", cwd=home).stdout
    assert re.findall(r"^[HX][0-9]+ ", one, flags=re.M) == ["H13 "]
    assert (home / "reports" / "iraq" / "evidence" / "evidence.html").read_text(encoding="utf-8") == page


def test_an_unknown_claim_is_refused(home: Path) -> None:
    done = provrisk("evidence", "test", "H99", cwd=home)
    assert done.returncode == 2
    assert "H99" in done.stderr


def test_a_study_without_claims_says_where_to_write_them(project: Project) -> None:
    (project.root / "features" / "iraq" / "hypotheses.toml").unlink()
    done = provrisk("evidence", "test", "all", cwd=project.root)
    assert done.returncode == 2
    assert "docs/evidence.md" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('provinces = ["Nineveh"]', 'provinces = ["Ninive"]', "'Ninive'.*provinces.csv"),
        ('month = "2022-02"', 'month = "2022-13"', "month"),
        ("window = 6", "window = 5", "window must be one of the windows"),
        ("alpha = 0.10", "alpha = 10", "alpha"),
    ],
)
def test_a_wrong_claim_is_named(project: Project, old: str, new: str, message: str) -> None:
    path = project.root / "features" / "iraq" / "hypotheses.toml"
    path.write_text(path.read_text().replace(old, new, 1))
    done = provrisk("evidence", "list", cwd=project.root)
    assert done.returncode == 2
    assert re.search(message, done.stderr), done.stderr


def test_the_sources_stand_side_by_side(home: Path) -> None:
    done = provrisk("evidence", "sources", "--out", "sources.csv", cwd=home)
    assert "257" in done.stdout
    assert "disputed" in done.stdout
    assert (home / "sources.csv").read_text().startswith("year,period,place")
    done = provrisk("evidence", "sources", "--by", "month", "--year", "2022", "--picture", "ledger.svg", cwd=home)
    assert "15-21 January 2022" in done.stdout
    assert "January 2022: 46, and its parts 9, 14, 7, 13, 4 come to 47" in done.stdout
    assert "2021" not in done.stdout.split("H7")[0]
    assert (home / "ledger.svg").read_text(encoding="utf-8").count("Musings") >= 3
    assert provrisk("evidence", "sources", "--picture", "ledger.pdf", cwd=home).returncode == 2


def test_a_scenario_from_the_past_and_from_a_range(home: Path) -> None:
    asked = ("scenario", "--driver", "prison_break", "--provinces", "Nineveh,Anbar", "--month", "2019-02")
    done = provrisk(*asked, "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert "past" in result["assumptions"][0]
    rows = {(row["month"], row["province"]): row for row in result["rows"]}
    assert rows["2019-01", "Nineveh"]["difference"] == 0
    assert rows["2019-02", "Nineveh"]["difference"] != 0
    ranged = provrisk(*asked, "--ratio", "2:2", cwd=home)
    assert "A scenario, based on an assumption" in ranged.stdout
    folder = home / "reports" / "iraq" / "scenarios" / "prison_break-2019-02"
    assert {path.name for path in folder.iterdir()} == {"scenario.csv", "scenario.html", "scenario.json"}
    bulletin = (home / "reports" / "iraq" / "2019-01" / "bulletin.html").read_text(encoding="utf-8")
    assert "scenario" not in bulletin.casefold()


def test_a_scenario_file_with_several_drivers(home: Path) -> None:
    (home / "two.toml").write_text(
        'name = "two"\n[[suppose]]\ndriver = "prison break"\nprovinces = ["Nineveh"]\nmonth = "2019-02"\n'
        "ratio = [1.5, 2]\n"
        '[[suppose]]\ndriver = "truce"\nprovinces = ["Diyala"]\nmonth = "2019-03"\nratio = [0.5, 0.8]\n'
    )
    done = provrisk("scenario", "--file", "two.toml", "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    rows = {(row["month"], row["province"]): row["difference"] for row in json.loads(done.stdout)["rows"]}
    assert rows["2019-02", "Nineveh"] > 0 > rows["2019-03", "Diyala"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--driver", "earthquake", "--provinces", "Anbar", "--month", "2019-02"),
            "no driver of the type 'earthquake'",
        ),
        (("--driver", "prison_break", "--provinces", "Anbar", "--month", "2021-02"), "are 2019-01 to 2019-06"),
        (("--driver", "prison_break", "--provinces", "Anbra", "--month", "2019-02"), "'Anbra' is no province"),
        (("--driver", "prison_break", "--provinces", "Anbar"), "--month is missing"),
        (("--driver", "x", "--provinces", "Anbar", "--month", "2019-02", "--ratio", "a:b"), "is not a range"),
        (
            ("--driver", "x", "--provinces", "Anbar", "--month", "2019-02", "--ratio", "2:1"),
            "ratio is not valid: ratio must be",
        ),
        (("--driver", "x", "--provinces", "Anbar", "--month", "2019-2"), "month is not valid: '2019-2' is not a month"),
        (("--file", "none.toml"), "none.toml"),
        (("--file", "none.toml", "--driver", "x"), "either --file"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused(home: Path, more: tuple[str, ...], message: str) -> None:
    done = provrisk("scenario", *more, cwd=home)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr


def test_placebos_come_from_the_recipe_that_the_events_ratio_comes_from() -> None:
    span = pd.date_range("2010-01", periods=10, freq="MS")
    drawn = xr.DataArray(np.zeros(10), dims="origin", coords={"origin": span})
    rows = [("late", one) for one in span[:4]] + [("never", one) for one in span] + [("once", span[7])]
    kept = complete(drawn, pd.DataFrame(rows, columns=["model", "origin"]))
    assert kept.indexes["origin"].tolist() == span[4:].tolist()
    assert complete(drawn, pd.DataFrame(columns=["model", "origin"])).equals(drawn)
