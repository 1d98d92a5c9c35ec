"""Pages of parts as one HTML file each that needs no network."""

import re
from collections.abc import Callable
from itertools import count

import jinja2
from babel import Locale
from markupsafe import Markup, escape

from provrisk.reports.charts import colours
from provrisk.reports.document import Document, Page
from provrisk.reports.language import say, speaking
from provrisk.text import LINK


def linked(text: str) -> Markup:
    """Text with its links; everything else is escaped."""
    return Markup(LINK.sub(r'<a href="\2">\1</a>', str(escape(text))))  # noqa: S704 - escaped but for our own links


ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("provrisk.reports"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals["say"] = say
ENVIRONMENT.filters["linked"] = linked


def render(page: Page) -> str:
    """The page, the same bytes for the same content."""
    inks = [colours.ink_on(shade) for shade in range(len(colours.SHADES))]
    template = ENVIRONMENT.get_template("bulletin.html.j2" if isinstance(page, Document) else "page.html.j2")
    with speaking(page.language) as speech:
        return template.render(
            page=page, shades=colours.SHADES, inks=inks, picture=_pictures(), direction=speech.direction,
            language_name=language_name,
        )  # fmt: skip


def language_name(code: str) -> str:
    """The name of the language in that language."""
    return str(Locale.parse(code).get_language_name(code)).capitalize()


def _pictures() -> Callable[[str], Markup]:
    """A function that makes an SVG safe beside others: ids of one must not conflict with those of another."""
    numbers = count(1)

    def picture(svg: str) -> Markup:
        prefix = f"c{next(numbers)}-"
        own = re.sub(r'\bid="', f'id="{prefix}', svg)
        own = own.replace('href="#', f'href="#{prefix}').replace("url(#", f"url(#{prefix}")
        return Markup(own)  # noqa: S704 - our own charts; the text in them was escaped when they were drawn

    return picture
