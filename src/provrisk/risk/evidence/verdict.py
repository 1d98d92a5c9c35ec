"""From figures to verdicts, by the thresholds that stand in the study's file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import false_discovery_control

from provrisk.risk.evidence.quoting import joined
from provrisk.risk.evidence.result import NotTestableError, TestResult
from provrisk.study.claims import AnyTest, Claim, Thresholds
from provrisk.text import unlinked

Word = Literal["supported", "contradicted", "inconclusive", "not separable", "shown", "not testable"]

WEIGHT: tuple[Word, ...] = ("not separable", "inconclusive", "shown", "not testable")
"""Of several lines without a clear one the first of these words is the claim's."""

MOST_NAMED = 6
"""Other drivers that are named; of more than these only the number is given."""


@dataclass(frozen=True)
class Line:
    """What one test says of a claim: the word, why in plain sentences, and the figures (none if it could not be run).

    ``measure`` says what was counted and the publisher. ``q`` is the two-sided p-value after the correction over all
    tests, and ``level`` the one-sided p-value that would have been enough for a verdict, given those of the others.
    """

    test: AnyTest
    measure: str
    word: Word
    why: str
    measured: TestResult | None = None
    q: float | None = None
    level: float | None = None

    @property
    def counted(self) -> str:
        """The measure without who counted."""
        return self.measure.partition(" (")[0]


@dataclass(frozen=True)
class Verdict:
    """What all tests say of a claim, one line each."""

    id: str
    claim: Claim
    lines: tuple[Line, ...]

    @property
    def word(self) -> Word:
        """The clearest word of any line, unless one supports what another contradicts: then nothing is concluded."""
        words = {line.word for line in self.lines}
        clear = [word for word in ("supported", "contradicted") if word in words]
        if len(clear) == 2:
            return "inconclusive"
        return clear[0] if clear else next(word for word in WEIGHT if word in words)

    @property
    def summary(self) -> str:
        """Every measure's word, so that no disagreement is hidden."""
        words = dict.fromkeys(line.word for line in self.lines)
        by = [f"{word} by {joined([line.counted for line in self.lines if line.word == word])}" for word in words]
        apart = "the measures disagree: " if {"supported", "contradicted"} <= set(words) else ""
        return apart + "; ".join(by)

    @property
    def named(self) -> str:
        """The other dated drivers in the months of any line: the first MOST_NAMED, and how many more."""
        names = list(dict.fromkeys(name for line in self.lines if line.measured for name in line.measured.named))
        more = f"; and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return "; ".join(names[:MOST_NAMED]) + more

    @property
    def why(self) -> str:
        """Why, in plain sentences: of several measures every one's word first."""
        if len(self.lines) == 1:
            return self.lines[0].why
        said = " ".join(f"By {line.measure}: {line.why}" for line in self.lines)
        return f"{self.summary[:1].upper()}{self.summary[1:]}. {said}"


def verdicts(
    claims: Mapping[str, Claim],
    found: Mapping[str, Sequence[tuple[str, TestResult | NotTestableError]]],
    thresholds: Thresholds,
) -> list[Verdict]:
    """A verdict on each of ``claims``, the p-values of all tests corrected together (Benjamini and Hochberg 1995).

    ``found`` has, by claim, the name of the measure and the figures of each of its tests. A test has one p-value: twice
    the smaller of that for the claim and that against it.
    """
    figures = {(name, number): one for name, lines in found.items() for number, (_, one) in enumerate(lines)}
    p = {key: value for key, one in figures.items() if (value := two_sided(one)) is not None}
    q = dict(zip(p, false_discovery_control(np.array(list(p.values()))), strict=True)) if p else {}

    def line(key: tuple[str, int], test: AnyTest, measure: str) -> Line:
        if key not in q:
            return _plain(test, measure, figures[key])
        return _judge(test, measure, figures[key], thresholds, float(q[key]), enough(p, key, thresholds.alpha) / 2)

    return [
        Verdict(
            name,
            claims[name],
            tuple(
                line((name, number), test, measure)
                for number, (test, (measure, _)) in enumerate(zip(claims[name].tests, lines, strict=True))
            ),
        )
        for name, lines in found.items()
    ]


def number_of_tests(verdicts: Sequence[Verdict]) -> int:
    """How many p-values were corrected together: one of each test that has them."""
    return sum(line.q is not None for verdict in verdicts for line in verdict.lines)


def two_sided(found: TestResult | NotTestableError) -> float | None:
    """The p-value of a test, for and against the claim together; None where it has none."""
    if isinstance(found, NotTestableError) or found.p_for is None or found.p_against is None:
        return None
    return min(1.0, 2 * min(found.p_for, found.p_against))


def enough(p: Mapping[tuple[str, int], float], test: tuple[str, int], alpha: float) -> float:
    """The largest p-value with which ``test`` would have decided, given those of the others."""
    others = sorted(value for key, value in p.items() if key != test)
    bars = alpha * np.arange(1, len(p) + 1) / len(p)
    # With r - 1 of the others at or below the r-th bar, this one may come in as the r-th.
    ranks = [r for r in range(1, len(p) + 1) if r == 1 or others[r - 2] <= bars[r - 1]]
    return float(bars[max(ranks) - 1])


def _plain(test: AnyTest, measure: str, found: TestResult | NotTestableError) -> Line:
    """What a test says that no p-value decides."""
    if isinstance(found, NotTestableError):
        reason = found.reason[:1].upper() + found.reason[1:]
        return Line(test, measure, "not testable", f"{reason}. It would need {found.needs}.")
    if found.shown:
        return Line(test, measure, "shown", found.said, found)
    word: Word = "supported" if found.holds else "inconclusive" if found.holds is None else "contradicted"
    return Line(test, measure, word, found.said, found)


def _judge(
    test: AnyTest, measure: str, found: TestResult | NotTestableError, thresholds: Thresholds, q: float, level: float
) -> Line:
    assert isinstance(found, TestResult) and found.p_for is not None and found.p_against is not None  # noqa: S101, PT018 - for the type checker
    said = found.said
    if q > thresholds.alpha:
        said += f" {found.detectable(level)}" if found.detectable else ""
        return Line(test, measure, "inconclusive", said, found, q, level)
    supported = found.p_for <= found.p_against
    way = _moved(test, found, supported)
    mixed = [*found.rivals.get(way, ()), *([found.before[way]] if way in found.before else [])]
    if way and mixed and getattr(test, "cause", False):
        said = f"{said} It cannot be separated from {joined(mixed)}."
        return Line(test, measure, "not separable", said, found, q, level)
    return Line(test, measure, "supported" if supported else "contradicted", said, found, q, level)


def _moved(test: AnyTest, found: TestResult, supported: bool) -> int:
    """The way of the movement that the verdict rests on: +1, -1, or 0 where it rests on the absence of one."""
    direction = getattr(test, "direction", "none")
    if supported:
        return {"up": 1, "down": -1, "none": 0}[direction]
    way = 1 if found.estimate > 1 else -1
    # Against a claim of a movement, one of the same way is no evidence: then it was the absence.
    return 0 if {"up": 1, "down": -1}.get(direction) == way else way


def as_records(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """The verdicts as JSON holds them, a line a measure: words and figures, infinite bounds as null."""
    return [
        {
            "id": one.id,
            "claim": one.claim.model_dump(mode="json"),
            "verdict": one.word,
            "why": unlinked(one.why),
            "measures": [_line_record(line) for line in one.lines],
        }
        for one in verdicts
    ]


def _line_record(line: Line) -> dict[str, object]:
    record: dict[str, object] = {"measure": line.measure, "test": line.test.test, "verdict": line.word}
    record |= {"why": unlinked(line.why), "q": line.q}
    if (found := line.measured) is not None:
        figures = {"estimate": found.estimate, "low": found.low, "high": found.high}
        record |= {name: value if np.isfinite(value) else None for name, value in figures.items()}
        record["other_drivers"] = list(found.named)
    return record
