"""The tests, one a kind: each gives figures, or says why it cannot be run and what it would need."""

from collections.abc import Callable
from typing import Any

from provrisk.errors import ProvriskError
from provrisk.risk.evidence import before_after, descriptive, event_tests, published_by_province, published_claims
from provrisk.risk.evidence import distributed_lag as lag
from provrisk.risk.evidence.record import Record, detectable, interval
from provrisk.risk.evidence.result import NotTestableError, TestResult, p_values
from provrisk.study.claims import (
    AnyTest,
    BeforeAfter,
    Counterfactual,
    Difference,
    Divergence,
    Lag,
    Published,
    Rank,
    Share,
    Shown,
    Total,
    Untestable,
)


def distributed_lag(claim: Lag, record: Record) -> TestResult:
    """The rate ratio of a standing driver; see ``lag.respond``."""
    rules = record.thresholds
    if claim.variable not in record.panel:
        raise NotTestableError(
            f"the panel has no variable {claim.variable}",
            f"{claim.variable} in study.toml, as an outside series or a neighbouring study",
        )
    places = record.places(claim.provinces)
    try:
        found = lag.respond(record.panel, claim.variable, claim.lags, places, rules.level, claim.per == "doubling")
    except ProvriskError as error:
        raise NotTestableError(str(error), f"a record in which {claim.variable} moves") from None
    p_for, p_against = p_values(found, claim.direction, claim.margin)
    ratio, low, high = found.table.loc["all together"]
    meaning = record.panel[claim.variable].attrs["meaning"]
    what = f"{'A unit' if claim.per == 'unit' else 'A doubling'} of {claim.variable} ({meaning})"
    return TestResult(
        said=f"{what} goes with a rate of {record.study.file.target.many} {ratio:.2f} times as high "
        f"({interval(low, high, rules.level)}; {found.rows:,} months and provinces).",
        estimate=float(ratio), low=float(low), high=float(high), p_for=p_for, p_against=p_against,
        detectable=lambda alpha: detectable(claim.direction, claim.margin, found.detectable, alpha, rules.power),
        tables={"Rate ratio by lag": found.table},
    )  # fmt: skip


def share(test: Share, record: Record) -> TestResult:
    """By the study's counts, or by a published series."""
    return published_by_province.share(test, record) if test.series else descriptive.share(test, record)


def rank(test: Rank, record: Record) -> TestResult:
    """By the study's counts, or by a published series."""
    return published_by_province.rank(test, record) if test.series else descriptive.rank(test, record)


def untestable(test: Untestable, record: Record) -> TestResult:
    """The reason that the test itself gives."""
    raise NotTestableError(test.reason, test.needs)


TESTS: dict[type, Callable[[Any, Record], TestResult]] = {
    BeforeAfter: before_after.before_after,
    Counterfactual: event_tests.counterfactual,
    Difference: event_tests.difference,
    Divergence: event_tests.divergence,
    Lag: distributed_lag,
    Share: share,
    Rank: rank,
    Total: descriptive.total,
    Published: published_claims.compared,
    Shown: published_claims.side_by_side,
    Untestable: untestable,
}


def measure(test: AnyTest, record: Record) -> TestResult | NotTestableError:
    """The figures of ``test``, or why it cannot be run."""
    try:
        return TESTS[type(test)](test, record)
    except NotTestableError as reason:
        return reason


def measure_name(test: AnyTest, record: Record) -> str:
    """By what a test judges, in words: what is counted and the publisher."""
    if isinstance(test, Untestable):
        return "no figures"
    if isinstance(test, Published | Shown):
        return "published figures"
    if series := getattr(test, "series", ""):
        chosen = record.study.hypotheses.series[series]
        return f"{chosen.counted} ({chosen.publisher})"
    if (other := getattr(test, "study", "")) and other not in record.elsewhere:
        return f"the study {other}"
    own = record.of(test)
    return f"{own.study.file.target.many} ({own.panel.attrs['source']})"
