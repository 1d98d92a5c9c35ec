"""The gates that a challenger must pass to become champion: each a check with its figure and reason."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from provrisk.evaluation.comparison.leaderboard import Cells, coverage, loss_ratio, skills
from provrisk.study.schema import PromotionFile


@dataclass(frozen=True)
class Gate:
    """One check: whether it passed (None: not applied), its figure, and the reason in one sentence."""

    name: str
    passed: bool | None
    figure: float | None
    reason: str

    @property
    def word(self) -> str:
        """Passed, failed or not applied."""
        return "not applied" if self.passed is None else "passed" if self.passed else "failed"


def better(cells: Cells, challenger: str, champion: str, rules: PromotionFile) -> Gate:
    """Lower CRPS by a one-sided test, or a tie with a champion that has become miscalibrated.

    The bound on p is far below the usual one, since the gate is used every month: see docs/honesty.md for how often
    an equal challenger passes in a year.
    """
    losses = cells.wide("crps")
    p = loss_ratio(losses, challenger, champion).p_below(1.0)
    said = f"CRPS {losses[challenger].mean():.3f} against {losses[champion].mean():.3f}, lower with p = {p:.3f}"
    if np.isnan(p):
        return Gate("better", False, p, f"{said}: too few origins to distinguish the two")
    if p <= rules.p_better:
        return Gate("better", True, p, said)
    if skills(losses, champion).loc[challenger, "verdict"] == "tie" and not calibrated(cells, champion, rules).passed:
        return Gate("better", True, p, f"{said}: a tie, and the champion is miscalibrated")
    return Gate("better", False, p, f"{said}; at most {rules.p_better:g} is required")


def calibrated(cells: Cells, name: str, rules: PromotionFile) -> Gate:
    """The coverage of the 80 % interval (randomised PIT) in active cells is within the declared bounds."""
    share = float(coverage(cells.wide("pit", only_active=True), 80)[name])
    low, high = rules.coverage_80
    bounds = f"{100 * low:.0f} to {100 * high:.0f} %"
    reason = f"{100 * share:.0f} % of active cells inside the 80 % interval; required are {bounds}"
    return Gate("calibrated", low <= share <= high, share, reason)


def unbiased(cells: Cells, name: str, rules: PromotionFile) -> Gate:
    """The bias ratio, forecast over observed, is within the declared bounds."""
    ratio = float(cells.wide("mean")[name].sum() / cells.wide("observed")[name].sum())
    low, high = rules.bias
    return Gate(
        "unbiased",
        low <= ratio <= high,
        ratio,
        f"bias ratio (forecast over observed) {ratio:.2f}; required are {low} to {high}",
    )


def quick(seconds: float, rules: PromotionFile) -> Gate:
    """Fitting and forecasting once is within the declared time."""
    return Gate(
        "quick", seconds <= rules.seconds, seconds, f"{seconds:.1f} s to fit and forecast; at most {rules.seconds:g} s"
    )


def smoke(panel: xr.Dataset, drawn: xr.DataArray, rules: PromotionFile) -> Gate:
    """The country's mean forecast is not too large a multiple of the highest month of the last two years."""
    counts = panel[panel.attrs["target"]].sum("province", skipna=False).to_numpy()
    recent = counts[~np.isnan(counts)][-24:]
    highest = max(float(recent.max(initial=0)), 1.0)
    largest = float(drawn.sum("province").mean("draw").max())
    reason = f"the country's mean reaches {largest:.1f} a month; {rules.smoke_factor:g} times {highest:.0f} is allowed"
    return Gate("smoke", largest <= rules.smoke_factor * highest, largest, reason)
