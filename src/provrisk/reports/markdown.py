"""The bulletin as Markdown, charts as their words."""

import re

from provrisk.reports.document import Chart, Document, Items, Table, Text

SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def render(document: Document) -> str:
    """The text, the same bytes for the same document."""
    lines = [f"# {_safe(document.title)}", "", f"**{_safe(document.status)}**", ""]
    for erratum in document.errata:
        lines += [f"> Erratum {erratum.number}, {erratum.date}: {_safe(erratum.note)}", ""]
    lines += [f"- {_safe(name)}: {_safe(value)}" for name, value in document.facts.items()]
    for part in document.parts:
        lines += ["", f"## {_safe(part.title)}"]
        for block in part.blocks:
            lines += ["", *_block(block)]
    return "\n".join(lines) + "\n"


def _block(block: Text | Items | Table | Chart) -> list[str]:
    if isinstance(block, Text):
        return [("> " if block.notice else "") + _safe(block.words)]
    if isinstance(block, Items):
        heading = [f"### {_safe(block.title)}", ""] if block.title else []
        return heading + [f"- {_safe(item)}" for item in block.items]
    if isinstance(block, Chart):
        return [f"*{_safe(block.caption.rstrip('.'))}.* {_safe(block.alt)}"]
    sides = ["---" if column in block.text_columns else "---:" for column in block.columns]
    return [
        f"**{_safe(block.caption)}**",
        "",
        _row(block.columns),
        _row(tuple(sides), escape=False),
        *(_row(tuple(cell.text for cell in row)) for row in block.rows),
    ]


def _row(cells: tuple[str, ...], escape: bool = True) -> str:
    return "| " + " | ".join(_safe(cell) if escape else cell for cell in cells) + " |"


def _safe(text: str) -> str:
    """Text that no Markdown reader takes for markup."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
