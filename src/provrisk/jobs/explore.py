"""The data before any model: the panel, its features, one province with its drivers."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.events.counting.load import load_counts
from provrisk.events.gazetteer import Gazetteer, key
from provrisk.events.sources.user_file import UserFile
from provrisk.features import drivers
from provrisk.features.catalogue import with_every_feature
from provrisk.features.data_dictionary import describe
from provrisk.features.panel import build_panel
from provrisk.reports.charts.province_series import picture
from provrisk.study import Study


@dataclass(frozen=True)
class ProvinceSeries:
    """One province: ``counts`` by month (NaN: not observed) and the ``drivers`` that concern it."""

    province: str
    counts: pd.Series
    drivers: pd.DataFrame
    title: str
    unit: str

    def picture(self, suffix: str = ".svg") -> bytes:
        """The series with its drivers as ``.svg`` or ``.png``."""
        return picture(self.counts, self.drivers, self.title, self.unit, suffix)

    def __repr__(self) -> str:
        return f"ProvinceSeries({self.title})"

    def _repr_png_(self) -> bytes:
        return self.picture(".png")


def panel_of(
    study: Study,
    events: UserFile | Path | None = None,
    as_of: pd.Timestamp | None = None,
    everything: bool = False,
) -> xr.Dataset:
    """The panel of the newest counts (see ``load_counts``), with ``everything`` with every feature there is."""
    figures = load_counts(study, events, as_of)
    return build_panel(with_every_feature(study) if everything else study, figures.counts, figures.source)


def features_of(study: Study) -> pd.DataFrame:
    """All variables that a panel can have, a row each (see ``describe``); ``used``: whether the study names it."""
    table = describe(panel_of(study, everything=True))
    used = set(panel_of(study).data_vars)
    return table.assign(used=["yes" if name in used else "no" for name in table.name])


def province_series(study: Study, province: str, events: UserFile | Path | None = None) -> ProvinceSeries:
    """The counts of ``province``, in any spelling known to the study; raises ``ProvriskError`` for no province."""
    panel = panel_of(study, events)
    gazetteer = Gazetteer(study.provinces)
    name = gazetteer.canonical.get(key(province))
    if name is None:
        near = gazetteer.nearest(province)
        hint = f"did you mean {near}?" if near else "its provinces are in provinces.csv."
        raise ProvriskError(f"{province!r} is no province of {study.name}: {hint}")
    counts = panel[panel.attrs["target"]].sel(province=name, month=slice(None, panel.attrs["origin"])).to_series()
    table = drivers.read(study)
    table = table[table.provinces.map(lambda names: name in names) & (table.start <= counts.index[-1])]
    table = table[(table.start >= counts.index[0]) & ~(table.end_known_on < table.start)]
    unit = f"{study.file.target.many} a month"
    return ProvinceSeries(name, counts, table, f"{name}: {unit}, {panel.attrs['source']}, with drivers", unit)
