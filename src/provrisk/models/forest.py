"""A distributional forest on log ratios to a slow level, whose draws come from the leaves."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Self

import numpy as np
import xarray as xr

from provrisk import seeds
from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import (
    AHEAD,
    HALF,
    discounted_mean,
    ewma,
    highest,
    need_months,
    pairs_ahead,
    quiet_for,
    volatility,
)

CAP = 2.0  # no draw is above this multiple of the highest count of any province: one ratio on one level may be absurd


class RatioForest(Model):
    """A random forest of log((count + 1/2) / (level + 1/2)), all provinces and horizons pooled.

    A draw takes a tree, then one of the past pairs in the leaf that the province falls into (Meinshausen 2006), and
    rescales the outcome of that pair from its level to the province's own: so a spike is followed by what followed
    other provinces' spikes. Pairs weigh by the root of their level, since attacks are what is scored; of more than
    ``pairs`` a random part stands for all, busy places kept more often and worth the less. The log of the horizon is
    among the features. Below ``least`` months of data it cannot be fitted.
    """

    def __init__(
        self, trees: int = 40, leaf: int = 25, features: float = 0.33, sample_share: float = 0.7, level: float = 0.1,
        burn_in: int = 24, pairs: int = 12000, least: int = 72,
    ) -> None:  # fmt: skip
        self.trees = trees
        self.leaf = leaf
        self.features = features
        self.sample_share = sample_share
        self.level = level
        self.burn_in = burn_in
        self.pairs = pairs
        self.least = least

    def fit(self, panel: xr.Dataset) -> Self:
        from sklearn.ensemble import RandomForestRegressor

        counts = counts_upto_origin(panel)
        need_months(counts, max(self.least, self.burn_in + 1), "The forest")
        state = self._state(counts)
        (features, base), horizon, after, worth = pairs_ahead(state, counts, state[1], self.burn_in, self.pairs)
        seed = int(seeds.generator(type(self).__name__, panel.attrs["study"], panel.attrs["origin"]).integers(2**31))
        self.forest_ = RandomForestRegressor(
            self.trees, min_samples_leaf=self.leaf, max_features=self.features, max_samples=self.sample_share,
            random_state=seed,
        )  # fmt: skip
        self.most_ = CAP * np.nanmax(counts)
        self.ratios_ = (after + HALF) / (base + HALF)
        rows = np.column_stack([features, np.log(horizon)])
        weight = worth * np.sqrt(base + HALF)
        # About one: the forest takes a share of the sum of the weights for the size of a tree's sample.
        self.forest_.fit(rows, np.log(self.ratios_), sample_weight=weight / weight.mean())
        # A row a tree: the search in a column would copy it each time.
        leaves = np.ascontiguousarray(self.forest_.apply(rows).T)
        self.order_ = leaves.argsort(axis=1, kind="stable")
        self.leaves_ = np.take_along_axis(leaves, self.order_, axis=1)
        self.upto_ = np.concatenate([np.zeros((self.trees, 1)), np.cumsum(worth[self.order_], axis=1)], axis=1)
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        features, level = (state[-1] for state in self._state(counts_upto_origin(panel)))
        ahead = np.repeat(np.log(np.minimum(horizons, AHEAD[-1])), len(features))
        rows = np.column_stack([np.tile(features, (len(horizons), 1)), ahead])
        leaves = self.forest_.apply(rows).reshape(len(horizons), len(features), -1)
        out = []
        for at in leaves:
            ratios = self._ratios(at, draws, rng)
            values = np.clip(ratios * (level[:, None] + HALF) - HALF, 0, self.most_)
            # A fraction becomes the whole number above it with that probability: the mean stays.
            out.append(rng.permuted(np.floor(values + rng.random(values.shape)), axis=1))
        return np.stack(out, axis=1)

    def _ratios(self, at: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
        """``draws`` ratios for each row of leaves ``at`` (province, tree), spread evenly over the trees."""
        ends = np.linspace(0, draws, self.trees + 1).round().astype(int)
        out = np.empty((len(at), draws))
        for tree, (begin, end) in enumerate(pairwise(ends)):
            leaves, upto = self.leaves_[tree], self.upto_[tree]
            least, most = (upto[np.searchsorted(leaves, at[:, tree], side)][:, None] for side in ("left", "right"))
            where = least + rng.random((len(at), end - begin)) * (most - least)
            out[:, begin:end] = self.ratios_[self.order_[tree, np.searchsorted(upto, where, "right") - 1]]
        return out

    def _state(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features (month, province, feature) and the level (month, province) after each month."""
        level = ewma(counts, self.level, 12)
        now = np.where(np.isnan(counts), level, counts)
        nation = np.nansum(counts, axis=1, keepdims=True)
        base = np.log(level + HALF)
        ratios = [now, ewma(counts, 0.5, 12), ewma(counts, 0.25, 12), ewma(counts, 0.03, 12),
                  discounted_mean(counts, 0.0), highest(now, 12)]  # fmt: skip
        national = np.log(ewma(nation, 0.5, 12) + HALF) - np.log(ewma(nation, self.level, 12) + HALF)
        features = [
            *(np.log(one + HALF) - base for one in ratios),
            base, volatility(counts, level, 0.15), quiet_for(now), np.broadcast_to(national, counts.shape),
        ]  # fmt: skip
        return np.stack(features, axis=-1), level
