"""The page of a scenario; never part of a bulletin."""

from collections.abc import Mapping, Sequence

import pandas as pd

from provrisk import months
from provrisk.reports import words
from provrisk.reports.charts import svg
from provrisk.reports.document import Block, Cell, Chart, Items, Page, Part, Table, Text, table
from provrisk.risk import levels
from provrisk.study import Study
from provrisk.study.scenario_file import ScenarioFile

HEAD = "A scenario, based on an assumption: the consequences if it were true, not a forecast that it will be."


def compose(
    study: Study,
    file: ScenarioFile,
    compared: pd.DataFrame,
    assumptions: Sequence[str],
    cases: Mapping[str, pd.DataFrame],
    facts: Mapping[str, str],
) -> Page:
    """The whole page; ``compared`` is the table of ``risk.scenario.compared``."""
    blocks: list[Block] = [Text(words=HEAD, notice=True), Items(items=tuple(assumptions))]
    blocks += [_cases(name, frame) for name, frame in cases.items()]
    page = Page(title=f"Scenario “{file.name}”: {study.file.title}", facts=dict(facts))
    page = page.with_part(Part(key="assumption", title="What is assumed", blocks=tuple(blocks)))
    first = min(one.month for one in file.suppose)
    for month, rows in compared.groupby("month"):
        if str(month) >= first:
            page = page.with_part(_month(study, str(month), rows, folded=str(month) != first))
    return page


def _month(study: Study, month: str, rows: pd.DataFrame, folded: bool) -> Part:
    rows = rows.sort_values("expected_with", ascending=False, kind="stable")
    spelled = months.spelled(months.parse(month))
    blocks: list[Block] = []
    if not folded:
        shown = rows[(rows.expected_with >= 0.5) | (rows.expected_without >= 0.5)]
        pairs = {row.province: (row.expected_without, row.expected_with) for row in shown.itertuples()}
        alt = "; ".join(f"{name}: {a:.1f} without, {b:.1f} with" for name, (a, b) in pairs.items())
        caption = f"Expected {study.file.target.many} in {spelled}: without (grey) and with the assumption."
        blocks.append(
            Chart(svg=svg.moved(pairs, f"{study.file.target.many} a month"), alt=alt, caption=caption, wide=True)
        )
    return Part(key=f"m{month}", title=spelled, blocks=(*blocks, _table(study, spelled, rows, folded)))


def _table(study: Study, spelled: str, rows: pd.DataFrame, folded: bool) -> Table:
    high = levels.watch_count(study.file.risk)
    columns: dict[str, list[str | Cell]] = {
        "Province": list(rows.province),
        "Expected without": [words.number(value, 1) for value in rows.expected_without],
        "Expected with": [words.number(value, 1) for value in rows.expected_with],
        "Difference": [words.signed(value, 1) for value in rows.difference],
        "80 % interval": [spread(row.difference_low_80, row.difference_high_80) for row in rows.itertuples()],
        f"P(≥ {high}) without": [words.percent(value) for value in rows.p_high_without],
        f"P(≥ {high}) with": [words.percent(value) for value in rows.p_high_with],
        "Rank without": [str(value) for value in rows.rank_without],
        "Rank with": [str(value) for value in rows.rank_with],
    }
    return table(f"{spelled}, without and with the assumption", columns, text=("Province",), folded=folded)


def spread(low: float, high: float) -> str:
    """The interval of a difference in words: ``+0 to +6``, or a dash if no draw differs."""
    return f"{low:+.0f} to {high:+.0f}" if low or high else "–"


def _cases(name: str, frame: pd.DataFrame) -> Table:
    columns: dict[str, list[str | Cell]] = {
        "Past case": [str(label) for label in frame.index],
        "From": list(frame.month),
    }
    columns["Observed"] = [words.number(value) for value in frame.observed]
    columns["Expected"] = [words.number(value, 1) for value in frame.expected]
    columns["Ratio"] = [f"{value:.2f}" for value in frame.ratio]
    columns["Other months below"] = [words.percent(value) for value in frame["placebos below"]]
    return table(f"Past cases of {name}", columns, text=("Past case", "From"))
