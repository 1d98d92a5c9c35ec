"""The answer that a page opens with: three sentences, composed from the verdict on the study's leading claim."""

from collections.abc import Sequence

from provrisk.risk.evidence.verdict import Line, Verdict

PLAIN = {
    "supported": "the figures show that it is so",
    "contradicted": "the figures show that it is not so",
    "inconclusive": "the figures at hand cannot settle it",
    "not separable": "something moved, and what moved it cannot be told apart",
    "shown": "figures can be laid side by side, and no more",
    "not testable": "no figures are at hand that could tell",
}


def answer(lead: str, verdicts: Sequence[Verdict]) -> str:
    """What came of the claim called ``lead``: in plain words, then by its first measure, then by the others.

    Empty where the study has no leading claim.
    """
    found = [verdict for verdict in verdicts if verdict.id == lead]
    if not found:
        return ""
    verdict = found[0]
    tested = [line for line in verdict.lines if line.measured is not None and line.measured.brief]
    said = [f"“{verdict.claim.claim}”: {_plainly(verdict, tested)}."]
    said += [f"{_by(line)}." for line in tested[:1]]
    if others := tested[1:]:
        said.append("; ".join(_by(line) for line in others) + ".")
    return " ".join(said)


def _plainly(verdict: Verdict, tested: Sequence[Line]) -> str:
    words = {line.word for line in tested}
    if {"supported", "contradicted"} <= words:
        return "the measures disagree, so nothing is settled"
    if verdict.word == "inconclusive" and tested and all(_no_change(line) for line in tested):
        by = "the one measure at hand" if len(tested) == 1 else f"any of {len(tested)} measures"
        return f"no change is to be seen by {by}, but a change large enough to matter could have been missed"
    return PLAIN[verdict.word]


def _no_change(line: Line) -> bool:
    found = line.measured
    return found is not None and found.low < 1 < found.high


def _by(line: Line) -> str:
    """One measure's figures in one clause, what could have been found, and what else is in them."""
    found = line.measured
    assert found is not None  # noqa: S101 - for the type checker: such lines were left out
    said = found.brief
    if line.word == "inconclusive" and found.detectable and line.level is not None:
        least = found.detectable(line.level)
        said += f"; {least[0].lower()}{least[1:].rstrip('.')}"
    besides = getattr(line.test, "besides", "")
    return said + (f" (this measure holds {besides})" if besides else "")
