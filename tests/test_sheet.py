"""Printed tables: as wide as the terminal, with every identifier whole."""

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from provrisk.cli.tables.sheet import Sheet

HEADS = ("model", "CRPS", "90 % interval", "verdict", "relative skill", "coverage 50/80/90")
NAMES = ("a_model_with_a_long_name", "shorter", "[bold]odd[/]")


def printed(width: int, sheet: Sheet) -> str:
    out = Console(file=StringIO(), width=width, highlight=False)
    out.print(sheet)
    return out.file.getvalue()  # type: ignore[attr-defined]


@given(st.integers(45, 200))
def test_a_table_fits_and_nothing_in_it_is_cut(width: int) -> None:
    sheet = Sheet("Skill against nobody in particular", HEADS, ("verdict",))
    for name in NAMES:
        sheet.add_row(name, "1.234", "-10.0 to +22.2", "better", "0.91", "50/80/90")
    text = printed(width, sheet)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    parts = 1 + lines.count("")
    for name in NAMES:
        assert text.count(name) == parts, name  # every part names its rows
    for head in HEADS[1:]:
        assert text.count(head) == 1, head
    assert text.count("50/80/90\n") + text.count("50/80/90 ") >= len(NAMES)


def test_long_texts_are_broken_into_lines_and_names_are_not() -> None:
    sheet = Sheet("Features", ("name", "meaning"), ("name", "meaning"), long=("meaning",))
    sheet.add_row("share_state_based_12", "part of the attacks of the last 12 months: state based " * 3)
    text = printed(60, sheet)
    assert "share_state_based_12 " in text
    assert max(map(len, text.splitlines())) <= 60
    assert len(text.splitlines()) > 4
