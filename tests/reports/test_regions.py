"""The table of regions, each the sum of its provinces, draw by draw."""

import dataclasses

import numpy as np

from provrisk.reports.basis import Basis
from provrisk.reports.language import speaking
from provrisk.reports.parts import regions


def with_regions(basis: Basis, names: list[str]) -> Basis:
    study = dataclasses.replace(basis.study)
    study.__dict__["provinces"] = basis.study.provinces.assign(region=names)
    return dataclasses.replace(basis, study=study)


def test_a_region_is_the_sum_of_its_draws(basis: Basis) -> None:
    names = ["North" if i % 2 else "South" for i in range(len(basis.study.provinces))]
    with speaking("en", basis.study):
        part = regions.part(with_regions(basis, names))
    assert part is not None
    rows = {row[0].text: [cell.text for cell in row] for row in part.blocks[0].rows}
    north = basis.study.provinces.index[1::2]
    drawn = basis.forecast.sel(horizon=basis.issue.horizon, province=list(north)).sum("province").to_numpy()
    low, high = np.quantile(drawn, [0.1, 0.9], method="inverted_cdf")
    assert rows["North"][1] == str(len(north))
    assert rows["North"][2].split()[-1] == f"{drawn.mean():,.0f}"
    assert rows["North"][3] == f"{low:,.0f} to {high:,.0f}"
    assert rows["North"][4] == f"{basis.counts[north].iloc[-1].sum():,.0f}"


def test_without_regions_there_is_no_such_part(basis: Basis) -> None:
    with speaking("en", basis.study):
        assert regions.part(basis) is None
        assert regions.part(with_regions(basis, [""] * len(basis.study.provinces))) is None
