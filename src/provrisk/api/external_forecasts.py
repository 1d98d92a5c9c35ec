"""External forecasts: add, list, remove, restore; export and import of hubs."""

from pathlib import Path

from provrisk.api.arguments import Day, PathLike, StudyLike, to_day, to_path, to_study
from provrisk.forecasts.external.store import StoredForecast
from provrisk.jobs import external_forecasts, hub
from provrisk.jobs.external_forecasts import HeldForecast
from provrisk.jobs.hub import Hub


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
) -> tuple[HeldForecast, bool]:
    """Store an external forecast of the forecaster ``by`` for comparison; returns it, and whether it is new.

    A hubverse, ACLED CAST or VIEWS file, or a plain table with the columns province, month, forecast and, if wanted,
    low and high, the interval at ``interval`` per cent. ``issued`` is the day of publication, by default
    today; ``target`` what it forecasts if this is not in the file, in the study's words; ``places`` a CSV of VIEWS
    cells and their provinces; ``model`` the one to read, if the file has several.

    Raises ``ProvriskError``, with file and line, if it cannot be read or has nothing on the study.

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
    said = external_forecasts.stated(to_day(issued, "issued"), target, interval, to_path(places), model)
    return external_forecasts.add(study, Path(path), by, said)


def forecasts_list(study: StudyLike) -> list[HeldForecast]:
    """All external forecasts of the study, with their contents and excluded rows.

    >>> import provrisk as pr
    >>> pr.forecasts_list(pr.load_study())
    []
    """
    study = to_study(study)
    return external_forecasts.list_held(study)


def forecasts_remove(study: StudyLike, which: str) -> StoredForecast:
    """Remove an external forecast from all comparisons: by its digest (or first digits), forecaster or file name.

    It is moved to ``forecasts/removed/``; ``forecasts_restore`` undoes it.

    >>> import provrisk as pr
    >>> pr.forecasts_remove(pr.load_study(), "Our desk")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: There is no forecast 'Our desk': name it by its digest from the list.
    """
    study = to_study(study)
    return external_forecasts.remove(study, which)


def forecasts_restore(study: StudyLike, which: str) -> StoredForecast:
    """Restore a forecast removed by ``forecasts_remove``.

    >>> import provrisk as pr
    >>> pr.forecasts_restore(pr.load_study(), "Our desk")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: There is no removed forecast 'Our desk': ...
    """
    study = to_study(study)
    return external_forecasts.restore(study, which)


def forecasts_export_hub(study: StudyLike, folder: PathLike, samples: PathLike | None = None) -> Hub:
    """Write all stored forecasts and the observed counts as a hubverse hub.

    ``folder`` must be new; ``samples`` are draws written by ``backtest(samples=...)``, to be exported too.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> tested = pr.backtest(study, "quick", ["conflictology", "ewma_nb"])
    >>> sorted(pr.forecasts_export_hub(study, "hub").rounds)
    ['provrisk-conflictology', 'provrisk-ewma_nb']
    """
    study = to_study(study)
    return hub.export_hub(study, Path(folder), to_path(samples))


def forecasts_import_hub(
    study: StudyLike, folder: PathLike, issued: Day | None = None
) -> tuple[list[tuple[HeldForecast, bool]], dict[str, str]]:
    """Store every model of a hub as an external forecast, by its name in the hub.

    ``issued`` is the day of publication. Returns each forecast and whether it is new, and the models that
    could not be stored with reasons. Raises ``ProvriskError`` if ``folder`` is no hub.

    >>> import provrisk as pr
    >>> pr.forecasts_import_hub(pr.load_study(), "nowhere")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: ...
    """
    study = to_study(study)
    return hub.import_hub(study, Path(folder), to_day(issued, "issued"))
