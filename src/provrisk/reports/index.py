"""The list of a study's issues, each with what came of it."""

import inspect
from dataclasses import asdict, dataclass
from pathlib import Path

import xarray as xr

import provrisk
from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores import TOTAL
from provrisk.reports import issues, words
from provrisk.reports.html import ENVIRONMENT
from provrisk.reports.issues import Issued
from provrisk.risk import scorecard
from provrisk.risk.scorecard import Last, outcome
from provrisk.study import Project, Study


@dataclass(frozen=True)
class Line:
    """One issue in the list, in words: ``came`` says how its own forecast fared, ``skill`` how its backtest did."""

    folder: str
    month: str
    state: str
    changed: str
    origin: str
    issue_date: str
    model: str
    came: str
    skill: str


def write(project: Project, study: Study, panel: xr.Dataset) -> None:
    """Write ``reports/STUDY/index.html``, newest issue first; ``panel`` tells what came.

    Lines are kept in the project's cache under a digest of all that they depend on: an issue is made of megabytes.
    """
    path = project.blocks.parent / "issues" / f"{study.name}.json"
    try:
        kept = files.unsealed(path.read_bytes())
        lines = {key: Line(**line) for key, line in kept.items()}
    except (OSError, ValueError, TypeError):
        lines = {}
    now = {}
    for folder in reversed(issues.folders(project, study)):
        key = _key(folder, study, panel)
        now[key] = lines.get(key) or _line(issues.read(folder), study, panel)
    files.write(path, files.sealed({key: asdict(line) for key, line in now.items()}))
    template = ENVIRONMENT.get_template("index.html.j2")
    files.write(project.reports / study.name / "index.html", template.render(study=study, lines=list(now.values())))


def _key(folder: Path, study: Study, panel: xr.Dataset) -> str:
    """A digest of an issue's files, of what its month came to, and of the code that says so."""
    content = [f"{path.name} {files.digest(path.read_bytes())}" for path in files.listed(folder)]
    came = panel[panel.attrs["target"]].reindex(month=[months.parse(folder.name)]).transpose("month", "province")
    provinces = " ".join(panel.indexes["province"])
    code = inspect.getsource(scorecard) + Path(__file__).read_text(encoding="utf-8")
    parts = [folder.name, *content, provinces, study.file.risk.model_dump_json(), provrisk.METHOD_VERSION, code]
    return files.digest("\n".join(parts).encode() + came.to_numpy().astype(float).tobytes())


def _line(issue: Issued, study: Study, panel: xr.Dataset) -> Line:
    document = issue.document
    errata = len(document.errata)
    state = [document.state, "historical" if document.historical else "", "final data" if document.final_data else ""]
    state.append(f"{errata} {'erratum' if errata == 1 else 'errata'}" if errata else "")
    return Line(
        folder=document.month,
        month=months.spelled(months.parse(document.month)),
        state=", ".join(part for part in state if part),
        changed=", ".join(issue.changed()),
        origin=document.origin,
        issue_date=document.issue_date,
        model=document.model,
        came=_came(issue, panel, study),
        skill=_skill(issue),
    )


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
    country = f"; in all {total['median']:,.0f} said, {total.came:,.0f} came" if total.came == total.came else ""
    return f"{int(own.inside.sum())} of {len(own)} inside the 80 % interval, CRPS {own.crps.mean():.2f}{country}"
