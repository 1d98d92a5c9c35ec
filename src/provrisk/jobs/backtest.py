"""The backtest job: a protocol's forecasts, their scores, and where they are written."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.block_store import BlockStore, key, recipe_key
from provrisk.evaluation.backtest.engine import Backtest, View, backtest
from provrisk.evaluation.backtest.fitted import Fitted, fit
from provrisk.evaluation.backtest.protocol import newest_origins, protocol_origins, setup_of
from provrisk.evaluation.backtest.recipes import in_order, joined
from provrisk.evaluation.comparison.leaderboard import shared_cells
from provrisk.evaluation.scores import cell_scores as scores
from provrisk.evaluation.scores.observations import observations
from provrisk.features.panel import panel_upto
from provrisk.forecasts import hubverse
from provrisk.forecasts.quantiles import with_total
from provrisk.jobs.cluster import on_cluster
from provrisk.jobs.snapshot import Snapshot
from provrisk.jobs.work import Work
from provrisk.models.base import Combiner, Model
from provrisk.models.from_file import build
from provrisk.reports.charts import svg
from provrisk.risk.calibration import reliability_points
from provrisk.study import Study
from provrisk.study.schema import ModelFile, Protocol

QUANTILES = (0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99)
"""The quantile levels at which a backtest's forecasts are stored, those of the forecast hubs."""


@dataclass(frozen=True)
class BacktestResult:
    """A finished backtest by a named protocol: forecasts, scores of the requested models, and the model files.

    ``run`` and ``scores`` are of the origins whose every horizon has been observed: models are judged by those alone.
    ``newest`` has the draws by model at the origins after them, ``newest_scores`` the scores at the horizons that have
    been observed (None where there are none); both are kept beside the others, for comparisons.
    """

    snapshot: Snapshot
    protocol: str
    rules: Protocol
    seed: int
    run: Backtest
    scores: pd.DataFrame
    recipes: dict[str, Model | Combiner]
    files: dict[str, ModelFile]
    as_of_releases: bool
    newest: dict[str, xr.DataArray] = field(default_factory=dict)
    newest_scores: pd.DataFrame | None = None

    @property
    def study(self) -> Study:
        """The study that was forecast."""
        return self.snapshot.study

    @property
    def panel(self) -> xr.Dataset:
        """The panel that forecasts were scored against."""
        return self.snapshot.panel

    def settings(self) -> dict[str, object]:
        """The settings with which it can be repeated."""
        first, last = months.label(self.run.origins[0]), months.label(self.run.origins[-1])
        rules = self.rules.model_dump(include={"horizons", "draws", "refit_every", "burn_in"})
        known = "releases of the day" if self.as_of_releases else "final data"
        origins = {"first_origin": first, "last_origin": last, "known": known}
        return {"protocol": self.protocol, "seed": self.seed, **origins, **rules}

    def key(self) -> str:
        """A digest of all that the results depend on."""
        recipes = {name: recipe_key(name, self.recipes) for name in self.recipes}
        return key(self.panel.attrs["digest"], recipes, self.settings())[:16]

    def notes(self) -> dict[str, list[str]]:
        """Failures and library warnings of each model, with their origins."""
        told: dict[str, list[str]] = {}
        for table, column in ((self.run.failures, "reason"), (self.run.warnings, "warning")):
            for row in table.to_dict("records"):
                told.setdefault(row["model"], []).append(f"{months.label(row['origin'])} {row[column]}")
        return told

    def bowed_out(self) -> dict[str, str]:
        """The requested models that could not forecast at any origin, with reasons."""
        scored = set(self.scores.model.unique())
        reasons = self.run.failures.drop_duplicates("model", keep="last").set_index("model").reason
        return {str(name): str(why) for name, why in reasons.items() if name not in scored}

    def standing(self, champion: str | None = None) -> "BacktestResult":
        """The same, for the study with only those of its benchmarks that could be tested.

        Raises ``ProvriskError``, with the reason, if the ``champion`` or no benchmark could be tested.
        """
        study, out = self.study, self.bowed_out()
        rules = study.file.backtest
        if champion in out:
            raise ProvriskError(f"The champion {champion} cannot be tested on these data: {out[champion]}")
        stood = tuple(name for name in rules.benchmarks if name not in out)
        if not stood:
            said = "; ".join(f"{name}: {why}" for name, why in out.items())
            raise ProvriskError(f"No benchmark of {study.name} can be tested on these data: {said}")
        file = study.file.model_copy(update={"backtest": rules.model_copy(update={"benchmarks": stood})})
        return replace(self, snapshot=replace(self.snapshot, study=replace(study, file=file)))

    def refit(self, name: str) -> Fitted:
        """The model ``name`` fitted at the panel's origin, its combiners on all the forecasts of the backtest.

        It should be among the ``refits`` of the backtest.

        The fitted model is joint over provinces and months, even if the recipe is not.
        """
        observed = {member: observations(self.panel, past) for member, past in self.run.past.items()}
        recipes, joint = joined(self.recipes, name)
        return fit(joint, recipes, panel_upto(self.panel, self.snapshot.origin), self.run.past, observed)


def run_backtest(
    snapshot: Snapshot,
    protocol: str,
    models: Sequence[str] = (),
    work: Work = Work(),
    view: View | None = None,
    refits: Sequence[str] = (),
) -> BacktestResult:
    """Backtest ``models`` (default: all of ``models/``) and their members by a named protocol.

    Finished blocks are stored in the project's cache, so that a killed run continues where it stopped.
    ``view`` gives what was known at an origin, by default the panel of ``snapshot`` up to it; the panel is the truth in
    any case. ``refits`` are the models that the caller may ``refit``: what these then learn from is forecast in the
    burn-in, too.
    """
    study, panel = snapshot.study, snapshot.panel
    rules = study.protocol(protocol)
    model_files = study.project.models()
    every = {name: build(name, file) for name, file in model_files.items()}
    recipes = {name: every[name] for name in in_order(every, models or list(every))}
    known = view or partial(panel_upto, panel)
    learnt_from = [name for name in refits if name in recipes and not recipes[name].joint]
    origins, later = protocol_origins(panel, rules), newest_origins(panel, rules)
    with on_cluster(work.cluster, known):
        every_origin = backtest(
            known,
            recipes,
            origins.append(later),
            replace(setup_of(rules, work.seed), learnt_from=learnt_from),
            workers=-1 if work.cluster else work.workers,
            store=BlockStore(study.blocks),
            progress=work.progress_of("Backtest"),
            ended=_tells(work, len(recipes)),
        )
    run, after = every_origin.upto(origins[-1]), every_origin.after(origins[-1])
    wanted = {name: run.forecasts[name] for name in models or recipes}
    newest = {name: own for name in wanted if (own := after[name]).sizes["origin"]}
    used = {name: model_files[name] for name in recipes}
    scored = scores.score(wanted, panel, study, work.seed)
    return BacktestResult(
        snapshot, protocol, rules, work.seed, run, scored, recipes, used, as_of_releases=view is not None,
        newest=newest, newest_scores=_observed(scores.score(newest, panel, study, work.seed)) if newest else None,
    )  # fmt: skip


def _tells(work: Work, number: int) -> Callable[[str], None]:
    """A function that says of each model of ``number`` that it is done, and after how long."""
    began, names = time.monotonic(), list[str]()

    def tested(name: str) -> None:
        names.append(name)
        work.say(f"tested {name}: {len(names)} of {number} models, {time.monotonic() - began:.0f} s since the start")

    return tested


def _observed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the cells that have been observed: of the others there are probabilities, too, but no scores."""
    cell = ["model", "origin", "horizon", "province"]
    known = pd.MultiIndex.from_frame(table.loc[table.score == "observed", cell])
    return table[pd.MultiIndex.from_frame(table[cell]).isin(known)]


def write(result: BacktestResult) -> Path:
    """Write scores, failures, reliability diagrams and the forecasts, totals included, as hubverse quantiles.

    Models of an earlier call that this one did not run stay, if they were scored against the same data. Returns the
    folder.
    """
    folder = result.study.reports / "backtests" / result.protocol
    scored = result.scores if result.newest_scores is None else _stacked(result.scores, result.newest_scores)
    files.write_parquet(_with_others(scored, folder / "scores.parquet"), folder / "scores.parquet")
    files.write(folder / "failures.csv", files.csv_of(result.run.failures))
    for name in result.scores.model.unique():
        parts = [one for one in (result.run.forecasts[name], result.newest.get(name)) if one is not None]
        table = pd.concat([hubverse.quantiles(with_total(one), QUANTILES) for one in parts], ignore_index=True)
        hubverse.write(table, result.run.forecasts[name].attrs, folder / "quantiles" / f"{name}.parquet")
        points = reliability_points(shared_cells(result.scores, [name]), name, result.study.file.risk)
        named = {f"at least {count}": table for count, table in points.items()}
        files.write(folder / "reliability" / f"{name}.svg", svg.reliability(named))
    return folder


def _with_others(scores: pd.DataFrame, stored: Path) -> pd.DataFrame:
    """``scores`` with the ``stored`` ones of other models, if they were scored against the same data.

    A file that cannot be read is replaced.
    """
    try:
        before = files.read_parquet(stored)
    except ProvriskError:
        return scores
    others = before[~before.model.isin(scores.model.unique())]
    if (
        before.attrs.get("truth") != scores.attrs.get("truth")
        or list(before) != list(scores)
        or not _same_truth(before, scores)
    ):
        return scores
    together = _stacked(scores, others)
    missing = "cells_not_observed"
    stay = {name: before.attrs[missing][name] for name in others.model.unique() if name in before.attrs[missing]}
    together.attrs = {**scores.attrs, missing: stay | scores.attrs[missing]}
    return together


def _stacked(scores: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Both tables of scores as one, by model, with the attrs of the first."""
    names = [name for name in scores if isinstance(scores[name].dtype, pd.CategoricalDtype)]
    together = pd.concat([scores.astype(dict.fromkeys(names, "str")), others.astype(dict.fromkeys(names, "str"))])
    together = together.sort_values("model", kind="stable", ignore_index=True)
    together = together.astype(dict.fromkeys(names, "category"))
    together.attrs = scores.attrs
    return together


def _same_truth(*tables: pd.DataFrame) -> bool:
    """Whether the tables were scored against the same counts in all shared cells."""
    cell = ["origin", "horizon", "province"]
    seen = [table[table.score == "observed"].drop_duplicates(cell).astype({"province": "str"}) for table in tables]
    shared = seen[0].merge(seen[1], on=cell, suffixes=("_a", "_b"))
    return bool((shared.value_a == shared.value_b).all())
