"""Projects and studies: open, make, check."""

from collections.abc import Sequence
from pathlib import Path

from provrisk.api.arguments import PathLike, to_path
from provrisk.events.sources.user_file import UserFile
from provrisk.jobs.open_project import open_project
from provrisk.jobs.studies import check as checking
from provrisk.jobs.studies import example
from provrisk.jobs.studies import new as beginning
from provrisk.jobs.studies.check import Finding
from provrisk.jobs.studies.merge import merge_provinces, parse_merges
from provrisk.study import Study
from provrisk.study import init_project as lay_out


def load_study(name: str | None = None, project: PathLike | None = None) -> Study:
    """The study in the folder ``features/<name>/``, or the only one there is.

    The project is looked for upwards from the folder ``project``, by default the current one; where there is none, the
    copy that comes with provrisk serves, and results go to the current folder.

    A study's ``provinces`` is a table indexed by their names (latitude and longitude in degrees, population in people),
    ``file`` holds the settings of ``study.toml``, ``protocols`` the named backtests.

    Raises ``ProvriskError`` if there is no such study, or several and none was named, or ``study.toml`` is faulty.

    >>> import provrisk as pr
    >>> study = pr.load_study("utopia")
    >>> study
    Study('utopia': Red Front in Utopia, 6 provinces)
    >>> study.file.target.definition
    'a lethal event in which Red Front is a side, whether attacking or attacked'
    >>> pr.load_study("atlantis")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: There is no study 'atlantis' in ...features: it has utopia.
    """
    return open_project(to_path(project)).study(name)


def list_studies(project: PathLike | None = None) -> list[str]:
    """The names of the studies of the project at or above the folder ``project`` (default: the current one).

    >>> import provrisk as pr
    >>> pr.list_studies()
    ['utopia']
    """
    return open_project(to_path(project)).study_names()


def init(folder: PathLike) -> list[Path]:
    """Make a project folder with the bundled study and models, to work in and to change; returns its folders.

    Raises ``ProvriskError`` if the folder is not empty.

    >>> import provrisk as pr
    >>> [room.name for room in pr.init("mine")]
    ['features', 'models']
    """
    return lay_out(Path(folder))


def study_example(path: PathLike) -> Path:
    """Write an event file (.csv) of a made-up country, as UCDP GED would, to try ``study_new`` on; returns its path.

    Its truth is known: in each province of Utopia the Red Front attacks at a constant rate. Raises ``ProvriskError``
    if the file exists.

    >>> import provrisk as pr
    >>> pr.study_example("example.csv").name
    'example.csv'
    """
    file = Path(path)
    example.write_example(file)
    return file


def study_new(
    name: str,
    events: PathLike | Sequence[PathLike],
    country: str | None = None,
    actor: str | Sequence[str] = (),
    borders: PathLike | None = None,
    mapping: PathLike | None = None,
    covers: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
    project: PathLike | None = None,
) -> list[Path]:
    """Write a first study ``features/<name>/`` from event files of one source; returns the files written.

    ``events`` are files of any known source, or of any form with a ``mapping``; the other arguments
    are as in ``data_counts``. ``country`` may be left out if they have only one; ``actor`` is one or several
    names or identifiers in the file, or "all". Provinces are those that the rows of the country name, with the codes
    and names of ISO 3166-2; neighbours those that touch in ``borders`` (GeoJSON), else in the bundled map, else the
    three nearest: a guess.

    Raises ``ProvriskError`` for a name in use or not allowed, a country or actor not in the files, or a user's map
    that lacks a province. Then nothing is written.

    >>> import provrisk as pr
    >>> written = pr.study_new("second", "utopia-ged201.csv", "Utopia", "Red Front")
    >>> sorted(file.name for file in written)
    ['SOURCES.md', 'monthly.csv', 'neighbours.csv', 'protocols.toml', 'provinces.csv', 'study.toml']
    """
    paths = [events] if isinstance(events, str | Path) else events
    given = [UserFile(Path(path), to_path(mapping), covers, sheet, date_format) for path in paths]
    return beginning.new_study(open_project(to_path(project)), name, given, country, actor, to_path(borders)).written


def study_check(
    name: str, fix: bool = False, merge: Sequence[str] = (), project: PathLike | None = None
) -> list[Finding]:
    """The missing parts of the study ``name`` (``kind`` "missing"), then the "doubtful" ones; empty if there are none.

    With ``fix``, each ``A=B`` of ``merge`` makes A a spelling of the province B in every file of the study first.

    Raises ``ProvriskError`` if there is no such study, or its ``study.toml`` cannot be read.

    >>> import provrisk as pr
    >>> for finding in pr.study_check("utopia"):
    ...     print(f"{finding.kind}: {finding.what}")
    doubtful: provinces.csv gives no population for Al Wádi, Fernland, Hügel, Mittel, Ostmark and 1 more
    doubtful: ...
    """
    found = open_project(to_path(project))
    if fix:
        merge_provinces(found.study(name), parse_merges(merge))
    return checking.check_study(found, name)
