"""Pages of parts as tagged PDF (PDF/UA-1), set by Typst, without system libraries or fonts."""

import json
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import typst

from provrisk.reports.charts import colours
from provrisk.reports.document import Block, Document, Page, Table
from provrisk.reports.language import say, speaking, speech

SIZES, LITTLE = ("8", "7.8", "7.6"), 0.25
"""Text sizes in points, and the smallest share of a filled last page; the largest size that reaches it is used."""

TEMPLATE = Path(__file__).parents[1] / "templates" / "page.typ"


def render(page: Page) -> bytes:
    """The PDF, the same bytes for the same page; without the tables that only repeat a chart."""
    out = _set(page).compile(TEMPLATE.read_bytes(), format="pdf", pdf_standards=["ua-1"], timestamp=0)
    assert isinstance(out, bytes)  # noqa: S101 - a PDF is one file
    return out


def pictures(page: Page, ppi: float) -> list[bytes]:
    """The pages of the PDF as PNG images."""
    out = _set(page).compile(TEMPLATE.read_bytes(), format="png", ppi=ppi)
    return [one for one in (out if isinstance(out, list) else [out]) if one is not None]


def _set(page: Page) -> typst.Compiler:
    """The Typst compiler for the page, at a suitable text size."""
    with speaking(page.language):
        read = json.dumps(_content(page))
    for size in SIZES:
        compiler = typst.Compiler(TEMPLATE.read_bytes(), font_paths=_fonts(), sys_inputs={"page": read, "size": size})
        (end,) = json.loads(compiler.query("<end>", field="value"))
        if end > LITTLE:
            break
    return compiler


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """DejaVu Sans, part of matplotlib: the same everywhere, with Latin, Greek, Cyrillic and Arabic letters."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _content(page: Page) -> dict[str, object]:
    """The page as the template reads it, with the words that the template needs."""
    parts = [
        {
            "title": part.title,
            "opening": part.opening,
            "blocks": [one for block in part.blocks for one in _blocks(block)],
        }
        for part in page.parts
    ]
    out: dict[str, object] = {
        "title": page.title, "language": page.language, "dir": speech().direction,
        "facts": list(page.facts.items()), "parts": parts,
        "shades": [[colour, colours.ink_on(step)] for step, colour in enumerate(colours.SHADES)],
        "rest": say("Contents"), "state": None, "errata": [], "publisher": None,
        "of": say("Page {number} of {all}", number="{number}", all="{all}"),
    }  # fmt: skip
    if isinstance(page, Document):
        out["state"], out["draft"] = page.status, page.state == "draft"
        out["errata"] = [say("Erratum {number}, {date}: {note}", **one.model_dump()) for one in page.errata]
        if page.publisher:
            out["publisher"] = page.publisher.model_dump() | {"logo": _logo(page.publisher.logo)}
    return out


def _blocks(block: Block) -> list[dict[str, object]]:
    """A block as the template reads it; a table is divided at its groups, which are left out if it is folded."""
    if not isinstance(block, Table):
        return [block.model_dump()]
    if not block.printed:
        return []
    pieces = block.pieces()[:1] if block.folded else block.pieces()
    return [
        piece.model_dump() | {"text": [column in piece.text_columns for column in piece.columns]} for piece in pieces
    ]


def _logo(image: str) -> str:
    """A data URI as an SVG, the only kind of image that the template accepts."""
    if not image:
        return ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 60"><image href="'
        f'{image}" width="240" height="60" preserveAspectRatio="xMinYMid"/></svg>'
    )
