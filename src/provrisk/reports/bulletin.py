"""The bulletin: its parts in order, from one basis, in each of its languages."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.forecasts.draws import quantiles
from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Document, Page, Publisher
from provrisk.reports.language import ENGLISH, given, say, speaking
from provrisk.reports.parts import (
    brief,
    changes,
    drivers,
    fans,
    foreword,
    glossary,
    method,
    notes,
    people,
    provinces,
    ranking,
    regions,
    scorecard,
)

PARTS = (
    brief, foreword, regions, provinces, ranking, fans, changes, people, scorecard, notes, drivers, method, glossary,
)  # fmt: skip


def compose(basis: Basis, languages: Sequence[str] = (ENGLISH,), publisher: Publisher | None = None) -> Document:
    """The whole issue as a draft: the same document for the same basis. The first of ``languages`` is the main one."""
    pages = {code: _page(basis, code) for code in languages}
    first, *others = pages
    with speaking(first, basis.study):
        document = _head(basis, pages[first])
    return document.model_copy(
        update={
            "publisher": publisher, "languages": tuple(pages), "translations": {code: pages[code] for code in others},
        }
    )  # fmt: skip


def _page(basis: Basis, code: str) -> Page:
    with speaking(code, basis.study):
        page = Page(
            language=code,
            title=say("{title}: {month}", title=given(basis.study.file.title), month=basis.month),
            facts={
                say("Data up to"): words.month(basis.issue.origin),
                say("Issued"): words.day(basis.issue.date),
                say("Source"): f"{basis.source}, {basis.study.file.source.licence}",
            },
        )
        for module in PARTS:
            if (part := module.part(basis)) is not None:
                page = page.with_part(part)
    return page


def _tested(basis: Basis) -> dict[str, dict[str, tuple[int, int, int]]]:
    """The backtest's forecasts at the issue's horizon, for the page that shows all months."""
    horizon, past = basis.issue.horizon, basis.past
    if horizon not in past.indexes["horizon"] or not past.sizes["origin"]:
        return {}
    chosen = past.sel(horizon=horizon).transpose("origin", "province", "draw")
    ends = np.moveaxis(quantiles(chosen.to_numpy(), [0.1, 0.5, 0.9]), 0, -1).astype(int).tolist()
    stamps = [months.label(pd.Timestamp(stamp)) for stamp in chosen.target_month.to_numpy()]
    places = [str(name) for name in chosen.indexes["province"]]
    return {
        stamp: {name: tuple(triple) for name, triple in zip(places, row, strict=True)}
        for stamp, row in zip(stamps, ends, strict=True)
    }


def _head(basis: Basis, page: Page) -> Document:
    issue = basis.issue
    return Document(
        **{name: getattr(page, name) for name in Page.model_fields},
        study=basis.study.name,
        month=months.label(issue.month),
        origin=months.label(issue.origin),
        issue_date=f"{issue.date:%Y-%m-%d}",
        horizon=issue.horizon,
        historical=issue.historical,
        final_data=basis.final_data,
        source=basis.source,
        digest=basis.panel.attrs["digest"],
        model=basis.titles.get(basis.champion, basis.champion),
        method=basis.method,
        seed=basis.seed,
        draws=basis.forecast.sizes["draw"],
        risk=tuple(json.loads(basis.risk.to_json(orient="records", double_precision=4))),
        country=json.loads(basis.country.to_frame().T.to_json(orient="records", double_precision=4))[0],
        scorecard=scorecard.figures(basis),
        tested=_tested(basis),
    )
