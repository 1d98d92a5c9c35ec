"""Claims about how things stood by the study's own counts: shares, ranks and totals."""

from collections.abc import Callable

import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.evaluation.mean_ratio import fewest
from provrisk.risk.evidence import shares
from provrisk.risk.evidence.record import Record, interval
from provrisk.risk.evidence.result import NotTestableError, TestResult
from provrisk.study.claims import Rank, Share, Total


def share(claim: Share, record: Record) -> TestResult:
    """The provinces' part of all attacks."""
    level, many = record.thresholds.level, record.study.file.target.many

    def figure(counts: pd.DataFrame) -> shares.Description:
        return shares.share(counts, claim.provinces, claim.at_least, level)

    def said(found: shares.Description) -> str:
        spread = interval(100 * found.low, 100 * found.high, level, 1)
        held = f"These provinces hold {100 * found.estimate:.1f} % of all {many} ({spread})"
        return f"{held}; {100 * claim.at_least:g} % is claimed."

    return _described(claim, record, figure, said)


def rank(claim: Rank, record: Record) -> TestResult:
    """Whether the provinces come first."""
    level, many = record.thresholds.level, record.study.file.target.many

    def figure(counts: pd.DataFrame) -> shares.Description:
        return shares.first(counts, claim.provinces, level)

    def said(found: shares.Description) -> str:
        spread = interval(found.low, found.high, level)
        return (
            f"The lowest of them has {found.estimate:.2f} times the {many} of the highest of the others ({spread}); "
            "above 1 they come first."
        )

    return _described(claim, record, figure, said)


def total(claim: Total, record: Record) -> TestResult:
    """A plain sum of a column of the counts, against the bounds claimed."""
    if claim.column not in record.panel:
        raise NotTestableError(
            f"the counts have no column {claim.column}", "a source that says it, counted with 'provrisk data counts'"
        )
    values = _spell(claim.first, claim.last, record, record.panel[claim.column])
    observed = float(values[list(claim.provinces)].sum().sum())
    wanted = f"{claim.low:g}" if claim.low == claim.high else f"{claim.low:g} to {claim.high:g}"
    return TestResult(
        said=f"{observed:,.0f} were counted; {wanted} is claimed.", estimate=observed, low=observed, high=observed,
        holds=claim.low <= observed <= claim.high,
    )  # fmt: skip


def _described(
    claim: Share | Rank, record: Record, describe: Callable[[pd.DataFrame], shares.Description],
    said: Callable[[shares.Description], str],
) -> TestResult:  # fmt: skip
    """A descriptive claim over its months, and the same figure for every year of the record."""
    counts = _spell(claim.first, claim.last, record, record.counts)
    if len(counts) < fewest(shares.OVERLAP):
        raise NotTestableError(
            f"{len(counts)} months are too few to distinguish chance from a pattern",
            f"at least {fewest(shares.OVERLAP)}",
        )
    found = describe(counts)
    by_year = {}
    every: pd.DataFrame = record.counts.to_pandas()
    for year, rows in every.groupby(pd.DatetimeIndex(every.index).year):
        if rows.notna().all(axis=None) and rows.to_numpy().sum() > 0:
            one = describe(rows)
            by_year[str(year)] = {"figure": one.estimate, "low": one.low, "high": one.high, "p for": one.p_for}
    table = pd.DataFrame.from_dict(by_year, orient="index").rename_axis("year")
    return TestResult(
        said=said(found), estimate=found.estimate, low=found.low, high=found.high,
        p_for=found.p_for, p_against=found.p_against, tables={"By year": table},
    )  # fmt: skip


def _spell(first: str, last: str, record: Record, values: xr.DataArray) -> pd.DataFrame:
    """``values`` (month, province) of the months of a claim, all observed."""
    begin, end = months.parse(first), months.parse(last)
    chosen: pd.DataFrame = values.reindex(month=months.span(begin, end)).to_pandas()
    if chosen.isna().any(axis=None):
        held = f"{months.label(record.counts.indexes['month'][0])} to {months.label(record.end)}"
        raise NotTestableError(
            f"the record runs from {held} and the claim is about {first} to {last}",
            f"a release of {record.study.file.source.name} that covers {first} to {last}",
        )
    return chosen
