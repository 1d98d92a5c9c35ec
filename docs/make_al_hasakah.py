"""Write docs/al-hasakah.md and its pictures: the prose is in the template, every verdict and figure from the tool.

The last part asks for a scenario, so a champion must be there: ``provrisk run --study iraq`` first.
"""

import re
from pathlib import Path

import jinja2
import pandas as pd

from provrisk.jobs.evidence import Evidence, run_evidence
from provrisk.jobs.scenario import run_scenario
from provrisk.jobs.work import Work
from provrisk.reports.charts import published_panels
from provrisk.reports.pages.evidence import words_of
from provrisk.risk.evidence import ledger
from provrisk.risk.evidence.answer import answer
from provrisk.risk.evidence.quoting import listed, spelled
from provrisk.risk.evidence.verdict import Verdict, number_of_tests
from provrisk.study import find_project
from provrisk.study.scenario_file import ScenarioFile
from provrisk.text import LINK

DOCS = Path(__file__).resolve().parent
SUPPOSED = {"driver": "prison_break", "provinces": ["Nineveh", "Anbar"], "month": "2019-02"}
PICTURES = {"H1": "weeks", "H6": "share", "H7": "2021", "H17": "syria"}
"""Claims whose first picture the page shows, and what its file is called."""


def said_of(verdict: Verdict) -> str:
    """A claim in Markdown: the sentence, the word, and a line a measure."""
    claim, lines = verdict.claim, verdict.lines
    text = f"**{verdict.id}. {claim.claim}.** *{verdict.word.capitalize()}.*"
    if len(lines) == 1:
        text += f" {lines[0].why} {lines[0].test.note}".rstrip()
    if claim.note:
        text += f" {claim.note}"
    if verdict.named:
        text += f" Also in these months: {verdict.named}."
    if len(lines) > 1:
        text += "\n"
        for line in lines:
            besides = getattr(line.test, "besides", "")
            held = f" This measure holds {besides}." if besides else ""
            note = f" {line.test.note}" if line.test.note else ""
            text += f"\n- By {line.measure}: *{line.word}.* {line.why}{held}{note}"
    if verdict.id in PICTURES and verdict.id != "H1":
        panel = next(line.measured.panels[0] for line in lines if line.measured and line.measured.panels)
        text += f"\n\n![{panel.title}](pictures/al-hasakah-{PICTURES[verdict.id]}.png)"
    return text


def draw(evidence: Evidence) -> None:
    for verdict in evidence.verdicts:
        if verdict.id in PICTURES:
            found = next(line.measured for line in verdict.lines if line.measured and line.measured.panels)
            path = DOCS / "pictures" / f"al-hasakah-{PICTURES[verdict.id]}.png"
            path.write_bytes(published_panels.picture(found.panels, ".png", found.day))


def cells(book: pd.DataFrame) -> list[list[str]]:
    """Rows of the ledger as cells of a table, each with its anchor."""
    return [
        [
            f'<a id="{row.id}"></a>{row.id}',
            spelled(book.loc[row.Index]),
            row.place,
            words_of(row),
            f"{row.who}: {row.what}",
            f"{row.publisher}, {row.published_on}".rstrip(", "),
            f"<{row.address}>" if row.address.startswith("http") else row.address,
        ]
        for row in book.itertuples()
    ]


def main() -> None:
    project = find_project(DOCS.parent)
    study = project.study("iraq")
    evidence = run_evidence(study, Work(workers=2))
    scenario = run_scenario(study, ScenarioFile.model_validate({"name": "x", "suppose": [SUPPOSED]}))
    record, book = evidence.record, evidence.record.ledger
    words: dict[str, list[str]] = {}
    for one in evidence.verdicts:
        words.setdefault(one.word, []).append(one.id)
    attacks = book.what.isin(["attacks", "claimed attacks", "incidents", "events"])
    year = book[attacks & book.a_year.notna() & (book.first_day <= "2021-06-30") & (book.last_day >= "2021-07-01")]
    draw(evidence)
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(DOCS),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown
    ).get_template("al-hasakah.md.j2")
    given = {
        "answer": answer(study.hypotheses.lead, evidence.verdicts, record.thresholds.level),
        "source": evidence.source,
        "until": record.panel.attrs["origin"],
        "digest": record.panel.attrs["digest"],
        "recipe": record.thresholds.recipe,
        "seed": record.seed,
        "tests": number_of_tests(evidence.verdicts),
        "verdicts": sorted(words.items()),
        "themes": [
            (theme, [said_of(one) for one in evidence.verdicts if one.claim.theme == key])
            for key, theme in study.hypotheses.themes.items()
        ],
        "year": listed(year).reset_index().to_numpy().tolist(),
        "contradictions": ledger.contradictions(book),
        "cases": " and ".join(f"{name} ({row.month})" for name, row in scenario.cases[SUPPOSED["driver"]].iterrows()),
        "assumption": "\n".join(f"- {said}" for said in scenario.assumptions),
        "of": len(book),
    }
    linked = {anchor.removeprefix("#") for _, anchor in LINK.findall(template.render(given | {"rows": []}))}
    computed = book.computation[book.id.isin(linked)].str.findall(r"[A-Z]+[0-9]+")
    linked |= {id_ for ids in computed for id_ in ids}
    page = template.render(given | {"rows": cells(book[book.id.isin(linked)])})
    page = re.sub(r"\n{3,}", "\n\n", page)
    (DOCS / "al-hasakah.md").write_text(page.rstrip() + "\n", encoding="utf-8")


main()
