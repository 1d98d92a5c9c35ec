"""The data of a study as they were known at a time."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.events.counting.load import LoadedCounts, load_counts
from provrisk.events.sources.user_file import UserFile
from provrisk.features.panel import build_panel
from provrisk.study import Study


@dataclass(frozen=True)
class Snapshot:
    """What is known of a study: its figures, and the panel built from them.

    ``as_of`` is the day on which it was known, by default today.
    """

    study: Study
    figures: LoadedCounts
    panel: xr.Dataset
    as_of: pd.Timestamp | None = None

    @property
    def origin(self) -> pd.Timestamp:
        """The last month of the figures."""
        return months.parse(self.panel.attrs["origin"])


def load_snapshot(study: Study, events: UserFile | Path | None = None, as_of: pd.Timestamp | None = None) -> Snapshot:
    """The figures that ``load_counts`` chooses, with their panel."""
    return snapshot_of(study, load_counts(study, events, as_of), as_of)


def snapshot_of(study: Study, loaded: LoadedCounts, as_of: pd.Timestamp | None = None) -> Snapshot:
    """``loaded`` with their panel."""
    return Snapshot(study, loaded, build_panel(study, loaded.counts, loaded.source), as_of)
