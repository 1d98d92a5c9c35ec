"""Three judgements in plain words, written from the numbers."""

import itertools

import numpy as np

from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Items, Part, Table, Text, table
from provrisk.risk.levels import watch_count


def part(basis: Basis) -> Part:
    """Three judgements in plain words."""
    items = Items(items=(_country(basis), _place(basis), _escalation(basis)))
    watch = Text(words=_watch(basis))
    return Part(key="judgements", title="Three judgements", blocks=(items, watch, _terms()))


def _country(basis: Basis) -> str:
    """More or less than the mean of the last year, in the whole country."""
    total = basis.forecast.sel(horizon=basis.issue.horizon).sum("province").to_numpy()
    mean = float(basis.counts.iloc[-12:].mean().sum())
    low, high = np.quantile(total, [0.1, 0.9], method="inverted_cdf")
    fewer, more = float((total < mean).mean()), float((total > mean).mean())
    way, probability = ("fewer", fewer) if fewer >= more else ("more", more)
    return (
        f"{basis.study.file.country}: {words.claim(probability)} that {basis.month} sees {way} {basis.many} than "
        f"an average month of the last year ({mean:,.1f}). Expected are {total.mean():,.1f}, 80 % interval "
        f"{words.interval(low, high)}."
    )


def _place(basis: Basis) -> str:
    """Where the most attacks are likely to be; draws that tie are shared out."""
    drawn = basis.forecast.sel(horizon=basis.issue.horizon).transpose("province", "draw").to_numpy()
    highest = drawn == drawn.max(axis=0)
    shares = (highest / highest.sum(axis=0)).mean(axis=1)
    order = np.argsort(-shares, kind="stable")
    names = basis.forecast.indexes["province"][order]
    return (
        f"{names[0]} is the {basis.unit.one} most probable to see the most {basis.many}: "
        f"{words.chance(shares[order[0]])}; "
        f"next is {names[1]}: {words.chance(shares[order[1]])}."
        if len(names) > 1
        else f"{names[0]} is the only {basis.unit.one}."
    )


def _escalation(basis: Basis) -> str:
    risk = basis.risk.dropna(subset="p_escalation").sort_values("p_escalation", ascending=False, kind="stable")
    if risk.empty:
        return "Escalation cannot be judged: no month of the last year was observed."
    first = risk.iloc[0]
    above = f"above both 1.5 times its mean of the last year ({first.mean_12:,.1f}) and 3"
    return (
        f"Escalation is most probable in {first.province}: {words.claim(first.p_escalation)} that {basis.month} "
        f"comes out {above}. Elsewhere it is less probable."
    )


def _watch(basis: Basis) -> str:
    scale = basis.study.file.risk
    if scale.cost_ratio is None:
        return "There is no watch list: the study names no cost ratio."
    bar = scale.cost_ratio / (1 + scale.cost_ratio)
    names = basis.risk.province[basis.risk.watch].tolist()
    return (
        f"Watch list: {words.joined(names)}. A {basis.unit.one} is on it where at least "
        f"{watch_count(scale):,} {basis.many} have a probability of {words.percent(bar)} or more, "
        f"since acting in vain is taken to cost {scale.cost_ratio:g} times what missing does."
    )


def _terms() -> Table:
    bounds = [0.0, *(bound for bound, _ in words.TERMS)]
    spans = [f"{100 * low:.0f} to {100 * high:.0f} %" for low, high in itertools.pairwise(bounds)]
    return table(
        "What the probability terms mean",
        {"Term": [word for _, word in words.TERMS], "Probability": list(spans)},
        text=("Term", "Probability"),
        folded=True,
    )
