"""Months, seeds, files: what everything else stands on."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provrisk import files, months, seeds
from provrisk.errors import ProvriskError, refused


@given(st.dates(min_value=pd.Timestamp(1900, 1, 1).date(), max_value=pd.Timestamp(2100, 12, 31).date()))
def test_month_labels_parse_back(day) -> None:
    month = pd.Timestamp(day).replace(day=1)
    assert months.parse(months.label(month)) == month


@given(st.integers(-300, 300), st.integers(-300, 300))
def test_shifts_add_up(a: int, b: int) -> None:
    start = pd.Timestamp(2010, 1, 1)
    assert months.shift(months.shift(start, a), b) == months.shift(start, a + b)


@pytest.mark.parametrize("text", ["2018-13", "2018-00", "2018", "18-01", "2018-01-01", "", "Jan 2018"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ProvriskError, match="YYYY-MM"):
        months.parse(text)


def test_a_month_is_the_floor_of_its_dates() -> None:
    dates = pd.Series(pd.to_datetime(["2018-02-01", "2018-02-28", "2018-12-31"]))
    assert list(months.floor(dates)) == list(pd.to_datetime(["2018-02-01", "2018-02-01", "2018-12-01"]))


def test_a_seed_is_a_function_of_its_key_in_every_process() -> None:
    code = "from provrisk import seeds; print(seeds.generator(1, 'iraq', 'm', '2018-12').integers(10**9))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": s},
        ).stdout.strip()
        for s in ("1", "2")
    }
    assert told == {str(seeds.generator(1, "iraq", "m", "2018-12").integers(10**9))}
    assert seeds.generator("a", "b").integers(10**9) != seeds.generator("ab").integers(10**9)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.write(tmp_path / "a" / "file.txt", "old")

    def full(self: Path, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ProvriskError, match="disk full"):
        files.write(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_what_a_killed_writer_left_is_passed_over_and_swept_when_it_is_old(tmp_path: Path) -> None:
    path = files.write(tmp_path / "deep" / "a.json", "{}")
    old, new = path.with_name(f".a.json.x{files.PART}"), path.with_name(f".a.json.y{files.PART}")
    for part in (old, new):
        part.write_text("half")
    os.utime(old, (0, 0))
    assert files.listed(path.parent) == [path]
    files.sweep(tmp_path)
    assert sorted(path.parent.iterdir()) == sorted([path, new])


def test_a_full_disk_is_one_sentence_and_so_is_any_other_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProvriskError, match="File exists"):
        files.write(tmp_path / "file" / "a.json", "{}")
    told = refused(OSError(errno.ENOSPC, "No space left on device"), "x.parquet")
    assert "The disk is full for x.parquet" in str(told)
    assert refused(OSError(errno.ENOENT, "No such file")) is None
