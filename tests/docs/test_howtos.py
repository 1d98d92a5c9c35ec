"""The how-tos, run exactly as they are printed."""

import datetime
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from helpers import ROOT
from provrisk import seeds
from provrisk.study import init_project

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def blocks(page: str, *kinds: str) -> list[str]:
    """The fenced blocks of a page of ``docs/`` in the languages ``kinds``."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [body for kind, body in FENCE.findall(text) if kind in kinds]


def shell(script: str, folder: Path, **env: str) -> str:
    """What ``script`` prints, run by a shell that stops at the first failure."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PROVRISK_", "MLFLOW_"))}
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=folder, capture_output=True, text=True, env=clean | {"PATH": path} | env
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def quick(folder: Path, study: str) -> None:
    """Candidates and protocols that need little time: the how-tos are tried, not the models."""
    path = folder / "features" / study / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"candidates = .*", 'candidates = ["conflictology", "ewma_nb"]', text), encoding="utf-8")
    path = path.with_name("protocols.toml")
    path.write_text(
        re.sub(r"(?m)^(origins|burn_in) = .*", r"\1 = 12", path.read_text(encoding="utf-8")), encoding="utf-8"
    )


def incidents(path: Path, first: datetime.date, last: datetime.date) -> None:
    """A made-up list of incidents as somebody keeps it: a title, an empty row, headings, date cells, empty figures."""
    rng = seeds.generator("incidents", path.name)
    book = Workbook()
    sheet = book.active
    sheet.append(["Ministry of the Interior: incidents"])
    sheet.append([])
    sheet.append(["Date", "Region", "Kind", "Killed", "Injured"])
    for offset in range((last - first).days + 1):
        for region, mean in {"Nampula": 0.8, "Cabo Delgado": 3.0, "Niassa": 0.5}.items():
            if rng.random() < mean / 30:
                kind = str(rng.choice(["ambush", "bombing"]))
                sheet.append(
                    [first + datetime.timedelta(days=offset), region, kind, [0, 1, 2, None][rng.integers(4)], 1]
                )
    book.save(path)


def test_from_a_spreadsheet_to_a_bulletin(tmp_path: Path) -> None:
    start, mapping = blocks("howto/spreadsheet.md", "sh")[0], blocks("howto/spreadsheet.md", "toml")[0]
    shell(start, tmp_path)
    work = tmp_path / "work"
    (work / "police.toml").write_text(mapping, encoding="utf-8")
    incidents(work / "incidents.xlsx", datetime.date(2016, 1, 1), datetime.date(2023, 12, 31))
    incidents(work / "incidents-2024-01.xlsx", datetime.date(2024, 1, 1), datetime.date(2024, 1, 31))
    new, first, later = blocks("howto/spreadsheet.md", "sh")[1:]
    assert "MZ-" in shell(f"{new}cat features/police/provinces.csv", work)
    quick(work, "police")
    assert "bulletin.html" in shell(first, work)
    said = shell(later, work)
    assert "is final" in said
    issue = (work / "reports" / "police" / "2024-02" / "bulletin.md").read_text(encoding="utf-8")
    assert "Police log" in issue


def test_a_study_of_the_example(tmp_path: Path) -> None:
    """The commands of the page on a new country, in a folder made by init; the levels follow the true rates."""
    shell("provrisk init work", tmp_path)
    work = tmp_path / "work"
    commands = blocks("new-country.md", "sh")[0].splitlines()
    said = shell("\n".join(commands[:-1]), work)
    assert "Next: provrisk study new utopia --from utopia-ged201.csv" in said
    with pytest.raises(AssertionError, match="exists: choose another name"):
        shell(commands[0], work)
    assert "cost_ratio = 0.25" in (work / "features" / "utopia" / "study.toml").read_text(encoding="utf-8")
    quick(work, "utopia")
    assert "RuntimeWarning" not in shell(f"{commands[-1]} 2>&1", work)
    issue = work / "reports" / "utopia" / "2020-01"
    table = pd.read_csv(issue / "risk.csv", encoding="utf-8-sig", index_col="province").expected
    assert table.drop("(total)").idxmax() == "Westmark"
    assert table["Westmark"] == pytest.approx(4, abs=1)
    assert "names no cost ratio" not in (issue / "bulletin.md").read_text(encoding="utf-8")


class Releases(BaseHTTPRequestHandler):
    """A provider that has no release, or (``broken``) none that can be had."""

    broken = False

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(403 if type(self).broken else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def provider() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Releases) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose champion was retrained before the last month came."""
    folder = tmp_path_factory.mktemp("howto") / "work"
    init_project(folder)
    for study in ("myanmar", "mexico", "ukraine", "world"):
        shutil.rmtree(folder / "features" / study, ignore_errors=True)
    quick(folder, "iraq")
    rules = folder / "models" / "promotion.toml"
    text = re.sub(r"challenger = .*", 'challenger = "ewma_nb"', rules.read_text(encoding="utf-8"))
    text = re.sub(r"(coverage_80|bias) = .*", r"\1 = [0.0, 9.0]", text)
    rules.write_text(text, encoding="utf-8")
    monthly = folder / "features" / "iraq" / "monthly.csv"
    whole = monthly.read_text(encoding="utf-8")
    monthly.write_text(
        "".join(line for line in whole.splitlines(True) if not line.startswith("2018-12")), encoding="utf-8"
    )
    shell("provrisk retrain --json", folder)
    monthly.write_text(whole, encoding="utf-8")
    return folder


def test_retraining_by_a_scheduler(work: Path) -> None:
    for block in blocks("howto/scheduler.md", ""):
        shell(block.replace("make mlflow", "true    # make mlflow, which does not end"), work)
    assert "rolled back from version 2: forecasts too high" in shell("provrisk status", work)
    python = blocks("howto/scheduler.md", "python")[0]
    assert "unchanged" in shell(f"python - <<'END'\n{python}\nEND", work)


def test_the_monthly_script_goes_on_without_news_and_fails_loudly(work: Path, provider: str) -> None:
    script = work / "monthly.sh"
    script.write_text(next(one for one in blocks("scheduling.md", "sh") if "monthly.sh" in one), encoding="utf-8")
    script.chmod(0o755)
    shell("./monthly.sh", work, PROVRISK_UCDP=provider)
    lines = (work / "monthly.jsonl").read_text(encoding="utf-8").splitlines()
    assert [line.split('"status": "')[1].split('"')[0] for line in lines] == ["unchanged", "unchanged", "done"]
    Releases.broken = True
    with pytest.raises(AssertionError, match="not allowed"):
        shell("./monthly.sh", work, PROVRISK_UCDP=provider)
    Releases.broken = False


def test_comparing_forecasts(work: Path) -> None:
    protocols = work / "features" / "iraq" / "protocols.toml"
    text = protocols.read_text(encoding="utf-8")
    assert "[iraq-2010]" in text  # the page's own protocol, for a test with fewer origins
    head, _, tail = text.partition("[iraq-2010]")
    tail = re.sub(r'first = "\d{4}-\d\d"', 'first = "2017-01"', tail, count=1)
    protocols.write_text(f"{head}[iraq-2010]{tail}", encoding="utf-8")
    run, read = blocks("howto/comparing.md", "")
    shell(run, work)
    said = shell(read, work)
    assert all(name in said for name in ("ewma_nb", "conflictology", "ingarch"))
    python = blocks("howto/comparing.md", "python")[0]
    shell(f"python - <<'END'\n{python}\nEND", work)


def test_the_tutorial_is_kept_with_its_outputs() -> None:
    text = (ROOT / "docs" / "tutorial.ipynb").read_text(encoding="utf-8")
    assert text.count('"image/png"') >= 3
    assert '"output_type": "error"' not in text
    assert "file:///" not in text
