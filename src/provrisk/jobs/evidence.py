"""The evidence job: every claim of a study, tested on the record, and what each source counts."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION, files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.engine import backtest
from provrisk.evaluation.recipes import in_order
from provrisk.evaluation.store import BlockStore
from provrisk.events.figures import Figures, from_releases
from provrisk.events.releases import Store
from provrisk.features import drivers as dated
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import build_panel, panel_upto
from provrisk.jobs.sources import load_panel
from provrisk.models.registry import build
from provrisk.reports import html
from provrisk.reports.evidence import compose
from provrisk.risk.evidence import published
from provrisk.risk.evidence.record import Record
from provrisk.risk.evidence.testing import measure
from provrisk.risk.evidence.verdict import Verdict, as_records, verdicts
from provrisk.study import Project, Study
from provrisk.study.claims import AnyClaim, Counterfactual, Divergence, Published
from provrisk.tracking.registry import Registry
from provrisk.tracking.store import Tracker

FURTHEST, DRAWS = 12, 1000
"""Months that a counterfactual reaches, and its draws."""

FIRST, BURN_IN = 24, 12
"""Months of record before the first counterfactual, and of these the origins that combiners learn from."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Evidence:
    """The verdicts on a study's claims, with what they rest on: the record, and the recipe of the counterfactuals."""

    record: Record
    verdicts: list[Verdict]
    recipe: str
    source: str


def run_evidence(
    project: Project,
    study: Study,
    *,
    seed: int = 1,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Evidence:
    """Test every claim of ``hypotheses.toml``; p-values of all of them are corrected together.

    Counterfactuals come from the champion's recipe or, where there is no champion yet, from the challenger of
    ``models/promotion.toml``.
    """
    figures, _ = load_panel(project, study)
    recipe = recipe_of(project, study)
    claims = claims_of(study)
    wanted = any(isinstance(claim, Counterfactual) for claim in claims.values())
    forecasts = counterfactuals(project, study, figures, recipe, seed, workers, progress) if wanted else None
    record = record_of(project, study, figures, forecasts, seed)
    found = {name: measure(claim, record) for name, claim in claims.items()}
    return Evidence(record, verdicts(claims, found, record.thresholds), recipe, figures.source)


def claims_of(study: Study) -> dict[str, AnyClaim]:
    """The claims of ``hypotheses.toml`` by identifier; raises ``ProvriskError`` if there is none."""
    if not study.hypotheses.claims:
        raise ProvriskError(f"{study.folder / 'hypotheses.toml'} holds no claim: write one, see docs/evidence.md.")
    return study.hypotheses.claims


def recipe_of(project: Project, study: Study) -> str:
    """The name of the champion's recipe, or of the challenger where there is no champion."""
    champion = Registry(Tracker(project, study)).champion()
    return champion.name if champion else project.promotion().challenger


def record_of(project: Project, study: Study, figures: Figures, forecasts: xr.DataArray | None, seed: int) -> Record:
    """The record that claims are held against: every feature, the drivers, and the other sources that claims name."""
    every = with_every_feature(study)
    named = {claim.sees for claim in study.hypotheses.claims.values() if isinstance(claim, Divergence)}
    store = Store(project.releases)
    others = {}
    for key in sorted(named):
        if releases := store.releases(key):
            table = from_releases(study, store, releases).counts
            others[key] = table.set_index(["month", "province"])[study.file.target.column].to_xarray()
    return Record(
        study=study,
        thresholds=study.hypotheses.thresholds,
        panel=build_panel(every, figures.counts, figures.source),
        drivers=dated.read(study),
        forecasts=forecasts,
        others=others,
        seed=seed,
    )


def counterfactuals(
    project: Project, study: Study, figures: Figures, recipe: str, seed: int, workers: int, progress: Progress
) -> xr.DataArray:
    """The recipe's forecast at every month of the record, a year ahead: (origin, province, horizon, draw).

    Blocks are kept as those of any backtest are, so that only the first call is slow. Raises ``ProvriskError`` if the
    record is too short.
    """
    far = replace(study, file=study.file.model_copy(update={"horizons": FURTHEST}))
    panel = build_panel(far, figures.counts, figures.source)
    first, last = months.shift(panel.indexes["month"][0], FIRST - 1), months.parse(panel.attrs["origin"])
    origins = months.span(first, months.shift(last, -1))
    if not len(origins):
        raise ProvriskError(f"{figures.source} has fewer than {FIRST + 1} months: too few to test a claim on.")
    every = {name: build(name, file) for name, file in project.models().items()}
    run = backtest(
        partial(panel_upto, panel),
        {name: every[name] for name in in_order(every, [recipe])},
        origins,
        range(1, FURTHEST + 1),
        DRAWS,
        study.hypotheses.thresholds.refit_every,
        seed,
        burn_in=BURN_IN,
        workers=workers,
        store=BlockStore(project.blocks / study.name),
        progress=progress,
    )
    return run.forecasts[recipe]


def write(project: Project, evidence: Evidence) -> Path:
    """Write the page and the verdicts to ``reports/STUDY/evidence/``; returns the folder."""
    study = evidence.record.study
    folder = project.reports / study.name / "evidence"
    page = compose(evidence.record, evidence.verdicts, evidence.recipe)
    files.write(folder / "evidence.html", html.render(page))
    record = {"source": evidence.source, "digest": evidence.record.panel.attrs["digest"], "recipe": evidence.recipe}
    record |= {"seed": evidence.record.seed, "method": METHOD_VERSION}
    content = record | {"verdicts": as_records(evidence.verdicts)}
    files.write(folder / "evidence.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return folder


def compare_sources(project: Project, study: Study) -> tuple[pd.DataFrame, list[str]]:
    """Published yearly figures beside the study's own, and what must be said with them.

    The notes are what the claims about published figures come to.
    """
    figures, panel = load_panel(project, study)
    table = published.side_by_side(study, figures.counts, figures.source)
    record = Record(study, study.hypotheses.thresholds, panel, dated.read(study))
    claims = {name: one for name, one in study.hypotheses.claims.items() if isinstance(one, Published)}
    judged = verdicts(claims, {name: measure(one, record) for name, one in claims.items()}, record.thresholds)
    return table, [f"{one.id}, “{one.claim.claim}”: {one.word}. {one.why}" for one in judged]
