"""From p-values to words: corrected for many tests, by thresholds, with rivals named."""

import pytest

from provrisk import seeds
from provrisk.risk.evidence.result import NotTestableError, TestResult
from provrisk.risk.evidence.verdict import Line, as_records, number_of_tests
from provrisk.risk.evidence.verdict import verdicts as judged
from provrisk.study.claims import AnyTest, Claim, Counterfactual, Thresholds, Total

RULES = Thresholds(alpha=0.1)


def claim(direction: str = "up", cause: bool = True) -> Counterfactual:
    return Counterfactual(test="counterfactual", month="2010-01", window=6, direction=direction, cause=cause)


def verdicts(
    tests: dict[str, AnyTest], found: dict[str, TestResult | NotTestableError], rules: Thresholds
) -> list[Line]:
    """The single lines of claims with one test each."""
    claims = {name: Claim(claim="c", source="s", tests=(test,)) for name, test in tests.items()}
    return [one.lines[0] for one in judged(claims, {name: [("counts", one)] for name, one in found.items()}, rules)]


def found(p_for: float, p_against: float, estimate: float = 2.0, **more: object) -> TestResult:
    return TestResult("said.", estimate, 1.0, 3.0, p_for, p_against, detectable="least at {:.3f}.".format, **more)


def word(claim: Counterfactual, one: TestResult) -> str:
    (verdict,) = verdicts({"C": claim}, {"C": one}, RULES)
    return verdict.word


def test_the_correction_is_that_of_benjamini_and_hochberg() -> None:
    claims = {name: claim() for name in "ABC"}
    measured = {"A": found(0.01, 0.9), "B": found(0.04, 0.9), "C": found(0.5, 0.9)}
    given = verdicts(claims, measured, RULES)
    # Three p-values, each twice the smaller one: 0.02 * 3 / 1, 0.08 * 3 / 2, 1.
    assert [one.q for one in given] == pytest.approx([0.06, 0.12, 1.0])
    assert [one.word for one in given] == ["supported", "inconclusive", "inconclusive"]
    three = Claim(claim="c", source="s", tests=(claim(), claim(), claim()))
    (together,) = judged({"A": three}, {"A": list(measured.items())}, RULES)
    assert [line.q for line in together.lines] == pytest.approx([0.06, 0.12, 1.0])
    assert number_of_tests([together]) == 3


def test_words() -> None:
    assert word(claim(), found(0.01, 0.9)) == "supported"
    assert word(claim(), found(0.9, 0.01, estimate=0.5)) == "contradicted"
    assert word(claim("none"), found(0.01, 0.9, estimate=1.0)) == "supported"
    assert word(claim("none"), found(0.9, 0.01)) == "contradicted"
    assert word(claim(), found(0.3, 0.4)) == "inconclusive"


def test_what_is_inconclusive_says_what_could_have_been_seen() -> None:
    (verdict,) = verdicts({"C": claim()}, {"C": found(0.3, 0.4)}, RULES)
    assert verdict.why == "said. least at 0.050."  # one claim at 0.10, two-sided


def test_a_rival_or_an_earlier_start_makes_a_cause_not_separable() -> None:
    rival = found(0.01, 0.9, rivals={1: ("a raid (April 2010)",), -1: ("a truce (May 2010)",)})
    (verdict,) = verdicts({"C": claim()}, {"C": rival}, RULES)
    assert verdict.word == "not separable"
    assert "a raid (April 2010)" in verdict.why
    assert "truce" not in verdict.why  # it could not have made a rise
    assert word(claim(), found(0.01, 0.9, before={1: "what had begun"})) == "not separable"
    assert word(claim(), found(0.01, 0.9, before={-1: "a fall"})) == "supported"
    assert word(claim(cause=False), rival) == "supported"
    # An absence cannot be somebody else's doing; a movement against the claim can.
    assert word(claim("none"), found(0.01, 0.9, rivals={1: ("a raid",)})) == "supported"
    assert word(claim("none"), found(0.9, 0.01, rivals={1: ("a raid",)})) == "not separable"


def test_a_count_decides_itself_and_what_cannot_be_tested_says_what_it_needs() -> None:
    total = Total(test="total", first="2010-01", last="2010-12", column="attacks",
                  provinces=("Alpha",), low=1, high=3)  # fmt: skip
    claims = {"A": total, "B": total, "C": claim()}
    measured = {
        "A": TestResult("two.", 2, 2, 2, holds=True),
        "B": TestResult("nine.", 9, 9, 9, holds=False),
        "C": NotTestableError("the record is short", "more of it"),
    }
    given = verdicts(claims, measured, RULES)
    assert [one.word for one in given] == ["supported", "contradicted", "not testable"]
    assert given[2].why == "The record is short. It would need more of it."


def test_the_level_that_would_have_been_enough_is_exactly_that() -> None:
    """A hair below it the claim is decided, a hair above it is not, whatever the other claims found."""
    rng = seeds.generator("enough")
    for _ in range(100):
        p = dict(zip("ABCDE", rng.random(5) ** 3 / 2, strict=True))
        level = verdicts({n: claim() for n in p}, {n: found(x, 0.9) for n, x in p.items()}, RULES)[0].level
        for one_sided, decided in ((0.999 * level, True), (1.001 * level, False)):
            given = verdicts(
                {n: claim() for n in p}, {n: found(x, 0.9) for n, x in {**p, "A": one_sided}.items()}, RULES
            )
            assert (given[0].word == "supported") is decided


def several(*found: TestResult | NotTestableError) -> tuple[str, str, list]:
    one = Claim(claim="c", source="s", tests=(claim(),) * len(found))
    (verdict,) = judged({"C": one}, {"C": [(f"m{i}", figures) for i, figures in enumerate(found)]}, RULES)
    return verdict.word, verdict.why, as_records([verdict])


def test_a_claim_with_several_measures_names_the_word_of_each() -> None:
    up, down, open_ = found(0.001, 0.9), found(0.9, 0.001, estimate=0.5), found(0.3, 0.4)
    none, shown = NotTestableError("too short", "more"), TestResult("beside.", 1, 1, 1, shown=True)
    word, why, records = several(up, down)
    assert word == "inconclusive"
    assert why.startswith("The measures disagree: supported by m0; contradicted by m1. By m0: said.")
    assert [line["verdict"] for line in records[0]["measures"]] == ["supported", "contradicted"]
    word, why, _ = several(none, open_, up)
    assert word == "supported"
    assert why.startswith("Not testable by m0; inconclusive by m1; supported by m2.")
    assert several(none, open_)[0] == "inconclusive"
    assert several(none, shown)[0] == "shown"
    assert several(none)[0] == "not testable"


def test_records_are_free_of_links() -> None:
    _, _, records = several(TestResult("[14](#P463) came.", 1, 1, 1, holds=True))
    assert records[0]["why"] == "14 came."
