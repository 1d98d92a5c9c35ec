"""The project folder: studies, provinces and model files. The only reader of those files."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from provrisk import files, folders, notebook
from provrisk.errors import ProvriskError
from provrisk.study.claims import Claim, HypothesesFile
from provrisk.study.learnt import Learnt, read_learnt
from provrisk.study.outlines import Polygons, find_outlines
from provrisk.study.project_files import check_name, read_table, read_toml
from provrisk.study.schema import ModelFile, PromotionFile, Protocol, ProtocolsFile, StudyFile

PROMOTION = "promotion.toml"
LEARNT = "learnt.json"
"""What ``provrisk learn`` made, beside the model files that it is for."""


@dataclass(frozen=True)
class Study:
    """A folder under ``features/`` of a project: what is measured, where, and from which source."""

    name: str
    folder: Path
    file: StudyFile
    project: "Project"

    def __repr__(self) -> str:
        return f"Study({self.name!r}: {self.file.title}, {len(self.provinces)} provinces)"

    def _repr_html_(self) -> str:
        file = self.file
        lines = {
            "counted": file.target.definition,
            "where": f"{len(self.provinces)} provinces of {file.country}, from {file.first_month} on",
            "bundled source": f"{file.source} ({file.source.licence})",
            "forecasts": f"1 to {file.horizons} months ahead",
            "features": ", ".join(file.features),
            "protocols": ", ".join(self.protocols),
            "folder": self.folder,
        }
        return notebook.facts(f"{self.name}: {file.title}", lines)

    @cached_property
    def provinces(self) -> pd.DataFrame:
        """One row a province, indexed by canonical name; ``aliases`` is a list of other spellings."""
        table = read_table(
            self.folder / "provinces.csv",
            ["province", "iso", "pcode", "capital", "latitude", "longitude", "population", "aliases"],
        )
        for name in table.province:
            check_name(name, str(self.folder / "provinces.csv"))
        if table.empty:
            raise ProvriskError(f"{self.folder / 'provinces.csv'} lists no province: give it one.")
        if table.province.duplicated().any():
            name = table.province[table.province.duplicated()].iloc[0]
            raise ProvriskError(f"{self.folder / 'provinces.csv'} lists {name} twice: keep one row for each province.")
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
                raise ProvriskError(f"{path} names {name!r}, which is not in provinces.csv: correct one of them.")
        return table

    @cached_property
    def protocols(self) -> dict[str, Protocol]:
        """The named backtests of ``protocols.toml``."""
        return read_toml(self.folder / "protocols.toml", ProtocolsFile).root

    @property
    def horizons(self) -> range:
        """The months ahead that are forecast."""
        return range(1, self.file.horizons + 1)

    @property
    def draws(self) -> int:
        """The draws of a forecast: as many as in the backtest that is shown with it."""
        return self.protocol(self.file.backtest.protocol).draws

    def protocol(self, name: str) -> Protocol:
        """The backtest called ``name``; raises ``ProvriskError`` with those there are if there is none."""
        if name not in self.protocols:
            raise ProvriskError(
                f"{self.folder / 'protocols.toml'} has no protocol {name!r}: it has {', '.join(self.protocols)}."
            )
        return self.protocols[name]

    @cached_property
    def hypotheses(self) -> HypothesesFile:
        """The claims of ``hypotheses.toml`` and how each is tested; none where there is no such file.

        Raises ``ProvriskError`` if it names a province that is none.
        """
        path = self.folder / "hypotheses.toml"
        if not path.exists():
            return HypothesesFile()
        file = read_toml(path, HypothesesFile)
        for key, test in file.tests():
            own = () if getattr(test, "study", "") else getattr(test, "provinces", ())
            one = getattr(test, "province", "")
            for name in (*own, *getattr(test, "controls", ()), *([one] if one else [])):
                if name not in self.provinces.index:
                    raise ProvriskError(f"{path}: claims.{key} names {name!r}, which provinces.csv lacks: correct it.")
        return file

    @property
    def claims(self) -> dict[str, Claim]:
        """The claims of ``hypotheses.toml`` by identifier; raises ``ProvriskError`` if there is none."""
        if not self.hypotheses.claims:
            raise ProvriskError(f"{self.folder / 'hypotheses.toml'} has no claim: write one, see docs/evidence.md.")
        return self.hypotheses.claims

    @property
    def reports(self) -> Path:
        """Its results."""
        return self.project.reports / self.name

    @property
    def blocks(self) -> Path:
        """Finished blocks of its backtests, which may be deleted at any time."""
        return self.project.blocks / self.name

    @property
    def bundled_counts(self) -> Path:
        """The monthly figures that come with the study."""
        return self.folder / "monthly.csv"

    @property
    def boundaries(self) -> Path | None:
        """The user's GeoJSON of the provinces, if the study names one."""
        return self.folder / self.file.rules.boundaries if self.file.rules.boundaries else None

    @cached_property
    def outlines(self) -> dict[str, Polygons]:
        """The outline of each province that a map shows: of the user's GeoJSON, else of the bundled file.

        Polygons, each a list of rings, the outer one first; a ring is an array of longitude and latitude in degrees:
        (point, 2). A province that no map shows under any of its names has no entry.
        """
        return find_outlines(self.file.country, self.provinces.aliases.to_dict(), self.boundaries)


def in_languages(study: Study, codes: Sequence[str]) -> Study:
    """The same study with its reports in the languages ``codes``, the first one's bearing the plain names."""
    return replace(study, file=study.file.model_copy(update={"language": tuple(codes)})) if codes else study


@dataclass(frozen=True)
class Project:
    """The folder with ``features/`` and ``models/``, ``root``, and the one that results are written to, ``home``."""

    root: Path
    home: Path

    @property
    def reports(self) -> Path:
        """Results."""
        return self.home / "reports"

    @property
    def blocks(self) -> Path:
        """Finished blocks of backtests, which may be deleted at any time."""
        return self.home / ".cache" / "blocks"

    @property
    def mlruns(self) -> Path:
        """The MLflow store and the champions' copies."""
        return self.home / "mlruns"

    @property
    def releases(self) -> Path:
        """Event files kept whole."""
        return self.home / "releases"

    @property
    def forecasts(self) -> Path:
        """External forecasts."""
        return self.home / "forecasts"

    def study_names(self) -> list[str]:
        """The studies of the project, sorted."""
        return folders.study_names(self.root)

    def study(self, name: str | None = None) -> Study:
        """The study called ``name``, or else the one that ``chosen`` names.

        Raises ``ProvriskError`` if there is no such study, or several and none was named.
        """
        name, names = name or self.chosen()[0], self.study_names()
        if name not in names:
            there = f"it has {', '.join(names)}" if names else "it has none yet, 'provrisk study new' makes one"
            raise ProvriskError(f"There is no study {name!r} in {self.root / 'features'}: {there}.")
        return load_study(self.root / "features" / name, self)

    def chosen(self) -> tuple[str, str]:
        """The study meant where none is named, and what says so (``folders.chosen_study``)."""
        return folders.chosen_study(self.root)

    def default(self) -> tuple[str, str]:
        """``chosen``, whatever the environment says."""
        return folders.default_study(self.root)

    def add_default(self, name: str) -> None:
        """Let ``name`` be the default study once those that are named before it are gone; nothing without a default."""
        path = self.root / "features" / folders.DEFAULT
        if path.is_file():
            files.write(path, f"{path.read_text(encoding='utf-8').rstrip()}\n{name}\n")

    def models(self) -> dict[str, ModelFile]:
        """The model files by name (the file's stem), sorted."""
        paths = sorted(path for path in (self.root / "models").glob("*.toml") if path.name != PROMOTION)
        return {path.stem: self._model(path) for path in paths}

    def learnt(self) -> Learnt:
        """What was learnt from the studies, for the models that ask for it."""
        return read_learnt(self.root / "models" / LEARNT)

    def _model(self, path: Path) -> ModelFile:
        file = read_toml(path, ModelFile)
        return file.model_copy(update={"settings": file.settings | {"learnt": self.learnt()}}) if file.learnt else file

    def promotion(self) -> "PromotionFile":
        """The rules by which a challenger takes over."""
        return read_toml(self.root / "models" / PROMOTION, PromotionFile)


def load_study(folder: Path, project: Project | None = None) -> Study:
    """The study in ``folder``, which bears its name; by default it lies in the project around ``features/``."""
    if project is None:
        root = folder.resolve().parents[1]
        project = Project(root=root, home=root)
    return Study(folder.name, folder, read_toml(folder / "study.toml", StudyFile), project)


def find_project(start: Path | None = None) -> Project:
    """The project in ``start``, else in PROVRISK_PROJECT, else in the current folder or above it.

    Raises ``ProvriskError`` if there is none.
    """
    root = folders.locate(start)
    return Project(root=root, home=root)


def bundled_project() -> Project:
    """The project that the package carries, to be read and copied, never written to."""
    root = folders.bundled()
    return Project(root=root, home=root)


def init_project(folder: Path) -> list[Path]:
    """Copy the bundled project to ``folder``; returns what was written.

    Raises ``ProvriskError`` if the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProvriskError(f"{folder} is not an empty folder: name a new one.")
    return [Path(shutil.copytree(folders.bundled() / room, folder / room)) for room in ("features", "models")]
