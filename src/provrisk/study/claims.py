"""What ``hypotheses.toml`` may hold: what analysts claim, how each claim is tested, and by which thresholds."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from provrisk.study.schema import Month, UserFile

Direction = Literal["up", "down", "none"]
"""What a claim says happens to the counts."""


class Thresholds(UserFile):
    """By what a verdict is reached, fixed before any test is run.

    ``alpha`` bounds the false discovery rate over all tests, ``level`` is the confidence of intervals, ``power`` that
    at which the smallest detectable effect is given. Months before an event up to ``pre_trend_months`` must not have
    moved already. A test needs ``least_placebos`` other months and ``least_expected`` attacks to compare with. The
    forecasts behind a counterfactual come from models fitted anew every ``refit_every`` months.
    """

    alpha: float = Field(default=0.10, gt=0, lt=0.5)
    level: float = Field(default=0.90, gt=0.5, lt=1)
    power: float = Field(default=0.80, gt=0.5, lt=1)
    pre_trend_months: int = Field(default=3, ge=1, le=12)
    least_placebos: int = Field(default=24, ge=10)
    least_expected: float = Field(default=5, ge=1)
    refit_every: int = Field(default=1, ge=1, le=12)


class Claim(UserFile):
    """A sentence that somebody wrote, in our words, and where it stands; ``note`` is what a reader should know."""

    claim: str
    source: str
    note: str = ""


class _Effect(Claim):
    """A claim that counts move, or do not: ``none`` means that the rate ratio lies within ``margin`` either way.

    ``cause`` is whether the claim names what moved them: only then must no rival have moved them too.
    """

    direction: Direction
    margin: float = Field(default=1.25, gt=1)
    cause: bool = True


class _Event(_Effect):
    """A claim about what a dated event does: ``month`` is the first that counts as after it.

    ``windows`` are months from it on, ``window`` the one that the verdict rests on. ``drivers`` are rows of
    drivers.csv that are the event itself, so that they are no rivals of it. No ``provinces`` are all of them.
    """

    month: Month
    provinces: tuple[str, ...] = ()
    windows: tuple[int, ...] = (1, 3, 6, 12)
    window: int
    drivers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_its_window(self) -> Self:
        if not self.windows or min(self.windows) < 1 or max(self.windows) > 12:
            raise ValueError("windows must lie between 1 and 12 months")
        if self.window not in self.windows:
            raise ValueError("window must be one of windows")
        return self


class Counterfactual(_Event):
    """Observed counts against what the champion's recipe forecast before the event."""

    test: Literal["counterfactual"]


class Difference(_Event):
    """Difference in differences: ``provinces`` against the ``controls``, after against ``before`` months before."""

    test: Literal["difference"]
    provinces: tuple[str, ...] = Field(min_length=1)
    controls: tuple[str, ...] = Field(min_length=1)
    before: int = Field(default=12, ge=1)


class Divergence(_Event):
    """What the source ``sees`` against what the study's own source counts, after against ``before`` months before."""

    test: Literal["divergence"]
    sees: str
    before: int = Field(default=12, ge=1)


class Lag(_Effect):
    """What follows a standing driver: the panel's ``variable`` at ``lags`` months, in a regression of counts.

    The rate ratio is that of one ``unit`` more of the variable, or of a ``doubling`` of one and the variable.
    """

    test: Literal["lag"]
    variable: str
    per: Literal["unit", "doubling"] = "unit"
    lags: tuple[int, ...] = Field(min_length=1)
    provinces: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _lags_are_past(self) -> Self:
        if min(self.lags) < 0 or len(set(self.lags)) != len(self.lags):
            raise ValueError("lags must be 0 or more, each once")
        return self


class _Spell(Claim):
    """A claim about how things stood from ``first`` to ``last``."""

    first: Month
    last: Month

    @model_validator(mode="after")
    def _is_a_spell(self) -> Self:
        if self.first > self.last:
            raise ValueError("first lies after last")
        return self


class Share(_Spell):
    """``provinces`` hold ``at_least`` this share of all attacks."""

    test: Literal["share"]
    provinces: tuple[str, ...] = Field(min_length=1)
    at_least: float = Field(gt=0, lt=1)


class Rank(_Spell):
    """``provinces`` are those with the most attacks, in whatever order among themselves."""

    test: Literal["rank"]
    provinces: tuple[str, ...] = Field(min_length=1)


class Total(_Spell):
    """The sum of a ``column`` of the counts over ``provinces`` lies between ``low`` and ``high``."""

    test: Literal["total"]
    column: str
    provinces: tuple[str, ...] = Field(min_length=1)
    low: float = Field(ge=0)
    high: float


class Published(_Spell):
    """A figure of ``value`` a year ``of`` a place, against those of ``public_counts.csv``.

    It holds if published figures of the same scope lie within a factor ``margin``.
    """

    test: Literal["published"]
    value: float = Field(gt=0)
    of: str
    margin: float = Field(gt=1)


class Untestable(Claim):
    """A claim that no test here fits: why, and what would be needed."""

    test: Literal["none"]
    reason: str
    needs: str


AnyClaim = Annotated[
    Counterfactual | Difference | Divergence | Lag | Share | Rank | Total | Published | Untestable,
    Field(discriminator="test"),
]


class HypothesesFile(UserFile):
    """``hypotheses.toml``."""

    thresholds: Thresholds = Thresholds()
    claims: dict[str, AnyClaim] = Field(default_factory=dict)
