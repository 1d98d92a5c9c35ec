"""Claims of analysts compared with the data, and scenarios."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from provrisk import files
from provrisk.api.arguments import PathLike, StudyLike, to_names, to_path, to_study
from provrisk.errors import ProvriskError
from provrisk.jobs import evidence as testing
from provrisk.jobs import scenario as supposing
from provrisk.jobs.evidence import Evidence
from provrisk.jobs.scenario import Scenario
from provrisk.jobs.work import Work
from provrisk.study.claims import Claim
from provrisk.study.scenario_file import suppose


def evidence_list(study: StudyLike) -> dict[str, Claim]:
    """The claims of the study's ``hypotheses.toml`` by identifier, with how each is tested.

    Raises ``ProvriskError`` if there is none.

    >>> import provrisk as pr
    >>> {name: claim.claim for name, claim in pr.evidence_list(pr.load_study()).items()}
    {'U1': 'Most attacks are in the west'}
    """
    study = to_study(study)
    return study.claims


def evidence_test(study: StudyLike, claim: str = "all", *, seed: int = 1, workers: int = 1) -> Evidence:
    """Test the claims of ``hypotheses.toml`` on the data, and write the page of all to ``reports/STUDY/evidence/``.

    All are always tested, since the correction for multiple tests depends on their number; ``verdicts`` has
    the one named ``claim``, or all. The first call may compute a forecast from every month of the data.

    Raises ``ProvriskError`` if there is no such claim.

    >>> import provrisk as pr
    >>> [verdict] = pr.evidence_test(pr.load_study()).verdicts
    >>> verdict.id, verdict.word
    ('U1', 'supported')
    """
    study = to_study(study)
    known = study.claims
    if claim != "all" and claim not in known:
        raise ProvriskError(f"There is no claim {claim!r}: hypotheses.toml has {', '.join(known)}.")
    evidence = testing.run_evidence(study, Work(seed, workers))
    testing.write(evidence)
    return evidence.of(claim)


def evidence_sources(
    study: StudyLike,
    out: PathLike | None = None,
    *,
    by: Literal["year", "month"] = "year",
    year: int | None = None,
    picture: PathLike | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Published figures (``published.csv``) by year or month, beside the study's own; and notes on them.

    Figures of different definitions are not comparable; the notes list contradictions within a definition, and
    the verdicts on claims about single figures. With ``year`` only figures of that year are returned. The table is
    written to ``out`` (CSV) if given, a picture of the figures to ``picture`` (.png or .svg).

    >>> import provrisk as pr
    >>> table, notes = pr.evidence_sources(pr.load_study())
    >>> table[["year", "place", "a_year"]].tail(1)  # Utopia has no published.csv, so its own figures alone
       year   place  a_year
    4  2019  Utopia      70
    """
    study = to_study(study)
    table, notes = testing.compare_sources(study, by, year)
    if out is not None:
        files.write(Path(out), files.csv_of(table))
    if picture is not None:
        files.write(Path(picture), testing.draw_ledger(study, Path(picture).suffix))
    return table, notes


def scenario(
    study: StudyLike,
    driver: str | None = None,
    provinces: str | Sequence[str] = (),
    month: str | None = None,
    ratio: tuple[float, float] | None = None,
    *,
    file: PathLike | None = None,
    seed: int = 1,
    workers: int = 1,
) -> Scenario:
    """The champion's forecast with and without a supposed driver that begins in ``month`` in ``provinces``.

    ``driver`` is a type of ``drivers.csv``; its effect is that of past ones, or in the range ``ratio`` of rate
    ratios, lowest and highest. A scenario ``file`` (TOML) has one or several. ``table`` has a row for each month and
    province: expected attacks without and with it, the difference and its interval. It is written to
    ``reports/STUDY/scenarios/NAME/``; never part of a bulletin.

    Raises ``ProvriskError`` if there is no champion, for a month that the forecast does not reach, an unknown province,
    or a type without past cases.

    >>> import provrisk as pr
    >>> study = pr.load_study()
    >>> decision = pr.retrain(study)
    >>> done = pr.scenario(study, "prison break", ["Westmark"], "2020-02", ratio=(1.5, 2))
    >>> rows = done.table[done.table.province == "Westmark"]
    >>> (rows.difference > 0).tolist()
    [False, True, True, True, True, True]
    """
    study = to_study(study)
    file_ = suppose(driver, to_names(provinces), month, ratio, to_path(file))
    done = supposing.run_scenario(study, file_, Work(seed, workers))
    supposing.write(study, done)
    return done
