"""Backtests, and forecasts side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from provrisk import notebook
from provrisk.api.asked import Day, to_day, to_names
from provrisk.evaluation import compare as comparing
from provrisk.evaluation.compare import Cells
from provrisk.jobs.backtest import read_scores
from provrisk.jobs.kept import KeptBacktest, keep_backtest
from provrisk.jobs.opening import project_of
from provrisk.study import Study


@dataclass(frozen=True)
class Leaderboard:
    """Models on the cells that all of them share, lowest CRPS first.

    ``table`` has a row a model, with the columns of ``evaluation.compare.leaderboard``: CRPS in attacks, skill against
    the ``benchmark`` with its 90 % interval and verdict, log score, bias, coverage as shares. ``truth`` names the
    release that served as truth.
    """

    table: pd.DataFrame
    cells: Cells
    benchmark: str
    truth: str

    def by(self, part: str) -> pd.DataFrame:
        """Mean CRPS by "horizon", "year" or "province": a row each, a column a model."""
        return comparing.by(self.cells, part)

    def __repr__(self) -> str:
        origins = self.cells.wide("crps").index.get_level_values("origin")
        span = f"{origins.nunique()} origins, {origins.min():%Y-%m} to {origins.max():%Y-%m}"
        return f"Leaderboard(best {self.table.index[0]!r} of {len(self.table)} models, {span})"

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(
            {
                "CRPS": self.table.crps.map("{:.3f}".format),
                "active": self.table.crps_active.map("{:.3f}".format),
                "skill": self.table.skill.map("{:+.1%}".format),
                "90 % interval": [f"{row.skill_low:+.1%} to {row.skill_high:+.1%}" for row in self.table.itertuples()],
                "verdict": self.table.verdict,
                "bias": self.table.bias.map("{:.2f}".format),
                "in 80 %": self.table.coverage_80.map("{:.0%}".format),
            }
        )
        shown.loc[self.benchmark, ["skill", "90 % interval", "verdict"]] = ["", "", "benchmark"]
        note = f"{len(self.cells.wide('crps')):,} shared cells; truth: {self.truth}. A tie: the interval holds zero."
        return notebook.table(f"Skill against {self.benchmark}", shown.rename_axis("model").reset_index(), note)


def backtest(
    study: Study,
    protocol: str = "recent",
    models: str | Sequence[str] = (),
    *,
    as_of: Day | None = None,
    as_of_releases: bool = False,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
    draws_out: str | None = None,
) -> KeptBacktest:
    """Re-run ``models`` (default: all of ``models/``) at every origin of a named protocol of the study.

    ``scores`` is a long table (model, origin, horizon, province, score, value, active; CRPS in attacks), ``forecasts``
    the draws of each model over (origin, province, horizon, draw). Scores and quantiles are written to ``folder``, the
    draws of the model ``draws_out`` besides, and the run is logged to MLflow. Finished blocks are kept: what was killed
    goes on where it stopped, and what was run before is only read.

    ``as_of`` uses the releases of that day at all origins, ``as_of_releases`` at each origin those that were out then.
    Results do not depend on ``workers``, processes of this machine, nor on ``cluster``, a Dask scheduler's address.

    Raises ``ProvriskError`` for a protocol or model that there is not, or data too short for the protocol.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> tested = pr.backtest(study, "quick", ["conflictology", "ewma_nb"])
    >>> tested
    KeptBacktest('quick': conflictology, ewma_nb; 24 origins, 2017-07 to 2019-06)
    >>> dict(tested.forecasts["ewma_nb"].sizes)
    {'origin': 24, 'province': 6, 'horizon': 6, 'draw': 1000}
    """
    return keep_backtest(
        project_of(study), study, protocol, to_names(models), as_of=to_day(as_of, "as_of"),
        as_of_releases=as_of_releases, seed=seed, workers=workers, cluster=cluster, draws_of=draws_out,
    )  # fmt: skip


def compare(
    study: Study, protocol: str = "recent", models: str | Sequence[str] = (), benchmark: str = "ewma_nb"
) -> Leaderboard:
    """The leaderboard of a backtest that has been run, on the cells that all of ``models`` (default: all) share.

    Raises ``ProvriskError`` if the protocol has not been run, or has no scores of a model or of the ``benchmark``.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> tested = pr.backtest(study, "quick", ["conflictology", "ewma_nb"])
    >>> board = pr.compare(study, "quick")
    >>> board.table.loc["ewma_nb", "verdict"], board.truth
    ('tie', 'UCDP GED 19.1')
    >>> board.by("horizon").shape
    (6, 2)
    """
    scores = read_scores(project_of(study), study, protocol)
    cells = comparing.shared_cells(scores, to_names(models))
    table = comparing.leaderboard(cells, benchmark)
    return Leaderboard(table, cells, benchmark, str(scores.attrs.get("truth", "unknown")))
