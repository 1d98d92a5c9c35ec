"""The page of the evidence: every claim with its verdict, the figures it rests on, and what could not be tested."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from provrisk import METHOD_VERSION, months
from provrisk.reports import charts, words
from provrisk.reports.document import Block, Cell, Chart, Items, Page, Part, Table, Text, table
from provrisk.risk.evidence.placebo import Placebo
from provrisk.risk.evidence.record import Record
from provrisk.risk.evidence.verdict import Verdict, number_of_tests

MEANING = {
    "supported": "the figures show what the claim says",
    "contradicted": "the figures show that it is not so",
    "inconclusive": "they show neither; what could have been seen is said",
    "not separable": "something moved as claimed, and something else could have moved it",
    "not testable": "the figures at hand cannot tell; what would be needed is said",
}
SHADES = {"supported": 3, "contradicted": 4, "inconclusive": 1, "not separable": 2, "not testable": 0}


def compose(record: Record, verdicts: Sequence[Verdict], recipe: str) -> Page:
    """The whole page, the same for the same figures."""
    study, rules, panel = record.study, record.thresholds, record.panel
    page = Page(
        title=f"{study.file.title}: what analysts claim, held against the record",
        facts={
            "Record": f"{months.label(record.counts.indexes['month'][0])} to {panel.attrs['origin']}, "
            f"{len(panel.indexes['province'])} provinces; {panel.attrs['source']}; digest {panel.attrs['digest']}",
            "Counted": f"“{study.file.target.one}” means {study.file.target.definition}",
            "Counterfactuals": f"forecasts of the recipe {recipe}, made the month before; "
            f"1,000 draws, seed {record.seed}, method {METHOD_VERSION}",
            "Tests": f"{number_of_tests(verdicts)} p-values, one a claim, two-sided, corrected together "
            f"(Benjamini-Hochberg), false discovery rate {100 * rules.alpha:.0f} %; "
            f"intervals {100 * rules.level:.0f} %",
            "Thresholds": "those of hypotheses.toml, fixed before the tests are run; no verdict is written by hand",
        },
    )
    tested = [verdict for verdict in verdicts if verdict.measured is not None]
    blocks = [block for verdict in tested for block in claim_blocks(verdict)]
    page = page.with_part(_summary(verdicts))
    if blocks:
        page = page.with_part(Part(key="tested", title="Claims that were tested", blocks=tuple(blocks)))
    return page.with_part(_not_tested([verdict for verdict in verdicts if verdict.measured is None]))


def claim_blocks(verdict: Verdict) -> list[Block]:
    """One claim: the sentence, the verdict, the figures, a picture of its ratio among the placebos."""
    claim, found = verdict.claim, verdict.measured
    said = [f"{verdict.word.capitalize()}. {verdict.why}"]
    if verdict.q is not None:
        said.append(f"p = {verdict.q:.3f}, two-sided, after the correction for all claims.")
    if found is not None and found.named:
        said.append(f"Other dated drivers in its months: {'; '.join(found.named)}.")
    said.append(f"Claimed by: {claim.source}. Test: {claim.test}. {claim.note}".strip())
    blocks: list[Block] = [Items(title=f"{verdict.id}. {claim.claim}", items=tuple(said))]
    if found is not None:
        blocks += _placebos(found.placebo)
        blocks += [_numbers(f"{verdict.id}: {title[:1].lower()}{title[1:]}", frame)
                   for title, frame in found.tables.items() if len(frame)]  # fmt: skip
    return blocks


def _not_tested(verdicts: Sequence[Verdict]) -> Part:
    rows: dict[str, list[str | Cell]] = {
        "Claim": [verdict.id for verdict in verdicts],
        "What is claimed": [verdict.claim.claim for verdict in verdicts],
        "Why it cannot be tested, and what would be needed": [verdict.why for verdict in verdicts],
    }
    blocks: list[Block] = [
        Text(words="A claim is tested by itself as soon as the store holds what it needs (provrisk data add).")
    ]
    if verdicts:
        blocks.append(table("Not testable with the data at hand", rows, text=tuple(rows), wrapped=True))
    return Part(key="untested", title="Claims that cannot be tested yet", blocks=tuple(blocks))


def _summary(verdicts: Sequence[Verdict]) -> Part:
    number = Counter[str](verdict.word for verdict in verdicts)
    said = ", ".join(f"{number[word]} {word}" for word in MEANING if number[word])
    ratios = {
        verdict.id: (one.estimate, one.low, one.high)
        for verdict in verdicts
        if (one := verdict.measured) is not None and verdict.q is not None and verdict.claim.test not in ("share",)
    }
    blocks: list[Block] = [
        Text(words=f"{len(verdicts)} claims: {said}."),
        Items(items=tuple(f"{word.capitalize()}: {meaning}." for word, meaning in MEANING.items())),
        table(
            "Every claim",
            {
                "Claim": [verdict.id for verdict in verdicts],
                "Verdict": [Cell(text=verdict.word, shade=SHADES[verdict.word]) for verdict in verdicts],
                "What is claimed": [verdict.claim.claim for verdict in verdicts],
            },
            text=("Claim", "Verdict", "What is claimed"),
            wrapped=True,
        ),
    ]
    if ratios:
        alt = "; ".join(f"{name}: {_ratio(a)} ({_ratio(b)} to {_ratio(c)})" for name, (a, b, c) in ratios.items())
        caption = "Rate ratios with their intervals; 1 is no effect."
        blocks.append(Chart(svg=charts.ratios(ratios), alt=f"Rate ratios. {alt}.", caption=caption, wide=True))
    return Part(key="summary", title="Summary", blocks=tuple(blocks))


def _placebos(judged: Placebo | None) -> list[Block]:
    if judged is None:
        return []
    alt = (
        f"The ratio {_ratio(judged.estimate)} among the ratios of {len(judged.placebos)} other months, which run from "
        f"{_ratio(judged.placebos.min())} to {_ratio(judged.placebos.max())}."
    )
    caption = "Observed over expected: the event (line) among all other months (bars), on a log scale."
    return [Chart(svg=charts.placebos(judged.placebos, judged.estimate), alt=alt, caption=caption)]


def _numbers(title: str, frame: pd.DataFrame) -> Table:
    """A test's own table, folded away."""
    first = str(frame.index.name or "").capitalize()
    columns: dict[str, list[str | Cell]] = {first: [str(label) for label in frame.index]}
    for name in frame.columns:
        columns[str(name).capitalize()] = [_cell(value, str(name)) for value in frame[name]]
    return table(title, columns, text=(first, "Definition", "Source"), folded=True)


def _cell(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    if words.missing(value):
        return "–"
    number = float(value)  # type: ignore[arg-type]
    if name in ("placebos below", "probability"):
        return words.percent(number)
    whole = name in ("months", "observed", "placebos", "a year") or (name == "expected" and number >= 100)
    return f"{number:,.0f}" if whole else _ratio(number)


def _ratio(value: float) -> str:
    return f"{value:,.2f}" if np.isfinite(value) else "no bound"
