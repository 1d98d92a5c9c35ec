"""What the files of a project may hold: one class a file or table of it."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, model_validator

from provrisk import months
from provrisk.errors import ProvriskError


class UserFile(BaseModel):
    """A file the user writes: an unknown key is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _month(text: str) -> str:
    try:
        months.parse(text)
    except ProvriskError as error:
        raise ValueError(str(error)) from None
    return text


Month = Annotated[str, AfterValidator(_month)]


def _day(text: str) -> str:
    try:
        months.day(text, "the day")
    except ProvriskError as error:
        raise ValueError(str(error)) from None
    return text


Day = Annotated[str, AfterValidator(_day)]
Months = Annotated[int, Field(ge=0, le=1200)]
"""A number of months, within a century."""
Factor = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Label = Annotated[str, Field(min_length=1, max_length=500)]
"""A name or a sentence that pages and tables show."""


class Target(UserFile):
    """What is counted: ``column`` of the counts, how to say it, and its definition."""

    column: Label
    one: Label
    many: Label
    definition: Label


class Unit(UserFile):
    """What readers call a row of provinces.csv."""

    one: Label = "province"
    many: Label = "provinces"


class Source(UserFile):
    """Where the bundled figures come from; ``published``: the day of publication of that release."""

    name: Label
    release: str
    published: datetime.date | None = None
    citation: str
    licence: str
    url: str

    def __str__(self) -> str:
        return f"{self.name} {self.release}"


class Scale(UserFile):
    """The study's risk levels: level i holds from ``thresholds[i - 1]`` attacks a month on.

    An ``escalation`` is a month above this count, and above 1.5 times the mean of the last year.

    ``cost_ratio`` is the cost of a false alarm over that of a missed event; without it there is no watch list. A
    province is ``active`` in the bulletin, which then shows it alone, from this chance of at least the first
    threshold on.
    """

    levels: tuple[Label, ...]
    thresholds: tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...] = Field(min_length=1)
    cost_ratio: Factor | None = None
    escalation: int = Field(default=3, ge=1, le=1_000_000)
    active: Annotated[float, Field(ge=0, le=1)] = 0.2

    @model_validator(mode="after")
    def _matches(self) -> "Scale":
        if len(self.levels) != len(self.thresholds) + 1:
            raise ValueError("needs one more level than thresholds")
        if list(self.thresholds) != sorted(set(self.thresholds)):
            raise ValueError("thresholds must rise")
        if len(set(self.levels)) < len(self.levels):
            raise ValueError("two levels have the same name")
        return self


class Backtest(UserFile):
    """The protocol by which the first champion is chosen from ``candidates``, and the models it is compared with."""

    protocol: str
    candidates: tuple[str, ...]
    benchmarks: tuple[str, ...]


class Rules(UserFile):
    """How event files become counts, where more than one way is sound.

    ``count`` names the source (a key of ``[actor]``) where the store holds several. ``overlap``: which of
    several releases states a month. ``spanning``: an event over several months counts where it began, or
    is spread over its days. ``coarsest_date`` and ``coarsest_place`` are grades of UCDP's scales; events
    known less precisely are excluded. ``attack_types`` and ``target_types``: count these alone.
    ``provisional_months``: how many of the newest months may still change.
    """

    count: str | None = None
    overlap: Literal["final wins", "latest wins"] = "final wins"
    spanning: Literal["start", "spread"] = "start"
    broken_bounds: Literal["remark", "excluded", "set aside"] = "remark"
    coarsest_date: int | None = Field(default=None, ge=1, le=5)
    coarsest_place: int | None = Field(default=None, ge=1, le=7)
    attack_types: tuple[str, ...] = ()
    target_types: tuple[str, ...] = ()
    boundaries: str | None = None
    provisional_months: Months = 0


class Drivers(UserFile):
    """What becomes of a driver of each type: see ``features.drivers``; half-life in months."""

    half_life: Factor = 3.0
    shapes: dict[str, Literal["pulse", "step", "decay"]] = Field(default_factory=dict)


FeatureName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class OutsideSeries(UserFile):
    """A monthly CSV (month, optional province, value) whose figures are published ``lag`` months late."""

    name: FeatureName
    file: str
    lag: Months
    unit: str
    meaning: str
    source: str


class NeighbourStudy(UserFile):
    """Attacks in ``provinces`` of another study as a feature of ``into`` in this one, ``lag`` months late."""

    name: FeatureName
    study: str
    provinces: tuple[str, ...] = Field(min_length=1)
    into: tuple[str, ...] = Field(min_length=1)
    lag: Months


class Protocol(UserFile):
    """A named backtest: its origins from ``first`` to ``last``, or the last ``origins`` of the data."""

    description: str = ""
    first: Month | None = None
    last: Month | None = None
    origins: int | None = Field(default=None, ge=1, le=1200)
    horizons: int = Field(ge=1, le=12)
    draws: int = Field(ge=1000, le=100_000)
    refit_every: int = Field(ge=1, le=1200)
    burn_in: Months = 0

    @model_validator(mode="after")
    def _names_its_origins(self) -> "Protocol":
        given = [self.origins is not None, self.first is not None, self.last is not None]
        if given not in ([True, False, False], [False, True, True]):
            raise ValueError("give either origins, or first and last")
        if self.first and self.last and self.first > self.last:
            raise ValueError("first lies after last")
        return self


PlainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)]
"""What files and folders may be called, so that a name leads nowhere else."""


class ProtocolsFile(RootModel[dict[PlainName, Protocol]]):
    """``protocols.toml``."""


class Publisher(UserFile):
    """Who issues the bulletin; ``handling`` is its mark (such as TLP:GREEN), ``logo`` an SVG or PNG file beside it."""

    name: Label
    contact: str = Field(default="", max_length=500)
    handling: str = Field(default="", max_length=100)
    logo: PlainName | None = None


class Alerts(UserFile):
    """What a job tells as soon as it sees it (docs/alerts.md).

    ``escalation``: P(escalation) from which a province has an alert. ``unlike_years``: spans that a month must stand
    out of. ``late_days``: days after a month's end by which its data should be there. ``cap``: write messages of the
    Common Alerting Protocol, too.
    """

    level_rose: bool = True
    watch_list: bool = True
    escalation: Annotated[float, Field(gt=0, le=1)] | None = 0.5
    unlike_years: tuple[Annotated[int, Field(ge=1, le=100)], ...] = (1, 3)
    late_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    data_stopped: bool = True
    champion_replaced: bool = True
    cap: bool = False


class StudyFile(UserFile):
    """``study.toml``; ``features`` names features or families; ``country_ids`` are the country's numbers elsewhere.

    ``language`` lists the languages of the bulletin, the first one's file bearing its plain name.
    """

    title: Label
    country: Label
    first_month: Month
    horizons: int = Field(ge=1, le=12)
    active_mean: Factor
    active_months: int = Field(ge=1, le=1200)
    features: tuple[str, ...]
    target: Target
    unit: Unit = Unit()
    source: Source
    actor: dict[str, tuple[str, ...]]
    rules: Rules = Rules()
    risk: Scale
    backtest: Backtest
    drivers: Drivers = Drivers()
    outside: tuple[OutsideSeries, ...] = ()
    neighbour_studies: tuple[NeighbourStudy, ...] = ()
    country_ids: dict[Literal["views"], int] = Field(default_factory=dict)
    language: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = Field(default=("en",), min_length=1)
    publisher: Publisher | None = None
    alerts: Alerts = Alerts()


class ModelFile(UserFile):
    """One file of ``models/``: what readers call it, its class, what it is in two lines, and its settings.

    With ``learnt`` the model is given what ``provrisk learn`` made, as the setting of that name.
    """

    title: Label
    model: str = Field(pattern=r"^[\w.]+:\w+$")
    description: str
    learnt: bool = False
    settings: dict[str, Any] = Field(default_factory=dict)


def _rises(band: tuple[float, float]) -> tuple[float, float]:
    if not band[0] <= band[1]:
        raise ValueError("the lower bound must be first")
    return band


Band = Annotated[tuple[float, float], AfterValidator(_rises)]


class PromotionFile(UserFile):
    """``models/promotion.toml``: which recipe challenges the champion, on which protocol, through which gates."""

    challenger: str
    protocol: str
    p_better: float = Field(gt=0, lt=0.5)
    coverage_80: Band
    bias: Band
    seconds: Factor
    smoke_factor: float = Field(gt=1, allow_inf_nan=False)
