"""Count regressions on the panel: negative binomial and hurdle, from statsmodels, and zero-inflated."""

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import xarray as xr
from scipy.optimize import minimize
from scipy.special import expit

from provrisk.errors import ProvriskError
from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.design_matrix import Design
from provrisk.models.smoothed_levels import FLOOR, need_months

STEPS = 60
SPREAD = 0.2  # standard deviation of a prior of the slopes of the zero-inflated regression
HIGHEST = 20.0  # of the log of a mean
LARGEST_ALPHA = 20.0  # beyond it a zero-truncated negative binomial has hardly a mean
CAP = 2.0  # no draw of a hurdle is above this multiple of the province's highest count


class _CountRegression(Model):
    """A regression of the count ``horizon`` months later, all provinces pooled, one a horizon of ``anchors``.

    Regressors are those of ``Design``. No predicted mean goes beyond the highest count that the province has
    seen: log-link regressions explode now and then.
    """

    def __init__(
        self,
        families: Sequence[str] = (),
        anchors: Sequence[int] = (1, 3, 6, 12),
        burn_in: int = 12,
        least: int = 36,
    ) -> None:
        self.families = families
        self.anchors = anchors
        self.burn_in = burn_in
        self.least = least

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        need_months(counts, self.least, type(self).__name__)
        self.designs_: dict[int, Design] = {}
        self.params_: dict[int, np.ndarray] = {}
        self.converged_: dict[int, bool] = {}
        for horizon in self.anchors:
            design = Design(self.families).fit(panel, horizon, self.burn_in)
            if not len(design.y_):
                continue
            if not (design.y_ > 0).any() or not (design.y_ == 0).any():
                raise ProvriskError(f"{type(self).__name__} needs months with and without attacks: leave it out.")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what they warn of stands in converged_
                try:
                    self.params_[horizon], self.converged_[horizon] = self._estimate(design.y_, design.x_)
                except (np.linalg.LinAlgError, ValueError) as error:
                    raise ProvriskError(f"{type(self).__name__} could not be fitted ({error}): leave it out.") from None
            if not np.isfinite(self.params_[horizon]).all():
                raise ProvriskError(f"{type(self).__name__} found no finite coefficients: leave it out.")
            self.designs_[horizon] = design
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        fitted = np.array(list(self.designs_))
        ceiling = np.maximum(np.nan_to_num(np.nanmax(counts_upto_origin(panel), axis=0, initial=0)), 1)
        out = []
        for horizon in horizons:
            nearest = int(fitted[np.abs(fitted - horizon).argmin()])
            x = self.designs_[nearest].at_origin(panel, horizon)
            out.append(self._draw(self.params_[nearest], x, ceiling, draws, rng))
        return np.stack(out, axis=1)

    @abstractmethod
    def _estimate(self, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, bool]:
        """Coefficients and whether the fit converged."""

    @abstractmethod
    def _draw(
        self, params: np.ndarray, x: np.ndarray, ceiling: np.ndarray, draws: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Counts (province, draw)."""


def _start(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Where a negative-binomial fit begins: a GLM of fixed dispersion, whose least squares bear collinearity."""
    from statsmodels.genmod.families import NegativeBinomial
    from statsmodels.genmod.generalized_linear_model import GLM

    return np.append(GLM(y, x, family=NegativeBinomial(alpha=1.0)).fit(maxiter=STEPS).params, 1.0)


class NBRegression(_CountRegression):
    """Negative-binomial (NB2) regression with log link."""

    def _estimate(self, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, bool]:
        from statsmodels.discrete.discrete_model import NegativeBinomial

        return _result(NegativeBinomial(y, x).fit(_start(y, x), disp=0, maxiter=STEPS))

    def _draw(
        self, params: np.ndarray, x: np.ndarray, ceiling: np.ndarray, draws: int, rng: np.random.Generator
    ) -> np.ndarray:
        return _negative_binomial(x @ params[:-1], params[-1], ceiling, draws, rng)


class ZeroInflatedNB(_CountRegression):
    """Zero-inflated NB2: a month is quiet for good with a probability that is logistic in the fast level.

    Slopes of the mean are held by a normal prior of standard deviation ``SPREAD``: dozens of regressors tell the same.
    """

    def _estimate(self, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, bool]:
        z = x[:, :2]
        k = z.shape[1]
        is_slope = np.repeat([False, True, False], [k + 1, x.shape[1] - 1, 1])

        def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
            gate, log_mean = z @ theta[:k], np.minimum(x @ theta[k:-1], HIGHEST)
            given = y, np.exp(log_mean), np.exp(-theta[-1])
            likelihood, (by_mean, by_size) = negbin.log_likelihood(*given), negbin.slopes(*given)
            quiet = -np.logaddexp(0, -gate)
            alive = quiet - gate + likelihood
            both = np.where(y == 0, np.logaddexp(quiet, alive), alive)
            was_quiet = np.where(y == 0, np.exp(quiet - both), 0)
            by_mean, by_size = (1 - was_quiet) * by_mean * (log_mean < HIGHEST), (1 - was_quiet) * by_size
            slope = np.concatenate([(was_quiet - expit(gate)) @ z, by_mean @ x, [-by_size.sum()]])
            held = np.where(is_slope, theta, 0) / SPREAD**2
            return (float(held @ theta) / 2 - float(both.sum())) / len(y), (held - slope) / len(y)

        # From hardly any inflation: from much of it a fit may end in nothing but zeros.
        begin = np.concatenate([np.eye(1, k)[0] * -3.0, _start(y, x)[:-1], [0.0]])
        spread = (-np.log(negbin.LARGEST_SIZE), np.log(LARGEST_ALPHA))
        found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=[*[(None, None)] * (len(begin) - 1), spread])
        return np.append(found.x[:-1], np.exp(found.x[-1])), bool(found.success)

    def _draw(
        self, params: np.ndarray, x: np.ndarray, ceiling: np.ndarray, draws: int, rng: np.random.Generator
    ) -> np.ndarray:
        inflate = x[:, :2].shape[1]
        counts = _negative_binomial(x @ params[inflate:-1], params[-1], ceiling, draws, rng)
        return np.where(rng.random(counts.shape) < expit(x[:, :2] @ params[:inflate])[:, None], 0, counts)


class HurdleNB(_CountRegression):
    """A logit for a month with attacks, and a zero-truncated NB2 for how many."""

    def _estimate(self, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, bool]:
        from statsmodels.discrete.discrete_model import Logit, NegativeBinomial
        from statsmodels.discrete.truncated_model import TruncatedLFNegativeBinomialP

        crossed = _result(Logit(y > 0, x).fit(disp=0, maxiter=STEPS))
        above = y > 0
        # From the untruncated fit: from its own start half of the truncated ones do not converge.
        begin = NegativeBinomial(y[above], x[above]).fit(disp=0, maxiter=STEPS).params
        many = _result(
            TruncatedLFNegativeBinomialP(y[above], x[above]).fit(begin, disp=0, maxiter=3 * STEPS, method="lbfgs")
        )
        return np.concatenate([crossed[0], many[0]]), crossed[1] and many[1]

    def _draw(
        self, params: np.ndarray, x: np.ndarray, ceiling: np.ndarray, draws: int, rng: np.random.Generator
    ) -> np.ndarray:
        k = x.shape[1]
        eta, alpha = x @ params[k:-1], params[-1]
        counts = _negative_binomial(eta, alpha, ceiling, draws, rng)
        for _ in range(8):  # replace the zeros, which a truncated distribution has not; what is left is one attack
            again = _negative_binomial(eta, alpha, ceiling, max(draws // 4, 1), rng)
            row, column = np.nonzero(counts == 0)
            counts[row, column] = again[row, rng.integers(again.shape[1], size=len(row))]
        counts = np.clip(counts, 1, np.ceil(CAP * ceiling)[:, None])
        return np.where(rng.random(counts.shape) < expit(x @ params[:k])[:, None], counts, 0)


def _result(fitted: Any) -> tuple[np.ndarray, bool]:
    return np.asarray(fitted.params, dtype=float), bool(fitted.mle_retvals["converged"])


def _negative_binomial(
    eta: np.ndarray, alpha: float, ceiling: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    mean = np.clip(np.exp(np.minimum(eta, HIGHEST)), FLOOR, ceiling)
    size = np.full_like(mean, 1 / np.clip(alpha, 1 / negbin.LARGEST_SIZE, LARGEST_ALPHA))
    return negbin.draws(mean, size, draws, rng)
