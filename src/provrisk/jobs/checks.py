"""The data checks that stand before every forecast and every retraining."""

import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.checks import Finding, check_figures, check_months, check_silence, check_total
from provrisk.evaluation.fitted import forecast
from provrisk.features.panel import panel_upto
from provrisk.tracking.registry import Champion


class DataStopError(ProvriskError):
    """The data checks stopped a job; ``findings`` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        stops = "; ".join(f"{one.text} (smells of {one.smells_of})" for one in findings if one.level == "stop")
        super().__init__(f"The data checks stop the job: {stops}. Mend the data, or go on with --accept REASON.")
        self.findings = findings


def check_data(
    table: pd.DataFrame, panel: xr.Dataset, champion: Champion | None, draws: int, seed: int
) -> list[Finding]:
    """Every check that needs no more than the counts and the champion, whose forecast of the last month is judged."""
    before = None
    origin = months.shift(months.parse(panel.attrs["origin"]), -1)
    if champion is not None and origin >= panel.indexes["month"][0]:
        before = forecast(panel_upto(panel, origin), champion.name, champion.model, [1], draws, seed)
    return [check_figures(table), check_months(panel), check_silence(panel), check_total(panel, before)]
