"""The comparison page as text: what it holds, who is ranked, and what a hostile name may do."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons import HOSTILE, RUN, decode, large
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import Comparison, without_nowcasts
from provrisk.evaluation.comparison.leaderboard import coverage, leaderboard, shared_cells
from provrisk.reports.comparison import render
from provrisk.reports.comparison.grid import pit_bins
from provrisk.reports.comparison.opening_view import rank
from provrisk.reports.comparison.packed_numbers import Packer
from provrisk.study import Project, Study


@pytest.fixture(scope="module")
def study(home: Project) -> Study:
    return home.study("iraq")


@pytest.fixture(scope="module")
def page(page_file: object) -> str:
    return page_file.read_text(encoding="utf-8")  # type: ignore[attr-defined]


def head_in(page: str) -> dict[str, object]:
    match = re.search(r'<script type="application/json" id="head">(.*?)</script>', page, re.S)
    assert match
    return dict(json.loads(match[1]))


@given(
    st.lists(st.one_of(st.just(float("nan")), st.floats(0, 5000)), min_size=1),
    st.sampled_from([1.0, 0.01, 0.0001]),
)
def test_numbers_come_back_to_the_step_they_are_kept_to(values: list[float], step: float) -> None:
    packer = Packer()
    packer.add("one", np.array(values), step, 3)
    packer.add("two", np.array([1.0]), 1)
    found = decode(packer.text, packer.index)
    np.testing.assert_allclose(found["one", 3], values, atol=step / 2 + 1e-9)
    assert found["two", -1].tolist() == [1.0]


def test_huge_numbers_get_a_coarser_step_that_is_told() -> None:
    packer = Packer()
    packer.add("crps", np.array([12345678.91, np.nan]), 1e-4)
    _, _, width, step, _ = packer.index[0]
    assert width == 4
    assert step == pytest.approx(1e-2)
    assert decode(packer.text, packer.index)["crps", -1][0] == pytest.approx(12345678.91)


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_a_packed_pit_has_the_coverage_of_the_pit(thousandths: list[int]) -> None:
    """Multiples of a thousandth fall on the edges of intervals, as those of cells that no draw hit do."""
    pit = np.array(thousandths) / 1000
    codes = pit_bins(pit)
    for level in (50, 80, 90):
        inside = (codes >= 50 - level / 2) & (codes < 50 + level / 2)
        assert inside.mean() == pytest.approx(coverage(pd.DataFrame({"a": pit}), level)["a"])


def test_the_page_names_truth_protocol_seed_and_every_run(page: str, comparison: Comparison) -> None:
    assert comparison.truth in page
    assert "<dt>Protocol</dt><dd>quick</dd>" in page
    assert "<dt>Seed</dt><dd>1</dd>" in page
    assert page.count(f"<code>{RUN}</code>") == 2
    assert "a lethal event" in page


def test_the_static_leaderboard_has_the_numbers_of_the_terminal(page: str, comparison: Comparison) -> None:
    table = leaderboard(shared_cells(comparison.scores, ["ewma_nb", "conflictology"]), "ewma_nb")
    static = page[: page.index('type="application/json"')]
    for name, row in table.iterrows():
        assert f"<td>{row.crps:.3f}</td><td>{row.crps_active:.3f}</td>" in static
        if name != "ewma_nb":
            skill = f"{100 * row.skill:+.1f} % ({100 * row.skill_low:+.1f} to {100 * row.skill_high:+.1f})"
            assert skill.replace("-", "−") in static


def test_a_hostile_name_stays_text(page: str) -> None:
    assert "<img" not in page
    assert page.count("</script>") == 3
    titles = [one["title"] for one in head_in(page)["contenders"]]  # type: ignore[attr-defined]
    assert HOSTILE in titles


def test_nothing_is_asked_of_the_network(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=\"(?!data:,\")", page.partition("<script")[0])
    assert "http" not in re.sub(r"http-equiv|http://www\.w3\.org/2000/svg", "", page.partition('id="numbers"')[0])


def test_the_same_comparison_gives_the_same_bytes(page: str, comparison: Comparison, study: Study) -> None:
    assert render(comparison, study, "ewma_nb", facts={"Protocol": "quick", "Seed": "1"}) == page


def test_other_targets_and_nowcasts_are_never_ranked(comparison: Comparison, study: Study) -> None:
    ranking = rank(comparison, "ewma_nb", None)
    assert set(ranking.names) == {"ewma_nb", "conflictology"}
    assert "deaths, not attacks" in ranking.barred["deaths"]
    assert "nowcasts only" in ranking.barred["late"]
    assert "somebody" not in ranking.barred
    for name in ("deaths", "late"):
        with pytest.raises(ProvriskError, match="cannot be ranked"):
            render(comparison, study, "ewma_nb", ["ewma_nb", name])


def test_one_late_province_takes_the_total_with_it(comparison: Comparison) -> None:
    said = comparison.forecasts
    first = said[(said.model == "ewma_nb") & (said.province != "(total)")].iloc[[0]]
    late = replace(comparison, forecasts=said.assign(nowcast=said.index.isin(first.index)))
    row = first.iloc[0]
    kept = without_nowcasts(late)
    own = kept[(kept.model == "ewma_nb") & (kept.origin == row.origin) & (kept.horizon == row.horizon)]
    assert not own.province.isin([row.province, "(total)"]).any()
    assert len(own.province.unique()) == 17


def test_who_gives_numbers_alone_is_ranked_by_absolute_error(comparison: Comparison) -> None:
    ranking = rank(comparison, "ewma_nb", ["somebody"])
    assert ranking.score == "absolute_error"
    assert ranking.table is None
    assert ranking.names == ("ewma_nb", "somebody")  # half an attack further off in every cell
    assert (ranking.losses["somebody"] - ranking.losses["ewma_nb"]).mean() == pytest.approx(0.5)


def test_an_unknown_name_says_who_is_there(comparison: Comparison, study: Study) -> None:
    with pytest.raises(ProvriskError, match=r"no forecast by 'nobody' here; known are .*ewma_nb"):
        render(comparison, study, "nobody")


def test_a_large_comparison_stays_under_three_megabytes(study: Study) -> None:
    page = render(large(), study, "model_0")
    assert len(page.encode()) < 3_000_000
