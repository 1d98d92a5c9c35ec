"""Method, citation, licence, and uses that are not allowed."""

from provrisk import months
from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Items, Part, Text
from provrisk.reports.language import capital, given, say


def part(basis: Basis) -> Part:
    """Method, citation, limits, and what the bulletin is not for."""
    source = basis.study.file.source
    limits = (
        say("It must not be used for targeting, nor for decisions about any person or group of persons."),
        say(
            "It says nothing on individuals, households, places within a {unit}, or days within a month.",
            unit=basis.unit,
        ),
        say("It counts recorded events: a low count may mean that events were not reported."),
        say("It does not say why violence happens, and its reasons are not causes."),
        say("It is one input to a judgement, never a substitute for people who know the place."),
    )
    return Part(
        key="method",
        title=say("Method, source and limits"),
        blocks=(
            Text(words=_method(basis)),
            Text(words=_figures(basis)),
            Text(words=say("What this bulletin must not be used for, and what it does not say:"), notice=True),
            Items(items=limits),
            Text(
                words=say(
                    "Source of the events: {citation} {url}. Licence: {licence}.",
                    citation=source.citation,
                    url=source.url,
                    licence=source.licence,
                )
            ),
        ),
    )


def _method(basis: Basis) -> str:
    said = [
        say("The forecast is made by {model}.", model=basis.title(basis.champion)),
        say("All figures come from the same simulated months ({draws} of them, for all {units} at once); "
            "totals are sums of these.", draws=words.number(basis.forecast.sizes["draw"]), units=basis.units),
    ]  # fmt: skip
    if basis.teachers:
        said.append(
            say(
                "Part of it was fitted to other data ({records}, up to {month}), never to these data; its tests "
                "at past months use later months of the other data.",
                records=", ".join(capital(given(teacher.country)) for teacher in basis.teachers),
                month=words.month(months.parse(max(teacher.last for teacher in basis.teachers))),
            )
        )
    if basis.tells_deaths:
        said.append(
            say(
                "Deaths are drawn for the forecast events from a fitted distribution with a heavy tail from ten "
                "deaths on."
            )
        )
    if basis.final_data:
        said.append(
            say("Models are tested by running them again at past months on the data as they stand today, with later "
                "corrections in them.")
        )  # fmt: skip
    else:
        said.append(say("Models are tested by running them again at past months on the data known then."))
    return " ".join(said)


def _figures(basis: Basis) -> str:
    return say(
        "To make the same figures again: digest of the data {digest}, seed {seed}, {draws} draws, method {method}.",
        digest=basis.panel.attrs["digest"], seed=str(basis.seed), draws=words.number(basis.forecast.sizes["draw"]),
        method=basis.method,
    )  # fmt: skip
