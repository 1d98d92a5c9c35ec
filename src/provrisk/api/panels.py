"""The panel: counts and features over months and provinces, as arrays, tables and pictures."""

from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import files
from provrisk.api.arguments import Day, PathLike, StudyLike, to_day, to_path, to_study, to_user_file
from provrisk.features import data_dictionary
from provrisk.jobs import explore
from provrisk.jobs.explore import ProvinceSeries


def build_panel(
    study: StudyLike,
    events: PathLike | None = None,
    as_of: Day | None = None,
    everything: bool = False,
    mapping: PathLike | None = None,
    covers: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> xr.Dataset:
    """The panel used by models: one variable for each measure or feature over (month, province).

    Counts are those of ``data_counts``. With ``everything`` it has all features, not only those in ``study.toml``. Each
    variable has ``unit``, ``meaning``, ``source`` and whether it is ``known_ahead``; what was not observed is NaN.
    Months continue after the last count (``origin`` in the attrs) as far as the horizon, so that features known ahead
    have values in every target month.

    Raises ``ProvriskError`` if there is nothing to count, or for a feature or province that does not exist.

    >>> import provrisk as pr
    >>> panel = pr.build_panel(pr.load_study())
    >>> dict(panel.sizes), panel.attrs["origin"]
    ({'month': 66, 'province': 6}, '2019-12')
    >>> panel.attacks.attrs["unit"]
    'events'
    >>> int(panel.attacks.sel(province="Westmark", month="2019-12-01"))
    5
    """
    study = to_study(study)
    return explore.panel_of(
        study,
        to_user_file(events, mapping, covers, sheet, date_format),
        to_day(as_of, "as_of"),
        everything,
    )


def features_export(
    study: StudyLike,
    out: PathLike | None = None,
    events: PathLike | None = None,
    everything: bool = False,
    mapping: PathLike | None = None,
    covers: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> pd.DataFrame:
    """The panel as a flat table: a row for each month (``YYYY-MM``) and province, a column for each variable.

    It is written to ``out`` (.csv or .parquet) if that is given. Raises ``ProvriskError`` for another kind of file.

    >>> import provrisk as pr
    >>> table = pr.features_export(pr.load_study(), "panel.csv")
    >>> table[["month", "province", "attacks"]].head(2)
         month  province  attacks
    0  2015-01   Al Wádi      1.0
    1  2015-01  Fernland      0.0
    """
    study = to_study(study)
    file = to_path(out)
    if file is not None:
        files.check_suffix(file, (".csv", ".parquet"))
    table = data_dictionary.flat(build_panel(study, events, None, everything, mapping, covers, sheet, date_format))
    if file is not None:
        files.write(file, data_dictionary.to_bytes(table, file.suffix))
    return table


def features_list(study: StudyLike) -> pd.DataFrame:
    """All variables that a panel can have: name, family, meaning, unit, source, known_ahead, and used.

    ``known_ahead`` is "no", "yes" or "once announced"; ``used`` says whether ``study.toml`` names it.

    >>> import provrisk as pr
    >>> table = pr.features_list(pr.load_study()).set_index("name")
    >>> table.loc["attacks", ["unit", "known_ahead"]].tolist()
    ['events', 'no']
    """
    study = to_study(study)
    return explore.features_of(study)


def features_show(
    study: StudyLike,
    province: str,
    out: PathLike | None = None,
    events: PathLike | None = None,
    mapping: PathLike | None = None,
    covers: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> ProvinceSeries:
    """One province's counts and its drivers; a picture in a notebook.

    ``province`` may be in any spelling known to the study. The picture is written to ``out`` (.png or .svg) if
    given. Raises ``ProvriskError`` for an unknown province, with the most similar name.

    >>> import provrisk as pr
    >>> found = pr.features_show(pr.load_study(), "ostmark")
    >>> found.province, len(found.counts), int(found.counts.sum())
    ('Ostmark', 60, 61)
    >>> pr.features_show(pr.load_study(), "Westmarch")
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: 'Westmarch' is no province of utopia: did you mean Westmark?
    """
    study = to_study(study)
    file = to_path(out)
    if file is not None:
        files.check_suffix(file, (".png", ".svg"))
    found = explore.province_series(study, province, to_user_file(events, mapping, covers, sheet, date_format))
    if file is not None:
        files.write(file, found.picture(file.suffix))
    return found


def features_dictionary(study: StudyLike, out: PathLike | None = None) -> str:
    """The data dictionary as a Markdown page, made from the descriptions of the variables.

    It is written to ``out`` if that is given.

    >>> import provrisk as pr
    >>> pr.features_dictionary(pr.load_study()).splitlines()[0]
    '# Data dictionary'
    """
    study = to_study(study)
    page = data_dictionary.dictionary(explore.panel_of(study, everything=True), study)
    if out is not None:
        files.write(Path(out), page)
    return page
