"""Forecast and observed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scoringrules as sr
import xarray as xr

from provrisk import months
from provrisk.evaluation.comparison.leaderboard import INTERVALS, Cells, coverage, skills
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.forecasts.quantiles import quantiles
from provrisk.risk import levels
from provrisk.study.schema import Scale


@dataclass(frozen=True)
class PreviousForecast:
    """The forecast that the last bulletin made: (province, horizon, draw), and the horizon of its month.

    ``issued`` is whether it is the stored one; otherwise today's recipe was run again on the data up to its origin.
    Where data come late, its month has not been observed: it is ``judged`` by an earlier horizon then.
    """

    forecast: xr.DataArray
    horizon: int
    issued: bool
    judged: int | None = None

    @property
    def month(self) -> pd.Timestamp:
        """The month that it is judged by: its own month, unless that is not yet observed."""
        return pd.Timestamp(self.forecast.target_month.sel(horizon=self.judged or self.horizon).item())

    @property
    def target_month(self) -> pd.Timestamp:
        """The month of the last bulletin."""
        return pd.Timestamp(self.forecast.target_month.sel(horizon=self.horizon).item())

    @property
    def origin(self) -> pd.Timestamp:
        """The last month that it knew."""
        return months.shift(self.target_month, -self.horizon)


def outcome(last: PreviousForecast, panel: xr.Dataset, scale: Scale) -> pd.DataFrame:
    """One row a province, and TOTAL: median, low_80, high_80, level, ``came``, came_level, inside, usual, crps.

    ``usual`` is how often the closed interval holds what comes if the forecast is right: more than .8, since counts are
    whole. ``came``, the observed count, is missing where the month was not observed; no row then counts as inside or
    outside.
    """
    drawn = last.forecast.sel(horizon=last.judged or last.horizon).transpose("province", "draw")
    counts = panel[panel.attrs["target"]]
    observed = counts.reindex(month=[last.month], province=drawn.indexes["province"]).sel(month=last.month).to_numpy()
    values = np.concatenate([drawn.to_numpy(), drawn.sum("province").to_numpy()[None]])
    observed = np.append(observed, observed.sum())
    low, median, high = quantiles(values, [0.1, 0.5, 0.9])
    table = pd.DataFrame(
        {"median": median, "low_80": low, "high_80": high, "level": levels.level(median, scale), "came": observed},
        index=pd.Index([*drawn.indexes["province"], TOTAL], name="province"),
    )
    known = table.came.notna()
    table["came_level"] = [
        levels.level(np.array([x]), scale)[0] if ok else None for x, ok in zip(observed, known, strict=True)
    ]
    table["usual"] = ((values >= low[:, None]) & (values <= high[:, None])).mean(axis=1)
    inside = table.came.between(table.low_80, table.high_80)
    table["inside"] = inside.astype("boolean").where(known)
    table["crps"] = sr.crps_ensemble(observed, values.astype(float), estimator="pwm")
    return table


CHOSEN = "chosen"
"""The verdict on a skill over the very months that a model was chosen on: none."""


def running(
    cells: Cells, name: str, benchmarks: Sequence[str], origins: int, since: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Skill of ``name`` over the last ``origins`` origins of the backtest, a row a benchmark.

    Only origins from ``since`` on count, the last month of the data on which ``name`` was chosen. Where there is none
    yet, those before it stand, without interval and with the verdict ``CHOSEN``. Columns: crps, benchmark_crps, those
    of ``compare.skills``, first, last (origins).
    """
    losses = cells.wide("crps")
    when = losses.index.get_level_values("origin")
    unseen = losses[when >= since] if since is not None else losses
    seen = unseen.empty
    losses = losses if seen else unseen
    when = losses.index.get_level_values("origin")
    chosen = losses[when.isin(sorted(when.unique())[-origins:])]
    first, last = (pd.Timestamp(edge(chosen.index.get_level_values("origin"))) for edge in (min, max))
    open_ = {"skill_low": np.nan, "skill_high": np.nan, "dm_p": np.nan, "verdict": CHOSEN} if seen else {}
    rows = {
        other: {
            "crps": chosen[name].mean(),
            "benchmark_crps": chosen[other].mean(),
            **skills(chosen, other).loc[name].to_dict(),
            **open_,
            "first": months.label(first),
            "last": months.label(last),
        }
        for other in benchmarks
        if other != name
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def coverages(cells: Cells, name: str) -> pd.Series:
    """Share of cells of active provinces inside the 50, 80 and 90 % intervals, by the randomised PIT."""
    pit = cells.wide("pit", only_active=True)
    return pd.Series({level: coverage(pit, level)[name] for level in INTERVALS})


def worst(past: xr.DataArray, panel: xr.Dataset, horizon: int, number: int = 5) -> pd.DataFrame:
    """The worst misses by CRPS of the ``past`` forecasts (origin, province, horizon, draw) at one horizon.

    Columns: month, province, median, low_80, high_80, ``observed``, crps; worst first.
    """
    drawn = past.sel(horizon=horizon).transpose("origin", "province", "draw")
    targets = pd.DatetimeIndex(drawn.target_month.to_numpy())
    observed = panel[panel.attrs["target"]].transpose("month", "province").reindex(month=targets).to_numpy()
    low, median, high = quantiles(drawn.to_numpy(), [0.1, 0.5, 0.9])
    crps = sr.crps_ensemble(observed, drawn.to_numpy().astype(float), estimator="pwm")
    cells = pd.MultiIndex.from_product([targets, drawn.indexes["province"]], names=["month", "province"])
    table = pd.DataFrame(
        {name: np.ravel(values) for name, values in
         {"median": median, "low_80": low, "high_80": high, "came": observed, "crps": crps}.items()},
        index=cells,
    )  # fmt: skip
    return table.dropna().sort_values("crps", ascending=False, kind="stable").head(number).reset_index()
