"""Formulas: what they mean, what is refused, and their exact derivatives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoprog.common.grammar import LONGEST, MOST, FormulaError, names_in, parse, parse_arithmetic
from algoprog.model.columns import DIRECTIONS, columns

VALUES = {
    "t": np.array([0.0, 1.5, 9.0]),
    "n": np.array([2.0, 3.0, 10.0]),
    "d": np.array([1.0, 4.0, 7.0]),
    "T": np.array([0.0, 1.0, 1.0]),
    "Y": np.array([2012.0, 2013.5, 2021.0]),
}
BENCHMARKS = ["wt103", "ptb", "wt2"]
LEVELS = ("wt103", "ptb", "wt2")


def made(formula: str) -> dict[str, list[float]]:
    found = columns(parse(formula), VALUES, BENCHMARKS, LEVELS)
    return {column.benchmark or "": column.value.tolist() for column in found}


def test_a_leading_minus_is_of_the_whole_column() -> None:
    assert made("-n") == {"": [-2, -3, -10]}
    assert made("-t:(1+b)") == {"": [0, -1.5, -9], "ptb": [0, -1.5, 0], "wt2": [0, 0, -9]}


def test_dummies_leave_out_the_baseline_only_beside_the_same_product() -> None:
    assert made("1 + b") == {"": [1, 1, 1], "ptb": [0, 1, 0], "wt2": [0, 0, 1]}
    assert made("b + 1") == made("1 + b")
    assert made("n:b") == {"wt103": [2, 0, 0], "ptb": [0, 3, 0], "wt2": [0, 0, 10]}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("{n^2}", [4, 9, 100]),
        ("{n**2}", [4, 9, 100]),
        ("-{n-t}", [-2, -1.5, -1]),
        ("{-n+2*d}", [0, 5, 4]),
        ("{2^-n}", [0.25, 0.125, 2**-10]),
        ("{n/d/2}", [1, 3 / 8, 10 / 14]),
        ("{n-d-1}", [0, -2, 2]),
        ("{2^n^0}", [2, 2, 2]),
        ("n:d:T", [0, 12, 70]),
        ("log(Y)", [math.log(2012), math.log(2013.5), math.log(2021)]),
        ("sqrt(n*n)", [2, 3, 10]),
        ("{1e1}", [10, 10, 10]),
        ("{t*(Y>=2013.5)}", [0, 1.5, 9]),
        ("{Y<2014}", [1, 1, 0]),
    ],
)
def test_arithmetic_means_arithmetic(formula: str, value: list[float]) -> None:
    assert made(formula)[""] == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "formula",
    [
        "-n^2", "n - t", "~t", "1-d", "n*d", "n/d", "-1+b", "n ~ t", "n | t", ".", "", "-", "2",
        "0", "n t", "(n", "n)", "{n", "n}", "n:", ":n", "{n:d}", "{}", "{--n}", "{b}", "{n+b}",
        "n.mean()", "np.log(n)", "center(n)", "scale(n)", "n.to_csv(1)", "__import__(1)", "{n[0]}",
        "-{n+0*np.f2py.subprocess.os.system(1)}", "{n if t else d}", "{lambda: n}", "{'n'}",
        "{n;t}", "{n=2}", "n<2", "{1<n<2}",
        "{1e400}", "(1+1)", "n\u00b2", "\uff4e;", "`n`", "{n@d}", "{n%2}", "{n//2}",
        "{" * 30 + "n" + "}" * 30, "(" * 30 + "n" + ")" * 30, "{n" + "^2" * 30 + "}",
        "{" + "n+" * LONGEST + "n}", ":".join(["(n+d)"] * 40),
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_with_a_fix(formula: str) -> None:
    with pytest.raises(FormulaError) as error:
        parse(formula)
    assert error.value.fix


@given(st.text(alphabet="tnbdY1+-*/^:(){} .2logexp_", max_size=60))
@settings(max_examples=2000, deadline=None)
def test_any_text_is_a_formula_or_an_error(text: str) -> None:
    try:
        found = parse(text)
    except FormulaError:
        return
    assert 1 <= len(found.products) <= MOST
    assert all(names_in(factor) for p in found.products for factor in p.factors) or "{" in text


FORMULAS = [
    "n", "-t:(1+b)", "{n*(1-T)}", "-n:log(Y)", "{n^2*d}", "{n^d}", "n:d",
    "{sqrt(n)/d}", "{log(n+d)^2}", "{exp(-t/9)*d}", "{2^n}", "c",
    "{(Y-2013)*(Y>2013)}", "d_effective:t",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("direction", list(DIRECTIONS))
def test_slopes_are_the_derivatives(formula: str, direction: str) -> None:
    """Against the complex step, which is exact to rounding."""
    values = VALUES | {"c": VALUES["n"] + VALUES["d"], "d_effective": VALUES["d"] + 0.6}
    moved = {
        name: value + 1e-30j * DIRECTIONS[direction].get(name, 0.0)
        for name, value in values.items()
    }
    exact = columns(parse(formula), values, BENCHMARKS, LEVELS, DIRECTIONS[direction])
    stepped = columns(parse(formula), moved, BENCHMARKS, LEVELS)
    for column, other in zip(exact, stepped, strict=True):
        assert column.slope == pytest.approx(np.imag(other.value) / 1e-30, rel=1e-12, abs=1e-12)


def test_arithmetic_alone() -> None:
    assert names_in(parse_arithmetic("C / (6 * N)")) == {"C", "N"}
    assert parse_arithmetic("2^-3") == parse("{2^-3}").products[0].factors[0]


@pytest.mark.parametrize("text", ["", "C:N", "{C}", "C, N", "eval(C)", "C N", "C / (6*N", "C + b"])
def test_what_is_no_arithmetic(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_arithmetic(text)
