"""Backtests, and comparison of forecasts."""

from collections.abc import Sequence

from provrisk import files
from provrisk.api.arguments import Day, PathLike, StudyLike, to_day, to_names, to_path, to_study
from provrisk.evaluation.scores.scoring import Scoring
from provrisk.jobs.comparison.compare import ComparedForecasts, compare_forecasts
from provrisk.jobs.stored_backtest import SAMPLES, KeptBacktest, keep_backtest
from provrisk.jobs.work import Work


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
    the draws of each model over (origin, province, horizon, draw). Scores and quantiles are written to ``folder``,
    every draw to the Parquet file ``samples`` if one is named, and the run is logged to MLflow. Finished blocks are
    stored: a killed backtest continues where it stopped, and finished parts are only read.

    ``as_of`` uses the releases of that day at all origins, ``as_of_releases`` at each origin those published by then.
    Results do not depend on ``workers``, processes of this machine, nor on ``cluster``, a Dask scheduler's address.

    Raises ``ProvriskError`` for an unknown protocol or model, or data too short for the protocol.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> tested = pr.backtest(study, "quick", ["conflictology", "ewma_nb"])
    >>> tested
    KeptBacktest('quick': conflictology, ewma_nb; 24 origins, 2017-07 to 2019-06; for comparisons up to 2019-11)
    >>> dict(tested.forecasts["ewma_nb"].sizes)
    {'origin': 24, 'province': 6, 'horizon': 6, 'draw': 1000}
    """
    study = to_study(study)
    file = to_path(samples)
    if file is not None:
        files.check_suffix(file, SAMPLES)
    work = Work(seed, workers, cluster)
    kept = keep_backtest(study, protocol, to_names(models), work, to_day(as_of, "as_of"), as_of_releases)
    if file is not None:
        kept.write_samples(file)
    return kept


def compare(
    study: StudyLike,
    *,
    names: str | Sequence[str] = (),
    protocol: str | None = None,
    benchmark: str | None = None,
    total: bool = False,
    log: bool = False,
) -> ComparedForecasts:
    """Compare forecasts on their shared cells: models, issued bulletins and external forecasts.

    ``rankings`` has one for each target, ``table`` all of them by model, best first, by the most demanding score that
    all have (CRPS in attacks if all have draws): of ``names``, by default the models of ``protocol`` or all forecasts.
    Skill is against ``benchmark``, by default EWMA-NB or else the best. ``by`` splits the score by horizon, year or
    province, ``at`` shows one month, ``difference`` compares two in detail, ``write_page`` writes all of it as one web
    page. With ``total`` sums over provinces are compared, with ``log`` scores are those of log(x + 1). Those that are
    not ranked are in ``left_out``, with reasons.

    Raises ``ProvriskError`` for an unknown name or protocol, or if no forecast is stored.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> tested = pr.backtest(study, "quick", ["conflictology", "ewma_nb"])
    >>> compared = pr.compare(study, protocol="quick")
    >>> compared.rankings["attacks"].table.loc["ewma_nb", "verdict"], compared.comparison.truth
    ('benchmark', 'UCDP GED 20.1')
    >>> compared.by("horizon").shape
    (6, 2)
    >>> bool(compared.at("2019-06").came.iloc[0] >= 0)
    True
    """
    study = to_study(study)
    return compare_forecasts(study, to_names(names), protocol, benchmark, Scoring(total, log))
