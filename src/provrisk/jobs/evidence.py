"""The evidence job: every claim of a study, tested on the data, and the published figures."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Literal

import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION, files, journal, months, notebook
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.block_store import BlockStore, recipe_key
from provrisk.evaluation.backtest.engine import backtest
from provrisk.evaluation.backtest.protocol import Setup
from provrisk.evaluation.backtest.recipes import in_order, joined
from provrisk.events.counting.load import LoadedCounts, from_releases, load_counts
from provrisk.events.releases.release_store import Store
from provrisk.features import drivers as dated
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import build_panel, panel_upto
from provrisk.jobs.snapshot import load_snapshot
from provrisk.jobs.work import Work
from provrisk.models.base import Combiner, Model
from provrisk.models.from_file import build
from provrisk.reports.charts import published_panels
from provrisk.reports.pages.evidence import compose
from provrisk.reports.render import html
from provrisk.risk.evidence import ledger
from provrisk.risk.evidence.record import Record
from provrisk.risk.evidence.run_tests import measure, measure_name
from provrisk.risk.evidence.side_by_side import side_by_side
from provrisk.risk.evidence.verdict import Verdict, as_records, verdicts
from provrisk.stored_results import StoredResults
from provrisk.study import Study
from provrisk.study.claims import Claim, Counterfactual, Divergence, Published, Thresholds
from provrisk.text import unlinked

FURTHEST, DRAWS = 12, 1000
"""Months of a counterfactual forecast, and its draws."""

FIRST, BURN_IN = 24, 12
"""Months of data before the first counterfactual, and of these the origins for fitting combiners."""


@dataclass(frozen=True)
class Evidence:
    """The verdicts on a study's claims, with their data."""

    record: Record
    verdicts: list[Verdict]
    source: str

    def of(self, claim: str) -> "Evidence":
        """The same with the verdict on one claim alone, or with ``all``."""
        return replace(self, verdicts=[one for one in self.verdicts if claim in ("all", one.id)])

    def __repr__(self) -> str:
        return f"Evidence({', '.join(f'{one.id}: {one.word}' for one in self.verdicts)})"

    def _repr_html_(self) -> str:
        rows = [(one.id, one.claim.claim, one.word, unlinked(one.why)) for one in self.verdicts]
        shown = pd.DataFrame(rows, columns=["", "claim", "verdict", "why"])
        return notebook.table("Claims compared with the data", shown, f"Tested on {self.source}.")


def run_evidence(study: Study, work: Work = Work()) -> Evidence:
    """Test every claim of ``hypotheses.toml``; p-values of all of them are corrected together."""
    claims = study.claims
    asked = [test for _, test in study.hypotheses.tests() if isinstance(test, Counterfactual)]
    elsewhere = sorted({test.study for test in asked if test.study} & set(study.project.study_names()))
    share = _shared(work, len(elsewhere) + any(not test.study for test in asked))
    loaded = load_counts(study)
    own = any(not test.study for test in asked)
    rules = study.hypotheses.thresholds
    forecasts = cache(partial(counterfactuals, study, loaded, rules, next(share))) if own else None
    others = {}
    for name in elsewhere:
        places = sorted({place for test in asked if test.study == name for place in test.provinces})
        others[name] = _other_record(study, name, places, next(share))
    record = record_of(study, loaded, forecasts, work.seed)
    record = replace(record, elsewhere=others, keep=_kept(study, record.panel, rules, work.seed))
    return Evidence(record, verdicts(claims, _measured(claims, record), record.thresholds), loaded.source)


def _measured(claims: Mapping[str, Claim], record: Record) -> dict[str, list]:
    return {
        name: [(measure_name(test, record), measure(test, record)) for test in claim.tests]
        for name, claim in claims.items()
    }


def _shared(work: Work, parts: int) -> Iterator[Work]:
    """``work`` in as many ``parts``, whose progress together is that of the whole, in per cent."""

    def share(part: int, what: str, done: int, total: int) -> None:
        work.progress(what, round(100 * (part + done / total) / parts), 100)

    return (replace(work, progress=partial(share, part)) for part in range(parts))


def record_of(study: Study, loaded: LoadedCounts, forecasts: Callable[[], xr.DataArray] | None, seed: int) -> Record:
    """The data for testing claims: all features, the drivers, the published figures, and other named sources."""
    every = with_every_feature(study)
    named = {test.sees for _, test in study.hypotheses.tests() if isinstance(test, Divergence)}
    store = Store(study.project.releases)
    others = {}
    for key in sorted(named):
        if releases := store.releases(key):
            table = from_releases(study, store, releases).counts
            others[key] = table.set_index(["month", "province"])[study.file.target.column].to_xarray()
    return Record(
        study=study,
        thresholds=study.hypotheses.thresholds,
        panel=build_panel(every, loaded.counts, loaded.source),
        drivers=dated.read(study),
        forecasts=forecasts,
        others=others,
        ledger=ledger.read(study),
        seed=seed,
    )


def _other_record(study: Study, name: str, places: list[str], work: Work) -> Record:
    """The data of the study ``name``, another measure for claims of ``study``, in its provinces ``places``.

    Alternative causes are all drivers of ``study``: its places are all inside those of the other study.
    """
    other = study.project.study(name)
    if unknown := set(places) - set(other.provinces.index):
        raise ProvriskError(
            f"A claim of {study.name} names {min(unknown)!r}, which is not in the study {name}: correct it."
        )
    loaded = load_counts(other)
    # Features cover all provinces of the study; only some are used here.
    bare = replace(other, file=other.file.model_copy(update={"features": ()}))
    drivers = dated.read(study)
    drivers["provinces"] = [places] * len(drivers)
    rules, panel = study.hypotheses.thresholds, build_panel(bare, loaded.counts, loaded.source).sel(province=places)
    return Record(
        study=other,
        thresholds=rules,
        panel=panel,
        drivers=drivers,
        forecasts=cache(partial(counterfactuals, bare, loaded, rules, work, places)),
        seed=work.seed,
        keep=_kept(bare, panel, rules, work.seed),
    )


def _kept(study: Study, panel: xr.Dataset, rules: Thresholds, seed: int) -> StoredResults:
    """What was computed from the counterfactuals of ``study`` in the provinces of ``panel``, beside their blocks."""
    project = study.project
    recipes, joint = _recipes(study, rules)
    inputs = journal.inputs(project.root, project.home, study.name)
    seen = (panel.attrs["digest"], list(panel.indexes["province"]), study.file.features, inputs)
    return StoredResults(study.blocks, *seen, recipe_key(joint, recipes), rules, seed)


def counterfactuals(
    study: Study, loaded: LoadedCounts, rules: Thresholds, work: Work, places: Sequence[str] | None = None
) -> xr.DataArray:
    """A forecast from every month of ``study``'s data, a year ahead: (origin, province, horizon, draw).

    It is made by the recipe that the thresholds name as ``rules``, from the provinces ``places`` alone where they are
    given. Blocks are kept as those of any backtest are, so that only the first call is slow. Raises
    ``ProvriskError`` if there are too few months.
    """
    recipes, joint = _recipes(study, rules)
    # Features that the recipe does not use would only cost time at every origin.
    looked_at = any(getattr(recipe, "families", ()) for recipe in recipes.values())
    features = study.file.features if looked_at else ()
    far = replace(study, file=study.file.model_copy(update={"horizons": FURTHEST, "features": features}))
    panel = build_panel(far, loaded.counts, loaded.source)
    panel = panel if places is None else panel.sel(province=list(places))
    first, last = months.shift(panel.indexes["month"][0], FIRST - 1), months.parse(panel.attrs["origin"])
    origins = months.span(first, months.shift(last, -1))
    if not len(origins):
        raise ProvriskError(f"{loaded.source} has fewer than {FIRST + 1} months: too few to test a claim on.")
    run = backtest(
        partial(panel_upto, panel),
        recipes,
        origins,
        Setup(range(1, FURTHEST + 1), DRAWS, rules.refit_every, work.seed, BURN_IN),
        workers=work.workers,
        store=BlockStore(study.blocks),
        progress=work.progress_of("Forecasts"),
    )
    return complete(run.forecasts[joint], run.failures)


def _recipes(study: Study, rules: Thresholds) -> tuple[dict[str, Model | Combiner], str]:
    """The recipe of counterfactuals with its members, and its name."""
    every, joint = joined({name: build(name, file) for name, file in study.project.models().items()}, rules.recipe)
    return {name: every[name] for name in in_order(every, [joint])}, joint


def complete(forecasts: xr.DataArray, failures: pd.DataFrame) -> xr.DataArray:
    """``forecasts`` from the first origin at which all members of the recipe forecast.

    Some members need more data than others: before that, the ratios would be those of another model.
    ``failures`` has a row for each model and origin without a forecast; a model that never forecasts is ignored.
    """
    origins = forecasts.indexes["origin"]
    begins = [origins.difference(pd.DatetimeIndex(own.origin)) for _, own in failures.groupby("model")]
    begin = max((there[0] for there in begins if len(there)), default=origins[0])
    return forecasts.sel(origin=slice(begin, None))


def write(evidence: Evidence) -> Path:
    """Write the page and the verdicts to ``reports/STUDY/evidence/``; returns the folder."""
    study = evidence.record.study
    folder = study.reports / "evidence"
    page = compose(evidence.record, evidence.verdicts)
    files.write(folder / "evidence.html", html.render(page))
    record = {"source": evidence.source, "digest": evidence.record.panel.attrs["digest"]}
    record |= {"recipe": evidence.record.thresholds.recipe, "seed": evidence.record.seed, "method": METHOD_VERSION}
    content = record | {"verdicts": as_records(evidence.verdicts)}
    files.write(folder / "evidence.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return folder


def draw_ledger(study: Study, suffix: str) -> bytes:
    """All published figures as a picture, PNG or SVG by ``suffix``: one panel for each definition."""
    if suffix not in (".png", ".svg"):
        raise ProvriskError(f"A picture is written as .png or .svg, not as {suffix or 'a file without an ending'!r}.")
    drawn = published_panels.ledger(ledger.read(study), list(study.provinces.index))
    if not drawn:
        raise ProvriskError(f"{study.folder / ledger.FILE} has too few figures of any definition for a picture.")
    return published_panels.picture(drawn, suffix)


def compare_sources(
    study: Study, by: Literal["year", "month"] = "year", year: int | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Published figures by year or by month, beside the study's own, and notes on them.

    The notes give the verdicts on claims about single figures, and contradictions between figures. With ``year``
    only figures of that year are returned.
    """
    snapshot = load_snapshot(study)
    loaded = snapshot.figures
    book = ledger.read(study)
    table = side_by_side(study, book, loaded.counts, loaded.source, by)
    if year is not None:
        table = table[table[by].astype(str).str.startswith(str(year))]
        book = book if book.empty else book[(book.first_day.dt.year <= year) & (book.last_day.dt.year >= year)]
    record = Record(study, study.hypotheses.thresholds, snapshot.panel, dated.read(study), ledger=ledger.read(study))
    notes = []
    for name, test in study.hypotheses.tests():
        if isinstance(test, Published) and (found := measure(test, record)):
            claim = study.hypotheses.claims[name].model_copy(update={"tests": (test,)})
            (judged,) = verdicts({name: claim}, {name: [(measure_name(test, record), found)]}, record.thresholds)
            notes.append(f"{name}, “{claim.claim}”: {judged.word}. {unlinked(judged.why)}")
    return table, [*notes, *(f"Contradiction: {unlinked(said)}" for said in ledger.contradictions(book))]
