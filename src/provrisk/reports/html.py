"""The bulletin as one HTML file that needs no network."""

import jinja2

from provrisk import months
from provrisk.reports import charts
from provrisk.reports.bulletin import Bulletin

ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("provrisk.reports"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(bulletin: Bulletin) -> str:
    """The page, the same bytes for the same bulletin."""
    rows = []
    for row in bulletin.risk.itertuples():
        picture = charts.small_history(
            bulletin.history[row.province], row.low_80, row.median, row.high_80, bulletin.issue.month
        )
        # Ids inside one SVG must not meet those of another on the page.
        picture = picture.replace('id="', f'id="p{row.rank}-').replace('"#', f'"#p{row.rank}-')
        rows.append((row, picture.replace("url(#", f"url(#p{row.rank}-")))
    template = ENVIRONMENT.get_template("bulletin.html.j2")
    return template.render(bulletin=bulletin, rows=rows, spelled=months.spelled, label=months.label)
