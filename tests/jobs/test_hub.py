"""A hub made of all that is held: the hubverse's own tools open it, and nothing is lost on the way out and back."""

import json
from pathlib import Path

import pandas as pd
import pytest

from helpers import ROOT, lay_project, provrisk
from provrisk.forecasts.hub_folder import model_id
from provrisk.forecasts.predictions import TOTAL


@pytest.fixture(scope="module")
def hub(comparing: Path) -> Path:
    folder = comparing / "hub"
    done = provrisk("forecasts", "export-hub", "hub", "--samples", "quick.parquet", cwd=comparing)
    assert done.returncode == 0, done.stderr
    return folder


def output(hub: Path) -> dict[str, bytes]:
    return {str(path.relative_to(hub)): path.read_bytes() for path in sorted(hub.glob("model-output/*/*"))}


def test_hubdata_connects_and_what_it_gives_is_what_was_said(hub: Path, comparing: Path) -> None:
    hubdata = pytest.importorskip("hubdata")
    found = hubdata.connect_hub(hub)
    table = found.get_dataset().to_table().to_pandas()  # raises where a file does not keep to tasks.json
    assert set(table.model_id) == {
        "provrisk-ewma_nb", "provrisk-conflictology", "provrisk-bulletin", "external-Desk", "external-Late",
        "external-ACLED_CAST", "external-VIEWS",
    }  # fmt: skip
    quantiles = pd.read_parquet(comparing / "reports/iraq/backtests/later/quantiles/ewma_nb.parquet")
    own = table[(table.model_id == "provrisk-ewma_nb") & (table.output_type == "quantile")]
    both = own.merge(quantiles, on=["origin_date", "horizon", "location", "output_type_id"])
    assert len(both) == len(quantiles)
    assert (both.value_x == both.value_y).mean() > 0.99  # of an origin that two backtests have, the longer's
    draws = table[(table.model_id == "provrisk-conflictology") & (table.output_type == "sample")]
    assert draws.groupby(["origin_date", "horizon", "location"]).size().unique().tolist() == [1000]
    assert draws.location.nunique() == 18


def test_the_truth_is_target_data(hub: Path) -> None:
    hubdata = pytest.importorskip("hubdata")
    from hubdata.create_target_data_schema import TargetType

    bundled = pd.read_csv(ROOT / "features/iraq/monthly.csv", keep_default_na=False)
    june = bundled[(bundled.month == "2016-06") & (bundled.province == "Nineveh")].attacks.astype(float)
    for kind, column in ((TargetType.TIME_SERIES, "observation"), (TargetType.ORACLE_OUTPUT, "oracle_value")):
        table = hubdata.connect_target_data(hub, kind).to_table().to_pandas()
        own = table[(table.target == "attacks") & (table.target_date.astype(str) == "2016-06-01")]
        assert own.loc[own.location == "Nineveh", column].tolist() == june.tolist()
        assert own.loc[own.location == TOTAL, column].sum() == own.loc[own.location != TOTAL, column].sum()
        assert not table[column].isna().any()


def test_tasks_describe_the_rounds(hub: Path) -> None:
    tasks = json.loads((hub / "hub-config/tasks.json").read_text())
    (rounds,) = tasks["rounds"]
    assert (rounds["round_id"], rounds["round_id_from_variable"]) == ("origin_date", True)
    by_target = {one["task_ids"]["target"]["required"][0]: one for one in rounds["model_tasks"]}
    assert {"attacks", "deaths", "battles (ACLED)"} <= set(by_target)
    attacks = by_target["attacks"]
    assert {1, 2} <= set(attacks["task_ids"]["horizon"]["optional"])
    assert attacks["output_type"]["quantile"]["output_type_id"]["required"][0] == 0.01
    assert attacks["output_type"]["sample"]["output_type_id_params"]["max_samples_per_task"] == 1000
    assert attacks["target_metadata"][0]["time_unit"] == "month"
    assert (
        (hub / "model-metadata/provrisk-ewma_nb.yml")
        .read_text()
        .startswith('team_abbr: "provrisk"\nmodel_abbr: "ewma_nb"')
    )
    rounds_of = {path.name for path in (hub / "model-output/provrisk-ewma_nb").iterdir()}
    assert "2016-01-01-provrisk-ewma_nb.parquet" in rounds_of
    assert len(rounds_of) == 15


def test_a_hub_comes_back_bit_for_bit(hub: Path, tmp_path: Path) -> None:
    lay_project(tmp_path)
    done = provrisk("forecasts", "import-hub", str(hub), "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["refused"] == {}
    assert all(one["new"] for one in said["forecasts"])
    assert {one["by"] for one in said["forecasts"]} == {path.name for path in (hub / "model-output").iterdir()}
    again = provrisk("forecasts", "export-hub", "hub", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert output(tmp_path / "hub") == output(hub)
    for name in ("tasks", "target-data", "admin"):
        file = f"hub-config/{name}.json"
        assert (tmp_path / "hub" / file).read_bytes() == (hub / file).read_bytes()
    for name in ("time-series", "oracle-output"):
        file = f"target-data/{name}.parquet"
        theirs, ours = (pd.read_parquet(one / file) for one in (tmp_path / "hub", hub))
        pd.testing.assert_frame_equal(theirs, ours)
    kept = provrisk("forecasts", "import-hub", str(hub), cwd=tmp_path)
    assert kept.stdout.count("already stored") == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export-hub", "features"), "is there already and not empty"),
        (("import-hub", "features"), "is no hub"),
        (("export-hub", "new", "--samples", "in/late.csv"), "is no file of 'backtest --samples'"),
    ],
)
def test_a_mistake_is_one_sentence(comparing: Path, arguments: tuple[str, ...], message: str) -> None:
    done = provrisk("forecasts", *arguments, cwd=comparing)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (comparing / "new").exists()


@pytest.mark.parametrize(
    ("name", "found"),
    [("ewma_nb", "us-ewma_nb"), ("team-model_1", "team-model_1"), ("Our desk (July)", "us-Our_desk_July_"),
     ("a-b-c", "us-a_b_c")],
)  # fmt: skip
def test_names_become_those_of_hubs(name: str, found: str) -> None:
    assert model_id(name, "us") == found
