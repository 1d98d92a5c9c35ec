"""The gates that a challenger must pass to become champion: each a small check with its figure and reason."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from provrisk.evaluation.compare import Cells, coverage, probability_lower, skills
from provrisk.study.schema import PromotionFile


@dataclass(frozen=True)
class Gate:
    """One check: whether it passed, the figure that was judged, and why, in one sentence."""

    name: str
    passed: bool
    figure: float
    reason: str


def better(cells: Cells, challenger: str, champion: str, rules: PromotionFile) -> Gate:
    """Lower CRPS with the declared probability, or a tie with a champion that has become miscalibrated."""
    losses = cells.wide("crps")
    probability = probability_lower(losses, challenger, champion)
    lower = f"CRPS {losses[challenger].mean():.3f} against {losses[champion].mean():.3f}, lower with probability"
    if probability >= rules.probability_lower:
        return Gate("better", True, probability, f"{lower} {probability:.2f}")
    tie = skills(losses, champion).loc[challenger, "verdict"] == "tie"
    ill = not calibrated(cells, champion, rules).passed
    if tie and ill:
        return Gate("better", True, probability, f"{lower} {probability:.2f}: a tie, and the champion is miscalibrated")
    need = f"{rules.probability_lower:.2f} is asked for"
    return Gate("better", False, probability, f"{lower} {probability:.2f}; {need}")


def calibrated(cells: Cells, name: str, rules: PromotionFile) -> Gate:
    """The share of active cells inside the central 80 % of the randomised PIT lies within the declared bounds."""
    share = float(coverage(cells.wide("pit", only_active=True), 80)[name])
    low, high = rules.coverage_80
    reason = f"{100 * share:.0f} % of active cells inside the 80 % interval; {100 * low:.0f} to {100 * high:.0f} % pass"
    return Gate("calibrated", low <= share <= high, share, reason)


def unbiased(cells: Cells, name: str, rules: PromotionFile) -> Gate:
    """Forecast over observed lies within the declared bounds."""
    ratio = float(cells.wide("mean")[name].sum() / cells.wide("observed")[name].sum())
    low, high = rules.bias
    return Gate("unbiased", low <= ratio <= high, ratio, f"forecast over observed {ratio:.2f}; {low} to {high} passes")


def quick(seconds: float, rules: PromotionFile) -> Gate:
    """Fitting and forecasting once took no longer than declared."""
    return Gate(
        "quick", seconds <= rules.seconds, seconds, f"{seconds:.1f} s to fit and forecast, of {rules.seconds:g}"
    )


def smoke(panel: xr.Dataset, drawn: xr.DataArray, rules: PromotionFile) -> Gate:
    """A forecast from the newest data: the country's mean is no wild multiple of the last two years' highest month."""
    counts = panel[panel.attrs["target"]].sum("province", skipna=False).to_numpy()
    recent = counts[~np.isnan(counts)][-24:]
    highest = max(float(recent.max(initial=0)), 1.0)
    largest = float(drawn.sum("province").mean("draw").max())
    reason = f"the country's mean reaches {largest:.1f} a month; {rules.smoke_factor:g} times {highest:.0f} is allowed"
    return Gate("smoke", largest <= rules.smoke_factor * highest, largest, reason)
