"""Names of provinces and countries: what two spellings have in common, and which names look alike."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

APOSTROPHES = re.compile(r"['`´‘’ʿʾʻʼ]")
# Words that say what kind of unit a name is of, in the languages that records of events are written in.
KINDS = (
    "autonomous", "administrative", "special", "union", "state", "region", "division", "district", "province",
    "governorate", "department", "county", "prefecture", "territory", "municipality", "governorship",
    "estado", "provincia", "departamento", "distrito", "condado", "municipio", "prefectura", "regiao", "concelho",
    "etat", "departement", "gouvernorat", "comte", "territoire",
    "wilaya", "wilayah", "wilayat", "vilayet", "muhafazah", "muhafazat", "muhafaza", "mohafazat", "mohafaza",
    "mintaqah", "mintaqat", "liwa", "ostan", "velayat", "welayat", "viloyat", "viloyati", "oblys",
    "oblast", "oblasti", "rayon", "raion", "kray", "krai", "okrug", "kraj", "zupanija", "voivodeship", "wojewodztwo",
    "bundesland", "provinz", "provins", "fylke", "kommun", "provinsi", "propinsi", "changwat", "tinh", "khet",
    "lalawigan", "gobolka", "gobol", "mkoa", "kilil",
)  # fmt: skip
_LINK = r"(?:\s+(?:of|de|du|del|da|do|des|di)\b(?:\s+(?:the|la|el|los|las|le|les)\b)?)?"
KIND = re.compile(rf"\b(?:{'|'.join(KINDS)})\b{_LINK}")
DIRECTIONS = frozenset((
    "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "northeast", "northwest",
    "southeast", "southwest", "upper", "lower", "new", "inner", "outer", "rural", "city", "urban",
    "nord", "sud", "est", "ouest", "centre", "haut", "bas", "haute", "basse", "septentrional", "meridional", "oriental",
    "occidental", "norte", "sur", "este", "oeste", "centro", "i", "ii", "iii", "iv", "v", "vi",
))  # fmt: skip
"""Words that tell two units apart: "Baja California Sur" is no longer name of "Baja California"."""
ALIKE = 0.72
"""From this likeness of two names on, a person should say whether they are one."""
SAME = 0.85
"""From this likeness on, a name and one of an official list are taken for one, if no other comes near."""


def folded(name: str) -> str:
    """``name`` without what nobody hears: case, accents, apostrophes, punctuation, doubled blanks.

    >>> folded("Al  Başrah-Province")
    'al basrah province'
    """
    seen = "".join(c for c in name if unicodedata.category(c) not in ("Cf", "Cc"))  # nobody sees a zero-width space
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", seen).casefold())
    bare = APOSTROPHES.sub("", "".join(c for c in flat if not unicodedata.combining(c)))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def key(name: str) -> str:
    """``folded``, and without the words for a kind of unit, as long as something is left.

    >>> key("Sagaing division") == key("Sagaing Region") == key("State of Sagaing")
    True
    """
    flat = folded(name)
    return " ".join(KIND.sub(" ", flat).split()) or flat


def bare(name: str) -> str:
    """``name`` as it is shown: without the words for a kind of unit, accents and case kept.

    >>> bare("Sagaing  region"), bare("Ciudad de México"), bare("Estado de México")
    ('Sagaing', 'Ciudad de México', 'México')
    """
    words = name.split()
    flat = [folded(word) for word in words]
    kept = [word for word, one in zip(words, flat, strict=True) if one not in KINDS]
    if len(kept) < len(words) and kept and flat[0] in KINDS:  # "Estado de México"
        while len(kept) > 1 and folded(kept[0]) in (
            "of",
            "de",
            "du",
            "del",
            "da",
            "do",
            "des",
            "di",
            "the",
            "la",
            "el",
        ):
            kept = kept[1:]
    return " ".join(kept) or " ".join(words)


def continues(longer: str, shorter: str) -> bool:
    """Whether one name begins with the whole of the other, and what follows tells no other unit.

    >>> continues("Michoacán de Ocampo", "Michoacán"), continues("Baja California Sur", "Baja California")
    (True, False)
    """
    long, short = key(longer).split(), key(shorter).split()
    rest = long[len(short) :]
    return bool(rest) and long[: len(short)] == short and not DIRECTIONS & set(rest) and not any(map(str.isdigit, rest))


def likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1, blanks apart."""
    a, b = (key(name).replace(" ", "") for name in (one, other))
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()


def best_match(name: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that is ``name``: by ``key``, or as its beginning, or so alike that no other comes near."""
    names = list(known)
    for fits in (
        lambda other: folded(other) == folded(name),
        lambda other: key(other) == key(name),
        lambda other: continues(other, name) or continues(name, other),
    ):
        found = [other for other in names if fits(other)]
        if found:
            return found[0] if len(found) == 1 else None
    ranked = sorted(((likeness(name, other), other) for other in names), reverse=True)[:2]
    if not ranked or ranked[0][0] < SAME or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.05):
        return None
    return ranked[0][1]
