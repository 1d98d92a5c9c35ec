"""The table of regions, each the sum of its provinces, draw by draw."""

import dataclasses

import numpy as np

from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import regions
from provrisk.reports.language import speaking


def with_regions(content: BulletinContent, names: list[str]) -> BulletinContent:
    study = dataclasses.replace(content.study)
    study.__dict__["provinces"] = content.study.provinces.assign(region=names)
    return dataclasses.replace(content, study=study)


def test_a_region_is_the_sum_of_its_draws(content: BulletinContent) -> None:
    names = ["North" if i % 2 else "South" for i in range(len(content.study.provinces))]
    with speaking("en", content.study):
        part = regions.part(with_regions(content, names))
    assert part is not None
    rows = {row[0].text: [cell.text for cell in row] for row in part.blocks[0].rows}
    north = content.study.provinces.index[1::2]
    drawn = content.forecast.sel(horizon=content.issue.horizon, province=list(north)).sum("province").to_numpy()
    low, high = np.quantile(drawn, [0.1, 0.9], method="inverted_cdf")
    assert rows["North"][1] == str(len(north))
    assert rows["North"][2].split()[-1] == f"{drawn.mean():,.0f}"
    assert rows["North"][3] == f"{low:,.0f} to {high:,.0f}"
    assert rows["North"][4] == f"{content.counts[north].iloc[-1].sum():,.0f}"


def test_without_regions_there_is_no_such_part(content: BulletinContent) -> None:
    with speaking("en", content.study):
        assert regions.part(content) is None
        assert regions.part(with_regions(content, [""] * len(content.study.provinces))) is None
