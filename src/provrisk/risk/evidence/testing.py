"""The tests, one a kind of claim: each gives figures, or says why it cannot be run and what it would need."""

from collections.abc import Callable
from typing import Any

from provrisk.errors import ProvriskError
from provrisk.risk.evidence import described, events, lag
from provrisk.risk.evidence.measured import Measured, NotTestableError, p_values
from provrisk.risk.evidence.record import Record, detectable, interval
from provrisk.study.claims import (
    Counterfactual,
    Difference,
    Divergence,
    Lag,
    Published,
    Rank,
    Share,
    Total,
    Untestable,
)  # fmt: skip


def distributed_lag(claim: Lag, record: Record) -> Measured:
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
    return Measured(
        said=f"{what} goes with a rate of {record.study.file.target.many} {ratio:.2f} times as high "
        f"({interval(low, high, rules.level)}; {found.rows:,} months and provinces).",
        estimate=float(ratio), low=float(low), high=float(high), p_for=p_for, p_against=p_against,
        detectable=lambda alpha: detectable(claim.direction, claim.margin, found.detectable, alpha, rules.power),
        tables={"Rate ratio by lag": found.table},
    )  # fmt: skip


def untestable(claim: Untestable, record: Record) -> Measured:
    """The reason that the claim itself gives."""
    raise NotTestableError(claim.reason, claim.needs)


TESTS: dict[type, Callable[[Any, Record], Measured]] = {
    Counterfactual: events.counterfactual,
    Difference: events.difference,
    Divergence: events.divergence,
    Lag: distributed_lag,
    Share: described.share,
    Rank: described.rank,
    Total: described.total,
    Published: described.held_against_published,
    Untestable: untestable,
}


def measure(claim: Any, record: Record) -> Measured | NotTestableError:
    """The figures of the test that ``claim`` asks for, or why it cannot be run."""
    try:
        return TESTS[type(claim)](claim, record)
    except NotTestableError as reason:
        return reason
