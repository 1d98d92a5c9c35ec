"""The duty analyst's page, run as it is printed: real figures, a real Candidate release, and a yearly one on top."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd

from helpers import ROOT, provrisk
from provrisk.study import Project

PAGE = ROOT / "docs" / "howto" / "duty-analyst.md"
LINE = re.compile(r"provrisk (?P<words>[^#]*?)(?: +# exit code (?P<code>[0-9]+))?")


def commands() -> list[tuple[str, int]]:
    """Every command of the page's blocks, and the exit code that it says."""
    blocks = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = [LINE.fullmatch(line) for block in blocks for line in block.splitlines() if line]
    return [(one["words"], int(one["code"] or 0)) for one in found if one is not None]


def yearly(folder: Path, candidate: Path) -> None:
    """A yearly release with the columns of the real file, and two events a month of the bundled actor up to 2023."""
    real = pd.read_csv(candidate, dtype=str, keep_default_na=False)
    one = real[(real.side_b_new_id == "234") & (real.country == "Iraq")].iloc[0]
    days = [f"{month:%Y-%m}-{day}" for month in pd.date_range("2004-01-01", "2023-12-01", freq="MS") for day in (9, 21)]
    rows = [
        one.to_dict() | {"id": str(n), "date_start": day, "date_end": day, "year": day[:4]}
        for n, day in enumerate(days)
    ]
    for row in rows:
        row["date_start"] = row["date_end"] = f"{pd.Timestamp(row['date_start']):%Y-%m-%d}"
    pd.DataFrame(rows).to_csv(folder / "GEDEvent_v24_1.csv", index=False)


def test_the_page_works_as_it_is_printed(project: Project, shared_data: Path) -> None:
    home = project.root
    shutil.copy(shared_data / "GEDEvent_v23_0_10.csv", home)
    yearly(home, home / "GEDEvent_v23_0_10.csv")
    file = home / "features" / "iraq" / "study.toml"
    light = re.sub(r"(?m)^candidates = .*", 'candidates = ["ewma_nb"]', file.read_text(encoding="utf-8"))
    file.write_text(light, encoding="utf-8")
    said = {}
    for words, code in commands():
        done = provrisk(*shlex.split(words), cwd=home)
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        said.setdefault(words, []).append(done.stdout)
    assert re.search("19.1 .*2004-01 to 2018-12.*bundled", said["data list"][0])
    first, second = said["data check"]
    assert "57 months are covered by no source (2019-01 to 2023-09)" in first
    assert "23.1 or later" in first
    assert "no month is missing up to 2023-12" in second
    assert "data up to 2023-12" in said["run --workers 2"][0]
    assert list((home / "reports" / "iraq").glob("2024-01/bulletin.html"))


def test_without_the_missing_months_run_stops(project: Project, shared_data: Path) -> None:
    provrisk("data", "add", str(shared_data / "GEDEvent_v23_0_10.csv"), cwd=project.root)
    done = provrisk("run", cwd=project.root)
    assert done.returncode == 3
    assert "57 months are covered by no source (2019-01 to 2023-09)" in done.stdout + done.stderr
    assert not list(project.root.glob("reports/iraq/*/bulletin.html"))
