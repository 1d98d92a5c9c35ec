"""Submissions to the VIEWS prediction competition: draws by month and country or grid cell."""

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.forecasts.external.parse import ParsedForecast, ParseRequest, finish, months_later
from provrisk.forecasts.predictions import TOTAL

KEY, NAME = "views", "VIEWS competition"
MARKS = frozenset({"month_id", "draw", "outcome"})
ALIASES: dict[str, str] = {}
TARGET = "deaths in state-based conflict (UCDP GED)"
EPOCH = pd.Timestamp(1980, 1, 1)
CELLS = ("priogrid_gid", "priogrid_id", "pg_id")


def read(asked: ParseRequest) -> ParsedForecast:
    """Draws of the study's country, or of its provinces as sums over the grid cells in the user's mapping.

    Month 1 is January 1980. The country's number is ``[country_ids] views`` of the study, or, where
    the provinces are countries, the column ``views`` of provinces.csv.
    """
    month, cell, province = where_and_when(asked)
    issued = asked.issued()
    values = pd.DataFrame(
        {
            "target": asked.stated.target or TARGET,
            **asked.timed(month, issued),
            "province": province,
            "issued": issued,
            "output_type": "sample",
            "output_type_id": asked.numbers("draw"),
            "value": asked.numbers("outcome"),
            "row": asked.table.index,
        }
    )[asked.sieve.kept]
    return finish(asked, summed(asked, values, asked.text(cell)) if cell else values)


def where_and_when(asked: ParseRequest) -> tuple[pd.Series, str | None, pd.Series]:
    """The month of each row, the column that names its grid cell (None: rows are of countries), and its province."""
    number = asked.numbers("month_id")
    if (bad := ~number.between(1, 2400) | (number % 1 != 0)).any():
        row = number.index[bad][0]
        raise asked.wrong(row, f"month_id is {number[row]:g}, where month 1 is January 1980")
    month = months_later(pd.Series(EPOCH, index=number.index), number - 1)
    cell = next((name for name in CELLS if name in asked.table), None)
    return month, cell, _of_cells(asked, cell) if cell else _of_country(asked)


def _of_country(asked: ParseRequest) -> pd.Series:
    if "country_id" not in asked.table:
        raise asked.lacks("country_id", "or priogrid_gid")
    number = asked.numbers("country_id")
    if "views" in asked.study.provinces:  # the provinces are countries
        return _of_countries(asked, number)
    ours = asked.study.file.country_ids.get("views")
    if ours is None:
        raise ProvriskError(
            f"{asked.study.folder / 'study.toml'} does not name the country to read from {asked.file}: add "
            "[country_ids] views = its country_id."
        )
    asked.sieve.set_aside(number != ours, "other country")
    return pd.Series(TOTAL, index=asked.table.index, dtype="str")


def _of_countries(asked: ParseRequest, number: pd.Series) -> pd.Series:
    """The province with each country's number in the column ``views`` of provinces.csv."""
    ours = pd.to_numeric(asked.study.provinces.views, errors="coerce").dropna()
    if ours.duplicated().any():
        twice = ours.index[ours.duplicated()][0]
        raise ProvriskError(
            f"{asked.study.folder / 'provinces.csv'}: {twice} has the same number views as another row."
        )
    province = number.map(pd.Series(ours.index, index=ours))
    asked.sieve.set_aside(province.isna(), "a country that is not in the study")
    return province.astype("str")


def _of_cells(asked: ParseRequest, cell: str) -> pd.Series:
    places = asked.stated.places
    if not places:
        raise ProvriskError(
            f"{asked.file} is for grid cells: give --places FILE, a CSV with the columns cell and province."
        )
    names = asked.text(cell)
    asked.sieve.set_aside(~names.isin(list(places)), "grid cell not in the mapping")
    if lacking := set(places) - set(names):
        raise ProvriskError(
            f"{asked.file} lacks {len(lacking)} of the grid cells in the mapping, such as {min(lacking)}: a province "
            "is the sum of all its cells."
        )
    return asked.provinces(names.map(dict(places)).astype("str").fillna(""))


def summed(asked: ParseRequest, values: pd.DataFrame, cell: pd.Series) -> pd.DataFrame:
    """One row for each province, month and draw, the sum over its cells; each cell must be there once."""
    key = [name for name in values if name not in ("value", "row")]
    twice = values.assign(cell=cell.loc[values.index]).duplicated([*key, "cell"])
    if twice.any():
        raise asked.wrong(values.row[twice].iloc[0], "repeats the cell, month and draw of a line above")
    groups = values.groupby(key, sort=False, dropna=False)
    summed = groups.agg(value=("value", "sum"), row=("row", "first"), cells=("value", "size")).reset_index()
    needed = summed.groupby("province").cells.transform("max")
    if (short := summed.cells < needed).any():
        raise asked.wrong(
            summed.row[short].iloc[0], "the province has fewer grid cells here than in other months or draws"
        )
    return summed.drop(columns="cells")
