"""The answer that a page opens with: three sentences, composed from the verdict on the study's leading claim."""

from collections.abc import Sequence

from provrisk.risk.evidence.quoting import joined
from provrisk.risk.evidence.record import interval
from provrisk.risk.evidence.verdict import Line, Verdict

PLAIN = {
    "supported": "the figures agree with it",
    "contradicted": "the figures show the opposite",
    "inconclusive": "the available figures neither support nor contradict it",
    "not separable": "there is a change, but its causes cannot be separated",
    "shown": "figures can only be shown side by side",
    "not testable": "no figures are available to test it",
}


def answer(lead: str, verdicts: Sequence[Verdict], level: float) -> list[str]:
    """The result of the claim ``lead``: in plain words, then by its first measure, then by the others.

    Intervals are those of ``level``. Nothing where the study has no leading claim.
    """
    found = [verdict for verdict in verdicts if verdict.id == lead]
    if not found:
        return []
    verdict = found[0]
    tested = [line for line in verdict.lines if line.measured is not None and line.measured.brief]
    said = [f"“{verdict.claim.claim}”: {_plainly(verdict, tested)}."]
    if tested:
        said.append(_first(tested[0]))
    if others := tested[1:]:
        said.append(f"By other measures: {'; '.join(_short(line, level) for line in others)}.")
    return said


def _plainly(verdict: Verdict, tested: Sequence[Line]) -> str:
    """The word in a sentence, and how many measures moved, each judged by its own interval."""
    disagree = {"supported", "contradicted"} <= {line.word for line in tested}
    said = "the measures disagree" if disagree else PLAIN[verdict.word]
    if len(tested) < 2:
        return said
    rose = [line.counted for line in tested if line.measured is not None and line.measured.low > 1]
    fell = [line.counted for line in tested if line.measured is not None and line.measured.high < 1]
    moves = [
        f"{len(names) or 'none'} {word}{f' ({joined(names)})' if names else ''}"
        for names, word in ((rose, "rose"), (fell, "fell"))
    ]
    return f"{said}: of {len(tested)} measures {' and '.join(moves)}"


def _first(line: Line) -> str:
    """The first measure's figures, and what it would have found."""
    found = line.measured
    assert found is not None  # noqa: S101 - for the type checker: such lines were left out
    said = found.brief[:1].upper() + found.brief[1:]
    if line.word == "inconclusive" and found.detectable and line.level is not None:
        least = found.detectable(line.level)
        return f"{said}; {least[0].lower()}{least[1:]}"
    return f"{said}."


def _short(line: Line, level: float) -> str:
    found = line.measured
    assert found is not None  # noqa: S101 - for the type checker: such lines were left out
    besides = getattr(line.test, "besides", "")
    held = f", a measure that holds {besides}" if besides else ""
    return f"{line.measure} {found.estimate:.2f} times as many ({interval(found.low, found.high, level)}){held}"
