"""Pages of parts as Markdown, charts as their descriptions."""

import re

from provrisk.reports.document import Block, Card, Chart, Document, Items, Page, Part, Table, Text
from provrisk.reports.language import say, speaking
from provrisk.text import unlinked

SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def render(page: Page) -> str:
    """The text, the same bytes for the same content."""
    with speaking(page.language):
        return _page(page)


def _page(page: Page) -> str:
    lines = [f"# {_safe(page.title)}", ""]
    if isinstance(page, Document):
        if publisher := page.publisher:
            said = " · ".join(text for text in (publisher.name, publisher.contact, publisher.handling) if text)
            lines += [_safe(said), ""]
        lines += [f"**{_safe(page.status)}**", ""]
        for erratum in page.errata:
            said = say("Erratum {number}, {date}: {note}", **erratum.model_dump())
            lines += [f"> {_safe(said)}", ""]
    lines += [f"- {_safe(name)}: {_safe(value)}" for name, value in page.facts.items()]
    for part in page.parts:
        lines += ["", f"## {_safe(part.title)}", *_blocks(part)]
    return "\n".join(lines) + "\n"


def _blocks(part: Part) -> list[str]:
    return [line for block in part.blocks for line in ("", *_block(block))]


def _block(block: Block) -> list[str]:
    match block:
        case Text():
            return [("> " if block.notice else "") + _safe(block.words)]
        case Items():
            return [*_heading(block.title), *(f"- {_safe(item)}" for item in block.items)]
        case Chart():
            return [
                *_heading(block.title),
                " ".join([f"*{_safe(block.caption)}*"] * bool(block.caption) + [_safe(block.alt)]),
            ]
        case Card():
            badge = f" ({block.badge.text})" if block.badge else ""
            lines = [f"- {_safe(name)}: {_safe(value)}" for name, value in block.lines]
            return [*_heading(block.title + badge), *lines, "", _safe(block.words)]
        case Table():
            pieces = [line for piece in block.pieces() for line in ("", *_table(piece))]
            return pieces[1:]


def _heading(title: str) -> list[str]:
    return [f"### {_safe(title)}", ""] if title else []


def _table(table: Table) -> list[str]:
    sides = ["---" if column in table.text_columns else "---:" for column in table.columns]
    return [
        f"**{_safe(table.caption)}**",
        "",
        _row(table.columns),
        _row(tuple(sides), escape=False),
        *(_row(tuple(cell.text for cell in row)) for row in table.rows),
    ]


def _row(cells: tuple[str, ...], escape: bool = True) -> str:
    return "| " + " | ".join(_safe(cell) if escape else cell for cell in cells) + " |"


def _safe(text: str) -> str:
    """Text escaped for Markdown."""
    return SPECIAL.sub(r"\\\1", unlinked(" ".join(text.split())))
