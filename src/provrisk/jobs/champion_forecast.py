"""The champion's forecast from counts that may still change, and the data published at each origin."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.champion import Champion
from provrisk.events.counting.load import counted_releases
from provrisk.events.counting.provisional import corrected_counts
from provrisk.events.releases.release_store import Store
from provrisk.features.panel import build_panel, panel_upto, recent
from provrisk.jobs.snapshot import Snapshot, load_snapshot
from provrisk.seeds import generator
from provrisk.study import Study

VERSIONS = 20
"""Number of draws of corrected counts for a forecast, if the newest months are provisional."""


def champion_forecast(snapshot: Snapshot, champion: Champion, draws: int, seed: int) -> tuple[xr.DataArray, bool]:
    """The champion's forecast from ``snapshot``, and whether it allows for late events of the newest months."""
    study, figures = snapshot.study, snapshot.figures
    versions = corrected_counts(study, figures, VERSIONS, seed)
    tables = versions or [figures.counts]
    return forecast_over(study, tables, figures.source, champion, draws, seed), bool(versions)


def forecast_over(
    study: Study, versions: Sequence[pd.DataFrame], source: str, champion: Champion, draws: int, seed: int
) -> xr.DataArray:
    """The champion's forecast, its ``draws`` divided among ``versions`` of the counts.

    With several versions, which are draws of the final counts of provisional months, their uncertainty is in the
    forecast. Each version has its own seed; otherwise their draws would be the same numbers. The version's counts of
    the last month and of the last twelve are stored with its draws: coordinates ``last_month`` and ``mean_12``
    (province, draw).
    """
    parts = []
    for number, table in enumerate(versions):
        share = draws // len(versions) + (number < draws % len(versions))
        panel = build_panel(study, table, source)
        own = seed if len(versions) == 1 else int(generator(seed, "version", number).integers(2**31))
        drawn = champion.forecast(panel, study.horizons, share, own)
        if len(versions) == 1:
            return drawn
        parts.append(drawn.assign_coords({
            name: (("province", "draw"), np.repeat(values[:, None], share, axis=1))
            for name, values in recent(panel, drawn.indexes["province"]).items()
        }))  # fmt: skip
    return xr.concat(parts, dim="draw", combine_attrs="override").assign_attrs(parts[0].attrs, seed=seed)


class AsReleased:
    """The data published at each origin: the panel from the releases of the day that first covered its month.

    Used as the ``view`` of a backtest; panels are cached by day.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        if not Store(study.project.releases).releases():
            raise ProvriskError(
                "No release is stored: add one with 'provrisk data add FILE', or leave out --as-of-releases."
            )
        self.releases = counted_releases(study)
        self.panels: dict[pd.Timestamp, xr.Dataset] = {}

    def __call__(self, origin: pd.Timestamp) -> xr.Dataset:
        day = self.day(origin)
        if day not in self.panels:
            self.panels[day] = load_snapshot(self.study, as_of=day).panel
        return panel_upto(self.panels[day], origin)

    def day(self, origin: pd.Timestamp) -> pd.Timestamp:
        """The day on which the month ``origin`` was first covered by a release.

        Raises ``ProvriskError`` if none covers it.
        """
        days = [one.available for one in self.releases if one.dated and origin in one.covered]
        if not days:
            raise ProvriskError(f"No release in the store covers {months.label(origin)}: choose later origins.")
        return min(days)
