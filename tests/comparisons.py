"""A comparison to draw: two models of a real backtest, and three whose forecasts are made up here."""

import base64
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from provrisk.evaluation.comparison.contenders import Comparison, Contender
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.reports.comparison.grid import derivable
from provrisk.reports.comparison.packed_numbers import Entry

RUN = "0123456789abcdef0123456789abcdef"
LEVELS = {
    "low_90": -1.645, "low_80": -1.282, "low_50": -0.674, "median": 0,
    "high_50": 0.674, "high_80": 1.282, "high_90": 1.645,
}  # fmt: skip
HOSTILE = 'Somebody </script><img src=x onerror="document.title=1"> & "Sons"'


def with_strangers(comparison: Comparison) -> Comparison:
    """``comparison`` with somebody who gives single numbers, a bulletin that came late, and forecasts of deaths."""
    model = comparison.forecasts[(comparison.forecasts.model == "ewma_nb") & (comparison.forecasts.horizon <= 2)]
    issued = model.origin + pd.DateOffset(months=1) - pd.Timedelta(days=3)
    points = model.assign(model="somebody", median=(model["median"] + 1).round(), issued=issued)
    points[[c for c in points if c.startswith(("low", "high")) or c == "mean"]] = np.nan
    late = model.assign(model="late", issued=model.target_month + pd.Timedelta(days=19), nowcast=True)
    deaths = points.assign(model="deaths", median=points["median"] * 7)
    scored = comparison.scores[(comparison.scores.model == "ewma_nb") & (comparison.scores.horizon <= 2)]
    errors = scored[scored.score == "absolute_error"]
    scores = [comparison.scores, scored.assign(model="late"), errors.assign(model="somebody", value=errors.value + 0.5)]
    table = pd.concat([one.astype({"model": "str", "province": "str", "score": "str"}) for one in scores])
    contenders = {name: replace(one, run=RUN) for name, one in comparison.contenders.items()}
    for name, title, kind, target in (
        ("somebody", HOSTILE, "outside", "attacks"),
        ("late", "Late bulletin", "bulletin", "attacks"),
        ("deaths", "Deaths of others", "outside", "deaths"),
    ):
        contenders[name] = Contender(name, title, kind, target, f"source of {name}")  # type: ignore[arg-type]
    return replace(
        comparison,
        contenders=contenders,
        scores=table.reset_index(drop=True),
        forecasts=pd.concat([comparison.forecasts, points, late, deaths], ignore_index=True),
    )


def large(models: int = 12, provinces: int = 18, origins: int = 102, horizons: int = 6) -> Comparison:
    """Made-up numbers of a large comparison, busy in every province, with all the scores that the page keeps."""
    rng = np.random.default_rng(1)
    months = pd.date_range("2009-01-01", periods=origins + 12 + horizons, freq="MS")
    places = [f"Province {i}" for i in range(provinces)]
    level = np.exp(np.cumsum(rng.normal(0, 0.2, (len(months), provinces)), axis=0) * 0.5 + 2.5)
    observed = pd.DataFrame(rng.poisson(rng.gamma(4, level / 4)), months, places).astype(float)
    every = observed.assign(**{TOTAL: observed.sum(axis=1)})
    cells = pd.MultiIndex.from_product(
        [range(provinces + 1), range(12, 12 + origins), range(1, horizons + 1)], names=["province", "origin", "horizon"]
    ).to_frame(index=False)
    came = every.to_numpy()[cells.origin + cells.horizon, cells.province]
    known = every.ewm(halflife=3).mean().to_numpy()[cells.origin, cells.province]
    cells = cells.assign(
        origin=months[cells.origin], province=np.array(every.columns)[cells.province], active=cells.province < provinces
    )
    scores, forecasts, contenders = [], [], {}
    for i in range(models):
        name = f"model_{i}"
        contenders[name] = Contender(name, f"Model {i}", "model", "attacks", "made up", RUN)
        centre = known * np.repeat(np.exp(rng.normal(0, 0.1, len(cells) // horizons)), horizons)
        spread = np.sqrt(centre + centre**2 / 4)
        said = {key: np.maximum(0, np.rint(centre + z * spread)) for key, z in LEVELS.items()}
        chances = {n: rng.binomial(1000, norm.sf((n - centre) / spread)) / 1000 for n in (1, 5, 10, 25)}
        values = {
            "crps": np.abs(came - centre) * rng.uniform(0.5, 0.9, len(cells)),
            "log_score": -np.log((rng.binomial(1000, norm.pdf((came - centre) / spread)) + 1) / 1010),
            "rps": sum((chances[n] - (came >= n)) ** 2 for n in chances),
            "mean": centre,
            "observed": came,
            "pit": rng.random(len(cells)),
            "escalated": (came > 1.5 * known).astype(float),
            "p_escalation": rng.binomial(1000, norm.sf(0.5 * known / spread)) / 1000,
        } | {f"p_{n}": chances[n] for n in chances}
        values |= derivable({"observed": came} | said)
        own = cells.assign(model=name)
        scores += [own.assign(score=key, value=value) for key, value in values.items()]
        forecasts.append(own.assign(mean=centre, nowcast=False, target_month=pd.NaT, issued=None, **said))
    table = pd.concat(scores, ignore_index=True)
    table = table.astype({"model": "category", "province": "category", "score": "category"})
    return Comparison(contenders, table, pd.concat(forecasts, ignore_index=True), observed, "made-up release 1")


def decode(text: str, index: list[Entry]) -> dict[tuple[str, int], np.ndarray]:
    """What a page holds, by name and contender, as the page's own script reads it."""
    content, offset = np.frombuffer(zlib.decompress(base64.b64decode(text)), "u1"), 0
    found = {}
    for name, contender, width, step, length in index:
        if not width:
            continue
        planes = content[offset : offset + width * length].reshape(width, length).astype(float)
        codes = (planes * 256.0 ** np.arange(width)[:, None]).sum(axis=0)
        found[name, contender] = np.where(codes == 256**width - 1, np.nan, codes * step)
        offset += width * length
    return found
