"""What every model of models/ must keep: it finds new models by itself."""

import numpy as np
import pytest
from sklearn.base import clone

from helpers import ROOT, panel_of
from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.features.panel import panel_upto
from provrisk.models.base import Combiner, Model
from provrisk.models.from_file import build
from provrisk.study import Study, find_project, load_study
from provrisk.study.schema import ModelFile

RECIPES = {name: (file, build(name, file)) for name, file in find_project(ROOT).models().items()}
FILES = {name: file for name, (file, recipe) in RECIPES.items() if isinstance(recipe, Model)}
COMBINERS = {name: file for name, (file, recipe) in RECIPES.items() if isinstance(recipe, Combiner)}
HORIZONS = range(1, 7)
PANELS = {
    "all zero": np.zeros((40, 3)),
    "constant": np.full((40, 3), 4.0),
    "single spike": np.eye(40, 3, k=-20) * 50,
    "ten thousand attacks": np.full((40, 3), 10_000.0),
    "thirteen months": np.random.default_rng(1).poisson(2, (13, 3)).astype(float),
    "mostly quiet": np.random.default_rng(6).poisson([0.02, 0.05, 3], (80, 3)).astype(float),
    "a burst": np.random.default_rng(7).poisson(np.where(np.arange(80)[:, None] < 75, 1, 60), (80, 3)).astype(float),
    "gaps": np.where(np.random.default_rng(2).random((40, 3)) < 0.3, np.nan, 2.0),
}


@pytest.fixture(params=sorted(FILES))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("kind", sorted(PANELS))
def test_a_forecast_is_counts_or_one_clear_error(small_study: Study, name: str, kind: str) -> None:
    panel = panel_of(PANELS[kind], small_study)
    try:
        forecast = build(name, FILES[name]).fit(panel).predict(panel, HORIZONS, 1000, seeds.generator(1))
    except ProvriskError as error:
        assert "\n" not in str(error)  # noqa: PT017  (a forecast would do as well)
        return
    assert forecast.dims == ("province", "horizon", "draw")
    assert forecast.shape == (3, 6, 1000)
    assert forecast.dtype.kind == "i"
    assert forecast.min() >= 0
    # Bounded by design: nowhere near another order of magnitude above all that was ever seen.
    assert float(forecast.mean("draw").max()) <= 3 * max(np.nanmax(PANELS[kind]), 1)


def test_one_province_will_do(small_study: Study, name: str) -> None:
    (small_study.folder / "provinces.csv").write_text(
        "province,iso,pcode,capital,latitude,longitude,population,aliases\nAlpha,XX-A,X1,A-town,1,1,1000,\n"
    )
    (small_study.folder / "neighbours.csv").write_text("a,b\n")
    (small_study.folder / "drivers.csv").unlink()
    panel = panel_of(np.random.default_rng(3).poisson(2, (80, 1)).astype(float), load_study(small_study.folder))
    forecast = build(name, FILES[name]).fit(panel).predict(panel, HORIZONS, 1000, seeds.generator(1))
    assert forecast.shape == (1, 6, 1000)


def test_the_same_generator_gives_the_same_draws(small_study: Study, name: str) -> None:
    panel = panel_of(np.random.default_rng(4).poisson(3, (80, 3)).astype(float), small_study)
    model = build(name, FILES[name])
    first, second = (clone(model).fit(panel).predict(panel, HORIZONS, 1000, seeds.generator("k")) for _ in range(2))
    assert (first == second).all()


def test_a_fitted_model_predicts_later_and_never_sees_the_future(small_study: Study, name: str) -> None:
    values = np.random.default_rng(5).poisson(3, (80, 3)).astype(float)
    changed = values.copy()
    changed[76:] += 100
    drawn = []
    for table in (values, changed):
        panel = panel_of(table, small_study)
        fitted = build(name, FILES[name]).fit(panel_upto(panel, months.parse("2016-01")))
        drawn.append(fitted.predict(panel_upto(panel, months.parse("2016-03")), HORIZONS, 1000, seeds.generator(1)))
    assert (drawn[0] == drawn[1]).all()
    assert drawn[0].target_month.values[0] == np.datetime64("2016-04-01")


def test_an_unknown_setting_or_class_is_named(name: str) -> None:
    file = FILES[name]
    with pytest.raises(ProvriskError, match="no setting 'colour'"):
        build(name, file.model_copy(update={"settings": {"colour": 1}}))
    with pytest.raises(ProvriskError, match="cannot load"):
        build(name, ModelFile(title="x", model="provrisk.models.nowhere:Nothing", description="x"))


def test_an_explosion_is_an_error_not_a_forecast(small_study: Study) -> None:
    from provrisk.models.baselines import Conflictology

    panel = panel_of(np.full((40, 3), 2e6), small_study)
    with pytest.raises(ProvriskError, match="not counts"):
        Conflictology().fit(panel).predict(panel, HORIZONS, 1000, seeds.generator(1))
