"""The language of a page: its catalogue, its plurals, and the names of places.

A sentence is written in English in the code, with named gaps, and looked up in a gettext catalogue
(``locale/LANGUAGE.po``). The texts of a study (title, unit, levels) are looked up in the study's own
(``features/STUDY/locale/LANGUAGE.po``); its provinces have a column ``name_LANGUAGE`` in ``provinces.csv``.
"""

import gettext
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pycountry
from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from provrisk.errors import ProvriskError
from provrisk.study import Study

CATALOGUES = Path(__file__).with_name("locale")
ENGLISH = "en"


@dataclass(frozen=True)
class Language:
    """One language: its code, its Babel locale, the catalogue, and the names of provinces in it."""

    code: str
    locale: Locale
    catalogue: gettext.NullTranslations
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def direction(self) -> str:
        """``ltr``, or ``rtl`` if it is written from right to left."""
        return str(self.locale.text_direction)


_speech: ContextVar[Language] = ContextVar("speech")


def languages() -> list[str]:
    """The languages that pages can be written in."""
    return [ENGLISH, *sorted(path.stem for path in CATALOGUES.glob("*.po"))]


def check_languages(study: Study) -> None:
    """Raise ``ProvriskError`` if ``study`` requests a bulletin in a language without a catalogue."""
    for code in study.file.language:
        with speaking(code, study):
            pass


@contextmanager
def speaking(code: str, study: Study | None = None) -> Iterator[Language]:
    """Context manager: pages are written in the language ``code``, with the study's names in it.

    Raises ``ProvriskError`` for a language without a catalogue.
    """
    token = _speech.set(_spoken(code, study))
    try:
        yield _speech.get()
    finally:
        _speech.reset(token)


def speech() -> Language:
    """The current language; English unless another was chosen."""
    try:
        return _speech.get()
    except LookupError:
        return _spoken(ENGLISH, None)


def say(message: str, /, **values: object) -> str:
    """``message`` in the current language, its gaps filled."""
    return speech().catalogue.gettext(message).format(**values)


def say_n(one: str, many: str, number: float, /, **values: object) -> str:
    """The singular or plural message for ``number`` in the current language, its gaps filled."""
    return speech().catalogue.ngettext(one, many, _plural(number)).format(**values)


def translated(text: str) -> str:
    """A word of a study or a source, in the current language if its catalogue has it, else unchanged."""
    return speech().catalogue.gettext(text) if text else text


def place(name: str) -> str:
    """A province's name in the current language."""
    return speech().places.get(name) or name


def capital(text: str) -> str:
    """``text`` with a capital first letter."""
    return text[:1].upper() + text[1:]


def mark(message: str) -> str:
    """The message itself, marked for the catalogue; it is translated where it is used."""
    return message


COMMON = (
    mark("attack"), mark("attacks"), mark("death"), mark("deaths"), mark("province"), mark("provinces"),
    mark("country"), mark("countries"), mark("the world"), mark("none"), mark("low"), mark("moderate"), mark("high"),
    mark("very high"), mark("other actor"), mark("other country"), mark("no province given"),
)  # fmt: skip
"""Words common in studies and sources; a study's own catalogue may translate them differently."""


def mark_n(one: str, many: str) -> tuple[str, str]:
    """The messages themselves, marked for the catalogue as forms of one."""
    return one, many


COUNTED = (mark_n("{n} attack", "{n} attacks"), mark_n("{n} death", "{n} deaths"))


def _plural(number: float) -> int:
    # A rate such as 1.4 takes the plural in English; no language here has a complete rule for fractions.
    return int(number) if float(number).is_integer() else 100


@lru_cache(maxsize=64)
def _spoken_plain(code: str, territory: str) -> tuple[Locale, Path | None]:
    path = CATALOGUES / f"{code}.po"
    if code != ENGLISH and not path.is_file():
        raise ProvriskError(f"There is no language {code!r}: pages are written in {', '.join(languages())}.")
    if code == ENGLISH:
        return Locale.parse("en_GB"), None
    try:
        locale = Locale.parse(f"{code}_{territory}") if territory else Locale.parse(code)
    except UnknownLocaleError:
        locale = Locale.parse(code)
    return locale, path


def _spoken(code: str, study: Study | None) -> Language:
    # Months have the names used in the country: Arabic has three sets.
    locale, path = _spoken_plain(code, _territory(study) if study else "")
    found = _catalogue(path) if path else gettext.NullTranslations()
    if study is None:
        return Language(code, locale, found)
    own = study.folder / "locale" / f"{code}.po"
    if own.is_file():
        names = gettext.GNUTranslations(_compiled(own))
        names.add_fallback(found)
        found = names
    column = f"name_{code}"
    places = study.provinces[column].to_dict() if column in study.provinces else {}
    return Language(code, locale, found, places)


def _territory(study: Study) -> str:
    try:
        return str(pycountry.countries.lookup(study.file.country).alpha_2)
    except LookupError:
        return ""


@lru_cache(maxsize=16)
def _catalogue(path: Path) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(_compiled(path))


def _compiled(path: Path) -> io.BytesIO:
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem, abort_invalid=True)
    except (PoFileError, ValueError, OSError) as error:
        raise ProvriskError(f"{path} is no gettext catalogue ({error}): correct it.") from None
    out = io.BytesIO()
    write_mo(out, catalogue)
    out.seek(0)
    return out
