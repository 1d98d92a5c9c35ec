"""What a notebook is shown: the figures, and no markup that somebody put into a name."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from provrisk import notebook

MARKUP = "<script>alert(1)</script> & 'x'"


def test_text_is_escaped_wherever_it_stands() -> None:
    shown = notebook.facts(MARKUP, {MARKUP: MARKUP})
    shown += notebook.table(MARKUP, pd.DataFrame({MARKUP: [MARKUP]}), MARKUP)
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 7  # three of the facts, four of the table


@given(st.lists(st.tuples(st.text(), st.integers()), max_size=5))
def test_a_table_has_a_row_a_row_and_a_cell_a_cell(rows: list[tuple[str, int]]) -> None:
    shown = notebook.table("T", pd.DataFrame(rows, columns=["a", "b"]))
    assert shown.count("<tr>") == len(rows) + 1
    assert shown.count("<td ") == 2 * len(rows)
    assert "<p>" not in shown
