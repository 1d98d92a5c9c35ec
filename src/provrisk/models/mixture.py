"""A mixture of negative binomials whose every number is linear in signals, and its loss with the gradient."""

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np

from provrisk.models import negbin
from provrisk.models.negbin_table import Table

BLOCK = 2500
"""Pairs whose loss is worked out together: few enough that all on the way to it stays in the processor's cache."""

BEND = 3.0  # log sizes bend towards plus or minus this around half the log mean


class Parts(NamedTuple):
    """The components at each state: (..., component)."""

    weight: np.ndarray
    mean: np.ndarray
    size: np.ndarray


@dataclass(frozen=True)
class Mixture:
    """``components`` negative binomials over ``levels`` levels of the past.

    The *outputs* at a state are, for each component, a number a level, a gain and a size; and a number a component. The
    weights of the components are the softmax of the last. A component's mean is the mean of the levels, weighted by the
    softmax of its numbers, times exp(gain * tanh(output)): never further from what was seen than that. The log of its
    size is half the log of its mean plus 3 tanh(output / 3).
    """

    components: int
    levels: int
    gain: float

    @property
    def outputs(self) -> int:
        """How many outputs a state has."""
        return self.components * (self.levels + 3)

    def start(self) -> np.ndarray:
        """The outputs that a fit starts from: components from near the first level to near the last."""
        lean = np.linspace(1, -1, self.components)
        own = [np.concatenate([a * np.linspace(1.5, -1.5, self.levels), [0.0, 0.4 * a]]) for a in lean]
        return np.concatenate([*own, np.zeros(self.components)])

    def parts(self, outputs: np.ndarray, levels: np.ndarray) -> Parts:
        """The components at ``outputs`` (..., output) and ``levels`` (..., level)."""
        own, weights = self._split(outputs)
        plain = (_softmax(own[..., :-2]) * levels[..., None, :]).sum(axis=-1)
        mean = plain * np.exp(self.gain * np.tanh(own[..., -2]))
        size = np.sqrt(mean) * np.exp(BEND * np.tanh(own[..., -1] / BEND))
        return Parts(_softmax(weights), mean, size)

    def loss(
        self, outputs: np.ndarray, levels: np.ndarray, counts: np.ndarray, scale: np.ndarray, surprise: float,
        table: Table,
    ) -> tuple[float, np.ndarray]:  # fmt: skip
        """The mean over pairs of ``scale`` x CRPS + ``surprise`` x minus log-likelihood, and its slope by the outputs.

        ``outputs`` (pair, output), ``levels`` (pair, level), ``counts`` and ``scale`` (pair). CRPS = sum over k of
        (F(k) - 1[count <= k])**2 (Gneiting and Raftery 2007, eq. 20, on the counts), F read off ``table`` and constant
        within its cells.
        """
        value, slopes = 0.0, np.empty(outputs.shape)
        for first in range(0, len(counts), BLOCK):
            rows = slice(first, first + BLOCK)
            part, slopes[rows] = self._block(outputs[rows], levels[rows], counts[rows], scale[rows], surprise, table)
            value += part
        return value / len(counts), slopes / len(counts)

    def _block(
        self, outputs: np.ndarray, levels: np.ndarray, counts: np.ndarray, scale: np.ndarray, surprise: float,
        table: Table,
    ) -> tuple[float, np.ndarray]:  # fmt: skip
        """The sum of ``loss`` over pairs, and each pair's slope."""
        own, raw = self._split(outputs)
        weight = _softmax(raw)
        shares = _softmax(own[..., :-2])
        plain = np.einsum("pcl,pl->pc", shares, levels)
        bent = np.tanh(own[..., -2]), np.tanh(own[..., -1] / BEND)
        log_mean = np.log(plain) + self.gain * bent[0]
        log_size = BEND * bent[1] + log_mean / 2
        value, slopes = _crps(weight, log_mean, log_size, counts, scale, table)
        if surprise:
            more, others = _surprise(weight, log_mean, log_size, counts)
            value += surprise * more
            slopes = [one + surprise * other for one, other in zip(slopes, others, strict=True)]
        by_raw, by_mean, by_size = slopes
        by_mean = by_mean + by_size / 2
        by_own = np.concatenate([
            (by_mean / plain)[..., None] * shares * (levels[:, None] - plain[..., None]),
            (by_mean * self.gain * (1 - bent[0] ** 2))[..., None], (by_size * (1 - bent[1] ** 2))[..., None],
        ], axis=-1)  # fmt: skip
        return value, np.concatenate([by_own.reshape(len(counts), -1), by_raw], axis=1)

    def draw(self, outputs: np.ndarray, levels: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Counts (..., draw) at ``outputs`` (..., output) and ``levels`` (..., level)."""
        weight, mean, size = self.parts(outputs, levels)
        return negbin.draws(mean, size, draws, rng, weight)

    def _split(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What belongs to each component (..., component, level + 2), and the weights' outputs (..., component)."""
        own, weights = outputs[..., : -self.components], outputs[..., -self.components :]
        return own.reshape(*outputs.shape[:-1], self.components, self.levels + 2), weights


def _softmax(values: np.ndarray) -> np.ndarray:
    """The softmax over the last axis, which is short: its parts are taken one by one."""
    parts = np.moveaxis(values, -1, 0)
    raised = np.exp(values - reduce(np.maximum, parts)[..., None])
    return np.asarray(raised / sum(np.moveaxis(raised, -1, 0))[..., None])


def _crps(
    weight: np.ndarray, log_mean: np.ndarray, log_size: np.ndarray, counts: np.ndarray, scale: np.ndarray, table: Table
) -> tuple[float, list[np.ndarray]]:
    """The sum of ``scale`` x CRPS, and each pair's slopes (pair, component) by raw weights, log means, sizes."""
    components = weight.shape[1]
    read = table.read(log_mean.T.ravel(), log_size.T.ravel())
    values, *others = (one.reshape(components, len(counts), -1) for one in read)
    above = table.above(counts)
    cdf = np.einsum("pc,cpk->pk", weight.astype(np.float32), values)
    off = table.width * cdf - above  # from what was observed, cell by cell; squares of what is small lose no digits
    crps = np.einsum("pk,pk->p", off, off / table.width) + np.einsum("pk,pk->p", above, 1 - above / table.width)
    slope = 2 * scale[:, None].astype(np.float32) * off
    by_weight, by_mean, by_size = (np.einsum("pk,cpk->pc", slope, one) for one in (values, *others))
    by_raw = weight * (by_weight - (weight * by_weight).sum(axis=1, keepdims=True))
    return float(scale @ crps), [by_raw, weight * by_mean, weight * by_size]


def _surprise(
    weight: np.ndarray, log_mean: np.ndarray, log_size: np.ndarray, counts: np.ndarray
) -> tuple[float, list[np.ndarray]]:
    """The sum of minus log-likelihoods, and each pair's slopes as of ``_crps``."""
    given = counts[:, None], np.exp(log_mean), np.exp(log_size)
    likelihood, (by_mean, by_size) = negbin.log_likelihood(*given), negbin.slopes(*given)
    joint = np.log(np.maximum(weight, np.finfo(float).tiny)) + likelihood
    whole = np.logaddexp.reduce(joint, axis=1, keepdims=True)
    posterior = np.exp(joint - whole)
    return -float(whole.sum()), [weight - posterior, -posterior * by_mean, -posterior * by_size]
