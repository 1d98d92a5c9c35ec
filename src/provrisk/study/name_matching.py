"""Names of provinces and countries: what two spellings have in common, and which names look alike; titles as names."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

APOSTROPHES = re.compile(r"['`´‘’ʿʾʻʼ]")
# Words that say what kind of unit a name is of, in the languages that records of events are written in.
KINDS = (
    "state", "region", "division", "district", "province", "governorate", "department", "county", "prefecture",
    "territory", "municipality", "governorship",
    "estado", "provincia", "departamento", "distrito", "condado", "municipio", "prefectura", "regiao", "concelho",
    "etat", "departement", "gouvernorat", "comte", "territoire",
    "wilaya", "wilayah", "wilayat", "vilayet", "muhafazah", "muhafazat", "muhafaza", "mohafazat", "mohafaza",
    "mintaqah", "mintaqat", "liwa", "ostan", "velayat", "welayat", "viloyat", "viloyati", "oblys",
    "oblast", "oblasti", "rayon", "raion", "kray", "krai", "okrug", "kraj", "zupanija", "voivodeship", "wojewodztwo",
    "bundesland", "provinz", "provins", "fylke", "kommun", "provinsi", "propinsi", "changwat", "tinh", "khet",
    "lalawigan", "gobolka", "gobol", "mkoa", "kilil",
)  # fmt: skip
_BEFORE = r"(?:\b(?:autonomous|administrative|special|union(?= territory)) )?"
_LINK = r"(?: (?:of|de|du|del|da|do|des|di)\b(?: (?:the|la|el|los|las|le|les)\b)?)?"
KIND = re.compile(rf"{_BEFORE}\b(?:{'|'.join(KINDS)})\b{_LINK}")
DIRECTIONS = frozenset((
    "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "northeast", "northwest",
    "southeast", "southwest", "upper", "lower", "new", "middle", "inner", "outer", "rural", "city", "urban",
    "nord", "sud", "est", "ouest", "centre", "haut", "bas", "haute", "basse", "septentrional", "meridional", "oriental",
    "occidental", "norte", "sur", "este", "oeste", "centro", "i", "ii", "iii", "iv", "v", "vi",
))  # fmt: skip
"""Words that tell two units apart: "Westmark Sur" is no longer name of "Westmark"."""
ARTICLES = frozenset(("al", "el", "ar", "as", "ash", "ad", "an", "at", "az", "ez", "the", "la", "le", "los", "las"))
NO_NAME = frozenset(("", "federal", "capital", "national"))
"""What is left of "Federal District" and its like is no name."""
ALIKE = 0.6
"""From this likeness of two names on, a person should say whether they are one."""
SURE = 0.85
"""The same, where no official list says which of them are units."""
SAME = 0.8
"""From this likeness on, a name and one of an official list are taken for one, if no other comes near."""


@lru_cache(1 << 16)
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

    >>> key("Westmark division") == key("Westmark Region") == key("State of Westmark")
    True
    """
    flat = folded(name)
    left = " ".join(KIND.sub(" ", flat).split())
    return flat if left in NO_NAME else left


def bare(name: str) -> str:
    """``name`` as it is shown: without the words for a kind of unit, accents and case kept.

    >>> bare("Al Wádi  governorate"), bare("Ciudad de Westmark"), bare("Estado de Westmark"), bare("Federal District")
    ('Al Wádi', 'Ciudad de Westmark', 'Westmark', 'Federal District')
    """
    words = name.split()
    flat = [folded(word).replace(" ", "_") for word in words]
    gone = [found.span() for found in KIND.finditer(" ".join(flat))]
    starts = np.cumsum([0, *(len(one) + 1 for one in flat)])
    kept = [word for word, at in zip(words, starts, strict=False) if not any(a <= at < b for a, b in gone)]
    return " ".join(words if not kept or folded(kept[-1]) in NO_NAME else kept)


def continues(longer: str, shorter: str) -> bool:
    """Whether one name begins with the whole of the other, and what follows tells no other unit.

    >>> continues("Westmark de la Cruz", "Westmark"), continues("Westmark Sur", "Westmark")
    (True, False)
    """
    long, short = key(longer).split(), key(shorter).split()
    return long[: len(short)] == short and _tells_nothing(long[len(short) :])


def _tells_nothing(rest: list[str]) -> bool:
    return bool(rest) and not DIRECTIONS & set(rest) and not any(map(str.isdigit, rest))


def _ends(longer: str, shorter: str) -> bool:
    """Whether one name ends with the whole of the other, and what comes before tells no other unit."""
    long, short = key(longer).split(), key(shorter).split()
    return long[-len(short) :] == short and _tells_nothing(long[: -len(short)])


def likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1, blanks apart."""
    a, b = (key(name).replace(" ", "") for name in (one, other))
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()


def _skeleton(name: str) -> str:
    """The consonants of a name without its articles: what transliterations of one name share, if there are enough."""
    words = [word for word in key(name).split() if word not in ARTICLES]
    bones = re.sub(r"[aeiouy]+", "", "".join(words))
    return re.sub(r"(.)\1+", r"\1", bones) if len(bones) >= 3 else ""


def best_match(name: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that is ``name``: by ``key``, its beginning or end, its consonants, or a likeness by far."""
    names = list(known)
    for fits in (
        lambda other: folded(other) == folded(name),
        lambda other: key(other) == key(name),
        lambda other: continues(other, name) or continues(name, other),
        lambda other: _ends(other, name) or _ends(name, other),
    ):
        found = [other for other in names if fits(other)]
        if found:
            return found[0] if len(found) == 1 else None
    bones = _skeleton(name)
    if bones and len(alike := [other for other in names if _skeleton(other) == bones]) == 1:
        return alike[0]
    ranked = sorted(((likeness(name, other), other) for other in names), reverse=True)[:2]
    if not ranked or ranked[0][0] < SAME or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.05):
        return None
    return ranked[0][1]


def by_title(given: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """The names in ``given``, where the title of a name (``titles``), in any case, means that name.

    >>> by_title(["ewma-nb", "pool"], {"ewma_nb": "EWMA-NB", "pool": "equal pool"})
    ['ewma_nb', 'pool']
    """
    named = {title.casefold(): name for name, title in titles.items()}
    return [one if one in titles else named.get(one.casefold(), one) for one in given]
