"""Leave one country out: the champion on the records of five countries, each forecast with what the others taught.

    PROVRISK_DATA=FOLDER python benchmarks/abroad.py [MODEL,MODEL ...]      (make abroad)

Records: the bundled monthly figures of iraq, mexico, myanmar and ukraine, and Bangladesh from the UCDP GED file in
the folder that PROVRISK_DATA names (left out without it). Each whole, with origins from the 24th month on, and, where
it is longer than 200 months, cut to its last 192 with origins 24-95. Horizons 1-6, fits every 24 months, 200 draws,
fair CRPS.

Prints the ratios of mean CRPS to EWMA-NB by likelihood, and their geometric mean with a 90 % interval over blocks of 12
origins, drawn by country.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules as sr
import xarray as xr
from skill_elsewhere import panel_of

from provrisk import seeds
from provrisk.evaluation.backtest.engine import backtest
from provrisk.evaluation.backtest.protocol import Setup
from provrisk.evaluation.scores.observations import observations
from provrisk.features.panel import counts_upto_origin, panel_upto
from provrisk.jobs.learn import learn_from, teacher_panels
from provrisk.models.from_file import build
from provrisk.study import Project, find_project

BENCHMARK = "ewma_nb_by_likelihood"
SHOWN = (BENCHMARK, "ewma_nb", "conflictology", "learnt_abroad", "smoothed_conflictology", "fast_slow", "ratio_forest",
         "pool")  # fmt: skip
STUDIES = ("iraq", "mexico", "myanmar", "ukraine")
FILE = "hdx_bangladesh_ged19.1.csv"
CUT, LONG, AHEAD, RESAMPLES, BLOCK = 192, 200, 6, 2000, 12


def bangladesh(path: Path) -> np.ndarray:
    """Events (month, division) of the GED file of Bangladesh, 1989-2018."""
    table = pd.read_csv(path, skiprows=[1], usecols=["adm_1", "date_start"], dtype=str).dropna()
    division = table.adm_1.str.replace("ā", "a").str.split().str[0]
    month = pd.to_datetime(table.date_start.str[:10]).dt.to_period("M")
    span = pd.period_range("1989-01", "2018-12", freq="M")
    return pd.crosstab(month, division).reindex(span, fill_value=0).to_numpy(dtype=float)


def records(project: Project) -> dict[str, np.ndarray]:
    """Counts (month, unit) by country."""
    panels = teacher_panels(project, STUDIES)
    out = {name: counts_upto_origin(panel) for name, panel in panels.items()}
    folder = os.environ.get("PROVRISK_DATA", "")
    if Path(folder, FILE).is_file():
        out["bangladesh"] = bangladesh(Path(folder, FILE))
    else:
        print("Bangladesh is left out: PROVRISK_DATA names no folder with its file.")
    return {name: counts[:, np.nansum(counts, axis=0) > 0] for name, counts in out.items()}


def without_bangladesh(project: Project) -> object:
    """What all studies teach, Bangladesh's own deaths left out of the world's."""
    panels = teacher_panels(project)
    kept = {name: panel.isel(province=panel.province != "Bangladesh") for name, panel in panels.items()}
    return learn_from(project, kept, without=[""])


def run(project: Project, name: str, counts: np.ndarray, first: int, last: int, models: tuple[str, ...]) -> np.ndarray:
    """Mean fair CRPS of each of ``models`` at each origin: (model, origin)."""
    files = project.models()
    if name == "bangladesh":
        learnt = files["learnt_abroad"]
        files["learnt_abroad"] = learnt.model_copy(update={"settings": {"learnt": without_bangladesh(project)}})
    recipes = {model: build(model, files[model]) for model in models}
    panel = panel_of(counts).assign_attrs(study=name)
    origins = panel.indexes["month"][first - 1 : last]
    tested = backtest(lambda origin: panel_upto(panel, origin), recipes, origins, Setup(range(1, AHEAD + 1), 200, 24))
    return np.stack([_by_origin(panel, tested.forecasts[model], origins) for model in models])


def _by_origin(panel: xr.Dataset, drawn: xr.DataArray, origins: pd.DatetimeIndex) -> np.ndarray:
    """Mean CRPS an origin; missing where the model bowed out."""
    drawn = drawn.transpose("origin", "province", "horizon", "draw")
    scores = sr.crps_ensemble(observations(panel, drawn).to_numpy(), drawn.to_numpy().astype(float), estimator="pwm")
    return pd.Series(np.nanmean(scores, axis=(1, 2)), drawn.indexes["origin"]).reindex(origins).to_numpy()


def blocks(number: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of origins, drawn in blocks: (resample, origin), the origins as they are first."""
    start = rng.integers(number, size=(RESAMPLES, -(-number // BLOCK), 1))
    rows = ((start + np.arange(BLOCK)) % number).reshape(RESAMPLES, -1)[:, :number]
    return np.vstack([np.arange(number), rows])


def main() -> None:
    project = find_project(Path(__file__).resolve().parents[1])
    models = tuple(sys.argv[1].split(",")) if len(sys.argv) > 1 else SHOWN
    models = (BENCHMARK, *(model for model in models if model != BENCHMARK))
    logs: dict[str, np.ndarray] = {}
    for name, counts in records(project).items():
        rng = seeds.generator("abroad", name)
        cases = {name: (counts, len(counts) - AHEAD)}
        if len(counts) > LONG:
            cases[f"{name}, cut"] = (counts[-CUT:], 95)
        for case, (record, last) in cases.items():
            scores = run(project, name, record, 24, last, models)
            rows = blocks(scores.shape[1], rng)
            ratio = []
            for one in scores:  # on the origins at which the model did not bow out; none: no ratio
                base = np.where(np.isnan(one), np.nan, scores[0])
                with np.errstate(invalid="ignore"):
                    ratio.append(np.nansum(one[rows], axis=1) / np.nansum(base[rows], axis=1))
            logs[case] = np.log(ratio)
            said = (f"{model} {np.exp(log[0]):.3f}" for model, log in zip(models, logs[case], strict=True))
            print(f"{case} ({len(record)} months, {record.shape[1]} units): {', '.join(said)}", flush=True)
    mean = np.exp(np.mean(list(logs.values()), axis=0))
    print("| model | " + " | ".join(logs) + " | geometric mean |")
    print("|---" * (2 + len(logs)) + "|")
    for i, model in enumerate(models):
        low, high = np.quantile(mean[i, 1:], [0.05, 0.95])
        cells = (f"{np.exp(log[i, 0]):.3f}" for log in logs.values())
        print(f"| {model} | " + " | ".join(cells) + f" | {mean[i, 0]:.3f} ({low:.3f}-{high:.3f}) |")


if __name__ == "__main__":
    main()
