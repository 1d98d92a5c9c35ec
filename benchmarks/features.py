"""How long the whole feature panel takes, and what memory: 3,600 provinces and 420 months, simulated.

    python benchmarks/features.py [provinces] [months]

Writes a study of a grid of provinces to a temporary folder, with 60 drivers that all touch every province,
counts from a negative binomial, and builds the panel with every family; then cuts it at one origin.

Asked: under 60 s and 4 GiB on two cores. Measured on two busy cores: 26 s, 1.7 GiB at the peak, 87 variables; the cut
3.3 s. A third of the time goes into the digest of the 1.5 million rows of counts.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk import months, seeds
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import build_panel, panel_upto
from provrisk.study import Study, find_project, load_study


def grid_study(folder: Path, number: int) -> Study:
    """A study of ``number`` provinces in a grid, each bordering those beside, above and below."""
    side = int(np.ceil(np.sqrt(number)))
    rows, columns = np.divmod(np.arange(number), side)
    names = np.array([f"P{i:04d}" for i in range(number)])
    blank = dict.fromkeys(("iso", "pcode", "capital", "population", "aliases"), "")
    table = pd.DataFrame({"province": names, "latitude": rows / 4, "longitude": columns / 4, **blank})
    table.to_csv(folder / "provinces.csv", index=False)
    beside = np.flatnonzero((columns < side - 1) & (np.arange(number) + 1 < number))
    below = np.flatnonzero(np.arange(number) + side < number)
    a, b = np.r_[beside, below], np.r_[beside + 1, below + side]
    pd.DataFrame({"a": names[a], "b": names[b]}).to_csv(folder / "neighbours.csv", index=False)
    kinds = [f"type {i}" for i in range(15)]
    start = pd.date_range("1990-01-15", periods=60, freq="210D").strftime("%Y-%m-%d")
    empty = dict.fromkeys(("end", "known_on", "end_known_on"), "")
    drivers = pd.DataFrame({"id": range(60), "name": "driver", "start": start, "type": kinds * 4, **empty})
    flags = {"provinces": "|".join(names), "day_confirmed": "yes", "endogenous": "no"}
    drivers.assign(**flags).to_csv(folder / "drivers.csv", index=False)
    text = (find_project().root / "features" / "iraq" / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text[: text.index("[drivers.shapes]")], encoding="utf-8")
    return with_every_feature(load_study(folder))


def simulated(study: Study, length: int) -> pd.DataFrame:
    """Counts by month and province: a gamma rate a province, Poisson months, two kinds of attack."""
    rng = seeds.generator("benchmark features")
    shape = (length, len(study.provinces))
    attacks = rng.poisson(rng.gamma(0.3, 6, shape[1]), shape)
    span = months.span(months.parse("1990-01"), months.shift(months.parse("1990-01"), length - 1))
    cells = pd.MultiIndex.from_product([span, study.provinces.index], names=["month", "province"])
    one = rng.binomial(attacks, 0.4)
    columns = {
        "attacks": attacks,
        "deaths": 3 * attacks,
        "attacks_state_based": one,
        "attacks_one_sided": attacks - one,
    }
    table = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=cells)
    return table.reset_index().assign(observed=True)


def main() -> None:
    provinces, length = (int(text) for text in (*sys.argv[1:], 3600, 420)[:2])
    with tempfile.TemporaryDirectory() as folder:
        study = grid_study(Path(folder), provinces)
        counts = simulated(study, length)
        before = time.perf_counter()
        panel = build_panel(study, counts)
        built = time.perf_counter() - before
        before = time.perf_counter()
        panel_upto(panel, panel.indexes["month"][length // 2])
        cut = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    result = {
        "provinces": provinces,
        "months": length,
        "variables": len(panel.data_vars),
        "build_seconds": round(built, 2),
        "cut_seconds": round(cut, 2),
        "peak_GiB": round(peak, 2),
        "panel_GiB": round(panel.nbytes / 2**30, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
