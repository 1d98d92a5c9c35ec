"""A project with everything that can be compared, made once."""

import json
from pathlib import Path

import pandas as pd
import pytest

from forecast_files import CAST, PLAIN, table, views_table, write
from helpers import lay_project, provrisk
from provrisk.reports.bulletin import stored_issues
from provrisk.study import find_project

PROTOCOLS = """
[quick]
first = "2016-01"
last = "2016-12"
horizons = 2
draws = 1000
refit_every = 12

[later]
first = "2016-10"
last = "2017-03"
horizons = 2
draws = 1000
refit_every = 12
"""


@pytest.fixture(scope="session")
def comparing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two backtests, a final bulletin and a draft, and four outside forecasts."""
    folder = tmp_path_factory.mktemp("comparing")
    lay_project(folder)
    study = folder / "features" / "iraq"
    (study / "protocols.toml").write_text(PROTOCOLS)
    text = (study / "study.toml").read_text()
    text = text.replace('["conflictology", "ewma_nb", "ingarch", "ensemble"]', '["conflictology", "ewma_nb"]')
    (study / "study.toml").write_text(text)
    for protocol, models in (("quick", "conflictology,ewma_nb"), ("later", "ewma_nb")):
        done = provrisk(
            "backtest", "--protocol", protocol, "--models", models, "--samples", f"{protocol}.parquet", cwd=folder
        )
        assert done.returncode == 0, done.stderr
    _issue(folder)
    files = folder / "in"
    files.mkdir()
    for name, rows, *more in (
        ("desk.csv", table(PLAIN, *({"province": p, "month": m, "forecast": 20, "low": 10, "high": 30}
                                    for p in ("Nineveh", "Al Anbar") for m in ("2016-06", "2016-07", "2019-06"))),
         "--from", "Desk", "--issued", "2016-05-20"),
        ("late.csv", table(PLAIN, {"province": "Nineveh", "month": "2016-06"}), "--from", "Late"),
        ("cast.csv", table(CAST, {"admin1": "Ninewa", "month": "June", "year": 2016, "timestamp": 1463702400,
                                 "battles_observed": 4}),
         "--from", "ACLED CAST"),
        ("views.parquet", views_table(60, 438), "--from", "VIEWS", "--issued", "2016-05-20", "--target", "deaths"),
    ):  # fmt: skip
        done = provrisk("forecasts", "add", str(write(rows, files / name)), *more, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def _issue(folder: Path) -> None:
    """A final issue for June 2016, made of the draws that the backtest kept, and a draft for July."""
    project = find_project(folder)
    kept = pd.read_parquet(folder / "quick.parquet")
    kept = kept[kept.model_id == "ewma_nb"].drop(columns="model_id")
    for origin, month, state in (("2016-05-01", "2016-06", "final"), ("2016-06-01", "2016-07", "draft")):
        own = kept[kept.origin_date.astype("str") == origin]
        target = project.reports / "iraq" / month
        target.mkdir(parents=True)
        own.to_parquet(target / "forecast.parquet", index=False)
        document = {
            "title": "t", "study": "iraq", "month": month, "origin": origin[:7], "issue_date": "2016-06-20",
            "horizon": 1,
            "historical": False, "final_data": True, "source": "s", "digest": "d", "model": "ewma_nb", "method": "1",
            "seed": 1, "draws": 1000, "state": state, "facts": {}, "risk": [], "scorecard": {},
        }  # fmt: skip
        (target / stored_issues.RECORD).write_text(json.dumps({"document": document, "files": {}}))
