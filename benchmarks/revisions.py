"""What real revisions did: how figures settled, whether the correction helps, and what "as of" is worth.

    python benchmarks/revisions.py ../shared/data/world

The folder holds ``vintages/asof_YYYY-MM-DD.csv``, states of one table that the study ``world`` can read.
Prints the tables of docs/revisions.md.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules as sr

from provrisk import months
from provrisk.events.counting import completeness
from provrisk.events.counting.provisional import PAST, provisional_ages
from provrisk.events.counting.revisions import revisions
from provrisk.events.releases.add import add_path
from provrisk.events.releases.release_store import Store
from provrisk.events.sources.user_file import UserFile
from provrisk.seeds import generator
from provrisk.study import Study, find_project, init_project

DRAWS = 400
AGES = [-1, 0, 2, 5, 8, 11]
EDITIONS = {2023: pd.Timestamp("2024-06-01"), 2024: pd.Timestamp("2025-07-01")}
"""From when on the vintages hold the yearly edition that made a year's months final."""
FIRST = pd.Timestamp("2024-07-01")  # by then the vintages have seen one yearly edition come out
VERSIONS, HORIZONS = 20, 6


def stored(folder: Path, study: Study) -> None:
    """Every vintage as a release of the day in its name; the bundled figures are the newest."""
    store = Store(study.project.releases)
    days = {path: pd.Timestamp(path.stem.removeprefix("asof_")) for path in folder.glob("vintages/asof_*.csv")}
    for path, day in sorted(days.items(), key=lambda one: one[1]):
        add_path(store, UserFile(path, study.folder / "pace.toml"), day)


def moves(table: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """By age: what was stated of the months ``first`` to ``last`` before their edition came, and how it moved since."""
    final = table[table.available == table.available.max()].set_index(["month", "province"]).value.rename("came")
    rows = table[table.month.between(months.parse(first), months.parse(last)) & table.age.between(0, 11)]
    rows = rows.join(final, on=["month", "province"]).dropna(subset=["value", "came"])
    rows = rows[((rows.value > 0) | (rows.came > 0)) & (rows.available < rows.month.dt.year.map(EDITIONS))]
    by = rows.assign(fell=rows.came < rows.value, rose=rows.came > rows.value).groupby("age")
    totals = by[["value", "came"]].sum()
    return pd.DataFrame(
        {
            "months": by.month.nunique(),
            "share": totals.value / totals.came,
            "fell": by.fell.mean(),
            "rose": by.rose.mean(),
        }
    )


def corrections(table: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """For each release, what was reported of the months ``first`` to ``last``, its correction, and what it came to."""
    final = table[table.available == table.available.max()].pivot(index="month", columns="province", values="value")
    wanted = months.span(months.parse(first), months.parse(last))
    parts = []
    for day in sorted(table.available.unique()):
        known = table[table.available <= day]
        fitted = completeness.learn(known)
        if fitted is None or day < FIRST:
            continue
        now = table[table.available == day].pivot(index="month", columns="province", values="value")
        ages = provisional_ages(known)
        level = now[~now.index.isin(ages.index)].tail(PAST).mean()
        ages = ages[ages.index.isin(wanted)]
        if ages.empty:
            continue
        reported, observed = now.loc[ages.index], final.reindex(index=ages.index, columns=now.columns)
        rng = generator("revisions", str(day))
        drawn = completeness.corrected(reported, ages, level, fitted, DRAWS, rng)
        uniform = rng.random(observed.shape)
        pit = (drawn < observed.to_numpy()).mean(axis=0) + uniform * (drawn == observed.to_numpy()).mean(axis=0)
        crps = sr.crps_ensemble(observed.to_numpy(), drawn, m_axis=0)
        columns = {"mean": drawn.mean(axis=0), "median": np.median(drawn, axis=0), "pit": pit, "crps": crps}
        long = pd.DataFrame({"reported": reported.stack(), "came": observed.stack()})
        for name, values in columns.items():
            long[name] = pd.DataFrame(values, reported.index, reported.columns).stack()
        long = long.reset_index()
        parts.append(long.assign(available=day, age=long.month.map(ages)))
    return pd.concat(parts, ignore_index=True).dropna()


def judged(rows: pd.DataFrame) -> pd.Series:
    """Errors and calibration over the cells that were, or became, more than zero."""
    rows = rows[(rows.reported > 0) | (rows.came > 0)]
    return pd.Series(
        {
            "cells": len(rows),
            "reported/came": rows.reported.sum() / rows.came.sum(),
            "corrected/came": rows["mean"].sum() / rows.came.sum(),
            "error as reported": (rows.reported - rows.came).abs().mean(),
            "of the median": (rows["median"] - rows.came).abs().mean(),
            "of the mean": (rows["mean"] - rows.came).abs().mean(),
            "CRPS": rows.crps.mean(),
            "inside 80 %": rows.pit.between(0.1, 0.9).mean(),
            "below": (rows.pit < 0.1).mean(),
            "above": (rows.pit > 0.9).mean(),
        }
    )


def worth(table: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """A row a cell of conflictology (the last twelve months, resampled), by what was known of those months.

    Origins ``first`` to ``last``, each as released on the day it first was, as corrected then, and as it is known now;
    CRPS of the very distribution, judged on what is known now.
    """
    final = table[table.available == table.available.max()].pivot(index="month", columns="province", values="value")
    parts = []
    for origin in months.span(months.parse(first), months.parse(last)):
        known = table[table.available <= table.available[table.month == origin].min()]
        now = known[known.available == known.available.max()].pivot(index="month", columns="province", values="value")
        places, year = now.columns.intersection(final.columns), months.span(months.shift(origin, -11), origin)
        seen = {
            "as released": now.loc[year, places].to_numpy()[None],
            "final": final.loc[year, places].to_numpy()[None],
        }
        seen["corrected"] = np.repeat(seen["as released"], VERSIONS, axis=0)
        fitted, ages = completeness.learn(known), provisional_ages(known)
        if fitted is not None:
            level, ages = now[~now.index.isin(ages.index)].tail(PAST).mean(), ages[ages.index.isin(year)]
            rng = generator("worth", str(origin))
            drawn = completeness.corrected(now.loc[ages.index, places], ages, level, fitted, VERSIONS, rng)
            seen["corrected"][:, year.get_indexer(ages.index)] = drawn
        for horizon in range(1, HORIZONS + 1):
            observed = final.loc[months.shift(origin, horizon), places].to_numpy()
            for name, values in seen.items():
                draws = values.reshape(-1, len(places)).T
                low, high = np.quantile(draws, [0.1, 0.9], axis=1, method="inverted_cdf")
                columns = {"crps": sr.crps_ensemble(observed, draws, estimator="nrg"), "busy": draws.mean(axis=1) >= 1}
                inside = (observed >= low) & (observed <= high)
                parts.append(pd.DataFrame({"known": name, "horizon": horizon, **columns, "inside": inside}))
    return pd.concat(parts)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    pd.set_option("display.width", 200, "display.max_columns", 20)
    with tempfile.TemporaryDirectory() as scratch:
        init_project(Path(scratch) / "project")
        project = find_project(Path(scratch) / "project")
        study = project.study("world")
        stored(asked.folder, study)
        table = revisions(study)
        print(moves(table, "2023-01", "2024-12").round(3).to_string())
        rows = corrections(table, "2024-01", "2024-12")
        print(rows.groupby(pd.cut(rows.age, AGES)).apply(judged).round(3).to_string())
        print(judged(rows).round(3).to_string())
        totals = rows.groupby(["available", "month"])[["reported", "mean", "came"]].sum()
        print(
            "world, error as reported and of the mean:", totals.sub(totals.came, axis=0).abs().mean().round(1).to_dict()
        )
        cells = worth(table, "2023-12", "2024-12")
        print(cells.groupby(["horizon", "known"]).crps.mean().unstack().round(2).to_string())
        busy = cells[cells.busy].groupby("known")[["crps", "inside"]].mean()
        print(busy.assign(all_cells=cells.groupby("known").crps.mean()).round(3).to_string())


if __name__ == "__main__":
    main()
