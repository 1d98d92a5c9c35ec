"""The panel for readers: its data dictionary, made from the attrs, and the panel as a flat table."""

import io

import pandas as pd
import xarray as xr

from provrisk import files, months
from provrisk.study import Study

ATTRS = ("family", "meaning", "unit", "source", "known_ahead")


def describe(panel: xr.Dataset) -> pd.DataFrame:
    """One row a variable: name, family, meaning, unit, source, known_ahead ("no", "yes" or "once announced")."""
    rows = []
    for name, variable in panel.data_vars.items():
        row = {"name": str(name), **{attr: variable.attrs[attr] for attr in ATTRS}}
        row["known_ahead"] = "yes" if row["known_ahead"] else "no"
        if "schedule" in variable.attrs:
            row["known_ahead"] = "once announced"
        rows.append(row)
    return pd.DataFrame(rows)


def dictionary(panel: xr.Dataset, study: Study) -> str:
    """The data dictionary as a page of Markdown."""
    lines = [
        "# Data dictionary",
        "",
        f"Every variable that a panel of the study `{study.name}` can hold, over (month, province). Written by",
        "`provrisk features dictionary` from the descriptions of the variables; a test compares the two.",
        "`study.toml` names features singly or by their family. What was not observed is missing in all of them,",
        "never zero. *Known ahead*: whether a model sees the values of months after its origin; “once announced”:",
        "those that had been made public by the end of the origin.",
    ]
    table = describe(panel)
    for family in table.family.unique():
        lines += ["", f"## {family}", "", "| name | meaning | unit | source | known ahead |", "|---|---|---|---|---|"]
        for row in table[table.family == family].itertuples():
            lines.append(f"| `{row.name}` | {row.meaning} | {row.unit} | {row.source} | {row.known_ahead} |")
    return "\n".join(lines) + "\n"


def flat(panel: xr.Dataset) -> pd.DataFrame:
    """One row a month and province, a column a variable; what is missing is missing."""
    table = panel.drop_attrs().to_dataframe(dim_order=["month", "province"]).reset_index()
    return table.assign(month=table.month.map(months.label))


def to_bytes(table: pd.DataFrame, suffix: str) -> bytes:
    """``table`` as a CSV or Parquet file, by the ``suffix`` of its name."""
    if suffix == ".csv":
        return files.csv_of(table).encode()
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()
