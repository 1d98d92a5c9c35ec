"""The bulletin: its parts in order, from one basis."""

import json

from provrisk import months
from provrisk.reports.basis import Basis
from provrisk.reports.document import Document, Part, Text
from provrisk.reports.parts import drivers, fans, judgements, map, method, movers, notes, ranking, scorecard

PARTS = (judgements, ranking, map, movers, fans, scorecard, notes, drivers, method)


def compose(basis: Basis) -> Document:
    """The whole issue as a draft: the same document for the same basis."""
    document = _head(basis).with_part(_definition(basis))
    for module in PARTS:
        document = document.with_part(module.part(basis))
    return document


def _head(basis: Basis) -> Document:
    issue, model = basis.issue, basis.titles.get(basis.champion, basis.champion)
    draws = basis.forecast.sizes["draw"]
    facts = {
        "Issue date": f"{issue.date.day} {issue.date:%B %Y}",
        "Origin": f"{months.spelled(issue.origin)}, the last month observed",
        "Forecast for": f"{basis.month}, {issue.horizon} {'month' if issue.horizon == 1 else 'months'} ahead",
        "Data": f"{basis.source}, {basis.study.file.source.licence}{', final data' if basis.final_data else ''}; "
        f"digest of the figures {basis.panel.attrs['digest']}",
        "Model": f"{model}, {draws:,} draws, seed {basis.seed}, method {basis.method}",
    }
    return Document(
        title=f"{basis.study.file.title}: risk by {basis.unit.one}, {basis.month}",
        study=basis.study.name,
        month=months.label(issue.month),
        origin=months.label(issue.origin),
        issue_date=f"{issue.date:%Y-%m-%d}",
        horizon=issue.horizon,
        historical=issue.historical,
        final_data=basis.final_data,
        source=basis.source,
        digest=basis.panel.attrs["digest"],
        model=model,
        method=basis.method,
        seed=basis.seed,
        draws=draws,
        facts=facts,
        risk=tuple(json.loads(basis.risk.to_json(orient="records", double_precision=4))),
        scorecard=scorecard.figures(basis),
    )


def _definition(basis: Basis) -> Part:
    target = basis.study.file.target
    blocks = [Text(words=f"“{target.one.capitalize()}” means {target.definition} ({basis.source}).")]
    if basis.issue.historical:
        day, origin = basis.issue.date, months.spelled(basis.issue.origin)
        notice = (
            f"Historical issue: this page is written as of {day.day} {day:%B %Y}, from data up to {origin}. It is "
            "not a "
            "forecast of the present."
        )
        blocks.insert(0, Text(words=notice, notice=True))
    return Part(key="definition", title="What is counted", blocks=tuple(blocks))
