"""The scorecard: what the last bulletin said and what happened. Always there, however bad."""

from collections.abc import Mapping, Sequence

from provrisk import months
from provrisk.evaluation.compare import INTERVALS, Cells, skills
from provrisk.evaluation.scores import TOTAL
from provrisk.reports import charts, words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Cell, Chart, Part, Table, Text, table
from provrisk.reports.parts.ranking import level_cell
from provrisk.risk import calibration, scorecard

SPANS = (12, 24)
VERDICT = {"better": "better", "worse": "worse", "tie": "a tie", "too few": "too few to tell"}


def part(basis: Basis) -> Part:
    """What was said last, what came, and how the forecasts have done."""
    blocks: list[Block] = [Text(words=_last(basis), notice=True)]
    if basis.outcome is not None:
        blocks.append(_outcome(basis))
    blocks.append(Text(words=skill(basis)))
    blocks += [_running(basis), _coverage(basis), _worst(basis), _brier(basis), *_reliability(basis)]
    return Part(key="scorecard", title="Scorecard: what was said, and what came", blocks=tuple(blocks))


def figures(basis: Basis) -> dict[str, str | int | float | None]:
    """The scorecard's main figures, for ``bulletin.json`` and the list of issues."""
    out: dict[str, str | int | float | None] = {"last_month": None, "inside_80": None, "provinces": None, "crps": None}
    if basis.last is not None and basis.outcome is not None:
        own = basis.outcome.drop(index=TOTAL).dropna(subset="came")
        out = {
            "last_month": months.label(basis.last.month),
            "inside_80": int(own.inside.sum()),
            "provinces": len(own),
            "crps": round(float(own.crps.mean()), 4),
        }
    out["skill"] = skill(basis)
    for name, row in scorecard.running(basis.cells, basis.champion, basis.benchmarks, SPANS[-1]).iterrows():
        out[f"skill_{name}"] = round(float(row.skill), 4)
        out[f"verdict_{name}"] = str(row.verdict)
    for level, share in scorecard.coverages(basis.cells, basis.champion).items():
        out[f"coverage_{level}"] = round(float(share), 4)
    return out


def skill(basis: Basis) -> str:
    """The champion's skill in the backtest, in a sentence."""
    return skill_sentence(basis.cells, basis.champion, basis.study.file.backtest.benchmarks, basis.titles)


def _last(basis: Basis) -> str:
    if basis.last is None:
        return "There is no earlier forecast to hold to account: the data are too short for one."
    whose = (
        "The last bulletin"
        if basis.last.issued
        else "No earlier bulletin is stored, so today's method was run again on the data up to the month before; it"
    )
    month = months.spelled(basis.last.month)
    if basis.outcome is None:
        return f"{whose} spoke of {month}, which has not been observed yet."
    rows = basis.outcome.drop(index=TOTAL).dropna(subset="came")
    total = basis.outcome.loc[TOTAL]
    right = int((rows.level == rows.came_level).sum())
    country = (
        f" In all it said {total['median']:,.0f} ({words.interval(total.low_80, total.high_80)}); "
        f"{total.came:,.0f} came."
        if total.came == total.came
        else ""
    )
    return (
        f"{whose} spoke of {month}: {int(rows.inside.sum())} of {len(rows)} {basis.unit.many} came out inside its 80 % "
        "interval, "
        f"{right} at the level it gave.{country}"
    )


def _outcome(basis: Basis) -> Table:
    assert basis.outcome is not None and basis.last is not None  # noqa: S101, PT018 - for the type checker
    order = [*basis.risk.province[basis.risk.province.isin(basis.outcome.index)], TOTAL]
    rows = basis.outcome.loc[order]
    names = [basis.study.file.country if name == TOTAL else name for name in order]
    verdict = {True: "inside", False: "outside"}
    return table(
        f"Said and came: {basis.many} in {months.spelled(basis.last.month)}",
        {
            basis.unit.one.capitalize(): list(names),
            "Median said": [words.number(value) for value in rows["median"]],
            "80 % interval": [words.interval(a, b) for a, b in zip(rows.low_80, rows.high_80, strict=True)],
            "Came": [words.number(value) for value in rows.came],
            "Interval": ["" if words.missing(v) else verdict[bool(v)] for v in rows.inside],
            "Level said": [
                Cell(text="") if name == TOTAL else level_cell(basis, v)
                for name, v in zip(order, rows.level, strict=True)
            ],
            "Level came": [
                Cell(text="") if name == TOTAL or words.missing(came) else level_cell(basis, v)
                for name, v, came in zip(order, rows.came_level, rows.came, strict=True)
            ],
            "CRPS": ["" if words.missing(v) else f"{v:.2f}" for v in rows.crps],
        },
        text=(basis.unit.one.capitalize(), "Interval", "Level said", "Level came"),
    )


def _running(basis: Basis) -> Table:
    lines: list[list[str]] = []
    for span in SPANS:
        rows = scorecard.running(basis.cells, basis.champion, basis.benchmarks, span)
        for name, row in rows.iterrows():
            told = not words.missing(row.skill_low)
            bounds = f"{words.signed(100 * row.skill_low, 1)} to {words.signed(100 * row.skill_high, 1)} %"
            interval = bounds if told else "none"
            lines.append(
                [
                    basis.titles.get(str(name), str(name)), f"{row['first']} to {row['last']}", f"{row.crps:.3f}",
                    f"{row.benchmark_crps:.3f}", f"{words.signed(100 * row.skill, 1)} %", interval,
                    VERDICT[row.verdict],
                ]
            )  # fmt: skip
    heads = ["Against", "Origins", "CRPS, ours", "CRPS, theirs", "Skill", "90 % interval", "Verdict"]
    columns: dict[str, list[str | Cell]] = {head: [line[i] for line in lines] for i, head in enumerate(heads)}
    return table(
        f"Running skill of {basis.titles.get(basis.champion, basis.champion)} in the backtest, all horizons "
        "(a tie: the interval holds zero)",
        columns,
        text=("Against", "Origins", "Verdict"),
    )


def _coverage(basis: Basis) -> Table:
    shares = scorecard.coverages(basis.cells, basis.champion)
    return table(
        f"Coverage of the intervals in the backtest, active {basis.unit.many} (by the randomised PIT)",
        {
            "Interval": [f"{level} %" for level in INTERVALS],
            "Share inside": [words.percent(shares[level]) for level in INTERVALS],
        },
        text=("Interval",),
    )


def _worst(basis: Basis) -> Table:
    rows = scorecard.worst(basis.past, basis.panel, basis.issue.horizon)
    return table(
        f"The worst misses of the backtest, {basis.issue.horizon} "
        f"{'month' if basis.issue.horizon == 1 else 'months'} ahead",
        {
            f"{basis.unit.one.capitalize()} and month": [
                f"{row.province}, {months.spelled(row.month)}" for row in rows.itertuples()
            ],
            "Median said": [words.number(row.median) for row in rows.itertuples()],
            "80 % interval": [words.interval(row.low_80, row.high_80) for row in rows.itertuples()],
            "Came": [words.number(row.came) for row in rows.itertuples()],
            "CRPS": [f"{row.crps:,.1f}" for row in rows.itertuples()],
        },
        text=(f"{basis.unit.one.capitalize()} and month",),
    )


def _brier(basis: Basis) -> Table:
    rows = calibration.brier_skill(basis.cells, basis.champion, basis.benchmarks, basis.study.file.risk)
    names = {"rps": "Levels (ranked probability score)", "brier_escalation": "Escalation (Brier score)"}
    names |= {f"brier_{n}": f"At least {n} (Brier score)" for n in basis.study.file.risk.thresholds}
    scores = rows.score.unique()
    columns: dict[str, list[str | Cell]] = {
        "Probability of": [names[score] for score in scores],
        "Score": [f"{rows[rows.score == score].value.iloc[0]:.4f}" for score in scores],
    }
    for other in rows.benchmark.unique():
        own = rows[rows.benchmark == other].set_index("score").reindex(scores)
        columns[f"Skill against {basis.titles.get(other, other)}"] = [
            "" if words.missing(row.skill) else f"{words.signed(100 * row.skill, 1)} % ({VERDICT[row.verdict]})"
            for row in own.itertuples()
        ]
    return table("Skill of the probabilities in the backtest", columns, text=("Probability of",))


def _reliability(basis: Basis) -> list[Block]:
    points = calibration.reliability_points(basis.cells, basis.champion, basis.study.file.risk)
    rows = [(n, point) for n, frame in points.items() for point in frame.itertuples()]
    alt = "Reliability diagrams: for each threshold, how often the event came against the probability given."
    caption = (
        "Reliability in the backtest: on the diagonal, probabilities mean what they say; larger points: more cells."
    )
    numbers = table(
        "The numbers of the reliability diagrams",
        {
            "Event": [f"at least {n}" for n, _ in rows],
            "Mean probability": [f"{point.forecast:.3f}" for _, point in rows],
            "Share that came": [f"{point.frequency:.3f}" for _, point in rows],
            "Cells": [words.number(point.cells) for _, point in rows],
        },
        text=("Event",),
        folded=True,
    )
    return [Chart(svg=charts.reliability(points), alt=alt, caption=caption, wide=True), numbers]


def skill_sentence(cells: Cells, champion: str, benchmarks: Sequence[str], titles: Mapping[str, str]) -> str:
    """How the champion did in the backtest against each benchmark, in one sentence.

    ``titles`` says what readers call each model. A difference whose 90 % interval holds zero is called a tie.
    """
    losses = cells.wide("crps")
    crps = losses.mean()
    origins = losses.index.get_level_values("origin")
    over = f"{origins.nunique()} origins ({months.label(origins.min())} to {months.label(origins.max())}, final data)"
    parts = []
    for name in benchmarks:
        if name == champion:
            parts.append("it is itself the benchmark")
            continue
        row = skills(losses, name).loc[champion]
        change = 100 * row.skill
        interval = f"90 % interval {100 * row.skill_low:.1f} to {100 * row.skill_high:.1f} %"
        way = "lower" if change > 0 else "higher"
        word = {"better": "lower (better)", "worse": "higher (worse)"}.get(row.verdict, way)
        verdict = {"tie": f"{interval}, a tie", "too few": "too few origins to tell"}.get(row.verdict, interval)
        parts.append(f"{abs(change):.1f} % {word} than {titles[name]} ({crps[name]:.3f}; {verdict})")
    return f"Over {over}, the mean CRPS of {titles[champion]} was {crps[champion]:.3f}: " + "; ".join(parts) + "."
