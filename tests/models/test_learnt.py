"""What is learnt from other studies: the file, the training, and who is forecast with what."""

import json
from pathlib import Path

import numpy as np
import pytest
import scoringrules as sr
import xarray as xr

from helpers import ROOT, panel_of
from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.features.panel import panel_upto
from provrisk.jobs.learn import learn_from, teacher_panels
from provrisk.models.learnt.member import LearntAbroad
from provrisk.models.learnt.state import SIGNALS, state
from provrisk.models.learnt.training import Recipe, learn
from provrisk.study import Project, Study, find_project
from provrisk.study.learnt import Learnt, read_learnt, sealed_text

QUICK = Recipe(episodes=12, pairs=150, window=(36, 80), steps=60, batch=400)


@pytest.fixture(scope="module")
def bundled() -> Learnt:
    return find_project(ROOT).learnt()


def wandering(name: str) -> np.ndarray:
    rng = seeds.generator("learnt", name)
    level = np.exp(0.3 * np.cumsum(rng.standard_normal((90, 8)), axis=0) * 0.5 + rng.normal(0, 1, 8))
    return rng.poisson(np.minimum(level, 50)).astype(float)


def test_the_same_teachers_and_recipe_teach_the_same_numbers() -> None:
    teachers = {"one": wandering("one"), "two": wandering("two")}
    first, second = learn(teachers, QUICK), learn(dict(reversed(teachers.items())), QUICK)
    assert (first.theta == second.theta).all()
    assert (learn({"one": wandering("one")}, QUICK).theta != first.theta).any()


def test_the_file_gives_back_what_was_learnt_and_a_changed_digit_is_noticed(bundled: Learnt, tmp_path: Path) -> None:
    path = tmp_path / "learnt.json"
    path.write_text(sealed_text(bundled), encoding="utf-8")
    assert read_learnt(path) == bundled
    record = json.loads(path.read_text())
    record["numbers"]["iraq"]["theta"][0][0] += 1
    path.write_text(json.dumps(record))
    with pytest.raises(ProvriskError, match="changed after it was written"):
        read_learnt(path)
    with pytest.raises(ProvriskError, match="provrisk learn"):
        read_learnt(tmp_path / "none.json")


def test_a_teacher_is_forecast_with_what_was_learnt_without_it(bundled: Learnt) -> None:
    names = [teacher.study for teacher in bundled.teachers]
    assert {"iraq", "mexico", "myanmar", "ukraine", "world"} <= set(names)
    assert set(bundled.numbers) == {"", *names}
    assert bundled.of_others("iraq") is bundled.numbers["iraq"]
    assert bundled.of_others("another name", "Iraq") is bundled.numbers["iraq"]
    assert bundled.of_others("elsewhere", "Elsewhere") is bundled.numbers[""]
    assert "iraq" not in [teacher.study for teacher in bundled.teachers_of("iraq")]


def test_nothing_later_than_upto_is_learnt_and_a_country_is_left_out_of_the_world(project: Project) -> None:
    panels = teacher_panels(project, ["iraq", "ukraine", "world"])
    upto = months.parse("2016-12")
    changed = {name: panel.copy(deep=True) for name, panel in panels.items()}
    for panel in changed.values():
        counts = panel[panel.attrs["target"]]
        counts[(panel.month > upto).to_numpy()] = 7
    world = changed["world"]["deaths"]
    world[:, (changed["world"].province == "Iraq").to_numpy()] = 9
    one, two = (learn_from(project, p, upto=upto, without=["iraq"], recipe=QUICK) for p in (panels, changed))
    assert (one.numbers["iraq"].theta == two.numbers["iraq"].theta).all()
    assert one.upto == "2016-12"


def test_the_state_looks_back_only_and_stands_gaps() -> None:
    counts = wandering("state")
    counts[40:44, 2] = np.nan
    levels, signals = state(counts)
    assert signals.shape == (*counts.shape, len(SIGNALS))
    assert np.isfinite(levels).all()
    assert np.isfinite(signals).all()
    shorter = state(counts[:60])
    assert (shorter[0] == levels[:60]).all()
    assert (shorter[1] == signals[:60]).all()


def test_the_member_beats_a_years_resampling_on_records_that_feed_on_themselves(
    bundled: Learnt, small_study: Study
) -> None:
    from provrisk.models.baselines import Conflictology

    rng = seeds.generator("feedback")
    mean, rows = np.full(3, 6.0), []
    for _ in range(140):  # NB-INGARCH(1,1): a burst dies away, so last year is a poor guide
        rows.append(rng.poisson(rng.gamma(2, mean / 2)).astype(float))
        mean = 0.5 + 0.45 * rows[-1] + 0.45 * mean
    counts = np.stack(rows)
    panel = panel_of(counts, small_study)
    scores = {}
    for model in (LearntAbroad(bundled), Conflictology()):
        scores[type(model).__name__] = np.mean([_crps(model, panel, counts, t) for t in range(30, 136, 4)])
    assert scores["LearntAbroad"] < 0.95 * scores["Conflictology"]


def _crps(model: object, panel: xr.Dataset, counts: np.ndarray, t: int) -> float:
    known = panel_upto(panel, panel.indexes["month"][t])
    drawn = model.fit(known).predict(known, [1, 3], 400, seeds.generator(t)).to_numpy().astype(float)
    return float(np.mean([sr.crps_ensemble(counts[t + h], drawn[:, i], estimator="pwm") for i, h in enumerate((1, 3))]))
