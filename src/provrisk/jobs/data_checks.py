"""The data checks before every forecast and every retraining."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import journal, months, notebook
from provrisk.errors import ProvriskError, StopError
from provrisk.evaluation import data_checks
from provrisk.evaluation.champion import Champion, OutdatedError, open_folder
from provrisk.evaluation.data_checks import Finding
from provrisk.events.counting.combine import ReadRelease
from provrisk.events.counting.load import LoadedCounts, checked, from_parts, read_release
from provrisk.events.counting.revisions import revisions
from provrisk.events.releases.release_store import Store
from provrisk.events.sources.user_file import UserFile
from provrisk.features.panel import panel_upto
from provrisk.jobs.snapshot import Snapshot, load_snapshot, snapshot_of
from provrisk.study import Study


class DataStopError(StopError):
    """The data checks stopped a job; ``findings`` give the reasons."""

    def __init__(self, findings: list[Finding]) -> None:
        stops = "; ".join(one.sentence for one in findings if one.level == "stop")
        super().__init__(f"The data checks stop the job: {stops}. Correct the data, or continue with --accept REASON.")
        self.findings = findings


def check_data(snapshot: Snapshot, champion: Champion | None, draws: int, seed: int) -> list[Finding]:
    """Every check of the figures and their panel.

    The last month is compared with the champion's forecast of it; if the counts are from releases, the newest is
    compared with the earlier ones.
    """
    study, loaded, panel = snapshot.study, snapshot.figures, snapshot.panel
    before, seen = None, champion is not None and champion.fitted_until >= panel.attrs["origin"]
    origin = months.shift(snapshot.origin, -1)
    if champion is not None and origin >= panel.indexes["month"][0]:
        with contextlib.suppress(OutdatedError):  # it is fitted again, or reported where it has to forecast
            before = champion.forecast(panel_upto(panel, origin), [1], draws, seed)
    found = [
        data_checks.check_figures(loaded.counts),
        *(data_checks.check_loss(label, one) for label, one in loaded.losses.items()),
        data_checks.check_months(panel, loaded.would_state),
        data_checks.check_provinces(panel, study.file.unit.one),
        data_checks.check_silence(panel),
        data_checks.check_total(panel, before, seen),
    ]
    return found + (_check_releases(study, loaded) if loaded.releases else [])


@dataclass(frozen=True)
class DataCheck:
    """The counted and excluded rows of each file, and the findings of the data checks.

    ``parts`` are the files or releases read, ``unasked`` the labels of those without an actor in the study,
    ``findings`` the checks that run before every forecast.
    """

    parts: list[ReadRelease]
    unasked: list[str]
    findings: list[Finding]

    def __repr__(self) -> str:
        levels = [one.level for one in self.findings]
        return f"DataCheck({len(self.parts)} files, {levels.count('warning')} warnings, {levels.count('stop')} stops)"

    def _repr_html_(self) -> str:
        parts = {part.label: f"{part.reading.counted:,} rows counted, {len(part.reading.why):,} excluded"
                 for part in self.parts}  # fmt: skip
        return notebook.facts("Data checks", parts | {one.name: f"{one.level}: {one.text}" for one in self.findings})

    def set_aside(self) -> pd.DataFrame:
        """The excluded rows: row number, reason, original values and file."""
        return pd.concat([part.set_aside().assign(file=part.label) for part in self.parts])


def check_everything(study: Study, events: UserFile | Path | None = None) -> DataCheck:
    """Check the file ``events``, or the bundled figures and every release on top of them."""
    parts, unasked = checked(study, events)
    try:
        # A single file has been read already.
        snapshot = snapshot_of(study, from_parts(study, parts)) if events is not None else load_snapshot(study)
    except StopError as error:
        return DataCheck(parts, unasked, [Finding("unreadable rows", "stop", "bad data", str(error))])
    return DataCheck(parts, unasked, check_data(snapshot, _champion(study), study.draws, seed=1))


def _champion(study: Study) -> Champion | None:
    """The champion by the journal, opened from its copy; MLflow, slow to import, only where that is not sure.

    A store that ``MLFLOW_TRACKING_URI`` names may have been changed by other projects.
    """
    mlruns = study.project.mlruns
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        if not (mlruns / "mlflow.db").is_file():
            return None
        if card := journal.champion(mlruns, study.name):
            with contextlib.suppress(ProvriskError):  # a damaged copy is made again below
                copy = open_folder(mlruns / "champions" / study.name / card["version"])
                if copy.data_digest == card["data_digest"]:
                    return copy
    from provrisk.tracking.registry import Registry
    from provrisk.tracking.runs import Tracker

    return Registry(Tracker(study)).champion()


def stop_on_findings(findings: list[Finding], accept: str | None) -> None:
    """Raise ``DataStopError`` if a finding stops the job and no reason to continue was given."""
    if any(one.level == "stop" for one in findings) and not accept:
        raise DataStopError(findings)


def stop_if_lost(loaded: LoadedCounts, accept: str | None) -> None:
    """Raise ``DataStopError`` if too many rows could not be read and no reason to continue was given."""
    stop_on_findings([data_checks.check_loss(label, one) for label, one in loaded.losses.items()], accept)


def not_tested(reasons: Mapping[str, str]) -> list[Finding]:
    """A note for each model that could not be backtested, with the reason."""
    return [Finding("models", "note", "", f"{name} was not tested: {why}") for name, why in reasons.items()]


def _check_releases(study: Study, loaded: LoadedCounts) -> list[Finding]:
    store = Store(study.project.releases)
    stored = [release for release in loaded.releases if not release.bundled]
    newest = [read_release(study, store, release).reading for release in stored[-2:]]
    faults = [(one.loss.of - one.counted, one.loss.of) for one in newest]
    return [
        *(data_checks.check_set_aside(*one, faults[0] if len(faults) > 1 else None) for one in faults[-1:]),
        data_checks.check_revisions(revisions(study, loaded.releases)),
    ]
