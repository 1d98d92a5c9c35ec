"""What ``hypotheses.toml`` may hold: what analysts claim, how each claim is tested, and by which thresholds."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from provrisk.study.schema import Day, Month, UserFile

Direction = Literal["up", "down", "none"]
"""What a claim says happens to the counts."""


class Thresholds(UserFile):
    """By what a verdict is reached, fixed before any test is run.

    ``alpha`` bounds the false discovery rate over all tests, ``level`` is the confidence of intervals, ``power`` that
    at which the smallest detectable effect is given. Months before an event up to ``pre_trend_months`` must not have
    moved already. A test needs ``least_placebos`` other months and ``least_expected`` attacks to compare with. The
    forecasts behind a counterfactual come from models refitted every ``refit_every`` months.
    """

    alpha: float = Field(default=0.10, gt=0, lt=0.5)
    level: float = Field(default=0.90, gt=0.5, lt=1)
    power: float = Field(default=0.80, gt=0.5, lt=1)
    pre_trend_months: int = Field(default=3, ge=1, le=12)
    least_placebos: int = Field(default=24, ge=10)
    least_expected: float = Field(default=5, ge=1)
    refit_every: int = Field(default=12, ge=1, le=12)
    recipe: str = "ewma_nb"


class Series(UserFile):
    """One publisher's figures of one definition: who did, and what is counted, as in ``published.csv``.

    ``counted`` says it as a reader would, ``place`` is that of the rows, by default the whole country of the study.
    """

    counted: str
    publisher: str
    who: str
    what: str
    place: str = ""


class _Test(UserFile):
    """A way to hold a claim against figures; ``note`` is what a reader should know of it."""

    note: str = ""


class _Effect(_Test):
    """A test of whether counts move, or do not: ``none`` means that the rate ratio lies within ``margin`` either way.

    ``cause`` is whether the claim names what moved them: only then must no rival have moved them too.
    """

    direction: Direction
    margin: float = Field(default=1.25, gt=1)
    cause: bool = True


class _Event(_Effect):
    """What a dated event does: ``month`` is the first that counts as after it.

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
            raise ValueError("window must be one of the windows")
        return self


class Counterfactual(_Event):
    """Observed counts against what the recipe of the thresholds forecast before the event.

    With ``study`` the counts are those of another study, in its ``provinces``: another measure, which may hold what the
    claim does not include; ``besides`` says what.
    """

    test: Literal["counterfactual"]
    study: str = ""
    besides: str = ""

    @model_validator(mode="after")
    def _names_places_of_the_other_study(self) -> Self:
        if self.study and not self.provinces:
            raise ValueError("with study the test needs provinces, by their names there")
        return self


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


class _Spell(_Test):
    """How things stood from ``first`` to ``last``."""

    first: Month
    last: Month

    @model_validator(mode="after")
    def _is_a_spell(self) -> Self:
        if self.first > self.last:
            raise ValueError("first lies after last")
        return self


class Share(_Spell):
    """``provinces`` hold ``at_least`` this share of all: by the study's counts, or by a published ``series``."""

    test: Literal["share"]
    series: str = ""
    provinces: tuple[str, ...] = Field(min_length=1)
    at_least: float = Field(gt=0, lt=1)


class Rank(_Spell):
    """``provinces`` are those with the most attacks, in whatever order: by the study's counts, or by a ``series``."""

    test: Literal["rank"]
    series: str = ""
    provinces: tuple[str, ...] = Field(min_length=1)


class Total(_Spell):
    """The sum of a ``column`` of the counts over ``provinces`` lies between ``low`` and ``high``."""

    test: Literal["total"]
    column: str
    provinces: tuple[str, ...] = Field(min_length=1)
    low: float = Field(ge=0)
    high: float


class Published(_Spell):
    """A figure of ``value`` a year ``of`` a place, against the ledger's: those of ``who`` that count one of ``what``.

    It holds if published figures of the same scope lie within a factor ``margin``.
    """

    test: Literal["published"]
    value: float = Field(gt=0)
    of: str
    who: tuple[str, ...] = Field(min_length=1)
    what: tuple[str, ...] = Field(min_length=1)
    margin: float = Field(gt=1)


class BeforeAfter(_Effect):
    """Published counts of a ``series`` before and from ``day`` on, of the periods from ``first`` to ``last``.

    With ``province`` its counts, and with ``controls`` its part of theirs and its own together: how it moved over how
    they moved.
    """

    test: Literal["before_after"]
    series: str
    day: Day
    first: Day
    last: Day
    province: str = ""
    controls: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_around_the_day(self) -> Self:
        if not self.first < self.day <= self.last:
            raise ValueError("day must lie after first and not after last")
        if self.controls and not self.province:
            raise ValueError("controls need a province to be compared with")
        return self


class Shown(_Spell):
    """Published ``series`` laid side by side, month by month; nothing is tested."""

    test: Literal["shown"]
    series: tuple[str, ...] = Field(min_length=1)


class Untestable(_Test):
    """No test here fits: why, and what would be needed."""

    test: Literal["none"]
    reason: str
    needs: str


AnyTest = Annotated[
    Counterfactual
    | Difference
    | Divergence
    | Lag
    | Share
    | Rank
    | Total
    | Published
    | BeforeAfter
    | Shown
    | Untestable,
    Field(discriminator="test"),
]


class Claim(UserFile):
    """A sentence that somebody wrote, in our words, where it stands, and the ``tests`` that it is put to.

    The keys of a single test may stand in the claim's own table. ``note`` is what a reader should know, ``theme`` the
    part of the page that the claim stands in.
    """

    claim: str
    source: str
    note: str = ""
    theme: str = ""
    tests: tuple[AnyTest, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _with_its_only_test(cls, said: Any) -> Any:
        if not isinstance(said, dict) or "test" not in said:
            return said
        if "tests" in said:
            raise ValueError("it has both test and tests: write every test into tests")
        own = {name: value for name, value in said.items() if name in ("claim", "source", "note", "theme")}
        return own | {"tests": [{name: value for name, value in said.items() if name not in own}]}


class Theme(UserFile):
    """A part of the page: its title, and what the claims in it have in common."""

    title: str
    text: str = ""


class HypothesesFile(UserFile):
    """``hypotheses.toml``; ``lead`` is the claim whose answer the page opens with."""

    lead: str = ""
    thresholds: Thresholds = Thresholds()
    series: dict[str, Series] = Field(default_factory=dict)
    themes: dict[str, Theme] = Field(default_factory=dict)
    claims: dict[str, Claim] = Field(default_factory=dict)

    def tests(self) -> Iterator[tuple[str, AnyTest]]:
        """Every test with the claim that is put to it."""
        return ((name, test) for name, claim in self.claims.items() for test in claim.tests)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        if self.lead and self.lead not in self.claims:
            raise ValueError(f"lead {self.lead!r} is not a claim")
        for name, claim in self.claims.items():
            if claim.theme and claim.theme not in self.themes:
                raise ValueError(f"claims.{name} has the theme {claim.theme!r}, which is not in [themes]")
        for name, test in self.tests():
            asked = getattr(test, "series", "")
            for series in (asked,) if isinstance(asked, str) else asked:
                if series and series not in self.series:
                    raise ValueError(f"claims.{name} uses the series {series!r}, which is not in [series]")
        return self
