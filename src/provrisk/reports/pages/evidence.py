"""The evidence page: first an answer, then the claims by theme, then the published figures that are cited."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from provrisk import METHOD_VERSION, months
from provrisk.reports import words
from provrisk.reports.charts import published_panels, svg
from provrisk.reports.document import Block, Cell, Chart, Items, Page, Part, Table, Text, table
from provrisk.risk.evidence.answer import answer
from provrisk.risk.evidence.placebo import Placebo
from provrisk.risk.evidence.quoting import cited, spelled
from provrisk.risk.evidence.record import Record
from provrisk.risk.evidence.result import TestResult
from provrisk.risk.evidence.verdict import Line, Verdict, number_of_tests
from provrisk.stored_results import Keep
from provrisk.text import LINK, unlinked

MEANING = {
    "supported": "the figures agree with the claim",
    "contradicted": "the figures show the opposite",
    "inconclusive": "they show neither; the effect that could have been detected is given",
    "not separable": "there is a change as claimed, but it could have another cause",
    "shown": "figures are shown side by side, nothing is tested",
    "not testable": "the available figures are not enough; what would be needed is given",
}
SHADES = {"supported": 3, "contradicted": 4, "inconclusive": 1, "not separable": 2, "shown": 1, "not testable": 0}


def compose(record: Record, verdicts: Sequence[Verdict]) -> Page:
    """The whole page, the same for the same figures."""
    study, rules, panel = record.study, record.thresholds, record.panel
    page = Page(
        title=f"{study.file.title}: claims of analysts, compared with the data",
        facts={
            "Data": f"{months.label(record.counts.indexes['month'][0])} to {panel.attrs['origin']}, "
            f"{len(panel.indexes['province'])} provinces; {panel.attrs['source']}; digest {panel.attrs['digest']}",
            "Counted": f"“{study.file.target.one}” means {study.file.target.definition}",
            "Counterfactuals": f"forecasts of the recipe {rules.recipe}, made one month before; "
            f"1,000 draws, seed {record.seed}, method {METHOD_VERSION}",
            "Tests": f"{number_of_tests(verdicts)} p-values, one for each test, two-sided, corrected together "
            f"(Benjamini-Hochberg), false discovery rate {100 * rules.alpha:.0f} %; "
            f"intervals {100 * rules.level:.0f} %",
            "Thresholds": "those of hypotheses.toml, fixed before the tests are run; no verdict is written manually",
        },
    )
    if opening := _opening(study.hypotheses.lead, verdicts, rules.level, record.keep):
        page = page.with_part(opening)
    for part in (*_themes(record, verdicts), _summary(verdicts, record.keep)):
        page = page.with_part(part)
    if rows := _cited_rows(record, page):
        page = page.with_part(rows)
    return page


def _opening(lead: str, verdicts: Sequence[Verdict], level: float, keep: Keep) -> Part | None:
    """The answer on the leading claim, with the picture of its first measure."""
    said = answer(lead, verdicts, level)
    if not said:
        return None
    verdict = next(verdict for verdict in verdicts if verdict.id == lead)
    measured = (line.measured for line in verdict.lines if line.measured is not None)
    pictures = itertools.islice((block for found in measured for block in _pictures(found, keep)), 1)
    words = [Text(words=one, notice=number == 0) for number, one in enumerate(said)]
    return Part(key="answer", title="The answer", opening=True, blocks=(*words, *pictures))


def _themes(record: Record, verdicts: Sequence[Verdict]) -> list[Part]:
    """The claims in the themes of the study, those without one at the end."""
    parts = []
    for key, theme in record.study.hypotheses.themes.items():
        mine = [verdict for verdict in verdicts if verdict.claim.theme == key]
        if mine:
            blocks: list[Block] = [Text(words=theme.text)] if theme.text else []
            blocks += [block for verdict in mine for block in claim_blocks(verdict, record.keep)]
            parts.append(Part(key=key, title=theme.title, blocks=tuple(blocks)))
    rest = [verdict for verdict in verdicts if not verdict.claim.theme]
    if rest:
        blocks = [block for verdict in rest for block in claim_blocks(verdict, record.keep)]
        parts.append(Part(key="claims", title="Claims", blocks=tuple(blocks)))
    return parts


def claim_blocks(verdict: Verdict, keep: Keep) -> list[Block]:
    """One claim: the sentence, the verdict, a line and a picture for each measure."""
    claim, lines = verdict.claim, verdict.lines
    head = verdict.word.capitalize()
    said = [f"{head}: {verdict.summary}." if len(lines) > 1 else f"{head}."]
    said += [_line_said(line, alone=len(lines) == 1) for line in lines]
    if verdict.named:
        said.append(f"Other dated drivers in these months: {verdict.named}.")
    said.append(f"Claimed by: {claim.source}. {claim.note}".strip())
    blocks: list[Block] = [Items(title=f"{verdict.id}. {claim.claim}", items=tuple(said))]
    measured = [(line, line.measured) for line in lines if line.measured is not None]
    blocks += [picture for _, found in measured for picture in _pictures(found, keep)]
    for line, found in measured:
        what = f" ({line.counted})" if len(measured) > 1 else ""
        blocks += [_numbers(f"{verdict.id}: {title[:1].lower()}{title[1:]}{what}", frame)
                   for title, frame in found.tables.items() if len(frame)]  # fmt: skip
    return blocks


def _line_said(line: Line, alone: bool) -> str:
    """The result for one measure, with its p-value and what else the measure includes."""
    said = [line.why if alone else f"By {line.measure}: {line.word}. {line.why}"]
    if besides := getattr(line.test, "besides", ""):
        said.append(f"This measure includes {besides}.")
    if line.q is not None:
        said.append(f"p = {line.q:.3f}, two-sided, after the correction for all tests.")
    said.append(line.test.note)
    return " ".join(filter(None, said))


def _summary(verdicts: Sequence[Verdict], keep: Keep) -> Part:
    number = Counter[str](verdict.word for verdict in verdicts)
    said = ", ".join(f"{number[word]} {word}" for word in MEANING if number[word])
    ratios = {}
    for verdict in verdicts:
        tested = [line for line in verdict.lines if line.q is not None and line.test.test not in ("share", "rank")]
        for count, line in enumerate(tested, start=1):
            one = line.measured
            assert one is not None  # noqa: S101 - for the type checker: a p-value comes with figures
            ratios[verdict.id if len(tested) == 1 else f"{verdict.id} ({count})"] = (one.estimate, one.low, one.high)
    blocks: list[Block] = [
        Text(words=f"{len(verdicts)} claims: {said}."),
        Items(items=tuple(f"{word.capitalize()}: {meaning}." for word, meaning in MEANING.items())),
        Text(words="A claim is tested automatically when the store has the data it needs (provrisk data add)."),
        table(
            "All claims",
            {
                "Claim": [verdict.id for verdict in verdicts],
                "Verdict": [Cell(text=verdict.word, shade=SHADES[verdict.word]) for verdict in verdicts],
                "Claim in words": [verdict.claim.claim for verdict in verdicts],
                "By measure": ["; ".join(f"{line.measure}: {line.word}" for line in one.lines) for one in verdicts],
            },
            text=("Claim", "Verdict", "Claim in words", "By measure"),
            wrapped=True,
        ),
    ]
    if ratios:
        alt = "; ".join(f"{name}: {_ratio(a)} ({_ratio(b)} to {_ratio(c)})" for name, (a, b, c) in ratios.items())
        caption = "Rate ratios with their intervals, a line for each measure; 1 is no effect."
        drawing = keep(("ratios", ratios), lambda: svg.ratios(ratios))
        blocks.append(Chart(svg=drawing, alt=f"Rate ratios. {alt}.", caption=caption, wide=True))
    return Part(key="summary", title="All claims", blocks=tuple(blocks))


def _cited_rows(record: Record, page: Page) -> Part | None:
    """The rows of the ledger that the page links to, each with its anchor."""
    linked = {anchor.removeprefix("#") for _, anchor in LINK.findall(page.model_dump_json())}
    rows = record.ledger[record.ledger.id.isin(linked)] if len(record.ledger) else record.ledger
    if rows.empty:
        return None
    columns: dict[str, list[str | Cell]] = {
        "Row": [Cell(text=row.id, anchor=row.id) for row in rows.itertuples()],
        "Days": [spelled(row) for _, row in rows.iterrows()],
        "Place": list(rows.place),
        "Figure": [words_of(row) for row in rows.itertuples()],
        "Definition": [f"{row.who}: {row.what}" for row in rows.itertuples()],
        "Publisher": [f"{row.publisher}, {row.published_on}".rstrip(", ") for row in rows.itertuples()],
        "Where": list(rows.address),
        "Note": list(rows.note),
    }
    text = tuple(name for name in columns if name != "Figure")
    shown = table("Rows of published.csv that this page cites", columns, text=text, wrapped=True)
    said = f"{len(rows)} of the {len(record.ledger)} published figures; they are of other publishers, cited here."
    return Part(key="ledger", title="The published figures", blocks=(Text(words=said), shown))


def words_of(row: object) -> str:
    """A published figure, with its computation if it was not printed as such."""
    value, per, computation = row.value, row.per, row.computation  # type: ignore[attr-defined]
    text = unlinked(cited(value, "x", per))
    return text + " = " + re.sub(r"([A-Z]+[0-9]+)", r"[\1](#\1)", computation) if computation else text


def _pictures(found: TestResult, keep: Keep) -> list[Block]:
    """The pictures of a test: its ratio among the placebos, and the published figures."""
    drawn: list[Block] = [*_placebos(found.placebo, keep)]
    if found.panels:
        told = "; ".join(
            f"{panel.title}, {panel.unit}: "
            + ", ".join(f"{spelled(row)} {row.value:,.4g}" for _, row in panel.values.iterrows())
            for panel in found.panels
        )
        own = "Each figure over the days that it covers" + (
            ", each publisher with its own axis" * (len(found.panels) > 1)
        )
        caption = f"{own}." + (f" Dashed: {found.day.day} {found.day:%B %Y}." if found.day is not None else "")
        depends_on = [(panel.title, panel.unit, panel.mark, panel.values.to_csv()) for panel in found.panels]
        drawing = keep(("panels", depends_on, found.day), lambda: published_panels.svg(found.panels, found.day))
        drawn.append(Chart(svg=drawing, alt=told, caption=caption))
    return drawn


def _placebos(judged: Placebo | None, keep: Keep) -> list[Block]:
    if judged is None:
        return []
    alt = (
        f"The ratio {_ratio(judged.estimate)} among the ratios of {len(judged.placebos)} other months, which run from "
        f"{_ratio(judged.placebos.min())} to {_ratio(judged.placebos.max())}."
    )
    caption = "Observed over expected: the event (line) among all other months (bars), on a log scale."
    depends_on = ("placebos", judged.placebos.tolist(), judged.estimate)
    drawing = keep(depends_on, lambda: svg.placebos(judged.placebos, judged.estimate))
    return [Chart(svg=drawing, alt=alt, caption=caption)]


def _numbers(title: str, frame: pd.DataFrame) -> Table:
    """A test's own table, folded."""
    first = str(frame.index.name or "").capitalize()
    columns: dict[str, list[str | Cell]] = {first: [str(label) for label in frame.index]}
    for name in frame.columns:
        columns[str(name).capitalize()] = [_cell(value, str(name)) for value in frame[name]]
    worded = [name.capitalize() for name in map(str, frame.columns) if name in ("place", "of what", "publisher")]
    return table(title, columns, text=(first, *worded), folded=True)


def _cell(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    if words.missing(value):
        return "–"
    number = float(value)  # type: ignore[arg-type]
    if name in ("placebos below", "probability"):
        return words.percent(number)
    whole = name in ("months", "observed", "placebos") or (name == "expected" and number >= 100)
    return f"{number:,.0f}" if whole else _ratio(number)


def _ratio(value: float) -> str:
    return f"{value:,.2f}" if np.isfinite(value) else "no bound"
