"""Values of any type as the text that a CSV file would hold."""

import datetime
import json
import math
from collections.abc import Callable
from typing import Any

import pandas as pd


def as_text(value: Any) -> str:
    """``value`` as text: nothing as an empty cell, whole floats as integers, days and times in ISO form.

    >>> as_text(234.0), as_text(None), as_text(datetime.datetime(2020, 5, 1)), as_text(0.5)
    ('234', '', '2020-05-01', '0.5')
    """
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        bare = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if bare else value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def each(texts: pd.Series, read: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """``read(texts)`` for a ``read`` that treats cells one by one: called with the distinct cells only."""
    place, cells = pd.factorize(texts, use_na_sentinel=False)
    return read(pd.Series(cells)).take(place).set_axis(texts.index)


def table_of_text(table: pd.DataFrame) -> pd.DataFrame:
    """A typed table with every cell as text; a column of whole floats holds integers."""
    return pd.DataFrame({name: _column(table[name]) for name in table}, dtype="str")


def _column(values: pd.Series) -> pd.Series:
    if pd.api.types.is_string_dtype(values.dtype) and values.dtype != object:
        return values.fillna("")
    return values.astype(object).map(as_text, na_action=None).astype("str")
