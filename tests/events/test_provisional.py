"""Late events, from releases in the store to draws of corrected counts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import event_files
from provrisk import months
from provrisk.events.counting.load import load_counts
from provrisk.events.counting.provisional import corrected_counts
from provrisk.events.releases.add import add_path
from provrisk.events.releases.release_store import Store
from provrisk.seeds import generator
from provrisk.study import Project, Study

MONTHS, MEAN, AT_ONCE = 30, 40, 0.6


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return generator("provisional", "truth").poisson(MEAN, MONTHS)


@pytest.fixture
def delayed(project: Project, truth: np.ndarray, tmp_path: Path) -> Study:
    """Consolidated Candidate releases, one a month: six in ten events at once, all a month later."""
    rng = generator("provisional", "delay")
    start = months.parse("2020-01")
    late = [rng.random(number) > AT_ONCE for number in truth]
    for release in range(MONTHS):
        last = months.shift(start, release)
        changes = [
            {"id": f"{month}-{n}", "date_start": f"{day:%Y-%m-%d}", "date_end": f"{day:%Y-%m-%d}", "year": f"{day:%Y}"}
            for month in range(release + 1)
            for n in range(truth[month])
            if month < release or not late[month][n]
            for day in [months.shift(start, month) + pd.Timedelta(days=n % 28)]
        ]
        path = tmp_path / f"GEDEvent_v20_01_{last:%y}_{last:%m}.csv"
        event_files.write(path, event_files.GED, *changes)
        add_path(Store(project.releases), path, months.shift(last, 1) + pd.Timedelta(days=19))
    return project.study("iraq")


@pytest.mark.slow
def test_the_newest_month_is_drawn_from_what_it_will_come_to(delayed: Study, truth: np.ndarray) -> None:
    study = replace(delayed, file=delayed.file.model_copy(update={"first_month": "2020-01"}))  # without the real past
    figures = load_counts(study)
    versions = corrected_counts(study, figures, 200, seed=1)
    assert len(versions) == 200
    newest = figures.counts[figures.counts.month == figures.counts.month.max()].index
    reported = figures.counts.attacks[newest].sum()
    drawn = np.array([table.attacks[newest].sum() for table in versions])
    assert abs(drawn.mean() - truth[-1]) < abs(reported - truth[-1])
    assert np.quantile(drawn, 0.01) <= truth[-1] <= np.quantile(drawn, 0.99)
    assert drawn.std() > 1
    older = figures.counts.index.difference(newest)
    assert (versions[0].attacks[older] - figures.counts.attacks[older]).abs().sum() < 0.05 * truth[:-1].sum()
    again = corrected_counts(study, figures, 200, seed=1)
    assert (again[7].attacks == versions[7].attacks).all()


@pytest.mark.slow
def test_nothing_published_later_is_learnt_from(delayed: Study) -> None:
    figures = load_counts(delayed, as_of=pd.Timestamp(2020, 2, 20))
    assert [one.version for one in figures.releases] == ["19.1", "20.01.20.01"]
    assert corrected_counts(delayed, figures, 10, seed=1) == []
