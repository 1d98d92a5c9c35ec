"""Can the tests on published figures be trusted, and what can they see? Made-up figures with known truth.

``python benchmarks/published_power.py 400`` prints the tables of docs/evidence.md: in per cent of so many records, how
often the 90 % interval holds the truth, and how often a one-sided test at 10 % finds the effect (10 if there is none).
"""

import sys

import numpy as np
import pandas as pd

from provrisk import seeds
from provrisk.models.smoothed_levels import ewma
from provrisk.risk.evidence.placebo import Placebo, placebo
from provrisk.risk.evidence.published_share import PublishedShare
from provrisk.risk.evidence.rate_change import RateChange

ALPHA, TAIL = 0.10, 0.05
EFFECTS = (0.5, 1.0, 1.5, 2.0)

WEEK = 9.0
"""Counts a week of the layouts in weeks, about what the ledger of ``iraq`` has."""

LAYOUTS = {
    "3 weeks, 11 after": ([7] * 3, [7, 3, 7, 7, 7, 7, 7, 7, 7, 7, 3], WEEK / 7),
    "3 weeks, 4 after": ([7] * 3, [7, 3, 7, 7], WEEK / 7),
    "6 months, 5 after": ([30] * 6, [30] * 5, 24 / 30),
    "1 week, 22 after": ([7], [7] * 15 + [31] * 3 + [7] * 4, WEEK / 7),
    "4 years, 4 after": ([365] * 4, [365] * 4, 20.0),
}
"""Days of the periods before and after, and the counts of a day."""

WORLDS = {"Poisson": (0.0, 0.0), "restless": (0.1, 0.0), "restless, and periods alike": (0.1, 0.5)}
"""Variance of the rate over its squared mean, and how like the one before each period's rate is."""


def rates(records: int) -> pd.DataFrame:
    """A change of a rate, a row a layout and world."""
    rows = []
    for layout, (before, after, a_day) in LAYOUTS.items():
        days = np.array([*before, *after], float)
        later = np.arange(len(days)) >= len(before)
        for world, (spread, alike) in WORLDS.items():
            rng = seeds.generator("published_power", layout, world)
            judged = {}
            for effect in EFFECTS:
                mean = a_day * days * np.where(later, effect, 1.0)
                drawn = [rng.poisson(mean * _restless(len(days), spread, alike, rng)) for _ in range(records)]
                judged[effect] = [_judged(RateChange(count.astype(float), days, later), effect) for count in drawn]
            rows.append({"periods": layout, "world": world} | _columns(judged))
    return pd.DataFrame(rows)


def shares(records: int) -> pd.DataFrame:
    """A change of the odds of a province among its controls, one period before and four after."""
    size = np.array([10.0, 14, 3, 9, 20])
    later = np.arange(5) >= 1
    rows = []
    for world, alike in (("binomial", 0.0), ("periods differ", 0.1)):
        rng = seeds.generator("published_power", "shares", world)
        judged = {}
        for effect in EFFECTS:
            odds = 0.4 * np.where(later, effect, 1.0)
            drawn = [_binomial(size, odds / (1 + odds), alike, rng) for _ in range(records)]
            judged[effect] = [_judged(RateChange(count, size, later, share=True), effect) for count in drawn]
        rows.append({"periods": "1 before, 4 after", "world": world} | _columns(judged))
    return pd.DataFrame(rows)


def parts(records: int) -> pd.DataFrame:
    """A share of 90 % claimed of five published tables, by the true share."""
    size, rows = np.array([13.0, 27, 9, 19, 32]), []
    for truth in (0.8, 0.9, 0.95, 0.99):
        rng = seeds.generator("published_power", "parts", truth)
        found = [PublishedShare(_binomial(size, truth, 0.0, rng), size) for _ in range(records)]
        held = [one.p_above(truth) > TAIL and one.p_below(truth) > TAIL for one in found]
        up, down = ([getattr(one, name)(0.9) <= ALPHA for one in found] for name in ("p_above", "p_below"))
        rows.append({"true share": f"{100 * truth:.0f} %", "90 % interval holds it": _percent(held),
                     "found to be more": _percent(up), "found to be less": _percent(down)})  # fmt: skip
    return pd.DataFrame(rows)


def ranks(records: int) -> pd.DataFrame:
    """Two of six provinces said to come first in five published tables, by how far they lead the other four."""
    size, rows = [13, 27, 9, 19, 32], []
    for lead in (0.5, 1.0, 1.5, 2.0, 3.0):
        rng = seeds.generator("published_power", "ranks", lead)
        weight = np.array([lead, lead, 1, 1, 1, 1]) / (2 * lead + 4)
        first, not_first = [], []
        for _ in range(records):
            table = np.array([rng.multinomial(n, weight) for n in size], float)
            pairs = [PublishedShare(table[:, a], table[:, a] + table[:, b]) for a in (0, 1) for b in (2, 3, 4, 5)]
            first.append(max(pair.p_above(0.5) for pair in pairs) <= ALPHA)
            not_first.append(len(pairs) * min(pair.p_below(0.5) for pair in pairs) <= ALPHA)
        rows.append({"lead": f"{lead:g} times", "found to be first": _percent(first),
                     "found not to be": _percent(not_first)})  # fmt: skip
    return pd.DataFrame(rows)


def deaths(records: int) -> pd.DataFrame:
    """One country's monthly deaths, over 37 years: a level that wanders, months that leap; by window and effect."""
    rows = []
    for window in (6, 12):
        judged: dict[float, list[tuple[bool, bool]]] = {effect: [] for effect in EFFECTS}
        for number in range(records):
            rng = seeds.generator("published_power", "deaths", number)
            level = 150 * np.exp(_wander(449, 0.95, 0.9, rng) - 0.4)
            single = rng.gamma(1.5, 1 / 1.5, 449)  # a month's own leap
            month = int(rng.integers(60, 449 - 12))
            for effect in EFFECTS:
                lifted = np.where(np.arange(449) >= month, effect, 1.0)
                count = rng.poisson(level * single * lifted).astype(float)
                judged[effect].append(_judged(_among_placebos(count, month, window), effect))
        rows.append({"periods": f"{window} months", "world": "one country's deaths"} | _columns(judged))
    return pd.DataFrame(rows)


def _among_placebos(count: np.ndarray, month: int, window: int) -> Placebo:
    """The ratio of what came from ``month`` on to the EWMA of the month before, among those of all other months."""
    index = pd.date_range("1989-01", periods=len(count), freq="MS")
    before = np.r_[np.nan, np.maximum(ewma(count[:, None], 0.3, 12)[:-1, 0], 0.02)]
    observed = pd.Series(count, index)[::-1].rolling(window).sum()[::-1]
    return placebo((observed / (window * before))[24:], index[month], window)


def _restless(periods: int, spread: float, alike: float, rng: np.random.Generator) -> np.ndarray:
    """Factors of the rate with mean 1."""
    width = np.sqrt(np.log1p(spread))
    return np.exp(_wander(periods, alike, width, rng) - width**2 / 2)


def _wander(length: int, alike: float, width: float, rng: np.random.Generator) -> np.ndarray:
    """An AR(1) series with standard deviation ``width``."""
    noise = rng.normal(size=length)
    for i in range(1, length):
        noise[i] = alike * noise[i - 1] + np.sqrt(1 - alike**2) * noise[i]
    return width * noise


def _binomial(size: np.ndarray, share: np.ndarray | float, alike: float, rng: np.random.Generator) -> np.ndarray:
    """Counts of a share, beta-binomial with the correlation ``alike`` within a period."""
    share = np.broadcast_to(share, size.shape)
    drawn = rng.beta(share * (1 / alike - 1), (1 - share) * (1 / alike - 1)) if alike else share
    return rng.binomial(size.astype(int), drawn).astype(float)


def _judged(found: RateChange | Placebo, effect: float) -> tuple[bool, bool]:
    """Whether the 90 % interval holds the effect, and whether it was found."""
    held = found.p_above(effect) > TAIL and found.p_below(effect) > TAIL
    return held, (found.p_below(1.0) if effect < 1 else found.p_above(1.0)) <= ALPHA


def _columns(judged: dict[float, list[tuple[bool, bool]]]) -> dict[str, str]:
    columns = {f"holds {effect:g}": _percent([held for held, _ in judged[effect]]) for effect in (1.0, 2.0)}
    return columns | {f"found {effect:g}": _percent([found for _, found in judged[effect]]) for effect in EFFECTS}


def _percent(values: list[bool]) -> str:
    return f"{100 * np.mean(values):.0f}"


def _markdown(table: pd.DataFrame) -> str:
    words = ["periods", "world", "true share", "lead"]
    sides = ["---" if name in words else "---:" for name in table]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [table.columns, sides, *table.to_numpy()])


def main(records: int) -> None:
    for title, table in (
        ("A rate before and after a day", rates(records)),
        ("A province's share of its own and its controls' counts", shares(records)),
        ("A share claimed to be 90 %", parts(records)),
        ("Two of six provinces first", ranks(records)),
        ("Another study's deaths, by counterfactual", deaths(records)),
    ):
        print(f"**{title}**\n\n{_markdown(table)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
