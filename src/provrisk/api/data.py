"""Event files, the stored releases, and the counts made from them."""

from pathlib import Path

import pandas as pd

from provrisk import files
from provrisk.api.arguments import Day, PathLike, StudyLike, to_day, to_path, to_study, to_user_file
from provrisk.events.counting import counts as tables
from provrisk.events.counting import revisions as moved
from provrisk.events.counting.load import LoadedCounts, all_releases, load_counts
from provrisk.events.releases.add import add_path
from provrisk.events.releases.newest import fetch
from provrisk.events.releases.release_store import Release, Store
from provrisk.events.sources.user_file import UserFile
from provrisk.jobs.data_checks import DataCheck, check_everything, stop_if_lost
from provrisk.jobs.open_project import open_project
from provrisk.study import Study


def data_add(
    path: PathLike,
    available: Day | None = None,
    covers: str | None = None,
    mapping: PathLike | None = None,
    project: PathLike | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> list[tuple[Release, bool]]:
    """Store an event file (CSV, workbook, JSON, Parquet, alone or in gz or zip), or every one of a folder.

    Returns each release and whether it is new; the same file added again changes nothing. ``available`` is the day on
    which the release was published, by default today; ``covers`` the months ``YYYY-MM:YYYY-MM`` that it covers, if this
    is not in the file; ``mapping`` a mapping file (TOML) for a table of an unknown source; ``sheet`` that of a
    workbook; ``date_format`` ("dmy", "mdy" or a format of strptime) the format of its days, if they can be read in two
    ways.

    Raises ``ProvriskError`` for a file of an unknown source, or a day on which it cannot have been published.

    >>> import provrisk as pr
    >>> [(release, new)] = pr.data_add("utopia-ged201.csv", available="2020-06-01")
    >>> release.label, release.rows, new
    ('UCDP GED 20.1', 387, True)
    """
    store = Store(open_project(to_path(project)).releases)
    given = UserFile(Path(path), to_path(mapping), covers, sheet, date_format)
    return add_path(store, given, to_day(available, "available"))


def data_list(
    as_of: Day | None = None, project: PathLike | None = None, study: StudyLike | None = None
) -> list[Release]:
    """The bundled figures of ``study`` (default: the project's) and the releases in the store, oldest first.

    With ``as_of``, those available on that day; counts without a day of publication are left out.

    >>> import provrisk as pr
    >>> added = pr.data_add("utopia-ged201.csv", available="2020-06-01")
    >>> [(release.label, release.bundled) for release in pr.data_list()]
    [('UCDP GED 20.1', True), ('UCDP GED 20.1', False)]
    >>> pr.data_list(as_of="2020-05-31", study="utopia")
    []
    """
    chosen = study if isinstance(study, Study) else open_project(to_path(project)).study(study)
    return all_releases(chosen, to_day(as_of, "as_of"))


def data_remove(which: str, project: PathLike | None = None) -> Release:
    """Remove a release from the store: by its digest (or first digits), label, version or file name.

    It is moved to ``releases/removed/``; ``data_restore`` undoes it.

    >>> import provrisk as pr
    >>> added = pr.data_add("utopia-ged201.csv", available="2020-06-01")
    >>> pr.data_remove("20.1").label
    'UCDP GED 20.1'
    >>> [release.label for release in pr.data_list() if not release.bundled]
    []
    """
    return Store(open_project(to_path(project)).releases).remove(which)


def data_restore(which: str, project: PathLike | None = None) -> Release:
    """Restore a release removed by ``data_remove``.

    >>> import provrisk as pr
    >>> pr.data_restore("20.1")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: There is no removed release '20.1': name it by its digest from the list.
    """
    return Store(open_project(to_path(project)).releases).restore(which)


def data_check(
    study: StudyLike,
    events: PathLike | None = None,
    mapping: PathLike | None = None,
    rows: PathLike | None = None,
    covers: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> DataCheck:
    """The counted rows, the excluded rows with reasons, and the findings of the data checks.

    Of the file ``events`` (see ``data_counts``), or every release of the store, or the bundled figures. For each
    file, rows read = rows counted + rows excluded; the excluded ones are written to ``rows`` (CSV) if given. The
    findings are those of the checks before every forecast: "ok", "note", "warning" or "stop".

    >>> import provrisk as pr
    >>> check = pr.data_check(pr.load_study(), "utopia-ged201.csv")
    >>> account = check.parts[0].account()
    >>> account["rows"], account["counted"], account["reasons"]
    (387, 385, {'other actor': 1, 'other country': 1})
    >>> [finding.name for finding in check.findings if finding.level == "stop"]
    []
    >>> len(check.set_aside())
    2
    """
    study = to_study(study)
    done = check_everything(study, to_user_file(events, mapping, covers, sheet, date_format))
    if rows is not None and done.parts:
        files.write(Path(rows), files.csv_of(done.set_aside()))
    return done


def data_counts(
    study: StudyLike,
    events: PathLike | None = None,
    as_of: Day | None = None,
    mapping: PathLike | None = None,
    out: PathLike | None = None,
    covers: str | None = None,
    accept: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> LoadedCounts:
    """The counts of ``study`` by month and province, with remarks.

    They come from the file ``events``, or else from the bundled figures and the releases of the store on top of them,
    with ``as_of`` those available on that day. ``mapping`` is a mapping file (TOML) for a table of an unknown
    source, ``covers`` the months ``YYYY-MM:YYYY-MM`` that the file covers, if this is not in the file, ``sheet`` and
    ``date_format`` are as in ``data_add``.

    ``counts`` has a row a month and province: month, province, attacks (events), deaths (people) and so on, and
    observed; what was not observed is missing, never zero. ``set_aside`` is the number of excluded rows by
    reason, and ``losses`` the rows that could not be read. The table is written to ``out`` (CSV) if given.

    Raises ``ProvriskError`` if there is nothing to count, ``DataStopError`` if more than a fifth of the actor's rows
    cannot be read and no reason to ``accept`` was given.

    >>> import provrisk as pr
    >>> figures = pr.data_counts(pr.load_study(), "utopia-ged201.csv")
    >>> figures
    Figures('UCDP GED 20.1': 385 events, 2015-01 to 2019-12, 6 provinces)
    >>> figures.counts.groupby("province").attacks.sum().idxmax()
    'Westmark'
    """
    study = to_study(study)
    loaded = load_counts(study, to_user_file(events, mapping, covers, sheet, date_format), to_day(as_of, "as_of"))
    stop_if_lost(loaded, accept)
    if out is not None:
        tables.write_csv(loaded.counts, Path(out))
    return loaded


def data_revisions(study: StudyLike, out: PathLike | None = None) -> pd.DataFrame:
    """The target in each release of the store, for the months that it covers.

    A row a release, month and province: release, available (day), final, month, province, age (whole months from the
    end of the month to that day), value (attacks). The table is written to ``out`` (CSV) if that is given.

    Raises ``ProvriskError`` if the store has no release.

    >>> import provrisk as pr
    >>> added = pr.data_add("utopia-ged201.csv", available="2020-06-01")
    >>> table = pr.data_revisions(pr.load_study())
    >>> len(table), int(table.value.sum()), int(table.age.min())
    (360, 385, 5)
    """
    study = to_study(study)
    table = moved.revisions(study)
    if out is not None:
        files.write(Path(out), moved.to_csv(table))
    return table


def data_download_ucdp(
    version: str | None = None,
    country: int | None = None,
    sha256: str | None = None,
    project: PathLike | None = None,
    *,
    newest: bool = False,
) -> list[tuple[Release, bool]]:
    """Download a UCDP release into the store; the only function that gets data from the network.

    With ``newest``: the newest yearly release and the Candidate months after it that are not in the store; raises
    ``NothingNewError`` if there are none. Else ``version`` is 25.1 (yearly), 25.0.3 (a Candidate month) or 25.01.25.06
    (Candidate, consolidated). With ``country``,
    a Gleditsch-Ward number, the API is used instead, which needs ``UCDP_API_TOKEN``. Returns each release and whether
    it is new. Raises ``ProvriskError`` if it cannot be fetched, or its SHA-256 is not ``sha256``.

    >>> import provrisk as pr
    >>> [(release, new)] = pr.data_download_ucdp("25.1")  # doctest: +SKIP
    >>> pr.data_download_ucdp("twenty-five")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: 'twenty-five' is not a UCDP release: write 25.1, 25.0.3 or 25.01.25.06.
    """
    found = open_project(to_path(project))
    return fetch(Store(found.releases), found.home / ".cache", version, newest, country, sha256)
