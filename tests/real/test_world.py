"""The study of the world's countries, rebuilt from the published table."""

from pathlib import Path

from helpers import ROOT
from provrisk.events.counting import counts
from provrisk.events.counting.load import count_rules
from provrisk.events.formats.raw_file import open_file
from provrisk.events.sources import mapped, registry
from provrisk.study import find_project


def test_the_bundled_figures_are_those_of_the_table(shared_data: Path) -> None:
    study = find_project(ROOT).study("world")
    told = mapped.read_mapping(study.folder / "pace.toml")
    raw, source = registry.recognise(open_file(shared_data / "world" / "deaths_by_country_2026-05.csv"), told)
    edition = source.edition(raw)
    reading = source.read(raw.table, edition.version, edition.covered, count_rules(study, source))
    assert reading.set_aside.empty
    bundled = counts.read_csv(study.bundled_counts, study)
    same = bundled.merge(reading.totals, on=["month", "province"], suffixes=("", "_read"))
    assert len(same) == len(bundled) == reading.rows == 449 * 133
    assert (same.deaths == same.deaths_read).all()
    assert same.deaths.sum() == 3_236_508
