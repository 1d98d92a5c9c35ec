"""``provrisk backtest`` and ``provrisk compare`` as an analyst uses them."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from helpers import lay_project, provrisk
from provrisk.jobs.comparison.compare import compare_forecasts
from provrisk.jobs.stored_backtest import keep_backtest
from provrisk.study import find_project

PROTOCOL = """
[short]
first = "2016-01"
last = "2016-12"
horizons = 2
draws = 1000
refit_every = 12

[last]
origins = 2
horizons = 3
draws = 1000
refit_every = 12
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest")
    lay_project(folder)
    with (folder / "features" / "iraq" / "protocols.toml").open("a") as file:
        file.write(PROTOCOL)
    return folder


@pytest.fixture(scope="module")
def first(home: Path) -> dict[str, object]:
    names = "conflictology,ewma_nb"
    done = provrisk(
        "backtest", "--protocol", "short", "--models", names, "--samples", "draws.parquet", "--json", cwd=home
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_backtest_writes_scores_and_hubverse_forecasts(home: Path, first: dict[str, object]) -> None:
    folder = home / "reports" / "iraq" / "backtests" / "short"
    own = {"protocol": "short", "folder": str(folder), "blocks_computed": 2, "blocks_reused": 0, "failures": 0}
    assert first.items() >= own.items()
    scores = pd.read_parquet(folder / "scores.parquet")
    assert list(scores.columns) == ["model", "origin", "horizon", "province", "score", "value", "active"]
    assert (scores.score == "crps").sum() == 2 * 12 * 2 * (18 + 1)
    assert scores.attrs["truth"] == "UCDP GED 19.1"
    quantiles = pd.read_parquet(folder / "quantiles" / "ewma_nb.parquet")
    assert len(quantiles) == 12 * (18 + 1) * 2 * 23
    samples = pd.read_parquet(home / "draws.parquet")
    sizes = samples.groupby("model_id", observed=True).size()
    assert set(sizes) == {12 * 18 * 2 * 1000}
    assert "ewma_nb" in sizes
    assert "at least 25" in (folder / "reliability" / "ewma_nb.svg").read_text()


def test_a_second_backtest_computes_nothing(home: Path, first: dict[str, object]) -> None:
    before = (home / "reports/iraq/backtests/short/scores.parquet").read_bytes()
    done = provrisk("backtest", "--protocol", "short", "--models", "conflictology,ewma_nb", cwd=home)
    assert "0 blocks computed, 2 reused" in done.stdout
    assert (home / "reports/iraq/backtests/short/scores.parquet").read_bytes() == before


def test_a_backtest_of_another_model_adds_to_what_is_stored(home: Path, first: dict[str, object]) -> None:
    path = home / "reports/iraq/backtests/short/scores.parquet"
    before = path.read_bytes()
    done = provrisk("backtest", "--protocol", "short", "--models", "last_month", cwd=home)
    assert done.returncode == 0, done.stderr
    scores = pd.read_parquet(path)
    assert list(scores.model.unique()) == ["conflictology", "ewma_nb", "last_month"]
    old = pd.read_parquet(io.BytesIO(before))
    kept = scores[scores.model != "last_month"].astype({"model": "str"}).reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, old.astype({"model": "str"}), check_categorical=False)
    path.write_bytes(before)


def test_the_leaderboard_names_cells_truth_and_verdicts(home: Path, first: dict[str, object]) -> None:
    done = provrisk("compare", "--protocol", "short", cwd=home)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert next(line for line in lines if line.startswith(("ewma_nb", "conflictology"))).startswith("ewma_nb")
    assert "432 cells of 12 origins, 2016-01 to 2016-12; observed: UCDP GED 19.1" in done.stdout
    table = json.loads(provrisk("compare", "--protocol", "short", "--json", cwd=home).stdout)["rows"]
    assert [row["model"] for row in table] == ["ewma_nb", "conflictology"]
    assert table[0]["crps"] < table[1]["crps"]
    assert table[0]["verdict"] == "benchmark"
    assert table[1]["verdict"] in ("tie", "worse")
    by_year = json.loads(provrisk("compare", "--protocol", "short", "--by", "horizon", "--json", cwd=home).stdout)[
        "rows"
    ]
    assert [row["horizon"] for row in by_year] == [1, 2]


def test_the_newest_origins_are_scored_at_the_horizons_that_have_been_observed(home: Path) -> None:
    """Models are judged where every horizon was observed; a comparison sees the origins after them, too."""
    study = find_project(home).study("iraq")
    kept = keep_backtest(study, "last", ["conflictology"])
    assert sorted({f"{origin:%Y-%m}" for origin in kept.scores.origin}) == ["2018-08", "2018-09"]
    assert kept.result.run.past["conflictology"].indexes["origin"].max() == kept.scores.origin.max()
    stored = pd.read_parquet(kept.folder / "scores.parquet")
    cells = stored[(stored.score == "observed") & (stored.province == "Baghdad")]
    assert {f"{origin:%Y-%m}": own.horizon.tolist() for origin, own in cells.groupby("origin")} == {
        "2018-08": [1, 2, 3], "2018-09": [1, 2, 3], "2018-10": [1, 2], "2018-11": [1],
    }  # fmt: skip
    compared = compare_forecasts(study, protocol="last")
    assert {f"{origin:%Y-%m}" for origin in compared.rankings["attacks"].cells.scores.origin} == {
        "2018-08", "2018-09", "2018-10", "2018-11",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "--protocol", "recent"), "run 'provrisk backtest --protocol recent' first"),
        (("compare", "--protocol", "mars"), "no protocol 'mars'"),
        (("compare", "--protocol", "short", "--benchmark", "mars"), "benchmark 'mars'"),
        (("compare", "--protocol", "short", "--by", "colour"), "'colour': use horizon, year, province"),
        (("backtest", "--models", "mars"), "no model 'mars'"),
        (
            ("backtest", "--protocol", "short", "--models", "ewma_nb", "--samples", "draws.csv"),
            "give the file a name that ends in .parquet",
        ),
        (("backtest", "--protocol", "short", "--cluster", "tcp://127.0.0.1:9"), "No Dask scheduler answers"),
    ],
)
def test_a_mistake_is_one_sentence(
    home: Path, first: dict[str, object], arguments: tuple[str, ...], message: str
) -> None:
    done = provrisk(*arguments, cwd=home)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
