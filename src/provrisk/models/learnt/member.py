"""The forecaster that learns nothing at home: what other conflicts taught, applied to the record at hand."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model
from provrisk.models.learnt.state import WEIGHTS, state
from provrisk.models.mixture import Mixture
from provrisk.models.smoothed_levels import need_months
from provrisk.study.learnt import Learnt, Numbers

MIXTURE = Mixture(components=3, levels=len(WEIGHTS), gain=1.0)
CLIP = 4.0  # standard deviations beyond which a signal says no more
FURTHEST = 14  # months ahead that were learnt; beyond them the last stands
LEAST = 12


class LearntAbroad(Model):
    """A mixture of three negative binomials whose numbers are linear in the signals of the record.

    The numbers were learnt from other studies (``learnt``: see ``provrisk learn``); a study that is among the teachers
    is forecast with what was learnt without it. It needs a year of record.
    """

    def __init__(self, learnt: Learnt) -> None:
        self.learnt = learnt

    def fit(self, panel: xr.Dataset) -> Self:
        need_months(counts_upto_origin(panel), LEAST, "The member learnt abroad")
        self.numbers_ = self.learnt.of_others(panel.attrs["study"], panel.attrs.get("country"))
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        levels, signals = (values[-1] for values in state(counts_upto_origin(panel)))
        out = []
        for horizon in horizons:
            outputs = inputs(self.numbers_, signals, np.full(len(signals), horizon)) @ self.numbers_.theta
            out.append(MIXTURE.draw(outputs, levels, draws, rng))
        return np.stack(out, axis=1)


def inputs(numbers: Numbers, signals: np.ndarray, horizon: np.ndarray) -> np.ndarray:
    """One, the log of ``horizon`` (state) and the standardised ``signals`` (state, signal), as rows."""
    scaled = np.clip((signals - numbers.mean) / numbers.spread, -CLIP, CLIP)
    ahead = np.log(np.minimum(horizon, FURTHEST)) - np.log(FURTHEST) / 2
    return np.column_stack([np.ones(len(signals)), ahead, scaled])
