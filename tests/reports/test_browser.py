"""The pages as a reader meets them: in a browser at three widths and in print, in two languages, with axe-core."""

import dataclasses
import re
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Browser, axe_script
from provrisk.jobs.issue import write_issue
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Publisher
from provrisk.reports.language import speaking
from provrisk.reports.pages import front_page
from provrisk.reports.pages.front_page import IssueSummary
from provrisk.reports.render import html
from provrisk.study import Project, in_languages

PAGES = ("2019-01/bulletin.html", "2019-01/bulletin.ar.html", "index.html", "index.ar.html")

WIDE = """[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, svg"))
  .filter(e => { const box = e.getBoundingClientRect(); return box.right > innerWidth + 1 || box.left < -1; })
  .map(e => e.tagName + "." + e.className)"""

A4 = (718, 1039)
"""What margins of 11 mm leave of a page, in CSS pixels."""


@pytest.fixture(scope="module")
def reports(home: Project, content: BulletinContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One issue and its front page in English and Arabic."""
    project = Project(root=home.root, home=tmp_path_factory.mktemp("pages"))
    study = dataclasses.replace(in_languages(content.study, ["en", "ar"]), project=project)
    write_issue(dataclasses.replace(content, study=study))
    return study.reports


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    one = Browser(chromium, tmp_path_factory.mktemp("browser") / "profile")
    try:
        yield one
    finally:
        one.close()


def opened(browser: Browser, path: Path, width: int) -> None:
    browser.messages.clear()
    browser.requests.clear()
    browser.open(path.as_uri(), width, phone=width < 500)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_a_page_opens_at_this_width_and_asks_nobody(browser: Browser, reports: Path, name: str, width: int) -> None:
    opened(browser, reports / name, width)
    assert browser.run("innerWidth") == width
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(WIDE) == []  # only tables scroll sideways, in a region of their own
    assert browser.messages == []
    asked = [url for url in browser.requests if url not in ("about:blank", (reports / name).as_uri())]
    assert [url for url in asked if not url.startswith("data:")] == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser: Browser, reports: Path, name: str) -> None:
    opened(browser, reports / name, 1280)
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    browser.run(axe_script() + "; true")
    found = browser.run(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))"
    )
    assert found == []


@pytest.mark.parametrize("name", PAGES[:2])
def test_the_brief_fits_one_printed_page(browser: Browser, reports: Path, name: str) -> None:
    opened(browser, reports / name, A4[0])
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert browser.run("document.querySelector('nav').getBoundingClientRect().bottom") <= A4[1]
        assert browser.run("getComputedStyle(document.querySelector('nav')).breakAfter") == "page"
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
    printed = b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= 14


def test_the_brief_is_what_is_seen_first(browser: Browser, reports: Path) -> None:
    """Title, judgements, map and watch list stand on the first screen of a desk."""
    opened(browser, reports / PAGES[0], 1280)
    seen = browser.run("""[...document.querySelectorAll('#brief h3, #brief figure, #brief p')]
      .map(e => [e.tagName, e.textContent.trim().slice(0, 12), e.getBoundingClientRect().bottom])""")
    for start in ("Three judgeme", "Watch list: ", "Since the la"):
        assert any(text.startswith(start[:12]) and bottom < 900 for _, text, bottom in seen), start
    assert any(tag == "FIGURE" and bottom < 900 for tag, _, bottom in seen)


def test_columns_are_shown_when_asked_for(browser: Browser, reports: Path) -> None:
    opened(browser, reports / PAGES[0], 1280)
    hidden = "getComputedStyle(document.querySelector('#ranking td.g1')).display"
    assert browser.run(hidden) == "none"
    browser.run("document.querySelector('#ranking .show-1').click()")
    assert browser.run(hidden) == "table-cell"


def test_the_front_page_is_driven_by_keys(browser: Browser, reports: Path) -> None:
    opened(browser, reports / "index.html", 1280)
    said = "document.getElementById('said').textContent"
    assert browser.run(said).startswith("January 2019: not observed; forecast ")
    browser.run("document.getElementById('month').focus()")
    browser.press("ArrowLeft")
    assert browser.run(said).startswith("December 2018: 3 attacks observed")
    assert browser.run("document.getElementById('month').getAttribute('aria-valuetext')") == "December 2018"
    browser.press("Home")
    assert browser.run(said).startswith("January 2004: ")
    row = "[...document.querySelectorAll('#rows tr')].find(r => r.firstChild.textContent === 'Nineveh').children[1]"
    assert browser.run(f"{row}.textContent") == "0"
    browser.choose("#place", "2")
    assert browser.run("document.getElementById('history-title').textContent") == "Baghdad: attacks by month"
    assert browser.run("document.querySelectorAll('#history rect').length") > 50
    assert browser.run("document.querySelectorAll('#history line.said').length") == 6
    assert browser.run("document.querySelectorAll('#map path.chosen').length") == 1
    browser.run("document.getElementById('play').focus()")
    browser.press("Enter")
    assert browser.run("document.getElementById('play').getAttribute('aria-pressed')") == "true"
    browser.wait("!document.getElementById('said').textContent.startsWith('January 2004')")
    browser.press("Enter")
    assert browser.run("document.getElementById('play').textContent") == "Play"


def test_the_map_is_coloured_by_what_was_observed_and_by_what_was_forecast(browser: Browser, reports: Path) -> None:
    opened(browser, reports / "index.html", 1280)
    nineveh = (
        "[...document.querySelectorAll('#map path')].find(p => p.textContent.startsWith('Nineveh')).className.baseVal"
    )
    assert "shade-1" in browser.run(nineveh)
    browser.run("document.querySelector('[value=observed]').click()")
    assert "shade-" not in browser.run(nineveh)  # January 2019 has not been observed: nothing, not zero
    browser.run("go(every.indexOf('2017-03'))")  # the month with the most attacks in Nineveh
    assert "shade-4" in browser.run(nineveh)


def test_two_hundred_issues_load_in_a_second(browser: Browser, content: BulletinContent, tmp_path: Path) -> None:
    names = list(content.study.provinces.index)
    lines = [
        IssueSummary(
            folder=f"{2002 + number // 12}-{number % 12 + 1:02d}", state="final", historical=False, errata=0,
            changed=[], origin="2001-12", issue_date="2002-01-01", model="m",
            skill={"x": 0.1}, files=["bulletin.html", "risk.csv"],
            forecast={name: [1.5, 0, 1, 4, 0.7] for name in names}, total=[20.0, 10, 20, 30, 1.0],
            came={"provinces": 18, "inside": 15, "crps": 0.5, "total": 25}, misses=[["Anbar", 9, 0, 4, 6.0]],
        )
        for number in reversed(range(200))
    ]  # fmt: skip
    tested = {f"2017-{month:02d}": dict.fromkeys(names, (0, 1, 4)) for month in range(1, 13)}
    path = tmp_path / "index.html"
    with speaking("en", content.study):
        path.write_text(front_page.page(content.study, content.panel, lines, tested, content.drivers), encoding="utf-8")
    assert path.stat().st_size < 1_000_000
    opened(browser, path, 1280)
    began = time.process_time()
    took = browser.run("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert time.process_time() - began < 1
    assert took < 1000, took
    assert browser.run("document.querySelectorAll('#record line').length") == 200
    assert "83.3 % (3,000 / 3,600)" in browser.run("document.getElementById('summary').textContent")


def test_a_publisher_stands_at_the_head(browser: Browser, content: BulletinContent, tmp_path: Path) -> None:
    from provrisk.reports.bulletin.compose import compose

    logo = (
        "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI5IiBoZWlnaHQ9IjkiLz4="
    )
    publisher = Publisher(name="The <Desk>", contact="desk@example.org", handling="TLP:GREEN", logo=logo)
    page = tmp_path / "page.html"
    page.write_text(html.render(compose(content, ["en"], publisher)), encoding="utf-8")
    opened(browser, page, 820)
    assert browser.run("document.querySelector('.publisher').innerText").split("\n")[0].startswith("The <Desk>")
    assert browser.run("document.querySelector('.publisher img').naturalWidth") == 9
    assert browser.run("document.querySelector('.handling').textContent") == "TLP:GREEN"
