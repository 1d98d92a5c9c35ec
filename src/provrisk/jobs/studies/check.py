"""Missing and doubtful parts of a study."""

import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.protocol import protocol_origins
from provrisk.events.counting import counts as tables
from provrisk.features import drivers, neighbours
from provrisk.features.panel import build_panel
from provrisk.jobs.studies.borders import GUESS
from provrisk.jobs.studies.units import alike
from provrisk.study import Project, Study
from provrisk.study.towns import LARGEST

LONG = 360
"""Months without an event after which a province may have a new name."""
QUIET = 0.8
"""Above this share of zero counts, most scores are those of forecasting zero."""


@dataclass(frozen=True)
class Finding:
    """``kind`` is "missing" (the study cannot run) or "doubtful" (it can, but should be checked)."""

    kind: str
    what: str


def check_study(project: Project, name: str) -> list[Finding]:
    """All missing parts of the study, then all doubtful ones; empty if there are none.

    Raises ``ProvriskError`` if there is no such study, or its ``study.toml`` cannot be read.
    """
    study = project.study(name)
    missing, doubtful = [], []
    for part in (_provinces, _neighbours, _drivers, _counts):
        try:
            doubtful += part(study)
        except ProvriskError as error:
            missing.append(str(error))
    absent = [model for model in study.file.backtest.benchmarks if model not in project.models()]
    missing += [f"the benchmark {model!r} of study.toml has no file in models/" for model in absent]
    return [Finding("missing", what) for what in missing] + [Finding("doubtful", what) for what in doubtful]


def doubles(study: Study) -> list[tuple[str, str]]:
    """Pairs of provinces that may be one, by their names; the one in the official list, if any, is second."""
    codes = study.provinces.iso
    return alike(study.provinces.index, codes[codes != ""].to_dict())


def _some(names: pd.Index) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _provinces(study: Study) -> list[str]:
    table = study.provinces
    out = []
    for column, empty in {
        "coordinates": table[["latitude", "longitude"]].isna().any(axis=1),
        "population": table.population.isna(),
        "capital": table.capital == "",
        "ISO code": table.iso == "",
    }.items():
        if empty.any():
            out.append(f"provinces.csv gives no {column} for {_some(table.index[empty])}")
    out += [
        f"{one} and {other} look alike: if they are one, 'provrisk study check {study.name} --fix --merge "
        f"{shlex.quote(f'{one}={other}')}'"
        for one, other in doubles(study)
    ]
    guessed = table.index[table["place"].isin([LARGEST])] if "place" in table else table.index[:0]
    if len(guessed):
        out.append(f"the capital of {_some(guessed)} is only the largest town: check it")
    return out


def _neighbours(study: Study) -> list[str]:
    matrix = neighbours.adjacency(study)
    out = []
    lonely = study.provinces.index[matrix.sum(axis=1) == 0]
    if len(lonely) and len(study.provinces) > 1:
        out.append(f"neighbours.csv gives no neighbour to {_some(lonely)}")
    parts = connected_components(matrix, directed=False)[0]
    if parts > 1 and not len(lonely):
        out.append(f"by neighbours.csv the country has {parts} parts that do not touch")
    table = study.neighbours
    guessed = int((table["how"] == GUESS).sum()) if "how" in table else 0
    if guessed:
        out.append(f"neighbours.csv has {guessed} of {len(table)} borders only from the {GUESS}: check them on a map")
    return out


def _drivers(study: Study) -> list[str]:
    table = drivers.read(study)
    if table.empty:
        return ["there is no drivers.csv: no driver or election can be used as a feature"]
    unsure = int((~table.day_confirmed).sum())
    return [f"drivers.csv has {unsure} of {len(table)} drivers whose day is not confirmed"] if unsure else []


def _counts(study: Study) -> list[str]:
    table = tables.read_csv(study.bundled_counts, study)
    panel = build_panel(study, table)
    protocol = study.protocol(study.file.backtest.protocol)
    protocol_origins(panel, protocol)
    try:
        protocol_origins(panel, study.protocol(study.project.promotion().protocol))
    except ProvriskError as error:
        raise ProvriskError(f"'provrisk retrain' cannot run, by models/promotion.toml: {error}") from None
    counts = table[table.observed][study.file.target.column]
    out = []
    first = months.label(table.month.min())
    if first != study.file.first_month:
        out.append(f"study.toml begins in {study.file.first_month}, monthly.csv in {first}")
    gaps = 1 - table.observed.mean()
    if gaps:
        out.append(f"monthly.csv lacks {100 * gaps:.0f} % of months and provinces")
    length = table.month.nunique()
    newest = table[table[study.file.target.column] > 0].groupby("province").month.max()
    old = study.provinces.index[
        ~study.provinces.index.isin(newest[newest > months.shift(table.month.max(), -LONG)].index)
    ]
    if length >= LONG and len(old):
        out.append(f"no event for {LONG // 12} years in {_some(old)}: a name no longer in use?")
    empty = float((counts == 0).mean())
    if empty > QUIET:
        out.append(f"{100 * empty:.0f} % of counts by month and province are zero: use the scores of active provinces")
    if np.isclose(counts.sum(), 0):
        out.append("monthly.csv has no event")
    if protocol.origins is not None and protocol.origins < 24:
        out.append(f"the backtest has {protocol.origins} origins: too few to distinguish models (24 or more)")
    return out
