"""Method, citation, licence, and uses that are not allowed."""

from provrisk import months
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Items, Part, Text
from provrisk.reports.language import capital, say, translated


def part(content: BulletinContent) -> Part:
    """Method, citation, limits, and what the bulletin is not for."""
    source = content.study.file.source
    limits = (
        say("It must not be used for targeting, nor for decisions about any person or group of persons."),
        say(
            "It says nothing on individuals, households, places within a {unit}, or days within a month.",
            unit=content.unit,
        ),
        say("It counts recorded events: a low count may mean that events were not reported."),
        say("It does not say why violence happens, and its reasons are not causes."),
        say("It is one input to a judgement, never a substitute for people who know the place."),
    )
    return Part(
        key="method",
        title=say("Method, source and limits"),
        blocks=(
            Text(words=_method(content)),
            Text(words=_figures(content)),
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


def _method(content: BulletinContent) -> str:
    said = [
        say("The forecast is made by {model}.", model=content.title(content.champion)),
        say("All figures come from the same simulated months ({draws} of them, for all {units} at once); "
            "totals are sums of these.", draws=words.number(content.forecast.sizes["draw"]), units=content.units),
    ]  # fmt: skip
    if content.teachers:
        said.append(
            say(
                "Part of it was fitted to other data ({records}, up to {month}), never to these data; its tests "
                "at past months use later months of the other data.",
                records=", ".join(capital(translated(teacher.country)) for teacher in content.teachers),
                month=words.month(months.parse(max(teacher.last for teacher in content.teachers))),
            )
        )
    if content.tells_deaths:
        said.append(
            say(
                "Deaths are drawn for the forecast events from a fitted distribution with a heavy tail from ten "
                "deaths on."
            )
        )
    if content.final_data:
        said.append(
            say("Models are tested by running them again at past months on the data as they stand today, with later "
                "corrections in them.")
        )  # fmt: skip
    else:
        said.append(say("Models are tested by running them again at past months on the data known then."))
    return " ".join(said)


def _figures(content: BulletinContent) -> str:
    return say(
        "To make the same figures again: digest of the data {digest}, seed {seed}, {draws} draws, method {method}.",
        digest=content.panel.attrs["digest"],
        seed=str(content.seed),
        draws=words.number(content.forecast.sizes["draw"]),
        method=content.method,
    )
