"""Method, citation, licence, and what the bulletin must not be used for."""

from provrisk.reports.basis import Basis
from provrisk.reports.document import Items, Part, Text


def part(basis: Basis) -> Part:
    """Method, citation, limits, and what the bulletin is not for."""
    draws = basis.forecast.sizes["draw"]
    source = basis.study.file.source
    deaths = (
        f"Deaths are drawn for the forecast {basis.many} from a fitted distribution of deaths for one {basis.one}, "
        "with a power-law tail from ten on. "
        if basis.tells_deaths
        else ""
    )
    method = (
        f"The forecast is {draws:,} draws from the predictive distribution of "
        f"{basis.titles.get(basis.champion, basis.champion)}, joint over {basis.unit.many}, seed {basis.seed}; every "
        "figure comes "
        f"from the same draws, totals from sums of draws. Quantiles are whole numbers. {deaths}Models are "
        f"proved by running them again at past origins on what was known then. Method version {basis.method}."
    )
    limits = (
        "It must not be used for targeting, nor for decisions about any person or group of persons.",
        f"It says nothing on individuals, households, places within a {basis.unit.one}, or days within a month.",
        "It counts recorded events: a quiet figure may mean that nobody reported.",
        "It does not say why violence happens, and its reasons are not causes.",
        "It is one input to a judgement, never a substitute for people who know the place.",
    )
    return Part(
        key="method",
        title="Method, source and limits",
        blocks=(
            Text(words=method),
            Text(words="What this bulletin must not be used for, and what it does not say:", notice=True),
            Items(items=limits),
            Text(words=f"Source of the events: {source.citation} {source.url}. Licence: {source.licence}."),
        ),
    )
