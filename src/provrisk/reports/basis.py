"""What a bulletin is written from: everything that its parts may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION, months
from provrisk.evaluation.compare import Cells
from provrisk.risk import scorecard
from provrisk.risk.issue import Issue
from provrisk.risk.reasons import Reasons, sentence
from provrisk.risk.scorecard import Last
from provrisk.study import Study
from provrisk.study.schema import Unit
from provrisk.study.shapes import Shape


@dataclass(frozen=True)
class Basis:
    """One issue's figures.

    ``panel`` ends at the issue's origin. ``forecast`` is (province, horizon, draw); ``past`` the champion's forecasts
    of the backtest (origin, province, horizon, draw); ``cells`` the scores that it shares with the benchmarks.
    ``notes`` are sentences on the data; ``drivers`` has name, start, end, provinces, type, known_on; ``titles`` says
    what readers call a model; ``shapes`` are outlines of the provinces, where the study has them.
    """

    study: Study
    issue: Issue
    panel: xr.Dataset
    forecast: xr.DataArray
    risk: pd.DataFrame
    reasons: Reasons
    champion: str
    titles: Mapping[str, str]
    cells: Cells
    past: xr.DataArray
    last: Last | None
    seed: int
    final_data: bool
    notes: tuple[str, ...] = ()
    drivers: pd.DataFrame = field(default_factory=pd.DataFrame)
    shapes: Sequence[Shape] | None = None
    method: str = METHOD_VERSION

    @property
    def many(self) -> str:
        """What is counted, several of it."""
        return self.study.file.target.many

    @property
    def one(self) -> str:
        """What is counted, one of it."""
        return self.study.file.target.one

    @property
    def unit(self) -> Unit:
        """What readers call a province."""
        return self.study.file.unit

    @property
    def month(self) -> str:
        """The issue's month as a reader says it."""
        return months.spelled(self.issue.month)

    @property
    def benchmarks(self) -> list[str]:
        """The models that the champion is held against."""
        return [name for name in self.study.file.backtest.benchmarks if name != self.champion]

    @property
    def tells_deaths(self) -> bool:
        """Whether the risk table tells deaths besides what is counted."""
        return bool(self.risk.deaths_median.notna().any())

    @property
    def source(self) -> str:
        """The release that the counts come from."""
        return str(self.panel.attrs["source"])

    @cached_property
    def counts(self) -> pd.DataFrame:
        """What was observed, months up to the origin by province; NaN where it was not."""
        values = self.panel[self.panel.attrs["target"]].transpose("month", "province")
        return values.sel(month=slice(None, self.issue.origin)).to_pandas()

    @cached_property
    def outcome(self) -> pd.DataFrame | None:
        """What the last bulletin said and what came; none where its month has not been observed."""
        if self.last is None:
            return None
        table = scorecard.outcome(self.last, self.panel, self.study.file.risk)
        return table if table.came.notna().any() else None

    def why(self, province: str) -> str:
        """Why the forecast of a province differs from its 12-month mean, in words."""
        return sentence(self.reasons, province, self.counts[province], self.study.file.target, self.unit)
