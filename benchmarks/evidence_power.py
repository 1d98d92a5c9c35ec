"""How far the tests of claims can be trusted, and what they can see: known effects put into Iraq-like series.

    python benchmarks/evidence_power.py [RECORDS]

Records of 180 months in the 18 provinces of the study, drawn from a negative-binomial autoregression as persistent as
the real one, at three levels of violence. A known effect multiplies the expected counts from a random month on. Tables
go to stdout as Markdown; docs/evidence.md holds them.
"""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from provrisk import months, seeds, simulate
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores.observations import with_targets
from provrisk.features.panel import build_panel, panel_upto
from provrisk.models.smoothing import EwmaNB
from provrisk.risk.evidence import distributed_lag, rate_ratios
from provrisk.risk.evidence.placebo import placebo
from provrisk.risk.evidence.result import p_values
from provrisk.study import Study, find_project

EFFECTS = (0.5, 1.0, 1.5, 2.0)
LEVELS = {"12 a month": 12.0, "25 a month": 25.0, "60 a month": 60.0}
WINDOWS = (1, 3, 6, 12)
LENGTH, FIRST, START = 180, "2004-01", 24
ALPHA, LEVEL, MARGIN = 0.10, 0.90, 1.25


def process(study: Study, a_month: float, driver: simulate.Driver | None = None) -> simulate.Process:
    """As persistent as the record (domain fit: alpha 0.25, beta 0.69), with its provinces' shares."""
    counts = pd.read_csv(study.bundled_counts).groupby("province").attacks.sum().reindex(study.provinces.index)
    share = (counts + 1) / (counts + 1).sum()
    return simulate.Process(
        0.06 * a_month * share.to_numpy(), alpha=0.25, beta=0.69, size=2.0, drivers=(driver,) if driver else ()
    )


def effect_from(month: int, ratio: float) -> simulate.Driver:
    """An effect in all provinces from ``month`` to the end of the record."""
    value = np.zeros((LENGTH, 1))
    value[month:] = 1.0
    return simulate.Driver(ratio, value)


def forecasts(study: Study, counts: np.ndarray, since: int = START) -> xr.DataArray:
    """EWMA-NB at every origin from ``since`` on, fitted once: (origin, province, horizon, draw)."""
    panel = build_panel(study, simulate.counts_table(counts, study, FIRST))
    origins = panel.indexes["month"][since - 1 : LENGTH - 1]
    model = EwmaNB(weight=0.3, floor=0.02, burn_in=12).fit(panel_upto(panel, panel.indexes["month"][83]))
    rng = seeds.generator("evidence_power", float(counts.sum()))
    drawn = [
        model.predict(panel_upto(panel, origin), range(1, 13), 300, rng).drop_vars("target_month") for origin in origins
    ]
    return with_targets(xr.concat(drawn, dim=pd.DatetimeIndex(origins, name="origin"), combine_attrs="drop"))


def array(study: Study, counts: np.ndarray) -> xr.DataArray:
    span = months.span(months.parse(FIRST), months.shift(months.parse(FIRST), LENGTH - 1))
    return xr.DataArray(counts, dims=("month", "province"), coords={"month": span, "province": study.provinces.index})


def events(study: Study, a_month: float, records: int) -> pd.DataFrame:
    """Every record with every effect: p-values, whether the intervals hold the truth, whether it was found."""
    rows = []
    names = list(study.provinces.index)
    for number in range(records):
        rng = seeds.generator("evidence_power", a_month, number)
        month = int(rng.integers(60, LENGTH - 12))
        state = rng.bit_generator.state
        before: xr.DataArray | None = None
        for effect in EFFECTS:
            rng.bit_generator.state = state  # the same record up to the event
            counts = simulate.simulate(process(study, a_month, effect_from(month, effect)), LENGTH, rng)
            drawn = forecasts(study, counts, START if before is None else month + 1)
            if before is None:
                before = drawn.isel(origin=slice(0, month + 1 - START))
            else:
                drawn = xr.concat([before, drawn], dim="origin")
            table = rate_ratios.counterfactual(drawn, array(study, counts), names, WINDOWS, LEVEL)
            at = table.ratio.index[month - START]
            for window in WINDOWS:
                rows.append({"window": window, "effect": effect} | _judged(table, at, window, effect))
    return pd.DataFrame(rows)


def _judged(table: rate_ratios.Ratios, at: pd.Timestamp, window: int, effect: float) -> dict[str, float]:
    found = placebo(table.ratio[window], at, window)
    low, high = found.interval(LEVEL)
    p_equal, _ = p_values(found, "none", MARGIN)
    p_way = found.p_below(1.0) if effect < 1 else found.p_above(1.0)
    return {
        "p": found.p_above(1.0), "found": p_way <= ALPHA, "equal": p_equal <= ALPHA,
        "covers": low <= effect <= high,
        "forecast_covers": table.low.loc[at, window] <= effect <= table.high.loc[at, window],
    }  # fmt: skip


def differences(study: Study, a_month: float, records: int, treated: str, controls: list[str]) -> pd.DataFrame:
    """The same for a difference in differences: the effect is in one province alone."""
    rows = []
    place = study.provinces.index.get_loc(treated)
    for number in range(records):
        for effect in EFFECTS:
            rng = seeds.generator("evidence_power", "difference", a_month, number)
            month = int(rng.integers(60, LENGTH - 12))
            value = np.zeros((LENGTH, len(study.provinces)))
            value[month:, place] = 1.0
            counts = array(
                study, simulate.simulate(process(study, a_month, simulate.Driver(effect, value)), LENGTH, rng)
            )
            table = rate_ratios.relative(
                rate_ratios.total(counts, [treated]), rate_ratios.total(counts, controls), WINDOWS, 12
            )
            at = table.ratio.index[month]
            for window in WINDOWS:
                rows.append({"window": window, "effect": effect} | _judged(table, at, window, effect))
    return pd.DataFrame(rows).drop(columns="forecast_covers")  # the ratio has no spread of its own


def lags(study: Study, a_month: float, records: int) -> pd.DataFrame:
    """The same for the regression: a driver as Ramadan is, that multiplies its months' counts."""
    rows = []
    own = replace(study, file=study.file.model_copy(update={"features": ("ramadan",)}))
    empty = build_panel(own, simulate.counts_table(np.zeros((LENGTH, len(study.provinces))), study, FIRST))
    ramadan = empty["ramadan"].to_numpy()[:LENGTH]
    for effect in EFFECTS:
        for number in range(records):
            rng = seeds.generator("evidence_power", "lag", a_month, number)
            counts = simulate.simulate(process(study, a_month, simulate.Driver(effect, ramadan)), LENGTH, rng)
            panel = build_panel(own, simulate.counts_table(counts, study, FIRST))
            try:
                found = distributed_lag.respond(panel, "ramadan", [0], list(study.provinces.index), LEVEL)
            except ProvriskError:
                continue
            _, low, high = found.table.loc["all together"]
            p_way = found.p_below(1.0) if effect < 1 else found.p_above(1.0)
            rows.append(
                {"effect": effect, "p": found.p_above(1.0), "found": p_way <= ALPHA, "covers": low <= effect <= high}
            )
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    rows = [table.columns, ["---:"] * len(table.columns), *table.astype(str).to_numpy()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def show(name: str, table: pd.DataFrame, by: list[str]) -> None:
    print(f"\n### {name}\n")
    columns = {
        "covers": "90 % interval holds it",
        "forecast_covers": "the forecast's alone",
        "found": "found",
        "equal": "called equal",
    }
    said = [name for name in columns if name in table]
    shown = table.groupby(by)[said].mean().rename(columns=columns)
    even = table[table.effect == 1].groupby(by[0]).p
    print(markdown((100 * shown).round(0).astype(int).reset_index()))
    print("\nUniform p-values under no effect, Kolmogorov-Smirnov:", end=" ")
    print(", ".join(f"{stats.kstest(p, 'uniform').pvalue:.2f} ({by[0]} {key:g})" for key, p in even))


def main(records: int) -> None:
    study = find_project().study("iraq")
    study = replace(study, file=study.file.model_copy(update={"horizons": 12, "features": ()}))
    for name, a_month in LEVELS.items():
        show(f"Counterfactual, all provinces, {name}", events(study, a_month, records), ["window", "effect"])
        sys.stdout.flush()
    controls = ["Anbar", "Kirkuk", "Salah al-Din"]
    local = differences(study, 60.0, records, "Nineveh", controls)
    show("Difference in differences, one province against three, 60 a month", local, ["window", "effect"])
    show("Distributed lag, a driver as Ramadan, 25 a month", lags(study, 25.0, records), ["effect"])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
