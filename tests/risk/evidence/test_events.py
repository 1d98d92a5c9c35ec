"""Dated events on made-up records: what came, what else happened, what cannot be tested."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import panel_of
from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.features import drivers
from provrisk.risk.evidence.record import Record
from provrisk.risk.evidence.result import NotTestableError, TestResult
from provrisk.risk.evidence.run_tests import measure, measure_name
from provrisk.risk.evidence.verdict import verdicts
from provrisk.study import Study
from provrisk.study.claims import Claim, Counterfactual, Difference, Divergence, Thresholds

LENGTH, EVENT = 120, 80  # months from 2010-01; the event is in September 2016
MONTH = "2016-09"


def record(study: Study, effect: float, from_month: int = EVENT, **more: object) -> Record:
    """Poisson counts at a known mean, and a forecaster that knows it; then ``effect`` times as many."""
    rng = seeds.generator("test_events", effect, from_month)
    mean = np.tile([80.0, 40.0, 4.0], (LENGTH, 1))
    mean[from_month : EVENT + 6] *= effect
    panel = panel_of(rng.poisson(mean).astype(float), study)
    span = panel.indexes["month"][:LENGTH].to_numpy()
    draws = rng.poisson(np.broadcast_to(np.array([80.0, 40, 4])[:, None, None], (LENGTH - 25, 3, 12, 200)))
    forecasts = xr.DataArray(
        draws, dims=("origin", "province", "horizon", "draw"),
        coords={"origin": span[24:-1], "province": panel.indexes["province"], "horizon": range(1, 13)},
    )  # fmt: skip
    return Record(study, Thresholds(), panel, drivers.read(study), lambda: forecasts, **more)


def claim(direction: str, **more: object) -> Counterfactual:
    given = {"test": "counterfactual", "month": MONTH, "window": 6, "windows": (1, 6)}
    return Counterfactual.model_validate(given | {"direction": direction} | more)


def word(claim: object, record: Record) -> str:
    whole = Claim(claim="c", source="s", tests=(claim,))
    (verdict,) = verdicts({"C": whole}, {"C": [("counts", measure(claim, record))]}, record.thresholds)
    return verdict.word


def test_a_known_fall_is_found_and_measured(small_study: Study) -> None:
    found = measure(claim("down"), record(small_study, 0.5))
    assert isinstance(found, TestResult)
    assert found.estimate == pytest.approx(0.5, abs=0.08)
    assert found.low < 0.5 < found.high
    assert word(claim("down"), record(small_study, 0.5)) == "supported"
    assert word(claim("up"), record(small_study, 0.5)) == "contradicted"
    assert word(claim("none"), record(small_study, 0.5)) == "contradicted"
    table = found.tables["By province and window"]
    half_year = table[table.months == 6].observed
    assert half_year["all together"] == half_year.drop("all together").sum()
    assert set(table.months) == {1, 6}


def test_no_effect_is_shown_by_equivalence(small_study: Study) -> None:
    assert word(claim("none"), record(small_study, 1.0)) == "supported"
    assert word(claim("up"), record(small_study, 1.0)) == "contradicted"


def test_what_had_begun_before_is_not_the_events_doing(small_study: Study) -> None:
    early = record(small_study, 2.0, from_month=EVENT - 3)
    found = measure(claim("up"), early)
    assert isinstance(found, TestResult)
    assert 1 in found.before
    assert word(claim("up"), early) == "not separable"


def test_drivers_in_its_months_are_named_and_rivals_are_those_that_could_have_done_it(small_study: Study) -> None:
    rows = ["x1,Raid,2016-08-10,,Beta,state violence,,,yes,no,+", "x2,Truce,2017-01-05,,Alpha,politics,,,yes,no,-",
            "x3,Own,2016-09-01,,Alpha,shock,,,yes,no,+", "x4,Named after,2016-10-01,,Alpha,campaign,,,yes,yes,+",
            "x5,Elsewhere in time,2017-04-01,,Alpha,shock,,,yes,no,+"]  # fmt: skip
    path = small_study.folder / "drivers.csv"
    head = path.read_text().splitlines()
    path.write_text("\n".join([head[0] + ",expected_direction", *(line + ",?" for line in head[1:]), *rows]) + "\n")
    found = measure(claim("up", drivers=["x3"]), record(small_study, 2.0))
    assert isinstance(found, TestResult)
    assert found.named == ("Raid (August 2016)", "Truce (January 2017)", "Named after (October 2016)")
    assert found.rivals == {1: ("Raid (August 2016)",), -1: ("Truce (January 2017)",)}
    alone = measure(claim("up", provinces=["Gamma"]), record(small_study, 2.0))
    assert isinstance(alone, TestResult)
    assert alone.named == ()


def test_a_difference_in_differences_needs_no_forecast(small_study: Study) -> None:
    given = {"test": "difference", "month": MONTH, "window": 6, "windows": (6,),
             "provinces": ["Alpha"], "controls": ["Beta"], "direction": "up"}  # fmt: skip
    rng = seeds.generator("test_events", "difference")
    mean = np.tile([100.0, 100.0, 4.0], (LENGTH, 1))
    mean[EVENT : EVENT + 6, 0] *= 2
    panel = panel_of(rng.poisson(mean).astype(float), small_study)
    held = Record(small_study, Thresholds(), panel, drivers.read(small_study))
    found = measure(Difference.model_validate(given), held)
    assert isinstance(found, TestResult)
    assert found.estimate == pytest.approx(2.0, rel=0.25)
    assert word(Difference.model_validate(given), held) == "supported"


def test_a_campaign_that_one_source_sees_diverges(small_study: Study) -> None:
    given = {"test": "divergence", "month": MONTH, "window": 3, "windows": (3,),
             "sees": "acled", "direction": "up"}  # fmt: skip
    held = record(small_study, 1.0)
    refused = measure(Divergence.model_validate(given), held)
    assert isinstance(refused, NotTestableError)
    assert "ACLED" in refused.needs
    rng = seeds.generator("test_events", "divergence")
    mean = np.tile([160.0, 80.0, 12.0], (LENGTH, 1))
    mean[EVENT : EVENT + 3] *= 2
    seen = held.counts.copy(data=rng.poisson(mean).astype(float))
    assert word(Divergence.model_validate(given), record(small_study, 1.0, others={"acled": seen})) == "supported"


@pytest.mark.parametrize(
    ("more", "reason", "needs"),
    [
        ({"month": "2019-10"}, "the record ends in 2019-12", "reaches 2020-03"),
        ({"month": "2010-06"}, "no ratio for 2010-06", "begins earlier"),
        ({"provinces": ["Gamma"], "window": 1}, "too few to detect", "at least 5"),
    ],
)
def test_what_cannot_be_tested_says_why(small_study: Study, more: dict, reason: str, needs: str) -> None:
    refused = measure(claim("up", **more), record(small_study, 1.0))
    assert isinstance(refused, NotTestableError)
    assert pd.Series([refused.reason]).str.contains(reason).all()
    assert needs in refused.needs


def test_every_claim_of_the_study_is_well_formed(iraq: Study) -> None:
    claims = iraq.hypotheses.claims
    assert [f"H{number}" for number in range(1, 22)] == [name for name in claims if name.startswith("H")]
    known = set(drivers.read(iraq).id)
    for _, test in iraq.hypotheses.tests():
        assert set(getattr(test, "drivers", ())) <= known
    assert all(one.source and one.theme for one in claims.values())


def test_another_study_is_another_measure_with_rivals_of_its_own(small_study: Study) -> None:
    own, other = record(small_study, 1.0), record(small_study, 0.5)
    both = replace(own, elsewhere={"other": other})
    found = measure(claim("down", study="other", provinces=["Alpha"]), both)
    assert isinstance(found, TestResult)
    assert found.estimate == pytest.approx(0.5, abs=0.1)
    assert measure_name(claim("down", study="other", provinces=["Alpha"]), both) == "attacks (UCDP GED 19.1)"
    absent = claim("down", study="nowhere", provinces=["Alpha"])
    refused = measure(absent, both)
    assert isinstance(refused, NotTestableError)
    assert refused.reason == "the project has no study nowhere"
    assert measure_name(absent, both) == "the study nowhere"
    with pytest.raises(ProvriskError, match="'Omega'.*lacks"):
        measure(claim("down", study="other", provinces=["Omega"]), both)
