"""The bulletin in other languages: every sentence in the catalogue, nothing left in English, plurals and directions."""

import dataclasses
import html as markup
import re
import runpy
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from helpers import ROOT
from provrisk.errors import ProvriskError
from provrisk.reports.bulletin.compose import compose
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Document, Stored
from provrisk.reports.language import languages, place, say, say_n, speaking
from provrisk.reports.pages import front_page
from provrisk.reports.render import html, markdown, pdf
from provrisk.reports.words import day, joined, month, number, signed
from provrisk.study import Study, in_languages

OTHERS = [code for code in languages() if code != "en"]

KEPT = {
    "EWMA-NB", "conflictology", "CRPS", "PIT", "UCDP", "GED", "NB", "CC", "BY", "risk.csv", "English", "Français",
    "Atom",
    "Sundberg", "Ralph", "and", "Erik", "Melander", "Introducing", "the", "Georeferenced", "Event", "Dataset",
    "Journal",
    "of", "Peace", "Research", "Högbladh", "Stina", "Codebook", "version", "Department", "Conflict", "Uppsala",
    "University", "https", "ucdp.uu.se", "downloads",
}  # fmt: skip
"""Names of models, scores, sources and files, and the citation, which stand as they are in every language."""


@pytest.fixture(scope="module")
def document(content: BulletinContent) -> Document:
    return compose(content, ["en", "ar", "fr"])


def text_of(page: str) -> str:
    bare = re.sub(r"<(style|script)\b.*?</\1>|<metadata>.*?</metadata>", " ", page, flags=re.S)
    said = re.findall(r'(?:aria-label|alt|title)="([^"]*)"', bare)
    return markup.unescape(re.sub(r"<[^>]+>", " ", bare) + " " + " ".join(said))


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_in_the_catalogue_with_its_gaps_and_plurals(code: str) -> None:
    found = runpy.run_path(str(ROOT / "docs" / "make_catalogue.py"))["messages"]()
    with (ROOT / "src/provrisk/reports/locale" / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    assert {message.id for message in found if message.id} == {message.id for message in catalogue if message.id}
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        if not message.id:
            continue
        assert len(forms) == (catalogue.num_plurals if len(ids) > 1 else 1), message.id
        for form in forms:
            assert form, message.id
            gaps = set(re.findall(r"{\w+}", form))
            assert gaps <= set(re.findall(r"{\w+}", ids[0])), message.id
            if len(ids) == 1:
                assert gaps == set(re.findall(r"{\w+}", ids[0])), message.id


def test_no_english_is_left_in_the_arabic_page(document: Document) -> None:
    arabic = next(edition for edition in document.editions() if edition.language == "ar")
    for page in (html.render(arabic), markdown.render(arabic).replace("\\", "")):
        words = set(re.findall(r"[A-Za-zÀ-ÿ][\w.-]+[A-Za-zÀ-ÿ]", text_of(page).replace(arabic.digest, "")))
        assert words - KEPT - {"html", "svg", "www.w3.org"} == set()


def test_no_english_is_left_on_the_arabic_front_page(content: BulletinContent) -> None:
    with speaking("ar", content.study):
        page = front_page.page(content.study, content.panel, [], {}, content.drivers)
    words = set(re.findall(r"[A-Za-zÀ-ÿ][\w.-]+[A-Za-zÀ-ÿ]", text_of(page)))
    assert words - KEPT == set()


def test_arabic_runs_from_right_to_left_everywhere(document: Document) -> None:
    english, arabic, french = document.editions()
    assert '<html lang="ar" dir="rtl">' in html.render(arabic)
    assert '<html lang="fr" dir="ltr">' in html.render(french)
    assert '<a href="bulletin.ar.html" hreflang="ar" lang="ar">العربية</a>' in html.render(english)
    assert '<a href="bulletin.html" hreflang="en" lang="en">English</a>' in html.render(arabic)
    assert "نينوى" in html.render(arabic)
    assert "نينوى" in str(arabic.part("brief"))  # on the map, too
    printed = pdf.render(arabic)
    assert printed.startswith(b"%PDF")
    assert printed == pdf.render(arabic)


def test_one_record_holds_all_languages_and_the_same_numbers(document: Document) -> None:
    stored = Stored(document=document, files={})
    back = Stored.model_validate_json(stored.model_dump_json()).document
    assert back == document
    english, arabic, french = back.editions()
    assert (arabic.risk, french.scorecard, arabic.digest) == (english.risk, english.scorecard, english.digest)
    figures = [re.findall(r"\d+\.\d", str(edition.part("ranking").blocks[-1])) for edition in (english, arabic)]
    assert figures[0] == figures[1]
    assert [part.key for part in arabic.parts] == [part.key for part in english.parts]
    assert "3,1" in str(french.part("ranking"))  # a comma for decimals


def test_numbers_months_and_plurals_follow_the_language(iraq: Study) -> None:
    stamp = __import__("pandas").Timestamp("2019-01-01")
    with speaking("ar", iraq):
        assert month(stamp) == "كانون الثاني 2019"  # as months are called in Iraq, not in Egypt
        said = [say_n("{n} attack", "{n} attacks", n, n=n) for n in (1, 2, 3, 11, 100)]
        assert said == ["هجوم واحد", "هجومان", "3 هجمات", "11 هجوماً", "100 هجوم"]
        assert place("Erbil") == "أربيل"
        assert signed(-3) == "\u200e−3"
    with speaking("fr", iraq):
        assert (month(stamp), day(stamp), number(12345.6, 1)) == ("janvier 2019", "1 janvier 2019", "12\u202f345,6")
        assert say_n("{n} attack", "{n} attacks", 0, n=0) == "0 attaque"
        assert place("Erbil") == "Erbil"
        assert joined(["A", "B", "C"]) == "A, B et C"
    assert say("not observed") == "not observed"


def test_an_unknown_language_is_one_sentence(iraq: Study, tmp_path: Path) -> None:
    with (
        pytest.raises(ProvriskError, match="no language 'xx': pages are written in en, ar, fr"),
        speaking("xx"),
    ):
        pass
    assert in_languages(iraq, ["ar"]).file.language == ("ar",)
    assert in_languages(iraq, []) is iraq
    broken = dataclasses.replace(iraq, folder=tmp_path)
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "ar.po").write_bytes(b'msgid "\xff"\nmsgstr "x"\n')
    (tmp_path / "provinces.csv").write_bytes((iraq.folder / "provinces.csv").read_bytes())
    with pytest.raises(ProvriskError, match="is no gettext catalogue"), speaking("ar", broken):
        pass
