"""External forecasts: add, remove, restore and list them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores.prediction_scores import target_months
from provrisk.events.formats.raw_file import RawFile
from provrisk.forecasts.external.parse import ParsedForecast, Stated
from provrisk.forecasts.external.store import FORMATS, ExternalStore, StoredForecast, open_table, read_places
from provrisk.jobs.comparison.contenders import BULLETIN, REBUILT
from provrisk.study import Study


@dataclass(frozen=True)
class HeldForecast:
    """One stored file and its forecasts."""

    kept: StoredForecast
    read: ParsedForecast

    def account(self) -> dict[str, object]:
        """Its description, as in JSON."""
        values = self.read.values
        cells = values.drop_duplicates(["target", "origin", "horizon", "province", "issued"])
        first, last = self.read.months
        days = cells.issued.dropna()
        return {
            **{name: value for name, value in self.kept.manifest().items() if name != "places"},
            "kind": FORMATS[self.kept.format].NAME,
            "target": ", ".join(sorted(values.target.unique())),
            "says": ", ".join(sorted(values.output_type.unique())),
            "first": months.label(first),
            "last": months.label(last),
            "cells": len(cells),
            "nowcasts": int((cells.issued > target_months(cells)).sum()),
            "issued": f"{days.min():%Y-%m-%d}" if len(days) else None,
            "last_issued": f"{days.max():%Y-%m-%d}" if len(days) else None,
            "set_aside": dict(self.read.set_aside),
            "columns_not_read": list(self.read.unread),
        }


def stated(
    issued: pd.Timestamp | None = None,
    target: str | None = None,
    interval: int = 80,
    places: Path | None = None,
    model: str | None = None,
) -> Stated:
    """The user's statements on a forecast file, as of today; ``places`` is a CSV of grid cells and provinces."""
    if not 1 <= interval <= 99:
        raise ProvriskError(f"--interval {interval} is no level in per cent: give 1 to 99, such as 80.")
    return Stated(today(), issued, target, interval, read_places(places) if places else {}, model)


def add(study: Study, path: Path, by: str, stated: Stated) -> tuple[HeldForecast, bool]:
    """Store the file ``path`` as a forecast of the forecaster ``by``; returns it, and whether it is new.

    Raises ``ProvriskError`` if the file cannot be read, has nothing on the study, or ``by`` is the name of a model.
    """
    return keep(study, open_table(path), by, stated)


def keep(study: Study, raw: RawFile, by: str, stated: Stated) -> tuple[HeldForecast, bool]:
    """Store a table as a forecast of the forecaster ``by``, like ``add`` for a file."""
    if stated.issued is not None and stated.issued > stated.added:
        raise ProvriskError(f"A forecast cannot have been published on {stated.issued:%Y-%m-%d}, a day in the future.")
    if by in (*study.project.models(), BULLETIN, REBUILT):
        raise ProvriskError(f"{by!r} is the name of one of our own forecasts: give another name with --from.")
    kept, read, new = ExternalStore(study.project.forecasts).add(raw, by.strip(), study, stated)
    return HeldForecast(kept, read), new


def today() -> pd.Timestamp:
    """The current day."""
    return pd.Timestamp.now().normalize()


def remove(study: Study, which: str) -> StoredForecast:
    """Remove a stored forecast: by digest, forecaster or file name."""
    return ExternalStore(study.project.forecasts).remove(which, study)


def restore(study: Study, which: str) -> StoredForecast:
    """Restore a removed forecast."""
    return ExternalStore(study.project.forecasts).restore(which, study)


def list_held(study: Study) -> list[HeldForecast]:
    """The external forecasts added for ``study``."""
    store = ExternalStore(study.project.forecasts)
    return [HeldForecast(kept, store.read(kept, study)) for kept in store.all(study)]
