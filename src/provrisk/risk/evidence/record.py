"""The data with which claims are compared, and shared parts of the tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.risk.evidence.rate_ratios import Ratios, counterfactual
from provrisk.stored_results import Keep, computed
from provrisk.study import Study
from provrisk.study.claims import AnyTest, Direction, Series, Thresholds


@dataclass(frozen=True)
class Record:
    """The data with which claims are compared.

    ``panel`` is the whole record with every feature; ``drivers`` the table of ``features.drivers.read``;
    ``forecasts`` gives those of the recipe of the thresholds at every month (origin, province, horizon, draw), which
    only counterfactual tests need; ``others`` the counts (month, province) of further sources, by key; ``ledger`` the
    table of ``ledger.read``; ``elsewhere`` the records of other studies that serve as another measure, by name;
    ``keep`` what costs time and was computed before: with it the forecasts may not be needed.
    """

    study: Study
    thresholds: Thresholds
    panel: xr.Dataset
    drivers: pd.DataFrame
    forecasts: Callable[[], xr.DataArray] | None = None
    others: Mapping[str, xr.DataArray] = field(default_factory=dict)
    ledger: pd.DataFrame = field(default_factory=pd.DataFrame)
    elsewhere: Mapping[str, "Record"] = field(default_factory=dict)
    seed: int = 1
    keep: Keep = computed
    _ratios: dict[tuple[tuple[str, ...], tuple[int, ...]], Ratios] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, test: AnyTest) -> "Record":
        """The record that ``test`` asks for: this one, or that of another study."""
        return self.elsewhere[test.study] if getattr(test, "study", "") else self  # type: ignore[union-attr]

    def against_forecasts(self, provinces: Sequence[str], windows: Sequence[int]) -> Ratios:
        """``ratios.counterfactual`` of the record's own forecasts; many claims ask for the same."""
        assert self.forecasts is not None  # noqa: S101 - for the type checker; who asks has looked
        forecasts, key = self.forecasts, (tuple(provinces), tuple(windows))
        if key not in self._ratios:
            level = self.thresholds.level
            record = self.keep(
                ("against forecasts", *key, level),
                lambda: counterfactual(forecasts(), self.counts, provinces, windows, level).as_record(),
            )
            self._ratios[key] = Ratios.from_record(record)
        return self._ratios[key]

    def series(self, name: str) -> Series:
        """The series of the study called ``name``, its place filled in."""
        found = self.study.hypotheses.series[name]
        return found if found.place else found.model_copy(update={"place": self.study.file.country})

    @property
    def counts(self) -> xr.DataArray:
        """What was observed up to the end of the record: (month, province)."""
        return self.panel[self.panel.attrs["target"]].sel(month=slice(None, self.panel.attrs["origin"]))

    @property
    def end(self) -> pd.Timestamp:
        """The last month observed."""
        return months.parse(self.panel.attrs["origin"])

    def places(self, named: Sequence[str]) -> list[str]:
        """The provinces of a claim: those ``named``, by default all."""
        return list(named) or list(self.panel.indexes["province"])


def interval(low: float, high: float, level: float, decimals: int = 2) -> str:
    """An interval in words: ``90 % interval 0.80 to 1.30``."""
    top = f"{high:,.{decimals}f}" if np.isfinite(high) else "no bound"
    return f"{100 * level:.0f} % interval {low:,.{decimals}f} to {top}"


def detectable(
    direction: Direction, margin: float, least: Callable[[float, float, float], tuple[float, float]], alpha: float,
    power: float,
) -> str:  # fmt: skip
    """The smallest effect that a claim's test at the one-sided level ``alpha`` would have found, in words.

    ``least`` gives the smallest fall and rise by level, power and the bar to be passed: ``margin``, where no effect
    is claimed, so that a movement speaks against it.
    """
    fall, rise = least(alpha, power, margin if direction == "none" else 1.0)
    up = f"a rise from a ratio of {rise:.2f} up" if np.isfinite(rise) else "no rise, however large"
    down = f"a fall to {fall:.2f} or below" if fall > 0 else "no fall, however deep"
    what = {"up": up, "down": down, "none": f"{down}, and {up}"}[direction]
    return f"With a power of {100 * power:.0f} %, and all claims allowed for, the test would have found {what}."
