"""The explorer: what it holds is what the tables say, in two characters a cell."""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from typing import Any

import polars as pl
import pytest
from report_page import CONFIG, inputs, made_from, prose, undrawn

from algoprog.report.explored import (
    DIGITS,
    FIRST,
    NONE,
    PER_DECADE,
    TENTHS,
    UNKNOWN,
    code,
    packed,
)
from algoprog.report.sections.explorer import explorer
from algoprog.robustness.specifications import specifications


def months_of(number: int) -> float | None:
    """Return the doubling time of a number that :func:`code` gives; inf without progress."""
    if number == UNKNOWN:
        return None
    if number == NONE:
        return math.inf
    size = number - FIRST
    return size / 10 if size < TENTHS else TENTHS / 10 * 10 ** ((size - TENTHS) / PER_DECADE)


def unpacked(text: str) -> list[float | None]:
    """Return the doubling times that :func:`packed` wrote."""
    places = [DIGITS.index(digit) for digit in text]
    pairs = zip(places[::2], places[1::2], strict=True)
    return [months_of(len(DIGITS) * first + second) for first, second in pairs]


def test_a_cell_is_what_the_page_writes() -> None:
    for months in (0.3, 8.4, 11.8, 99.9, 100.04, 599.8):
        assert months_of(code(months)) == pytest.approx(round(months, 1), abs=1e-9)
    for months in (601.0, 5140.0, 4e5):
        assert months_of(code(months)) == pytest.approx(months, rel=0.003)
    assert months_of(code(math.inf)) == months_of(code(-3.0)) == math.inf
    assert months_of(code(None)) is months_of(code(math.nan)) is None
    assert code(1e30) < len(DIGITS) ** 2
    assert not set(DIGITS) & set("\"&'<>\\")


def test_a_cube_runs_fastest_in_its_last_choice() -> None:
    cells = {("a", "x"): 1.0, ("a", "y"): 2.0, ("b", "y"): math.inf}
    assert unpacked(packed(cells, [("a", "b"), ("x", "y")])) == [1.0, 2.0, None, math.inf]


def inflated(text: str) -> str:
    """What the page's script reads of the compressed cells."""
    return zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS).decode()


def held(html: str) -> dict[str, Any]:
    found = re.search(
        r'<script type="text/plain" id="explorer-data">([A-Za-z0-9+/=]*)</script>', html
    )
    assert found
    return json.loads(inflated(found[1]))  # type: ignore[no-any-return]


def test_the_run_has_a_cell_for_each_fit_and_its_interval() -> None:
    data = held(undrawn(**inputs()))
    (cube,) = data["cubes"]
    assert cube["name"] == "run"
    levels = {choice["name"]: choice["levels"] for choice in cube["choices"]}
    assert levels == {
        "sample": ["paper"], "variant": ["m07"], "delta": ["0.0025"],
        "estimator": ["converged", "published"],
    }  # fmt: skip
    assert unpacked(cube["values"]["closed_form"]) == [5.7, 5.7]
    assert unpacked(cube["values"]["closed_form_low"]) == [2.9, 2.9]
    assert unpacked(cube["values"]["closed_form_high"]) == [math.inf, math.inf]
    assert data["headline"]["variant"] == "m07" and data["headline"]["response"] == "own"


def test_another_table_is_another_cell() -> None:
    given = inputs()
    times = given["tables"]["doubling_times"]
    given["tables"]["doubling_times"] = times.with_columns(point=pl.lit(31.26))
    assert unpacked(held(undrawn(**given))["cubes"][0]["values"]["closed_form"]) == [31.3, 31.3]


def test_the_multiverse_is_the_cross_in_the_order_of_the_configuration() -> None:
    choices = {
        "variant": ["m07", "m10"],
        "delta": [0, 0.0025],
        "models_per_paper": {"1": {"models_per_paper": 1}, "all": {"models_per_paper": None}},
        "estimator": ["converged"],
    }
    base = {"response": "own", "tokens": "once"}
    specified = specifications(choices, base)
    table = pl.DataFrame(
        [
            {"id": one.id, **one.levels, "status": "fitted" if i else "not_fitted"}
            | {"growth_closed_form": 12 * math.log(2) / (i + 1) if i else None}
            | {"growth_optimal_scaling": None, "growth_own_allocation": -1.0 if i == 3 else 1.0}
            for i, one in enumerate(specified)
        ]
    ).reverse()
    given = inputs()
    given["config"] = CONFIG | {
        "multiverse": {
            "sample": "paper", "choices": choices, "base": base,
            "bootstrap": {"replicates": 3, "resampling": "papers"},
        },
    }  # fmt: skip
    given["tables"]["multiverse"] = table
    found = explorer(made_from(given.pop("tables"), given.pop("config"), **given))
    assert found is not None and found["specifications"] == 8
    cube, run = json.loads(inflated(found["data"]))["cubes"]
    assert (cube["name"], run["name"]) == ("every", "run")
    assert unpacked(cube["values"]["closed_form"]) == [None, *map(float, range(2, 9))]
    assert unpacked(cube["values"]["own_allocation"])[3] == math.inf
    assert "optimal_scaling" not in cube["values"]
    assert [choice["mapping"] for choice in cube["choices"]] == [False, False, True, False]


def test_no_doubling_time_no_explorer() -> None:
    given = inputs()
    given["tables"]["doubling_times"] = given["tables"]["doubling_times"].clear()
    assert explorer(made_from(given.pop("tables"), given.pop("config"), **given)) is None


def test_without_a_script_the_page_says_that_the_explorer_needs_it() -> None:
    assert "The explorer needs JavaScript." in prose(undrawn(**inputs()))
