"""Backtests, and forecasts side by side."""

from collections.abc import Sequence
from pathlib import Path

from provrisk.api.asked import Day, PathLike, StudyLike, to_day, to_names, to_path, to_study
from provrisk.forecasts.kept import Kept
from provrisk.jobs import outside
from provrisk.jobs.compared import Compared, compare_forecasts
from provrisk.jobs.kept import KeptBacktest, keep_backtest
from provrisk.jobs.opening import project_of
from provrisk.jobs.outside import Held


def backtest(
    study: StudyLike,
    protocol: str = "recent",
    models: str | Sequence[str] = (),
    *,
    as_of: Day | None = None,
    as_of_releases: bool = False,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
    samples: PathLike | None = None,
) -> KeptBacktest:
    """Re-run ``models`` (default: all of ``models/``) at every origin of a named protocol of the study.

    ``scores`` is a long table (model, origin, horizon, province, score, value, active; CRPS in attacks), ``forecasts``
    the draws of each model over (origin, province, horizon, draw). Scores and quantiles are written to ``folder``, the
    every draw to the Parquet file ``samples`` if one is named, and the run is logged to MLflow. Finished blocks are
    kept: what was killed goes on where it stopped, and what was run before is only read.

    ``as_of`` uses the releases of that day at all origins, ``as_of_releases`` at each origin those that were out then.
    Results do not depend on ``workers``, processes of this machine, nor on ``cluster``, a Dask scheduler's address.

    Raises ``ProvriskError`` for a protocol or model that there is not, or data too short for the protocol.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> tested = pr.backtest(study, "quick", ["conflictology", "ewma_nb"])
    >>> tested
    KeptBacktest('quick': conflictology, ewma_nb; 24 origins, 2017-07 to 2019-06)
    >>> dict(tested.forecasts["ewma_nb"].sizes)
    {'origin': 24, 'province': 6, 'horizon': 6, 'draw': 1000}
    """
    study = to_study(study)
    return keep_backtest(
        project_of(study), study, protocol, to_names(models), as_of=to_day(as_of, "as_of"),
        as_of_releases=as_of_releases, seed=seed, workers=workers, cluster=cluster, samples=to_path(samples),
    )  # fmt: skip


def compare(
    study: StudyLike,
    *,
    names: str | Sequence[str] = (),
    protocol: str | None = None,
    benchmark: str | None = None,
    total: bool = False,
    log: bool = False,
) -> Compared:
    """Forecasts side by side on the cells that they share: models, issued bulletins, and what others said.

    ``rankings`` holds one for each thing that is forecast, ``table`` all of them, best first, by the finest score that
    all can be asked (CRPS in attacks where all have draws): of ``names``, by default the models of ``protocol`` or
    everybody. Skill is against ``benchmark``, by default EWMA-NB or else the best. ``by`` splits the score by horizon,
    year or province, ``at`` shows one month, ``difference`` holds two against each other, ``write_page`` writes it all
    as one web page. With ``total`` sums over provinces are compared, with ``log`` scores are those of log(x + 1).
    Who is not ranked stands in ``left_out``, with the reason.

    Raises ``ProvriskError`` for a name or protocol that there is not, or if no forecast is held.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> tested = pr.backtest(study, "quick", ["conflictology", "ewma_nb"])
    >>> compared = pr.compare(study, protocol="quick")
    >>> compared.rankings["attacks"].table.loc["ewma_nb", "verdict"], compared.comparison.truth
    ('tie', 'UCDP GED 20.1')
    >>> compared.by("horizon").shape
    (6, 4)
    >>> bool(compared.at("2019-06").came.iloc[0] >= 0)
    True
    """
    study = to_study(study)
    return compare_forecasts(project_of(study), study, to_names(names), protocol, benchmark, total, log=log)


def forecasts_add(
    study: StudyLike,
    path: PathLike,
    by: str,
    *,
    issued: Day | None = None,
    target: str | None = None,
    interval: int = 80,
    places: PathLike | None = None,
    model: str | None = None,
) -> tuple[Held, bool]:
    """Keep a forecast that somebody else made (``by``), to be compared with ours; returns it, and whether it is new.

    A hubverse, ACLED CAST or VIEWS file, or a plain table with the columns province, month, forecast and, if wanted,
    low and high, which enclose ``interval`` per cent. ``issued`` is the day on which it was published, by default
    today; ``target`` what it forecasts where the file does not say, in the study's words; ``places`` a CSV of VIEWS
    cells and their provinces; ``model`` which one is meant, where the file holds several.

    Raises ``ProvriskError``, with file and row, for what cannot be read or says nothing to the study.

    >>> import provrisk as pr
    >>> from pathlib import Path
    >>> study = pr.load_study()
    >>> lines = ["province,month,forecast", "Westmark,2019-06,4", "Ostmark,2019-06,2"]
    >>> written = Path("desk.csv").write_text(chr(10).join(lines))
    >>> held, new = pr.forecasts_add(study, "desk.csv", "Our desk", issued="2019-05-20")
    >>> held.account()["cells"], new
    (2, True)
    """
    study = to_study(study)
    return outside.add(
        project_of(study), study, Path(path), by, to_day(issued, "issued"), target, interval, to_path(places), model
    )


def forecasts_list(study: StudyLike) -> list[Held]:
    """Every forecast that was added for the study, what it says, and what of it could not be used.

    >>> import provrisk as pr
    >>> pr.forecasts_list(pr.load_study())
    []
    """
    study = to_study(study)
    return outside.held(project_of(study), study)


def forecasts_remove(study: StudyLike, which: str) -> Kept:
    """Take a kept forecast out of all comparisons: by its digest (or the beginning), whose it is, or its file's name.

    It is moved to ``forecasts/removed/``; ``forecasts_restore`` undoes it.

    >>> import provrisk as pr
    >>> pr.forecasts_remove(pr.load_study(), "Our desk")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: There is no forecast 'Our desk': name it by its digest, as the list prints it.
    """
    study = to_study(study)
    return outside.remove(project_of(study), study, which)


def forecasts_restore(study: StudyLike, which: str) -> Kept:
    """Put back a forecast that ``forecasts_remove`` took out.

    >>> import provrisk as pr
    >>> pr.forecasts_restore(pr.load_study(), "Our desk")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: There is no removed forecast 'Our desk': ...
    """
    study = to_study(study)
    return outside.restore(project_of(study), study, which)
