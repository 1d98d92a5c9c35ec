"""How things show themselves in a notebook: small HTML tables, every text escaped."""

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

STYLE = "text-align:left;border-collapse:collapse"
LEFT, RIGHT = "text-align:left", "text-align:right"
"""Of each cell, since notebooks align all to the right: text to the left, figures to the right."""
NUMBER = re.compile(r"([-+−]?[\d.,]+( ?%)?|–|)")


def facts(title: str, lines: Mapping[str, object]) -> str:
    """A title and a line for each of ``lines``, its name before it."""
    rows = "".join(
        f"<tr><th style='{LEFT}'>{_safe(k)}</th><td style='{LEFT}'>{_safe(v)}</td></tr>" for k, v in lines.items()
    )
    return f"<table style='{STYLE}'><caption style='{STYLE}'><b>{_safe(title)}</b></caption>{rows}</table>"


def table(title: str, rows: "pd.DataFrame", note: str = "") -> str:
    """A table of text or whole numbers under a title, with a ``note`` below."""
    sides = [RIGHT if all(NUMBER.fullmatch(str(value)) for value in rows[name]) else LEFT for name in rows]
    head = "".join(f"<th style='{side}'>{_safe(name)}</th>" for name, side in zip(rows, sides, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td style={side!r}>{_safe(value)}</td>' for value, side in zip(row, sides, strict=True))}</tr>"
        for row in rows.itertuples(index=False)
    )
    caption = f"<caption style='{STYLE}'><b>{_safe(title)}</b></caption>"
    below = f"<p>{_safe(note)}</p>" if note else ""
    return f"<table style='{STYLE}'>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def _safe(value: object) -> str:
    return html.escape(str(value))
