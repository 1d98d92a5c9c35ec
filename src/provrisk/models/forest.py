"""A distributional forest on log ratios to a slow level, whose draws come from the leaves."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
import xarray as xr

from provrisk import seeds
from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model
from provrisk.models.levels import discounted_mean, ewma, need_months, pairs, volatility

HALF = 0.5  # added to counts before a logarithm
LONGEST_QUIET = 36


class RatioForest(Model):
    """A random forest of log((count + 1/2) / (level + 1/2)), all provinces pooled, one a horizon of ``anchors``.

    A draw takes a tree, then one of the past pairs in the leaf that the province falls into (Meinshausen
    2006), and rescales what came of that pair from its level to the province's own. Pairs weigh by the root
    of their level, since attacks are what is scored. A horizon between two anchors takes its draws from both
    forests, in shares by the log of the horizon. Below ``least`` months of record it bows out.
    """

    def __init__(
        self,
        trees: int = 60,
        leaf: int = 15,
        features: float = 0.5,
        sample_share: float = 0.7,
        level: float = 0.1,
        burn_in: int = 24,
        anchors: Sequence[int] = (1, 2, 3, 6, 12),
        least: int = 72,
    ) -> None:
        self.trees = trees
        self.leaf = leaf
        self.features = features
        self.sample_share = sample_share
        self.level = level
        self.burn_in = burn_in
        self.anchors = anchors
        self.least = least

    def fit(self, panel: xr.Dataset) -> Self:
        from sklearn.ensemble import RandomForestRegressor

        counts = counts_upto_origin(panel)
        need_months(counts, self.least, "The forest")
        features, level = self._state(counts)
        seed = int(seeds.generator(type(self).__name__, panel.attrs["study"], panel.attrs["origin"]).integers(2**31))
        self.forests_: dict[int, tuple[Any, np.ndarray, np.ndarray]] = {}
        for horizon in self.anchors:
            (x, base), after = pairs([features, level], counts, horizon, self.burn_in)
            forest = RandomForestRegressor(
                self.trees, min_samples_leaf=self.leaf, max_features=self.features,
                max_samples=self.sample_share, random_state=seed,
            )  # fmt: skip
            ratio = (after + HALF) / (base + HALF)
            forest.fit(x, np.log(ratio), sample_weight=np.sqrt(base + HALF))
            self.forests_[horizon] = (forest, forest.apply(x), ratio)
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        features, level = (state[-1] for state in self._state(counts_upto_origin(panel)))
        fitted = np.array(sorted(self.forests_))
        out = []
        for horizon in horizons:
            near = fitted[fitted <= horizon][-1] if (fitted <= horizon).any() else fitted[0]
            far = fitted[fitted >= horizon][0] if (fitted >= horizon).any() else fitted[-1]
            share = 0.0 if near == far else np.log(horizon / near) / np.log(far / near)
            from_far = round(draws * share)
            parts = [(near, draws - from_far), (far, from_far)]
            ratios = np.concatenate([self._ratios(at, features, n, rng) for at, n in parts], axis=1)
            values = np.maximum(ratios * (level[:, None] + HALF) - HALF, 0)
            # A fraction becomes the whole number above it with that probability: the mean stays.
            whole = np.floor(values + rng.random(values.shape))
            out.append(rng.permuted(whole, axis=1))
        return np.stack(out, axis=1)

    def _ratios(self, horizon: int, features: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
        """``draws`` ratios for each row of ``features``, spread evenly over the trees."""
        forest, leaves, ratio = self.forests_[horizon]
        at = forest.apply(features)
        ends = np.linspace(0, draws, self.trees + 1).round().astype(int)
        out = np.empty((len(features), draws))
        for tree, (begin, end) in enumerate(pairwise(ends)):
            order = np.argsort(leaves[:, tree], kind="stable")
            ordered = leaves[order, tree]
            first, last = (np.searchsorted(ordered, at[:, tree], side) for side in ("left", "right"))
            pick = first[:, None] + (rng.random((len(at), end - begin)) * (last - first)[:, None]).astype(int)
            out[:, begin:end] = ratio[order[pick]]
        return out

    def _state(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features (month, province, feature) and the level (month, province) after each month."""
        level = ewma(counts, self.level, 12)
        now = np.where(np.isnan(counts), level, counts)
        nation = np.nansum(counts, axis=1, keepdims=True)
        base = np.log(level + HALF)
        ratios = [now, ewma(counts, 0.5, 12), ewma(counts, 0.25, 12), ewma(counts, 0.03, 12),
                  discounted_mean(counts, 0.0), _highest(now, 12)]  # fmt: skip
        national = np.log(ewma(nation, 0.5, 12) + HALF) - np.log(ewma(nation, self.level, 12) + HALF)
        features = [
            *(np.log(one + HALF) - base for one in ratios),
            base, volatility(counts, level, 0.15), _quiet_for(now), np.broadcast_to(national, counts.shape),
        ]  # fmt: skip
        return np.stack(features, axis=-1), level


def _highest(counts: np.ndarray, window: int) -> np.ndarray:
    return np.stack([counts[max(t - window + 1, 0) : t + 1].max(axis=0) for t in range(len(counts))])


def _quiet_for(counts: np.ndarray) -> np.ndarray:
    """Months since the last one with an attack, at most ``LONGEST_QUIET``."""
    row = np.arange(len(counts))[:, None]
    last = np.maximum.accumulate(np.where(counts > 0, row, -LONGEST_QUIET), axis=0)
    return np.minimum(row - last, LONGEST_QUIET)
