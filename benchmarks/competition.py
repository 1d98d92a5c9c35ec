"""Recipes of models/ on the 2023/24 VIEWS prediction competition, country-month, scored as the competition scored.

    VIEWS_TARGET=FILE python benchmarks/competition.py [MODEL,MODEL ...]      (make competition)

FILE holds deaths in state-based conflict by month_id and country_id (VIEWS, CC BY-NC 4.0: not bundled). For each of the
windows 2018-2023: 191 countries, data up to October of the year before, the year's twelve months (3 to 14 ahead), 1,000
draws. What is learnt from other studies is learnt up to the same October. Pools see the members' forecasts of the three
years before, 200 draws each. With VIEWS_PUBLISHED=FILE the competition's published means are printed beside ours.

The windows lie in the past: the entrants did not know them, and whoever tries recipes on them today does.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.engine import backtest
from provrisk.evaluation.backtest.fitted import fit, forecast
from provrisk.evaluation.backtest.protocol import Setup
from provrisk.evaluation.backtest.recipes import in_order
from provrisk.evaluation.scores.observations import observations
from provrisk.features.panel import panel_upto
from provrisk.jobs.learn import learn_from, teacher_panels
from provrisk.models.from_file import build
from provrisk.study import Project, find_project

YEARS = range(2018, 2024)
HORIZONS = range(3, 15)
DRAWS, PAST_DRAWS, PAST, REFIT = 1000, 200, 36, 12
EDGES = np.array([0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5, np.inf])
SHOWN = ("conflictology", "learnt_abroad", "ratio_forest", "fast_slow", "smoothed_conflictology", "pool")


def scores(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """CRPS, ignorance score and 90 % interval score of ``draws`` (..., draw), each the mean over all cells.

    CRPS in its plain form, half the spread over all pairs of draws, themselves included; ignorance in bits, over eleven
    bins with one draw added to each; the interval between the linear quantiles at 5 and 95 %.
    """
    ordered = np.sort(draws.astype(float), axis=-1)
    number = ordered.shape[-1]
    rank = 2 * np.arange(1, number + 1) - number - 1
    crps = np.abs(ordered - observed[..., None]).mean(axis=-1) - (rank * ordered).sum(axis=-1) / number**2
    bin_ = np.searchsorted(EDGES, observed, side="right") - 1
    inside = (ordered >= EDGES[bin_][..., None]) & (ordered < EDGES[bin_ + 1][..., None])
    ignorance = -np.log2((inside.sum(axis=-1) + 1) / (number + len(EDGES) - 1))
    low, high = np.quantile(ordered, [0.05, 0.95], axis=-1)
    outside = np.maximum(low - observed, 0) + np.maximum(observed - high, 0)
    return np.array([crps.mean(), ignorance.mean(), (high - low + 20 * outside).mean()])


def target(path: Path) -> pd.DataFrame:
    """Deaths in state-based conflict: a row a month, a column a country that each window has whole."""
    table = pd.read_csv(path, usecols=["month_id", "country_id", "ucdp_ged_sb_best_sum"])
    wide = table.pivot(index="month_id", columns="country_id", values="ucdp_ged_sb_best_sum")
    wide.index = months.span(months.parse("1980-01"), months.parse("2100-12"))[wide.index - 1]
    scored = wide.loc[f"{YEARS[0]}-01" : f"{YEARS[-1]}-12"]
    return wide.loc[:, scored.notna().all()]


def panel_of(table: pd.DataFrame) -> xr.Dataset:
    """A panel of the deaths up to the last month of ``table``, as ``build_panel`` would make it."""
    index = months.span(table.index[0], months.shift(table.index[-1], HORIZONS[-1]))
    values = table.reindex(index).to_numpy(dtype=float)
    attrs = {"known_ahead": False, "unit": "people"}
    coords = {"month": index, "province": [f"country {number}" for number in table.columns]}
    panel = xr.Dataset({"deaths": (("month", "province"), values, attrs)}, coords)
    origin = months.label(table.index[-1])
    return panel.assign_attrs(study="views", digest="-", source="VIEWS", origin=origin, target="deaths")


def window(project: Project, table: pd.DataFrame, year: int, models: list[str]) -> dict[str, np.ndarray]:
    """Draws (country, month, draw) of each model for the months of ``year``."""
    origin = months.parse(f"{year - 1}-10")
    panel = panel_of(table[:origin])
    files = project.models()
    learnt = learn_from(project, teacher_panels(project), upto=origin, without=[""])
    for name, file in files.items():
        if file.learnt:
            files[name] = file.model_copy(update={"settings": file.settings | {"learnt": learnt}})
    recipes = {name: build(name, file) for name, file in files.items()}
    needed = {name: recipes[name] for name in in_order(recipes, models)}
    first = months.shift(origin, -PAST)
    origins = months.span(first, months.shift(origin, -1))
    past = {}
    if any(hasattr(recipe, "members") for recipe in needed.values()):
        past = backtest(lambda at: panel_upto(panel, at), needed, origins, Setup(HORIZONS, PAST_DRAWS, REFIT)).past
    observed = {name: observations(panel, one) for name, one in past.items()}
    out = {}
    for name in models:
        try:
            drawn = forecast(panel, name, fit(name, recipes, panel, past, observed), HORIZONS, DRAWS, seed=1)
            out[name] = drawn.transpose("province", "horizon", "draw").to_numpy()
        except ProvriskError as error:
            print(f"{year}: {name} made no forecast: {error}")
    return out


def main() -> None:
    path = Path(os.environ.get("VIEWS_TARGET", ""))
    if not path.is_file():
        print("The competition is skipped: name the file of its target in VIEWS_TARGET.")
        return
    table = target(path)
    models = sys.argv[1].split(",") if len(sys.argv) > 1 else list(SHOWN)
    found: dict[str, list[np.ndarray]] = {name: [] for name in models}
    for year in YEARS:
        begin = time.perf_counter()
        observed = table.loc[f"{year}-01" : f"{year}-12"].to_numpy().T
        for name, draws in window(find_project(Path(__file__).resolve().parents[1]), table, year, models).items():
            found[name].append(scores(draws, observed))
        said = (f"{name} {of[-1][0]:.2f}" for name, of in found.items() if of)
        print(f"{year}: {', '.join(said)} ({time.perf_counter() - begin:.0f} s)", flush=True)
    print("| forecaster | CRPS | ignorance | interval | " + " | ".join(f"CRPS {year}" for year in YEARS) + " |")
    print("|---" * (4 + len(YEARS)) + "|")
    for name, values in found.items():
        if len(values) == len(YEARS):
            crps, ignorance, interval = np.mean(values, axis=0)
            by_year = " | ".join(f"{one[0]:.2f}" for one in values)
            print(f"| {name} | {crps:.2f} | {ignorance:.3f} | {interval:.0f} | {by_year} |")
    published = os.environ.get("VIEWS_PUBLISHED", "")
    for row in pd.read_csv(published).itertuples() if published else ():
        print(f"| {row.forecaster} | {row.crps_2018_2023} | {row.ignorance_2018_2023} | {row.interval_2018_2023} |")


if __name__ == "__main__":
    main()
