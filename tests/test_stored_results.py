"""Results on disk: computed once for what they depend on, and again where that, or the file, has changed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provrisk import months, stored_results
from provrisk.risk.evidence.rate_ratios import Ratios
from provrisk.stored_results import StoredResults


class Counted:
    """A result, and how often it was computed."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> list[float]:
        self.times += 1
        return [0.1 + 0.2, float("inf"), 1.0]


def test_a_result_is_computed_once_for_what_it_depends_on(tmp_path: Path) -> None:
    compute = Counted()
    first = StoredResults(tmp_path, "data")(("a", 1), compute)
    assert StoredResults(tmp_path, "data")(("a", 1), compute) == first == [0.1 + 0.2, float("inf"), 1.0]
    assert compute.times == 1
    StoredResults(tmp_path, "data")(("a", 2), compute)
    StoredResults(tmp_path, "other data")(("a", 1), compute)
    assert compute.times == 3


def test_a_change_in_the_program_makes_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compute = Counted()
    StoredResults(tmp_path)("a", compute)
    monkeypatch.setattr(stored_results, "_program", lambda: "later")
    StoredResults(tmp_path)("a", compute)
    assert compute.times == 2


@pytest.mark.parametrize("damage", [b"", b"no seal", b"0123456789abcdef\n[1.0]", b"\xff\xfe\n[1.0]"])
def test_a_damaged_file_is_computed_again_and_replaced(tmp_path: Path, damage: bytes) -> None:
    compute = Counted()
    good = StoredResults(tmp_path)("a", compute)
    (path,) = tmp_path.glob("*.json")
    whole = path.read_bytes()
    path.write_bytes(damage)
    assert StoredResults(tmp_path)("a", compute) == good
    assert (compute.times, path.read_bytes()) == (2, whole)


def test_what_cannot_be_stored_is_given_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert StoredResults(tmp_path / "file")("a", Counted())[2] == 1.0


@given(st.lists(st.floats(allow_nan=True), min_size=4, max_size=4))
def test_ratios_are_the_same_to_the_last_bit_after_they_were_stored(values: list[float]) -> None:
    index = pd.DatetimeIndex([months.parse("2014-01"), months.parse("2014-03")], name="month")
    table = pd.DataFrame(np.array(values).reshape(2, 2), index, [1, 6])
    ratios = Ratios(table, table, table, table, table)
    again = Ratios.from_record(ratios.as_record())
    pd.testing.assert_frame_equal(again.ratio, ratios.ratio, check_exact=True, check_index_type=False)
    assert list(again.high) == [1, 6]
