"""Columns that a source derives from others: arithmetic of the closed grammar on its rows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from algoprog.common.grammar import Call, Name, Negative, Number, Operation, Tree, parse_arithmetic


def derived(formula: str, values: Mapping[str, pl.Series]) -> pl.Series:
    """Return the value of a formula for each row; null where any of its variables is.

    Parameters
    ----------
    formula : arithmetic of variables, as ``C / (6 * N)``.
    values : (n,) of each variable; at least one.

    Raises
    ------
    FormulaError
        for a text that is no formula.
    """
    return pl.DataFrame([series.alias(name) for name, series in values.items()]).select(
        _expression(parse_arithmetic(formula)).cast(pl.Float64).alias("derived")
    )["derived"]


def _expression(tree: Tree) -> pl.Expr:
    match tree:
        case Number(value):
            return pl.lit(value)
        case Name(name):
            return pl.col(name)
        case Negative(of):
            return -_expression(of)
        case Call("log", of):
            return _expression(of).log()
        case Call("exp", of):
            return _expression(of).exp()
        case Call(_, of):
            return _expression(of).sqrt()
        case Operation(sign, left, right):
            return _operation(sign, _expression(left), _expression(right))


def _operation(sign: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    signs = {
        "+": pl.Expr.add,
        "-": pl.Expr.sub,
        "*": pl.Expr.mul,
        "/": pl.Expr.truediv,
        "^": pl.Expr.pow,
        ">=": pl.Expr.ge,
        "<=": pl.Expr.le,
        ">": pl.Expr.gt,
        "<": pl.Expr.lt,
    }
    return signs[sign](left, right)
