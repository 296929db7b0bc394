"""Attribution of spread: additive, interacting and idle choices, whole and broken crosses."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import polars as pl
import pytest

from algoprog.common.errors import InputError
from algoprog.robustness.attribution import (
    attribution,
    complete_cross,
    components,
    explained_variances,
)

CHOICES = ["x", "y", "z"]
LEVELS = {"x": ["a", "b"], "y": ["a", "b", "c"], "z": ["a", "b"]}


def table(growth, without=(), same_as=()):
    """A multiverse whose growth is a function of the three levels."""
    cells = list(product(*LEVELS.values()))
    return pl.DataFrame(
        [
            dict(zip(CHOICES, cell, strict=True))
            | {"growth": float(growth(*cell)), "growth_own_allocation": float(growth(*cell)) / 2}
            | {"same_as": "first" if cell in same_as else None}
            | {"status": "not_fitted" if cell in without else "fitted"}
            for cell in cells
        ],
        schema_overrides={"same_as": pl.String},
    )


def shares(frame, result, basis, column):
    rows = frame.filter(pl.col("result") == result, pl.col("basis") == basis)
    return dict(rows.select("choice", column).iter_rows())


VALUE = {"a": 0.0, "b": 1.0, "c": 5.0}


def test_an_additive_function_has_main_effects_only() -> None:
    found, parts = attribution(table(lambda x, y, z: 3 * VALUE[x] + VALUE[y] + 9), CHOICES)
    # variances of 3 * (0, 1) and of (0, 1, 5)
    x, y = 9 / 4, np.var([0, 1, 5])
    for basis, column in product(("all", "complete"), ("first_order", "shapley", "total")):
        expected = {"x": x / (x + y), "y": y / (x + y), "z": 0.0}
        assert shares(found, "growth", basis, column) == pytest.approx(expected, abs=1e-12)
    largest = parts.filter(pl.col("result") == "growth").head(2)
    assert largest["choices"].to_list() == ["y", "x"]
    assert largest["share"].sum() == pytest.approx(1)
    assert found["n"].to_list() == [12] * 36


def test_the_logarithm_of_a_product_is_additive() -> None:
    found, _ = attribution(table(lambda x, y, z: 2 ** VALUE[x] * 3 ** VALUE[z]), CHOICES)
    a, b = np.log(2) ** 2, np.log(3) ** 2
    expected = {"x": a / (a + b), "y": 0.0, "z": b / (a + b)}
    assert shares(found, "ln_growth", "all", "shapley") == pytest.approx(expected, abs=1e-12)


def test_a_pure_interaction_is_split_equally() -> None:
    sign = {"a": -1, "b": 1}
    found, parts = attribution(table(lambda x, y, z: sign[x] * sign[z]), CHOICES)
    expected = {"x": 0.0, "y": 0.0, "z": 0.0}
    assert shares(found, "growth", "all", "first_order") == pytest.approx(expected, abs=1e-12)
    expected = {"x": 0.5, "y": 0.0, "z": 0.5}
    assert shares(found, "growth", "all", "shapley") == pytest.approx(expected, abs=1e-12)
    expected = {"x": 1.0, "y": 0.0, "z": 1.0}
    assert shares(found, "growth", "all", "total") == pytest.approx(expected, abs=1e-12)
    first = parts.filter(pl.col("result") == "growth").row(0, named=True)
    assert (first["choices"], first["order"], first["share"]) == ("x x z", 2, pytest.approx(1))


def test_shapley_is_the_mean_over_orders_also_on_a_broken_cross() -> None:
    rng = np.random.default_rng(1)
    codes = np.array(list(product(range(3), range(2), range(4))))
    there = rng.random(len(codes)) < 0.7
    codes, values = codes[there], rng.normal(size=there.sum()) + codes[there, 0]
    explained = explained_variances(values, codes)

    def brute(subset):  # Var(E[Y | x_S]) over the specifications that are there
        groups: dict[tuple[int, ...], list[float]] = {}
        for value, code in zip(values, codes, strict=True):
            groups.setdefault(tuple(code[list(subset)]), []).append(value)
        means = np.concatenate([[np.mean(group)] * len(group) for group in groups.values()])
        return np.var(means)

    expected = np.zeros(3)
    for order in permutations(range(3)):
        for place, choice in enumerate(order):
            expected[choice] += brute(order[: place + 1]) - brute(order[:place])
    expected /= 6 * np.var(values)
    frame = pl.DataFrame(
        {name: [str(c) for c in codes[:, i]] for i, name in enumerate(CHOICES)}
    ).with_columns(
        growth=pl.Series(values),
        growth_own_allocation=pl.Series(values),
        status=pl.lit("fitted"),
        same_as=pl.lit(None, pl.String),
    )
    found, _ = attribution(frame, CHOICES)
    got = shares(found, "growth", "all", "shapley")
    assert [got[name] for name in CHOICES] == pytest.approx(expected)
    assert sum(got.values()) == pytest.approx(1)
    assert min(got.values()) >= 0
    assert explained[-1] == pytest.approx(np.var(values))


def test_components_of_a_complete_cross_are_not_negative_and_add_up() -> None:
    rng = np.random.default_rng(2)
    codes = np.array(list(product(range(3), range(2), range(4))))
    explained = explained_variances(rng.normal(size=len(codes)), codes)
    parts = components(explained)
    assert parts.min() >= -1e-15
    assert parts.sum() == pytest.approx(explained[-1])
    assert parts[0b101] == pytest.approx(explained[0b101] - explained[0b001] - explained[0b100])


def test_a_missing_level_leaves_the_complete_cross_and_is_counted() -> None:
    """Without growth at y = c the others are attributed exactly; x is what is left to vary."""
    gone = [cell for cell in product(*LEVELS.values()) if cell[1] == "c" and cell[2] == "b"]
    found, _ = attribution(table(lambda x, y, z: VALUE[x] + 1, without=gone), CHOICES)
    rows = {(r["result"], r["basis"], r["choice"]): r for r in found.iter_rows(named=True)}
    complete = rows["growth", "complete", "y"]
    assert (complete["levels_left_out"], complete["n"], complete["n_left_out"]) == ("c", 8, 4)
    assert rows["growth", "all", "y"]["n"] == 10
    assert rows["growth", "complete", "x"]["shapley"] == pytest.approx(1)


def test_what_is_not_positive_has_no_logarithm_but_a_rank() -> None:
    growth = {"a": -1.0, "b": 2.0, "c": np.inf}
    found, _ = attribution(table(lambda x, y, z: growth[y]), CHOICES)
    n = {r["result"]: r["n"] for r in found.filter(pl.col("basis") == "all").iter_rows(named=True)}
    expected = {"ln_growth": 4, "growth": 8, "rank": 12}
    assert n == expected | {f"own_{name}": count for name, count in expected.items()}
    assert shares(found, "rank", "all", "shapley")["y"] == pytest.approx(1)
    assert shares(found, "ln_growth", "all", "shapley") == {"x": None, "y": None, "z": None}


def test_own_allocation_is_attributed_by_itself_also_where_the_best_split_is_not_known() -> None:
    frame = table(lambda x, y, z: VALUE[x] + 1).with_columns(
        growth_own_allocation=pl.col("y").replace_strict(VALUE) + 1.0,
        status=pl.when(pl.col("z") == "b").then(pl.lit("not_identified")).otherwise("status"),
    )
    found, _ = attribution(frame, CHOICES)
    assert shares(found, "growth", "all", "shapley")["x"] == pytest.approx(1)
    assert shares(found, "own_growth", "all", "shapley")["y"] == pytest.approx(1)
    n = dict(found.filter(pl.col("basis") == "all").select("result", "n").iter_rows())
    assert (n["growth"], n["own_growth"]) == (6, 12)


def test_a_level_that_only_repeats_others_does_not_count_twice() -> None:
    repeats = [cell for cell in product(*LEVELS.values()) if cell[1] == "c"]
    found, _ = attribution(table(lambda x, y, z: VALUE[y], same_as=repeats), CHOICES)
    y = found.filter(pl.col("choice") == "y", pl.col("result") == "growth")
    assert y["levels_left_out"].to_list() == ["c", "c"]
    assert y["variance"].to_list() == [0.25, 0.25]  # of 0 and 1 alone


def test_the_complete_cross_is_the_largest_where_that_is_plain() -> None:
    codes = np.array(list(product(range(5), range(2), range(3))))
    missing = (codes[:, 0] == 3) & (codes[:, 1] == 1)
    assert complete_cross(codes, ~missing) == [{0, 1, 2, 4}, {0, 1}, {0, 1, 2}]
    assert complete_cross(codes, np.zeros(30, dtype=bool)) == [set(), set(), set()]


def test_mistakes_are_refused() -> None:
    frame = table(lambda x, y, z: 1.0)
    with pytest.raises(InputError):
        attribution(frame, [])
    with pytest.raises(AssertionError):
        attribution(pl.concat([frame, frame]), CHOICES)
