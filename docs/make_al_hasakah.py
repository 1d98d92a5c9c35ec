"""Write docs/al-hasakah.md from its template: the prose is there, every verdict and figure comes from the tool."""

from pathlib import Path

import jinja2

from provrisk.jobs.evidence import compare_sources, run_evidence
from provrisk.jobs.scenario import run_scenario
from provrisk.risk.evidence.verdict import number_of_tests
from provrisk.study import find_project
from provrisk.study.supposed import ScenarioFile

DOCS = Path(__file__).resolve().parent
SUPPOSED = {"driver": "prison_break", "provinces": ["Nineveh", "Anbar"], "month": "2019-02"}


def main() -> None:
    project = find_project(DOCS.parent)
    study = project.study("iraq")
    evidence = run_evidence(project, study, workers=2)
    scenario = run_scenario(project, study, ScenarioFile.model_validate({"name": "x", "suppose": [SUPPOSED]}))
    table, _ = compare_sources(project, study)
    words: dict[str, list[str]] = {}
    for one in evidence.verdicts:
        words.setdefault(one.word, []).append(one.id)
    found = {one.id: one for one in evidence.verdicts}

    def claim(name: str) -> str:
        one = found[name]
        text = f"**{name}. {one.claim.claim}.** *{one.word.capitalize()}.* {one.why}"
        text += f" {one.claim.note}" if one.claim.note else ""
        if one.measured is not None and one.measured.named:
            text += f" Also in its months: {'; '.join(one.measured.named)}."
        return text

    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(DOCS),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown
    ).get_template("al-hasakah.md.j2")
    page = template.render(
        source=evidence.source,
        until=evidence.record.panel.attrs["origin"],
        digest=evidence.record.panel.attrs["digest"],
        recipe=evidence.recipe,
        seed=evidence.record.seed,
        tests=number_of_tests(evidence.verdicts),
        verdicts=sorted(words.items()),
        counts=list(table[table.year == 2021].itertuples()),
        claim=claim,
        cases=" and ".join(f"{name} ({row.month})" for name, row in scenario.cases[SUPPOSED["driver"]].iterrows()),
        assumption="\n".join(f"- {said}" for said in scenario.assumptions),
    )
    (DOCS / "al-hasakah.md").write_text(page + "\n", encoding="utf-8")


main()
