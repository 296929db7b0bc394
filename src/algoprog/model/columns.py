"""Values of formulas, and their exact derivatives in t, n and d, on given rows.

It knows trees of :mod:`algoprog.common.grammar` and arrays; it knows no variant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.grammar import (
    Call,
    Name,
    Negative,
    Number,
    Operation,
    Parsed,
    Product,
    Tree,
)

Array = NDArray[np.float64]

# How each variable moves with t (years), n = ln N and d = ln D; the others do not.
DIRECTIONS: dict[str, dict[str, float]] = {
    "t": {"t": 1.0, "Y": 1.0},
    "n": {"n": 1.0, "c": 1.0},
    "d": {"d": 1.0, "d_seen": 1.0, "d_effective": 1.0, "c": 1.0},
}

# Along which of these an added variable moves that moves with a scale, by as much as its logarithm.
MOVES = {"compute": ("n", "d"), "parameters": ("n",), "data": ("d",)}


def directions(along: str, scales: Mapping[str, str | None]) -> dict[str, float]:
    """Return how each variable moves along t, n or d; ``scales`` are those of added variables."""
    added = {name: 1.0 for name, scale in scales.items() if scale and along in MOVES[scale]}
    return DIRECTIONS[along] | added


COMPARED = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    ">": np.greater,
    "<": np.less,
}


@dataclass(frozen=True)
class Column:
    """A column of a formula: its benchmark where it has a dummy, values (n,) and slopes (n,).

    ``slope`` is the derivative along the direction asked for, zero where none was.
    """

    benchmark: str | None
    value: Array
    slope: Array


def columns(
    formula: Parsed,
    values: Mapping[str, Array],
    benchmarks: Sequence[str],
    levels: Sequence[str],
    direction: Mapping[str, float] | None = None,
) -> Iterator[Column]:
    """Yield the columns of a formula on n rows, its sign included.

    Parameters
    ----------
    values : (n,) of each variable.
    benchmarks : (n,) names.
    levels : benchmarks with a dummy, the baseline first. The baseline has one only where the same
        product does not stand in the formula without dummies.
    direction : derivative of each variable along which slopes are taken (:data:`DIRECTIONS`).
    """
    sign = -1.0 if formula.negative else 1.0
    names = np.asarray(benchmarks)
    for product in formula.products:
        value, slope = _product(product, values, direction or {}, len(names))
        value, slope = sign * value, sign * slope
        if not product.by_benchmark:
            yield Column(None, value, slope)
            continue
        reduced = Product(product.factors) in formula.products
        for level in levels[1:] if reduced else levels:
            dummy = (names == level).astype(float)
            yield Column(level, value * dummy, slope * dummy)


def _product(
    product: Product, values: Mapping[str, Array], direction: Mapping[str, float], n: int
) -> tuple[Array, Array]:
    value, slope = np.ones(n), np.zeros(n)
    for i, factor in enumerate(product.factors):
        v, s = evaluate(factor, values, direction)
        if i == 0:
            value, slope = value * v, slope + s
        else:
            value, slope = value * v, slope * v + value * s
    return value, slope


def evaluate(
    tree: Tree, values: Mapping[str, Array], direction: Mapping[str, float]
) -> tuple[Array, Array]:
    """Return a tree's values and its exact derivative along a direction (forward mode)."""
    match tree:
        case Number(value):
            return np.asarray(value), np.asarray(0.0)
        case Name(name):
            return values[name], np.asarray(direction.get(name, 0.0))
        case Negative(of):
            v, s = evaluate(of, values, direction)
            return -v, -s
        case Call(function, of):
            return _call(function, *evaluate(of, values, direction))
        case Operation(sign, left, right):
            return _operation(
                sign, *evaluate(left, values, direction), *evaluate(right, values, direction)
            )


def _call(function: str, v: Array, s: Array) -> tuple[Array, Array]:
    if function == "log":
        return np.log(v), s / v
    if function == "exp":
        e = np.exp(v)
        return e, e * s
    root = np.sqrt(v)
    with np.errstate(all="ignore"):  # at zero the slope is infinite, unless nothing moves
        return root, np.where(s == 0, 0.0, s / (2.0 * root))


def _operation(sign: str, a: Array, da: Array, b: Array, db: Array) -> tuple[Array, Array]:
    match sign:
        case "+":
            return a + b, da + db
        case "-":
            return a - b, da - db
        case "*":
            return a * b, da * b + a * db
        case "/":
            return a / b, (da - a / b * db) / b
        case "^":
            return a**b, _power_slope(a, da, b, db)
        case _:  # a step, flat but for where it jumps
            return COMPARED[sign](a, b).astype(float), np.zeros(np.broadcast(a, b).shape)


def _power_slope(a: Array, da: Array, b: Array, db: Array) -> Array:
    """Return d(a^b) = b a^(b-1) da + a^b ln(a) db, each part only where it moves."""
    with np.errstate(all="ignore"):
        base = np.where(da == 0, 0.0, b * a ** (b - 1.0) * da)
        exponent = np.where(db == 0, 0.0, a**b * np.log(a) * db)
    return np.asarray(base + exponent)
