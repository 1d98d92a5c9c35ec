"""The project folder: studies, provinces and model files. The only reader of those files."""

import shutil
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from provrisk import months
from provrisk.errors import ProvriskError

FileT = TypeVar("FileT", bound=BaseModel)
PROMOTION = "promotion.toml"
PACKAGE = Path(__file__).resolve().parent


class _File(BaseModel):
    """A file the user writes: an unknown key is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _month(text: str) -> str:
    try:
        months.parse(text)
    except ProvriskError as error:
        raise ValueError(str(error)) from None
    return text


Month = Annotated[str, AfterValidator(_month)]


class Target(_File):
    """What is counted: ``column`` of the counts, how to say it, and its definition."""

    column: str
    one: str
    many: str
    definition: str


class Source(_File):
    """Where the bundled figures come from."""

    name: str
    release: str
    citation: str
    licence: str
    url: str

    def __str__(self) -> str:
        return f"{self.name} {self.release}"


class Scale(_File):
    """The study's risk levels: level i holds from ``thresholds[i - 1]`` attacks a month on.

    ``cost_ratio`` is the cost of acting in vain over that of missing; without it there is no watch list.
    """

    levels: tuple[str, ...]
    thresholds: tuple[int, ...]
    cost_ratio: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _matches(self) -> "Scale":
        if len(self.levels) != len(self.thresholds) + 1:
            raise ValueError("needs one level more than thresholds")
        if list(self.thresholds) != sorted(set(self.thresholds)) or self.thresholds[0] < 1:
            raise ValueError("thresholds must be positive and rise")
        return self


class Backtest(_File):
    """The protocol by which the first champion is chosen from ``candidates``, and the models it is held against."""

    protocol: str
    candidates: tuple[str, ...]
    benchmarks: tuple[str, ...]


class Rules(_File):
    """How event files become counts, where more than one way is sound.

    ``count`` names the source (a key of ``[actor]``) where the store holds several. ``overlap``: which of
    several releases states a month. ``spanning``: an event over several months counts where it began, or
    is spread over its days. ``coarsest_date`` and ``coarsest_place`` are grades of UCDP's scales; events
    known less precisely are set aside. ``attack_types`` and ``target_types``: count these alone.
    ``provisional_months``: how many of the newest months may still change.
    """

    count: str | None = None
    overlap: Literal["final wins", "latest wins"] = "final wins"
    spanning: Literal["start", "spread"] = "start"
    broken_bounds: Literal["remark", "set aside"] = "remark"
    coarsest_date: int | None = Field(default=None, ge=1, le=5)
    coarsest_place: int | None = Field(default=None, ge=1, le=7)
    attack_types: tuple[str, ...] = ()
    target_types: tuple[str, ...] = ()
    boundaries: str | None = None
    provisional_months: int = Field(default=0, ge=0)


class Drivers(_File):
    """What becomes of a driver of each type: see ``features.drivers``; half-life in months."""

    half_life: float = Field(default=3.0, gt=0)
    shapes: dict[str, Literal["pulse", "step", "decay"]] = Field(default_factory=dict)


FeatureName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class OutsideSeries(_File):
    """A monthly CSV (month, optional province, value) whose figures are published ``lag`` months late."""

    name: FeatureName
    file: str
    lag: int = Field(ge=0)
    unit: str
    meaning: str
    source: str


class NeighbourStudy(_File):
    """Attacks in ``provinces`` of another study as a feature of ``into`` in this one, ``lag`` months late."""

    name: FeatureName
    study: str
    provinces: tuple[str, ...] = Field(min_length=1)
    into: tuple[str, ...] = Field(min_length=1)
    lag: int = Field(ge=0)


class Protocol(_File):
    """A named backtest: its origins from ``first`` to ``last``, or the last ``origins`` of the data."""

    description: str = ""
    first: Month | None = None
    last: Month | None = None
    origins: int | None = Field(default=None, ge=1)
    horizons: int = Field(ge=1, le=12)
    draws: int = Field(ge=1000)
    refit_every: int = Field(ge=1)
    burn_in: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _names_its_origins(self) -> "Protocol":
        if (self.origins is None) != (self.first is not None and self.last is not None):
            raise ValueError("give either origins, or first and last")
        if self.first and self.last and self.first > self.last:
            raise ValueError("first lies after last")
        return self


class ProtocolsFile(RootModel[dict[str, Protocol]]):
    """``protocols.toml``."""


class StudyFile(_File):
    """``study.toml``; ``features`` names features or families of them."""

    title: str
    country: str
    first_month: Month
    horizons: int = Field(ge=1, le=12)
    active_mean: float = Field(gt=0)
    active_months: int = Field(ge=1)
    features: tuple[str, ...]
    target: Target
    source: Source
    actor: dict[str, tuple[str, ...]]
    rules: Rules = Rules()
    risk: Scale
    backtest: Backtest
    drivers: Drivers = Drivers()
    outside: tuple[OutsideSeries, ...] = ()
    neighbour_studies: tuple[NeighbourStudy, ...] = ()


class ModelFile(_File):
    """One file of ``models/``: what readers call it, its class, what it is in two lines, and its settings."""

    title: str
    model: str = Field(pattern=r"^[\w.]+:\w+$")
    description: str
    settings: dict[str, Any] = Field(default_factory=dict)


class PromotionFile(_File):
    """``models/promotion.toml``: which recipe challenges the champion, on which protocol, through which gates."""

    challenger: str
    protocol: str
    probability_lower: float = Field(gt=0.5, lt=1)
    coverage_80: tuple[float, float]
    bias: tuple[float, float]
    seconds: float = Field(gt=0)
    smoke_factor: float = Field(gt=1)


@dataclass(frozen=True)
class Study:
    """A folder under ``features/``: what is measured, where, and from which source."""

    name: str
    folder: Path
    file: StudyFile

    @cached_property
    def provinces(self) -> pd.DataFrame:
        """One row a province, indexed by canonical name; ``aliases`` is a list of other spellings."""
        table = read_table(
            self.folder / "provinces.csv",
            ["province", "iso", "pcode", "capital", "latitude", "longitude", "population", "aliases"],
        )
        if table.province.duplicated().any():
            name = table.province[table.province.duplicated()].iloc[0]
            raise ProvriskError(f"{self.folder / 'provinces.csv'} lists {name} twice: keep one row a province.")
        table["aliases"] = table.aliases.str.split("|").map(lambda names: [name for name in names if name])
        for column, low, high in (("latitude", -90, 90), ("longitude", -180, 180), ("population", 1, 1e10)):
            unknown = table[column].str.strip() == ""  # missing is allowed, wrong is not
            table[column] = pd.to_numeric(table[column], errors="coerce")
            bad = ~unknown & ~table[column].between(low, high)
            if bad.any():
                name = table.province[bad].iloc[0]
                raise ProvriskError(f"{self.folder / 'provinces.csv'}: {name} has no usable {column}: correct it.")
        for column in ("iso", "pcode"):
            codes = table[column][table[column] != ""]
            if codes.duplicated().any():
                code = codes[codes.duplicated()].iloc[0]
                raise ProvriskError(f"{self.folder / 'provinces.csv'} gives the {column} {code!r} to two provinces.")
        return table.set_index("province").sort_index()

    @cached_property
    def neighbours(self) -> pd.DataFrame:
        """One row a shared border: provinces ``a`` and ``b``."""
        path = self.folder / "neighbours.csv"
        table = read_table(path, ["a", "b"])
        for name in pd.concat([table.a, table.b]).unique():
            if name not in self.provinces.index:
                raise ProvriskError(f"{path} names {name!r}, which provinces.csv lacks: correct one of them.")
        return table

    @cached_property
    def protocols(self) -> dict[str, Protocol]:
        """The named backtests of ``protocols.toml``."""
        return _read_toml(self.folder / "protocols.toml", ProtocolsFile).root

    def protocol(self, name: str) -> Protocol:
        """The backtest called ``name``; raises ``ProvriskError`` with those there are if there is none."""
        if name not in self.protocols:
            raise ProvriskError(
                f"{self.folder / 'protocols.toml'} has no protocol {name!r}: it has {', '.join(self.protocols)}."
            )
        return self.protocols[name]

    @property
    def bundled_counts(self) -> Path:
        return self.folder / "monthly.csv"

    @property
    def boundaries(self) -> Path | None:
        """The user's GeoJSON of the provinces, if the study names one."""
        return self.folder / self.file.rules.boundaries if self.file.rules.boundaries else None


@dataclass(frozen=True)
class Project:
    """The folder with ``features/`` and ``models/``, and the one that results are written to.

    They are the same, unless ``root`` is the read-only copy inside an installed wheel: then results
    go to the current folder.
    """

    root: Path
    home: Path

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    @property
    def blocks(self) -> Path:
        """Finished blocks of backtests, which may be deleted at any time."""
        return self.home / ".cache" / "blocks"

    @property
    def mlruns(self) -> Path:
        return self.home / "mlruns"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    def study_names(self) -> list[str]:
        return sorted(path.parent.name for path in (self.root / "features").glob("*/study.toml"))

    def study(self, name: str | None = None) -> Study:
        """The study called ``name``, or the only one there is.

        Raises ``ProvriskError`` if there is no such study, or several and none was named.
        """
        names = self.study_names()
        if name is None:
            if len(names) != 1:
                raise ProvriskError(f"Several studies are here ({', '.join(names)}): name one with --study.")
            name = names[0]
        if name not in names:
            raise ProvriskError(f"There is no study {name!r} in {self.root / 'features'}: it has {', '.join(names)}.")
        return load_study(self.root / "features" / name)

    def models(self) -> dict[str, ModelFile]:
        """The model files by name (the file's stem), sorted."""
        paths = sorted(path for path in (self.root / "models").glob("*.toml") if path.name != PROMOTION)
        return {path.stem: _read_toml(path, ModelFile) for path in paths}

    def promotion(self) -> "PromotionFile":
        """The rules by which a challenger takes over."""
        return _read_toml(self.root / "models" / PROMOTION, PromotionFile)


def load_study(folder: Path) -> Study:
    """The study in ``folder``, which bears its name."""
    return Study(folder.name, folder, _read_toml(folder / "study.toml", StudyFile))


def find_project(start: Path | None = None) -> Project:
    """The project folder, looked for upwards from ``start`` (default: the current folder).

    Where there is none, the copy that the wheel carries serves, or, in an editable install, the
    checkout that the package lies in.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if _is_project(folder):
            return Project(root=folder, home=folder)
    for folder in (PACKAGE / "_project", *PACKAGE.parents):
        if _is_project(folder):
            return Project(root=folder, home=start)
    raise ProvriskError(f"No project folder at or above {start}: make one with 'provrisk init DIR'.")


def init_project(folder: Path) -> list[Path]:
    """Copy the bundled project to ``folder``; returns what was written.

    Raises ``ProvriskError`` if the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProvriskError(f"{folder} is not an empty folder: name a new one.")
    # From a place that cannot lie in a project, so that the bundled one is found.
    bundled = find_project(Path(PACKAGE.anchor)).root
    return [Path(shutil.copytree(bundled / room, folder / room)) for room in ("features", "models")]


def read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    """A CSV file of the project as text ("NA" is a name, not a missing value).

    Raises ``ProvriskError`` if the file is absent, is no CSV or lacks one of ``columns``.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProvriskError(f"{path} is missing: restore it, or make a project with 'provrisk init DIR'.") from None
    except (ValueError, UnicodeError) as error:
        raise ProvriskError(f"{path} is not a CSV table in UTF-8 ({_first_line(error)}): save it as one.") from None
    missing = [column for column in columns if column not in table]
    if missing:
        raise ProvriskError(f"{path} lacks the column {missing[0]!r}: its header is {', '.join(table.columns)}.")
    return table


def _is_project(folder: Path) -> bool:
    # Files, not folders, tell: the package itself has rooms called features/ and models/.
    return any(folder.glob("features/*/study.toml")) and any(folder.glob("models/*.toml"))


def _read_toml(path: Path, kind: type[FileT]) -> FileT:
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        # A misspelt key is also a missing one: name what stands there.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        where = ".".join(map(str, first["loc"])) or "the file"
        if first["type"] == "extra_forbidden":
            raise ProvriskError(f"{path}: unknown key {where!r}; remove it or correct its spelling.") from None
        raise ProvriskError(f"{path}: {where}: {first['msg']}.") from None
    except (tomllib.TOMLDecodeError, UnicodeError, OSError) as error:
        raise ProvriskError(f"{path} is not readable TOML: {_first_line(error)}.") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
