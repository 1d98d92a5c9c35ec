"""The reliability of probabilities and intervals so far, in a few sentences."""

from provrisk.reports import words
from provrisk.reports.bulletin.content import SPANS, BulletinContent
from provrisk.reports.language import mark, say
from provrisk.risk import scorecard

SPAN = SPANS[0]
VERDICT = {
    "better": mark("better"),
    "worse": mark("worse"),
    "tie": mark("a tie"),
    "too few": mark("too few months"),
    scorecard.CHOSEN: mark("chosen on these months"),
    "never": mark("never occurred: no score"),
}


def record(content: BulletinContent) -> str:
    """One line: the coverage of the 80 % intervals, and the skill, at the last origins tested."""
    held = content.coverages[80]
    first = say(
        "Tested on past months: 80 % intervals contained the observed number {share} of the time in active {units}.",
        share=words.percent(held),
        units=content.units,
    )
    if words.missing(held):
        first = none_active(content)
    rows = content.running[SPAN]
    if rows.empty:
        return first
    return " ".join(
        [first, *(_skill(content, str(name), row.skill, row.verdict) for name, row in rows.tail(1).iterrows())]
    )


def none_active(content: BulletinContent) -> str:
    """The text instead of the coverage in active provinces, if the backtest has none."""
    file = content.study.file
    return say(
        "No {unit} was active in the backtest (on average {mean} {many} a month or more over {n} months): the "
        "coverage in active {units} is not known.",
        unit=content.unit, mean=words.number(file.active_mean), many=content.many, n=words.number(file.active_months),
        units=content.units,
    )  # fmt: skip


def _skill(content: BulletinContent, name: str, skill: float, verdict: str) -> str:
    gaps = {"n": words.number(SPAN), "share": words.percent(abs(skill)), "name": content.title(name)}
    if verdict == "too few":
        if skill >= 0:
            return say(
                "Over the last {n} its error was {share} smaller than that of {name}: too few months to decide.", **gaps
            )
        return say(
            "Over the last {n} its error was {share} larger than that of {name}: too few months to decide.", **gaps
        )
    if verdict == scorecard.CHOSEN:
        if skill >= 0:
            return say(
                "Over the last {n} its error was {share} smaller than that of {name}; it was chosen on these months.",
                **gaps,
            )
        return say(
            "Over the last {n} its error was {share} larger than that of {name}; it was chosen on these months.",
            **gaps,
        )
    if verdict == "tie":
        if skill >= 0:
            return say("Over the last {n} its error was {share} smaller than that of {name}, within chance.", **gaps)
        return say("Over the last {n} its error was {share} larger than that of {name}, within chance.", **gaps)
    if skill > 0:
        return say("Over the last {n} its error was {share} smaller than that of {name}.", **gaps)
    return say("Over the last {n} its error was {share} larger than that of {name}.", **gaps)


def warnings(content: BulletinContent) -> list[str]:
    """Probabilities that were too high or too low, and scores worse than the benchmark's."""
    misled = content.misled
    said = [
        say(
            "at least {least}: {said} forecast, {came} observed",
            least=content.counted(row.threshold), said=words.percent(row.said), came=words.percent(row.came),
        )
        for row in misled.itertuples()
    ]  # fmt: skip
    out = []
    for high in (True, False):
        chosen = [text for text, is_high in zip(said, misled.said > misled.came, strict=True) if is_high == high]
        if chosen and high:
            out.append(
                say("Some chances were too high in the past ({events}): read them as lower.", events="; ".join(chosen))
            )
        elif chosen:
            out.append(
                say("Some chances were too low in the past ({events}): read them as higher.", events="; ".join(chosen))
            )
    rows = content.brier
    if ((rows.score == "brier_escalation") & (rows.verdict == "worse")).any():
        out.append(
            say("Chances of escalation were worse than the benchmark's in the tests, so no judgement uses them.")
        )
    return out
