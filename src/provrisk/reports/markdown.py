"""Pages of parts as Markdown, charts as their words."""

import re

from provrisk.reports.document import Chart, Document, Items, Page, Part, Table, Text

SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def render(page: Page) -> str:
    """The text, the same bytes for the same content."""
    lines = [f"# {_safe(page.title)}", ""]
    if isinstance(page, Document):
        lines += [f"**{_safe(page.status)}**", ""]
        for erratum in page.errata:
            lines += [f"> Erratum {erratum.number}, {erratum.date}: {_safe(erratum.note)}", ""]
    lines += [f"- {_safe(name)}: {_safe(value)}" for name, value in page.facts.items()]
    for part in page.parts:
        lines += ["", f"## {_safe(part.title)}", *_blocks(part)]
    return "\n".join(lines) + "\n"


def _blocks(part: Part) -> list[str]:
    return [line for block in part.blocks for line in ("", *_block(block))]


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
