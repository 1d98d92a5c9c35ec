"""The bulletin job: from a fitted champion and its backtest to the files of one issue."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import months, notebook
from provrisk.errors import NothingNewError, ProvriskError
from provrisk.evaluation.backtest.block_store import BlockStore
from provrisk.evaluation.backtest.engine import backtest
from provrisk.evaluation.backtest.fitted import Fitted, forecast, models_of
from provrisk.evaluation.backtest.protocol import setup_of
from provrisk.evaluation.backtest.recipes import in_order, joined
from provrisk.evaluation.comparison.leaderboard import shared_cells
from provrisk.features import drivers as dated
from provrisk.features.panel import build_panel, panel_upto
from provrisk.forecasts import hubverse
from provrisk.jobs.backtest import BacktestResult
from provrisk.models.learnt.member import LearntAbroad
from provrisk.reports.bulletin import stored_issues
from provrisk.reports.bulletin.compose import compose
from provrisk.reports.bulletin.content import BulletinContent, silent
from provrisk.reports.document import Document, Publisher
from provrisk.reports.pages import front_page
from provrisk.risk import levels
from provrisk.risk import reasons as why
from provrisk.risk import table as risk
from provrisk.risk.issue_date import Issue
from provrisk.risk.scorecard import PreviousForecast
from provrisk.study import Study
from provrisk.study.learnt import Teacher

LOGOS = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True)
class IssueFiles:
    """One issue that was written: its document, risk table and folder."""

    document: Document
    risk: pd.DataFrame
    folder: Path

    def __repr__(self) -> str:
        return f"Written({self.document.title!r}, draft in {self.folder})"

    def _repr_html_(self) -> str:
        chance = next(name for name in self.risk if name.startswith("p_at_least_"))
        shown = pd.DataFrame(
            {
                "province": self.risk.province,
                "last month": self.risk.last_month,
                "median": self.risk["median"],
                "80 % interval": [f"{row.low_80} to {row.high_80}" for row in self.risk.itertuples()],
                f"P(at least {chance.rpartition('_')[2]})": self.risk[chance].map("{:.0%}".format),
                "level": self.risk.level,
            }
        )
        note = f"{self.document.source}, data up to {self.document.origin}. Draft in {self.folder}"
        return notebook.table(self.document.title, shown, note)


@dataclass(frozen=True)
class IssueModel:
    """The model of the issue: its name in ``models/``, the fitted model, and its forecast.

    ``chosen`` is the last month of the data used to choose it, if these end before the issue's data.
    """

    name: str
    fitted: Fitted
    forecast: xr.DataArray
    chosen: pd.Timestamp | None = None


def content_of(
    tested: BacktestResult, issue_model: IssueModel, issue: Issue, notes: Callable[[], tuple[str, ...]] = silent
) -> BulletinContent:
    """Score the risk and evaluate past forecasts: all inputs of the issue.

    ``tested`` is the model's backtest on data that end at the issue's origin; ``notes`` says what must be known of
    them.
    """
    study, panel, figures, seed = tested.study, tested.panel, tested.snapshot.figures, tested.seed
    past = _past(tested, issue_model.name)
    last = previous_forecast(study, issue, past)
    previous = levels.scores(last.forecast, last.horizon, study.file.risk) if last else None
    return BulletinContent(
        study=figures.cited(study),
        issue=issue,
        panel=panel,
        forecast=issue_model.forecast,
        risk=risk.risk_table(panel, issue_model.forecast, issue, study, previous, seed),
        country=risk.country_row(panel, issue_model.forecast, issue, study, seed),
        reasons=_reasons(tested, issue_model, issue),
        champion=issue_model.name,
        chosen=min(issue_model.chosen or issue.origin, issue.origin),
        titles={name: file.title for name, file in tested.files.items()},
        cells=shared_cells(tested.scores, [issue_model.name, *_benchmarks(study, issue_model.name)]),
        past=past,
        last=last,
        seed=seed,
        final_data=len(figures.releases) < 2,
        teachers=_teachers(study, issue_model.fitted),
        notes=notes,
        drivers=dated.read(study),
        foreword=_forewords(study),
    )


def _teachers(study: Study, fitted: Fitted) -> tuple[Teacher, ...]:
    """The studies on which a member of the champion was fitted."""
    found = [one.learnt.teachers_of(study.name, study.file.country) for one in models_of(fitted)
             if isinstance(one, LearntAbroad)]  # fmt: skip
    return tuple(found[0]) if found else ()


def write_issue(content: BulletinContent, known: xr.Dataset | None = None) -> IssueFiles:
    """Write the draft of one issue under ``reports/STUDY/MONTH/`` in the study's languages, and the front page.

    ``known`` is the panel of all data known today, if the issue is a past one.
    """
    document = compose(content, content.study.file.language, _publisher(content.study))
    samples = hubverse.as_bytes(hubverse.samples(content.forecast), content.forecast.attrs)
    # Spreadsheets read a file as UTF-8 only with a byte order mark.
    table = risk.to_csv(content.risk, content.country).encode("utf-8-sig")
    beside = {"risk.csv": table, stored_issues.FORECAST: samples}
    folder = stored_issues.write_draft(content.study, document, beside)
    front_page.write(content.study, content.panel if known is None else known)
    return IssueFiles(document, content.risk, folder)


def stop_if_nothing_new(study: Study, panel: xr.Dataset) -> None:
    """Raise ``NothingNewError`` if the newest final issue already uses these data."""
    newest = stored_issues.newest_final(study)
    if newest is not None and newest.document.digest == panel.attrs["digest"]:
        document = newest.document
        raise NothingNewError(
            f"There are no new data: the final issue of {document.month} already uses {document.source} up to "
            f"{document.origin} (digest {document.digest})."
        )


def previous_forecast(study: Study, issue: Issue, past: xr.DataArray) -> PreviousForecast | None:
    """The previous forecast: of the newest final issue before this one, else of the backtest at the previous origin."""
    stored = stored_issues.newest_final(study, before=months.label(issue.month))
    if stored is not None and stored.document.origin < months.label(issue.origin):
        drawn = stored.forecast()
        if set(drawn.indexes["province"]) == set(study.provinces.index):
            return _judged(PreviousForecast(drawn, stored.document.horizon, issued=True), issue)
    before = months.shift(issue.origin, -1)
    if before not in past.indexes["origin"]:
        return None
    drawn = past.sel(origin=before)
    horizon = issue.horizon if issue.horizon in drawn.indexes["horizon"] else 1
    return _judged(PreviousForecast(drawn, horizon, issued=False), issue)


def _judged(last: PreviousForecast, issue: Issue) -> PreviousForecast:
    """``last``, compared with the newest month observed by the origin of ``issue``."""
    known = (issue.origin.year - last.origin.year) * 12 + issue.origin.month - last.origin.month
    return replace(last, judged=min(last.horizon, known))


def _forewords(study: Study) -> dict[str, str]:
    """The analyst's foreword by language: ``foreword.md`` in the first, ``foreword.LANGUAGE.md`` in the others."""
    first, *others = study.file.language
    paths = {first: study.folder / "foreword.md"} | {code: study.folder / f"foreword.{code}.md" for code in others}
    try:
        return {code: path.read_text(encoding="utf-8") for code, path in paths.items() if path.is_file()}
    except (OSError, UnicodeDecodeError) as error:
        raise ProvriskError(f"The foreword of {study.name} cannot be read ({error}): save it as UTF-8 text.") from None


def _publisher(study: Study) -> Publisher | None:
    """The publisher of the bulletin, with the logo as a data URI."""
    said = study.file.publisher
    if said is None:
        return None
    logo = ""
    if said.logo:
        path = study.folder / said.logo
        kind = LOGOS.get(path.suffix.lower())
        if kind is None or not path.is_file():
            raise ProvriskError(
                f"{study.folder / 'study.toml'}: publisher.logo names {said.logo!r}: put an SVG or PNG there."
            )
        logo = f"data:{kind};base64,{b64encode(path.read_bytes()).decode()}"
    return Publisher(name=said.name, contact=said.contact, handling=said.handling, logo=logo)


def _benchmarks(study: Study, champion: str) -> list[str]:
    return [name for name in study.file.backtest.benchmarks if name != champion]


def _past(tested: BacktestResult, champion: str) -> xr.DataArray:
    """The champion's forecasts at every origin of the backtest, and at later ones, which cannot be scored yet.

    They are joint, like the newest forecast.
    """
    recipes, joint = joined(tested.recipes, champion)
    last = months.shift(tested.snapshot.origin, -1)
    run = backtest(
        partial(panel_upto, tested.panel),
        {name: recipes[name] for name in in_order(recipes, [joint])},
        months.span(tested.run.origins[0], last),
        setup_of(tested.rules, tested.seed),
        store=BlockStore(tested.study.blocks),
    )
    return run.forecasts[joint]


def _reasons(tested: BacktestResult, issue_model: IssueModel, issue: Issue) -> why.Reasons:
    study, panel, counts = tested.study, tested.panel, tested.snapshot.figures.counts
    draws, column = tested.rules.draws, panel.attrs["target"]

    def predict(view: xr.Dataset) -> xr.DataArray:
        drawn = forecast(view, issue_model.name, issue_model.fitted, study.horizons, draws, tested.seed)
        return drawn.sel(horizon=issue.horizon)

    def rebuild(values: xr.DataArray) -> xr.Dataset:
        rows = counts.drop(columns=column).join(values.to_series().rename(column), on=["month", "province"])
        return build_panel(study, rows[counts.columns], panel.attrs["source"])

    return why.reasons(panel, predict, rebuild)
