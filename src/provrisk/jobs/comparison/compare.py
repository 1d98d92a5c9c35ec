"""Forecasts side by side: rankings, differences, one month, and the page, all made of one comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from provrisk import months, notebook
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison import leaderboard, one_month
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.comparison.difference import Difference, difference
from provrisk.evaluation.comparison.ranking import Ranking, left_out, rank, targets
from provrisk.evaluation.scores.scoring import Scoring
from provrisk.jobs.comparison.collect import collect
from provrisk.jobs.comparison.page import write_page
from provrisk.jobs.snapshot import load_snapshot
from provrisk.reports.comparison.measures import measures
from provrisk.study import Study
from provrisk.study.name_matching import by_title

if TYPE_CHECKING:
    from provrisk.tracking.runs import Tracker

USUAL_BENCHMARK = "ewma_nb"


@dataclass(frozen=True)
class ComparedForecasts:
    """All forecasts for a study, from which rankings, differences and pages are made.

    ``names`` are the requested forecasts, by default all models of ``protocol``, or all forecasts; ``scoring`` says
    what of their forecasts is scored.
    """

    study: Study
    comparison: Comparison
    names: tuple[str, ...]
    protocol: str | None
    benchmark: str | None
    scoring: Scoring
    chosen: bool

    @cached_property
    def rankings(self) -> dict[str, Ranking]:
        """One ranking for each target: different targets are never ranked together.

        Named forecasts, or a protocol's models, are compared on the cells that all of them share. Raises
        ``ProvriskError`` if none can be ranked, or the benchmark is not among the ranked.
        """
        together = self.chosen or self.protocol is not None
        found = {}
        for target, scored in targets(self.comparison, self.scoring).items():
            if own := [name for name in scored if name in self.names]:
                benchmark = [self.benchmark or USUAL_BENCHMARK]
                found[target] = rank(self.comparison, target, own, benchmark, self.scoring, together)
        if not found:
            reasons = left_out(self.comparison, self.names, {}, self.scoring)
            why = "; ".join(f"{name} {reason}" for name, reason in reasons.items())
            raise ProvriskError(f"No forecast can be ranked ({why}): --at MONTH shows the forecasts of a month.")
        if self.benchmark and all(one.benchmark != self.benchmark for one in found.values()):
            known = ", ".join(str(name) for one in found.values() for name in one.table.index)
            raise ProvriskError(f"The benchmark {self.benchmark!r} is not among those compared: {known}.")
        return found

    @cached_property
    def left_out(self) -> dict[str, str]:
        """The ones of ``names`` that are in no ranking, with reasons."""
        return left_out(self.comparison, self.names, self.rankings, self.scoring)

    @property
    def table(self) -> pd.DataFrame:
        """All forecasts in one table, by model, best first; a new table each time: store it to change it.

        Columns are those of ``Ranking.table``, after the target: scores in attacks, skill, its interval, bias and
        coverage as shares (0.11 is 11 %). Those that are not ranked are last, with the ``reason``.
        """
        return self.records().set_index("model")

    def records(self) -> pd.DataFrame:
        """The rows of ``table`` with target and model as columns, as written to files."""
        table = _stacked({target: one.records() for target, one in self.rankings.items()})
        targets_of = [self.comparison.contenders[name].target for name in self.left_out]
        rest = pd.DataFrame({"target": targets_of, "model": self.left_out.keys(), "reason": self.left_out.values()})
        return pd.concat([table, rest.assign(ranked=False)], ignore_index=True) if len(rest) else table

    def by(self, part: str) -> pd.DataFrame:
        """Mean score by "horizon", "year" or "province", which is the index; a column for each model.

        Where several things are forecast, their target is the first level of the index.
        """
        table = pd.concat(
            {
                target: leaderboard.by(one.cells, part, one.score, total=self.scoring.total)
                for target, one in self.rankings.items()
            },
            names=["target"],
        )
        return table if len(self.rankings) > 1 else table.droplevel("target")

    def at(self, when: str, horizon: int | None = None) -> pd.DataFrame:
        """All forecasts of a month (YYYY-MM), and the observed counts: see ``evaluation.comparison.one_month.at``."""
        return one_month.at(self.comparison, months.parse(when), self.names, horizon)

    def difference(self, a: str, b: str) -> Difference:
        """Where, when and by how much two forecasts differ, and which is better."""
        return difference(self.comparison, a, b, self.scoring)

    def write_page(self, path: Path) -> Path:
        """Write the comparison as one web page (.html) that needs no network."""
        if path.suffix != ".html":
            raise ProvriskError(f"{path} will be a web page: give it a name that ends in .html.")
        named = self.names if self.chosen else ()
        benchmark = self.benchmark or USUAL_BENCHMARK
        return write_page(self.study, self.comparison, path, named, benchmark, self.protocol)

    def __repr__(self) -> str:
        said = ", ".join(
            f"{target}: best {one.table.index[0]!r} of {len(one.table)}" for target, one in self.rankings.items()
        )
        return f"Compared({said})"

    def _repr_html_(self) -> str:
        return "".join(
            notebook.table(*_shown(one), f"Observed: {self.comparison.truth}.") for one in self.rankings.values()
        )


def compare_forecasts(
    study: Study,
    names: Sequence[str] = (),
    protocol: str | None = None,
    benchmark: str | None = None,
    scoring: Scoring = Scoring(),
    runs: bool = False,
) -> ComparedForecasts:
    """Collect the stored forecasts and select ``names``; with ``runs`` models have their MLflow runs (slower).

    Raises ``ProvriskError`` for an unknown name, and as ``gather`` does.
    """
    panel = load_snapshot(study).panel
    comparison = collect(study, panel, protocol, _tracker(study) if runs else None)
    known = comparison.contenders
    titles = {name: one.title for name, one in known.items()}
    names = by_title(names, titles)
    benchmark = by_title([benchmark], titles)[0] if benchmark else None
    for name in names:
        if name not in known:
            raise ProvriskError(f"There is no forecast by {name!r} here; known are {', '.join(known)}.")
    default = [name for name, one in known.items() if one.kind == "model" or not protocol]
    chosen = tuple(dict.fromkeys(names)) or tuple(default)
    return ComparedForecasts(study, comparison, chosen, protocol, benchmark, scoring, bool(names))


def _tracker(study: Study) -> "Tracker":
    from provrisk.tracking.runs import Tracker  # MLflow is slow to import, and few comparisons need it

    return Tracker(study)


def _stacked(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, names=["target"]).reset_index("target").reset_index(drop=True)


def _shown(ranking: Ranking) -> tuple[str, pd.DataFrame]:
    """A ranking's title and its table for a notebook."""
    table = ranking.table
    score = next((one.label for one in measures([ranking.score])), ranking.score)
    share = "coverage_80" if "coverage_80" in table else "inside_80"
    spread = [f"{row.skill_low:+.1%} to {row.skill_high:+.1%}" for row in table.itertuples()]
    shown = pd.DataFrame({
        score: table[ranking.score].map("{:.3f}".format), "Skill": table.skill.map("{:+.1%}".format),
        "90 % interval": spread, "Verdict": table.verdict, "Bias ratio": table.bias.map("{:.2f}".format),
        share.replace("_", " ").capitalize(): table[share].map("{:.0%}".format) if share in table else "",
    }, index=table.index)  # fmt: skip
    shown.loc[ranking.benchmark, ["Skill", "90 % interval", "Verdict"]] = ["", "", "benchmark"]
    return f"Skill against {ranking.benchmark} ({ranking.target})", shown.rename_axis("Model").reset_index()
