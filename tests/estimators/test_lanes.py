"""Sums and exponentials in fixed lanes, against Python's exact sums and NumPy's functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from algoprog.estimators.kernels import descent, lanes
from algoprog.model.design import LANES

N = 5 * LANES
ULP = np.finfo(float).eps


@njit
def sums_of(w, a, b):  # type: ignore[no-untyped-def]
    return lanes.dot(a, b), lanes.weighted_dot(w, a, b)


@njit
def products_of(c, x, a, height, b, width):  # type: ignore[no-untyped-def]
    out = np.full(2 * lanes.WIDEST, np.nan)
    lanes.column_products(c, x, a, height, b, width, out)
    return out


@njit
def functions_of(x):  # type: ignore[no-untyped-def]
    e, single, logs = x.copy(), np.empty_like(x), np.empty_like(x)
    lanes.exponentials(e)
    for i in range(len(x)):
        single[i] = lanes.exponential(x[i])
        logs[i] = lanes.log_of_one_plus(min(max(x[i], 0.0), 1.0))
    return e, single, logs


@njit
def fused_of(a, b, c):  # type: ignore[no-untyped-def]
    return lanes.fused(a, b, c)


def test_sums_are_exact_to_rounding() -> None:
    w, a, b = np.random.default_rng(1).standard_normal((3, N))
    found = sums_of(w, a, b)
    for value, parts in zip(found, (a * b, w * a * b), strict=True):
        assert abs(value - math.fsum(parts)) <= 4 * ULP * math.fsum(np.abs(parts))


@pytest.mark.parametrize("height", [0, 1, 2])
@pytest.mark.parametrize("width", range(1, lanes.WIDEST + 1))
def test_each_pass_fills_its_products_and_nothing_else(height: int, width: int) -> None:
    rng = np.random.default_rng(2)
    c, x = rng.standard_normal(N), rng.standard_normal((9, N))
    out = products_of(c, x, 1, height, 3, width)
    left = x[1 : 1 + height] * c if height else c[None, :]
    expected = (left @ x[3 : 3 + width].T).ravel()
    assert out[: expected.size] == pytest.approx(expected, rel=1e-13, abs=1e-13)
    assert np.isnan(out[expected.size :]).all()


def test_no_pass_takes_one_column_of_six() -> None:
    for left in range(1, 30):
        taken = []
        rest = left
        while rest:
            taken.append(int(lanes.columns_at_once(rest)))
            rest -= taken[-1]
        assert max(taken) <= lanes.WIDEST
        assert left < 2 or left == lanes.WIDEST + 1 or len(taken) == -(-left // lanes.WIDEST)


def test_exponentials_are_good_to_two_units() -> None:
    inside = np.random.default_rng(3).uniform(lanes.LOWEST, 700, 40 * LANES)
    e, single, _ = functions_of(inside)
    assert np.abs(e / np.exp(inside) - 1.0).max() <= 2 * ULP
    assert e.tobytes() == single.tobytes()
    small = np.clip(
        np.concatenate([np.random.default_rng(4).random(N), 10.0 ** -np.arange(N)]), 0, 1
    )
    logs = functions_of(small)[2]
    assert np.abs(logs / np.log1p(small) - 1.0).max() <= 8 * ULP


def test_exponentials_beyond_the_range_of_a_double() -> None:
    edge = np.zeros(LANES)
    edge[:5] = -np.inf, np.inf, np.nan, 710.0, -800.0
    for found in functions_of(edge)[:2]:
        assert found[0] == found[4] == pytest.approx(np.exp(lanes.LOWEST), rel=2 * ULP)
        assert np.isinf(found[[1, 3]]).all()
        assert np.isnan(found[2])
        assert (found[5:] == 1.0).all()


def test_squares_of_vanished_terms_are_normal_numbers() -> None:
    """Weighted by a row in a million and damped the least, they take no longer than others."""
    square = functions_of(np.full(LANES, -np.inf))[0] ** 2
    assert (square * 1e-6 * descent.LEAST_DAMPING > np.finfo(float).tiny).all()


def test_a_multiply_add_rounds_once() -> None:
    tiny = 2.0**-30
    assert fused_of(1.0 + tiny, 1.0 - tiny, -1.0) == -(tiny**2)
    assert (1.0 + tiny) * (1.0 - tiny) - 1.0 == 0.0
