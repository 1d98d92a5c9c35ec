"""What drivers of one type did in the past, as draws of a rate ratio that carry their uncertainty."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.risk.evidence.placebo import placebo
from provrisk.risk.evidence.record import Record

HALF_OF_A_MONTH = 15
"""A driver that begins later than this day counts from the next month on."""


@dataclass(frozen=True)
class PastEffect:
    """``draws`` of the rate ratio, and the past ``cases`` that they come from, with their figures."""

    draws: np.ndarray
    cases: pd.DataFrame


def past_effect(record: Record, kind: str, window: int, draws: int, rng: np.random.Generator) -> PastEffect:
    """The effect of past drivers of the type ``kind`` over ``window`` months, in the provinces of each.

    A draw is a case, any as likely as the other, and for it with even chances the observed count over a draw of its
    counterfactual (the forecast's uncertainty), or its ratio over that of a placebo month (how far off such forecasts
    are when nothing happens). Endogenous drivers are no cases.

    Raises ``ProvriskError`` where no case has enough attacks and placebos to say anything.
    """
    if record.forecasts is None:
        raise ProvriskError("An effect is estimated from counterfactual forecasts, and there are none here.")
    table = record.drivers[(record.drivers.type == kind) & ~record.drivers.endogenous.astype(bool)]
    pools, cases = [], []
    for row in table.itertuples():
        late = row.start.day > HALF_OF_A_MONTH
        month = months.shift(row.start.replace(day=1), 1 if late else 0)
        pool, case = _case(record, row.provinces, month, window, draws, rng)
        if case is not None:
            pools.append(pool)
            cases.append({"driver": row.name, "month": months.label(month), **case})
    if not cases:
        known = ", ".join(sorted(set(record.drivers.type))) or "none"
        raise ProvriskError(
            f"The record holds no driver of the type {kind!r} whose effect could be estimated (types: {known}): give a "
            "range of rate ratios with --ratio LOW:HIGH."
        )
    chosen = rng.integers(len(pools), size=draws)
    return PastEffect(
        np.array([pools[case][i] for i, case in enumerate(chosen)]), pd.DataFrame(cases).set_index("driver")
    )


def _case(
    record: Record, provinces: list[str], month: pd.Timestamp, window: int, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, float] | None]:
    """Draws of the rate ratio of one past driver, and its figures; none if it is not known."""
    rules, nothing = record.thresholds, (np.empty(0), None)
    assert record.forecasts is not None  # noqa: S101 - for the type checker; past_effect has refused it
    forecasts = record.forecasts()
    origin = months.shift(month, -1)
    if origin not in forecasts.indexes["origin"] or months.shift(month, window - 1) > record.end:
        return nothing
    table = record.against_forecasts(provinces, [window])
    judged = placebo(table.ratio[window], month, window)
    expected = float(table.expected.loc[month, window])
    if (
        not np.isfinite(judged.estimate)
        or expected < rules.least_expected
        or len(judged.placebos) < rules.least_placebos
    ):
        return nothing
    observed = float(table.observed.loc[month, window])
    drawn = forecasts.sel(origin=origin, province=provinces, horizon=slice(1, window)).sum(["province", "horizon"])
    # Half an attack keeps a ratio finite where a draw, or the observed count, is zero.
    own = (observed + 0.5) / (rng.choice(drawn.to_numpy(), draws) + 0.5)
    usual = rng.choice(judged.placebos[judged.placebos > 0], draws)
    even = rng.random(draws) < 0.5
    figures = {
        "observed": observed,
        "expected": expected,
        "ratio": judged.estimate,
        "placebos below": judged.percentile,
    }
    return np.where(even, own, (observed + 0.5) / (expected + 0.5) / usual), figures
