"""From p-values to words: corrected for many tests, by thresholds, with rivals named."""

import pytest

from provrisk import seeds
from provrisk.risk.evidence.measured import Measured, NotTestableError
from provrisk.risk.evidence.verdict import as_records, number_of_tests, verdicts
from provrisk.study.claims import Counterfactual, Thresholds, Total

RULES = Thresholds(alpha=0.1)


def claim(direction: str = "up", cause: bool = True) -> Counterfactual:
    return Counterfactual(
        claim="c", source="s", test="counterfactual", month="2010-01", window=6, direction=direction, cause=cause
    )


def found(p_for: float, p_against: float, estimate: float = 2.0, **more: object) -> Measured:
    return Measured("said.", estimate, 1.0, 3.0, p_for, p_against, detectable="least at {:.3f}.".format, **more)


def word(claim: Counterfactual, one: Measured) -> str:
    (verdict,) = verdicts({"C": claim}, {"C": one}, RULES)
    return verdict.word


def test_the_correction_is_that_of_benjamini_and_hochberg() -> None:
    claims = {name: claim() for name in "ABC"}
    measured = {"A": found(0.01, 0.9), "B": found(0.04, 0.9), "C": found(0.5, 0.9)}
    given = verdicts(claims, measured, RULES)
    # Three p-values, each twice the smaller one: 0.02 * 3 / 1, 0.08 * 3 / 2, 1.
    assert [one.q for one in given] == pytest.approx([0.06, 0.12, 1.0])
    assert [one.word for one in given] == ["supported", "inconclusive", "inconclusive"]
    assert number_of_tests(given) == 3


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
    total = Total(claim="c", source="s", test="total", first="2010-01", last="2010-12", column="attacks",
                  provinces=("Alpha",), low=1, high=3)  # fmt: skip
    claims = {"A": total, "B": total, "C": claim()}
    measured = {
        "A": Measured("two.", 2, 2, 2, holds=True),
        "B": Measured("nine.", 9, 9, 9, holds=False),
        "C": NotTestableError("the record is short", "more of it"),
    }
    given = verdicts(claims, measured, RULES)
    assert [one.word for one in given] == ["supported", "contradicted", "not testable"]
    assert given[2].why == "The record is short. It would need more of it."
    assert [record["verdict"] for record in as_records(given)] == ["supported", "contradicted", "not testable"]


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
