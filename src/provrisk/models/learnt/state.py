"""What a record says after each month, in numbers that mean the same in every country and for every measure."""

import numpy as np

from provrisk.models.smoothed_levels import FLOOR, discounted_mean, highest, quiet_for

WEIGHTS = (0.8, 0.5, 0.3, 0.15, 0.07, 0.03, 0.0)
"""Of the levels: discounted means from nearly the last month alone to all months alike."""

BASE = 3  # the level that the others are held against
SMALL = 0.1  # added to levels before a logarithm
HALF = 0.5  # added to counts before a logarithm
LARGEST_SURPRISE = 100.0

SIGNALS = (
    *(f"level with weight {weight} against the base" for i, weight in enumerate(WEIGHTS) if i != BASE),
    f"base: level with weight {WEIGHTS[BASE]}",
    "last month against the base",
    "highest month of 12 against the base",
    "months since one that was not empty",
    "share of empty months in 12",
    "share of empty months in 36",
    "size of recent surprises",
    "direction of recent surprises",
    "size of log surprises, short memory",
    "size of log surprises, long memory",
    "national level with weight 0.5 against the base",
    "national level with weight 0.15 against the base",
    "national level with weight 0.03 against the base",
    "national movement over months",
    "national movement over years",
    "years of record",
)


def state(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels (month, province, level) and ``SIGNALS`` (month, province, signal) after each month of ``counts``.

    Both look back only. A month that was not observed changes no level; where a count itself is needed, the base
    stands in.
    """
    levels = np.maximum(np.stack([discounted_mean(counts, weight) for weight in WEIGHTS], axis=-1), FLOOR)
    logs = np.log(levels + SMALL)
    base = logs[..., BASE]
    now = np.where(np.isnan(counts), levels[..., BASE], counts)
    before = np.concatenate([levels[:1, :, BASE], levels[:-1, :, BASE]])
    surprise = (now - before) / np.sqrt(before + 0.3)
    log_surprise = np.abs(np.log(now + HALF) - np.log(before + HALF))
    nation = now.mean(axis=1, keepdims=True)
    national = [np.log(discounted_mean(nation, weight) + SMALL) for weight in (0.5, 0.15, 0.03)]
    months = np.arange(1, len(counts) + 1)[:, None]
    signals = [
        *(logs[..., i] - base for i in range(len(WEIGHTS)) if i != BASE),
        base,
        np.log(now + HALF) - base,
        np.log(highest(now, 12) + HALF) - base,
        np.log1p(quiet_for(now)) / 3,
        _empty(now, 12),
        _empty(now, 36),
        np.log(0.05 + discounted_mean(np.minimum(surprise**2, LARGEST_SURPRISE**2), 0.1)),
        discounted_mean(np.clip(surprise, -3, 3), 0.3),
        discounted_mean(log_surprise, 0.3),
        discounted_mean(log_surprise, 0.07),
        *(level - base for level in national),
        national[0] - national[1],
        national[1] - national[2],
        np.log1p(months / 12),
    ]
    return levels, np.stack([np.broadcast_to(signal, counts.shape) for signal in signals], axis=-1)


def _empty(counts: np.ndarray, window: int) -> np.ndarray:
    """The share of empty months among the last ``window``, or as many as there are."""
    upto = np.concatenate([np.zeros((1, counts.shape[1])), np.cumsum(counts < HALF, axis=0)])
    end = np.arange(1, len(counts) + 1)
    begin = np.maximum(end - window, 0)
    return (upto[end] - upto[begin]) / (end - begin)[:, None]
