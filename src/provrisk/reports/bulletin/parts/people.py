"""Deaths and kinds of violence, if the source has them: civilians' share, kinds of attack."""

import pandas as pd

from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Cell, Part, Text, table
from provrisk.reports.language import capital, mark, say

KINDS = {
    "state_based": mark("against the state's forces or between states"),
    "non_state": mark("between armed groups"),
    "one_sided": mark("against civilians, one-sided"),
}
"""UCDP's types of organised violence in plain words."""

YEAR = 12


def part(content: BulletinContent) -> Part | None:
    """The country's last month and years; none if the source does not have them."""
    rows = {**_deaths(content), **_kinds(content)}
    if not rows:
        return None
    last, year = words.month(content.issue.origin), say("Last 12 months")
    columns: dict[str, list[str | Cell]] = {
        say("What"): list(rows),
        last: [cells[0] for cells in rows.values()],
        year: [cells[1] for cells in rows.values()],
        say("The 12 months before"): [cells[2] for cells in rows.values()],
    }
    return Part(
        key="people",
        title=say("Who is harmed, and how"),
        blocks=(
            Text(words=say("Observed in {place}, as the source records it.", place=content.place)),
            table(say("Deaths and kinds of violence"), columns, text=(say("What"),)),
        ),
    )


def _spans(content: BulletinContent, name: str) -> list[float]:
    """The sums of the last month, of the last year and of the year before; missing where one month is."""
    values = content.panel[name].transpose("month", "province").sel(month=slice(None, content.issue.origin))
    total = values.to_pandas().sum(axis=1, skipna=False)
    spans = (total.iloc[-1:], total.iloc[-YEAR:], total.iloc[-2 * YEAR : -YEAR])
    return [float(span.sum(skipna=False)) if len(span) else float("nan") for span in spans]


def _deaths(content: BulletinContent) -> dict[str, list[str]]:
    if "deaths_civilians" not in content.panel or "deaths" not in content.panel:
        return {}
    dead, civilians = _spans(content, "deaths"), _spans(content, "deaths_civilians")
    shares = [civilian / every if every else float("nan") for civilian, every in zip(civilians, dead, strict=True)]
    said = [
        say("{n} ({share})", n=words.number(n), share=words.percent(share)) if not pd.isna(share) else words.number(n)
        for n, share in zip(civilians, shares, strict=True)
    ]
    return {say("Deaths"): [words.number(n) for n in dead], say("of them civilians"): said}


def _kinds(content: BulletinContent) -> dict[str, list[str]]:
    target = content.panel.attrs["target"]
    return {
        say("{Many} {kind}", Many=capital(content.many), kind=say(kind)): [
            words.number(n) for n in _spans(content, f"{target}_{name}")
        ]
        for name, kind in KINDS.items()
        if f"{target}_{name}" in content.panel
    }
