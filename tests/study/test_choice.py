"""Which study a command without --study means."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from provrisk.cli import app
from provrisk.errors import ProvriskError
from provrisk.study import Project, find_project, init_project


def second(project: Project, name: str) -> None:
    shutil.copytree(project.root / "features" / "iraq", project.root / "features" / name)


def test_the_environment_wins_over_the_default_and_that_over_being_several(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    second(project, "utopia")
    assert project.study().name == "iraq"
    monkeypatch.setenv("PROVRISK_STUDY", "utopia")
    assert project.study().name == "utopia"
    assert project.study("iraq").name == "iraq"
    monkeypatch.setenv("PROVRISK_STUDY", "nowhere")
    with pytest.raises(ProvriskError, match="no study 'nowhere'.*iraq"):
        project.study()
    monkeypatch.delenv("PROVRISK_STUDY")
    (project.root / "features" / "default.txt").write_text("gone\nutopia\n")
    assert project.study().name == "utopia"
    (project.root / "features" / "default.txt").unlink()
    with pytest.raises(ProvriskError, match="Several studies are here .*PROVRISK_STUDY"):
        project.study()


def test_init_writes_the_default(tmp_path: Path) -> None:
    init_project(tmp_path / "mine")
    assert (tmp_path / "mine" / "features" / "default.txt").read_text() == "iraq\n"
    assert find_project(tmp_path / "mine").study().name == "iraq"


def test_a_command_says_first_which_study_it_took(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    second(project, "utopia")
    monkeypatch.chdir(project.root)
    said = CliRunner().invoke(app, ["evidence", "list"])
    assert said.stdout.splitlines()[0] == "study: iraq (features/default.txt)"
    monkeypatch.setenv("PROVRISK_STUDY", "utopia")
    assert CliRunner().invoke(app, ["evidence", "list"]).stdout.startswith("study: utopia (PROVRISK_STUDY)\n")
    assert CliRunner().invoke(app, ["evidence", "list", "--json"]).stdout.startswith("{")
    assert "study:" not in CliRunner().invoke(app, ["evidence", "list", "--study", "iraq"]).stdout
