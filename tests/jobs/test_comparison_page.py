"""``provrisk compare --page``: one file that names protocol, seed, truth and every model's run."""

import re
from pathlib import Path

import pytest

from helpers import lay_project, provrisk
from provrisk.tracking.runs import Tracker

PROTOCOL = '[quick]\ndescription = "a few origins"\norigins = 6\nhorizons = 3\ndraws = 1000\nrefit_every = 12\n'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    lay_project(folder)
    (folder / "features" / "iraq" / "protocols.toml").write_text(PROTOCOL)
    done = provrisk("backtest", "--protocol", "quick", "--models", "ewma_nb,conflictology", "--seed", "7", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_page_says_where_its_numbers_come_from(home: Path) -> None:
    done = provrisk("compare", "--protocol", "quick", "--page", "page.html", cwd=home)
    assert done.returncode == 0, done.stderr
    page = (home / "page.html").read_text(encoding="utf-8")
    assert "<dt>Backtest quick</dt><dd>a few origins, 1,000 draws, seed 7</dd>" in page
    assert "UCDP GED 19.1" in page
    runs = re.findall(r"<code>([0-9a-f]{32})</code>", page)
    assert len(set(runs)) == 2
    from provrisk.study import find_project

    project = find_project(home)
    tracker = Tracker(project.study())
    assert {tracker.client.get_run(run).info.run_name for run in runs} == {"ewma_nb", "conflictology"}


def test_two_names_give_a_page_of_two_and_their_difference(home: Path) -> None:
    done = provrisk("compare", "conflictology", "ewma_nb", "--page", "two.html", cwd=home)
    assert "conflictology against ewma_nb" in done.stdout
    assert "2 of 2 models" in (home / "two.html").read_text(encoding="utf-8")


def test_the_first_is_the_benchmark_where_the_usual_one_is_left_out(home: Path) -> None:
    done = provrisk("compare", "conflictology", "--page", "one.html", cwd=home)
    assert done.returncode == 0, done.stderr
    assert '"benchmark":"conflictology"' in (home / "one.html").read_text(encoding="utf-8")


def test_another_file_name_is_refused_before_anything_is_computed(home: Path) -> None:
    done = provrisk("compare", "--page", "page.txt", cwd=home)
    assert done.returncode == 2
    assert "ends in .html" in done.stderr
    assert not (home / "page.txt").exists()
