"""Studies in which hardly anything happens: they run, and say what cannot be told."""

import json
from pathlib import Path

import pandas as pd
import pytest

import event_files
from helpers import provrisk
from provrisk import months
from provrisk.evaluation.comparison.leaderboard import leaderboard, shared_cells
from provrisk.forecasts.predictions import TOTAL
from provrisk.jobs.monthly_run import run_month
from provrisk.jobs.studies.new import new_study
from provrisk.risk.calibration import brier_skill
from provrisk.study import Project
from provrisk.study.schema import Scale


@pytest.fixture
def lonely(project: Project, tmp_path: Path) -> Project:
    """Six years in which one of two provinces saw 14 attacks, and the other none of this actor's."""
    month = [months.shift(months.parse("2014-01"), n) for n in range(0, 70, 5)]
    here = {"country": "Nowhere", "side_b_new_id": "77", "side_b": "Few", "code_status": "Clear"}
    rows = [
        here | {"id": str(n), "adm_1": "North", "date_start": f"{one:%Y-%m}-09", "date_end": "", "year": f"{one:%Y}"}
        for n, one in enumerate(month)
    ]
    other = {"side_b_new_id": "78", "side_b": "Others", "adm_1": "South", "latitude": "35"}
    rows += [row | other | {"id": f"1{row['id']}"} for row in rows]
    path = event_files.write(tmp_path / "ged201.csv", event_files.GED, *rows)
    new_study(project, "lonely", path, "Nowhere", "77")
    file = project.root / "features" / "lonely" / "study.toml"
    text = file.read_text(encoding="utf-8")
    lines = ['candidates = ["ewma_nb"]' if line.startswith("candidates") else line for line in text.splitlines()]
    file.write_text("\n".join(lines), encoding="utf-8")
    return project


def test_a_study_without_an_active_province_runs_and_says_so(lonely: Project) -> None:
    result = run_month(lonely.study("lonely"))
    assert result.leaderboard.crps_active.isna().all()
    text = (result.issue.folder / "bulletin.md").read_text(encoding="utf-8")
    assert "was active in the backtest" in text
    assert "At least 5 (Brier score) |" in text
    never = next(line for line in text.splitlines() if "At least 5 (Brier score)" in line)
    assert "never occurred: no score" in never
    assert "100" not in never
    assert "nan" not in text.casefold().split()
    compared = provrisk("compare", "--study", "lonely", "--json", cwd=lonely.root)
    assert compared.returncode == 0, compared.stderr
    assert json.loads(compared.stdout)["status"] == "done"
    page = provrisk("compare", "--study", "lonely", "--page", "page.html", cwd=lonely.root)
    assert page.returncode == 0, page.stderr


def test_of_what_never_came_there_is_no_skill() -> None:
    rows = [
        (model, pd.Timestamp(2020, origin, 1), 1, "Alpha", score, value, False)
        for model, said in (("ours", 0.0), ("theirs", 0.1))
        for origin in range(1, 13)
        for score, value in (
            ("crps", said + 0.1), ("observed", 2.0), ("escalated", 0.0), ("p_escalation", said), ("rps", said + 0.1),
            ("brier_1", said + 0.1), ("brier_5", said**2), ("brier_escalation", said**2), ("mean", 2.0),
            ("log_score", 1.0), ("pit", 0.5),
        )
    ]  # fmt: skip
    names = ["model", "origin", "horizon", "province", "score", "value", "active"]
    scores = pd.DataFrame(rows, columns=names)
    scores = pd.concat([scores, scores.assign(province=TOTAL)[scores.score == "pit"]])
    cells = shared_cells(scores)
    scale = Scale(levels=("none", "low", "high"), thresholds=(1, 5))
    found = brier_skill(cells, "ours", ["theirs"], scale).set_index("score")
    assert found.verdict[["brier_5", "brier_escalation"]].tolist() == ["never", "never"]
    assert found.skill[["brier_5", "brier_escalation"]].isna().all()
    assert found.verdict["brier_1"] != "never"
    board = leaderboard(cells, "theirs")
    assert board.crps_active.isna().all()
    assert board.bias.tolist() == [1, 1]
