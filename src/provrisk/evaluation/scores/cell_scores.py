"""Scores of forecasts against observed counts, as one long table."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import scoringrules as sr
import xarray as xr

from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores.observations import active, observations
from provrisk.forecasts.predictions import TOTAL
from provrisk.study import Study

CELL = ("origin", "horizon", "province")
"""The columns that identify a cell; the target month follows from origin and horizon."""


BINS = np.array([0, 1, 2, 3, 5, 10, 15, 25, 50, 100])
"""Lowest count of each bin of the log score; the last bin is open."""

ESCALATION_FACTOR = 1.5
"""Escalation: a count above both 1.5 times the mean of the 12 months up to the origin, and the study's own bar."""

MEANING = {
    "crps": "continuous ranked probability score, fair form, in attacks",
    "log_score": "minus log of the smoothed share of draws in the observed bin, in nats",
    "interval_80": "interval score of the 80 % interval, in attacks",
    "twcrps": "CRPS weighted to counts at and above the study's high level, in attacks",
    "rps": "ranked probability score of the risk levels",
    "brier_N": "Brier score of P(at least N)",
    "brier_escalation": "Brier score of P(escalation)",
    "energy": "energy score of all provinces jointly, in attacks",
    "variogram": "variogram score (p = 1/2) of all pairs of provinces, in attacks",
    "crps_log": "CRPS of log(x + 1), fair form",
    "absolute_error": "distance of the median from the observed count, in attacks",
    "absolute_error_log": "distance of log(median + 1) from log(x + 1)",
    "log_error": "log(median + 1) minus log(x + 1)",
    "mean": "mean of the draws, in attacks",
    "observed": "observed count, in attacks",
    "pit": "randomised probability integral transform, uniform if calibrated",
    "p_N": "P(at least N)",
    "p_escalation": "P(escalation)",
    "escalated": "1 if it escalated, else 0",
    "wis": "weighted interval score of the median and the 50, 80 and 90 % intervals, in attacks; of other quantiles "
    "wis_LEVELS, their levels in per cent",
    "wis_overprediction": "its part for overprediction, in attacks",
    "wis_underprediction": "its part for underprediction, in attacks",
    "wis_dispersion": "its part for dispersion, the width of intervals, in attacks",
    "wis_log": "the same score of log(x + 1)",
    "wis_rank": "number of its quantiles below the observed count",
    "inside_N": "1 if the observed count is in the closed N % interval, else 0",
}
"""Every score of the table by name; the first ten are scores proper, lower is better. Those from "wis" on are for a
``comparison``, which also has forecasts without draws."""

PART = 100
"""Cells whose draws are worked on together: few enough to stay in the processor's cache on the way to a score."""

MOST_PROVINCES = 100
"""With more provinces the variogram score, whose cost grows with their square, is left out."""


def score(forecasts: Mapping[str, xr.DataArray], panel: xr.Dataset, study: Study, seed: int = 0) -> pd.DataFrame:
    """Scores of every model: columns model, origin, horizon, province, score, value, active.

    ``forecasts`` has (origin, province, horizon, draw) by model; observed are the counts of ``panel``. ``active``:
    whether the province was active at the origin. Cells that were not observed are not scored; the table's attrs count
    them (``cells_not_observed``, by model) and name the release of the observed counts (``truth``). ``seed`` randomises
    the PIT.
    """
    tables, missing, scale = [], {}, study.file.risk
    for name, drawn in forecasts.items():
        if not drawn.sizes["origin"]:
            continue
        drawn = drawn.transpose("origin", "province", "horizon", "draw")
        observed = observations(panel, drawn).transpose("origin", "province", "horizon")
        reference = _mean_12(panel, drawn)
        missing[name] = int(observed.isnull().sum())
        rng = seeds.generator(seed, "pit", panel.attrs["study"], name)
        cells = cell_scores(drawn.to_numpy(), observed.to_numpy(), reference, scale.thresholds, scale.escalation, rng)
        cells |= _totals(drawn.to_numpy(), observed.to_numpy(), rng)
        activity = active(panel, study, drawn.indexes["origin"])
        tables.append(_long(name, cells, drawn).join(activity, on=["origin", "province"]))
    if not tables:
        raise ProvriskError("No model made a forecast: the reasons are in the messages above.")
    table = pd.concat(tables, ignore_index=True)
    table["active"] = table.active.eq(True)
    for column in ("model", "score", "province"):
        table[column] = table[column].astype("category")
    table.attrs = {"truth": panel.attrs["source"], "cells_not_observed": missing}
    return table


Cells = dict[tuple[str, bool], np.ndarray]
"""Values by (score, whether total): (origin, province, horizon), with one province for the total."""


def cell_scores(
    draws: np.ndarray,
    observed: np.ndarray,
    mean_12: np.ndarray,
    thresholds: tuple[int, ...],
    escalation: int,
    rng: np.random.Generator,
) -> Cells:
    """All scores of single cells; ``draws`` has one axis more than ``observed``, ``mean_12`` one (horizon) fewer."""
    ordered = np.sort(draws, axis=-1)
    values = basic_scores(ordered, observed, rng)
    high = thresholds[len(thresholds) // 2]
    # The chained form of Gneiting and Ranjan (2011): both sides moved up to the threshold.
    values["twcrps"] = _in_parts(lambda x, y: _crps(np.maximum(x, high), np.maximum(y, high)), ordered, observed)
    low, up = _quantile(ordered, 0.1), _quantile(ordered, 0.9)
    values["interval_80"] = sr.interval_score(observed, low, up, 0.2)
    values["log_score"] = _log_score(ordered, observed)
    for threshold in thresholds:
        values[f"p_{threshold}"] = _share(draws >= threshold)
        values[f"brier_{threshold}"] = (values[f"p_{threshold}"] - _event(observed >= threshold, observed)) ** 2
    # The ranked probability score of categories is the sum of the Brier scores of their thresholds (Epstein 1969).
    values["rps"] = sum((values[f"brier_{threshold}"] for threshold in thresholds), np.zeros_like(observed))
    bar = np.maximum(ESCALATION_FACTOR * mean_12, escalation)[..., None]
    values["escalated"] = _event(observed > bar, observed)
    bars = np.broadcast_to(bar, observed.shape)
    values["p_escalation"] = _in_parts(lambda x, y: _share(x > y[:, None]), draws, bars)
    values["brier_escalation"] = (values["p_escalation"] - values["escalated"]) ** 2
    return {(name, False): value for name, value in values.items()}


def _totals(draws: np.ndarray, observed: np.ndarray, rng: np.random.Generator) -> Cells:
    """Scores of the sum over provinces, and of all jointly; missing where a province was not observed."""
    total, happened = draws.sum(axis=1, keepdims=True), observed.sum(axis=1, keepdims=True)
    values = basic_scores(np.sort(total, axis=-1), happened, rng)
    values |= joint_scores(draws, observed)
    return {(name, True): value for name, value in values.items()}


def basic_scores(ordered: np.ndarray, observed: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The scores of both cells and totals, from draws sorted along the last axis."""
    return {
        "crps": _in_parts(_crps, ordered, observed),
        "crps_log": _in_parts(lambda x, y: _crps(np.log1p(x), np.log1p(y)), ordered, observed),
        **point_errors(_quantile(ordered, 0.5), observed),
        "mean": np.where(np.isnan(observed), np.nan, ordered.mean(axis=-1)),
        "observed": observed,
        "pit": _pit(ordered, observed, rng),
    }


def _in_parts(score: Callable[..., np.ndarray], ordered: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """``score`` of sorted draws (cell, draw) and what was observed (cell), a part of the cells at a time."""
    cells, happened = ordered.reshape(-1, ordered.shape[-1]), observed.ravel()
    parts = [score(cells[i : i + PART], happened[i : i + PART]) for i in range(0, max(len(cells), 1), PART)]
    return np.concatenate(parts).reshape(observed.shape)


def _crps(ordered: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """The fair CRPS of sorted draws."""
    value = sr.crps_ensemble(observed, ordered.astype(float), estimator="pwm", sorted_ensemble=True)
    return np.asarray(value)


def _share(which: np.ndarray) -> np.ndarray:
    """The share of draws that are so, along the last axis."""
    return np.count_nonzero(which, axis=-1) / which.shape[-1]


def point_errors(said: np.ndarray, observed: np.ndarray) -> dict[str, np.ndarray]:
    """Errors of single numbers, on the counts and on log(x + 1)."""
    log_error = np.log1p(said) - np.log1p(observed)
    return {
        "absolute_error": np.abs(said - observed),
        "absolute_error_log": np.abs(log_error),
        "log_error": log_error,
    }


def _quantile(ordered: np.ndarray, level: float) -> np.ndarray:
    """The inverse of the empirical distribution function, as in ``forecasts.quantiles.quantiles``, of sorted draws."""
    return ordered[..., max(int(np.ceil(level * ordered.shape[-1] - 1e-9)) - 1, 0)].astype(float)


def _pit(ordered: np.ndarray, observed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The randomised PIT: uniform between the share of draws below and that of draws not above (Czado et al. 2009)."""
    below = _in_parts(lambda x, y: _share(x < y[:, None]), ordered, observed)
    upto = _in_parts(lambda x, y: _share(x <= y[:, None]), ordered, observed)
    return np.where(np.isnan(observed), np.nan, below + rng.random(observed.shape) * (upto - below))


def _log_score(ordered: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """-log((n + 1) / (m + bins)), n of m draws in the observed bin: one draw is added to every bin."""
    index = np.clip(np.searchsorted(BINS, np.nan_to_num(observed), side="right") - 1, 0, None)
    low, high = BINS[index], np.append(BINS[1:], np.iinfo(np.int32).max)[index]
    hit = np.count_nonzero((ordered >= low[..., None]) & (ordered < high[..., None]), axis=-1)
    value = -np.log((hit + 1) / (ordered.shape[-1] + len(BINS)))
    return np.where(np.isnan(observed), np.nan, value)


def joint_scores(draws: np.ndarray, observed: np.ndarray) -> dict[str, np.ndarray]:
    """Energy and variogram scores over provinces: (origin, 1, horizon), missing where a province was not observed.

    ``draws`` is (origin, province, horizon, draw). Energy: E|X - y| - E|X - X'| / 2, X' another draw (Gneiting and
    Raftery 2007); draws are paired in a fixed random order, since adjacent draws may be of one member of a pool, and so
    closer to each other than other draws. Variogram: the sum over pairs of (|y_i - y_j|^p -
    E|X_i - X_j|^p)^2, p = 1/2 (Scheuerer and Hamill 2015). One origin at a time, so that what is worked on stays in the
    processor's cache.
    """
    order = seeds.generator("energy", draws.shape[-1]).permutation(draws.shape[-1])
    pairs = draws.shape[1] <= MOST_PROVINCES
    each = [_joint(drawn[..., order], happened, pairs) for drawn, happened in zip(draws, observed, strict=True)]
    names = ("energy", "variogram") if pairs else ("energy",)
    return {name: np.stack([one[name] for one in each])[:, None, :] for name in names} if each else {}


def _joint(draws: np.ndarray, observed: np.ndarray, pairs: bool) -> dict[str, np.ndarray]:
    """``joint_scores`` by horizon of one origin: ``draws`` (province, horizon, draw), ``observed`` without the last."""
    happened, moved = observed.T, np.moveaxis(draws, 0, -1).astype(float)  # (horizon, draw, province)
    scores = {"energy": np.asarray(sr.es_ensemble(happened, moved, estimator="akr"))}
    if pairs:
        total, real = np.zeros(len(happened)), draws.astype(np.float32)
        for i in range(len(real) - 1):
            apart = np.sqrt(np.abs(real[i + 1 :] - real[i])).mean(axis=-1)
            total += ((np.sqrt(np.abs(observed[i + 1 :] - observed[i])) - apart) ** 2).sum(axis=0)
        scores["variogram"] = 2 * np.where(np.isnan(happened).any(axis=-1), np.nan, total)
    return scores


def _event(happened: np.ndarray, observed: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(observed), np.nan, happened.astype(float))


def _mean_12(panel: xr.Dataset, drawn: xr.DataArray) -> np.ndarray:
    """Mean count of the 12 months up to each origin: (origin, province)."""
    counts = panel[panel.attrs["target"]].transpose("month", "province")
    rolled = counts.rolling(month=12, min_periods=1).mean()
    return rolled.sel(month=drawn.origin).to_numpy()


def _long(name: str, cells: Cells, drawn: xr.DataArray) -> pd.DataFrame:
    """One row for each cell and score, without cells that were not observed."""
    origins, provinces, horizons = (drawn.indexes[dim] for dim in ("origin", "province", "horizon"))
    names, places = ["origin", "province", "horizon"], {True: pd.Index([TOTAL]), False: provinces}
    where = {
        of_total: pd.MultiIndex.from_product([origins, own, horizons], names=names).to_frame(index=False)
        for of_total, own in places.items()
    }
    parts = []
    for (score_name, of_total), values in cells.items():
        part = where[of_total].assign(value=np.ravel(values), score=score_name)
        parts.append(part[part.value.notna()])
    table = pd.concat(parts, ignore_index=True).assign(model=name)
    return table[["model", "origin", "horizon", "province", "score", "value"]]
