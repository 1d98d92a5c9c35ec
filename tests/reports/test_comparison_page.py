"""The comparison page as a reader meets it: driven in a browser, by keyboard and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Browser, asked_server, axe_script
from comparisons import HOSTILE
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.comparison.leaderboard import by, leaderboard, reliability, shared_cells
from provrisk.evaluation.comparison.relative_skill import tournament
from provrisk.reports.comparison import render
from provrisk.study import Project

RANKED = ["conflictology", "ewma_nb"]
WIDE = """[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, svg") && e.getClientRects().length
  && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + "." + e.className)"""
AXE = "axe.run(document).then(r => r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 150))]))"


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(chromium, tmp_path_factory.mktemp("browser") / "profile")
    yield opened
    opened.close()


@pytest.fixture
def page(browser: Browser, page_file: Path) -> Browser:
    return show(browser, page_file)


def show(browser: Browser, file: Path, view: str = "", width: int = 1280, phone: bool = False) -> Browser:
    browser.open(file.as_uri() + view, width, 844 if phone else 900, phone)
    browser.wait("document.documentElement.dataset.ready")
    return browser


def board(page: Browser) -> dict[str, list[str]]:
    """The leaderboard's cells by forecaster, as it is shown."""
    rows = page.run("[...document.querySelectorAll('#board tbody tr')].map(r => [...r.cells].map(c => c.innerText))")
    return {row[0].strip().partition("\n")[0]: [cell.replace("−", "-") for cell in row[1:]] for row in rows}


def as_printed(scores: object, titles: dict[str, str]) -> dict[str, list[str]]:
    """The same by ``compare.leaderboard``, to the digits that the terminal prints."""
    table = leaderboard(shared_cells(scores, RANKED), "ewma_nb")  # type: ignore[arg-type]
    return {
        titles[str(name)]: [
            f"{row.crps:.3f}",
            f"{row.crps_active:.3f}",
            "" if name == "ewma_nb" else f"{100 * row.skill:+.1f} %",
            "" if name == "ewma_nb" else f"{100 * row.skill_low:+.1f} to {100 * row.skill_high:+.1f}",
            f"{row.log_score:.3f}",
            f"{row.auc_escalation:.2f}",
            f"{row.bias:.2f}",
            "/".join(f"{100 * row[f'coverage_{level}']:.0f}" for level in (50, 80, 90)),
        ]
        for name, row in table.iterrows()
    }


def parts(cells: list[str]) -> list[str]:
    """The cells of one row in the order of ``as_printed``."""
    skill = re.findall(r"[+-][\d.]+ %|[+-][\d.]+ to [+-][\d.]+", cells[2]) or ["", ""]
    return [cells[0], cells[1], *skill, *cells[4:]]


def titles(comparison: Comparison) -> dict[str, str]:
    return {name: one.title for name, one in comparison.contenders.items()}


def test_it_opens_with_the_leaderboard_of_the_terminal(page: Browser, comparison: Comparison) -> None:
    shown = {name: parts(cells) for name, cells in board(page).items()}
    expected = as_printed(comparison.scores, titles(comparison))
    assert shown == expected
    assert list(shown) == list(expected)  # in the same order, too


def test_a_filtered_view_is_computed_as_the_terminal_would(page: Browser, comparison: Comparison) -> None:
    """Means, bootstrap intervals, AUC, bias and coverage, all worked out by the page's own script."""
    page.choose("[name=horizon]", "3")
    scores = comparison.scores[comparison.scores.horizon == 3]
    assert {name: parts(cells) for name, cells in board(page).items()} == as_printed(scores, titles(comparison))
    assert "342 cells of 19 origins" in page.run("document.getElementById('cells').innerText")
    assert "horizon=3" in page.run("location.hash")


def test_a_period_is_filtered_by_target_month(page: Browser, comparison: Comparison) -> None:
    page.choose("[name=from]", "2018-01")
    page.choose("[name=to]", "2018-03")
    target = comparison.scores.origin.dt.to_period("M").dt.to_timestamp()
    month = (target.dt.year - 2018) * 12 + target.dt.month - 1 + comparison.scores.horizon
    chosen = shared_cells(comparison.scores[month.between(0, 2)], RANKED)
    for name, value in chosen.wide("crps").mean().items():
        assert board(page)[titles(comparison)[str(name)]][0] == f"{value:.3f}"


def test_a_single_month_has_too_few_origins_for_an_interval(page: Browser) -> None:
    page.choose("[name=from]", "2018-01")
    page.choose("[name=to]", "2018-01")
    cells = board(page)["conflictology"]
    assert cells[3] == "too few"
    assert " to " not in cells[2]


def test_skill_by_horizon_is_that_of_the_split(page: Browser, comparison: Comparison) -> None:
    split = by(shared_cells(comparison.scores, RANKED), "horizon")
    label = page.run("document.querySelector('#horizon-charts svg').getAttribute('aria-label')").replace("−", "-")
    for horizon, row in split.iterrows():
        assert f"{horizon}: {100 * (1 - row.conflictology / row.ewma_nb):+.1f} %" in label


def test_reliability_is_that_of_python(page: Browser, comparison: Comparison) -> None:
    page.choose("[name=province]", "active")
    page.choose("#event", "p_5")
    cells = shared_cells(comparison.scores, RANKED)
    observed = cells.wide("observed", only_active=True)["ewma_nb"]
    points = reliability((observed >= 5).astype(float), cells.wide("p_5", only_active=True)["ewma_nb"])
    labels = page.run(
        "[...document.querySelectorAll('#calibration-charts svg')].map(s => s.getAttribute('aria-label'))"
    )
    label = next(one for one in labels if "Reliability of EWMA-NB" in one)
    numbers = [
        tuple(map(int, found)) for found in re.findall(r"(\d+) % predicted, (\d+) % observed, (\d+) cells", label)
    ]
    assert [(came, count) for _, came, count in numbers] == [
        (round(100 * row.frequency), int(row.cells)) for row in points.itertuples()
    ]
    for (given, _, _), row in zip(numbers, points.itertuples(), strict=True):
        assert abs(given - 100 * row.forecast) <= 1.01


def test_columns_sort_by_keyboard_and_keep_the_focus(page: Browser) -> None:
    before = list(board(page))
    page.run("document.querySelector('#board th[data-key=loss] button').focus()")
    page.press("Enter")
    assert list(board(page)) == before[::-1]
    assert page.run("document.querySelector('#board th[data-key=loss]').getAttribute('aria-sort')") == "descending"
    assert page.run("document.activeElement.closest('th').dataset.key") == "loss"
    page.press("Space")
    assert list(board(page)) == before


def test_the_tab_key_comes_to_the_filters_first(page: Browser) -> None:
    reached = []
    for _ in range(8):
        page.press("Tab")
        reached.append(page.run("document.activeElement.name"))
    assert reached == ["province", "horizon", "from", "to", "score", "skill", "shown", "against"]


def test_a_forecaster_is_left_out_by_keyboard(page: Browser) -> None:
    page.run("document.querySelector('#filters summary').focus()")
    page.press("Enter")
    page.run("document.querySelector('input[value=conflictology]').focus()")
    page.press("Space")
    assert list(board(page)) == ["EWMA-NB"]
    page.run("document.querySelector('input[value=ewma_nb]').focus()")
    page.press("Space")  # the last one stays
    assert list(board(page)) == ["EWMA-NB"]
    assert page.run("document.querySelector('input[value=ewma_nb]').checked")


def test_arrows_walk_the_calendar_and_enter_opens_a_province(page: Browser) -> None:
    page.run("document.querySelector('.calendar td[tabindex=\"0\"]').focus()")
    first = page.run("document.activeElement.getAttribute('aria-label')")
    page.press("ArrowDown")
    page.press("ArrowLeft")
    second = page.run("document.activeElement.getAttribute('aria-label')")
    assert first.split(",")[0] != second.split(",")[0]
    assert page.run("document.querySelectorAll('.calendar td[tabindex=\"0\"]').length") == 1
    told = page.run("document.getElementById('calendar-cell').innerText")
    assert second.split(";")[0].split(":")[0] in told
    page.press("Enter")
    assert page.run("document.activeElement.id") == "province-title"
    assert page.run("document.activeElement.innerText") == second.split(",")[0]


def test_a_province_has_a_page_and_an_address(browser: Browser, page_file: Path) -> None:
    page = show(browser, page_file, "#province=Anbar")
    assert page.run("document.getElementById('province-title').innerText") == "Anbar"
    words = page.run("document.getElementById('province-page').innerText")
    assert "1,122 attacks in 180 months observed since January 2004" in words
    assert page.run("document.querySelectorAll('#fan-charts figure').length") == 5  # everybody who spoke of it
    page.run("document.querySelector('#province-page .buttons button').click()")
    assert page.run("document.getElementById('province-page').hidden")
    page.run("history.back()")
    page.wait("!document.getElementById('province-page').hidden")
    assert page.run("document.querySelector('[name=province]').value") == "Anbar"


def test_the_fan_of_one_origin_has_all_its_months(browser: Browser, page_file: Path) -> None:
    page = show(browser, page_file, "#province=Anbar&origin=2017-06")
    path = page.run("document.querySelector('#fan-charts path.b80').getAttribute('d')")
    assert path.count("M") == 6


def test_what_cannot_be_ranked_is_shown_apart_with_its_reason(page: Browser) -> None:
    text = page.run("document.getElementById('board').innerText")
    assert "Deaths of others: forecasts deaths, not attacks" in text
    assert "Late bulletin: nowcasts only" in text
    assert set(board(page)) == {"EWMA-NB", "conflictology"}
    disabled = page.run("[...document.querySelectorAll('input[name=model]:disabled')].map(b => b.value)")
    assert disabled == ["late", "deaths"]
    page.choose("[name=horizon]", "1")
    page.run("document.querySelector('.calendar tbody td').click()")
    rows = page.run("[...document.querySelectorAll('#calendar-cell tbody tr')].map(r => r.innerText)")
    assert len(rows) == 5
    assert any("Late bulletin" in row and "nowcast" in row and "issued 20" in row for row in rows)
    assert ["3 days before the month" in row for row in rows if "Somebody" in row] == [True]


def test_numbers_alone_compare_by_absolute_error(page: Browser, comparison: Comparison) -> None:
    page.choose("[name=score]", "absolute_error")
    page.run("document.querySelector('input[value=somebody]').click()")
    rows = board(page)
    errors = shared_cells(comparison.scores[comparison.scores.score == "absolute_error"].assign(score="crps"), None)
    assert set(errors.models) == {"conflictology", "ewma_nb", "late", "somebody"}
    own = comparison.scores[(comparison.scores.model == "somebody") & (comparison.scores.province != "(total)")]
    assert rows[HOSTILE][0] == f"{own.value.mean():.2f}"


def test_a_hostile_name_does_nothing(page: Browser) -> None:
    assert "forecasts compared" in page.run("document.title")
    assert page.run("document.querySelectorAll('img').length") == 0


@pytest.mark.parametrize("view", ["", "#province=Anbar&horizon=2", "#calendar=nearest&score=absolute_error"])
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, page_file: Path, view: str) -> None:
    page = show(browser, page_file, view, 390, phone=True)
    page.run("document.querySelector('#filters summary').click()")
    page.run("document.querySelector('.calendar tbody td').click()")
    assert page.run("innerWidth") == 390
    assert page.run("document.documentElement.scrollWidth") <= 390
    assert page.run(WIDE) == []
    # Names are not broken letter by letter.
    tall = "[...document.querySelectorAll('#board tbody th button')].map(b => b.getBoundingClientRect().height)"
    assert max(page.run(tall)) < 130


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("view", ["", "#province=Anbar&calendar=nearest"])
def test_axe_finds_no_fault(browser: Browser, page_file: Path, view: str, width: int) -> None:
    page = show(browser, page_file, view, width, phone=width < 500)
    page.run("document.querySelector('#filters summary').click()")
    page.run("document.querySelector('.calendar tbody td').click()")
    page.run(f"(() => {{{axe_script()}}})()")
    assert page.run(AXE) == []


def test_nothing_is_asked_for_and_nothing_complains(browser: Browser, page_file: Path) -> None:
    with asked_server() as (address, paths, served):
        served["/page.html"] = page_file.read_bytes()
        browser.messages.clear()
        browser.requests.clear()
        browser.open(f"{address}/page.html#province=Anbar")
        browser.wait("document.documentElement.dataset.ready === 'yes'")
        browser.choose("[name=province]", "all")
        assert paths == ["/page.html"]
    assert {one.partition("#")[0] for one in browser.requests} <= {"about:blank", f"{address}/page.html", "data:,"}
    assert browser.messages == []


def test_without_script_the_leaderboard_stands(browser: Browser, page_file: Path, comparison: Comparison) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page_file.as_uri())
        assert [row[0] for row in board(browser).values()] == [
            row[0] for row in as_printed(comparison.scores, titles(comparison)).values()
        ]
        assert not browser.run("document.getElementById('filters').getClientRects().length")
        assert "Without JavaScript" in browser.run("document.querySelector('header').innerText")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_it_opens_without_any_model(browser: Browser, home: Project, comparison: Comparison, tmp_path: Path) -> None:
    """Other people's numbers alone, the best of them as the benchmark."""
    file = tmp_path / "page.html"
    file.write_text(render(comparison, home.study("iraq"), "somebody", ["somebody"]), encoding="utf-8")
    page = show(browser, file)
    assert list(board(page)) == [HOSTILE]
    assert page.run("document.querySelector('[name=score]').value") == "absolute_error"


@pytest.mark.parametrize("score", ["crps", "crps_log", "wis_log"])
def test_relative_skill_and_logs_are_those_of_python(page: Browser, comparison: Comparison, score: str) -> None:
    page.choose("[name=skill]", "relative")
    page.choose("[name=score]", score)
    wide = shared_cells(comparison.scores, RANKED, score).wide(score)
    expected = tournament(wide)
    shown = board(page)
    for name, row in expected.iterrows():
        cells = shown[titles(comparison)[str(name)]]
        assert cells[0] == f"{wide[name].mean():.3f}"
        told = "" if row.isna().any() else f" {row.relative_low:.3f} to {row.relative_high:.3f}"
        assert cells[2].replace("\n", " ") == f"{row.relative_skill:.3f}{told}"
    assert "skill=relative" in page.run("location.hash")


def test_whoever_is_not_ranked_is_listed_with_the_reason(page: Browser, page_file: Path) -> None:
    listed = page.run("document.getElementById('board').innerText")
    static = page_file.read_text(encoding="utf-8").partition("<script")[0]
    for reason in ("deaths, not attacks", "nowcasts only", "has no CRPS"):
        assert reason in listed
        assert reason in static
