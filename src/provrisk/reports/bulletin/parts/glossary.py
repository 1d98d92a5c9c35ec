"""Words used in the bulletin, and what the probability terms mean."""

import itertools

from provrisk.evaluation.scores.cell_scores import ESCALATION_FACTOR
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Part, Table, table
from provrisk.reports.language import say


def part(content: BulletinContent) -> Part:
    """Probability terms and other words."""
    return Part(key="words", title=say("Words used here"), blocks=(_terms(), _glossary(content)))


def _terms() -> Table:
    bounds = [0.0, *(bound for bound, _ in words.TERMS)]
    spans = [
        say("{low} to {high} %", low=words.number(100 * low), high=words.number(100 * high))
        for low, high in itertools.pairwise(bounds)
    ]
    return table(
        say("What the probability terms mean"),
        {say("Term"): [say(word) for _, word in words.TERMS], say("Probability"): spans},
        text=(say("Term"), say("Probability")),
        folded=True,
    )


def _glossary(content: BulletinContent) -> Table:
    entries = {
        say("80 % interval"): say("The range that should contain the observed number 8 times in 10."),
        say("Expected number"): say("The average of all outcomes in the forecast."),
        say("Median"): say("The middle forecast: as likely too high as too low."),
        say("Escalation"): say(
            "A month with more than {least}, and {share} above the average of the 12 months before.",
            least=content.counted(content.study.file.risk.escalation),
            share=words.percent(ESCALATION_FACTOR - 1),
        ),
        say("Draw"): say("One simulated month; the forecast is many of them."),
        say("Backtest"): say("The method run again at past months, and compared with what was observed."),
        say("CRPS"): say(
            "Continuous ranked probability score: how far the whole forecast was from what was observed; lower "
            "is better."
        ),
        say("Brier score"): say(
            "The squared distance of a probability from what was observed (0 or 1); lower is better."
        ),
        say("Ranked probability score"): say("The Brier score for all levels at once; lower is better."),
        say("Skill"): say("How much lower the error is than a simple method's, in %; below 0 it is higher."),
        say("Coverage"): say(
            "The share of observed figures inside an interval; a correct 80 % interval contains 80 %."
        ),
        say("A tie"): say("The difference may be chance: its 90 % interval includes zero."),
    }
    if content.benchmarks:
        names = words.joined([content.title(name) for name in content.benchmarks])
        entries[names] = say("Simple methods that the forecast is compared with.")
    return table(
        say("Other words"),
        {say("Word"): list(entries), say("Meaning"): list(entries.values())},
        text=(say("Word"), say("Meaning")),
        folded=True,
        wrapped=True,
    )
