"""The effect of past drivers of a type, with the uncertainty of the forecast and the spread of placebos."""

import numpy as np
import pytest
import xarray as xr

from helpers import panel_of
from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.features import drivers
from provrisk.risk.evidence.past_effects import past_effect
from provrisk.risk.evidence.record import Record
from provrisk.study import Study
from provrisk.study.claims import Thresholds

ROWS = """\
b1,First break,2014-03-05,,Alpha,prison break,,,yes,no
b2,Second break,2016-07-20,,Beta,prison break,,,yes,no
b3,Too late,2019-11-01,,Beta,prison break,,,yes,no
b4,Counted itself,2015-01-01,,Alpha,prison break,,,yes,yes
"""


def record(study: Study) -> Record:
    """Counts that double for half a year from March 2014 in Alpha, and from August 2016 in Beta."""
    path = study.folder / "drivers.csv"
    path.write_text(path.read_text() + ROWS)
    rng = seeds.generator("test_effects")
    mean = np.tile([80.0, 40.0, 4.0], (120, 1))
    mean[50:56, 0] *= 2
    mean[79:85, 1] *= 2
    panel = panel_of(rng.poisson(mean).astype(float), study)
    draws = rng.poisson(np.broadcast_to(np.array([80.0, 40, 4])[:, None, None], (95, 3, 12, 200)))
    forecasts = xr.DataArray(
        draws, dims=("origin", "province", "horizon", "draw"),
        coords={"origin": panel.indexes["month"][24:119].to_numpy(), "province": panel.indexes["province"],
                "horizon": range(1, 13)},
    )  # fmt: skip
    return Record(study, Thresholds(), panel, drivers.read(study), lambda: forecasts)


def test_the_effect_is_that_of_the_past_cases(small_study: Study) -> None:
    found = past_effect(record(small_study), "prison break", 6, 4000, seeds.generator("x"))
    assert found.cases.index.tolist() == ["First break", "Second break"]
    assert found.cases.month.tolist() == ["2014-03", "2016-08"]  # the 20th counts from the next month on
    assert np.median(found.draws) == pytest.approx(2.0, rel=0.1)
    low, high = np.quantile(found.draws, [0.05, 0.95])
    assert low < 2 < high
    assert high / low > 1.2  # not a point


def test_a_type_without_a_past_asks_for_a_range(small_study: Study) -> None:
    with pytest.raises(ProvriskError, match="--ratio LOW:HIGH"):
        past_effect(record(small_study), "earthquake", 6, 100, seeds.generator("x"))
