"""How a study stands: the journal of its jobs, read without anything heavy."""

import datetime
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import ROOT, provrisk
from provrisk import journal
from provrisk.errors import LockedError
from provrisk.jobs.lock import only_one
from provrisk.jobs.status import status_of
from provrisk.jobs.studies.check import check_study
from provrisk.study import Project, Study


def noted(project: Project, kind: str, **said: object) -> None:
    with journal.written(project.mlruns, "iraq", kind) as (entry, _):
        inputs = journal.inputs(project.root, project.home, "iraq")
        entry.said = {"inputs": inputs, "as_usual": True, **said}


CHAMPION = {"model": "ewma_nb", "version": "1", "fitted_to": "2018-12", "data_digest": "d"}
DATA = {"source": "UCDP GED 19.1", "origin": "2018-12", "digest": "d"}


def due(project: Project, today: str = "2026-11-26") -> list[str]:
    found = status_of(project.root, project.home, "iraq", datetime.date.fromisoformat(today))
    return [one["command"].removeprefix("provrisk ") for one in found.due]


def test_what_is_due_follows_from_what_was_done_and_what_changed(project: Project) -> None:
    assert due(project) == ["retrain", "run"]
    noted(project, "run", champion=CHAMPION, promoted=True, data=DATA, month="2019-01", historical=True,
          last_target="2019-06")  # fmt: skip
    assert due(project) == []
    study = project.root / "features" / "iraq" / "study.toml"
    study.write_text(study.read_text() + "\n")
    assert due(project) == ["retrain", "run"]
    noted(project, "retrain", champion=CHAMPION | {"version": "2"}, data=DATA)
    assert due(project) == ["run"]
    noted(project, "run", champion=CHAMPION, as_usual=False, data=DATA)  # of another file: leaves it open
    assert due(project) == ["run"]


def test_what_a_retraining_lacks_is_said_with_what_is_due(project: Project) -> None:
    protocols = project.root / "features" / "iraq" / "protocols.toml"
    protocols.write_text(protocols.read_text().replace("[recent]", "[another]"))
    found = status_of(project.root, project.home, "iraq")
    assert found.due[0]["why"].endswith("; first write the protocol 'recent' into protocols.toml")
    [missing] = [one.what for one in check_study(project, "iraq") if one.kind == "missing"]
    assert missing.startswith("'provrisk retrain' cannot run, by models/promotion.toml: ")
    assert "has no protocol 'recent': it has" in missing


def test_who_waits_is_told_which_job_is_at_work(own_iraq: Study) -> None:
    mlruns = own_iraq.project.mlruns
    with only_one(own_iraq), journal.written(mlruns, "iraq", "retrain") as (entry, _):
        entry.pid = os.getppid()
        next(journal.folder(mlruns, "iraq").glob("*.json")).write_text(json.dumps(entry.__dict__))
        with pytest.raises(LockedError, match=rf"retrain since 20.*, process {entry.pid} on "), only_one(own_iraq, 0):
            pass


def test_a_month_that_has_begun_makes_the_next_bulletin_due(project: Project) -> None:
    noted(project, "run", champion=CHAMPION, promoted=True, data=DATA, month="2026-06", historical=False,
          last_target="2026-08")  # fmt: skip
    assert due(project, "2026-05-30") == []
    assert due(project, "2026-06-01") == ["run"]
    assert due(project, "2026-08-01") == []  # the data reach no further


def test_jobs_that_run_failed_or_were_killed_are_told_apart(project: Project) -> None:
    with pytest.raises(LockedError), journal.written(project.mlruns, "iraq", "retrain"):
        raise LockedError("Another job is at work.")
    with pytest.raises(KeyError), journal.written(project.mlruns, "iraq", "run"):
        raise KeyError("x")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for pid, host in ((dead.pid, socket.gethostname()), (os.getpid(), socket.gethostname()), (1, "elsewhere")):
        with journal.written(project.mlruns, "iraq", "backtest") as (entry, _):
            pass
        entry.status, entry.pid, entry.host = journal.RUNNING, pid, host
        newest = max(journal.folder(project.mlruns, "iraq").glob("*.json"))
        newest.write_text(json.dumps(entry.__dict__))
    (journal.folder(project.mlruns, "iraq") / "99.json").write_text("{ damaged")
    found = status_of(project.root, project.home, "iraq")
    assert [(one.pid, one.host) for one in found.running] == [(1, "elsewhere"), (os.getpid(), socket.gethostname())]
    assert [one.status for one in found.past] == ["killed", "failed", "locked"]
    assert found.past[2].said["error"] == "Another job is at work."


def test_the_champion_is_known_from_the_journal_or_it_says_so(project: Project) -> None:
    def known() -> object:
        return journal.champion(project.mlruns, "iraq")

    assert known() is None
    noted(project, "run", champion=CHAMPION, promoted=True, data=DATA)
    noted(project, "evidence")
    assert known() == CHAMPION
    noted(project, "run", champion=CHAMPION | {"version": "9"}, as_usual=False)  # one that the user gave
    assert known() == CHAMPION
    noted(project, "retrain", champion=CHAMPION | {"version": "2"})
    assert known() == CHAMPION | {"version": "2"}
    with pytest.raises(KeyError), journal.written(project.mlruns, "iraq", "retrain"):
        raise KeyError("x")
    assert known() is None  # it may have promoted another before it failed


def test_the_journal_stays_small_and_never_ends_a_job(project: Project) -> None:
    for _ in range(journal.KEPT + 3):
        noted(project, "run")
    assert len(journal.entries(project.mlruns, "iraq")) == journal.KEPT
    shutil.rmtree(journal.folder(project.mlruns, "iraq"))
    (project.mlruns / "jobs" / "iraq").write_text("in the way")
    noted(project, "run")


def test_status_answers_at_once_and_says_where(project: Project, tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['provrisk', 'status', '--study', 'iraq', '--json', '--check']\n"
        "from provrisk.cli import main\n"
        "try: main()\nexcept SystemExit as end: print(end.code)\n"
        "print([m for m in ('numpy', 'pandas', 'mlflow', 'xarray') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=project.root)
    line, end, heavy = done.stdout.splitlines()
    assert (end, heavy) == ("5", "[]")
    said = json.loads(line)
    assert (said["study"], said["champion"], said["jobs"]) == ("iraq", None, {"running": [], "past": []})
    assert [one["command"] for one in said["due"]] == ["provrisk retrain", "provrisk run"]


def test_no_project_is_said_and_none_is_taken_in_silence(tmp_path: Path) -> None:
    for words in (["status"], ["run"], ["data", "list"], ["study", "check", "iraq"]):
        done = provrisk(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert "There is no project at" in done.stderr
        assert "provrisk init DIR" in done.stderr
    assert not list(tmp_path.iterdir())
    assert provrisk("data", "list", "--project", str(ROOT), cwd=tmp_path).returncode == 0
    assert provrisk("data", "list", cwd=tmp_path, PROVRISK_PROJECT=str(ROOT)).returncode == 0
    done = provrisk("data", "list", "--project", str(tmp_path), cwd=ROOT)
    assert (done.returncode, "--project names" in done.stderr) == (2, True)
