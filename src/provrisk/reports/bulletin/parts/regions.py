"""The groups of provinces that a study names in the column ``region`` of provinces.csv, each as one sum."""

import numpy as np

from provrisk.forecasts.quantiles import quantiles
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts.ranking import arrow
from provrisk.reports.document import Cell, Part, table
from provrisk.reports.language import capital, say, translated

YEAR = 12


def part(content: BulletinContent) -> Part | None:
    """The table of regions, highest expected number first; none if the study has none."""
    provinces = content.study.provinces
    if "region" not in provinces or not (provinces.region != "").any():
        return None
    rows = []
    for region, members in provinces.groupby("region").groups.items():
        drawn = content.forecast.sel(horizon=content.issue.horizon, province=list(members)).sum("province").to_numpy()
        seen = content.counts[list(members)].sum(axis=1, skipna=False)
        rows.append((str(region), len(members), seen.iloc[-1], seen.iloc[-YEAR:].mean(), drawn))
    rows.sort(key=lambda row: -row[4].mean())
    columns: dict[str, list[str | Cell]] = {
        say("Region"): [translated(row[0]) for row in rows],
        capital(content.units): [words.number(row[1]) for row in rows],
        say("Expected"): [f"{arrow(row[4].mean(), row[3])} {words.number(row[4].mean())}" for row in rows],
        say("80 % interval"): [words.interval(*quantiles(row[4][None], [0.1, 0.9])[:, 0]) for row in rows],
        say("Last month"): [words.number(row[2]) for row in rows],
        say("12-month average"): [words.number(row[3], 1) for row in rows],
        say("More than average"): [
            words.percent(np.nan if np.isnan(row[3]) else float((row[4] > row[3]).mean())) for row in rows
        ],
    }
    caption = say("{many} in {month}, by region", many=content.many, month=content.month)
    return Part(key="regions", title=say("By region"), blocks=(table(capital(caption), columns,
                text=(say("Region"),)),))  # fmt: skip
