"""A variant can be asked which variables it names, and changed."""

from __future__ import annotations

import pytest
from plain import variant_of

from algoprog.common.settings import rebuild
from algoprog.model.formula import Formula
from algoprog.model.variant import Variant, Variants

SPEC = {
    "exponentials": [{"a": "1 + b", "r": "-t", "p": "-n"}, {"c": 1, "q": "-{d*t}", "s": "-d_seen"}],
    "linear": None,
    "hold": {"a": 2},
}


@pytest.fixture
def variant() -> Variant:
    return variant_of("mine", SPEC)


def test_a_variable_is_a_word_of_a_formula() -> None:
    formula = Formula("-d_seen:(1+b):{n*d}")
    assert formula.uses("d") and formula.uses("d_seen") and formula.uses("b")
    assert not formula.uses("seen") and not formula.uses("t")
    assert formula.with_data("d_effective") == "-d_seen:(1+b):{n*d_effective}"
    assert Formula("-d_seen").with_data("d_effective") == "-d_seen"


def test_a_variable_inside_braces_or_a_function_cannot_be_replaced_by_a_term() -> None:
    assert Formula("-t:(1+b)").is_affine("t")
    assert not Formula("-{t*n}").is_affine("t")
    assert not Formula("log(t + 1)").is_affine("t")
    assert Formula("-{t*n}").is_affine("d")


def test_a_variant_uses_what_its_formulas_name(variant: Variant) -> None:
    assert variant.uses("t") and variant.uses("c", "d")
    assert not variant.uses("c") and not variant.uses("Y", "V")
    assert variant.is_affine("n") and not variant.is_affine("t")
    assert [name for name, _ in variant.formulas()] == ["a", "r", "p", "c", "q", "s"]


def test_a_change_leaves_the_variant_as_it_was(variant: Variant) -> None:
    assert not variant.with_data("d_seen").uses("d")
    assert variant.with_linear({"g": 1}).linear == {"g": "1"}
    assert variant.holding({"p": 0.1}).hold == {"a": 2.0, "p": 0.1}
    assert variant == variant_of("mine", SPEC)


def test_variants_are_rebuilt_from_plain_built_ins(variant: Variant) -> None:
    made = rebuild({"mine": SPEC}, Variants)
    assert made == {"mine": variant}
    assert Variants(made) == made
