"""The documentation site as `make docs` builds it: whole, true to the code, and asking nobody for anything."""

import functools
import http.server
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import filelock
import pytest

import provrisk as pr
from helpers import ROOT
from provrisk.study import find_project

BUILD = ROOT / "docs" / "site" / "build.py"
ROOMS = ("features", "models", "reports", "mlruns", "releases", ".cache")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_site_{name}", ROOT / "docs" / "site" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def checkout() -> dict[str, int]:
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file())
    return {str(path): path.stat().st_mtime_ns for path in found if "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once, whichever worker comes first; what it changed in the checkout is in changed.json."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "docs-site"
    with filelock.FileLock(f"{shared}.lock"):
        if not (shared / "changed.json").exists():
            before = checkout()
            done = subprocess.run([sys.executable, str(BUILD), str(shared / "site")], capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
            after = checkout()
            changed = [name for name in before | after if before.get(name) != after.get(name)]
            (shared / "changed.json").write_text(json.dumps(changed), encoding="utf-8")
    return shared / "site"


def test_the_tutorial_ran_and_wrote_nothing_into_the_checkout(site: Path) -> None:
    page = (site / "tutorial.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", " ", page)
    for words in (
        "Skill against ewma_nb",
        "Islamic State in Iraq: January 2019",
        "did you mean Nineveh?",
        "bulletin.html",
    ):
        assert words in text, words
    assert page.count(".png") >= 3
    assert json.loads((site.parent / "changed.json").read_text()) == []


def test_every_page_is_in_the_navigation(site: Path) -> None:
    named = set(re.findall(r'href="(?:\./)?([^"#]+\.html)"', (site / "index.html").read_text(encoding="utf-8")))
    assert {str(path.relative_to(site)) for path in site.rglob("*.html")} - {"404.html"} <= named | {"index.html"}
    assert {f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")} <= named | {"index.html"}


def test_every_model_has_a_page_that_shows_its_file(site: Path) -> None:
    for name, file in find_project(ROOT).models().items():
        text = re.sub(r"<[^>]+>", "", (site / "models" / f"{name}.html").read_text(encoding="utf-8"))
        assert file.model in text, name
        assert all(setting in text for setting in file.settings), name


def test_every_function_is_in_the_reference_with_its_example_as_code(site: Path) -> None:
    for module, names in pr.api.MODULES.items():
        page = (site / "api" / f"{module}.html").read_text(encoding="utf-8")
        for name in names:
            assert f'id="provrisk.api.{module}.{name}"' in page
        assert page.count('<span class="gp">&gt;&gt;&gt; </span>') >= len(names)
        assert "&gt;&gt;&gt; import" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.S)


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_browser_asks_no_other_host_and_a_phone_need_not_scroll_sideways(
    served: str, site: Path, chromium: str, tmp_path: Path
) -> None:
    frames = "".join(
        f'<iframe style="width:{width}px;height:800px" src="/{page}"></iframe>'
        for page in ("index.html", "tutorial.html", "skill.html", "api/evaluation.html")
        for width in (390, 1280)
    )
    script = """<output id="found"></output><script>addEventListener("load", () => setTimeout(() => {
      const found = [...document.querySelectorAll("iframe")].map(frame => [frame.src, frame.clientWidth,
        frame.contentDocument.documentElement.scrollWidth - frame.clientWidth,
        frame.contentWindow.performance.getEntriesByType("resource").map(one => one.name)]);
      document.getElementById("found").textContent = JSON.stringify(found);
    }, 500));</script>"""
    (site / "frames.htm").write_text(f"<!doctype html>{frames}{script}", encoding="utf-8")
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=20000", "--dump-dom", f"{served}/frames.htm",
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    match = re.search(r'<output id="found">(.*?)</output>', dom, re.S)
    assert match, dom[-500:]
    found = json.loads(match[1].replace("&amp;", "&"))
    assert len(found) == 8
    for source, width, beyond, resources in found:
        assert resources, source
        assert [name for name in resources if not name.startswith(served)] == []
        assert beyond <= 0, f"{source} is {beyond} pixels too wide at {width}"


def test_the_check_finds_requests_broken_links_and_missing_places(tmp_path: Path) -> None:
    problems = load("check").problems
    (tmp_path / "a.html").write_text('<h1 id="top">A</h1><a href="b.html#here">b</a><a href="https://x.org">x</a>')
    (tmp_path / "b.html").write_text('<p id="here">B</p><a href="a.html#top">a</a><img src="data:,">')
    assert problems(tmp_path) == []
    (tmp_path / "c.html").write_text(
        '<script src="https://cdn.org/x.js"></script><a href="gone.html">g</a><a href="a.html#nowhere">n</a>'
    )
    (tmp_path / "c.css").write_text("@font-face { src: url(https://fonts.org/f.woff2) }")
    assert problems(tmp_path) == [
        "c.html loads https://cdn.org/x.js",
        "c.html links to gone.html, which is not there",
        "c.html links to a.html#nowhere, and the page has no such place",
        "c.css loads from elsewhere",
    ]


def test_an_example_in_a_docstring_is_fenced() -> None:
    fenced = load("examples").fenced
    assert fenced("Do it.\n\n>>> f(1)\n2\n\nAnd so on.") == "Do it.\n\n```pycon\n>>> f(1)\n2\n```\n\nAnd so on."
    assert fenced("Do it.\n\n>>> f(1)\n2").endswith("2\n```")
    assert fenced("No example.") == "No example."
