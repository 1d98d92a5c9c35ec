"""Parquet files as tables of text."""

import io
from pathlib import Path

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.formats.cell_text import table_of_text
from provrisk.events.formats.workbooks import MOST_CELLS


def read_parquet(path: Path, content: bytes) -> pd.DataFrame:
    """The table in a Parquet file, named levels of its index among the columns.

    Raises ``ProvriskError`` if it is damaged, or far too large.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        held = parquet.ParquetFile(io.BytesIO(content))
        if held.metadata.num_rows * held.metadata.num_columns > MOST_CELLS * 10:
            raise ProvriskError(f"{path} spans more than {MOST_CELLS * 10:,} cells, more than any event file.")
        table = held.read().to_pandas()
        named = [name for name in table.index.names if name is not None]
        return table_of_text(table.reset_index(named) if named else table)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, NotImplementedError, OverflowError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is a damaged Parquet file ({reason}): download it again.") from None
