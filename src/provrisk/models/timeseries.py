"""One time series a province, by statsmodels, on the square-root scale: ETS, SARIMAX, unobserved components."""

import warnings
from abc import abstractmethod
from collections.abc import Callable, Container, Sequence
from typing import Any, Self

import numpy as np
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import known_mean, need_months

MEMORY = 240  # months at the end of a longer record that a model is fitted to
RARE = 3  # an input that differs from its usual value in fewer months is not fitted
LEAST_WEIGHT = 1e-4  # of the last month in a level
CEILING = 3.0  # no path goes beyond this multiple of the province's highest count
THREE_EIGHTHS = 0.375


class _SquareRoot(Model):
    """A Gaussian model of 2 sqrt(count + 3/8) for each province.

    The root gives a Poisson the variance one (Anscombe 1948). Parameters are those of the fit; at a later
    origin the state is filtered again from the counts up to it. Simulated paths are turned back to counts:
    squared, never negative, never beyond three times the province's highest count. A province with fewer
    than ``least_active`` months of attacks has no dynamics to fit: its own months of the last ten years are
    resampled.
    """

    least_active: int
    families: Sequence[str] = ()

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        need_months(counts, 24, type(self).__name__)
        self.params_: dict[int, np.ndarray] = {}
        self.converged_: dict[int, bool] = {}
        self.inputs_: dict[int, list[str]] = {}
        for column in range(counts.shape[1]):
            if (counts[:, column] > 0).sum() < self.least_active:
                continue
            self.inputs_[column] = self._varying(panel, column, len(counts))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what they warn of stands in converged_
                try:
                    inputs = self._inputs(panel, column)[: len(counts)]
                    model = self._model(scaled(counts[:, column])[-MEMORY:], inputs[-MEMORY:])
                    result = model.fit(disp=False, maxiter=100)
                except (np.linalg.LinAlgError, ValueError) as error:
                    raise ProvriskError(f"{type(self).__name__} could not be fitted ({error}): leave it out.") from None
            self.params_[column] = np.asarray(result.params)
            self.converged_[column] = bool(result.mle_retvals.get("converged", True))
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        def paths(column: int) -> np.ndarray:
            return self._paths(panel, column, max(horizons), draws, rng)

        return by_province(counts_upto_origin(panel), self.params_, paths, horizons, draws, rng)

    def _paths(self, panel: xr.Dataset, column: int, steps: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Simulated paths (step, draw) on the square-root scale."""
        counts = counts_upto_origin(panel)
        inputs = self._inputs(panel, column)
        ahead = inputs[np.minimum(np.arange(len(counts), len(counts) + steps), len(inputs) - 1)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = self._model(scaled(counts[:, column])[-MEMORY:], inputs[: len(counts)][-MEMORY:])
            return self._simulate(model, self.params_[column], steps, draws, ahead, rng)

    def _simulate(
        self, model: Any, params: np.ndarray, steps: int, draws: int, ahead: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Paths (step, draw) of a state-space model, all draws at once: the library's own simulates them one by one."""
        result = model.filter(params).filter_results
        transition, design = result.transition[..., -1], result.design[0, :, -1]
        noise = _root(result.selection[..., -1] @ result.state_cov[..., -1] @ result.selection[..., -1].T)
        n = len(transition)
        state = result.predicted_state[:, -1:] + _root(result.predicted_state_cov[..., -1]) @ rng.standard_normal(
            (n, draws)
        )
        spread = np.sqrt(max(result.obs_cov[0, 0, -1], 0))
        regression = ahead @ params[: ahead.shape[1]]
        paths = np.empty((steps, draws))
        for step in range(steps):
            paths[step] = design @ state + regression[step] + spread * rng.standard_normal(draws)
            state = transition @ state + noise @ rng.standard_normal((n, draws))
        return paths

    def _varying(self, panel: xr.Dataset, column: int, n: int) -> list[str]:
        """What is known ahead of the families named, and was other than usual in a few of a province's months."""
        names = []
        for name, variable in panel.data_vars.items():
            if variable.attrs.get("family") in self.families and variable.attrs["known_ahead"]:
                values = variable.transpose("month", "province").to_numpy()[max(n - MEMORY, 0) : n, column]
                if len(values) - np.unique(np.nan_to_num(values), return_counts=True)[1].max() >= RARE:
                    names.append(str(name))
        return names

    def _inputs(self, panel: xr.Dataset, column: int) -> np.ndarray:
        """The inputs of a province: (month, input)."""
        columns = [panel[name].transpose("month", "province").to_numpy()[:, column] for name in self.inputs_[column]]
        return np.nan_to_num(np.stack(columns, axis=1)) if columns else np.empty((panel.sizes["month"], 0))

    @abstractmethod
    def _model(self, series: np.ndarray, inputs: np.ndarray) -> Any:
        """The unfitted statsmodels model of ``series``."""


class Ets(_SquareRoot):
    """Exponential smoothing in state-space form: additive error, damped trend if ``trend``, no season.

    Without a trend all provinces are fitted together (``fitted_levels``); with one, statsmodels fits each.
    """

    def __init__(self, trend: bool = False, least_active: int = 12) -> None:
        self.trend = trend
        self.least_active = least_active

    def fit(self, panel: xr.Dataset) -> Self:
        if self.trend:
            return super().fit(panel)
        counts = counts_upto_origin(panel)
        need_months(counts, 24, type(self).__name__)
        columns = np.flatnonzero((counts > 0).sum(axis=0) >= self.least_active)
        weights, begun = fitted_levels(_window(counts, columns))
        self.params_ = dict(zip(columns.tolist(), np.stack([weights, begun], axis=1), strict=True))
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        if self.trend:
            return super().sample(panel, horizons, draws, rng)
        counts, rows = counts_upto_origin(panel), {column: row for row, column in enumerate(self.params_)}
        weights, begun = np.reshape(list(self.params_.values()), (-1, 2)).T
        level, errors = smoothed(_window(counts, np.array(list(rows), dtype=int)), weights, begun)
        spread = np.sqrt((errors**2).mean(axis=0))
        paths, now = np.empty((max(horizons), len(rows), draws)), np.repeat(level[:, None], draws, axis=1)
        for step in range(len(paths)):
            error = spread[:, None] * rng.standard_normal(now.shape)
            paths[step] = now + error
            now = now + weights[:, None] * error
        return by_province(counts, self.params_, lambda column: paths[:, rows[column]], horizons, draws, rng)

    def _model(self, series: np.ndarray, inputs: np.ndarray) -> Any:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        return ETSModel(filled(series), error="add", trend="add" if self.trend else None, damped_trend=self.trend)

    def _simulate(
        self, model: Any, params: np.ndarray, steps: int, draws: int, ahead: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        paths = model.smooth(params).simulate(steps, anchor="end", repetitions=draws, rng=rng)
        return np.asarray(paths).reshape(steps, draws)


class Sarimax(_SquareRoot):
    """ARIMA errors around a regression on what the panel knows ahead of the ``families`` named."""

    def __init__(self, order: Sequence[int] = (1, 1, 1), families: Sequence[str] = (), least_active: int = 12) -> None:
        self.order = order
        self.families = families
        self.least_active = least_active

    def _model(self, series: np.ndarray, inputs: np.ndarray) -> Any:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        return SARIMAX(series, exog=inputs if inputs.shape[1] else None, order=tuple(self.order))


class UnobservedComponents(_SquareRoot):
    """A local level with, if ``cycle``, a damped cycle: a structural time series (Harvey 1989)."""

    def __init__(self, level: str = "local level", cycle: bool = False, least_active: int = 12) -> None:
        self.level = level
        self.cycle = cycle
        self.least_active = least_active

    def _model(self, series: np.ndarray, inputs: np.ndarray) -> Any:
        from statsmodels.tsa.statespace.structural import UnobservedComponents as Components

        return Components(
            series, level=self.level, cycle=self.cycle, stochastic_cycle=self.cycle, damped_cycle=self.cycle
        )


def smoothed(series: np.ndarray, weights: np.ndarray, begun: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The level of each province after the last month of ``series`` (month, province), and the errors one month ahead.

    level = level + weight * error, from the level ``begun``; ``weights`` may have axes before that of provinces.
    """
    level = np.broadcast_to(begun, weights.shape)
    errors = np.empty((len(series), *weights.shape))
    for month, now in enumerate(series):
        errors[month] = now - level
        level = level + weights * errors[month]
    return level, errors


def fitted_levels(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight and first level of least squared error one month ahead, for all of ``series`` (month, province) at once.

    That is the likelihood's maximum (Hyndman et al. 2008, section 5.1). Errors are linear in the first level, so that
    its best value for a weight is a regression; the weight is searched for on a grid that closes in.
    """
    low, high = np.full(series.shape[1], LEAST_WEIGHT), np.full(series.shape[1], 1 - LEAST_WEIGHT)
    power, every = np.arange(len(series))[:, None, None], np.arange(series.shape[1])
    for points in (41, 11, 11, 11, 11):
        weights = np.linspace(low, high, points)
        fade = (1 - weights) ** power
        errors = smoothed(series, weights, np.zeros_like(weights))[1]
        begun = (fade * errors).sum(axis=0) / (fade**2).sum(axis=0)
        best = ((errors - fade * begun) ** 2).sum(axis=0).argmin(axis=0)
        low, high = weights[np.maximum(best - 1, 0), every], weights[np.minimum(best + 1, points - 1), every]
    return weights[best, every], begun[best, every]


def _window(counts: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The series that ETS is fitted to, its gaps filled: (month, column)."""
    series = [filled(scaled(counts[:, column])[-MEMORY:]) for column in columns]
    return np.stack(series, axis=1) if series else np.empty((min(len(counts), MEMORY), 0))


def by_province(
    counts: np.ndarray,
    fitted: Container[int],
    paths: Callable[[int], np.ndarray],
    horizons: Sequence[int],
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Counts (province, horizon, draw): from ``paths`` (step, draw) of each province that was ``fitted``.

    The others have the observed months of their last ten years resampled.
    """
    out = np.empty((counts.shape[1], len(horizons), draws))
    for column, series in enumerate(counts.T):
        if column in fitted:
            chosen = paths(column)[np.asarray(horizons) - 1]
            out[column] = unscaled(chosen, CEILING * max(np.nanmax(series), 1), rng)
        else:
            past = series[-120:][~np.isnan(series[-120:])]
            out[column] = rng.choice(past, out[column].shape) if len(past) else 0
    return out


def scaled(counts: np.ndarray) -> np.ndarray:
    """Counts of even spread: twice the square root of count + 3/8 (Anscombe 1948)."""
    return np.asarray(2 * np.sqrt(counts + THREE_EIGHTHS))


def unscaled(values: np.ndarray, ceiling: float, rng: np.random.Generator) -> np.ndarray:
    """Whole counts from the square-root scale, in [0, ``ceiling``]; a fraction is rounded up with that probability."""
    counts = np.clip((np.maximum(values, 0) / 2) ** 2 - THREE_EIGHTHS, 0, ceiling)
    return np.floor(counts + rng.random(counts.shape))


def filled(series: np.ndarray) -> np.ndarray:
    """``series`` with gaps carried forward: for models that cannot filter over them."""
    out = series.copy()
    out[0] = known_mean(series[:, None])[0] if np.isnan(out[0]) else out[0]
    last = np.maximum.accumulate(np.where(np.isnan(out), 0, np.arange(len(out))))
    return out[last]


def _root(covariance: np.ndarray) -> np.ndarray:
    """A matrix whose square is ``covariance``, which may be singular."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
