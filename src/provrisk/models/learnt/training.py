"""Learning from several studies at once: episodes cut from their records, and a descent on the loss of the mixture.

Episodes differ in all in which countries differ: length, number of units, how much is recorded. They are random windows
of a teacher's record, some of its units, merged now and then, and thinned (each event kept with a chance), so that what
is learnt is not the size of a country's figures but how counts follow each other.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from provrisk import seeds
from provrisk.models.learnt.member import FURTHEST, LEAST, MIXTURE, inputs
from provrisk.models.learnt.state import BASE, SIGNALS, state
from provrisk.models.negbin_table import table_for
from provrisk.study.learnt import Numbers, rounded

BETAS = (0.9, 0.99)


@dataclass(frozen=True)
class Recipe:
    """How it is learnt; the numbers of the file are a function of this and of the teachers' figures."""

    episodes: int = 200
    pairs: int = 300
    window: tuple[int, int] = (36, 240)
    units: tuple[int, int] = (6, 40)
    thinned: float = 0.65
    thinnest: float = 0.08
    usual: float = 30.0
    steps: int = 1000
    batch: int = 2500
    rate: float = 0.03
    decay: float = 0.1
    power: float = 0.6
    surprise: float = 0.15

    def settings(self) -> dict[str, object]:
        """As it stands in the file."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


@dataclass
class _Pairs:
    levels: np.ndarray
    signals: np.ndarray
    horizon: np.ndarray
    counts: np.ndarray


def learn(teachers: Mapping[str, np.ndarray], recipe: Recipe) -> Numbers:
    """The numbers learnt from ``teachers``: counts (month, unit) by name, NaN where nothing was observed.

    A teacher's share of the episodes grows with the root of its cells.
    """
    pairs = _episodes(teachers, recipe)
    spread = pairs.signals.std(axis=0) + 1e-6
    numbers = Numbers(rounded(pairs.signals.mean(axis=0)), rounded(spread), np.zeros((2 + len(SIGNALS), 0)))
    rows = inputs(numbers, pairs.signals, pairs.horizon)
    return Numbers(numbers.mean, numbers.spread, rounded(_descent(rows, pairs, recipe)))


def _descent(rows: np.ndarray, pairs: _Pairs, recipe: Recipe) -> np.ndarray:
    """AdamW (Loshchilov and Hutter 2019) with a rate that falls along a cosine: theta (input, output).

    The loss of a pair is the CRPS over a power of its level, so that quiet places teach too, and the log-likelihood.
    """
    scale = (pairs.levels[:, BASE] + pairs.levels[:, -1] / 2 + 0.3) ** -recipe.power
    known = table_for(max(float(pairs.counts.max()), float(pairs.levels.max())))
    theta = np.zeros((rows.shape[1], MIXTURE.outputs))
    theta[0] = MIXTURE.start()
    shrunk = (np.arange(len(theta)) > 0)[:, None]
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    rng = seeds.generator("learn", "batches")
    for step in range(recipe.steps):
        at = rng.integers(len(rows), size=recipe.batch)
        _, slope = MIXTURE.loss(rows[at] @ theta, pairs.levels[at], pairs.counts[at], scale[at], recipe.surprise, known)
        gradient = rows[at].T @ slope
        first = BETAS[0] * first + (1 - BETAS[0]) * gradient
        second = BETAS[1] * second + (1 - BETAS[1]) * gradient**2
        move = first / (1 - BETAS[0] ** (step + 1)) / (np.sqrt(second / (1 - BETAS[1] ** (step + 1))) + 1e-8)
        rate = recipe.rate * (1 + np.cos(np.pi * step / recipe.steps)) / 2
        theta = theta - rate * (move + recipe.decay * shrunk * theta)
    return theta


def _episodes(teachers: Mapping[str, np.ndarray], recipe: Recipe) -> _Pairs:
    names = sorted(name for name, counts in teachers.items() if len(counts) > 2 * LEAST)
    roots = np.sqrt([teachers[name].size for name in names])
    each = np.maximum(np.round(recipe.episodes * roots / roots.sum()), 1).astype(int)
    found = []
    for name, number in zip(names, each, strict=True):
        for i in range(number):
            rng = seeds.generator("learn", name, i)
            found.append(_pairs(_episode(teachers[name], recipe, rng), recipe.pairs, rng))
    return _Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _episode(counts: np.ndarray, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """A window of some of the units of ``counts`` (month, unit), merged or thinned."""
    length = min(int(rng.integers(*recipe.window, endpoint=True)), len(counts))
    begin = int(rng.integers(len(counts) - length + 1))
    seen = counts[begin : begin + length]
    alive = np.flatnonzero(np.nansum(seen, axis=0) > 0)
    if not len(alive):
        return seen
    number = min(len(alive), int(rng.integers(*recipe.units, endpoint=True)))
    seen = seen[:, rng.choice(alive, number, replace=False)]
    if number > 3 and rng.random() < 0.4:
        group = rng.integers(max(number // int(rng.integers(2, 4)), 2), size=number)
        seen = np.stack([seen[:, group == one].sum(axis=1) for one in np.unique(group)], axis=1)
    if rng.random() < recipe.thinned:
        most = min(1.0, recipe.usual / max(float(np.nanmean(seen)), 1e-9))
        kept = np.exp(rng.uniform(np.log(recipe.thinnest * most), np.log(most)))
        known = ~np.isnan(seen)
        seen = seen.copy()
        seen[known] = rng.binomial(seen[known].astype(int), kept)
    return seen


def _pairs(counts: np.ndarray, number: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """``number`` random pairs of a state and the counts 1 to ``FURTHEST`` months later."""
    levels, signals = state(counts)
    horizon = rng.integers(1, min(FURTHEST, len(counts) - LEAST) + 1, size=number)
    month = LEAST - 1 + (rng.random(number) * (len(counts) - horizon - LEAST + 1)).astype(int)
    unit = rng.integers(counts.shape[1], size=number)
    after = counts[month + horizon, unit]
    known = ~np.isnan(after)
    month, unit, horizon = month[known], unit[known], horizon[known]
    return levels[month, unit], signals[month, unit], horizon, after[known]
