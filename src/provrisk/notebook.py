"""How things show themselves in a notebook: small HTML tables, every text escaped."""

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

STYLE = "text-align:left;border-collapse:collapse"


def facts(title: str, lines: Mapping[str, object]) -> str:
    """A title and a line for each of ``lines``, its name before it."""
    rows = "".join(f"<tr><th style='text-align:left'>{_safe(k)}</th><td>{_safe(v)}</td></tr>" for k, v in lines.items())
    return f"<table style='{STYLE}'><caption style='{STYLE}'><b>{_safe(title)}</b></caption>{rows}</table>"


def table(title: str, rows: "pd.DataFrame", note: str = "") -> str:
    """A table of text or whole numbers under a title, with a ``note`` below."""
    head = "".join(f"<th style='text-align:left'>{_safe(name)}</th>" for name in rows)
    body = "".join(
        f"<tr>{''.join(f'<td>{_safe(value)}</td>' for value in row)}</tr>" for row in rows.itertuples(index=False)
    )
    caption = f"<caption style='{STYLE}'><b>{_safe(title)}</b></caption>"
    below = f"<p>{_safe(note)}</p>" if note else ""
    return f"<table style='{STYLE}'>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def _safe(value: object) -> str:
    return html.escape(str(value))
