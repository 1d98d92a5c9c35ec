"""The bulletin as a document: what it says, before anybody decides how it looks."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from provrisk import METHOD_VERSION, months
from provrisk.evaluation.compare import Cells, skills
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


def skill_sentence(cells: Cells, champion: str, benchmarks: Sequence[str], titles: dict[str, str]) -> str:
    """How the champion did in the backtest against each benchmark, in one sentence.

    ``titles`` says what readers call each model. A difference whose 90 % interval holds zero is called a tie.
    """
    losses = cells.wide("crps")
    crps = losses.mean()
    origins = losses.index.get_level_values("origin")
    over = f"{origins.nunique()} origins ({months.label(origins.min())} to {months.label(origins.max())}, final data)"
    parts = []
    for name in benchmarks:
        if name == champion:
            parts.append("it is itself the benchmark")
            continue
        row = skills(losses, name).loc[champion]
        change = 100 * row.skill
        interval = f"90 % interval {100 * row.skill_low:.1f} to {100 * row.skill_high:.1f} %"
        word = {"better": "lower (better)", "worse": "higher (worse)", "tie": "lower" if change > 0 else "higher"}
        verdict = ", a tie" if row.verdict == "tie" else ""
        parts.append(
            f"{abs(change):.1f} % {word[row.verdict]} than {titles[name]} ({crps[name]:.3f}; {interval}{verdict})"
        )
    return f"Over {over}, the mean CRPS of {titles[champion]} was {crps[champion]:.3f}: " + "; ".join(parts) + "."
