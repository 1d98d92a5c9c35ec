"""What the analyst sees: the dictionary, the table, the picture."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from helpers import ROOT
from provrisk.cli import app
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.features.catalogue import with_every_feature
from provrisk.features.data_dictionary import describe, dictionary, flat, to_bytes
from provrisk.features.panel import build_panel
from provrisk.study import Project, Study


@pytest.fixture(scope="module")
def everything(iraq: Study) -> xr.Dataset:
    return build_panel(with_every_feature(iraq), tables.read_csv(iraq.bundled_counts, iraq))


def test_the_page_says_what_the_variables_say(iraq: Study, everything: xr.Dataset) -> None:
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == dictionary(everything, iraq), "stale: run 'provrisk features dictionary docs/data-dictionary.md'"
    for name in everything.data_vars:
        assert f"| `{name}` |" in page


def test_known_ahead_is_told_apart(everything: xr.Dataset) -> None:
    known = describe(everything).set_index("name").known_ahead
    assert known[["lag_1", "ramadan", "election"]].tolist() == ["no", "yes", "once announced"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_missing_stays_missing_in_a_file(everything: xr.Dataset, suffix: str) -> None:
    table = flat(everything)
    buffer = io.BytesIO(to_bytes(table, suffix))
    read = pd.read_csv(buffer) if suffix == ".csv" else pd.read_parquet(buffer)
    assert read.columns.tolist() == ["month", "province", *everything.data_vars]
    ahead = read[read.month > "2018-12"]
    assert len(ahead) == 6 * 18
    assert ahead.attacks.isna().all()
    assert not ahead.observed.any()
    assert ahead.ramadan.notna().all()
    pd.testing.assert_series_equal(read.lag_12.isna(), table.lag_12.isna())


@pytest.mark.slow
def test_the_commands(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project.root)

    def run(*words: str) -> str:
        app(list(words), standalone_mode=False)
        return capsys.readouterr().out

    listed = {row["name"]: row for row in json.loads(run("features", "list", "--json"))["features"]}
    assert listed["driver_prison_break"]["source"] == "drivers.csv"
    assert listed["mean_3"]["used"] == "yes"
    assert "Breaking the Walls" in run("features", "show", "al-anbar", "--out", "anbar.png")
    assert Path("anbar.png").read_bytes().startswith(b"\x89PNG")
    run("features", "show", "Anbar", "--out", "anbar.svg")
    assert "insurgent campaign" in Path("anbar.svg").read_text(encoding="utf-8")
    assert "3,348 rows" in run("features", "export", "panel.csv")
    with pytest.raises(ProvriskError, match="did you mean Kirkuk"):
        run("features", "show", "Kirkok")
    with pytest.raises(ProvriskError, match=r"ends in .csv or .parquet"):
        run("features", "export", "panel.xlsx")
