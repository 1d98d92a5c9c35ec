"""Counts and events whose truth is known: what a model, a score, a test or a correction is tried on.

The process is a negative-binomial network autoregression, that is NB-INGARCH(1,1) with identity link and
neighbours (Ferland, Latour and Oraichi 2006; Armillotta and Fokianos 2024), with drivers and a change of regime:

    level[t] = base[t] + alpha * free[t - 1] + beta * level[t - 1] + gamma * weights @ free[t - 1]
    count[t] ~ NB(mean = effect[t] * level[t], size),    variance = mean + mean**2 / size
    free[t]  = count[t] / effect[t]

What is carried over is free of drivers: one of rate ratio 1.5 multiplies the *expected* count of its months by
exactly 1.5 however long attacks echo. Counts are float arrays (month, province); months are positions, from 0.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.sources.parsed_rows import EVENT_COLUMNS
from provrisk.features.neighbours import adjacency
from provrisk.study import Study


@dataclass(frozen=True)
class Driver:
    """Something that multiplies the mean by ``rate_ratio ** value``; ``value`` is (month, province) or (month, 1)."""

    rate_ratio: float
    value: np.ndarray


@dataclass(frozen=True)
class Process:
    """A process of known truth; ``base`` (province,) is what nothing earlier explains, in attacks a month.

    From month ``regime_month`` on, ``base`` is multiplied by ``regime_factor``. ``weights`` are a
    (province, neighbour) matrix whose rows sum to one, or to zero without neighbours (see ``lattice``, ``borders``).

    Raises ``ProvriskError`` for settings under which the process has no mean.
    """

    base: np.ndarray
    alpha: float = 0.3
    beta: float = 0.4
    gamma: float = 0.0
    size: float = 2.0
    weights: sparse.csr_array | None = None
    regime_month: int | None = None
    regime_factor: float = 1.0
    drivers: tuple[Driver, ...] = ()

    def __post_init__(self) -> None:
        if min(self.alpha, self.beta, self.gamma) < 0 or self.alpha + self.beta + self.gamma >= 1:
            raise ProvriskError("alpha, beta and gamma of a process must not be negative and must sum to less than 1.")
        if np.min(self.base) <= 0 or self.size <= 0 or self.regime_factor <= 0:
            raise ProvriskError("base, size and regime_factor of a process must be above 0.")
        if any(driver.rate_ratio <= 0 for driver in self.drivers):
            raise ProvriskError("The rate ratio of a driver must be above 0; one without effect has 1.")
        if self.gamma and (self.weights is None or self.weights.sum(axis=1).max() > 1 + 1e-9):
            raise ProvriskError("A process with gamma needs weights of the neighbours whose rows sum to at most 1.")

    @cached_property
    def long_run(self) -> np.ndarray:
        """The mean count of each province without drivers, before any change of regime: (province,)."""
        if self.weights is None:
            return self.base / (1 - self.alpha - self.beta)
        kept = sparse.eye_array(len(self.base)) * (1 - self.alpha - self.beta) - self.gamma * self.weights
        return np.asarray(sparse.linalg.spsolve(kept.tocsc(), self.base))

    def effect(self, month: int) -> np.ndarray:
        """What the drivers multiply the mean of ``month`` by: (province, 1), or (1, 1) if all provinces share it.

        Raises ``ProvriskError`` if a driver has no value for it: unknown is not zero.
        """
        effect = np.ones(1)
        for driver in self.drivers:
            if month >= len(driver.value):
                raise ProvriskError(f"A driver has {len(driver.value)} months, but month {month} is requested.")
            effect = effect * driver.rate_ratio ** driver.value[month]
        return effect[:, None]

    def draw(self, month: int, level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Counts of ``month`` given its ``level``: (province, draw)."""
        mean = self.effect(month) * level
        return rng.negative_binomial(self.size, self.size / (self.size + mean)).astype(float)

    def after(self, month: int, level: np.ndarray, count: np.ndarray) -> np.ndarray:
        """The level of the month after ``month``, given the level and count of ``month``: (province, draw)."""
        changed = self.regime_month is not None and month + 1 >= self.regime_month
        free = count / self.effect(month)
        level = self.alpha * free + self.beta * level + (self.regime_factor if changed else 1) * self.base[:, None]
        return level if self.weights is None else level + self.gamma * (self.weights @ free)


def simulate(process: Process, length: int, rng: np.random.Generator) -> np.ndarray:
    """Counts of ``length`` months, begun at the long run: (month, province)."""
    level, rows = process.long_run[:, None], []
    for month in range(length):
        rows.append(process.draw(month, level, rng))
        level = process.after(month, level, rows[-1])
    return np.stack(rows)[..., 0]


def true_draws(process: Process, counts: np.ndarray, furthest: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws from the true predictive distribution of the ``furthest`` months after ``counts``.

    ``counts`` (month, province) is the whole past of the process up to the origin: no forecaster that sees no
    more has a lower expected proper score. Returns (province, horizon, draw).
    """
    level = process.long_run[:, None]
    for month, now in enumerate(counts):
        level = process.after(month, level, now[:, None])
    level, paths = np.repeat(level, draws, axis=1), []
    for month in range(len(counts), len(counts) + furthest):
        paths.append(process.draw(month, level, rng))
        level = process.after(month, level, paths[-1])
    return np.stack(paths, axis=1)


def lattice(rows: int, columns: int) -> sparse.csr_array:
    """Weights of provinces that lie in a grid and border those above, below, left and right of them."""
    chain = [sparse.diags_array([np.ones(n - 1)] * 2, offsets=[-1, 1], shape=(n, n)) for n in (rows, columns)]
    return _rows_to_one(sparse.kronsum(chain[1], chain[0], format="csr"))


def borders(study: Study) -> sparse.csr_array:
    """Weights of a study's provinces from its table of neighbours."""
    return _rows_to_one(adjacency(study))


def counts_table(counts: np.ndarray, study: Study, first: str) -> pd.DataFrame:
    """``counts`` (month, province) as the counts table that ``build_panel`` takes; NaN is not observed."""
    start = months.parse(first)
    span = months.span(start, months.shift(start, len(counts) - 1))
    cells = pd.MultiIndex.from_product([span, study.provinces.index], names=["month", "province"])
    table = pd.DataFrame({study.file.target.column: np.ravel(counts)}, index=cells)
    return table.assign(observed=np.isfinite(np.ravel(counts))).reset_index()


def event_rows(counts: np.ndarray, study: Study, first: str, rng: np.random.Generator) -> pd.DataFrame:
    """``counts`` (month, province) as single events, one row an event, in the columns of every events table.

    Any day of the month is as likely; the place is the study's point for the province; one or more die (mean 3).
    """
    cells = counts_table(counts, study, first)
    rows = cells.loc[cells.index.repeat(np.ravel(counts).astype(int)), ["month", "province"]].reset_index(drop=True)
    date = rows.month + pd.to_timedelta(rng.integers(0, rows.month.dt.days_in_month), unit="D")
    deaths = rng.geometric(1 / 3, len(rows))
    where = study.provinces.loc[rows.province]
    return rows.assign(
        event_id=[f"simulated-{i}" for i in range(1, len(rows) + 1)],
        date=date,
        date_end=date,
        date_precision=1,
        latitude=where.latitude.to_numpy(),
        longitude=where.longitude.to_numpy(),
        place_precision=1,
        actor="simulated",
        violence_type=rng.choice(["state-based", "one-sided"], len(rows), p=[0.7, 0.3]),
        attack_type=None,
        target_type=None,
        km_to_capital=np.nan,
        deaths_best=deaths,
        deaths_low=1,
        deaths_high=deaths + rng.poisson(1, len(rows)),
        deaths_civilians=rng.binomial(deaths, 0.5),
        source="simulated",
        release="final",
    )[EVENT_COLUMNS]


def arrivals(counts: np.ndarray, delay: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each month's events by the age, in months, at which they are first published: (month, province, age).

    ``delay`` is the probability of age 0, 1, ...; every event has its own, so that ages sum to ``counts``.
    """
    return rng.multinomial(counts.astype(int), delay).astype(float)


def as_released(arrived: np.ndarray, release: int) -> np.ndarray:
    """Counts (month, province) as they stood in the release of month ``release``; later months are NaN."""
    length, _, ages = arrived.shape
    age = release - np.arange(length)
    known = np.cumsum(arrived, axis=2)[np.arange(length), :, np.clip(age, 0, ages - 1)]
    return np.where(age[:, None] >= 0, known, np.nan)


def first_published(events: pd.DataFrame, delay: np.ndarray, rng: np.random.Generator) -> pd.Series:
    """The month of the first release that holds each event; ``delay`` as in ``arrivals``."""
    age = rng.choice(len(delay), len(events), p=delay)
    return (events.date.dt.to_period("M") + age).dt.to_timestamp().rename("published")


def _rows_to_one(joined: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array(sparse.diags_array(1 / np.maximum(joined.sum(axis=1), 1)) @ joined)
