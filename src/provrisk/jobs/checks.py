"""The data checks that stand before every forecast and every retraining."""

import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation import checks
from provrisk.evaluation.checks import Finding
from provrisk.evaluation.fitted import forecast
from provrisk.events.figures import Figures, read_release
from provrisk.events.releases import Store
from provrisk.events.revisions import revisions
from provrisk.features.panel import panel_upto
from provrisk.study import Project, Study
from provrisk.tracking.registry import Champion


class DataStopError(ProvriskError):
    """The data checks stopped a job; ``findings`` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        stops = "; ".join(f"{one.text} (smells of {one.smells_of})" for one in findings if one.level == "stop")
        super().__init__(f"The data checks stop the job: {stops}. Mend the data, or go on with --accept REASON.")
        self.findings = findings


def check_data(
    project: Project,
    study: Study,
    figures: Figures,
    panel: xr.Dataset,
    champion: Champion | None,
    draws: int,
    seed: int,
) -> list[Finding]:
    """Every check of ``figures`` and the ``panel`` made of them.

    The last month is held against the champion's forecast of it; where the figures come from releases, the newest is
    held against those before it.
    """
    before = None
    origin = months.shift(months.parse(panel.attrs["origin"]), -1)
    if champion is not None and origin >= panel.indexes["month"][0]:
        before = forecast(panel_upto(panel, origin), champion.name, champion.model, [1], draws, seed)
    found = [
        checks.check_figures(figures.counts),
        checks.check_months(panel),
        checks.check_silence(panel),
        checks.check_total(panel, before),
    ]
    return found + (_check_releases(project, study, figures) if figures.releases else [])


def stop_if_asked(findings: list[Finding], accept: str | None) -> None:
    """Raise ``DataStopError`` if a finding stops the job and no reason to go on was given."""
    if any(one.level == "stop" for one in findings) and not accept:
        raise DataStopError(findings)


def _check_releases(project: Project, study: Study, figures: Figures) -> list[Finding]:
    store = Store(project.releases)
    newest = [read_release(study, store, release).reading for release in figures.releases[-2:]]
    shares = [
        sum(number for reason, number in one.reasons().items() if reason != "other actor") / max(one.rows, 1)
        for one in newest
    ]
    last = newest[-1]
    aside = {str(reason): int(number) for reason, number in last.reasons().items()}
    earlier = shares[0] if len(shares) > 1 else None
    return [
        checks.check_set_aside(aside, last.rows, earlier),
        checks.check_revisions(revisions(project, study, figures.releases)),
    ]
