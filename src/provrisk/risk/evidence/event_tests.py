"""Claims about dated events: the event's rate ratio among those of all other months.

The three tests differ in what is expected (a forecast, other provinces, another source), not in what is made of the
ratio.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.sources.registry import SOURCES
from provrisk.risk.evidence import rate_ratios as of
from provrisk.risk.evidence.placebo import Placebo, placebo
from provrisk.risk.evidence.rate_ratios import Ratios
from provrisk.risk.evidence.record import Record, detectable, interval
from provrisk.risk.evidence.result import NotTestableError, TestResult, p_values
from provrisk.study.claims import Counterfactual, Difference, Divergence

AnEvent = Counterfactual | Difference | Divergence


def counterfactual(claim: Counterfactual, record: Record) -> TestResult:
    """Observed over forecast; see ``ratios.counterfactual``."""
    if claim.study and claim.study not in record.elsewhere:
        raise NotTestableError(f"the project has no study {claim.study}", f"that study in features/{claim.study}")
    record = record.of(claim)
    if record.forecasts is None:
        raise NotTestableError("there is no forecast to compare with", "a champion: run 'provrisk retrain' first")
    return _event(claim, record, record.against_forecasts)


def difference(claim: Difference, record: Record) -> TestResult:
    """How the provinces moved over how the controls moved; see ``ratios.relative``."""
    control = of.total(record.counts, claim.controls)
    return _event(
        claim, record,
        lambda names, windows: of.relative(of.total(record.counts, names), control, windows, claim.before),
    )  # fmt: skip


def divergence(claim: Divergence, record: Record) -> TestResult:
    """How one source's counts moved over how the study's own moved; see ``ratios.relative``."""
    if claim.sees not in record.others:
        name = SOURCES[claim.sees].name if claim.sees in SOURCES else claim.sees
        raise NotTestableError(
            f"the claim is about two definitions, and the store holds no release of {name}",
            f"a release of {name} that covers {claim.month} and the {claim.before} months before",
        )
    seen = record.others[claim.sees]

    def ratio(names: Sequence[str], windows: Sequence[int]) -> Ratios:
        own = of.total(record.counts, names)
        return of.relative(of.total(seen, names).reindex(own.index), own, windows, claim.before)

    return _event(claim, record, ratio)


def _event(claim: AnEvent, record: Record, ratio_of: Callable[[Sequence[str], Sequence[int]], Ratios]) -> TestResult:
    """A dated event: its ratio among those of all other months, the months before it, and what else happened."""
    rules, month, window = record.thresholds, months.parse(claim.month), claim.window
    last = months.shift(month, window - 1)
    if last > record.end:
        span = f"{claim.month} to {months.label(last)}"
        raise NotTestableError(
            f"the record ends in {months.label(record.end)} and the test looks at {span}",
            f"a release of {record.study.file.source.name} that reaches {months.label(last)}",
        )
    places = record.places(claim.provinces)
    if unknown := set(places) - set(record.panel.indexes["province"]):
        raise ProvriskError(
            f"A claim names {sorted(unknown)[0]!r}, which the study {record.study.name} lacks: correct it."
        )
    ratios = ratio_of(places, sorted({*claim.windows, rules.pre_trend_months}))
    if month not in ratios.ratio.index or not np.isfinite(ratios.ratio.loc[month, window]):
        raise NotTestableError(
            f"there is no ratio for {claim.month}", "a record that begins earlier and has no gap there"
        )
    expected = float(ratios.expected.loc[month, window])
    if expected < rules.least_expected:
        raise NotTestableError(
            f"only {expected:.1f} {record.study.file.target.many} were expected, too few to detect a change",
            f"provinces or windows with at least {rules.least_expected:g}",
        )
    judged = placebo(ratios.ratio[window], month, window)
    if len(judged.placebos) < rules.least_placebos:
        raise NotTestableError(
            f"there are only {len(judged.placebos)} other months to compare with", f"at least {rules.least_placebos}"
        )
    p_for, p_against = p_values(judged, claim.direction, claim.margin)
    low, high = judged.interval(rules.level)
    begin, end = months.shift(month, -rules.pre_trend_months), months.shift(month, window)
    nearby = in_reach(record, places, claim.drivers, begin, end)
    by_place = {"all together": ratios} | {name: ratio_of([name], claim.windows) for name in places if len(places) > 1}
    return TestResult(
        said=_said(record, ratios, judged, month, window, (low, high)),
        estimate=judged.estimate, low=low, high=high, p_for=p_for, p_against=p_against,
        detectable=lambda alpha: detectable(claim.direction, claim.margin, judged.detectable, alpha, rules.power),
        rivals=rivals(nearby), before=_before(ratios, record, month, window), named=dated(nearby),
        tables={"By province and window": _figures(month, claim.windows, rules.level, by_place)},
        placebo=judged, brief=_brief(record, ratios, judged, month, window, (low, high)),
    )  # fmt: skip


def _said(
    record: Record, ratios: Ratios, judged: Placebo, month: pd.Timestamp, window: int, bounds: tuple[float, float]
) -> str:
    observed, expected = ratios.observed.loc[month, window], ratios.expected.loc[month, window]
    return (
        f"In the {window} months from {months.spelled(month)} {observed:,.0f} {record.study.file.target.many} were "
        f"observed and {expected:,.0f} were expected: a ratio of {judged.estimate:.2f} "
        f"({interval(*bounds, record.thresholds.level)}). {100 * judged.percentile:.0f} % of {len(judged.placebos)} "
        "other months have a lower one."
    )


def _brief(
    record: Record, ratios: Ratios, judged: Placebo, month: pd.Timestamp, window: int, bounds: tuple[float, float]
) -> str:
    observed, expected = ratios.observed.loc[month, window], ratios.expected.loc[month, window]
    return (
        f"{observed:,.0f} {record.study.file.target.many} were observed in the {window} months from "
        f"{months.spelled(month)} and {expected:,.0f} were expected, {judged.estimate:.2f} times as many "
        f"({record.panel.attrs['source']}; {interval(*bounds, record.thresholds.level)})"
    )


def _figures(month: pd.Timestamp, windows: Sequence[int], level: float, by_place: Mapping[str, Ratios]) -> pd.DataFrame:
    """A row a place and window: observed, expected, ratio, interval and rank among placebos, the forecast's spread."""
    rows = []
    for place, ratios in by_place.items():
        for window in windows:
            ratio = ratios.ratio[window]
            if not np.isfinite(ratio[month]):
                continue
            judged = placebo(ratio, month, window)
            low, high = judged.interval(level) if len(judged.placebos) else (np.nan, np.nan)
            rows.append({
                "province": place, "months": window,
                "observed": ratios.observed.loc[month, window], "expected": ratios.expected.loc[month, window],
                "ratio": judged.estimate, "low": low, "high": high,
                "forecast low": ratios.low.loc[month, window], "forecast high": ratios.high.loc[month, window],
                "placebos below": judged.percentile, "placebos": len(judged.placebos),
            })  # fmt: skip
    return pd.DataFrame(rows).set_index("province")


def _before(ratios: Ratios, record: Record, month: pd.Timestamp, window: int) -> dict[int, str]:
    """Whether the months before the event had moved already: in words, by the way they moved."""
    rules = record.thresholds
    length = rules.pre_trend_months
    start = months.shift(month, -length)
    series = ratios.ratio[length]
    if start not in series.index or not np.isfinite(series[start]):
        return {}
    judged = placebo(series, start, length, reach=length + window)
    way = {1: judged.p_above(1.0), -1: judged.p_below(1.0)}
    return {
        sign: f"what had begun in the {length} months before (ratio {judged.estimate:.2f} already)"
        for sign, p in way.items()
        if p <= rules.alpha
    }


def in_reach(
    record: Record, places: Sequence[str], own: Sequence[str], begin: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """The dated drivers in ``places`` that began from ``begin`` to before ``end``, but for the claim's ``own``."""
    table = record.drivers
    touched = table.provinces.map(lambda names: bool(set(names) & set(places))).astype(bool)
    return table[(table.start >= begin) & (table.start < end) & touched & ~table.id.isin(own)]


def rivals(table: pd.DataFrame) -> dict[int, tuple[str, ...]]:
    """Drivers that could have moved the counts up (+1) or down (-1) instead; of unknown direction: either."""
    table = table[~table.endogenous.astype(bool)]
    expected = table.get("expected_direction", pd.Series("?", table.index)).astype(str)
    out = {}
    for way, sign in ((1, "+"), (-1, "-")):
        chosen = table[expected.str.contains(sign, regex=False) | expected.str.contains("?", regex=False)]
        out[way] = dated(chosen)
    return out


def dated(drivers: pd.DataFrame) -> tuple[str, ...]:
    """Drivers as a reader wants them: name and month."""
    return tuple(f"{name} ({start:%B %Y})" for name, start in zip(drivers.name, drivers.start, strict=True))
