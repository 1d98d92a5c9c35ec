"""What a command answers to a script: one line, one shape, also when it goes wrong; and what it tells meanwhile."""

import json
from pathlib import Path

import pytest

import provrisk as pr
from helpers import ROOT, provrisk
from provrisk.cli import command_of, to_the_front

SHARED = ["status", "command", "time", "seconds", "version", "study", "month", "paths", "findings"]


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (("data", "list", "--json"), 0, "done"),
        (("features", "list", "--json"), 0, "done"),
        (("run", "--study", "atlantis", "--json"), 2, "failed"),
        (("run", "--sudty", "atlantis", "--json"), 2, "failed"),
        (("data", "check", "missing.csv", "--json"), 2, "failed"),
    ],
)
def test_every_answer_is_one_line_of_one_shape(words: tuple[str, ...], code: int, status: str, tmp_path: Path) -> None:
    assert provrisk("init", str(tmp_path / "p"), cwd=tmp_path).returncode == 0
    done = provrisk(*words, cwd=tmp_path / "p")
    assert done.returncode == code
    assert done.stdout.count("\n") == 1
    said = json.loads(done.stdout)
    assert list(said)[: len(SHARED)] == SHARED
    assert (said["status"], said["version"]) == (status, pr.__version__)
    assert said["command"] == " ".join(
        word for word in words[:2] if word in ("run", "data", "features", "list", "check")
    )
    if code:
        assert said["error"]
        assert said["exit_code"] == code
        assert done.stderr


def test_options_of_the_program_may_stand_anywhere() -> None:
    assert to_the_front(["run", "-v", "--seed", "2", "--log", "x.log"]) == [
        "-v",
        "--log",
        "x.log",
        "run",
        "--seed",
        "2",
    ]
    assert to_the_front(["--log=x", "run", "--log"]) == ["--log=x", "--log", "run"]
    assert command_of(["--log", "data", "data", "download", "ucdp", "25.1"]) == "data download ucdp"


def test_the_log_has_steps_and_errors_and_quiet_is_quiet(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "provrisk.log"
    quiet = provrisk("data", "list", "-q", "--log", str(log), cwd=ROOT)
    assert quiet.stderr == ""
    loud = provrisk("run", "--study", "atlantis", "-v", "--log", str(log), cwd=ROOT)
    assert "provrisk: There is no study 'atlantis'" in loud.stderr
    lines = log.read_text().splitlines()
    assert [line.split()[2] for line in lines] == ["INFO", "INFO", "ERROR"]
    assert all(line.split()[0].endswith("Z") for line in lines)


def test_the_version_is_told() -> None:
    assert provrisk("--version", cwd=ROOT).stdout == f"provrisk {pr.__version__}\n"
    assert "Exit codes: 0 done" in " ".join(provrisk("--help", cwd=ROOT).stdout.split())
