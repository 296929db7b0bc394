"""Tables that are put together from parts have the declared columns, types and keys."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from algoprog.catalogue import TABLES
from algoprog.estimators.fit_tables import estimates_frame, ranked, with_intervals
from algoprog.robustness.coverage import SHARD_SCHEMA, coverage_table
from algoprog.robustness.multiverse_tables import RESULTS, account, merge_specifications
from algoprog.tables.frames import checked, in_order, schema_of

KEY: dict[str, Any] = {"sample": "paper", "variant": "m07", "delta": 0.1, "estimator": "converged"}


def as_declared(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return in_order(TABLES[name], checked(TABLES[name], frame))


@pytest.mark.parametrize("drawn", [False, True])
def test_parameters_with_and_without_draws(drawn: bool) -> None:
    estimates = estimates_frame([KEY | {"term": "a", "estimate": 1.0, "standard_error": None}])
    draws = pl.DataFrame({"replicate": [0, 1], "a": [1.0, 2.0]})
    analyses = [(KEY | {"resampling": "papers"}, draws)] if drawn else []
    table = as_declared("parameters", with_intervals(estimates, analyses))
    assert table["resampling"].to_list() == ["papers" if drawn else "none"]


def test_cross_validation_ranked() -> None:
    parts = schema_of(TABLES["cross_validation"])
    del parts["rank"]
    expected = [{"variant": "m07", "delta": 0.1, "scheme": "papers"}]
    one = pl.DataFrame([KEY | {"scheme": "papers", "mse": 0.1, "n": 3}], schema=parts)
    assert as_declared("cross_validation", ranked([one], expected))["rank"].to_list() == [1]


def test_coverage_of_every_method() -> None:
    ends = {f"growth_ci{level}_low": 0.5 for level in (50, 90, 95)}
    ends |= {f"growth_ci{level}_high": 2.0 for level in (50, 90, 95)}
    of = KEY | {"world": "plain", "definition": "closed_form", "doubling_months": 8.0}
    of |= {"growth": 1.0, "growth_point": 1.1, "n_draws": 10}
    methods = [
        {"resampling": "papers", "method": "percentile", "n_not_converged": 0} | ends,
        {
            "resampling": "signs",
            "method": "inverted",
            "chance_at_truth": 0.1,
            "chance_at_none": 0.2,
        },
        {"estimator": "published", "resampling": "rows", "method": "basic"} | ends,
    ]
    rows = [
        dict.fromkeys(SHARD_SCHEMA) | of | method | {"data_set": i}
        for method in methods
        for i in range(3)
    ]
    shards = [pl.DataFrame(rows, schema=SHARD_SCHEMA)]
    assert as_declared("coverage", coverage_table(shards)).height == len(methods)


def test_the_multiverse_and_its_account() -> None:
    chosen: list[Any] = [
        SimpleNamespace(id=name, levels={"variant": "m07", "delta": "0.01"}) for name in "ba"
    ]
    keys = pl.DataFrame([{"id": one.id} | one.levels for one in chosen])
    found = pl.DataFrame([{"status": "fitted", "problem": "p", "n": 3}] * 2, schema=RESULTS)
    part = pl.concat([keys, found], how="horizontal")
    table = as_declared("multiverse", merge_specifications([part], chosen))
    assert table.select("id", "same_as").rows() == [("b", None), ("a", "b")]
    assert as_declared("multiverse_account", account(table)).row(0) == ("fitted", None, 2, 1)
