"""Files of other people's forecasts in the shapes that they publish, made up row by row."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from provrisk.forecasts.external import store as kept
from provrisk.forecasts.external.parse import ParsedForecast, Stated
from provrisk.study import Study

HUBVERSE = {
    "origin_date": "2010-12-01", "target_date": "2011-01-01", "target": "attacks", "horizon": 1, "location": "Alpha",
    "output_type": "mean", "output_type_id": "", "value": 3,
}  # fmt: skip
PLAIN = {"province": "Alpha", "month": "2011-01", "forecast": 3}
CAST = {
    "country": "Iraq", "admin1": "Alpha", "month": "January", "year": 2011, "total_forecast": 3, "battles_forecast": 1,
    "erv_forecast": 1, "vac_forecast": 1, "total_observed": "", "timestamp": 1292803200,  # 2010-12-20
}  # fmt: skip
ADDED = pd.Timestamp("2026-01-05")


def table(base: dict[str, object], *changes: dict[str, object]) -> pd.DataFrame:
    """A row a change of ``base``."""
    return pd.DataFrame([base | change for change in changes or ({},)])


def each(ids: Sequence[object], values: Sequence[float], **change: object) -> list[dict[str, object]]:
    """A change of ``HUBVERSE`` for each identifier and its value."""
    return [{**change, "output_type_id": str(i), "value": v} for i, v in zip(ids, values, strict=True)]


def write(rows: pd.DataFrame, path: Path) -> Path:
    """``rows`` as the file that the name of ``path`` says: CSV or Parquet."""
    rows.to_parquet(path) if path.suffix == ".parquet" else rows.to_csv(path, index=False)
    return path


def read(rows: pd.DataFrame, study: Study, path: Path, **stated: object) -> ParsedForecast:
    """What ``rows``, written to ``path``, say to ``study``."""
    raw = kept.open_table(write(rows, path))
    store = kept.ExternalStore(path.parent / "forecasts")
    return store.add(raw, "Somebody", study, Stated(ADDED, **stated))[1]  # type: ignore[arg-type]


def views_table(country: int, month_id: int, draws: int = 20) -> pd.DataFrame:
    """A submission to VIEWS for one month, of ``country`` and of another."""
    index = pd.MultiIndex.from_product(
        [[month_id], [country, country + 1], range(draws)], names=["month_id", "country_id", "draw"]
    )
    return pd.DataFrame({"outcome": [*range(draws)] * 2}, index=index)
