"""Deaths an attack: known truth comes back, heavy tails stay heavy, nothing is made of nothing."""

import numpy as np
import pytest

from provrisk.risk import severity


def simulated(rng: np.random.Generator, months: int, large: list[float], exponent: float) -> tuple[np.ndarray, ...]:
    """Monthly attacks, deaths and large attacks of provinces whose attacks are drawn one by one."""
    n = rng.negative_binomial(1.5, 1.5 / (1.5 + 4), size=(months, len(large)))
    d, k = np.zeros_like(n), np.zeros_like(n)
    for cell in np.ndindex(n.shape):
        big = rng.random(n[cell]) < large[cell[1]]
        sizes = np.where(big, np.floor(9.5 * rng.random(n[cell]) ** (-1 / exponent) + 0.5), rng.integers(1, 7, n[cell]))
        d[cell], k[cell] = sizes.sum(), big.sum()
    return n.astype(float), d.astype(float), k.astype(float)


@pytest.mark.parametrize("exponent", [1.2, 2.0])
def test_a_known_truth_comes_back(exponent: float) -> None:
    rng = np.random.default_rng(3)
    n, d, k = simulated(rng, 240, [0.05, 0.2, 0.4], exponent)
    fitted = severity.fit(n, d, k, window=240)
    assert fitted is not None
    assert fitted.exponent == pytest.approx(exponent, rel=0.2)
    assert fitted.large == pytest.approx([0.05, 0.2, 0.4], abs=0.07)
    assert fitted.body @ np.arange(10) == pytest.approx([3.5] * 3, abs=0.35)


def test_drawn_months_look_like_those_fitted() -> None:
    rng = np.random.default_rng(4)
    n, d, k = simulated(rng, 400, [0.1, 0.3], 1.5)
    fitted = severity.fit(n, d, k, window=400)
    assert fitted is not None
    drawn = fitted.draw(np.tile(n.T.astype(int), (1, 20)), rng)
    for province in range(2):
        for level in (0.25, 0.5, 0.75, 0.9, 0.97):
            true, ours = np.quantile(d[:, province], level), np.quantile(drawn[province], level)
            assert ours == pytest.approx(true, rel=0.25, abs=2)
    at_least_one = (k > 0).mean(axis=0)
    assert fitted.chance_of_large(n.T) == pytest.approx(at_least_one, abs=0.06)


def test_coverage_of_deaths_to_come() -> None:
    rng = np.random.default_rng(5)
    n, d, k = simulated(rng, 300, [0.1, 0.2, 0.3], 1.4)
    fitted = severity.fit(n[:200], d[:200], k[:200], window=60)
    assert fitted is not None
    inside = []
    for month in range(200, 300):
        drawn = fitted.draw(np.repeat(n[month][:, None].astype(int), 400, axis=1), rng)
        low, high = np.quantile(drawn, [0.1, 0.9], axis=1, method="inverted_cdf")
        inside += list((d[month] >= low) & (d[month] <= high))
    assert 0.75 < np.mean(inside) < 0.95  # closed intervals of counts cover a little more than 80 %


def test_a_quiet_province_leans_on_the_others_and_no_attack_on_nothing() -> None:
    n = np.tile([20.0, 15.0, 0.0], (40, 1))
    fitted = severity.fit(n, n * 3, n * 0.2)
    assert fitted is not None
    assert 0.1 < fitted.large[2] < 0.3
    assert fitted.draw(np.zeros((3, 5), int), np.random.default_rng(0)).sum() == 0
    assert severity.fit(np.zeros((40, 3)), np.zeros((40, 3)), np.zeros((40, 3))) is None


def test_one_attack_by_hand() -> None:
    body = np.zeros((1, 10))
    body[0, 2] = 1.0
    sure = severity.Severity(np.array([0.0]), body, 1.4)
    assert sure.draw(np.array([[0, 1, 4]]), np.random.default_rng(0)).tolist() == [[0, 2, 8]]
    big = severity.Severity(np.array([1.0]), body, 1.4)
    drawn = big.draw(np.ones((1, 20000), int), np.random.default_rng(0))[0]
    assert drawn.min() == 10
    # P(X >= 100) of the rounded power law: (9.5 / 99.5) ** 1.4
    assert (drawn >= 100).mean() == pytest.approx((9.5 / 99.5) ** 1.4, rel=0.15)
    assert big.chance_of_large(np.array([[0, 1]])) == pytest.approx([0.5])


def test_the_exponent_is_found_where_small_attacks_were_deadlier_once() -> None:
    rng = np.random.default_rng(6)
    then, now = simulated(rng, 120, [0.1, 0.2, 0.3], 1.4), simulated(rng, 60, [0.1, 0.2, 0.3], 1.4)
    then[1][:] += 3 * (then[0] - then[2])  # three more deaths in every small attack
    n, d, k = (np.concatenate(pair) for pair in zip(then, now, strict=True))
    fitted = severity.fit(n, d, k)
    assert fitted is not None
    assert fitted.exponent == pytest.approx(1.4, rel=0.15)


def test_draws_carry_how_little_a_short_record_says() -> None:
    rng = np.random.default_rng(7)
    body = np.full((1, 10), 0.1)
    attacks = np.full((1, 20000), 10)
    sure = severity.Severity(np.array([0.1]), body, 1.4)
    unsure = severity.Severity(np.array([0.1]), body, 1.4, trials=np.array([8.0]), tail=6.0)
    assert unsure.draw(attacks, rng).var(axis=1) > sure.draw(attacks, rng).var(axis=1)
    none = (rng.random((20000, 10)) >= rng.beta(0.8, 7.2, 20000)[:, None]).all(axis=1).mean()
    assert unsure.chance_of_none(attacks[:, :1]) == pytest.approx(none, abs=0.015)
