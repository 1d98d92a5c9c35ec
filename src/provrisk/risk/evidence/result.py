"""What a test of a claim gives, before many tests are corrected for and a verdict is reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from provrisk.risk.evidence.placebo import Placebo
from provrisk.study.claims import Direction


@dataclass(frozen=True)
class PublishedPanel:
    """Figures of one publisher and definition for a picture of their own: a row a period, with their ``unit``.

    ``values`` has the columns first_day, last_day and value. ``mark`` is a level to draw a line at.
    """

    title: str
    unit: str
    values: pd.DataFrame
    mark: float | None = None


class NotTestableError(Exception):
    """A test that cannot be run: ``reason`` why, ``needs`` what would be needed."""

    def __init__(self, reason: str, needs: str) -> None:
        super().__init__(f"{reason}: needs {needs}")
        self.reason, self.needs = reason, needs


class Effect(Protocol):
    """An estimated rate ratio that can be compared with any other."""

    def p_above(self, ratio: float) -> float:
        """One-sided p-value of an effect up to ``ratio`` against one above it."""

    def p_below(self, ratio: float) -> float:
        """One-sided p-value of an effect of ``ratio`` or more against one below it."""


@dataclass(frozen=True)
class TestResult:
    """The figures of one test.

    ``p_for`` and ``p_against`` are one-sided p-values: a small one speaks for the claim, or against it; both are
    missing where the test is a plain count, which ``holds`` decides. ``detectable`` says, in words, the smallest effect
    that a one-sided test at a given level would have found. ``rivals`` are drivers that could have made a rise (+1) or
    a fall (-1), ``before`` what moved so before the event, in words. ``brief`` is the sentence, without its stop, that
    an answer is made of. ``tables`` are the test's own, by title; ``placebo`` and ``panels`` are what pictures are
    drawn from, ``day`` the one marked in them. ``shown`` marks figures that are only laid side by side. Words may hold
    links to rows of the ledger, [14](#P463).
    """

    said: str
    estimate: float
    low: float
    high: float
    p_for: float | None = None
    p_against: float | None = None
    holds: bool | None = None
    detectable: Callable[[float], str] | None = None
    rivals: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    before: Mapping[int, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    placebo: Placebo | None = None
    panels: tuple[PublishedPanel, ...] = ()
    day: pd.Timestamp | None = None
    shown: bool = False
    brief: str = ""


def p_values(effect: Effect, direction: Direction, margin: float) -> tuple[float, float]:
    """One-sided p-values for and against a claim of ``direction``.

    No effect is two one-sided tests of a ratio from 1 / ``margin`` to ``margin`` (Schuirmann 1987), never a large
    p-value. Against a rise speaks a fall, or the absence of an effect. Of all these tests at most two can be wrong at
    any true ratio, so that twice the smaller of the two p-values is one of the claim (see ``verdict``).
    """
    absent = max(effect.p_above(1 / margin), effect.p_below(margin))
    if direction == "none":
        return absent, min(effect.p_above(margin), effect.p_below(1 / margin))
    rise, fall = effect.p_above(1.0), effect.p_below(1.0)
    along, opposite = (rise, fall) if direction == "up" else (fall, rise)
    return along, min(opposite, absent)
