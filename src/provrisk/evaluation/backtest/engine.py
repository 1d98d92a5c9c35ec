"""The backtest engine: base models over blocks of origins in parallel, then combiners in order of origin."""

import uuid
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from joblib import Parallel, delayed
from sklearn.base import clone

from provrisk import memory, months, seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.block_store import BlockStore, content_key, key, settings_key
from provrisk.evaluation.backtest.fitted import forecast
from provrisk.evaluation.backtest.protocol import Block, Setup, blocks, with_burn_in
from provrisk.evaluation.backtest.recipes import in_order
from provrisk.evaluation.scores.observations import observations, with_targets
from provrisk.models.base import Combiner, Model

View = Callable[[pd.Timestamp], xr.Dataset]
"""The data known at an origin: the panel up to it, with features."""

Progress = Callable[[int, int], None]

REMEMBERED = 2**28
"""Bytes of panels that a process keeps at hand, since models ask for the same ones in turn."""

_SEEN: OrderedDict[tuple[str, pd.Timestamp], xr.Dataset] = OrderedDict()


@dataclass(frozen=True)
class Job:
    """The settings shared by all blocks of a backtest: horizons, number of draws, seed."""

    horizons: tuple[int, ...]
    draws: int
    seed: int


@dataclass
class Backtest:
    """Forecasts by model, each (origin, province, horizon, draw) over the origins at which it did not fail.

    ``past`` has every computed origin, with the burn-in where it was needed; ``forecasts`` the requested ones.
    ``failures`` has a row for each model and origin that failed, with the model's message; ``warnings`` one for each
    model and origin of a fit, with the libraries' warnings. ``computed`` and ``reused`` count blocks.
    """

    past: dict[str, xr.DataArray]
    origins: pd.DatetimeIndex
    failures: pd.DataFrame
    warnings: pd.DataFrame
    computed: int
    reused: int

    def upto(self, last: pd.Timestamp) -> "Backtest":
        """The backtest without the origins after ``last``."""
        past = {name: own.sel(origin=slice(None, last)) for name, own in self.past.items()}
        return replace(self, past=past, origins=self.origins[self.origins <= last])

    def after(self, last: pd.Timestamp) -> dict[str, xr.DataArray]:
        """The forecasts at the origins after ``last``, by model."""
        return {name: own.sel(origin=own.origin > pd.Timestamp(last)) for name, own in self.past.items()}

    @property
    def forecasts(self) -> dict[str, xr.DataArray]:
        """The forecasts at the requested origins, by model."""
        asked = slice(self.origins[0], self.origins[-1])  # a view: draws are large
        return {name: past.sel(origin=asked) for name, past in self.past.items()}


class Reporter:
    """Tells how far a backtest of so many ``blocks`` of each model is."""

    def __init__(self, progress: Progress, ended: Callable[[str], None], blocks: Mapping[str, int]) -> None:
        self.progress, self.ended = progress, ended
        self.left = dict(blocks)
        self.total = sum(blocks.values())

    def block(self, name: str) -> None:
        """A block of the model ``name`` is done."""
        self.left[name] -= 1
        self.progress(self.total - sum(self.left.values()), self.total)
        if not self.left[name]:
            self.ended(name)


@dataclass
class _Result:
    """One model's draws over the origins of one block, failures by origin, and warnings."""

    draws: np.ndarray
    failures: list[str]
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Table:
    """The results of one model so far, in order of origin."""

    origins: list[pd.Timestamp] = field(default_factory=list)
    draws: list[np.ndarray] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    warnings: list[tuple[pd.Timestamp, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def add(self, block: Block, result: _Result, block_key: str) -> None:
        self.origins += list(block.origins)
        # Half the memory, and still signed, so that differences of draws are correct.
        small = np.int16 if result.draws.max(initial=0) <= np.iinfo(np.int16).max else np.int32
        self.draws += list(result.draws.astype(small))
        self.failures += result.failures
        self.warnings += [(block.origins[0], text) for text in result.warnings]
        self.keys.append(block_key)

    def known(self) -> list[int]:
        """Positions of the origins that did not fail."""
        return [i for i, why in enumerate(self.failures) if not why]


def backtest(
    view: View,
    recipes: Mapping[str, Model | Combiner],
    origins: pd.DatetimeIndex,
    setup: Setup,
    *,
    workers: int = 1,
    store: BlockStore | None = None,
    progress: Progress = lambda done, total: None,
    ended: Callable[[str], None] = lambda name: None,
) -> Backtest:
    """Re-run every recipe at each origin on the data known then.

    ``view`` gives the panel up to an origin. A model is fitted at the first origin of each block (``protocol.blocks``)
    and predicts at all of them; combiners follow in order of origin and learn from past forecasts whose target month
    is not after the origin they are fitted at, the burn-in included. Recipes that none of them learns from go without
    the burn-in, except those that ``setup`` names. Blocks found in ``store`` are not computed again, finished ones are
    written to it at once. Results do not depend on ``workers`` (processes of this machine, or of the cluster of the
    surrounding ``joblib.parallel_config``). ``progress`` gets the blocks done and their number, ``ended`` the name of
    each model that is done.

    A ``ProvriskError`` of a model at an origin is a failure there, which combiners see as an absent member.
    """
    memory.keep_freed()
    job = Job(tuple(setup.horizons), setup.draws, setup.seed)
    order = in_order(recipes, list(recipes))
    last = view(origins[-1])
    begin = months.shift(last.indexes["month"][0], 24)
    cut = blocks(with_burn_in(last, origins, setup.burn_in), setup.refit_every, begin)
    learnt = {member for one in recipes.values() if isinstance(one, Combiner) for member in one.members}
    scored = next(number for number, block in enumerate(cut) if block.origins[-1] >= origins[0])
    first = {name: 0 if name in learnt or name in setup.learnt_from else scored for name in order}
    reporter = Reporter(progress, ended, {name: len(cut) - number for name, number in first.items()})
    run = _Run(view, job, cut, first, store, reporter)
    tables = run.base({name: model for name in order if isinstance(model := recipes[name], Model)}, workers)
    for name in order:
        combiner = recipes[name]
        if isinstance(combiner, Combiner):
            tables[name] = run.combiner(name, combiner, tables)
    _SEEN.clear()
    return run.result({name: tables[name] for name in recipes}, origins)


class _Run:
    """One running backtest."""

    def __init__(
        self,
        view: View,
        job: Job,
        cut: list[Block],
        begin: Mapping[str, int],
        store: BlockStore | None,
        reporter: Reporter,
    ) -> None:
        """``begin`` is the number of the first block of each recipe."""
        self.view, self.job, self.blocks, self.begin, self.store, self.reporter = view, job, cut, begin, store, reporter
        self.run = uuid.uuid4().hex
        self.computed = 0
        self.first = view(cut[-1].origins[-1])
        self.provinces = self.first.indexes["province"]
        known = partial(_seen, view, self.run)
        self.contents = [content_key([known(origin) for origin in block.origins]) for block in cut] if store else []

    def base(self, models: Mapping[str, Model], workers: int) -> dict[str, _Table]:
        """All blocks of all base models, in parallel."""
        found: dict[tuple[str, int], _Result] = {}
        todo = []
        for name, model in models.items():
            for number in range(self.begin[name], len(self.blocks)):
                block = self.blocks[number]
                stored = self._load(name, self._key(name, model, number))
                if stored is None:
                    todo.append((name, number, model, block))
                else:
                    found[name, number] = stored
        if sum(len(block.origins) for block in self.blocks) * self.first.nbytes > REMEMBERED:
            todo.sort(key=lambda one: one[1])  # all models of a block in turn, while its panels are at hand
        tasks = (
            delayed(_base_block)(self.view, self.run, name, number, model, block, self.job)
            for name, number, model, block in todo
        )
        for name, number, result in Parallel(n_jobs=workers, return_as="generator_unordered")(tasks):
            self._save(name, self._key(name, models[name], number), result)
            found[name, number] = result
        tables = {name: _Table() for name in models}
        for name, model in models.items():
            for number in range(self.begin[name], len(self.blocks)):
                tables[name].add(self.blocks[number], found[name, number], self._key(name, model, number))
        return tables

    def combiner(self, name: str, combiner: Combiner, tables: Mapping[str, _Table]) -> _Table:
        """All blocks of one combiner, in order of origin."""
        table = _Table()
        members = {member: tables[member] for member in combiner.members}
        drawn = np.stack([np.stack(of.draws) for of in members.values()])  # in the smallest type that holds them all
        for number in range(self.begin[name], len(self.blocks)):
            block = self.blocks[number]
            upto = [of.keys[: number + 1] for of in members.values()]
            block_key = key(self._key(name, combiner, number), upto) if self.store else ""
            result = self._load(name, block_key)
            if result is None:
                result = self._combine(name, combiner, members, drawn, block)
                self._save(name, block_key, result)
            table.add(block, result, block_key)
        return table

    def _combine(
        self, name: str, combiner: Combiner, members: Mapping[str, _Table], drawn: np.ndarray, block: Block
    ) -> _Result:
        """One block of a combiner, from what its ``members`` have ``drawn`` (model, origin, ...)."""
        names, origins = list(members), next(iter(members.values())).origins
        failed = np.array([of.failures for of in members.values()]) != ""
        first = origins.index(block.origins[0])
        alive = np.flatnonzero(~failed[:, first])
        size = (len(block.origins), len(self.provinces), len(self.job.horizons), self.job.draws)
        if not len(alive):
            return _Result(np.zeros(size, np.int32), ["no member made a forecast"] * len(block.origins))
        result = _Result(np.zeros(size, np.int32), [""] * len(block.origins))
        try:
            fitted = clone(combiner).fit(*self._past(names, origins[: first + 1], alive, failed, drawn))
        except ProvriskError as error:
            return _Result(result.draws, [str(error)] * len(block.origins))
        for i, origin in enumerate(block.origins):
            present = alive[~failed[alive, first + i]]
            try:
                if not len(present):
                    raise ProvriskError("no member made a forecast")
                rng = seeds.generator(self.job.seed, self.first.attrs["study"], name, months.label(origin))
                given = self._array(drawn[present, first + i], model=[names[row] for row in present])
                combined = fitted.combine(given, rng).transpose("province", "horizon", "draw")
                result.draws[i] = combined.to_numpy()
            except ProvriskError as error:
                result.failures[i] = str(error)
        return result

    def _past(
        self, names: list[str], upto: list[pd.Timestamp], alive: np.ndarray, failed: np.ndarray, drawn: np.ndarray
    ) -> tuple[xr.DataArray, xr.DataArray]:
        """The forecasts before the last of ``upto`` of those ``alive``, where all made one, and the values observed."""
        *before, now = upto
        shared = np.flatnonzero(~failed[alive, : len(before)].any(axis=0))
        # Draws are large: where none failed, they are looked at and not copied.
        whole = len(alive) == len(drawn) and len(shared) == len(before)
        values = drawn[:, : len(before)] if whole else drawn[np.ix_(alive, shared)]
        past = self._array(values, model=[names[row] for row in alive], origin=[before[i] for i in shared])
        return past, observations(self.view(now), past)

    def _array(self, values: np.ndarray, **outer: list) -> xr.DataArray:
        dims = (*outer, "province", "horizon", "draw")
        coords = {**outer, "province": self.provinces, "horizon": list(self.job.horizons)}
        if "origin" in outer:
            coords["origin"] = pd.DatetimeIndex(outer["origin"])
        return with_targets(xr.DataArray(values, dims=dims, coords=coords))

    def result(self, tables: Mapping[str, _Table], origins: pd.DatetimeIndex) -> Backtest:
        past, failures, warned = {}, [], []
        for name, table in tables.items():
            good = table.known()
            failures += [
                (name, origin, why)
                for origin, why in zip(table.origins, table.failures, strict=True)
                if why and origin in origins
            ]
            warned += [(name, origin, text) for origin, text in table.warnings]
            size = (0, len(self.provinces), len(self.job.horizons), self.job.draws)
            values = np.stack([table.draws[i] for i in good]) if good else np.zeros(size, np.int32)
            table.draws.clear()
            attrs = {key: self.first.attrs[key] for key in ("study", "digest", "source", "target")}
            array = self._array(values, origin=[table.origins[i] for i in good])
            past[name] = array.assign_attrs(attrs, model=name, seed=self.job.seed)
        rows = pd.DataFrame(failures, columns=["model", "origin", "reason"])
        warnings = pd.DataFrame(warned, columns=["model", "origin", "warning"])
        return Backtest(past, origins, rows, warnings, self.computed, self.reporter.total - self.computed)

    def _key(self, name: str, model: Model | Combiner, number: int) -> str:
        if not self.store:
            return ""
        origins = [months.label(origin) for origin in self.blocks[number].origins]
        return key(name, settings_key(model), self.contents[number], origins, vars(self.job))

    def _load(self, name: str, block_key: str) -> _Result | None:
        stored = self.store.load(block_key) if self.store else None
        if stored is None:
            return None
        self.reporter.block(name)
        return _Result(*stored)

    def _save(self, name: str, block_key: str, result: _Result) -> None:
        if self.store:
            self.store.save(block_key, result.draws, result.failures, result.warnings)
        self.computed += 1
        self.reporter.block(name)


def _seen(view: View, run: str, origin: pd.Timestamp) -> xr.Dataset:
    """What ``view`` gives at ``origin``, kept in this process for the next model of the same ``run``."""
    panel = _SEEN.pop((run, origin), None)
    _SEEN[run, origin] = panel = view(origin) if panel is None else panel
    while len(_SEEN) > 1 and len(_SEEN) * panel.nbytes > REMEMBERED:
        _SEEN.popitem(last=False)
    return panel


def _base_block(
    view: View, run: str, name: str, number: int, model: Model, block: Block, job: Job
) -> tuple[str, int, _Result]:
    """Fit at the block's first origin, predict at each."""
    memory.keep_freed()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = _fit_and_predict(partial(_seen, view, run), name, model, block, job)
    texts = {" ".join(f"{one.category.__name__}: {one.message}".split())[:200] for one in caught}
    result.warnings += sorted(texts)
    return name, number, result


def _fit_and_predict(view: View, name: str, model: Model, block: Block, job: Job) -> _Result:
    first = view(block.origins[0])
    size = (len(block.origins), first.sizes["province"], len(job.horizons), job.draws)
    result = _Result(np.zeros(size, np.int32), [""] * len(block.origins))
    try:
        fitted = clone(model).fit(first)
    except ProvriskError as error:
        return _Result(result.draws, [str(error)] * len(block.origins))
    converged = getattr(fitted, "converged_", True)
    if not all(converged.values() if isinstance(converged, dict) else [converged]):
        result.warnings.append("the fit did not converge")
    for i, origin in enumerate(block.origins):
        try:
            drawn = forecast(view(origin), name, fitted, job.horizons, job.draws, job.seed)
            result.draws[i] = drawn.transpose("province", "horizon", "draw").to_numpy()
        except ProvriskError as error:
            result.failures[i] = str(error)
    return result
