"""From figures to a verdict, by the thresholds that stand in the study's file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import false_discovery_control

from provrisk.risk.evidence.measured import Measured, NotTestableError
from provrisk.study.claims import AnyClaim, Thresholds

Word = Literal["supported", "contradicted", "inconclusive", "not separable", "not testable"]


@dataclass(frozen=True)
class Verdict:
    """What a test says of a claim: the word, why in plain sentences, and the figures (none if it could not be run).

    ``q_for`` and ``q_against`` are the p-values after the correction over all tests.
    """

    id: str
    claim: AnyClaim
    word: Word
    why: str
    measured: Measured | None = None
    q_for: float | None = None
    q_against: float | None = None


def verdicts(
    claims: Mapping[str, AnyClaim], found: Mapping[str, Measured | NotTestableError], thresholds: Thresholds
) -> list[Verdict]:
    """A verdict on each of ``claims``, all p-values of ``found`` corrected together (Benjamini and Hochberg 1995)."""
    corrected = _corrected(found)
    return [
        _judge(name, claims[name], one, thresholds, *corrected.get(name, (None, None))) for name, one in found.items()
    ]


def number_of_tests(verdicts: Sequence[Verdict]) -> int:
    """How many p-values were corrected together: two a test that has them."""
    return 2 * sum(verdict.q_for is not None for verdict in verdicts)


def _corrected(found: Mapping[str, Measured | NotTestableError]) -> dict[str, tuple[float, float]]:
    tested = {
        name: (one.p_for, one.p_against)
        for name, one in found.items()
        if isinstance(one, Measured) and one.p_for is not None and one.p_against is not None
    }
    if not tested:
        return {}
    adjusted = false_discovery_control(np.array(list(tested.values())).ravel()).reshape(-1, 2)
    return {name: (float(a), float(b)) for name, (a, b) in zip(tested, adjusted, strict=True)}


def _judge(
    name: str, claim: AnyClaim, found: Measured | NotTestableError, thresholds: Thresholds,
    q_for: float | None, q_against: float | None,
) -> Verdict:  # fmt: skip
    if isinstance(found, NotTestableError):
        reason = found.reason[:1].upper() + found.reason[1:]
        return Verdict(name, claim, "not testable", f"{reason}. It would need {found.needs}.")
    if q_for is None or q_against is None:
        word: Word = "supported" if found.holds else "inconclusive" if found.holds is None else "contradicted"
        return Verdict(name, claim, word, found.said, found)
    supported, contradicted = q_for <= thresholds.alpha, q_against <= thresholds.alpha
    word = "supported" if supported else "contradicted" if contradicted else "inconclusive"
    said = found.said
    if word == "inconclusive":
        said += f" {found.detectable}" if found.detectable else ""
        return Verdict(name, claim, word, said, found, q_for, q_against)
    way = _moved(claim, found, supported)
    mixed = [*found.rivals.get(way, ()), *([found.before[way]] if way in found.before else [])]
    if way and mixed and getattr(claim, "cause", False):
        return Verdict(
            name, claim, "not separable", f"{said} It cannot be told from {_joined(mixed)}.", found, q_for, q_against
        )
    return Verdict(name, claim, word, said, found, q_for, q_against)


def _moved(claim: AnyClaim, found: Measured, supported: bool) -> int:
    """The way of the movement that the verdict rests on: +1, -1, or 0 where it rests on the absence of one."""
    direction = getattr(claim, "direction", "none")
    if supported:
        return {"up": 1, "down": -1, "none": 0}[direction]
    way = 1 if found.estimate > 1 else -1
    # Against a claim of a movement, one of the same way is no evidence: then it was the absence.
    return 0 if {"up": 1, "down": -1}.get(direction) == way else way


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def as_records(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """The verdicts as JSON holds them: words and figures, infinite bounds as null."""
    records = []
    for one in verdicts:
        record: dict[str, object] = {"id": one.id, "claim": one.claim.model_dump(mode="json")}
        record |= {"verdict": one.word, "why": one.why, "q_for": one.q_for, "q_against": one.q_against}
        if one.measured is not None:
            found = one.measured
            figures = {"estimate": found.estimate, "low": found.low, "high": found.high}
            record |= {name: value if np.isfinite(value) else None for name, value in figures.items()}
            record["other_drivers"] = list(found.named)
        records.append(record)
    return records
