"""The bulletin: its parts in order, from one basis, in each of its languages."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.forecasts.quantiles import quantiles
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import (
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
from provrisk.reports.document import Document, Page, Publisher
from provrisk.reports.language import ENGLISH, say, speaking, translated

PARTS = (
    brief, foreword, regions, provinces, ranking, fans, changes, people, scorecard, notes, drivers, method, glossary,
)  # fmt: skip


def compose(
    content: BulletinContent, languages: Sequence[str] = (ENGLISH,), publisher: Publisher | None = None
) -> Document:
    """The whole issue as a draft: the same document for the same basis. The first of ``languages`` is the main one."""
    pages = {code: _page(content, code) for code in languages}
    first, *others = pages
    with speaking(first, content.study):
        document = _head(content, pages[first])
    return document.model_copy(
        update={
            "publisher": publisher, "languages": tuple(pages), "translations": {code: pages[code] for code in others},
        }
    )  # fmt: skip


def _page(content: BulletinContent, code: str) -> Page:
    with speaking(code, content.study):
        page = Page(
            language=code,
            title=say("{title}: {month}", title=translated(content.study.file.title), month=content.month),
            facts={
                say("Data up to"): words.month(content.issue.origin),
                say("Issued"): words.day(content.issue.date),
                say("Source"): f"{content.source}, {content.study.file.source.licence}",
            },
        )
        for module in PARTS:
            if (part := module.part(content)) is not None:
                page = page.with_part(part)
    return page


def _tested(content: BulletinContent) -> dict[str, dict[str, tuple[int, int, int]]]:
    """The backtest's forecasts at the issue's horizon, for the page that shows all months."""
    horizon, past = content.issue.horizon, content.past
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


def _head(content: BulletinContent, page: Page) -> Document:
    issue = content.issue
    return Document(
        **{name: getattr(page, name) for name in Page.model_fields},
        study=content.study.name,
        month=months.label(issue.month),
        origin=months.label(issue.origin),
        issue_date=f"{issue.date:%Y-%m-%d}",
        horizon=issue.horizon,
        historical=issue.historical,
        final_data=content.final_data,
        source=content.source,
        digest=content.panel.attrs["digest"],
        model=content.titles.get(content.champion, content.champion),
        method=content.method,
        seed=content.seed,
        draws=content.forecast.sizes["draw"],
        risk=tuple(json.loads(content.risk.to_json(orient="records", double_precision=4))),
        country=json.loads(content.country.to_frame().T.to_json(orient="records", double_precision=4))[0],
        scorecard=scorecard.figures(content),
        tested=_tested(content),
    )
