"""Linear pools: one forecast whose draws are shares of its members' draws."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Self

import numpy as np
import scoringrules as sr
import xarray as xr
from scipy.optimize import minimize

from provrisk.errors import ProvriskError
from provrisk.models.base import Combiner

CELL = ("province", "horizon")
TINY = 1e-6


class LinearPool(Combiner):
    """A linear pool in which a member that does badly here fades.

    A member's share is in proportion to its mean past CRPS to the power -``power``, the logs of the ratios to the
    members' mean shrunk to none as if ``prior`` more origins had shown all alike: without a past all shares are equal.
    One share a member for all horizons, so a draw is one member's draw for all provinces and horizons, and what a
    member ties together stays tied. Only the last ``memory`` origins count; of a member's draws every ``thin``-th is
    used.
    """

    def __init__(
        self, members: Sequence[str], power: float = 8.0, prior: float = 24, memory: int = 60, thin: int = 8
    ) -> None:
        self.members = members
        self.power = power
        self.prior = prior
        self.memory = memory
        self.thin = thin

    def fit(self, past: xr.DataArray, observed: xr.DataArray) -> Self:
        names = [name for name in self.members if name in past.model.values]
        logs = np.zeros(len(names))
        counts = observed.transpose("origin", *CELL).to_numpy()[-self.memory :]
        known = ~np.isnan(counts)
        if known.any():
            draws = _thinned(past, names, self.memory, self.thin)
            scores = np.array([_mean_crps(one[known], counts[known]) for one in draws])
            origins = known.any(axis=(1, 2)).sum()
            logs = np.log((scores + TINY) / (scores.mean() + TINY)) * origins / (origins + self.prior)
        self.shares_ = xr.DataArray(np.exp(-self.power * logs), dims="model", coords={"model": names})
        return self

    def combine(self, forecasts: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
        present = _present(self.members, forecasts)
        shares = self.shares_.reindex(model=present.model, fill_value=1.0).to_numpy()
        return pooled(present, np.tile(shares / shares.sum(), (present.sizes["horizon"], 1)), rng)


class CrpsPool(Combiner):
    """A linear pool whose weights minimise the CRPS of the pool on past forecasts, one set a horizon.

    The CRPS of a linear pool is quadratic in its weights: sum over k of (sum_m w_m F_m(k) - 1[count <= k])**2. The
    weights found are shrunk to equal ones as if ``prior`` more origins had spoken for those.
    Only the last ``memory`` origins count; of a member's draws every ``thin``-th is used.
    """

    def __init__(self, members: Sequence[str], prior: float = 24, memory: int = 60, thin: int = 4) -> None:
        self.members = members
        self.prior = prior
        self.memory = memory
        self.thin = thin

    def fit(self, past: xr.DataArray, observed: xr.DataArray) -> Self:
        names = [name for name in self.members if name in past.model.values]
        self.weights_ = xr.DataArray(
            1 / max(len(names), 1), dims=("horizon", "model"), coords={"horizon": observed.horizon, "model": names}
        )
        draws = _thinned(past, names, self.memory, self.thin)
        counts = observed.transpose("origin", *CELL).to_numpy()[-self.memory :]
        equal = np.full(len(names), 1 / max(len(names), 1))
        for i, horizon in enumerate(observed.horizon.values):
            origins = np.flatnonzero((~np.isnan(counts[..., i])).any(axis=1))
            if len(origins) and len(names) > 1:
                best = _best_weights(draws[:, :, :, i][:, origins], counts[origins, :, i], equal)
                shrunk = (len(origins) * best + self.prior * equal) / (len(origins) + self.prior)
                self.weights_.loc[{"horizon": horizon}] = shrunk
        return self

    def combine(self, forecasts: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
        present = _present(self.members, forecasts)
        equal = 1 / present.sizes["model"]
        weights = self.weights_.reindex(model=present.model, horizon=present.horizon, fill_value=equal).to_numpy()
        return pooled(present, weights / weights.sum(axis=1, keepdims=True), rng)


def pooled(forecasts: xr.DataArray, weights: np.ndarray, rng: np.random.Generator) -> xr.DataArray:
    """A share ``weights`` (horizon, model) of the draws of ``forecasts`` (model, province, horizon, draw).

    Draw i comes at every horizon from draw i of a member; members whose weight does not change with the horizon keep
    their draws whole.
    """
    n = forecasts.sizes["draw"]
    order = rng.permutation(n)
    values = forecasts.transpose("model", *CELL, "draw").to_numpy()
    out = np.empty(values.shape[1:], dtype=values.dtype)
    for h, share in enumerate(weights):
        ends = np.round(np.cumsum(share) * n).astype(int)
        for member, (first, end) in enumerate(pairwise((0, *ends))):
            out[:, h, first:end] = values[member][:, h, order[first:end]]
    return forecasts.isel(model=0, drop=True).transpose(*CELL, "draw").copy(data=out)


def _present(members: Sequence[str], forecasts: xr.DataArray) -> xr.DataArray:
    names = [name for name in members if name in forecasts.model.values]
    if not names:
        raise ProvriskError(
            f"None of the members {', '.join(members)} has a forecast at this origin: see the log for the reasons."
        )
    return forecasts.sel(model=names)


def _thinned(past: xr.DataArray, names: list[str], memory: int, thin: int) -> np.ndarray:
    """Every ``thin``-th draw of the last ``memory`` origins: (model, origin, province, horizon, draw)."""
    few = past.transpose("model", "origin", *CELL, "draw")[:, -memory:, ..., ::thin]
    return few.sel(model=names).to_numpy()


def _mean_crps(draws: np.ndarray, counts: np.ndarray) -> float:
    """The mean fair CRPS of ``draws`` (cell, draw) around ``counts`` (cell)."""
    return float(sr.crps_ensemble(counts, draws.astype(float), estimator="pwm").mean())


def _best_weights(draws: np.ndarray, counts: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Weights of least CRPS for ``draws`` (model, origin, province, draw) around ``counts`` (origin, province)."""
    known = ~np.isnan(counts)
    draws, counts = draws[:, known], counts[known]
    edges = np.unique(np.concatenate([np.arange(9), np.geomspace(9, 10 + draws.max() + counts.max(), 30).round()]))
    width = np.diff(edges)
    cdf = np.stack([(draws <= edge).mean(axis=-1) for edge in edges[:-1]], axis=-1) * np.sqrt(width)
    step = (counts[:, None] <= edges[:-1]) * np.sqrt(width)
    flat = cdf.reshape(len(draws), -1)
    quadratic, linear = flat @ flat.T / len(counts), flat @ step.ravel() / len(counts)
    found = minimize(
        lambda w: (float(w @ quadratic @ w - 2 * linear @ w), 2 * (quadratic @ w - linear)), start, jac=True,
        method="SLSQP", bounds=[(0, 1)] * len(start), constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    )  # fmt: skip
    return np.asarray(found.x if found.success else start)
