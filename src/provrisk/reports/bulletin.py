"""The bulletin as a document: what it says, before anybody decides how it looks."""

from dataclasses import dataclass

import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION, months
from provrisk.risk.issue import Issue
from provrisk.study import Study


@dataclass(frozen=True)
class Bulletin:
    """One issue of a study's bulletin, complete: a renderer adds nothing to it."""

    study: Study
    issue: Issue
    source: str
    digest: str
    model: str
    seed: int
    draws: int
    risk: pd.DataFrame
    history: pd.DataFrame
    skill: str
    method: str = METHOD_VERSION

    @property
    def title(self) -> str:
        return f"{self.study.file.title}: risk by province, {months.spelled(self.issue.month)}"

    @property
    def definition(self) -> str:
        return f"“{self.study.file.target.one.capitalize()}” means {self.study.file.target.definition} ({self.source})."


def history(panel: xr.Dataset, origin: pd.Timestamp, number: int = 36) -> pd.DataFrame:
    """The last ``number`` months of counts up to ``origin``: (month, province), NaN where not observed."""
    return panel[panel.attrs["target"]].sel(month=slice(months.shift(origin, 1 - number), origin)).to_pandas()


def skill_sentence(
    summary: pd.DataFrame,
    champion: str,
    benchmarks: tuple[str, ...],
    titles: dict[str, str],
    origins: pd.DatetimeIndex,
) -> str:
    """How the champion did in the backtest against each benchmark, in one sentence.

    ``summary`` has a row a model and the column ("crps", "all"), mean CRPS in attacks; ``titles`` says
    what readers call each model.
    """
    crps = summary[("crps", "all")]
    over = f"{len(origins)} origins ({months.label(origins[0])} to {months.label(origins[-1])}, final data)"
    if champion not in crps.index:
        return f"The champion {titles.get(champion, champion)} was not among the models tested over {over}."
    parts = []
    for name in benchmarks:
        if name == champion:
            parts.append("it is itself the benchmark")
            continue
        change = crps[champion] / crps[name] - 1
        word = "lower (better)" if change < 0 else "higher (worse)"
        parts.append(f"{100 * abs(change):.1f} % {word} than {titles[name]} ({crps[name]:.3f})")
    return f"Over {over}, the mean CRPS of {titles[champion]} was {crps[champion]:.3f}: " + "; ".join(parts) + "."
