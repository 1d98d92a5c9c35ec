"""Claims held against published figures, on a ledger of three made-up provinces."""

from pathlib import Path

import numpy as np
import pytest

from helpers import panel_of
from provrisk.features import drivers
from provrisk.risk.evidence import ledger
from provrisk.risk.evidence.answer import answer
from provrisk.risk.evidence.record import Record
from provrisk.risk.evidence.result import NotTestableError, TestResult
from provrisk.risk.evidence.run_tests import measure, measure_name
from provrisk.risk.evidence.verdict import verdicts
from provrisk.study import Study, load_study
from provrisk.study.claims import BeforeAfter, Claim, HypothesesFile, Published, Rank, Share, Shown, Thresholds

HEAD = "id,place,first_day,last_day,who,what,value,per,computation,publisher,published_on,address,note\n"
CLAIMS = """
[series.press]
counted = "attacks in the press"
publisher = "Press"
who = "IS"
what = "attacks"
[series.abroad]
counted = "attacks abroad"
publisher = "Institute"
who = "IS"
what = "attacks"
place = "Abroad"
"""


def rows(alpha: list[int], beta: list[int]) -> str:
    """Months of 2019 by province and in all, and three of another place by another publisher."""
    text, number = HEAD, 0
    ends = [31, 28, 31, 30, 31, 30, 31, 31]
    for month, (a, b) in enumerate(zip(alpha, beta, strict=True), start=1):
        span = f"2019-{month:02}-01,2019-{month:02}-{ends[month - 1]}"
        for place, value in (("Iraq", a + b), ("Alpha", a), ("Beta", b)):
            number += 1
            text += f"P{number},{place},{span},IS,attacks,{value},,,Press,2019,a,\n"
    for month in (2, 4, 5):
        number += 1
        span = f"2019-{month:02}-01,2019-{month:02}-{ends[month - 1]}"
        text += f"P{number},Abroad,{span},IS,attacks,{month},,,Institute,2019,a,\n"
    for publisher, place, value in (("Sentinel", "Iraq", 1300), ("Ministry", "the north", 257)):
        number += 1
        text += f"P{number},{place},2019-01-01,2019-12-31,IS,attacks,{value},,,{publisher},2020,a,\n"
    return text


def record(study: Study, alpha: list[int], beta: list[int]) -> Record:
    path: Path = study.folder
    (path / ledger.FILE).write_text(rows(alpha, beta), encoding="utf-8")
    (path / "hypotheses.toml").write_text(CLAIMS, encoding="utf-8")
    study = load_study(path)
    panel = panel_of(np.ones((24, 3)), study)
    return Record(study, Thresholds(), panel, drivers.read(study), ledger=ledger.read(study))


def before_after(**more: object) -> BeforeAfter:
    given = {"test": "before_after", "series": "press", "first": "2019-01-01", "day": "2019-05-01",
             "last": "2019-08-31", "direction": "down"}  # fmt: skip
    return BeforeAfter.model_validate(given | more)


STEADY, HALVED = [40, 38, 41, 40], [20, 19, 21, 20]


def test_a_fall_is_found_with_its_days_and_rows(small_study: Study) -> None:
    held = record(small_study, STEADY + HALVED, [5] * 8)
    found = measure(before_after(), held)
    assert isinstance(found, TestResult)
    assert found.estimate == pytest.approx((100 / 123) / (179 / 120))
    assert found.p_for is not None
    assert found.p_for < 0.01
    assert "[45](#P1), [43](#P4)" in found.said
    assert "January 2019 to April 2019: 4 periods, 120 days" in found.said
    assert found.detectable is not None
    assert "would have found a fall" in found.detectable(0.05)
    assert measure_name(before_after(), held) == "attacks in the press (Press)"
    assert found.panels[0].values.value.iloc[0] == pytest.approx(45 * 7 / 31)


def test_a_province_is_held_against_its_controls(small_study: Study) -> None:
    held = record(small_study, STEADY + HALVED, STEADY + HALVED)
    found = measure(before_after(province="Alpha", controls=["Beta"]), held)
    assert isinstance(found, TestResult)
    assert found.estimate == pytest.approx(1.0)  # both halved, so it did not move against them
    alone = measure(before_after(province="Alpha"), held)
    assert isinstance(alone, TestResult)
    assert alone.estimate == pytest.approx((80 / 123) / (159 / 120))


def test_what_was_not_published_is_not_tested(small_study: Study) -> None:
    held = record(small_study, STEADY + HALVED, [5] * 8)
    early = measure(before_after(first="2018-01-01", day="2018-06-01"), held)
    assert isinstance(early, NotTestableError)
    assert "no attacks in the press of Iraq before 2018-06-01" in early.reason
    few = measure(before_after(first="2019-04-01", last="2019-05-31"), held)
    assert isinstance(few, NotTestableError)
    assert few.needs == "at least 3"


def test_shares_and_ranks_come_from_whole_tables(small_study: Study) -> None:
    held = record(small_study, [18] * 8, [2] * 8)
    spell = {"series": "press", "first": "2019-01", "last": "2019-12"}
    share = measure(Share.model_validate(spell | {"test": "share", "provinces": ["Alpha"], "at_least": 0.8}), held)
    assert isinstance(share, TestResult)
    assert share.estimate == 0.9
    assert "144 of 160, 90.0 %" in share.said
    assert share.p_for is not None
    assert share.p_for < 0.02
    rank = measure(Rank.model_validate(spell | {"test": "rank", "provinces": ["Alpha"]}), held)
    assert isinstance(rank, TestResult)
    assert rank.estimate == pytest.approx(9)
    assert rank.p_for is not None
    assert rank.p_for < 0.01
    wrong = measure(Rank.model_validate(spell | {"test": "rank", "provinces": ["Beta"]}), held)
    assert isinstance(wrong, TestResult)
    assert wrong.p_against is not None
    assert wrong.p_against < 0.01


def test_a_number_is_traced_to_the_place_that_it_is_of(small_study: Study) -> None:
    held = record(small_study, [18] * 8, [2] * 8)
    test = Published.model_validate(
        {"test": "published", "first": "2019-01", "last": "2019-12", "value": 250, "of": "Iraq", "who": ["IS"],
         "what": ["attacks"], "margin": 1.5}
    )  # fmt: skip
    found = measure(test, held)
    assert isinstance(found, TestResult)
    assert found.holds is False
    assert "is the figure of another place, the north (Ministry)" in found.said
    (table,) = found.tables.values()
    assert len(table) == 29  # the whole ledger of the year


def test_what_is_shown_is_not_tested_and_gaps_stay_gaps(small_study: Study) -> None:
    held = record(small_study, [18] * 8, [2] * 8)
    test = Shown.model_validate({"test": "shown", "series": ["abroad", "press"], "first": "2019-01", "last": "2019-06"})
    found = measure(test, held)
    assert isinstance(found, TestResult)
    assert found.shown
    assert found.said.startswith("Shown, not tested.")
    (table,) = found.tables.values()
    assert (table.iloc[:, 0] == "").tolist() == [True, False, True, False, False, True]
    claim = Claim(claim="c", source="s", tests=(test,))
    (verdict,) = verdicts({"C": claim}, {"C": [("figures", found)]}, held.thresholds)
    assert verdict.word == "shown"


def test_the_answer_is_three_sentences_that_hide_nothing(small_study: Study) -> None:
    held = record(small_study, STEADY + HALVED, [5] * 8)
    tests = (before_after(direction="none"), before_after(direction="none", province="Alpha"))
    claim = Claim(claim="Nothing changes", source="s", tests=tests)
    found = {"C": [(measure_name(test, held), measure(test, held)) for test in tests]}
    said = answer("C", verdicts({"C": claim}, found, held.thresholds), 0.9)
    assert len(said) == 3
    assert said[0].startswith("“Nothing changes”: ")
    assert "of 2 measures none rose and 2 fell" in said[0]
    assert "[179](#P1) attacks in the press were published for 120 days" in said[1]
    assert "times as many (90 % interval" in said[2]
    assert answer("", verdicts({"C": claim}, found, held.thresholds), 0.9) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"day": "2019-01-01"}, "day must lie after first"),
        ({"day": "2019-5-1"}, "is not a day"),
        ({"controls": ["Beta"]}, "controls need a province"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        before_after(**change)


def test_what_a_claim_refers_to_must_be_there() -> None:
    test = {"test": "shown", "series": ["a"], "first": "2019-01", "last": "2019-06"}
    claim = {"claim": "c", "source": "s"}
    with pytest.raises(ValueError, match="series 'a'"):
        HypothesesFile.model_validate({"claims": {"C": claim | test}})
    with pytest.raises(ValueError, match="lead 'X' is not a claim"):
        HypothesesFile.model_validate({"lead": "X"})
    with pytest.raises(ValueError, match="theme 't'"):
        HypothesesFile.model_validate(
            {"claims": {"C": claim | {"theme": "t", "test": "none", "reason": "r", "needs": "n"}}}
        )
    with pytest.raises(ValueError, match="both test and tests"):
        HypothesesFile.model_validate({"claims": {"C": claim | test | {"tests": [test]}}})
