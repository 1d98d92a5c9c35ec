"""What strangers named stays a name: in pages, pictures, tables and terminals."""

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from event_files import GED, GTD, write
from helpers import provrisk
from hostile import places
from provrisk.errors import ProvriskError
from provrisk.study import find_project
from provrisk.study.project_files import check_name
from provrisk.text import is_formula, plain, shown, unfit

NAMES = {
    "Alpha": "<script>alert(1)</script>",
    "Beta": "[red]x[/red][/nope] {{7*7}} $\\frac$ &lt;b&gt;",
    "Gamma": "a\"b'c onload=x --> ]]> \\u202e 😀",
}
LABELS = {
    "Islamic State in Iraq": "<img src=x onerror=alert(1)> [/red]",
    '"moderate"': '"<b onclick=x>[blink]</b>"',
    "a lethal event": "</td><script>[link=file:///etc/passwd]",
}
DANGER = {"script", "iframe", "object", "embed", "img", "link", "base", "form", "b", "foreignobject"}


class Page(HTMLParser):
    """Elements of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers |= {name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")}


@pytest.fixture(scope="module")
def home() -> Path:
    """A project whose provinces and labels somebody wicked chose, after a final month."""
    root = places.copy(places.project(), places.scratch() / "project")
    folder = root / "features" / "small"
    for name in ("provinces.csv", "neighbours.csv", "monthly.csv", "drivers.csv", "oil.csv"):
        lines = list(csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8"))))
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                ["|".join(NAMES.get(one, one) for one in c.split("|")) for c in row] for row in lines
            )
    study = (folder / "study.toml").read_text(encoding="utf-8")
    for old, new in LABELS.items():
        assert old in study
        study = study.replace(old, new)
    (folder / "study.toml").write_text(study, encoding="utf-8")
    for arguments in (("run",), ("bulletin", "finalize", "--note", "<script>alert(2)</script> [/x]"), ("retrain",)):
        done = provrisk(*arguments, cwd=root)
        assert done.returncode == 0, done.stdout + done.stderr
    return root


def test_no_page_holds_an_element_that_a_name_brought(home: Path) -> None:
    pages = sorted((home / "reports").rglob("*.html"))
    assert {"bulletin.html", "index.html"} <= {path.name for path in pages}
    for path in pages:
        page = Page(path.read_text(encoding="utf-8"))
        # A front page has scripts of its own, and names its feed; a bulletin has neither.
        assert page.tags & DANGER <= ({"script", "link"} if path.name == "index.html" else set()), path
        assert not page.handlers, path
        assert "<script>alert(1)" not in path.read_text(encoding="utf-8"), path
    text = (home / "reports/small/2013-01/bulletin.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{7*7}}" in text


def test_no_picture_holds_an_element_that_a_name_brought(home: Path) -> None:
    done = provrisk("features", "show", NAMES["Beta"], "-o", "beta.svg", cwd=home)
    assert done.returncode == 0, done.stderr
    paths = [*(home / "reports").rglob("*.svg"), home / "beta.svg"]
    for path in paths:
        tags = {element.tag.rpartition("}")[2].lower() for element in ElementTree.parse(path).iter()}  # noqa: S314 - ours
        assert not tags & DANGER, path


def test_markdown_shows_names_as_they_are(home: Path) -> None:
    text = (home / "reports/small/2013-01/bulletin.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<(script|img|b)\b", text)
    assert not re.search(r"(?<!\\)\[/?(red|nope|link|blink)", text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("features", "list"),
        ("run", "--again"),
        ("compare", "--protocol", "quick", "--benchmark", "ewma_nb"),
    ],
)
def test_terminals_show_names_and_obey_none(home: Path, arguments: tuple[str, ...]) -> None:
    done = provrisk(*arguments, cwd=home, COLUMNS="400")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    if arguments[0] == "run":
        assert "[/nope]" in done.stdout
    if arguments[0] == "status":
        assert "<img src=x onerror=alert(1)> [/red]" in done.stdout


def test_what_an_event_file_says_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    root = places.copy(places.project(), tmp_path / "project")
    wicked = "\x1b]0;owned\x07\x1b[2J\u202e=cmd|' /C calc'!A0"
    archive = root / "release.zip"
    with zipfile.ZipFile(archive, "w") as file:
        table = write(root / "t.csv", GTD, {}, {"eventid": "2", "provstate": wicked, "imonth": "2"}).read_bytes()
        file.writestr("gtd_\x1b[31m\u202e.csv", table)
    assert provrisk("data", "add", str(archive), cwd=root).returncode == 0
    done = [
        provrisk("data", *one, cwd=root) for one in (("list",), ("list", "--json"), ("check", "--rows", "rows.csv"))
    ]
    for one in done:
        assert one.returncode in (0, 2, 3), one.stderr
        assert not [c for c in one.stdout + one.stderr if c in "\x1b\x07\u202e"], one
    assert "\\x1b" in done[0].stdout


def test_a_cell_of_a_stranger_is_no_formula(tmp_path: Path) -> None:
    root = places.copy(places.project(), tmp_path / "project")
    write(root / "ged.csv", GED, {"adm_1": "Alpha"}, {"id": "=1+1", "adm_1": "@SUM(1)"}, {"id": "3", "adm_1": "-2"})
    provrisk("data", "check", "ged.csv", "--rows", "rows.csv", cwd=root)
    with (root / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert not [cell for row in rows for cell in row.values() if is_formula(cell)]
    assert (rows[0]["id"], rows[1]["adm_1"]) == ("'=1+1", "-2")


@pytest.mark.parametrize("name", ["=cmd", "@x", "a|b", "", " ", "\x1b[31m", "\u202eAlpha", "a" * 101])
def test_a_province_may_not_be_called_so(name: str) -> None:
    with pytest.raises(ProvriskError, match="cannot name a province"):
        check_name(name, "provinces.csv")


def test_a_control_character_in_a_study_is_told(tmp_path: Path) -> None:
    root = places.copy(places.project(), tmp_path / "project")
    path = root / "features" / "small" / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Islamic State in", "\\u001b[31m"), encoding="utf-8")
    with pytest.raises(ProvriskError, match=r"holds the control character \\x1b"):
        find_project(root).study("small")


def test_plain_shown_and_unfit() -> None:
    assert plain("a\x1b[2J\u202eb\nc\x9b") == "a\\x1b[2J\\u202eb c\\x9b"
    assert plain("فارسی\u200cها") == "فارسی\u200cها"
    assert len(plain("x" * 5000)) < 1010
    assert [shown(text) for text in ("=1", " =1", "-1", "+1.5e3", "-a", "a=1", "＝1", "\t1")] == [
        "'=1", "' =1", "-1", "+1.5e3", "'-a", "a=1", "'＝1", "'\t1",
    ]  # fmt: skip
    assert (unfit("ok\n"), unfit("a\x00")) == (None, "\\x00")
    assert json.dumps(plain("\ud800")) == '"\\\\ud800"'
