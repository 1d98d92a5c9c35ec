"""What a scenario file may hold: drivers that have not happened, supposed to."""

from typing import Self

from pydantic import Field, model_validator

from provrisk.study.schema import Month, UserFile


class Supposed(UserFile):
    """A driver of a type of drivers.csv that begins in ``provinces`` in ``month``.

    ``ratio`` is a range of rate ratios, from lowest to highest; without it the effect is that of past drivers of the
    type.
    """

    driver: str
    provinces: tuple[str, ...] = Field(min_length=1)
    month: Month
    ratio: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.ratio is not None and not 0 < self.ratio[0] <= self.ratio[1] <= 100:
            raise ValueError("ratio must be a lowest and a highest rate ratio, above 0 and up to 100")
        return self


class ScenarioFile(UserFile):
    """A scenario: its name (of the folder it is written to) and what is supposed."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    suppose: tuple[Supposed, ...] = Field(min_length=1)
