"""What other packages forecast: runs in the environment of requirements.txt, knows nothing of provrisk.

    python peers.py JOB.json

The job names the monthly table, the first and last origin, horizons, refit and the quantile levels; beside it are
written quantiles.parquet (model, origin, horizon, province, mean, one column a level) and seconds.json.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster_multiseries
from skforecast.preprocessing import RollingFeatures
from skforecast.recursive import ForecasterRecursiveMultiSeries
from sklearn.linear_model import Ridge
from statsforecast import StatsForecast
from statsforecast.models import TSB, AutoARIMA, AutoETS, CrostonSBA, SimpleExponentialSmoothing
from statsforecast.utils import ConformalIntervals

# Tried on the scored origins themselves, in the peers' favour: of 2, 4, 8 and 12 none is better than 4 by over 0.002.
WINDOWS = 4


def main(path: Path) -> None:
    warnings.simplefilter("ignore")
    job = json.loads(path.read_text())
    data = pd.read_csv(job["table"], dtype={"province": str}, keep_default_na=False)
    data = pd.DataFrame(
        {"unique_id": data.province, "ds": pd.to_datetime(data.month + "-01"), "y": data.attacks.astype(float)}
    )
    last = pd.Timestamp(job["last"]) + pd.DateOffset(months=max(job["horizons"]))
    data = data[data.ds <= last]
    conformal = ConformalIntervals(n_windows=WINDOWS, h=max(job["horizons"]))
    smoothing = {
        "SES": SimpleExponentialSmoothing(alpha=job["alpha"], prediction_intervals=conformal),
        "TSB": TSB(alpha_d=0.2, alpha_p=0.2, prediction_intervals=conformal),
        "CrostonSBA": CrostonSBA(prediction_intervals=conformal),
    }
    automatic = {"AutoETS": AutoETS(), "AutoARIMA": AutoARIMA()}
    tables, seconds = {}, {}
    for name, model in {**smoothing, **automatic}.items():
        refit = job["refit_every"] if name in automatic else True  # the others have nothing to fit
        tables[f"statsforecast {name}"], seconds[f"statsforecast {name}"] = timed(
            statsforecast, data, model, refit, job
        )
    name = "skforecast Ridge on lags"
    tables[name], seconds[name] = timed(skforecast, data, job)
    point, seconds["point SES"] = timed(statsforecast, data, smoothing["SES"], True, job | {"levels": []})
    assert (point["mean"].to_numpy() == tables["statsforecast SES"]["mean"].to_numpy()).all()
    table = pd.concat(tables, names=["model", None]).droplevel(1).reset_index()
    table.to_parquet(path.parent / "quantiles.parquet")
    versions = {package: version(package) for package in ("statsforecast", "skforecast", "pandas", "numpy")}
    (path.parent / "seconds.json").write_text(json.dumps({"seconds": seconds, "versions": versions}))


def timed(run: Callable[..., pd.DataFrame], data: pd.DataFrame, *settings: object) -> tuple[pd.DataFrame, float]:
    """The table of a run and its processor seconds, after a small run that loads and compiles."""
    *others, job = settings
    near = {**job, "first": pd.Timestamp(job["last"]) - pd.DateOffset(months=2)}
    run(data[data.unique_id.isin(data.unique_id.unique()[:3])], *others, near)
    start = time.process_time()
    table = run(data, *others, job)
    return table, time.process_time() - start


def statsforecast(data: pd.DataFrame, model: object, refit: bool | int, job: dict) -> pd.DataFrame:
    """One model by ``cross_validation``: the ends of central intervals are the quantiles."""
    central = {round(100 * abs(1 - 2 * level)) for level in job["levels"]}
    origins = pd.date_range(job["first"], job["last"], freq="MS")
    done = StatsForecast([model], freq="MS", n_jobs=1).cross_validation(
        df=data, h=max(job["horizons"]), n_windows=len(origins), step_size=1, level=sorted(central) or None, refit=refit
    )
    horizon = (done.ds.dt.year - done.cutoff.dt.year) * 12 + done.ds.dt.month - done.cutoff.dt.month
    columns = {"origin": done.cutoff, "horizon": horizon, "province": done.unique_id, "mean": done[model.alias]}
    for level in job["levels"]:
        side = "lo" if level < 0.5 else "hi"
        columns[f"{level:.3f}"] = done[f"{model.alias}-{side}-{round(100 * abs(1 - 2 * level))}"]
    return pd.DataFrame(columns).reset_index(drop=True)


def skforecast(data: pd.DataFrame, job: dict) -> pd.DataFrame:
    """One ridge regression for all provinces on six lags and two means, its residuals resampled along 250 paths."""
    series = data.pivot(index="ds", columns="unique_id", values="y").asfreq("MS")
    model = ForecasterRecursiveMultiSeries(
        Ridge(10.0),
        lags=6,
        window_features=RollingFeatures(stats=["mean", "mean"], window_sizes=[12, 24]),
        encoding=None,
    )
    folds = TimeSeriesFold(
        steps=max(job["horizons"]),
        initial_train_size=int((series.index <= pd.Timestamp(job["first"])).sum()),
        refit=job["refit_every"],
        fold_stride=1,
        fixed_train_size=False,
        allow_incomplete_fold=False,
    )
    _, done = backtesting_forecaster_multiseries(
        model, series, folds, metric="mean_absolute_error", interval=job["levels"], interval_method="bootstrapping",
        n_boot=250, random_state=1, n_jobs=1, show_progress=False, suppress_warnings=True,
    )  # fmt: skip
    quantiles = np.sort(done.filter(regex="^q_").to_numpy(), axis=1)
    origin = pd.Timestamp(job["first"]).to_period("M") + done.fold.to_numpy()
    horizon = (done.index.to_period("M").astype("int64") - pd.PeriodIndex(origin).astype("int64")).to_numpy()
    table = pd.DataFrame(quantiles, columns=[f"{level:.3f}" for level in job["levels"]])
    head = {"origin": pd.PeriodIndex(origin).to_timestamp(), "horizon": horizon, "province": done.level.to_numpy()}
    return pd.concat([pd.DataFrame({**head, "mean": done.pred.to_numpy()}), table], axis=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
