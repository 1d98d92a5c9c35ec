"""Why: parts of a model whose workings are known."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import counts_table, panel_of
from provrisk import months
from provrisk.features.panel import build_panel, counts_upto_origin
from provrisk.reports import why as in_words
from provrisk.risk import reasons as why
from provrisk.study import Study

DRAWS = 4


def linear(recent: float, earlier: float, beside: float = 0.0, season: float = 0.0) -> why.Predict:
    """A forecast that is a weighted sum: last two months' mean, mean of the 22 before, two features at the origin."""

    def predict(panel: xr.Dataset) -> xr.DataArray:
        counts = counts_upto_origin(panel)
        value = recent * counts[-2:].mean(axis=0) + earlier * counts[-24:-2].mean(axis=0)
        origin = months.parse(panel.attrs["origin"])
        for name, weight in (("beside", beside), ("season", season)):
            if name in panel:
                value = value + weight * panel[name].sel(month=origin).to_numpy()
        return xr.DataArray(
            np.repeat(value[:, None], DRAWS, axis=1),
            dims=("province", "draw"),
            coords={"province": panel.indexes["province"]},
        )

    return predict


@pytest.fixture
def values() -> np.ndarray:
    values = np.full((48, 3), 4.0)
    values[-24:-12] = 2  # the year before was quieter
    values[-2:, 0] = [12, 16]
    values[-2:, 1] = [0, 0]
    return values


def rebuild_in(study: Study, values: np.ndarray, like: xr.Dataset) -> why.Rebuild:
    def rebuild(changed: xr.DataArray) -> xr.Dataset:
        upto = changed.to_numpy()[: len(values)]
        panel = build_panel(study, counts_table(upto, list(study.provinces.index)))
        return panel.assign({name: like[name] for name in like.data_vars if name not in panel})

    return rebuild


def test_parts_of_a_linear_forecast_are_exact(small_study: Study, values: np.ndarray) -> None:
    panel = panel_of(values, small_study)
    found = why.reasons(panel, linear(0.5, 0.5), rebuild_in(small_study, values, panel))
    mean = values[-12:].mean(axis=0)
    assert found.mean_12.to_numpy() == pytest.approx(mean)
    level = np.round(2 * mean) / 2  # neutral months hold whole numbers
    assert found.parts.recency.to_numpy() == pytest.approx(0.5 * (values[-2:].mean(axis=0) - level))
    earlier = np.round(22 * mean) / 22
    assert found.parts.trend.to_numpy() == pytest.approx(0.5 * (values[-24:-2].mean(axis=0) - earlier))
    assert (found.mean_12 + found.parts.sum(axis=1)).to_numpy() == pytest.approx(found.expected.to_numpy())


def test_what_a_model_does_not_look_at_has_no_part(small_study: Study, values: np.ndarray) -> None:
    panel = panel_of(values, small_study)
    found = why.reasons(panel, linear(1.0, 0.0), rebuild_in(small_study, values, panel))
    assert (found.parts.trend == 0).all()
    assert (found.parts.drop(columns=["recency", "remainder"]) == 0).all(axis=None)


def test_features_are_neutral_one_family_at_a_time(small_study: Study, values: np.ndarray) -> None:
    panel = panel_of(values, small_study)
    step = np.zeros((panel.sizes["month"], 3))
    step[47:] = [3.0, 0.0, 0.0]
    panel["beside"] = panel.attacks.copy(data=step).assign_attrs(family="neighbours")
    panel["season"] = panel.attacks.copy(data=2 * step).assign_attrs(family="calendar")
    found = why.reasons(panel, linear(0.0, 0.0, beside=1.0, season=1.0), rebuild_in(small_study, values, panel))
    assert found.parts.neighbours.tolist() == pytest.approx([3 - 3 / 12, 0, 0])
    assert found.parts.calendar.tolist() == pytest.approx([6 - 6 / 12, 0, 0])
    assert (found.parts.recency == 0).all()


def test_in_words(small_study: Study, values: np.ndarray) -> None:
    panel = panel_of(values, small_study)
    found = why.reasons(panel, linear(0.5, 0.5), rebuild_in(small_study, values, panel))
    table = pd.DataFrame(values, columns=["Alpha", "Beta", "Gamma"])

    def said(name: str) -> str:
        return in_words.sentence(found, name, table[name], f"{table[name].iloc[-2:].sum():.0f} attacks", "provinces")

    above, below = "Above the average of the last year: ", "Below the average of the last year: "
    assert said("Alpha") == above + "28 attacks in the last two months, where 11.3 would be usual."
    assert said("Beta").startswith(below + "0 attacks in the last two months, where 6.7 would be usual")
    assert said("Gamma").startswith(below + "2.9 a month in the two years before, 4.0 over the last year")


def test_where_no_reason_carries_it_that_is_said(small_study: Study, values: np.ndarray) -> None:
    panel = panel_of(values, small_study)

    def stubborn(view: xr.Dataset) -> xr.DataArray:
        return linear(0, 0)(view) + 9.0

    found = why.reasons(panel, stubborn, rebuild_in(small_study, values, panel))
    table = pd.DataFrame(values, columns=["Alpha", "Beta", "Gamma"])
    said = in_words.sentence(found, "Gamma", table.Gamma, "8 attacks", "provinces")
    assert said == "Above the average of the last year; the model gives no single reason."
    assert found.named("Gamma") == []


def test_a_part_within_its_error_is_not_named() -> None:
    parts = pd.DataFrame({"recency": [2.0], "remainder": [0.0]}, index=["Alpha"])
    mean, expected = pd.Series([4.0], ["Alpha"]), pd.Series([6.0], ["Alpha"])
    for error, named in ((0.1, ["recency"]), (1.5, [])):
        errors = pd.DataFrame({"recency": [error]}, index=["Alpha"])
        assert why.Reasons(parts, errors, mean, expected).named("Alpha") == named


def test_a_reason_that_carries_little_is_not_passed_off_as_the_whole() -> None:
    parts = pd.DataFrame({"recency": [1.0], "remainder": [4.0]}, index=["Alpha"])
    errors = pd.DataFrame({"recency": [0.1]}, index=["Alpha"])
    found = why.Reasons(parts, errors, pd.Series([4.0], ["Alpha"]), pd.Series([9.0], ["Alpha"]))
    said = in_words.sentence(found, "Alpha", pd.Series([4.0] * 24), "8 attacks", "provinces")
    assert said.startswith("Above the average of the last year: 8 attacks in the last two months")
    assert said.endswith("More than half of the change has no single reason.")
