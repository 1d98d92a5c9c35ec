"""The inputs of a bulletin: everything that its parts may read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION
from provrisk.evaluation.comparison.leaderboard import Cells
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.reports import why, words
from provrisk.reports.language import capital, say_n, translated
from provrisk.risk import calibration, scorecard
from provrisk.risk.issue_date import Issue
from provrisk.risk.reasons import RECENT, Reasons
from provrisk.risk.scorecard import PreviousForecast
from provrisk.study import Study
from provrisk.study.learnt import Teacher

SPANS = (12, 24)
"""Origins of the backtest in the running skill."""


def silent() -> tuple[str, ...]:
    """No sentence on the data."""
    return ()


@dataclass(frozen=True)
class BulletinContent:
    """One issue's figures.

    ``panel`` ends at the issue's origin. ``forecast`` is (province, horizon, draw); ``past`` the champion's forecasts
    of the backtest (origin, province, horizon, draw); ``cells`` the scores that it shares with the benchmarks.
    ``risk`` has a row for each province, ``country`` is the row of the total. ``notes`` are remarks on the data, in
    the current language; ``teachers`` are the studies on which a part of the champion was fitted;
    ``drivers`` has name, start, end, provinces, type, known_on; ``titles`` are the displayed names of
    models; ``chosen`` is the last month of the data used to choose the champion; ``foreword`` is the analyst's
    own text by language.
    """

    study: Study
    issue: Issue
    panel: xr.Dataset
    forecast: xr.DataArray
    risk: pd.DataFrame
    country: pd.Series
    reasons: Reasons
    champion: str
    chosen: pd.Timestamp
    titles: Mapping[str, str]
    cells: Cells
    past: xr.DataArray
    last: PreviousForecast | None
    seed: int
    final_data: bool
    teachers: tuple[Teacher, ...] = ()
    notes: Callable[[], tuple[str, ...]] = silent
    drivers: pd.DataFrame = field(default_factory=pd.DataFrame)
    foreword: Mapping[str, str] = field(default_factory=dict)
    method: str = METHOD_VERSION

    @property
    def many(self) -> str:
        """The unit of counts, plural."""
        return translated(self.study.file.target.many)

    @property
    def one(self) -> str:
        """The unit of counts, singular."""
        return translated(self.study.file.target.one)

    @property
    def unit(self) -> str:
        """The name of the spatial unit, singular."""
        return translated(self.study.file.unit.one)

    @property
    def units(self) -> str:
        """The name of the spatial unit, plural."""
        return translated(self.study.file.unit.many)

    @property
    def head(self) -> str:
        """The heading over the names of provinces."""
        return capital(self.unit)

    @property
    def tells_deaths(self) -> bool:
        """Whether the risk table has deaths besides the target."""
        return bool(self.risk.deaths_median.notna().any())

    @property
    def place(self) -> str:
        """The name of the country, at the start of a sentence."""
        return capital(translated(self.study.file.country))

    def counted(self, number: float, decimals: int = 0) -> str:
        """A count with its unit: ``1 attack``, ``14 attacks``."""
        target = self.study.file.target
        one, many = (f"{{n}} {name.replace('{', '{{').replace('}', '}}')}" for name in (target.one, target.many))
        return say_n(one, many, round(number, decimals), n=words.number(number, decimals))

    @property
    def month(self) -> str:
        """The issue's month as text."""
        return words.month(self.issue.month)

    @property
    def least(self) -> int:
        """The count at which the first level above the lowest begins."""
        return self.study.file.risk.thresholds[0]

    @property
    def chance(self) -> pd.Series:
        """P(at least the first threshold), by province."""
        return self.risk.set_index("province")[f"p_at_least_{self.least}"]

    @property
    def active(self) -> list[str]:
        """The provinces shown one by one, highest expected count first."""
        chance = self.chance
        return [name for name in self.risk.province if chance[name] >= self.study.file.risk.active]

    @property
    def quiet(self) -> list[str]:
        """The other provinces."""
        chance = self.chance
        return [name for name in self.risk.province if chance[name] < self.study.file.risk.active]

    @property
    def benchmarks(self) -> list[str]:
        """The models that the champion is compared with."""
        return [name for name in self.study.file.backtest.benchmarks if name != self.champion]

    def title(self, model: str) -> str:
        """The displayed name of a model."""
        return translated(self.titles.get(model, model))

    @property
    def source(self) -> str:
        """The release of the counts."""
        return str(self.panel.attrs["source"])

    @cached_property
    def brier(self) -> pd.DataFrame:
        """The skill of the probabilities against each benchmark, and the verdicts (``risk.calibration``)."""
        return calibration.brier_skill(self.cells, self.champion, self.benchmarks, self.study.file.risk)

    @cached_property
    def misled(self) -> pd.DataFrame:
        """The thresholds whose probabilities were too high or too low (``risk.calibration``)."""
        return calibration.misled(self.cells, self.champion, self.study.file.risk)

    @cached_property
    def running(self) -> dict[int, pd.DataFrame]:
        """Skill over the last origins of the backtest, a row for each benchmark."""
        return {n: scorecard.running(self.cells, self.champion, self.benchmarks, n, self.chosen) for n in SPANS}

    @cached_property
    def coverages(self) -> pd.Series:
        """Coverage of the intervals in the backtest, by their level in percent."""
        return scorecard.coverages(self.cells, self.champion)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Observed counts, months up to the origin by province; NaN if not observed."""
        values = self.panel[self.panel.attrs["target"]].transpose("month", "province")
        return values.sel(month=slice(None, self.issue.origin)).to_pandas()

    @cached_property
    def total(self) -> pd.Series:
        """Observed counts of the whole country by month; NaN if a province was not observed."""
        return self.counts.sum(axis=1, skipna=False)

    @cached_property
    def drawn(self) -> np.ndarray:
        """The draws of the issue's month for the whole country."""
        return self.forecast.sel(horizon=self.issue.horizon).sum("province").to_numpy()

    @cached_property
    def outcome(self) -> pd.DataFrame | None:
        """The last bulletin's forecast and the observed counts; none if its month has not been observed."""
        if self.last is None:
            return None
        table = scorecard.outcome(self.last, self.panel, self.study.file.risk)
        return table if table.came.notna().any() else None

    @property
    def surprise(self) -> pd.Series | None:
        """The whole country's row of ``outcome``, if it is for the last observed month."""
        if self.outcome is None or self.last is None or self.last.month != self.issue.origin:
            return None
        row = self.outcome.loc[TOTAL]
        return None if pd.isna(row.came) else row

    def why(self, province: str) -> str:
        """Why the forecast of a province differs from its average of the last year, in words."""
        counts = self.counts[province]
        return why.sentence(self.reasons, province, counts, self.counted(counts.iloc[-RECENT:].sum()), self.units)
