"""Every family of features, and those that a study names."""

import difflib
from collections import Counter
from dataclasses import replace

from provrisk.errors import ProvriskError
from provrisk.features import calendar, drivers, external_series, history, neighbours, series
from provrisk.features.feature import Feature
from provrisk.study import Study

FAMILIES = {
    "series": series.features,
    "history": history.features,
    "neighbours": neighbours.features,
    "calendar": calendar.features,
    "drivers": drivers.features,
    "outside": external_series.features,
}
"""Each family by name: a function of the study and the measures in its counts that lists its features."""


def chosen(study: Study, measures: list[str]) -> list[tuple[str, Feature]]:
    """The features that the study names, singly or by their family, each with its family; none twice.

    Raises ``ProvriskError`` for a name that is neither, or that two features share.
    """
    families = {family: make(study, measures) for family, make in FAMILIES.items()}
    every = [(family, feature) for family, made in families.items() for feature in made]
    taken = Counter([*measures, "observed", *FAMILIES, *(feature.name for _, feature in every)])
    twice = [name for name, number in taken.items() if number > 1]
    if twice:
        raise ProvriskError(
            f"{study.folder / 'study.toml'}: the name {twice[0]!r} is taken twice: rename the series from outside, or "
            "the type of driver."
        )
    singles = {feature.name: (family, feature) for family, feature in every}
    out: dict[str, tuple[str, Feature]] = {}
    for name in study.file.features:
        if name in families:
            out |= {feature.name: (name, feature) for feature in families[name]}
        elif name in singles:
            out[name] = singles[name]
        else:
            near = difflib.get_close_matches(name, [*families, *singles], n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ProvriskError(
                f"{study.folder / 'study.toml'}: there is no feature {name!r}: {hint}name one that 'provrisk features "
                f"list' shows, or a family ({', '.join(families)})."
            )
    return list(out.values())


def with_every_feature(study: Study) -> Study:
    """The study as if it named all families."""
    return replace(study, file=study.file.model_copy(update={"features": tuple(FAMILIES)}))
