"""Bring the gettext catalogues of the reports up to date with their sentences; what is new stands there empty."""

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "src" / "provrisk" / "reports"
KEYWORDS = {"say": None, "say_n": (1, 2), "mark": None, "mark_n": (1, 2)}
METHODS = [("comparison/**", "ignore"), ("templates/comparison/**", "ignore"), ("**.py", "python"), ("**.j2", "jinja2")]


def messages() -> Catalog:
    """Every sentence of the reports."""
    catalogue = Catalog()
    options = {"**.j2": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    for _, _, message, _, _ in extract_from_dir(REPORTS, METHODS, options, keywords=KEYWORDS):
        catalogue.add(message)
    return catalogue


def main() -> None:
    found = messages()
    for path in sorted((REPORTS / "locale").glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        catalogue.update(found, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, omit_header=False, no_location=True, sort_output=True, width=120)


if __name__ == "__main__":
    main()
