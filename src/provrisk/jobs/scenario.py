"""The scenario job: the champion's forecast with and without a supposed driver, and the basis of the difference."""

import json
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION, files, months, notebook, seeds
from provrisk.errors import ProvriskError
from provrisk.features import drivers as dated
from provrisk.features.neighbours import adjacency
from provrisk.jobs.champion_forecast import champion_forecast
from provrisk.jobs.evidence import FURTHEST, counterfactuals, record_of
from provrisk.jobs.snapshot import load_snapshot
from provrisk.jobs.work import Work
from provrisk.reports.pages import scenario as page
from provrisk.reports.render import html
from provrisk.risk.evidence import distributed_lag
from provrisk.risk.evidence.past_effects import past_effect
from provrisk.risk.evidence.record import Record
from provrisk.risk.scenario import Change, Spillover, compared, with_changes
from provrisk.study import Study
from provrisk.study.scenario_file import ScenarioFile, Supposed
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Tracker
from provrisk.tracking.session import apart

NEIGHBOURS = "neighbours_lag_1"
WINDOWS = (1, 3, 6, FURTHEST)
"""Months over which a past effect is estimated: the shortest that includes all months changed by the scenario."""


@dataclass(frozen=True)
class Scenario:
    """A finished scenario: the comparison by month and province, and its basis in sentences and tables."""

    file: ScenarioFile
    table: pd.DataFrame
    assumptions: tuple[str, ...]
    cases: dict[str, pd.DataFrame]
    facts: dict[str, str]

    def __repr__(self) -> str:
        return f"Scenario({self.file.name!r}, {len(self.table)} months and provinces)"

    def _repr_html_(self) -> str:
        first = min(one.month for one in self.file.suppose)
        rows = self.table[self.table.month == first].sort_values("expected_with", ascending=False, kind="stable")
        shown = pd.DataFrame(
            {
                "province": rows.province,
                "without": rows.expected_without.map("{:.1f}".format),
                "with": rows.expected_with.map("{:.1f}".format),
                "difference": rows.difference.map("{:+.1f}".format),
            }
        )
        return notebook.table(f"{first}: expected attacks without and with it", shown, " ".join(self.assumptions))


@apart()
def run_scenario(study: Study, file: ScenarioFile, work: Work = Work()) -> Scenario:
    """The champion's forecast from the newest data, with and without the drivers of ``file``.

    Effects without a range of ratios are estimated from past drivers of the type (``effects.past_effect``), for which a
    forecast from every month of the data is needed: the first such call is slow. Raises ``ProvriskError`` for a month
    that the forecast does not reach, an unknown province, or a type without a past.
    """
    snapshot = load_snapshot(study)
    panel, seed = snapshot.panel, work.seed
    champion = Registry(Tracker(study)).champion()
    if champion is None:
        raise ProvriskError("There is no champion yet: run 'provrisk run' first.")
    draws = study.draws
    forecast, _ = champion_forecast(snapshot, champion, draws, seed)
    _check(study, file, forecast)
    estimated = any(one.ratio is None for one in file.suppose)
    figures = snapshot.figures
    rules = study.hypotheses.thresholds
    past = cache(partial(counterfactuals, study, figures, rules, work)) if estimated else None
    record = record_of(study, figures, past, seed)
    rng = seeds.generator(seed, study.name, "scenario", panel.attrs["origin"], file.model_dump_json())
    changes, assumptions, cases = [], [], {}
    for one in file.suppose:
        ratio, said, table = _ratio(one, record, forecast, rng)
        changes.append(Change(one.provinces, months.parse(one.month), ratio))
        assumptions.append(said)
        if table is not None:
            cases[one.driver] = table
    spillover, said = _spillover(study, record, draws, rng)
    after = with_changes(forecast, changes, spillover, rng)
    facts = {
        "Forecast": f"{champion.name}, version {champion.version}; {draws:,} draws, seed {seed}; "
        f"method {METHOD_VERSION}",
        "Data": f"{panel.attrs['source']}, up to {panel.attrs['origin']}; digest {panel.attrs['digest']}",
    }
    table = compared(forecast, after, study.file.risk)
    return Scenario(file, table, (*assumptions, said), cases, facts)


def write(study: Study, scenario: Scenario) -> Path:
    """Write page, table and record to ``reports/STUDY/scenarios/NAME/``; returns the folder."""
    folder = study.reports / "scenarios" / scenario.file.name
    composed = page.compose(study, scenario.file, scenario.table, scenario.assumptions, scenario.cases, scenario.facts)
    files.write(folder / "scenario.csv", files.csv_of(scenario.table.round(4)))
    files.write(folder / "scenario.html", html.render(composed))
    content = {"scenario": scenario.file.model_dump(mode="json"), "assumptions": scenario.assumptions, **scenario.facts}
    files.write(folder / "scenario.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return folder


def _check(study: Study, file: ScenarioFile, forecast: xr.DataArray) -> None:
    target = pd.DatetimeIndex(forecast.target_month.to_numpy())
    for one in file.suppose:
        if not target[0] <= months.parse(one.month) <= target[-1]:
            reach = f"{months.label(target[0])} to {months.label(target[-1])}"
            raise ProvriskError(f"There is no forecast for {one.month}: the forecast months are {reach}.")
        for name in one.provinces:
            if name not in study.provinces.index:
                raise ProvriskError(f"{name!r} is no province of {study.name}: use the names in provinces.csv.")


def _ratio(
    one: Supposed, record: Record, forecast: xr.DataArray, rng: np.random.Generator
) -> tuple[np.ndarray, str, pd.DataFrame | None]:
    """Draws of the rate ratio, the assumption as a sentence, and the past cases."""
    draws = forecast.sizes["draw"]
    where = f"{', '.join(one.provinces)} from {months.spelled(months.parse(one.month))} on"
    if one.ratio is not None:
        low, high = one.ratio
        ratio = np.exp(rng.uniform(np.log(low), np.log(high), draws))
        return (
            ratio,
            f"{one.driver}: attacks in {where} are {low:g} to {high:g} times as many, as assumed by you.",
            None,
        )
    kind = _kind(one.driver, record.drivers)
    target = pd.DatetimeIndex(forecast.target_month.to_numpy())
    affected = int((target >= months.parse(one.month)).sum())
    window = min(window for window in WINDOWS if window >= affected)
    found = past_effect(record, kind, window, draws, rng)
    low, middle, high = np.quantile(found.draws, [0.1, 0.5, 0.9])
    number = len(found.cases)
    said = (
        f"{kind}: {record.study.file.target.many} in {where} change as they did in {number} past "
        f"{'case' if number == 1 else 'cases'} of this type over {window} months: {middle:.2f} times as many "
        f"(80 % interval {low:.2f} to {high:.2f}, from the forecasts' own uncertainty and from how far off they are in "
        "other months)."
    )
    return found.draws, said, found.cases


def _kind(driver: str, table: pd.DataFrame) -> str:
    """The type of driver that ``driver`` names, in the spelling of drivers.csv."""
    known = {dated.slug(kind): kind for kind in table.type}
    if dated.slug(driver) not in known:
        raise ProvriskError(
            f"{dated.SOURCE} has no driver of the type {driver!r}; known are {', '.join(sorted(known))}."
        )
    return str(known[dated.slug(driver)])


def _spillover(study: Study, record: Record, draws: int, rng: np.random.Generator) -> tuple[Spillover | None, str]:
    """The estimated effect of neighbours; none if it cannot be estimated."""
    level = record.thresholds.level
    try:
        found = distributed_lag.respond(
            record.panel, NEIGHBOURS, [0], list(study.provinces.index), level, doubling=True
        )
    except ProvriskError as reason:
        return None, f"No effect on neighbours is included, since it cannot be estimated: {reason}."
    ratio, low, high = found.table.loc["all together"]
    effect = rng.normal(found.log_effect, found.error, draws)
    said = (
        f"Neighbours follow a month later, as estimated from the data: {ratio:.2f} times as many for a doubling "
        f"around them ({100 * level:.0f} % interval {low:.2f} to {high:.2f})."
    )
    return Spillover(effect, adjacency(study)), said
