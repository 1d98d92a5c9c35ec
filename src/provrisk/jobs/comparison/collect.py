"""Collects all forecasts for a comparison: stored backtests, issued bulletins, external forecasts."""

import contextlib
from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.protocol import newest_origins, protocol_origins
from provrisk.evaluation.comparison.contenders import CELL, Comparison
from provrisk.evaluation.scores.prediction_scores import measured, observed_in
from provrisk.evaluation.scores.quantile_scores import level_sets
from provrisk.forecasts.predictions import TOTAL
from provrisk.jobs.comparison.backtests import models
from provrisk.jobs.comparison.contenders import bulletins, external, one_table, score_contender
from provrisk.study import Study

if TYPE_CHECKING:
    from provrisk.tracking.runs import Tracker

NO_SCORES = pd.DataFrame(columns=["model", *CELL, "score", "value", "active"])


def collect(
    study: Study, panel: xr.Dataset, protocol: str | None = None, tracker: "Tracker | None" = None
) -> Comparison:
    """All stored forecasts for ``study``, scored against ``panel``.

    Models are from the stored backtest of ``protocol``, or from all backtests, a cell in several from the
    longest; with a ``tracker`` they have the MLflow run that they were logged as. Added to them are the issued
    bulletins as one forecast and every external forecast. Raises ``ProvriskError`` if nothing is stored,
    if ``protocol`` has not been run, or if it was scored against other data than the panel's.
    """
    observed = observed_in(panel, study, panel.attrs["target"])
    others, unread = external(study, panel)
    sets = level_sets(one.predictions.quantiles for one in others)
    parts, notes = models(study, panel, observed, protocol, tracker, sets)
    parts += [score_contender(one, sets) for one in (*bulletins(study, panel, observed), *others)]
    if not parts:
        raise ProvriskError("No forecast is stored: run 'provrisk backtest', or add one with 'provrisk forecasts add'.")
    forecasts = pd.concat([part.forecasts for part in parts], ignore_index=True)
    scored = [part.scores for part in parts if part.scores is not None]
    return Comparison(
        contenders={part.contender.name: part.contender for part in parts},
        scores=one_table(scored) if scored else NO_SCORES,
        forecasts=forecasts,
        observed=observed.observed.drop(columns=TOTAL),
        truth=panel.attrs["source"],
        counted=tuple(str(name) for name in panel if measured(panel, str(name))),
        protocols=_protocols(study, panel),
        notes=(*notes, *unread, *(note for one in others for note in one.notes)),
    )


def _protocols(study: Study, panel: xr.Dataset) -> dict[str, tuple[pd.DatetimeIndex, int]]:
    """Origins and horizons of each protocol that can be run on the panel."""
    found = {}
    for name, rules in study.protocols.items():
        with contextlib.suppress(ProvriskError):  # the data are too short for it
            found[name] = (protocol_origins(panel, rules).append(newest_origins(panel, rules)), rules.horizons)
    return found
