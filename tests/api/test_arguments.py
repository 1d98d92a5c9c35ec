"""Days, names and projects in the ways that a notebook gives them."""

import datetime
from pathlib import Path

import pandas as pd
import pytest

import provrisk as pr
from provrisk.api.arguments import to_day, to_names
from provrisk.study import Project


@pytest.mark.parametrize("given", ["2024-07-01", datetime.date(2024, 7, 1), pd.Timestamp("2024-07-01 13:00")])
def test_a_day_may_be_text_a_date_or_a_timestamp(given: object) -> None:
    assert to_day(given, "as_of") == pd.Timestamp("2024-07-01")  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["1 July", "2024-13-01", "", "2024-07"])
def test_another_spelling_of_a_day_is_refused_by_name(given: str) -> None:
    with pytest.raises(pr.ProvriskError, match="as_of"):
        to_day(given, "as_of")


def test_names_may_be_a_list_or_one_text() -> None:
    assert to_names("a, b,") == to_names(["a", "b"]) == ["a", "b"]
    assert to_names("a") == ["a"]
    assert to_names(()) == []


def test_a_study_is_worked_on_where_it_lies(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = pr.load_study("iraq", project.root)
    elsewhere = tmp_path / "elsewhere"
    pr.init(elsewhere)
    for place in (elsewhere, Path("/"), project.root / "features"):  # wherever the user stands meanwhile
        monkeypatch.chdir(place)
        assert study.project == project
    assert pr.load_study("iraq", elsewhere).reports == elsewhere / "reports" / "iraq"


def test_a_file_of_a_wrong_kind_is_refused_before_any_work(project: Project) -> None:
    study = pr.load_study("iraq", project.root)
    for call in (pr.features_export, pr.forecast):
        with pytest.raises(pr.ProvriskError, match="ends in"):
            call(study, project.root / "out.xyz")
    with pytest.raises(pr.ProvriskError, match="ends in"):
        pr.features_show(study, "Anbar", project.root / "out.gif")


@pytest.mark.slow
def test_what_is_written_is_what_the_command_writes(project: Project) -> None:
    study = pr.load_study("iraq", project.root)
    out = project.root / "panel.csv"
    table = pr.features_export(study, out)
    read = pd.read_csv(out)
    assert read.shape == table.shape
    figures = pr.data_counts(study, out=project.root / "counts.csv")
    assert figures.counts.attacks.sum() == pd.read_csv(project.root / "counts.csv").attacks.sum()
    assert "events, 2004-01 to 2018-12, 18 provinces" in figures._repr_html_()
    assert "a lethal event" in study._repr_html_()
    assert pr.features_show(study, "Anbar")._repr_png_().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_study_may_be_given_by_its_name(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)
    assert list(pr.features_list("iraq").name) == list(pr.features_list(pr.load_study("iraq")).name)
    with pytest.raises(pr.ProvriskError, match="There is no study 'atlantis'"):
        pr.status("atlantis")
    with pytest.raises(pr.ProvriskError, match="A study or its name is needed, not int"):
        pr.status(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="positional"):
        pr.compare("iraq", "quick")  # type: ignore[misc]  # a protocol or a name? it must be said


def test_old_names_are_found_with_a_word_and_only_public_ones_are_shown() -> None:
    with pytest.warns(FutureWarning, match=r"pr.add_releases is now pr.data_add"):
        assert pr.add_releases is pr.data_add
    assert {"importlib", "text", "api"}.isdisjoint(dir(pr))
    assert {"data_add", "load_study", "ProvriskError", "__version__"} <= set(dir(pr))
