"""What is scored when forecasts are compared."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scoring:
    """What is scored: provinces or, with ``total``, their sum; counts or, with ``log``, log(x + 1) of them."""

    total: bool = False
    log: bool = False
