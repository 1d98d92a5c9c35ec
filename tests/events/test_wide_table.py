"""A table with a column a province, through a mapping."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from provrisk.errors import ProvriskError
from provrisk.events.counting.load import count_rules
from provrisk.events.formats.raw_file import open_file
from provrisk.events.sources import mapped, registry
from provrisk.events.sources.parsed_rows import ParsedRows
from provrisk.study import Study

MAPPING = (
    """name = "Wide"\nkey = "log"\nwide = "deaths"\nmonth_format = "%Y-%m-%d"\n[columns]\nmonth = "Unnamed: 0"\n"""
)


def read(study: Study, folder: Path, content: str, mapping: str = MAPPING) -> ParsedRows:
    (folder / "wide.csv").write_text(content, encoding="utf-8")
    (folder / "wide.toml").write_text(mapping, encoding="utf-8")
    told = mapped.read_mapping(folder / "wide.toml")
    raw, source = registry.recognise(open_file(folder / "wide.csv"), told)
    edition = source.edition(raw)
    asking = study.file.model_copy(update={"actor": {"log": ("all",)}})
    return source.read(raw.table, edition.version, edition.covered, count_rules(replace(study, file=asking), source))


def test_a_cell_is_a_figure_and_every_cell_is_accounted_for(small_study: Study, tmp_path: Path) -> None:
    content = ",Alpha,Beta,Atlantis,Unnamed: 4\n2010-01-31,3,0,1,0\n2010-02-28,,7,0,0\n"
    reading = read(small_study, tmp_path, content)
    table = reading.totals.set_index(["month", "province"]).deaths
    assert table.loc["2010-01-01", "Alpha"] == 3
    assert table.loc["2010-02-01", "Beta"] == 7
    assert table.loc["2010-01-01", "Beta"] == 0
    assert (pd.Timestamp("2010-02-01"), "Alpha") not in table.index  # an empty cell is no zero
    assert (reading.rows, reading.counted) == (6, 3)
    assert reading.set_aside.reason.str.contains("Atlantis").sum() == 2
    assert reading.covered.strftime("%Y-%m").tolist() == ["2010-01", "2010-02"]


def test_a_column_without_a_heading_is_left_out_only_where_it_says_nothing(small_study: Study, tmp_path: Path) -> None:
    reading = read(small_study, tmp_path, ",Alpha,\n2010-01-31,3,5\n")
    assert (reading.rows, reading.counted) == (2, 1)


def test_a_wide_table_names_its_month_alone(small_study: Study, tmp_path: Path) -> None:
    with pytest.raises(ProvriskError, match="only its month"):
        read(small_study, tmp_path, ",Alpha\n2010-01-31,3\n", MAPPING + 'province = "place"\n')
