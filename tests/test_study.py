"""The project folder and its files."""

from pathlib import Path

import pytest

from provrisk.errors import ProvriskError
from provrisk.study import Project, Study, find_project, init_project


def test_the_project_is_found_upwards_but_not_in_the_package() -> None:
    root = Path(__file__).parents[1]
    assert find_project(root / "tests" / "real").root == root
    # src/provrisk has folders features/ and models/ of its own.
    assert find_project(root / "src" / "provrisk" / "models").root == root


def test_without_a_project_none_is_taken_and_a_named_one_must_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProvriskError, match="There is no project at .* 'provrisk init DIR'"):
        find_project(tmp_path)
    monkeypatch.setenv("PROVRISK_PROJECT", str(tmp_path))
    with pytest.raises(ProvriskError, match="PROVRISK_PROJECT names .*, which is no project"):
        find_project()
    monkeypatch.setenv("PROVRISK_PROJECT", str(init_project(tmp_path / "mine")[0].parent))
    assert find_project().root == tmp_path / "mine"


def test_init_lays_out_a_project_once(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    init_project(folder)
    assert find_project(folder).root == folder
    assert find_project(folder).study().file.country == "Iraq"
    with pytest.raises(ProvriskError, match="not an empty folder"):
        init_project(folder)


def test_an_unknown_study_is_named_with_those_there_are(project: Project) -> None:
    with pytest.raises(ProvriskError, match="'irak'.*has iraq"):
        project.study("irak")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("horizons = 6", "horizonts = 6", "unknown key 'horizonts'"),
        ("horizons = 6", "horizons = 13", "horizons: .*12"),
        ('first_month = "2004-01"', 'first_month = "2004-13"', "first_month: .*YYYY-MM"),
        ("thresholds = [1, 5, 10, 25]", "thresholds = [1, 5, 25, 10]", "rise"),
        ("thresholds = [1, 5, 10, 25]", "thresholds = [1, 5]", "one more level"),
        ('protocol = "quick"', "protocol = 7", "backtest.protocol"),
        ("[risk]", "[risk", "not readable TOML"),
    ],
)
def test_a_faulty_study_file_is_one_sentence(project: Project, old: str, new: str, message: str) -> None:
    path = project.root / "features" / "iraq" / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProvriskError, match=message) as raised:
        project.study()
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("origins = 24\nhorizons = 6\ndraws = 999\nrefit_every = 12", "p.draws: .*1000"),
        ("horizons = 6\ndraws = 1000\nrefit_every = 12", "either origins, or first and last"),
        ("origins = 24\nfirst = '2010-01'\nlast = '2011-01'\nhorizons = 6\ndraws = 1000\nrefit_every = 12", "either"),
        ("first = '2012-01'\nlast = '2011-01'\nhorizons = 6\ndraws = 1000\nrefit_every = 12", "first lies after last"),
    ],
)
def test_a_faulty_protocol_is_one_sentence(project: Project, lines: str, message: str) -> None:
    (project.root / "features" / "iraq" / "protocols.toml").write_text(f"[p]\n{lines}\n")
    with pytest.raises(ProvriskError, match=message):
        project.study().protocol("p")


def test_provinces_have_text_codes_and_whole_populations(iraq: Study) -> None:
    assert iraq.provinces.loc["Najaf", "iso"] == "IQ-NA"
    assert len(iraq.provinces) == 18
    assert iraq.provinces.population.sum() == 38_124_182  # the CSO's total for 2018, Halabja included
    assert len(iraq.neighbours) == 40


def test_a_border_with_an_unknown_province_is_refused(project: Project) -> None:
    path = project.root / "features" / "iraq" / "neighbours.csv"
    path.write_text("a,b\nNineveh,Ninive\n")
    with pytest.raises(ProvriskError, match="'Ninive'"):
        _ = project.study().neighbours


def test_a_missing_or_broken_table_is_one_sentence(project: Project) -> None:
    path = project.root / "features" / "iraq" / "provinces.csv"
    path.write_bytes(b"province\n\xff\xfe\n")
    with pytest.raises(ProvriskError, match="UTF-8"):
        _ = project.study().provinces
    path.unlink()
    with pytest.raises(ProvriskError, match="is missing"):
        _ = project.study().provinces


def test_model_files_are_checked(project: Project) -> None:
    assert set(project.models()) >= {"conflictology", "ewma_nb", "ingarch"}
    path = project.root / "models" / "ewma_nb.toml"
    path.write_text(path.read_text() + "\n[extra]\n")
    with pytest.raises(ProvriskError, match="unknown key 'extra'"):
        project.models()
