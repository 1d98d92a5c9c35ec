"""The retraining job: one challenger recipe is compared with the champion's; the better one is fitted to all data."""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION, files, journal, notebook
from provrisk.errors import ProvriskError
from provrisk.evaluation import promotion_gates
from provrisk.evaluation.backtest.block_store import code_key, key, recipe_key
from provrisk.evaluation.backtest.fitted import Fitted, forecast
from provrisk.evaluation.backtest.protocol import protocol_origins
from provrisk.evaluation.backtest.recipes import in_order
from provrisk.evaluation.champion import Champion
from provrisk.evaluation.comparison.leaderboard import shared_cells
from provrisk.evaluation.data_checks import Finding
from provrisk.evaluation.promotion_gates import Gate
from provrisk.jobs.backtest import BacktestResult, run_backtest, write
from provrisk.jobs.backtest_runs import log, make_champion
from provrisk.jobs.data_checks import check_data, stop_on_findings
from provrisk.jobs.lock import only_one
from provrisk.jobs.rollback import card_of
from provrisk.jobs.send_alerts import send, send_if_stopped
from provrisk.jobs.snapshot import Snapshot
from provrisk.jobs.work import Work
from provrisk.models.from_file import build
from provrisk.reports import alerts
from provrisk.reports.pages import retraining as page
from provrisk.study import Study
from provrisk.study.schema import PromotionFile
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Tracker
from provrisk.tracking.session import apart

SECONDS = 0.05
"""What a model at an origin costs, measured with 18 provinces: the estimate of a first retraining."""


@dataclass(frozen=True)
class Decision:
    """The decision of a retraining and its reasons.

    ``outcome`` is "promoted", "kept" (the champion's recipe stays, fitted on the new data), "none" (there is no
    champion and the challenger failed a gate) or "unchanged" (decided before on the same data). ``version`` is the
    champion's afterwards; ``done`` says whether the decision was carried out.
    """

    key: str
    study: str
    data: str
    champion: str | None
    challenger: str
    outcome: str
    reason: str
    gates: list[Gate]
    findings: list[Finding]
    accepted: str | None = None
    version: str | None = None
    done: bool = False

    def _repr_html_(self) -> str:
        gates = {gate.name: f"{gate.word}: {gate.reason}" for gate in self.gates}
        lines = {
            "challenger": self.challenger,
            "why": self.reason,
            **gates,
            "champion": f"version {self.version or 'none'}",
            "data": self.data,
        }
        return notebook.facts(f"Retraining of {self.study}: {self.sentence}", lines)

    @property
    def sentence(self) -> str:
        """The decision in words."""
        fitted = f"fitted on the newest data as version {self.version}" if self.done else "nothing was changed"
        if self.outcome == "promoted":
            now = "is champion now" if self.done else "would become champion"
            return f"{self.challenger} {now}: {fitted}."
        if self.outcome == "kept":
            return f"The champion {self.champion} stays ({self.reason}): {fitted}."
        if self.outcome == "none":
            return f"There is no champion: {self.challenger} did not pass ({self.reason})."
        return f"Nothing new: this was decided before, and version {self.version} stays champion."


def _noted(decision: Decision, asked: dict[str, Any]) -> dict[str, Any]:
    """The journal entry of a decision."""
    attrs = asked["snapshot"].panel.attrs
    name = decision.challenger if decision.outcome == "promoted" else decision.champion
    said: dict[str, Any] = {"outcome": decision.outcome, "reason": decision.reason, "every": asked["every"]}
    said["status"] = "unchanged" if decision.outcome == "unchanged" else "done"
    said["data"] = {key: attrs[key] for key in ("source", "origin", "digest")}
    if decision.done and decision.outcome in ("promoted", "kept"):
        said["champion"] = card_of(str(name), str(decision.version), attrs["origin"], attrs["digest"])
    return said


@journal.recorded("retrain", _noted)
@apart()
def retrain(
    snapshot: Snapshot, work: Work = Work(), *, dry_run: bool = False, accept: str | None = None, every: bool = False
) -> Decision:
    """Compare the challenger of ``models/promotion.toml`` with the champion; promote it if it passes every gate.

    Both recipes and the benchmarks (with ``every``: all of ``models/``) are re-run on the same origins and data. Where
    there is no champion, the challenger becomes champion if it passes the other gates. A champion that stays is
    refitted. The same data, models, rules and code do nothing a second time. Raises ``DataStopError`` if a data check
    stops the job and no reason to ``accept`` was given.
    """
    study, panel = snapshot.study, snapshot.panel
    rules = study.project.promotion()
    with only_one(study):
        tracker = Tracker(study)
        registry = Registry(tracker)
        champion = registry.champion()
        path = study.reports / "retraining" / f"{_key(snapshot, rules, work.seed)}.json"
        earlier = _earlier(path)
        if earlier and earlier.done and champion and champion.code == code_key():
            return replace(earlier, outcome="unchanged", version=champion.version)
        # A decision that was interrupted, perhaps after the champion had changed, is completed as decided.
        begun = earlier if earlier and not earlier.done else None
        findings = check_data(snapshot, champion, study.protocol(rules.protocol).draws, work.seed)
        if begun is None:
            with send_if_stopped(study, panel):
                stop_on_findings(findings, accept)
        models = [] if every else _asked(study, rules, champion)
        work.say(_how_long(snapshot, rules, models, work))
        refits = [rules.challenger, *([champion.name] if champion else [])]
        trial = Trial(run_backtest(snapshot, rules.protocol, models, work, refits=refits), champion, rules)
        decided = begun or replace(trial.decide(findings), key=path.stem, accepted=accept)
        if dry_run:
            return decided
        _write(decided, path)
        decision = trial.act(decided, registry, tracker)
        _write(decision, path)
        if decision.outcome == "promoted" and champion:
            origin, today = snapshot.origin, pd.Timestamp.now()
            send(
                study,
                alerts.replaced(study, origin, today, champion.name, decision.challenger, str(decision.version)),
            )  # fmt: skip
        return decision


class Trial:
    """One challenger compared with one champion, on one backtest."""

    def __init__(self, tested: BacktestResult, champion: Champion | None, rules: PromotionFile) -> None:
        self.tested, self.champion, self.rules, self.panel = tested, champion, rules, tested.panel
        for role, name in (("challenger", rules.challenger), ("champion", champion and champion.name)):
            if name and name not in tested.recipes:
                raise ProvriskError(f"The {role}'s recipe models/{name}.toml is not there: put it back.")

    def decide(self, findings: list[Finding]) -> Decision:
        """Judge the challenger by the gates; touches nothing."""
        challenger, champion = self.rules.challenger, self.champion.name if self.champion else None
        names = dict.fromkeys(name for name in (challenger, champion) if name)
        cells = shared_cells(self.tested.scores, list(names))
        started = time.perf_counter()
        _, drawn = self._fit(challenger)
        judged = [
            promotion_gates.calibrated(cells, challenger, self.rules),
            promotion_gates.unbiased(cells, challenger, self.rules),
            promotion_gates.quick(time.perf_counter() - started, self.rules),
            promotion_gates.smoke(self.panel, drawn, self.rules),
        ]
        if champion and champion != challenger:
            judged.insert(0, promotion_gates.better(cells, challenger, champion, self.rules))
        else:
            why = "it is the champion's own recipe" if champion else "there is no champion yet"
            judged.insert(0, Gate("better", None, None, why))
        failed = "; ".join(f"{gate.name}: {gate.reason}" for gate in judged if gate.passed is False)
        if champion == challenger:
            outcome, reason = "kept", "the challenger is the champion's own recipe"
        elif failed:
            outcome, reason = "kept" if champion else "none", failed
        else:
            outcome, reason = "promoted", "it passed every gate"
        attrs = self.panel.attrs
        data = f"{attrs['source']}, up to {attrs['origin']}, digest {attrs['digest']}"
        version = self.champion.version if self.champion else None
        return Decision(
            "", self.tested.study.name, data, champion, challenger, outcome, reason, judged, findings, version=version
        )

    def act(self, decision: Decision, registry: Registry, tracker: Tracker) -> Decision:
        """Write and log the backtest, register the recipe that was chosen, fitted on all data, and make it champion."""
        runs = log(self.tested, tracker, "retrain", write(self.tested), decision.key)
        name = decision.champion if decision.outcome == "kept" else decision.challenger
        if decision.outcome == "none" or name is None:
            return replace(decision, done=True)
        fitted, drawn = self._fit(name)
        smoke = promotion_gates.smoke(self.panel, drawn, self.rules)
        if not smoke.passed:
            reason = f"{decision.reason}; the champion was not refitted, since {smoke.reason}"
            return replace(decision, reason=reason, done=True)
        version = make_champion(self.tested, registry, name, fitted, runs[name])
        return replace(decision, version=version, done=True)

    def _fit(self, name: str) -> tuple[Fitted, xr.DataArray]:
        """The recipe fitted on all data, and its forecast."""
        tested = self.tested
        fitted = tested.refit(name)
        return fitted, forecast(self.panel, name, fitted, tested.study.horizons, tested.rules.draws, tested.seed)


def _asked(study: Study, rules: PromotionFile, champion: Champion | None) -> list[str]:
    """The models that the gates and the bulletin need: champion, challenger, benchmarks."""
    names = [rules.challenger, *([champion.name] if champion else []), *study.file.backtest.benchmarks]
    return [name for name in dict.fromkeys(names) if name in study.project.models()]


def _how_long(snapshot: Snapshot, rules: PromotionFile, models: list[str], work: Work) -> str:
    """How long a retraining that tests ``models`` (none: all) will take: as long as the last one, else an estimate."""
    study = snapshot.study
    protocol = study.protocol(rules.protocol)
    recipes = {name: build(name, file) for name, file in study.project.models().items()}
    number = len(in_order(recipes, models or list(recipes)))
    origins = len(protocol_origins(snapshot.panel, protocol)) + protocol.burn_in
    what = f"retraining {study.name} tests {number} models at {origins} origins"
    for one in journal.entries(study.project.mlruns, study.name):
        if one.kind == "retrain" and one.status == "done" and one.said.get("every", False) == (not models):
            return f"{what}; the last one, {one.started[:10]}, took {_spelled(one.seconds)}"
    seconds = number * origins * SECONDS / max(work.workers, 1)
    return f"{what}: the first time about {_spelled(seconds)}, later less, since finished parts are stored"


def _spelled(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def pages(study: Study, decision: Decision) -> list[Path]:
    """The files of a decision: JSON and page."""
    path = study.reports / "retraining" / f"{decision.key}.json"
    return [path, path.with_suffix(".html")]


def _key(snapshot: Snapshot, rules: PromotionFile, seed: int) -> str:
    """What a decision depends on: data, recipes, rules, seed."""
    recipes = {name: build(name, file) for name, file in snapshot.study.project.models().items()}
    parts = {name: recipe_key(name, recipes) for name in recipes}
    return key(snapshot.panel.attrs["digest"], parts, rules.model_dump(), seed)[:16]


def _earlier(path: Path) -> Decision | None:
    """The decision in ``path``, if there is one; raises ``ProvriskError`` if the file is damaged."""
    try:
        stored = files.unsealed(path.read_bytes())
        stored.pop("method")
        judged = [Gate(**gate) for gate in stored.pop("gates")]
        found = [Finding(**finding) for finding in stored.pop("findings")]
        return Decision(**stored, gates=judged, findings=found)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise ProvriskError(
            f"{path}, what was decided on these data, is damaged ({error}): restore it, or delete it to decide again."
        ) from None


def _write(decision: Decision, path: Path) -> None:
    """Write the decision as a page and as JSON; the JSON last, since it marks the job as done."""
    content = asdict(decision) | {"method": METHOD_VERSION}
    files.write(path.with_suffix(".html"), page.render(content | {"sentence": decision.sentence}))
    files.write(path, files.sealed(content))
