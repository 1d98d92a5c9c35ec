"""The monthly forecast and its bulletin."""

from collections.abc import Sequence
from pathlib import Path

from provrisk import files, months
from provrisk.api.arguments import Day, PathLike, StudyLike, to_day, to_path, to_study, to_user_file
from provrisk.jobs import past_issue
from provrisk.jobs.forecast import KINDS, NewestForecast, newest_forecast, write_forecast
from provrisk.jobs.inputs import Inputs
from provrisk.jobs.issue import IssueFiles
from provrisk.jobs.monthly_run import MonthResult, run_month
from provrisk.jobs.work import Work
from provrisk.reports.bulletin.stored_issues import StoredIssue
from provrisk.study import in_languages


def run(
    study: StudyLike,
    events: PathLike | None = None,
    *,
    mapping: PathLike | None = None,
    covers: str | None = None,
    as_of: Day | None = None,
    champion: PathLike | None = None,
    accept: str | None = None,
    seed: int = 1,
    workers: int = 1,
    again: bool = False,
    sheet: str | None = None,
    date_format: str | None = None,
    language: Sequence[str] = (),
) -> MonthResult:
    """Check the data, forecast the month after them, and write the draft of ``reports/STUDY/MONTH/``.

    Counts are those of ``data_counts``. ``champion`` is the folder of an exported champion to use in
    place of the registered one; if there is none yet, the candidate of ``study.toml`` with the lowest CRPS becomes
    it. ``issue.risk`` is the risk table, a row a province (attacks in the month; probabilities as shares; ``level``
    sorted as in the scale), ``issue.folder`` the folder written, with the bulletin in each ``language`` (by default
    the study's).

    Raises ``DataStopError`` if a data check stops the job and no reason to ``accept`` was given, and, unless
    ``again``, ``NothingNewError`` if the newest final issue already uses these data.

    >>> import provrisk as pr
    >>> result = pr.run(pr.load_study())
    >>> result
    MonthResult('utopia': January 2020, champion ..., version 1)
    >>> result.issue.risk[["rank", "province", "level"]].head(1)
       rank  province level
    0     1  Westmark   low
    """
    study = to_study(study)
    given = to_user_file(events, mapping, covers, sheet, date_format)
    inputs = Inputs(given, to_day(as_of, "as_of"), to_path(champion))
    return run_month(in_languages(study, language), inputs, Work(seed, workers), accept, again)


def forecast(
    study: StudyLike,
    out: PathLike | None = None,
    *,
    champion: PathLike | None = None,
    as_of: Day | None = None,
    seed: int = 1,
) -> NewestForecast:
    """The champion's forecast from the newest data: ``forecast``, counts over (province, horizon, draw).

    ``by_month`` has the same draws over target months in place of horizons. It is written as a hubverse table to
    ``out`` (.parquet: draws; .csv: quantiles) if that is given. ``champion`` and ``as_of`` are those of ``run``. Raises
    ``ProvriskError`` if there is no champion.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> decision = pr.retrain(study)
    >>> newest = pr.forecast(study, "forecast.csv")
    >>> dict(newest.forecast.sizes), newest.data
    ({'province': 6, 'horizon': 6, 'draw': 1000}, 'UCDP GED 20.1 up to 2019-12')
    >>> newest.by_month.sum("province").mean("draw").to_pandas().index[0]
    Timestamp('2020-01-01 00:00:00')
    """
    study = to_study(study)
    file = to_path(out)
    if file is not None:
        files.check_suffix(file, KINDS)
    newest = newest_forecast(study, Inputs(None, to_day(as_of, "as_of"), to_path(champion)), seed)
    if file is not None:
        write_forecast(newest.forecast, file)
    return newest


def bulletin(
    study: StudyLike, origin: str, *, seed: int = 1, workers: int = 1, language: Sequence[str] = ()
) -> IssueFiles:
    """Write the issue of a past month, from the data up to the month ``origin``.

    The champion's recipe is fitted only to them; if none is registered, the candidate that was best up to then.
    Raises ``ProvriskError`` if the data do not reach ``origin``, or are too short for the backtest before it.

    >>> import provrisk as pr
    >>> issue = pr.bulletin(pr.load_study(), "2019-10")
    >>> issue.document.month, issue.document.historical, len(issue.risk)
    ('2019-11', True, 6)
    """
    study = to_study(study)
    return past_issue.write_past(in_languages(study, language), months.parse(origin), Work(seed, workers))


def bulletin_finalize(study: StudyLike, note: str, month: str | None = None) -> StoredIssue:
    """Freeze the draft of ``month`` (default: the newest); later changes become errata, numbered and dated.

    ``note`` says who checked it or, for an erratum, what was wrong. Raises ``ProvriskError`` if there is no draft, or
    one of its files was changed manually.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> draft = pr.bulletin(study, "2019-10")
    >>> issued = pr.bulletin_finalize(study, "Checked by A. B.")
    >>> issued.document.month, issued.document.state
    ('2019-11', 'final')
    """
    study = to_study(study)
    return past_issue.finalise(study, note, month)


def bulletin_discard(study: StudyLike, month: str | None = None) -> Path:
    """Discard the draft of ``month`` (default: the newest): its folder is moved. Returns the new folder.

    >>> import provrisk as pr
    >>> pr.bulletin_discard(pr.load_study(), month="2031-01")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: There is no draft of 2031-01 in ...
    """
    study = to_study(study)
    return past_issue.discard(study, month)[1]
