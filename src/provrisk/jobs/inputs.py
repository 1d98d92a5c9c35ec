"""What a job is made from, where it is not the project's newest data and its champion."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk.events.sources.user_file import UserFile


@dataclass(frozen=True)
class Inputs:
    """What a job uses in place of the project's newest data and its champion.

    ``events`` is a file that is counted alone, ``as_of`` the day whose releases are counted, ``champion`` the folder of
    an exported champion.
    """

    events: UserFile | Path | None = None
    as_of: pd.Timestamp | None = None
    champion: Path | None = None
