"""The page of a retraining: the decision and its reasons."""

from collections.abc import Mapping

from provrisk.reports.render.html import ENVIRONMENT


def render(decision: Mapping[str, object]) -> str:
    """One HTML page of a decision (see ``jobs.retrain.Decision``)."""
    return ENVIRONMENT.get_template("retraining.html.j2").render(decision=decision)
