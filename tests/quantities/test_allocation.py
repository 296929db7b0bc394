"""Optimal splits of compute, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from algoprog.common.settings import rebuild
from algoprog.quantities.allocation import (
    AdditiveLaw,
    Allocations,
    NestedLaw,
    allocation_table,
    compute_equivalent_gain,
    extra_compute,
)

CHINCHILLA = AdditiveLaw(1.69, 406.4, 0.34, 410.7, 0.28)
KAPLAN = NestedLaw(6.4e13, 0.076, 1.8e13, 0.103)
COMPUTES = [1e19, 1e22, 1e25]

exponents = st.floats(0.05, 1.0)
coefficients = st.floats(1.0, 1e4)
laws = st.builds(AdditiveLaw, st.floats(0, 2), coefficients, exponents, coefficients, exponents)


@pytest.mark.parametrize("law", [CHINCHILLA, KAPLAN])
@pytest.mark.parametrize("compute", COMPUTES)
def test_the_closed_form_optimum_is_the_least_loss(
    law: AdditiveLaw | NestedLaw, compute: float
) -> None:
    parameters, tokens = law.optimum(compute)
    assert 6 * parameters * tokens == pytest.approx(compute, rel=1e-14)
    searched = minimize_scalar(
        lambda x: law.loss(np.exp(x), compute / 6 / np.exp(x)), (np.log(1e8), np.log(1e10))
    )
    assert law.loss(parameters, tokens) == pytest.approx(searched.fun, rel=1e-14)
    assert np.log(parameters) == pytest.approx(searched.x, abs=1e-5)


@given(laws, st.floats(1e15, 1e26))
def test_the_compute_that_suffices_for_the_least_loss_is_the_compute(
    law: AdditiveLaw, compute: float
) -> None:
    least = law.reducible(*law.optimum(compute))
    assert law.sufficient_compute(least) == pytest.approx(compute, rel=1e-9)
    assert compute_equivalent_gain(law, *law.optimum(compute)) == pytest.approx(1, rel=1e-9)


@given(laws, st.floats(1e17, 1e25), st.floats(0.01, 100))
def test_a_split_off_the_optimum_wastes_compute(
    law: AdditiveLaw, compute: float, factor: float
) -> None:
    parameters, tokens = law.optimum(compute)
    gain = compute_equivalent_gain(law, parameters * factor, tokens / factor)
    assert gain >= 1 - 1e-9
    reached = law.optimum(compute / gain)
    same = law.reducible(parameters * factor, tokens / factor)
    assert law.reducible(*reached) == pytest.approx(same, rel=1e-9)


@given(st.floats(0.2, 1.5), st.floats(0.05, 0.5), st.floats(1e18, 1e25))
def test_two_laws_with_one_optimum_gain_nothing(power: float, outer: float, compute: float) -> None:
    """With alpha = p beta and beta = 1 the additive law is the nested law's bracket."""
    nested = NestedLaw(1e13, power * outer, 1e12, outer)
    additive = AdditiveLaw(0.0, 1e13**power, power, 1e12, 1.0)
    assert nested.optimum(compute) == pytest.approx(additive.optimum(compute), rel=1e-9)
    assert compute_equivalent_gain(additive, *nested.optimum(compute)) == pytest.approx(1, rel=1e-9)
    assert extra_compute(additive, nested.optimum, compute) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("compute", COMPUTES)
def test_gains_are_those_of_a_search_by_hand(compute: float) -> None:
    """Bisection on compute with the optimum searched for on a grid of N, no closed form in it."""
    wasted = CHINCHILLA.loss(*KAPLAN.optimum(compute))
    share = np.linspace(0.3, 0.7, 400_001)

    def least(log_compute: float) -> float:
        product = log_compute - np.log(6)
        reducible = 406.4 * np.exp(-0.34 * share * product)
        return float(np.min(1.69 + reducible + 410.7 * np.exp(-0.28 * (1 - share) * product)))

    low, high = np.log(compute) - 10, np.log(compute)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if least(middle) > wasted else (low, middle)
    gain = compute_equivalent_gain(CHINCHILLA, *KAPLAN.optimum(compute))
    assert gain == pytest.approx(compute / np.exp(high), rel=1e-7)


@pytest.mark.parametrize("compute", COMPUTES)
def test_extra_compute_is_the_gain_told_from_the_other_end(compute: float) -> None:
    factor = extra_compute(CHINCHILLA, KAPLAN.optimum, compute)
    at_more = compute_equivalent_gain(CHINCHILLA, *KAPLAN.optimum(factor * compute))
    assert at_more == pytest.approx(factor, rel=1e-12)


def test_a_split_that_halves_compute_by_construction_gains_two() -> None:
    def wasteful(compute: float) -> tuple[float, float]:
        return CHINCHILLA.optimum(compute / 2)

    assert extra_compute(CHINCHILLA, wasteful, 1e22) == pytest.approx(2, rel=1e-13)


def test_a_split_that_never_gets_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="no compute so split"):
        extra_compute(CHINCHILLA, lambda compute: (1e8, compute / 6e8), 1e22)


def test_the_table_has_the_baseline_at_each_compute_and_each_system() -> None:
    law = {
        "irreducible": 1.69,
        "parameter_coefficient": 406.4,
        "parameter_exponent": 0.34,
        "data_coefficient": 410.7,
        "data_exponent": 0.28,
    }
    baseline = {
        "name": "Kaplan-optimal",
        "parameter_scale": 6.4e13,
        "parameter_exponent": 0.076,
        "data_scale": 1.8e13,
        "data_exponent": 0.103,
    }
    spec = {
        "laws": {"hoffmann": law},
        "baseline": baseline,
        "computes": COMPUTES,
        "systems": {
            "GPT-3": {"compute": 3e23, "dataset_tokens": 3e11},
            "PaLM": {"compute": 2.53e24, "dataset_tokens": 7.8e11},
        },
    }
    table = allocation_table(rebuild(spec, Allocations))
    assert table["system"].to_list() == ["Kaplan-optimal"] * 3 + ["GPT-3", "PaLM"]
    assert table["extra_compute"].null_count() == 2
    assert table["gain"][:3].is_sorted()  # here: the more compute, the further apart the laws
    gpt3 = table.filter(system="GPT-3").row(0, named=True)
    assert gpt3["parameters"] == pytest.approx(3e23 / 6 / 3e11)
    assert gpt3["gain"] == pytest.approx(2.896146, rel=1e-6)
    assert gpt3["loss"] > gpt3["optimal_loss"]
