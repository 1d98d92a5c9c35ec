"""The front page of a study: a map for each month, and all issues with their results; the page of all studies."""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import provrisk
from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.features import drivers as dated
from provrisk.forecasts.quantiles import quantiles
from provrisk.reports.bulletin import stored_issues
from provrisk.reports.bulletin.stored_issues import StoredIssue
from provrisk.reports.charts import colours
from provrisk.reports.charts.province_map import Atlas, atlas
from provrisk.reports.language import capital, place, say, speaking, speech, translated
from provrisk.reports.render.html import ENVIRONMENT, language_name
from provrisk.risk import scorecard
from provrisk.risk.scorecard import PreviousForecast, outcome
from provrisk.study import Project, Study

WORST = 8
"""Number of misses listed on the page."""


@dataclass(frozen=True)
class IssueSummary:
    """One issue in figures. ``forecast`` has expected, low_80, median, high_80 and P(first threshold), by province.

    ``observed`` is its result when its month was observed: provinces, inside, crps; ``misses`` are province, observed,
    low_80, high_80 and CRPS, worst first. ``fault`` is the reason if there is no result.
    """

    folder: str
    state: str
    historical: bool
    errata: int
    changed: list[str]
    origin: str
    issue_date: str
    model: str
    skill: dict[str, float]
    files: list[str]
    forecast: dict[str, list[float]] = field(default_factory=dict)
    total: list[float] = field(default_factory=list)
    ahead: dict[str, list[list[float]]] = field(default_factory=dict)
    came: dict[str, float] = field(default_factory=dict)
    misses: list[list[Any]] = field(default_factory=list)
    fault: str = ""


def write(study: Study, panel: xr.Dataset) -> None:
    """Write ``reports/STUDY/index.html`` in each language, and ``reports/index.html``; ``panel`` has the observations.

    Lines are cached under a digest of all that they depend on, since an issue is large.
    """
    lines = _lines(study, panel)
    tested = stored_issues.read(study.reports / lines[0].folder).document.tested if lines else {}
    drivers = dated.read(study)
    for number, code in enumerate(study.file.language):
        name = "index.html" if number == 0 else f"index.{code}.html"
        with speaking(code, study):
            files.write(study.reports / name, page(study, panel, lines, tested, drivers))
    _write_all(study.project)


def page(
    study: Study,
    panel: xr.Dataset,
    lines: Sequence[IssueSummary],
    tested: Mapping[str, Mapping[str, Sequence[int]]],
    drivers: pd.DataFrame,
) -> str:
    """The page in the current language; ``lines`` newest first, ``tested`` the backtest of the newest issue."""
    drawn = atlas(study)
    data = _data(study, panel, lines, tested, drivers, drawn)
    return ENVIRONMENT.get_template("front/page.html.j2").render(
        study=study, lines=lines, atlas=drawn, data=_script_safe(data), speech=speech(), shades=colours.SHADES,
        inks=[colours.ink_on(shade) for shade in range(len(colours.SHADES))], language_name=language_name,
        title=translated(study.file.title), place=place, levels=_levels(study), shade_of=colours.shade_of,
        unit=capital(translated(study.file.unit.one)), country=capital(translated(study.file.country)),
    )  # fmt: skip


def _levels(study: Study) -> list[str]:
    scale = study.file.risk
    return [say("below {n}", n=scale.thresholds[0]), *(translated(level) for level in scale.levels[1:])]


def _script_safe(data: object) -> str:
    """JSON that a browser cannot read as markup."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _data(
    study: Study, panel: xr.Dataset, lines: Sequence[IssueSummary], tested: Mapping[str, Mapping[str, Sequence[int]]],
    drivers: pd.DataFrame, drawn: Atlas | None,
) -> dict[str, object]:  # fmt: skip
    """The data for the page's script; figures by province are lists in the order of ``names``."""
    names = [area.name for area in drawn.areas] if drawn else list(study.provinces.index)
    counts = panel[panel.attrs["target"]].sel(month=slice(None, panel.attrs["origin"])).transpose("month", "province")
    table = counts.to_pandas()[names]
    return {
        "names": [place(name) for name in names],
        "thresholds": list(study.file.risk.thresholds),
        "levels": _levels(study),
        "shades": [colours.shade_of(step, len(study.file.risk.levels)) for step in range(len(study.file.risk.levels))],
        "months": [months.label(stamp) for stamp in table.index],
        "observed": [[None if pd.isna(value) else int(value) for value in row] for row in table.to_numpy()],
        "issues": [_issue(line, names, line is lines[0]) for line in reversed(lines)],
        "tested": {
            month: [list(row[name]) if name in row else None for name in names] for month, row in tested.items()
        },
        "drivers": [] if drivers.empty else _drivers(drivers, names),
        "locale": str(speech().locale).replace("_", "-") + "-u-nu-latn",
        "words": _words(study),
    }


def _issue(line: IssueSummary, names: Sequence[str], newest: bool) -> dict[str, object]:
    return {
        "month": line.folder, "state": line.state, "total": line.total, "came": line.came,
        "forecast": [line.forecast.get(name) for name in names],
        "ahead": [line.ahead.get(name) for name in names] if newest else [],
        "misses": [[names.index(name), *rest] for name, *rest in line.misses if name in names],
    }  # fmt: skip


def _drivers(drivers: pd.DataFrame, names: Sequence[str]) -> list[list[object]]:
    """Start, name and places (none: everywhere) of each dated event."""
    out: list[list[object]] = []
    for row in drivers.sort_values("start").itertuples():
        at = [names.index(name) for name in row.provinces if name in names]
        out.append([f"{row.start:%Y-%m}", translated(str(row.name)), at if len(at) < len(names) else []])
    return out


def _words(study: Study) -> dict[str, str]:
    many = translated(study.file.target.many)
    return {
        "observed": say("observed"),
        "forecast": say("forecast"),
        "missing": say("not observed"),
        "none": say("no forecast"),
        "play": say("Play"),
        "pause": say("Pause"),
        "between": say("{low} to {high}", low="{low}", high="{high}"),
        "total": say("{month}: {n} {many} observed", month="{month}", n="{n}", many=many),
        "said": say("forecast {median}, 80 % interval {interval}", median="{median}", interval="{interval}"),
        "inside": say("inside"),
        "outside": say("outside"),
        "issue": say("as issued"),
        "test": say("as tested afterwards"),
        "events": say("Dated events here"),
        "noevents": say("No dated event is listed here."),
        "history": say("{place}: {many} by month", place="{place}", many=many),
        "chance": say("chance {share} %", share="{share}"),
        "record": say("Each issue: 80 % interval and observed number of {many}, total", many=many),
    }


def _lines(study: Study, panel: xr.Dataset) -> list[IssueSummary]:
    """A line for every issue, newest first, from the cache if nothing that it depends on has changed."""
    path = study.project.blocks.parent / "issues" / f"{study.name}.json"
    try:
        lines = {key: IssueSummary(**line) for key, line in files.unsealed(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError):
        lines = {}
    now: dict[str, IssueSummary] = {}
    for folder in reversed(stored_issues.folders(study)):
        key = _key(folder, study, panel)
        now[key] = lines.get(key) or _line(stored_issues.read(folder), study, panel, newest=not now)
    files.write(path, files.sealed({key: asdict(line) for key, line in now.items()}))
    return list(now.values())


def _key(folder: Path, study: Study, panel: xr.Dataset) -> str:
    """A digest of an issue's files, of the observed counts of its month, and of the code."""
    content = [f"{path.name} {files.digest(path.read_bytes())}" for path in files.listed(folder)]
    observed = panel[panel.attrs["target"]].reindex(month=[months.parse(folder.name)]).transpose("month", "province")
    provinces = " ".join(panel.indexes["province"])
    code = inspect.getsource(scorecard) + Path(__file__).read_text(encoding="utf-8")
    parts = [folder.name, *content, provinces, study.file.risk.model_dump_json(), provrisk.METHOD_VERSION, code]
    return files.digest("\n".join(parts).encode() + observed.to_numpy().astype(float).tobytes())


def _line(issue: StoredIssue, study: Study, panel: xr.Dataset, newest: bool) -> IssueSummary:
    document = issue.document
    line = IssueSummary(
        folder=document.month,
        state=document.state,
        historical=document.historical,
        errata=len(document.errata),
        changed=issue.changed(),
        origin=document.origin,
        issue_date=document.issue_date,
        model=document.model,
        skill={
            key.removeprefix("skill_"): float(value or 0)
            for key, value in document.scorecard.items()
            if key.startswith("skill_") and value is not None
        },
        files=sorted(issue.stored.files),
    )
    try:
        last = PreviousForecast(issue.forecast(), document.horizon, issued=True)
    except ProvriskError:
        return _replaced(line, fault="unreadable")
    if set(last.forecast.indexes["province"]) != set(panel.indexes["province"]):
        return _replaced(line, fault="provinces")
    return _replaced(line, **_fared(last, study, panel), **({"ahead": _ahead(last)} if newest else {}))


def _replaced(line: IssueSummary, **changes: object) -> IssueSummary:
    return IssueSummary(**{**asdict(line), **changes})


def _figures(draws: np.ndarray, least: int) -> list[float]:
    """Expected, low_80, median, high_80 and P(at least ``least``) of draws."""
    low, median, high = (float(end) for end in quantiles(draws[None], [0.1, 0.5, 0.9])[:, 0])
    return [round(float(draws.mean()), 2), low, median, high, round(float((draws >= least).mean()), 3)]


def _fared(last: PreviousForecast, study: Study, panel: xr.Dataset) -> dict[str, object]:
    """The issue's forecast of its month, and the result if the month was observed."""
    least = study.file.risk.thresholds[0]
    drawn = last.forecast.sel(horizon=last.horizon).transpose("province", "draw")
    said: dict[str, object] = {
        "forecast": {
            str(name): _figures(row, least)
            for name, row in zip(drawn.indexes["province"], drawn.to_numpy(), strict=True)
        },
        "total": _figures(drawn.sum("province").to_numpy(), least),
    }
    table = outcome(last, panel, study.file.risk)
    own, total = table.drop(index=TOTAL).dropna(subset="came"), table.loc[TOTAL]
    if own.empty:
        return said
    worst = own[~own.inside.astype(bool)].sort_values("crps", ascending=False, kind="stable").head(WORST)
    observed = {"provinces": len(own), "inside": int(own.inside.sum()), "crps": round(float(own.crps.mean()), 3)}
    if not pd.isna(total.came):
        observed |= {"total": float(total.came)}
    misses = [
        [str(name), row.came, row.low_80, row.high_80, round(float(row.crps), 2)] for name, row in worst.iterrows()
    ]
    return said | {"came": observed, "misses": misses}


def _ahead(last: PreviousForecast) -> dict[str, list[list[float]]]:
    """Low, median and high of every month of the forecast, by province."""
    out = {}
    for name in last.forecast.indexes["province"]:
        drawn = last.forecast.sel(province=name).transpose("horizon", "draw").to_numpy()
        out[str(name)] = np.moveaxis(quantiles(drawn, [0.1, 0.5, 0.9]), 0, -1).astype(float).tolist()
    return out


def _write_all(project: Project) -> None:
    """The page of all studies that have a front page."""
    shown = []
    for folder in sorted(path.parent for path in project.reports.glob("*/index.html")):
        newest = max((path.name for path in folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]")), default="")
        shown.append((folder.name, _titled(project, folder.name), newest))
    files.write(project.reports / "index.html", ENVIRONMENT.get_template("front/all.html.j2").render(studies=shown))


def _titled(project: Project, name: str) -> str:
    """The title of a study, or its name if its file is missing or broken."""
    try:
        return project.study(name).file.title
    except ProvriskError:
        return name
