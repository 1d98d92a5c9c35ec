"""How often what the program says is so: every kind of probabilistic statement, on records whose truth is known.

    make honesty        # or: python benchmarks/honesty.py [SHARE]

prints the table of docs/honesty.md; SHARE (1 by default) scales the numbers of records. Records are negative-binomial
autoregressions as persistent as that of Iraq (alpha .25, beta .69, size 2) in 18 provinces with its provinces' shares.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats
from scipy.special import ndtr

from provrisk import seeds, simulate
from provrisk.evaluation.mean_ratio import ratio_of
from provrisk.forecasts.quantiles import quantiles
from provrisk.models.dependence import Dependence
from provrisk.models.smoothed_levels import ewma
from provrisk.risk import severity
from provrisk.risk.evidence import shares
from provrisk.risk.evidence.placebo import Placebo
from provrisk.risk.evidence.result import TestResult, p_values
from provrisk.risk.evidence.verdict import Line, verdicts
from provrisk.study import find_project
from provrisk.study.claims import Claim, Counterfactual, Thresholds

HORIZONS, SIZE, BURN_IN = range(1, 7), 2.0, 48
MEANS = np.geomspace(0.01, 400, 250)
Row = tuple[str, str, str, str]


def crps_table(largest: int = 1500) -> np.ndarray:
    """CRPS of a negative binomial of each of ``MEANS`` for each count: sums over the distribution function."""
    cdf = stats.nbinom.cdf(np.arange(4000)[None, :], SIZE, (SIZE / (SIZE + MEANS))[:, None])
    below = np.concatenate([np.zeros((len(MEANS), 1)), np.cumsum(cdf**2, axis=1)], axis=1)
    above = np.cumsum(((1 - cdf) ** 2)[:, ::-1], axis=1)[:, ::-1]
    return below[:, : largest + 1] + above[:, : largest + 1]


TABLE = crps_table()


def crps(mean: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The CRPS of negative binomials, read off ``TABLE`` between its means."""
    place = np.log(np.clip(mean, MEANS[0], MEANS[-1] * 0.99) / MEANS[0]) / np.log(MEANS[1] / MEANS[0])
    low = np.minimum(place.astype(int), len(MEANS) - 2)
    count = np.minimum(counts.astype(int), TABLE.shape[1] - 1)
    return (low + 1 - place) * TABLE[low, count] + (place - low) * TABLE[low + 1, count]


def process(a_month: float) -> simulate.Process:
    study = find_project().study("iraq")
    counts = pd.read_csv(study.bundled_counts).groupby("province").attacks.sum()
    return simulate.Process(
        0.06 * a_month * ((counts + 1) / (counts + 1).sum()).to_numpy(), alpha=0.25, beta=0.69, size=SIZE
    )


def losses(records: int, origins: int, weights: tuple[float, float] = (0.3, 0.15)) -> np.ndarray:
    """Mean CRPS by origin of two EWMA forecasters, all provinces and horizons: (record, forecaster, origin)."""
    out, truth = np.zeros((records, 2, origins)), process(25.0)
    for record in range(records):
        rng = seeds.generator("honesty", record)
        counts = simulate.simulate(truth, 60 + BURN_IN + origins + 6, rng)[60:]
        for i, weight in enumerate(weights):
            level = np.maximum(ewma(counts, weight, 12), 0.02)[BURN_IN - 1 : BURN_IN - 1 + origins]
            for h in HORIZONS:
                out[record, i] += crps(level, counts[BURN_IN - 1 + h :][:origins]).mean(axis=1) / len(HORIZONS)
    return out


def percent(values: object) -> str:
    return f"{100 * float(np.mean(np.asarray(values, dtype=float))):.0f}"


def skill(share: float) -> Iterator[Row]:
    records = losses(int(1000 * share), 102)
    true = records[:, 0].mean() / records[:, 1].mean()
    for origins in (12, 24, 48, 102):
        found = [ratio_of(*one[:, -origins:], 6) for one in records]
        bounds = np.array([one.interval(0.9) for one in found])
        held = (bounds[:, 0] <= true) & (true <= bounds[:, 1])
        yield f"skill: 90 % interval, {origins} origins", "90", percent(held), f"{len(records)} records"
        different = [one.p_value(true) < 0.1 for one in found]
        yield f"equal models called different, {origins} origins", "10", percent(different), f"{len(records)} records"


def gate(share: float) -> Iterator[Row]:
    records, level = losses(int(500 * share), 84), 0.02
    true = records[:, 0].mean() / records[:, 1].mean()
    records[:, 1] *= true  # equally good, as different as before
    passed = np.array([
        [[ratio_of(*one[order][:, ask : ask + 48], 6).p_below(1.0) <= level for ask in range(36)] for one in records]
        for order in ([0, 1], [1, 0])
    ])  # fmt: skip
    number = f"{len(records)} records, each of the two as challenger"
    for months, stated in ((1, "2"), (12, ""), (36, "")):
        rates = passed[..., :months].any(axis=2).mean(axis=1)
        words = f"{100 * rates.mean():.0f} ({100 * rates.min():.0f} and {100 * rates.max():.0f})"
        yield (
            f"gate: an equal challenger passes within {months} monthly calls"
            if months > 1
            else "gate: an equal challenger passes at one call",
            stated,
            words,
            number,
        )


def evidence(share: float) -> Iterator[Row]:
    rng, records, others = seeds.generator("honesty", "evidence"), int(3000 * share), 140
    ratios = rng.lognormal(0, 0.4, (records, others + 1))
    judged = [Placebo(row[0], row[1:]) for row in ratios]
    bounds = np.array([one.interval(0.9) for one in judged])
    yield (
        "claim: 90 % interval of a rate ratio",
        "90",
        percent((bounds[:, 0] <= 1) & (bounds[:, 1] >= 1)),
        (f"{records} records of {others} independent placebos"),
    )
    for claims in (1, 10):
        for direction, margin in (("up", 1.25), ("none", 1.25), ("none", 1.5)):
            found = np.array([effect_found(rng, direction, margin, claims) for _ in range(int(400 * share))])
            told = ~np.isnan(found)
            said = f"claim of {direction}" + (f" within {margin}" if direction == "none" else "")
            what = f"{said}: the effect that “would have been found”, one of {claims}"
            if told.any():
                yield what, "80", percent(found[told]), f"{told.sum()} records in which one is printed"
            else:
                yield what, "no effect, however large", "0 printed", f"{len(found)} records"


def effect_found(rng: np.random.Generator, direction: str, margin: float, claims: int) -> float:
    """Whether an effect of just the printed size is found, among other claims that are null; NaN if none is printed."""
    rules, sample = Thresholds(), rng.lognormal(0, 0.4, (claims, 141))
    test = Counterfactual.model_validate(
        {"test": "counterfactual", "month": "2010-01", "window": 6, "direction": direction, "margin": margin}
    )
    asked = {str(i): Claim(claim="c", source="s", tests=(test,)) for i in range(claims)}
    p = [p_values(Placebo(row[0], row[1:]), "up", margin) for row in sample]

    def judged(first: tuple[float, float]) -> Line:
        every = {str(i): [("counts", TestResult("s", 1.0, 1.0, 1.0, *one))] for i, one in enumerate([first, *p[1:]])}
        return verdicts(asked, every, rules)[0].lines[0]

    level = judged((0.9, 0.9)).level
    assert level is not None
    _, rise = Placebo(1.0, sample[0, 1:]).detectable(level, rules.power, margin if direction == "none" else 1.0)
    if not np.isfinite(rise):
        return float("nan")
    found = judged(p_values(Placebo(rise * sample[0, 0], sample[0, 1:]), test.direction, margin))
    return float(found.word == ("contradicted" if direction == "none" else "supported"))


def described(share: float) -> Iterator[Row]:
    """Shares of attacks, on records of 2 and 10 years."""
    truth, records = process(25.0), int(500 * share)
    true = truth.long_run[[0, 4, 8]].sum() / truth.long_run.sum()
    for months in (24, 120):
        held = []
        for record in range(records):
            counts = simulate.simulate(truth, 60 + months, seeds.generator("honesty", "share", record))[60:]
            found = shares.share(pd.DataFrame(counts), [0, 4, 8], 0.5, 0.9)  # type: ignore[list-item]
            held.append(found.low <= true <= found.high)
        what = f"claim of a share: 90 % interval holds that of the long run, {months} months"
        yield what, "90", percent(held), f"{records} records"


def totals(share: float) -> Iterator[Row]:
    """Sums over provinces and a quarter by draws that a dependence step has tied, correlation .5, right margins."""
    rng, ones, past = seeds.generator("honesty", "totals"), 12, 60
    for mean in (0.1, 0.3, 1.0, 10.0):
        held = []
        for _ in range(int(60 * share)):
            draws, counts = tied(rng, mean, past + 20, ones)
            fitted = Dependence(["one"]).fit(draws.isel(origin=slice(past)), counts.isel(origin=slice(past)))
            for t in range(past, past + 20):
                now = fitted.combine(draws.isel(origin=t), rng).sum(["province", "horizon"]).to_numpy()
                observed = float(counts.isel(origin=t).sum())
                below, upto = (now < observed).mean(), (now <= observed).mean()
                held.append(abs(below + rng.random() * (upto - below) - 0.5) <= 0.4)
        yield (
            f"total of a quarter, {ones} provinces of {mean:g} a month: 80 % interval",
            "80",
            percent(held),
            (f"{len(held)} forecasts, 60 origins to learn from"),
        )


def tied(rng: np.random.Generator, mean: float, origins: int, ones: int) -> tuple[xr.DataArray, xr.DataArray]:
    """Right forecasts of counts tied by a Gaussian copula: .5 between provinces, and .5 between months."""
    left, right = (np.linalg.cholesky(np.full((n, n), 0.5) + 0.5 * np.eye(n)) for n in (ones, 3))
    scores = left @ rng.standard_normal((origins, ones, 3)) @ right.T
    p = SIZE / (SIZE + mean)
    coords = {"origin": range(origins), "province": [f"P{i}" for i in range(ones)], "horizon": [1, 2, 3]}
    counts = xr.DataArray(stats.nbinom.ppf(ndtr(scores), SIZE, p), dims=tuple(coords), coords=coords)
    drawn = rng.negative_binomial(SIZE, p, (1, *counts.shape, 400))
    return xr.DataArray(drawn, dims=("model", *coords, "draw"), coords=coords | {"model": ["one"]}), counts


def deaths(share: float) -> Iterator[Row]:
    """Deaths of months to come, attacks given, under a steady process of known severity."""
    held, said, observed = [], 0.0, 0
    for record in range(int(80 * share)):
        rng = seeds.generator("honesty", "deaths", record)
        n = rng.negative_binomial(1.5, 1.5 / 5.5, (150, 6))
        k = rng.binomial(n, [0.02, 0.05, 0.1, 0.1, 0.2, 0.3])
        small = rng.binomial(5 * (n - k), 0.4)
        large = np.zeros_like(n)
        for cell in np.argwhere(k > 0):
            large[tuple(cell)] = np.floor(9.5 * rng.random(k[tuple(cell)]) ** (-1 / 1.4) + 0.5).sum()
        d = small + large
        for origin in range(100, 149, 6):
            fitted = severity.fit(*(one[: origin + 1].astype(float) for one in (n, d, k)))
            if fitted is None:
                continue
            drawn = fitted.draw(np.repeat(n[origin + 1][:, None], 300, axis=1), rng)
            below, upto = ((f(drawn, d[origin + 1][:, None])).mean(axis=1) for f in (np.less, np.less_equal))
            held += list(np.abs(below + rng.random(6) * (upto - below) - 0.5) <= 0.4)
            said += fitted.chance_of_large(n[origin + 1][:, None]).sum()
            observed += int((k[origin + 1] > 0).sum())
    yield "deaths in a month: 80 % interval, attacks given", "80", percent(held), f"{len(held)} months and provinces"
    yield (
        "a large attack in a month: predicted over observed",
        "1.00",
        f"{said / max(observed, 1):.2f}",
        f"{observed} observed",
    )


def closed(share: float) -> Iterator[Row]:
    """Closed 80 % intervals of counts, by right forecasts: the reference for “inside the interval”."""
    rng = seeds.generator("honesty", "closed")
    for mean in (0.3, 3.0, 30.0):
        drawn = rng.negative_binomial(SIZE, SIZE / (SIZE + mean), (int(4000 * share), 401))
        low, high = quantiles(drawn[:, 1:], [0.1, 0.9])
        usual = ((drawn[:, 1:] >= low[:, None]) & (drawn[:, 1:] <= high[:, None])).mean()
        inside = percent((drawn[:, 0] >= low) & (drawn[:, 0] <= high))
        yield f"inside the 80 % interval, {mean:g} a month", percent(usual), inside, f"{len(drawn)} forecasts"


STATEMENTS: tuple[Callable[[float], Iterator[Row]], ...] = (skill, gate, evidence, described, totals, closed, deaths)


def main(share: float) -> None:
    print("| statement | promised | measured | on |\n|---|---:|---:|---|")
    for statement in STATEMENTS:
        for row in statement(share):
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
