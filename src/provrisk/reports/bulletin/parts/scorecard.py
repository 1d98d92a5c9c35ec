"""The scorecard: forecast and outcome; always included."""

from collections.abc import Mapping, Sequence

from provrisk import months
from provrisk.evaluation.comparison.leaderboard import INTERVALS, Cells, skills
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.reports import words
from provrisk.reports.bulletin.content import SPANS, BulletinContent
from provrisk.reports.bulletin.parts import levels
from provrisk.reports.bulletin.parts.trust import VERDICT, none_active
from provrisk.reports.charts import svg
from provrisk.reports.document import Block, Cell, Chart, Part, Table, Text, table
from provrisk.reports.language import place, say, say_n
from provrisk.risk import calibration, scorecard


def part(content: BulletinContent) -> Part:
    """The last forecast, the observed counts, and the skill of past forecasts."""
    blocks: list[Block] = [Text(words=_last(content), notice=True)]
    if content.outcome is not None:
        blocks += _outcome(content)
    blocks.append(Text(words=skill(content)))
    blocks += [_running(content), _coverage(content), _worst(content), _brier(content), *_reliability(content)]
    return Part(key="scorecard", title=say("Scorecard: forecast and outcome"), blocks=tuple(blocks))


def figures(content: BulletinContent) -> dict[str, str | int | float | None]:
    """The scorecard's main figures, for ``bulletin.json`` and the list of issues."""
    out: dict[str, str | int | float | None] = {"last_month": None, "inside_80": None, "provinces": None, "crps": None}
    if content.last is not None and content.outcome is not None:
        own = content.outcome.drop(index=TOTAL).dropna(subset="came")
        out = {
            "last_month": months.label(content.last.month),
            "inside_80": int(own.inside.sum()),
            "provinces": len(own),
            "crps": round(float(own.crps.mean()), 4),
        }
    out["skill"] = skill(content)
    for name, row in content.running[SPANS[-1]].iterrows():
        out[f"skill_{name}"] = round(float(row.skill), 4)
        out[f"verdict_{name}"] = str(row.verdict)
    for level, share in content.coverages.items():
        out[f"coverage_{level}"] = None if words.missing(share) else round(float(share), 4)
    return out


def skill(content: BulletinContent) -> str:
    """The champion's skill in the backtest in a few sentences, with a note if it was chosen by this skill."""
    said = skill_sentence(content.cells, content.champion, content.study.file.backtest.benchmarks, content.titles)
    if content.cells.wide("crps").index.get_level_values("origin").min() >= content.chosen:
        return said
    chosen = say(
        "{model} was chosen on data up to {month}, so its skill on the months before is too favourable.",
        model=content.title(content.champion), month=months.label(content.chosen),
    )  # fmt: skip
    return f"{said} {chosen}"


def _last(content: BulletinContent) -> str:
    if content.last is None:
        return say("There is no earlier forecast to evaluate: the data are too short for one.")
    month = words.month(content.last.month)
    if content.last.issued and content.last.month < content.last.target_month:
        whose = say(
            "The last bulletin was about {later}, which has not been observed; it also forecast {month}.",
            later=words.month(content.last.target_month),
            month=month,
        )
    elif content.last.issued:
        whose = say("The last bulletin was about {month}.", month=month)
    else:
        whose = say(
            "No earlier bulletin is stored, so today's method was run on the data up to the month before, for {month}.",
            month=month,
        )
    if content.outcome is None:
        return " ".join([whose, say("That month has not been observed yet.")])
    rows = content.outcome.drop(index=TOTAL).dropna(subset="came")
    said = [
        whose,
        say(
            "{n} of {all} {units} were inside the 80 % interval, {right} at the forecast level.",
            units=content.units,
            n=words.number(int(rows.inside.sum())), all=words.number(len(rows)),
            right=words.number(int((rows.level == rows.came_level).sum())),
        ),
    ]  # fmt: skip
    said.append(
        say(
            "For whole numbers, the intervals of a correct forecast contain {n} of {all}.",
            n=words.number(float(rows.usual.sum()), 1), all=words.number(len(rows)),
        )
    )  # fmt: skip
    total = content.outcome.loc[TOTAL]
    if not words.missing(total.came):
        said.append(
            say(
                "{place}: forecast {median} ({interval}), observed {came}.",
                place=content.place,
                median=words.number(total["median"]),
                interval=words.interval(total.low_80, total.high_80),
                came=words.number(total.came),
            )
        )
    return " ".join(said)


def _outcome(content: BulletinContent) -> list[Block]:
    """The country and the provinces with a forecast or observed count above 0; the rest folded."""
    assert content.outcome is not None and content.last is not None  # noqa: S101, PT018 - for the type checker
    there = [name for name in content.risk.province if name in content.outcome.index]
    rows = content.outcome
    quiet = [name for name in there if not rows.high_80[name] and not (rows.came[name] or 0) > 0]
    shown = [TOTAL, *(name for name in there if name not in quiet)]
    month = words.month(content.last.month)
    blocks: list[Block] = [
        _compared(content, say("Forecast and outcome: {many} in {month}", many=content.many, month=month), shown)
    ]
    if quiet:
        caption = say(
            "Forecast and outcome where none was forecast and none observed: {n} {units}",
            n=len(quiet),
            units=content.units,
        )
        blocks.append(_compared(content, caption, quiet, folded=True))
    return blocks


def _compared(content: BulletinContent, caption: str, names: list[str], folded: bool = False) -> Table:
    assert content.outcome is not None  # noqa: S101 - for the type checker
    rows = content.outcome.loc[names]
    verdict = {True: say("inside"), False: say("outside")}
    columns: dict[str, list[str | Cell]] = {
        content.head: [content.place if name == TOTAL else place(name) for name in names],
        say("Median forecast"): [words.number(value) for value in rows["median"]],
        say("80 % interval"): [words.interval(a, b) for a, b in zip(rows.low_80, rows.high_80, strict=True)],
        say("Observed"): [words.number(value) for value in rows.came],
        say("Interval"): ["" if words.missing(value) else verdict[bool(value)] for value in rows.inside],
        say("Level forecast"): [
            "" if name == TOTAL else levels.forecast_cell(content, value)
            for name, value in zip(names, rows.level, strict=True)
        ],
        say("Level observed"): [
            "" if name == TOTAL or words.missing(observed) else levels.observed_cell(content, value)
            for name, value, observed in zip(names, rows.came_level, rows.came, strict=True)
        ],
        say("CRPS"): ["" if words.missing(value) else words.number(value, 2) for value in rows.crps],
    }
    text = (content.head, say("Interval"), say("Level forecast"), say("Level observed"))
    return table(caption, columns, text=text, folded=folded, printed=not folded)


def _running(content: BulletinContent) -> Table:
    lines: list[list[str]] = []
    for rows in content.running.values():
        for name, row in rows.iterrows():
            between = _between(row.skill_low, row.skill_high)
            lines.append(
                [
                    content.title(str(name)), say("{low} to {high}", low=row["first"], high=row["last"]),
                    words.number(row.crps, 3), words.number(row.benchmark_crps, 3),
                    say("{n} %", n=words.signed(100 * row.skill, 1)), between, say(VERDICT[row.verdict]),
                ]
            )  # fmt: skip
    heads = [
        say("Compared with"), say("Tested from"), say("CRPS, ours"), say("CRPS, theirs"), say("Skill"),
        say("90 % interval"), say("Verdict"),
    ]  # fmt: skip
    columns: dict[str, list[str | Cell]] = {head: [line[i] for line in lines] for i, head in enumerate(heads)}
    return table(
        say("Skill of {model} in the backtest, all months ahead together", model=content.title(content.champion)),
        columns,
        text=(heads[0], heads[1], heads[-1]),
    )


def _between(low: float, high: float) -> str:
    """The interval of a skill, or a dash if there are too few origins."""
    if words.missing(low):
        return "–"
    return say("{low} to {high} %", low=words.signed(100 * low, 1), high=words.signed(100 * high, 1))


def _coverage(content: BulletinContent) -> Table | Text:
    shares = content.coverages
    if shares.isna().any():
        return Text(words=none_active(content))
    return table(
        say("Interval coverage in the backtest, active {units} (by the randomised PIT)", units=content.units),
        {
            say("Interval"): [say("{n} %", n=level) for level in INTERVALS],
            say("Coverage"): [words.percent(shares[level]) for level in INTERVALS],
        },
        text=(say("Interval"),),
    )


def _worst(content: BulletinContent) -> Table:
    rows = list(scorecard.worst(content.past, content.panel, content.issue.horizon).itertuples())
    ahead = content.issue.horizon
    return table(
        say_n(
            "The worst misses of the backtest, {n} month ahead",
            "The worst misses of the backtest, {n} months ahead",
            ahead,
            n=words.number(ahead),
        ),
        {
            say("Where and when"): [
                say("{place}, {month}", place=place(row.province), month=words.month(row.month)) for row in rows
            ],
            say("Median forecast"): [words.number(row.median) for row in rows],
            say("80 % interval"): [words.interval(row.low_80, row.high_80) for row in rows],
            say("Observed"): [words.number(row.came) for row in rows],
            say("CRPS"): [words.number(row.crps, 1) for row in rows],
        },
        text=(say("Where and when"),),
    )


def _brier(content: BulletinContent) -> Table:
    rows = content.brier
    names = {
        "rps": say("Levels (ranked probability score)"),
        "brier_escalation": say("Escalation (Brier score)"),
        **{
            f"brier_{n}": say("At least {n} (Brier score)", n=words.number(n))
            for n in content.study.file.risk.thresholds
        },
    }
    scores = rows.score.unique()
    columns: dict[str, list[str | Cell]] = {
        say("Probability of"): [names[score] for score in scores],
        say("Score"): [words.number(rows[rows.score == score].value.iloc[0], 4) for score in scores],
    }
    for other in rows.benchmark.unique():
        own = rows[rows.benchmark == other].set_index("score").reindex(scores)
        columns[say("Skill against {model}", model=content.title(other))] = [
            (say(VERDICT[row.verdict]) if isinstance(row.verdict, str) else "")
            if words.missing(row.skill)
            else say("{share} % ({verdict})", share=words.signed(100 * row.skill, 1), verdict=say(VERDICT[row.verdict]))
            for row in own.itertuples()
        ]
    return table(say("Skill of the probabilities in the backtest"), columns, text=(say("Probability of"),))


def _reliability(content: BulletinContent) -> list[Block]:
    points = calibration.reliability_points(content.cells, content.champion, content.study.file.risk)
    named = {say("at least {n}", n=words.number(n)): frame for n, frame in points.items()}
    rows = [(event, point) for event, frame in named.items() for point in frame.itertuples()]
    numbers = table(
        say("The numbers of the reliability diagrams"),
        {
            say("Event"): [event for event, _ in rows],
            say("Mean probability"): [words.number(point.forecast, 3) for _, point in rows],
            say("Share observed"): [words.number(point.frequency, 3) for _, point in rows],
            say("Cells"): [words.number(point.cells) for _, point in rows],
        },
        text=(say("Event"),),
        folded=True,
        printed=False,
    )
    chart = Chart(
        svg=svg.reliability(named, say("forecast"), say("observed")),
        alt=say("Reliability diagrams: for each threshold, the observed frequency by forecast probability."),
        title=say("Are the probabilities right?"),
        caption=say("On the diagonal they are right; larger points: more cells of the backtest."),
        wide=True,
    )
    return [chart, numbers]


def skill_sentence(cells: Cells, champion: str, benchmarks: Sequence[str], titles: Mapping[str, str]) -> str:
    """The champion's skill in the backtest against each benchmark, in a few sentences.

    ``titles`` are the displayed names of models. A difference whose 90 % interval includes zero is a tie.
    """
    losses = cells.wide("crps")
    crps, origins = losses.mean(), losses.index.get_level_values("origin")
    said = [
        say(
            "Backtest over {n} months ({first} to {last}): mean CRPS of {model} {crps}.",
            n=words.number(origins.nunique()), first=months.label(origins.min()), last=months.label(origins.max()),
            model=titles[champion], crps=words.number(crps[champion], 3),
        )
    ]  # fmt: skip
    for name in benchmarks:
        if name == champion:
            said.append(say("It is itself the benchmark."))
            continue
        row = skills(losses, name).loc[champion]
        gaps = {
            "model": titles[name], "crps": words.number(crps[name], 3), "skill": words.signed(100 * row.skill, 1),
            "interval": _between(row.skill_low, row.skill_high), "verdict": say(VERDICT[row.verdict]),
        }  # fmt: skip
        if words.missing(row.skill_low):
            said.append(say("Skill against {model} ({crps}): {skill} % ({verdict}).", **gaps))
        else:
            said.append(say("Skill against {model} ({crps}): {skill} % (90 % interval {interval}; {verdict}).", **gaps))
    return " ".join(said)
