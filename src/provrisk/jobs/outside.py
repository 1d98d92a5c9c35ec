"""Other people's forecasts into the project, and what is held of them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.predictions import target_months
from provrisk.events.raw import RawFile
from provrisk.forecasts.kept import FORMATS, Kept, Outside, open_table, read_places
from provrisk.forecasts.reading import Read, Stated
from provrisk.jobs.contenders import BULLETIN, REBUILT
from provrisk.study import Study


@dataclass(frozen=True)
class Held:
    """One kept file and what it says."""

    kept: Kept
    read: Read

    def account(self) -> dict[str, object]:
        """What a reader needs to know of it, as JSON holds it."""
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
    """What the user says today of a forecast's file; ``places`` is a CSV of grid cells and their provinces."""
    if not 1 <= interval <= 99:
        raise ProvriskError(f"--interval {interval} is no share of forecasts in per cent: give 1 to 99, such as 80.")
    return Stated(today(), issued, target, interval, read_places(places) if places else {}, model)


def add(study: Study, path: Path, by: str, stated: Stated) -> tuple[Held, bool]:
    """Keep the file ``path`` as a forecast made ``by`` somebody; returns it, and whether it is new.

    Raises ``ProvriskError`` where the file cannot be read, says nothing to the study, or ``by`` is the name of a model.
    """
    return keep(study, open_table(path), by, stated)


def keep(study: Study, raw: RawFile, by: str, stated: Stated) -> tuple[Held, bool]:
    """Keep a table as a forecast made ``by`` somebody, as ``add`` does a file."""
    if stated.issued is not None and stated.issued > stated.added:
        raise ProvriskError(f"A forecast cannot have been published on {stated.issued:%Y-%m-%d}, which is yet to come.")
    if by in (*study.project.models(), BULLETIN, REBUILT):
        raise ProvriskError(f"{by!r} is what one of our own forecasts is called: give another name with --from.")
    kept, read, new = Outside(study.project.forecasts).add(raw, by.strip(), study, stated)
    return Held(kept, read), new


def today() -> pd.Timestamp:
    """The day on which something is added."""
    return pd.Timestamp.now().normalize()


def remove(study: Study, which: str) -> Kept:
    """Take a kept forecast off: by its digest, whose it is, or its file's name."""
    return Outside(study.project.forecasts).remove(which, study)


def restore(study: Study, which: str) -> Kept:
    """Put back what ``remove`` took off."""
    return Outside(study.project.forecasts).restore(which, study)


def held(study: Study) -> list[Held]:
    """Every forecast that was added for ``study``."""
    store = Outside(study.project.forecasts)
    return [Held(kept, store.read(kept, study)) for kept in store.all(study)]
