"""What a scenario file may hold: drivers that have not happened, supposed to."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from provrisk.errors import ProvriskError
from provrisk.study.project_files import read_toml
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

    @field_validator("ratio")
    @classmethod
    def _is_a_range(cls, ratio: tuple[float, float] | None) -> tuple[float, float] | None:
        if ratio is not None and not 0 < ratio[0] <= ratio[1] <= 100:
            raise ValueError("ratio must be a lowest and a highest rate ratio, above 0 and up to 100")
        return ratio


class ScenarioFile(UserFile):
    """A scenario: its name (of the folder it is written to) and what is supposed."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    suppose: tuple[Supposed, ...] = Field(min_length=1)


def suppose(
    driver: str | None = None,
    provinces: Sequence[str] = (),
    month: str | None = None,
    ratio: tuple[float, float] | None = None,
    file: Path | None = None,
) -> ScenarioFile:
    """The scenario in ``file``, or that of one driver; its name is made of the driver and the month.

    Raises ``ProvriskError`` if neither or both are given, or one of them will not do.
    """
    options = {"--driver": driver, "--provinces": provinces or None, "--month": month}
    if file is not None:
        if any(value is not None for value in (*options.values(), ratio)):
            raise ProvriskError("Give either --file, or --driver, --provinces and --month: a file has them all.")
        return read_toml(file, ScenarioFile)
    for name, value in options.items():
        if value is None:
            raise ProvriskError(f"{name} is missing: a scenario needs --driver, --provinces and --month, or --file.")
    one = {"driver": driver, "provinces": tuple(provinces), "month": month, "ratio": ratio}
    slug = "".join(c if c.isalnum() else "_" for c in str(driver).casefold())
    try:
        return ScenarioFile.model_validate({"name": f"{slug}-{month}", "suppose": [one]})
    except ValidationError as error:
        first = error.errors()[0]
        why = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise ProvriskError(f"The scenario's {first['loc'][-1]} is not valid: {why}.") from None
