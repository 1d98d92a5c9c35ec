"""The list of a study's issues, each with what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores import TOTAL
from provrisk.reports import words
from provrisk.reports.html import ENVIRONMENT
from provrisk.reports.issues import Issued, all_issues
from provrisk.risk.scorecard import Last, outcome
from provrisk.study import Project, Study


@dataclass(frozen=True)
class Line:
    """One issue in the list: ``came`` says in words how its own forecast fared, ``skill`` how its backtest did,
    ``changed`` which files differ.
    """

    issue: Issued
    month: str
    came: str
    skill: str
    changed: Sequence[str]


def write(project: Project, study: Study, panel: xr.Dataset) -> None:
    """Write ``reports/STUDY/index.html``, newest issue first; ``panel`` tells what came."""
    lines = [
        Line(
            issue,
            months.spelled(months.parse(issue.document.month)),
            _came(issue, panel, study),
            _skill(issue),
            issue.changed(),
        )
        for issue in reversed(all_issues(project, study))
    ]
    template = ENVIRONMENT.get_template("index.html.j2")
    files.write(project.reports / study.name / "index.html", template.render(study=study, lines=lines))


def _skill(issue: Issued) -> str:
    """The running skill that the issue printed, against each benchmark."""
    figures = issue.document.scorecard
    names = [key.removeprefix("skill_") for key in figures if key.startswith("skill_")]
    return ", ".join(f"{words.signed(100 * float(figures[f'skill_{name}'] or 0), 1)} % on {name}" for name in names)


def _came(issue: Issued, panel: xr.Dataset, study: Study) -> str:
    """How the issue's own forecast fared, once its month has been observed."""
    try:
        last = Last(issue.forecast(), issue.document.horizon, issued=True)
    except ProvriskError:
        return "its forecast cannot be read"
    if set(last.forecast.indexes["province"]) != set(panel.indexes["province"]):
        return "its provinces are not those of the study now"
    table = outcome(last, panel, study.file.risk)
    own = table.drop(index=TOTAL).dropna(subset="came")
    if own.empty:
        return "not observed yet"
    total = table.loc[TOTAL]
    country = f"; in all {total['median']:.0f} said, {total.came:.0f} came" if total.came == total.came else ""
    return f"{int(own.inside.sum())} of {len(own)} inside the 80 % interval, CRPS {own.crps.mean():.2f}{country}"
