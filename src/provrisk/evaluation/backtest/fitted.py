"""Fitted recipes: the result of a backtest at each origin, and of a champion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from sklearn.base import clone

from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.models.base import Combiner, Model

CELL = ("province", "horizon", "draw")


@dataclass(frozen=True)
class Combined:
    """A fitted combiner and the fitted members that it combines, by name."""

    combiner: Combiner
    members: Mapping[str, "Fitted"]


Fitted = Model | Combined


def models_of(fitted: Fitted) -> list[Model]:
    """The base models of a fitted recipe."""
    return [fitted] if isinstance(fitted, Model) else [one for of in fitted.members.values() for one in models_of(of)]


def forecast(
    panel: xr.Dataset, name: str, fitted: Fitted, horizons: Sequence[int], draws: int, seed: int
) -> xr.DataArray:
    """The forecast of a fitted recipe at the panel's origin: integer counts over (province, horizon, draw).

    Seeds are keyed by study, recipe and origin, so that a champion has the same draws as its backtest. A member
    that fails is left out; raises ``ProvriskError`` if none is left.
    """
    rng = seeds.generator(seed, panel.attrs["study"], name, panel.attrs["origin"])
    if isinstance(fitted, Model):
        drawn = fitted.predict(panel, horizons, draws, rng)
    else:
        given, like = _of_members(panel, fitted, horizons, draws, seed)
        combined = fitted.combiner.combine(given, rng).transpose(*CELL).to_numpy()
        drawn = xr.DataArray(combined.astype(np.int32, copy=False), dims=CELL, **like)
    return drawn.assign_attrs(model=name, seed=seed)


def _of_members(
    panel: xr.Dataset, fitted: Combined, horizons: Sequence[int], draws: int, seed: int
) -> tuple[xr.DataArray, dict[str, Any]]:
    """The forecasts of the members (model, province, horizon, draw), and the coordinates and attrs of each of them."""
    # Draws are large: each member's go to their place at once, so that they are never there twice.
    values = np.empty((len(fitted.members), panel.sizes["province"], len(horizons), draws), np.int32)
    given: list[str] = []
    for member, model in fitted.members.items():
        try:
            drawn = forecast(panel, member, model, horizons, draws, seed)
        except ProvriskError as error:
            reason = error
            continue
        values[len(given)] = drawn.transpose(*CELL)
        given.append(member)
        like = {"coords": dict(drawn.coords), "attrs": drawn.attrs}
    if not given:
        raise reason
    coords = {"model": given, "province": like["coords"]["province"], "horizon": list(horizons)}
    return xr.DataArray(values[: len(given)], dims=("model", *CELL), coords=coords), like


def fit(
    name: str,
    recipes: Mapping[str, Model | Combiner],
    panel: xr.Dataset,
    past: Mapping[str, xr.DataArray],
    observed: Mapping[str, xr.DataArray],
) -> Fitted:
    """Fit the recipe ``name`` and its members at the panel's origin.

    A combiner is fitted to its members' ``past`` forecasts (origin, province, horizon, draw) and the ``observed``
    counts. A member that cannot be fitted is left out; raises ``ProvriskError`` if none can.
    """
    recipe = recipes[name]
    if isinstance(recipe, Model):
        return clone(recipe).fit(panel)
    members: dict[str, Fitted] = {}
    for member in recipe.members:
        try:
            members[member] = fit(member, recipes, panel, past, observed)
        except ProvriskError as error:
            reason = error
    if not members:
        raise reason
    shared = sorted(set.intersection(*(set(past[member].indexes["origin"]) for member in members)))
    stacked = xr.concat(
        [past[member].sel(origin=shared) for member in members],
        dim=pd.Index(list(members), name="model"),
        combine_attrs="drop",
    )
    first = next(iter(members))
    return Combined(clone(recipe).fit(stacked, observed[first].sel(origin=shared)), members)
