"""Rolling-origin backtests: every model re-run at each origin on what was known then."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from joblib import Parallel, delayed
from sklearn.base import clone

from provrisk import months, seeds
from provrisk.features.panel import panel_upto
from provrisk.models.base import Model


def backtest(
    panel: xr.Dataset,
    models: Mapping[str, Model],
    origins: pd.DatetimeIndex,
    horizons: Sequence[int],
    draws: int,
    refit_every: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> xr.DataArray:
    """Forecasts of ``models`` at every origin: integer counts over (model, origin, province, horizon, draw).

    A model is fitted at the first of every ``refit_every`` origins and predicts at each of them from
    what was known there. ``progress`` is called with the blocks done and their number.
    """
    blocks = [origins[i : i + refit_every] for i in range(0, len(origins), refit_every)]
    jobs = [(name, model, block) for name, model in models.items() for block in blocks]
    tasks = (delayed(_block)(panel, name, model, block, horizons, draws, seed) for name, model, block in jobs)
    results = []
    for result in Parallel(n_jobs=workers, return_as="generator")(tasks):
        results.append(result)
        progress(len(results), len(jobs))
    by_model = [xr.concat(results[i : i + len(blocks)], dim="origin") for i in range(0, len(results), len(blocks))]
    return xr.concat(by_model, dim=pd.Index(models, name="model")).assign_attrs(by_model[0].attrs, seed=seed)


def forecast(
    panel: xr.Dataset, name: str, fitted: Model, horizons: Sequence[int], draws: int, seed: int
) -> xr.DataArray:
    """The forecast of a fitted model at the panel's origin; its seed is keyed by study, model and origin."""
    rng = seeds.generator(seed, panel.attrs["study"], name, panel.attrs["origin"])
    return fitted.predict(panel, horizons, draws, rng).assign_attrs(model=name, seed=seed)


def _block(
    panel: xr.Dataset,
    name: str,
    model: Model,
    block: pd.DatetimeIndex,
    horizons: Sequence[int],
    draws: int,
    seed: int,
) -> xr.DataArray:
    fitted = clone(model).fit(panel_upto(panel, block[0]))
    forecasts = [forecast(panel_upto(panel, origin), name, fitted, horizons, draws, seed) for origin in block]
    targets = np.array([[months.shift(origin, h) for h in horizons] for origin in block], dtype="datetime64[us]")
    stacked = xr.concat([one.drop_vars(["target_month", "origin"]) for one in forecasts], dim="origin")
    return stacked.assign_coords(origin=block, target_month=(("origin", "horizon"), targets))
