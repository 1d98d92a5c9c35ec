"""Everything held in one comparison: stored backtests, issued bulletins, outside forecasts; as an analyst uses it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_files import PLAIN, table, write
from helpers import provrisk
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import CELL, Comparison
from provrisk.forecasts.predictions import TOTAL
from provrisk.jobs import external_forecasts
from provrisk.jobs.comparison.collect import collect
from provrisk.jobs.comparison.compare import compare_forecasts
from provrisk.jobs.snapshot import load_snapshot
from provrisk.study import Project, find_project
from provrisk.tracking.runs import Tracker

CAST_PARTS = ("battles (ACLED)", "explosions and remote violence (ACLED)", "violence against civilians (ACLED)")
CAST_SAID = [f"ACLED CAST: {part}" for part in CAST_PARTS]


@pytest.fixture
def home(comparing: Path) -> Path:
    return comparing


@pytest.fixture(scope="module")
def project(comparing: Path) -> Project:
    return find_project(comparing)


@pytest.fixture(scope="module")
def held(project: Project) -> Comparison:
    study = project.study("iraq")
    panel = load_snapshot(study).panel
    return collect(study, panel, tracker=Tracker(study))


def test_everybody_is_there_once_with_what_they_forecast(held: Comparison) -> None:
    assert {name: (one.kind, one.target) for name, one in held.contenders.items()} == {
        "conflictology": ("model", "attacks"),
        "ewma_nb": ("model", "attacks"),
        "bulletin": ("bulletin", "attacks"),
        "ACLED CAST": ("outside", "events of organised political violence (ACLED)"),
        **{f"ACLED CAST: {part}": ("outside", part) for part in CAST_PARTS},
        "Desk": ("outside", "attacks"),
        "Late": ("outside", "attacks"),
        "VIEWS": ("outside", "deaths"),
    }
    assert held.truth == "UCDP GED 19.1"
    assert held.contenders["ewma_nb"].source == "backtest quick, later"
    assert not held.scores.duplicated(["model", *CELL, "score"]).any()
    assert not held.forecasts.duplicated(["model", *CELL]).any()
    assert list(held.forecasts.columns) == [
        "model", *CELL, "target_month", "issued", "nowcast", "mean", "median",
        "low_50", "high_50", "low_80", "high_80", "low_90", "high_90",
    ]  # fmt: skip
    assert {name for name in held.contenders if name.startswith("ACLED CAST")} == {"ACLED CAST", *CAST_SAID}
    # What the study does not count is scored by what its maker says came, and where it says nothing not at all.
    silent = {"ACLED CAST", *CAST_SAID} - {CAST_SAID[0]}
    assert set(held.scores.model.unique()) == set(held.contenders) - silent
    battles = held.scores[(held.scores.model == CAST_SAID[0]) & (held.scores.score == "absolute_error")]
    assert battles.value.tolist() == [3]
    assert held.contenders[CAST_SAID[0]].source.endswith("scored by its own counts")
    assert held.observed.loc["2016-06", "Nineveh"].item() > 0
    assert TOTAL not in held.observed


def test_models_carry_their_run_and_their_stored_quantiles(held: Comparison, home: Path, project: Project) -> None:
    runs = {name: held.contenders[name].run for name in ("conflictology", "ewma_nb")}
    client = Tracker(project.study("iraq")).client
    assert {name: client.get_run(run).info.run_name for name, run in runs.items()} == {name: name for name in runs}
    table = pd.read_parquet(home / "reports/iraq/backtests/quick/quantiles/ewma_nb.parquet")
    table = table[(table.location == "Nineveh") & (table.horizon == 2)].assign(level=table.output_type_id.astype(float))
    stored = table.pivot(index="origin_date", columns="level", values="value")
    own = held.forecasts[(held.forecasts.model == "ewma_nb") & (held.forecasts.province == "Nineveh")]
    own = own[(own.horizon == 2) & (own.origin < "2017-01")].sort_values("origin")
    assert np.array_equal(own[["low_90", "low_50", "median", "high_80"]], stored[[0.05, 0.25, 0.5, 0.9]])
    assert own["mean"].notna().all()
    # A cell that both backtests have is there once: 2016-10 to 2016-12 are the first's.
    assert own.origin.is_unique


def test_a_bulletin_scores_as_the_draws_that_it_was_made_of_and_a_draft_is_none(held: Comparison) -> None:
    rows = held.scores[(held.scores.score == "crps") & (held.scores.origin == "2016-05-01")]
    wide = rows.astype({"model": "str", "province": "str"}).pivot(
        index=["horizon", "province"], columns="model", values="value"
    )
    assert len(wide.bulletin.dropna()) == 2 * (18 + 1)
    assert np.allclose(wide.bulletin, wide.ewma_nb)
    assert held.scores[held.scores.model == "bulletin"].origin.nunique() == 1


def test_what_was_issued_after_its_month_had_begun_is_a_nowcast_ours_included(held: Comparison) -> None:
    late = held.forecasts.groupby(["model", "target_month"]).nowcast.all()
    assert late["bulletin"].to_dict() == {pd.Timestamp("2016-06-01"): True, pd.Timestamp("2016-07-01"): False}
    assert not late["Desk"].any()
    assert late["Late"].all()
    assert not late["ewma_nb"].any()


def test_a_backtest_scored_against_other_data_is_left_out_and_said(home: Path, project: Project) -> None:
    study = project.study("iraq")
    panel = load_snapshot(study).panel
    other = panel.assign(attacks=panel.attacks + 1)
    found = collect(study, other)
    assert {one.kind for one in found.contenders.values()} == {"bulletin", "outside"}
    assert "The backtest quick was scored against UCDP GED 19.1; the data have changed since" in str(found.notes)
    with pytest.raises(ProvriskError, match="run 'provrisk backtest --protocol quick' again"):
        collect(study, other, "quick")


def test_the_ranking_and_who_shares_few_cells(home: Path) -> None:
    done = provrisk("compare", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "Skill against ewma_nb by CRPS (attacks, by province)" in done.stdout
    assert "Models with fewer cells, each against ewma_nb" in done.stdout
    words = " ".join(done.stdout.split())  # wherever the lines break
    assert "VIEWS: not ranked, since it forecasts sums over provinces only" in words
    assert "ACLED CAST: not ranked, since it forecasts events of organised political violence" in words
    rows = json.loads(provrisk("compare", "--json", cwd=home).stdout)["rows"]
    by_name = {row["model"]: row for row in rows}
    assert {name: row["ranked"] for name, row in by_name.items()} == {
        "ewma_nb": True, "conflictology": True, "bulletin": False, "Desk": False, "Late": False, "VIEWS": False,
        **dict.fromkeys(["ACLED CAST", *CAST_SAID[1:]], False), CAST_SAID[0]: True,
    }  # fmt: skip
    assert by_name["ACLED CAST"]["reason"].endswith("(ACLED), which the study does not count")
    assert by_name["Late"]["reason"].startswith("made nowcasts only")
    assert by_name["bulletin"]["mean"] == by_name["bulletin"]["benchmark_mean"]
    total = json.loads(provrisk("compare", "--total", "--json", cwd=home).stdout)["rows"]
    assert {row["model"]: row["target"] for row in total if row["target"] == "deaths"} == {"VIEWS": "deaths"}


def test_named_forecasts_are_ranked_on_the_cells_that_all_share(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "ranking.csv"
    done = provrisk("compare", "Desk", "EWMA-NB", "conflictology", "--out", str(out), cwd=home)
    assert "by WIS (10, 90 %) (attacks, by province)" in done.stdout
    table = pd.read_csv(out).set_index("model")
    assert set(table.index) == {"Desk", "ewma_nb", "conflictology"}
    # Issued on 20 May from what was over by then, April: June lies two months ahead, July three, which nobody else has.
    assert (table["cells"] == 2).all()
    assert set(table.verdict) == {"benchmark", "too few"}


def test_two_forecasts_side_by_side(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "cells.csv"
    done = provrisk("compare", "ewma_nb", "conflictology", "--out", str(out), cwd=home)
    assert done.returncode == 0, done.stderr
    for word in ("Where", "When", "Largest differences", "Diebold-Mariano", "108 only by ewma_nb"):
        assert word in done.stdout, word
    cells = pd.read_csv(out)
    assert len(cells) == 12 * 18 * 2
    said = json.loads(provrisk("compare", "ewma_nb", "conflictology", "--json", cwd=home).stdout)
    assert said["a_score"] == pytest.approx(cells.a_score.mean())
    assert said["skill"] == pytest.approx(1 - cells.a_score.sum() / cells.b_score.sum())
    assert len(said["where"]) == 18


def test_a_title_in_any_case_is_as_good_as_a_name(home: Path, project: Project) -> None:
    rows = json.loads(provrisk("compare", "ewma-nb", "desk", "conflictology", "--json", cwd=home).stdout)["rows"]
    assert {row["model"] for row in rows} == {"ewma_nb", "Desk", "conflictology"}
    done = provrisk("backtest", "--protocol", "quick", "--models", "Ewma-NB", "--json", cwd=home)
    assert json.loads(done.stdout)["blocks_reused"] > 0
    assert "removed: Late" in provrisk("forecasts", "remove", "LATE", cwd=home).stdout
    assert "restored: Late" in provrisk("forecasts", "restore", "late", cwd=home).stdout


def test_the_table_is_read_by_model(home: Path, project: Project) -> None:
    compared = compare_forecasts(project.study("iraq"))
    assert compared.table.index.name == "model"
    assert compared.table.loc["ewma_nb", "verdict"] == "benchmark"
    assert compared.records().set_index("model").equals(compared.table)


def test_one_month(home: Path) -> None:
    done = provrisk("compare", "--at", "2016-06", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "attacks in June 2016, all provinces" in done.stdout
    assert "bulletin*" in done.stdout
    assert "* a nowcast" in done.stdout
    rows = json.loads(provrisk("compare", "Desk", "ACLED CAST", "--at", "2016-06", "--json", cwd=home).stdout)["rows"]
    assert {(row["model"], row["province"], row["said"]) for row in rows} == {
        ("Desk", "Nineveh", 20), ("Desk", "Anbar", 20), ("ACLED CAST", "Nineveh", 3),
    }  # fmt: skip
    assert {row["came"] for row in rows if row["model"] == "ACLED CAST"} == {None}


def test_list_and_add_say_what_could_not_be_used(home: Path, tmp_path: Path) -> None:
    listed = provrisk("forecasts", "list", cwd=home).stdout
    assert "Desk, plain table of attacks (mean, quantile), 2016-06 to 2019-06, 6 cells" in listed
    assert "nowcasts: 1 cells, issued after their month had begun" in listed
    held = json.loads(provrisk("forecasts", "list", "--json", cwd=home).stdout)["forecasts"]
    account = {one["by"]: one for one in held}
    assert account["VIEWS"]["set_aside"] == {"other country": 20}
    path = write(table(PLAIN, {"province": "Nineveh"}, {"province": "Atlantis"}), tmp_path / "half.csv")
    done = provrisk("forecasts", "add", str(path), "--from", "Half", "--json", cwd=home)
    said = json.loads(done.stdout)
    assert said["set_aside"] == {"province unknown: Atlantis": 1}
    assert "already stored: Half" in provrisk("forecasts", "add", str(path), "--from", "Half", cwd=home).stdout
    for file in (home / "forecasts").glob(f"{said['digest']}.*"):
        file.unlink()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "mars"), "There is no forecast by 'mars' here; known are"),
        (("compare", "--at", "2030-01"), "There is no forecast of 2030-01"),
        (("compare", "--horizon", "2"), "--horizon needs --at"),
        (("compare", "Desk", "VIEWS"), "Desk forecasts attacks and VIEWS deaths"),
        (("compare", "Desk", "Late", "bulletin"), "No observed cell is forecast by all of"),
        (("forecasts", "add", "in/desk.csv", "--from", "ewma_nb"), "is the name of one of our own forecasts"),
        (("forecasts", "add", "in/desk.csv", "--from", "x", "--issued", "2990-01-01"), "a day in the future"),
        (
            ("forecasts", "add", "in/desk.csv", "--from", "x", "--interval", "100"),
            "is no level in per cent",
        ),
    ],
)
def test_a_mistake_is_one_sentence(home: Path, arguments: tuple[str, ...], message: str) -> None:
    done = provrisk(*arguments, cwd=home)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_forecast_that_cannot_be_read_any_more_is_said_and_the_rest_compared(home: Path, project: Project) -> None:
    study = project.study("iraq")
    late = next(one.kept for one in external_forecasts.list_held(study) if one.kept.by == "Late")
    path = project.forecasts / f"{late.digest}.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    try:
        found = collect(study, load_snapshot(study).panel)
    finally:
        path.write_bytes(content)
    assert "Late" not in found.contenders
    assert "Desk" in found.contenders
    assert "Late is left out: " in str(found.notes)
    assert "is not the stored one: restore it" in str(found.notes)


def test_nothing_held_says_what_to_do(project: Project, tmp_path: Path) -> None:
    empty = Project(root=project.root, home=tmp_path)
    study = empty.study("iraq")
    with pytest.raises(ProvriskError, match="No forecast is stored: run 'provrisk backtest'"):
        collect(study, load_snapshot(study).panel)
    assert external_forecasts.list_held(study) == []
