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

    ``q`` is the claim's two-sided p-value after the correction over all claims, and ``level`` the one-sided p-value
    that would have been enough for a verdict, given those of the others.
    """

    id: str
    claim: AnyClaim
    word: Word
    why: str
    measured: Measured | None = None
    q: float | None = None
    level: float | None = None


def verdicts(
    claims: Mapping[str, AnyClaim], found: Mapping[str, Measured | NotTestableError], thresholds: Thresholds
) -> list[Verdict]:
    """A verdict on each of ``claims``, the p-values of all ``found`` corrected together (Benjamini and Hochberg 1995).

    A claim has one: twice the smaller of that for it and that against it.
    """
    p = {name: value for name, one in found.items() if (value := two_sided(one)) is not None}
    q = dict(zip(p, false_discovery_control(np.array(list(p.values()))), strict=True)) if p else {}
    return [
        _judge(name, claims[name], one, thresholds, float(q[name]), enough(p, name, thresholds.alpha) / 2)
        if name in q
        else _plain(name, claims[name], one)
        for name, one in found.items()
    ]


def number_of_tests(verdicts: Sequence[Verdict]) -> int:
    """How many p-values were corrected together: one of each claim that has them."""
    return sum(verdict.q is not None for verdict in verdicts)


def two_sided(found: Measured | NotTestableError) -> float | None:
    """The p-value of a claim, for and against it together; None where it has none."""
    if isinstance(found, NotTestableError) or found.p_for is None or found.p_against is None:
        return None
    return min(1.0, 2 * min(found.p_for, found.p_against))


def enough(p: Mapping[str, float], name: str, alpha: float) -> float:
    """The largest p-value with which the claim ``name`` would have been decided, given those of the others."""
    others = sorted(value for key, value in p.items() if key != name)
    bars = alpha * np.arange(1, len(p) + 1) / len(p)
    # With r - 1 of the others at or below the r-th bar, the claim may come in as the r-th.
    ranks = [r for r in range(1, len(p) + 1) if r == 1 or others[r - 2] <= bars[r - 1]]
    return float(bars[max(ranks) - 1])


def _plain(name: str, claim: AnyClaim, found: Measured | NotTestableError) -> Verdict:
    """The verdict on a claim that no p-value decides."""
    if isinstance(found, NotTestableError):
        reason = found.reason[:1].upper() + found.reason[1:]
        return Verdict(name, claim, "not testable", f"{reason}. It would need {found.needs}.")
    word: Word = "supported" if found.holds else "inconclusive" if found.holds is None else "contradicted"
    return Verdict(name, claim, word, found.said, found)


def _judge(
    name: str, claim: AnyClaim, found: Measured | NotTestableError, thresholds: Thresholds, q: float, level: float
) -> Verdict:
    assert isinstance(found, Measured) and found.p_for is not None and found.p_against is not None  # noqa: S101, PT018 - for the type checker
    said = found.said
    if q > thresholds.alpha:
        said += f" {found.detectable(level)}" if found.detectable else ""
        return Verdict(name, claim, "inconclusive", said, found, q, level)
    supported = found.p_for <= found.p_against
    way = _moved(claim, found, supported)
    mixed = [*found.rivals.get(way, ()), *([found.before[way]] if way in found.before else [])]
    if way and mixed and getattr(claim, "cause", False):
        said = f"{said} It cannot be told from {_joined(mixed)}."
        return Verdict(name, claim, "not separable", said, found, q, level)
    return Verdict(name, claim, "supported" if supported else "contradicted", said, found, q, level)


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
        record |= {"verdict": one.word, "why": one.why, "q": one.q}
        if one.measured is not None:
            found = one.measured
            figures = {"estimate": found.estimate, "low": found.low, "high": found.high}
            record |= {name: value if np.isfinite(value) else None for name, value in figures.items()}
            record["other_drivers"] = list(found.named)
        records.append(record)
    return records
