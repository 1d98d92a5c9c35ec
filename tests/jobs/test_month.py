"""The way through, as its users take it: the command line, the files, the page, the MLflow store."""

import html.parser
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pandas as pd
import pyarrow.parquet as pq
import pytest

from helpers import ROOT, provrisk
from provrisk.errors import ProvriskError
from provrisk.tracking.session import apart


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("way") / "project"
    assert provrisk("init", str(folder), cwd=ROOT).returncode == 0
    path = folder / "features" / "iraq" / "study.toml"
    # The pool of the shipped study is tried in test_skill.py; here three quick models do, which need no burn-in.
    path.write_text(path.read_text(encoding="utf-8").replace(', "ensemble"]', "]"), encoding="utf-8")
    path = path.with_name("protocols.toml")
    text = re.sub(r"(?m)^burn_in = .*", "burn_in = 0", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def first(home: Path) -> dict[str, object]:
    """The first run of a new project, from the bundled figures."""
    done = provrisk("run", "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # silent where nobody watches
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def page(home: Path, first: dict[str, object]) -> str:
    return (home / "reports/iraq/2019-01/bulletin.html").read_text(encoding="utf-8")


def test_a_run_writes_the_historical_issue(home: Path, first: dict[str, object]) -> None:
    folder = home / "reports" / "iraq" / "2019-01"
    names = {"bulletin.html", "bulletin.json", "bulletin.md", "bulletin.pdf", "forecast.parquet", "risk.csv"}
    assert {p.name for p in folder.iterdir()} == names
    assert (folder.parent / "index.html").is_file()
    assert first["issue_date"] == "2019-01-01"
    assert (first["origin"], first["month"], first["historical"]) == ("2018-12", "2019-01", True)
    crps = first["crps"]
    assert first["champion"] == {"model": "NB-INGARCH(1,1)", "version": "1", "new": True}
    assert crps["ingarch"] == min(crps.values())


def test_the_risk_table_and_the_forecast_agree(home: Path, first: dict[str, object]) -> None:
    folder = home / "reports" / "iraq" / "2019-01"
    table = pd.read_csv(folder / "risk.csv", keep_default_na=False)
    samples = pd.read_parquet(folder / "forecast.parquet")
    whole, table = table.iloc[0], table.iloc[1:]
    assert (whole.province, len(table)) == ("(total)", 18)
    assert whole.expected == pytest.approx(table.expected.sum(), abs=0.02)
    assert len(samples) == 18 * 6 * 1000
    mean = samples[samples.horizon == 1].groupby("location").value.mean()
    assert mean[table.province].tolist() == pytest.approx(table.expected.tolist(), abs=6e-4)
    provenance = json.loads(pq.read_schema(folder / "forecast.parquet").metadata[b"provrisk"])
    assert provenance["digest"] == first["digest"]
    assert provenance["model"] == "ingarch"


def test_the_page_is_whole_and_asks_nobody(page: str) -> None:
    class Check(html.parser.HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open_tags: list[str] = []
            self.ids: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if given.get("id"):
                self.ids.append(str(given["id"]))
            for name in ("src", "href", "xlink:href"):
                assert str(given.get(name) or "#").startswith("#")
            if tag not in ("meta", "link", "br"):
                self.open_tags.append(tag)

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open_tags.pop() == tag

    check = Check()
    check.feed(page)
    assert check.open_tags == []
    assert len(check.ids) == len(set(check.ids))
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_the_page_says_what_it_must(page: str, first: dict[str, object]) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>|<svg.*?</svg>", "", page, flags=re.S)).split())
    for words in (
        "Historical issue", "1 January 2019", "Data up to December 2018", "UCDP GED 19.1, CC BY 4.0",
        str(first["digest"]), "a lethal event in which the Islamic State is a side, whoever struck first",
        "Skill against conflictology", "Skill against EWMA-NB", "Sundberg, Ralph, and Erik Melander (2013)", "seed 1",
    ):  # fmt: skip
        assert words in text, words
    for row in first["risk"]:
        assert f"{row['low_80']} to {row['high_80']}" in text


def test_a_second_run_with_one_seed_writes_the_same_bytes(home: Path, first: dict[str, object], page: str) -> None:
    folder = home / "reports" / "iraq" / "2019-01"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = provrisk("run", "--workers", "2", cwd=home)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert "first champion" not in done.stdout


def test_a_data_check_finds_the_champion_without_mlflow(home: Path, first: dict[str, object]) -> None:
    code = (
        "import sys; sys.argv = ['provrisk', 'data', 'check', '--json']\n"
        "from provrisk.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('mlflow' in sys.modules)"
    )

    def checked() -> tuple[object, str]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=home)
        line, heavy = done.stdout.splitlines()
        return json.loads(line)["findings"], heavy

    findings, heavy = checked()
    assert heavy == "False"
    assert any("forecast" in one["text"] for one in findings)
    jobs = home / "mlruns" / "jobs"
    aside = jobs.rename(jobs.with_name("jobs.aside"))
    assert checked() == (findings, "True")  # the journal is lost: the registry is asked
    aside.rename(jobs)
    (state,) = (home / "mlruns" / "champions" / "iraq").glob("*/artifacts/model.joblib")
    whole = state.read_bytes()
    state.write_bytes(b"damaged")
    assert checked() == (findings, "True")  # and the copy is made again
    assert state.read_bytes() == whole


@pytest.fixture
def its_store(home: Path) -> Iterator[None]:
    """MLflow's own functions speak to the project's store, and to none afterwards: others took it for a wish."""
    with apart():
        mlflow.set_tracking_uri(f"sqlite:///{home / 'mlruns' / 'mlflow.db'}")
        yield


@pytest.mark.usefixtures("its_store")
def test_mlflow_holds_a_parent_run_a_backtest_and_a_child_run_a_model(home: Path, first: dict[str, object]) -> None:
    runs = mlflow.search_runs(experiment_names=["iraq"], output_format="list")
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parents[-1].info.run_id]
    assert {run.info.run_name for run in parents} == {"month"}
    assert {run.info.run_name for run in children} == {"conflictology", "ewma_nb", "ingarch"}
    client = mlflow.MlflowClient()
    for run in children:
        assert run.data.tags["data_digest"] == first["digest"]
        assert run.data.metrics["crps_mean"] == pytest.approx(first["crps"][run.info.run_name], abs=1e-4)
        assert [m.step for m in client.get_metric_history(run.info.run_id, "crps")] == [1, 2, 3, 4, 5, 6]
        assert run.inputs.dataset_inputs[0].dataset.digest == first["digest"]
    assert next(r for r in children if r.info.run_name == "ewma_nb").data.params["weight"] == "0.3"


@pytest.mark.usefixtures("its_store")
def test_the_registered_champion_forecasts_by_itself(home: Path, first: dict[str, object]) -> None:
    champion = mlflow.pyfunc.load_model("models:/provrisk-iraq@champion")
    counts = pd.read_csv(home / "features" / "iraq" / "monthly.csv")
    table = champion.predict(counts.astype(dict.fromkeys(counts.columns[2:], "float64")))
    own = table[(table.location == "Nineveh") & (table.horizon == 1)].set_index("output_type_id").value
    nineveh = next(row for row in first["risk"] if row["province"] == "Nineveh")
    assert (own["0.1"], own["0.5"], own["0.9"]) == (nineveh["low_80"], nineveh["median"], nineveh["high_80"])


def test_a_champion_that_was_tampered_with_is_not_opened(home: Path, first: dict[str, object], tmp_path: Path) -> None:
    stored, copy = sorted((home / "mlruns").rglob("model.joblib"), key=lambda path: "champions" in str(path))
    original = copy.read_bytes()
    copy.write_bytes(b"x")
    assert provrisk("run", cwd=home).returncode == 0  # the copy is made anew from the store
    assert copy.read_bytes() == original
    try:
        stored.write_bytes(original + b"x")
        copy.write_bytes(original + b"x")
        done = provrisk("run", cwd=home)
    finally:
        stored.write_bytes(original)
        copy.write_bytes(original)
    assert done.returncode == 2
    assert "not the file that was registered" in done.stderr


def test_the_raw_file_gives_the_same_figures(ged: Path, home: Path, first: dict[str, object]) -> None:
    folder = home / "reports" / "iraq" / "2019-01"
    before = (folder / "risk.csv").read_bytes()
    done = provrisk("run", "--events", str(ged), "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["digest"] == first["digest"]
    assert result["set_aside"] == {"other actor": 1282, "no province given": 138}
    assert (folder / "risk.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--study", "mars"), "no study 'mars'"),
        (("run", "--events", "absent.csv"), "no file absent.csv"),
        (("data", "counts", "absent.csv", "--out", "x.csv"), "no file absent.csv"),
        (("run", "--workers", "0"), "--workers"),
        (("fly",), "No such command"),
        (("bulletin",), "Which issue?"),
        (("bulletin", "--origin", "2016"), "is not a month"),
        (("bulletin", "--origin", "2020-06"), "cannot be an origin"),
        (("bulletin", "finalize", "--month", "1999-01", "--note", "x"), "no draft of 1999-01"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(home: Path, arguments: tuple[str, ...], message: str) -> None:
    done = provrisk(*arguments, cwd=home)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout in ("", "study: iraq (features/default.txt)\n")


def test_debug_shows_the_traceback(home: Path) -> None:
    with pytest.raises(ProvriskError, match="mars"):
        provrisk("run", "--study", "mars", "--debug", cwd=home)


def test_a_tracking_server_that_is_away_is_one_sentence(home: Path) -> None:
    away = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    done = provrisk("run", cwd=home, **away)
    assert done.returncode == 2
    assert "does not answer" in done.stderr
    assert "MLFLOW_TRACKING_URI" in done.stderr


def test_data_counts_writes_the_bundled_table(ged: Path, tmp_path: Path) -> None:
    out = tmp_path / "monthly.csv"
    done = provrisk("data", "counts", str(ged), "--out", str(out), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "6,053 events" in done.stdout
    assert "138 (no province given)" in done.stdout
    assert out.read_bytes() == (ROOT / "features" / "iraq" / "monthly.csv").read_bytes()


def test_a_past_issue_is_rebuilt_and_made_final(home: Path, first: dict[str, object]) -> None:
    def issue(*arguments: str) -> subprocess.CompletedProcess[str]:
        return provrisk("bulletin", *arguments, cwd=home)

    done = issue("--origin", "2016-06")
    assert done.returncode == 0, done.stderr
    folder = home / "reports" / "iraq" / "2016-07"
    table = pd.read_csv(folder / "risk.csv").set_index("province")
    assert table.loc["Nineveh", "last_month"] == 20
    page = (folder / "bulletin.html").read_text(encoding="utf-8")
    assert "written as of 1 July 2016 from data up to June 2016" in page
    assert "the data as they stand today" in page
    assert "NB-INGARCH(1,1)" in page
    done = issue("finalize", "--month", "2016-07", "--note", "Checked", "--json")
    assert json.loads(done.stdout)["state"] == "final"
    assert "Final. Checked (" in (folder / "bulletin.md").read_text(encoding="utf-8")
    listed = (home / "reports" / "iraq" / "index.html").read_text(encoding="utf-8")
    assert re.search(r"total: \d+ forecast, \d+ observed", listed)  # 2016-07 has been observed


def test_no_second_bulletin_from_the_same_data(home: Path, first: dict[str, object]) -> None:
    assert provrisk("bulletin", "finalize", "--note", "Checked", cwd=home).returncode == 0
    done = provrisk("run", cwd=home)
    assert done.returncode == 0
    assert "There are no new data: the final issue of 2019-01" in done.stdout
    said = json.loads(provrisk("run", "--json", cwd=home).stdout)
    assert (said["status"], said["month"]) == ("unchanged", "2019-01")
    assert said["paths"] == [str(home / "reports" / "iraq" / "2019-01")]
