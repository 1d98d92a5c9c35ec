"""Data notes: excluded rows, months that no source covers, counts that may still change."""

from collections.abc import Sequence

import pandas as pd

from provrisk import months
from provrisk.evaluation.data_checks import Finding
from provrisk.events.counting.load import LoadedCounts
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Items, Part
from provrisk.reports.language import ENGLISH, mark, place, say, say_n, speech, translated

RECENT = 24

SMELLS = {"bad data": mark("probably a data error"), "news": mark("probably a real change")}
"""What a check suspects, in plain words."""


CHECKS = {
    "figures": mark("figures that contradict each other"),
    "months": mark("months that no source covers"),
    "silence": mark("active places without any event now"),
    "total": mark("the total of the last month against its forecast"),
    "excluded rows": mark("the share of excluded rows"),
    "revisions": mark("how much the newest release changed past months"),
}
"""The subject of each check; findings are in English, other languages only name the subject."""


def part(content: BulletinContent) -> Part:
    """Notes on the data."""
    items = (*content.notes(), _coverage(content), _release(content))
    return Part(key="notes", title=say("Data notes"), blocks=(Items(items=items),))


def _coverage(content: BulletinContent) -> str:
    """Which of the recent months no source covers."""
    recent = content.counts.iloc[-RECENT:]
    gaps = recent.isna()
    span = {"first": words.month(recent.index[0]), "last": words.month(recent.index[-1])}
    if not gaps.any(axis=None):
        return say("Every {unit} and month from {first} to {last} is covered by the source.", **span, unit=content.unit)
    said = [
        say("{place} ({months})", place=place(name), months=", ".join(months.label(m) for m in gaps.index[gaps[name]]))
        for name in gaps.columns[gaps.any()]
    ]
    return say(
        "Not covered by the source between {first} and {last}, and missing, not zero: {places}.",
        **span,
        places=words.joined(said),
    )


def _release(content: BulletinContent) -> str:
    if content.final_data:
        return say(
            "All figures, those of the tests too, are the data as they stand today ({source}), with later "
            "corrections that "
            "were not known at the time.",
            source=content.source,
        )
    return say("Figures are those of {source}; the latest months may still be revised.", source=content.source)


def _revised(moved: pd.DataFrame, shared: int) -> str:
    """How the newest release changed the months that it shares with the one before."""
    if moved.empty:
        return say_n(
            "The newest release changed nothing in the {n} month that it shares with the one before.",
            "The newest release changed nothing in the {n} months that it shares with the one before.",
            shared,
            n=words.number(shared),
        )
    most = moved.loc[moved.change.abs().idxmax()]
    return say(
        "The newest release changed {n} of the {all} months that it shares with the one before, by {change} in "
        "all; most in "
        "{month}, from {first} to {last}.",
        n=words.number(len(moved)), all=words.number(shared), change=words.signed(moved.change.sum()),
        month=words.month(most.month), first=words.number(most["first"]), last=words.number(most["last"]),
    )  # fmt: skip


def _text(finding: Finding) -> str:
    return finding.text if speech().code == ENGLISH else say(CHECKS.get(finding.name, finding.name))


def data_sentences(
    loaded: LoadedCounts,
    corrected: bool,
    findings: Sequence[Finding] = (),
    moved: pd.DataFrame | None = None,
    accepted: str | None = None,
) -> tuple[str, ...]:
    """Notes on the data: doubtful counts, excluded rows, counts that may still change, limits on publication.

    ``moved`` has the months in both of the two newest releases (``events.counting.revisions.by_month``), if there are
    two. ``accepted`` is the reason for continuing although a check had stopped the job.
    """
    out = [
        say(
            "A data check warns: {text} ({guess}).",
            text=_text(one),
            guess=say(SMELLS.get(one.smells_of, one.smells_of)),
        )
        if one.smells_of
        else say("A data check notes: {text}", text=_text(one))
        for one in findings
        if one.level != "ok"
    ]
    if accepted and any(one.level == "stop" for one in findings):
        out.append(say("The check that stops the job was overruled: {reason}.", reason=accepted))
    if moved is not None and len(moved):
        out.append(_revised(moved[moved.change != 0], len(moved)))
    if len(loaded.set_aside):
        reasons = "; ".join(
            say("{reason}: {n}", reason=translated(str(reason)), n=words.number(n))
            for reason, n in loaded.set_aside.items()
        )
        out.append(say("Excluded rows of the source: {reasons}.", reasons=reasons))
    out += [
        say("Counted rows that should be checked: {n} ({reason}).", n=words.number(n), reason=translated(str(text)))
        for text, n in loaded.remarks.items()
    ]
    if len(loaded.provisional):
        first, last = words.month(loaded.provisional[0]), words.month(loaded.provisional[-1])
        out.append(say("Provisional, since the source still revises them: {first} to {last}.", first=first, last=last))
    if corrected:
        out.append(
            say(
                "The forecast allows for later additions to the newest months and removals from them, as in past "
                "releases; the observed numbers shown are those reported."
            )
        )
    if not loaded.shareable:
        out.append(say("The source's terms restrict who may see its rows and what is made from them: do not publish."))
    return tuple(out)
