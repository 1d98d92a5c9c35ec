"""Fan charts: history, past forecasts and the forecast."""

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.forecasts.draws import quantiles
from provrisk.reports import charts, words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Cell, Part, Table, Text, table
from provrisk.reports.document import Chart as ChartBlock

SHOWN = 36


def part(basis: Basis) -> Part:
    """The charts of the country and its active provinces, with their numbers."""
    active = active_provinces(basis)
    blocks: list[Block] = [Text(words=_intro(basis, len(active)))]
    for name in (None, *active):
        blocks += _fan(basis, name)
    return Part(key="fans", title="History, past forecasts and the forecast", blocks=tuple(blocks))


def active_provinces(basis: Basis) -> list[str]:
    """The provinces with enough of what is counted to be worth a chart, by the study's rule, in order of rank."""
    rule = basis.study.file
    mean = basis.counts.iloc[-rule.active_months :].mean()
    return [name for name in basis.risk.province if mean[name] >= rule.active_mean]


def _intro(basis: Basis, number: int) -> str:
    rule = basis.study.file
    return (
        f"{rule.country} and the {number} active {basis.unit.many} (at least {rule.active_mean:g} {basis.one} "
        f"a month over {rule.active_months} months). Line: observed. Grey bars: what the backtest said "
        f"{basis.issue.horizon} {'month' if basis.issue.horizon == 1 else 'months'} ahead, 80 %. "
        "Fan: the forecast, 50, 80 and 90 %."
    )


def _fan(basis: Basis, province: str | None) -> list[Block]:
    title = basis.study.file.country if province is None else province
    counts = basis.counts.sum(axis=1, skipna=False) if province is None else basis.counts[province]
    observed = counts.iloc[-SHOWN:]
    past = _past(basis, province, observed.index[0])
    ahead = _ahead(basis, province)
    svg = charts.fan(observed, past, ahead, f"{basis.many} a month")
    first = ahead.iloc[0]
    alt = (
        f"{title}: {basis.many} a month from {months.spelled(observed.index[0])} on, highest "
        f"{words.number(observed.max())}; "
        f"forecast for {months.spelled(ahead.index[0])}: median {first['median']:,.0f}, 80 % interval "
        f"{words.interval(first.low_80, first.high_80)}."
    )
    return [ChartBlock(svg=svg, alt=alt, caption=title), _numbers(title, observed, past, ahead)]


def _pick(forecast: xr.DataArray, province: str | None) -> xr.DataArray:
    return forecast.sum("province") if province is None else forecast.sel(province=province)


def _past(basis: Basis, province: str | None, since: pd.Timestamp) -> pd.DataFrame:
    """What the backtest forecast at the issue's horizon, by target month."""
    horizon = basis.issue.horizon
    if horizon not in basis.past.indexes["horizon"] or not basis.past.sizes["origin"]:
        return pd.DataFrame(columns=["low_80", "median", "high_80"], index=pd.DatetimeIndex([]))
    chosen = basis.past.sel(horizon=horizon)
    drawn = _pick(chosen, province).transpose("origin", "draw").to_numpy()
    low, median, high = quantiles(drawn, [0.1, 0.5, 0.9])
    index = pd.DatetimeIndex(chosen.target_month.to_numpy())
    table = pd.DataFrame({"low_80": low, "median": median, "high_80": high}, index=index)
    return table[table.index >= since]


def _ahead(basis: Basis, province: str | None) -> pd.DataFrame:
    """The forecast from the issue's month on."""
    chosen = basis.forecast.sel(horizon=slice(basis.issue.horizon, None))
    drawn = _pick(chosen, province).transpose("horizon", "draw").to_numpy()
    names = ["median", "low_50", "high_50", "low_80", "high_80", "low_90", "high_90"]
    values = quantiles(drawn, [0.5, 0.25, 0.75, 0.1, 0.9, 0.05, 0.95])
    index = pd.DatetimeIndex(chosen.target_month.to_numpy())
    return pd.DataFrame(np.asarray(values).T, columns=names, index=index)


def _numbers(title: str, observed: pd.Series, past: pd.DataFrame, ahead: pd.DataFrame) -> Table:
    stamps = observed.index.union(past.index).union(ahead.index)

    def column(table: pd.DataFrame, low: str, high: str | None = None) -> list[str | Cell]:
        rows = table.reindex(stamps)
        values = zip(rows[low], rows[high or low], strict=True)
        return ["" if words.missing(a) else (words.interval(a, b) if high else words.number(a)) for a, b in values]

    return table(
        f"{title}: the numbers of the chart",
        {
            "Month": [months.label(stamp) for stamp in stamps],
            "Observed": [words.number(observed[stamp]) if stamp in observed.index else "" for stamp in stamps],
            "Past median": column(past, "median"),
            "Past 80 %": column(past, "low_80", "high_80"),
            "Forecast median": column(ahead, "median"),
            "50 %": column(ahead, "low_50", "high_50"),
            "80 %": column(ahead, "low_80", "high_80"),
            "90 %": column(ahead, "low_90", "high_90"),
        },
        text=("Month",),
        folded=True,
    )
