"""Rankings of unlike forecasts, two held against each other, and one month."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import Comparison, Contender
from provrisk.evaluation.comparison.difference import difference
from provrisk.evaluation.comparison.one_month import at
from provrisk.evaluation.comparison.ranking import rank, targets
from provrisk.evaluation.scores.scoring import Scoring
from provrisk.forecasts.predictions import TOTAL

ORIGINS = months.span(months.parse("2015-01"), months.parse("2016-12"))


def contender(name: str, target: str = "attacks") -> Contender:
    return Contender(name, name, "model", target, "made up")


def said(
    name: str, figure: float, scores: dict[str, float], origins: pd.DatetimeIndex = ORIGINS, late: bool = False,
    provinces: tuple[str, ...] = ("Alpha", "Beta"), horizon: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Forecasts and scores of somebody who says ``figure`` of every cell, where 5 always came."""
    cells = pd.MultiIndex.from_product([origins, [horizon], provinces], names=["origin", "horizon", "province"])
    forecasts = cells.to_frame(index=False).assign(
        model=name, issued=pd.NaT, nowcast=late, mean=np.nan, median=figure, low_80=1.0, high_80=9.0
    )
    forecasts["target_month"] = [months.shift(one, horizon) for one in forecasts.origin]
    long = [
        cells.to_frame(index=False).assign(model=name, score=score, value=value, active=True)
        for score, value in {**scores, "observed": 5.0, "mean": figure}.items()
    ]
    return forecasts, pd.concat(long)


def comparison(*parts: tuple[pd.DataFrame, pd.DataFrame], **target: str) -> Comparison:
    forecasts, scores = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
    names = forecasts.model.unique()
    observed = pd.DataFrame(5.0, index=ORIGINS, columns=["Alpha", "Beta"])
    people = {str(name): contender(str(name), target.get(str(name), "attacks")) for name in names}
    return Comparison(people, scores, forecasts, observed, "the release")


DRAWS = {"crps": 1.0, "wis": 1.1, "absolute_error": 2.0}


def test_unlike_forecasts_are_ranked_by_the_finest_score_that_all_have() -> None:
    held = comparison(
        said("draws", 4, DRAWS), said("levels", 4, {"wis": 0.9, "absolute_error": 3.0}),
        said("figure", 3, {"absolute_error": 1.0}),
    )  # fmt: skip
    two = rank(held, "attacks", ["draws", "levels"])
    assert (two.score, two.benchmark, two.table.index.tolist()) == ("wis", "levels", ["levels", "draws"])
    assert two.table.loc["draws", "skill"] == pytest.approx(1 - 1.1 / 0.9)
    three = rank(held, "attacks", ["draws", "levels", "figure"], ["nobody", "draws"])
    assert (three.score, three.benchmark) == ("absolute_error", "draws")
    assert three.table.skill.to_dict() == pytest.approx({"figure": 0.5, "draws": 0.0, "levels": -0.5})
    assert three.table.crps.dropna().to_dict() == {"draws": 1.0}
    assert three.table.bias.to_dict() == pytest.approx({"figure": 0.6, "draws": 0.8, "levels": 0.8})


def test_whoever_shares_few_cells_is_held_against_the_benchmark_alone() -> None:
    few = said("few", 3, {"absolute_error": 1.0}, ORIGINS[:3])
    late = said("late", 3, {"absolute_error": 1.0}, late=True)
    none = said("none", 3, {"absolute_error": 1.0}, ORIGINS, provinces=("Gamma",))
    held = comparison(said("a", 4, DRAWS), said("b", 4, DRAWS), few, none, late)
    found = rank(held, "attacks", list(held.contenders), ["a"])
    assert (found.score, len(found.cells.wide("crps"))) == ("crps", 48)
    assert found.pairs.loc["few", ["score", "cells", "mean", "benchmark_mean", "nowcasts"]].tolist() == [
        "absolute_error", 6, 1.0, 2.0, 0,
    ]  # fmt: skip
    assert found.pairs.loc["few", "verdict"] == "too few"  # three origins prove nothing
    assert found.aside == {
        "none": "shares no cell with a: it covers Gamma, a Alpha, Beta",
        "late": "made nowcasts only, issued after their months had begun",
    }  # fmt: skip
    records = found.records()
    assert records.set_index("model").ranked.to_dict() == {"a": True, "b": True, "few": False}
    together = rank(held, "attacks", ["a", "b", "few"], together=True)
    assert (together.score, together.cells.unshared) == ("absolute_error", {"a": 42, "b": 42, "few": 0})
    with pytest.raises(ProvriskError, match="No observed cell is forecast by all of a, late"):
        rank(held, "attacks", ["a", "late"], together=True)
    with pytest.raises(ProvriskError, match="No observed cell is forecast by all of a, none"):
        rank(held, "attacks", ["a", "none"], together=True)


def test_different_targets_are_never_in_one_ranking() -> None:
    held = comparison(said("a", 4, DRAWS), said("b", 4, DRAWS), said("c", 40, {"absolute_error": 9.0}), c="deaths")
    assert targets(held) == {"attacks": ["a", "b"], "deaths": ["c"]}
    with pytest.raises(ProvriskError, match="a forecasts attacks and c deaths, which are never compared"):
        difference(held, "a", "c")
    month = at(held, months.parse("2016-06"))
    assert month.groupby("target", sort=False).model.unique().map(list).to_dict() == {
        "attacks": ["a", "b"],
        "deaths": ["c"],
    }


def test_a_difference_says_where_when_and_by_how_much() -> None:
    worse_in_beta = said("b", 6, DRAWS)
    scores = worse_in_beta[1]
    scores.loc[(scores.score == "crps") & (scores.province == "Beta") & (scores.origin.dt.year == 2016), "value"] = 5.0
    held = comparison(said("a", 4, DRAWS), worse_in_beta)
    found = difference(held, "a", "b")
    assert (found.score, len(found.cells), found.unshared) == ("crps", 48, {"a": 0, "b": 0})
    assert (found.verdict["a_score"], found.verdict["b_score"]) == pytest.approx((1.0, 2.0))
    assert found.verdict["skill"] == pytest.approx(0.5)
    where, when = found.where(), found.when()
    assert where.index.tolist() == ["Beta", "Alpha"]
    assert where.difference.tolist() == pytest.approx([-2.0, 0.0])
    assert where.loc["Beta", ["a", "b", "came", "a_nearer", "b_nearer", "cells"]].tolist() == [4, 6, 5, 12, 0, 24]
    assert when.index[0] == "2015-02"  # 24 months are shown one by one
    assert when.loc["2016-02":].difference.tolist() == pytest.approx([-2.0] * 12)
    assert set(found.largest().province) == {"Beta"}
    assert found.as_dict()["where"][0]["difference"] == pytest.approx(-2.0)  # type: ignore[index]


def test_cells_that_only_one_forecast_are_counted_and_months_to_come_are_shown() -> None:
    own = said("b", 6, {}, ORIGINS[12:])
    forecasts = own[0]
    held = comparison(said("a", 4, DRAWS), (forecasts, own[1].head(0)))
    found = difference(held, "a", "b")
    assert (found.score, found.verdict, found.unshared) == (None, {}, {"a": 24, "b": 0})
    assert found.cells[["a", "b"]].drop_duplicates().values.tolist() == [[4, 6]]
    assert found.where().difference.isna().all()
    assert len(found.largest()) == 5
    with pytest.raises(ProvriskError, match="share no sum over provinces: 'compare' without --total compares them"):
        difference(held, "a", "b", Scoring(total=True))


def test_who_shares_no_cell_is_told_why_and_the_backtest_to_run() -> None:
    desk = said("desk", 4, {"absolute_error": 1.0}, months.span(months.parse("2017-02"), months.parse("2017-03")))
    far = said("far", 4, {"absolute_error": 1.0}, ORIGINS, horizon=7)
    held = comparison(said("a", 4, DRAWS), desk, far)
    people = held.contenders | {"desk": dataclasses.replace(held.contenders["desk"], kind="outside")}
    recent = months.span(months.parse("2016-01"), months.parse("2017-03"))
    reach = {"old": (ORIGINS, 6), "recent": (recent, 6), "short": (recent, 0)}
    held = dataclasses.replace(held, contenders=people, protocols=reach)
    found = rank(held, "attacks", ["a", "desk", "far"], ["a"])
    assert found.aside == {
        "desk": "shares no cell with a: its origins are 2017-02 to 2017-03, those of a 2015-01 to 2016-12; "
        "'provrisk backtest --protocol recent --models a' forecasts them, too",
        "far": "shares no cell with a: it forecasts 7 months ahead, a 1 month",
    }
    with pytest.raises(ProvriskError, match="desk shares no cell with a: its origins are 2017-02 to 2017-03"):
        difference(held, "a", "desk")
    beyond = dataclasses.replace(held, protocols={"old": (ORIGINS, 6)})
    with pytest.raises(ProvriskError, match='no protocol has them: .*first = "2017-02", last = "2017-03"'):
        difference(beyond, "desk", "a")


def test_a_month_is_shown_at_a_horizon_that_all_have_and_says_how_long_before_it_was_issued() -> None:
    desk, day = said("desk", 6, {"absolute_error": 1.0}, horizon=2), pd.Timestamp("2016-05-28")
    desk[0]["issued"] = day
    held = comparison(said("a", 4, DRAWS), said("a", 9, DRAWS, horizon=2), desk)
    month = at(held, months.parse("2016-06")).set_index(["model", "province"])
    assert month.horizon.unique().tolist() == [2]
    assert month.loc[("a", "Alpha"), "said"] == 9
    assert month.loc[("desk", "Alpha"), "days_before"] == 4


def test_a_month_shows_the_last_word_of_everybody_and_what_came() -> None:
    early = said("a", 9, DRAWS, horizon=2)
    held = comparison(early, said("a", 4, DRAWS), said("b", 6, {"absolute_error": 1.0}, provinces=("Alpha", TOTAL)))
    month = at(held, months.parse("2016-06"))
    rows = month.set_index(["model", "province"])
    assert rows.loc[("a", "Alpha"), ["said", "horizon", "came", "crps"]].tolist() == [4, 1, 5, 1.0]
    assert rows.loc[("b", TOTAL), "said"] == 6
    assert at(held, months.parse("2016-06"), ["a"], horizon=2).said.tolist() == [9, 9]
    with pytest.raises(ProvriskError, match="There is no forecast of 2019-01: forecasts are from 2015-02 to 2017-02"):
        at(held, months.parse("2019-01"))
