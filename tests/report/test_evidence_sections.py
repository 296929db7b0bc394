"""What the page says of later records, the penalty, endogenous compute and identification."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from matplotlib.text import Text
from report_page import made_from

from algoprog.report import page as report
from algoprog.report.section import Section
from algoprog.report.sections import out_of_time, penalty

ANALYSIS = {
    "sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "converged",
    "resampling": "papers",
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "headline": {"converged": "headline", "published": "published"},
    "bootstrap": {"analyses": {
        "headline": ANALYSIS,
        "published": ANALYSIS | {"estimator": "published", "resampling": "rows"},
    }},
    "benchmarks": {"baseline": "wt103", "definitions": {"wt103": {"label": "WikiText-103"}}},
}  # fmt: skip
DEFINITIONS = ("closed_form", "own_allocation")
MODEL = {"model": "m07", "delta": 0.0025}


def said(section: Section, tables: dict[str, pl.DataFrame]) -> str:
    """The words of a section alone."""
    inputs = made_from(tables, CONFIG)
    rows = section.rows(inputs)
    if rows is None:
        return ""
    source = "{% from 'macros.html.j2' import csv, files with context %}{% include name %}"
    made = report.environment(one=source).get_template("one")
    drawn = dict.fromkeys((figure.name for figure in section.figures), "(figure)")
    html = made.render(name=section.template, drawn=drawn, **{section.name: rows})
    return " ".join(html.split())


def later(cutoff: int, model: str, delta: float | None, rmse: float, rank: int) -> dict[str, Any]:
    return {
        "cutoff": cutoff, "model": model, "delta": delta, "estimator": "converged",
        "n_train": 100, "n_test": 131, "rmse": rmse, "rank": rank,
    }  # fmt: skip


def hold_out_tables(low: float = 0.001) -> dict[str, pl.DataFrame]:
    rows = [
        later(2020, "loss_on_c_t", None, 0.21, 1), later(2020, "m03", 0.0, 0.22, 2),
        later(2020, "m07", 0.0025, 0.27, 3), later(2022, "m07", 0.0025, 0.24, 1),
        later(2022, "loss_on_c_t", None, 0.3, 2),
    ]  # fmt: skip
    common = {**MODEL, "estimator": "converged", "against": "loss_on_c_t"}
    differences = [
        {**common, "cutoff": 2020, "difference": 0.03, "difference_ci95_low": low},
        {**common, "cutoff": 2022, "difference": -0.03, "difference_ci95_low": -0.1},
    ]
    ranked = [
        {"estimator": "converged", "model": name, "delta": delta, "held_out": 0.05,
         "held_out_rank": 2, "out_of_time": 0.06, "out_of_time_rank": rank}
        for rank, (name, delta) in enumerate([("loss_on_c_t", None), ("m07", 0.0025)], 1)
    ]  # fmt: skip
    frames = {
        "temporal_hold_out": rows,
        "hold_out_differences": differences,
        "ranking": ranked,
    }
    return {name: pl.DataFrame(of, infer_schema_length=None) for name, of in frames.items()}


def test_a_simple_law_that_beats_the_headline_is_said_to() -> None:
    text = said(out_of_time.SECTION, hold_out_tables())
    assert "Least squares beats the headline’s model in 1 of 2 years" in text
    assert "from 2020 on 1 of 9 simple laws predict better, 1 of them with a 95 %" in text
    assert "3 of 3" in text and "m03, δ = 0" in text and "loss on ln C and date" in text
    text = said(out_of_time.SECTION, hold_out_tables(low=-0.001))
    assert "1 of 9 simple laws predict better." in text and "of them with" not in text


def test_nothing_is_said_without_errors_out_of_time() -> None:
    assert said(out_of_time.SECTION, {}) == ""


def penalised(setting: str, delta: float, closed: float, own: float, **more: Any) -> dict[str, Any]:
    row = {"variant": "m07", "delta": delta, "setting": setting, "estimator": "converged"}
    row |= {"closed_form": closed, "own_allocation": own}
    return row | {f"growth_{name}": 12 * math.log(2) / row[name] for name in DEFINITIONS} | more


def penalty_tables() -> dict[str, pl.DataFrame]:
    rows = [
        penalised("as_fitted", 0.0, 8.4, 10.0), penalised("as_fitted", 0.0025, 5.7, 11.8),
        penalised("decades", 0.0025, 16.2, 11.7), penalised("slopes", 0.0025, 8.5, 10.1),
        penalised("as_fitted", 0.0, 8.1, 10.0, estimator="published"),
        penalised("as_fitted", 0.0025, 9.0, 11.2, estimator="published"),
    ]  # fmt: skip
    minima = [
        {**{name: ANALYSIS[name] for name in ("sample", "variant", "delta")}, "minimum": i,
         "excess": excess, "growth_closed_form": g, "growth_own_allocation": 0.7}
        for i, (excess, g) in enumerate([(0.0, 1.5), (0.01, 0.5)], 1)
    ]  # fmt: skip
    return {"penalty": pl.DataFrame(rows), "minima": pl.DataFrame(minima)}


def test_the_penalty_is_told_straight() -> None:
    text = said(penalty.SECTION, penalty_tables())
    assert "the closed form gives 5.7 to 16.2 months" in text
    assert "the same fits give 10.0 to 11.8 months" in text
    assert "Where levels are not penalised, the closed form gives 8.5 to 8.5 months" in text
    assert "procedure gives 9.0 months and the minimum 5.7 at δ = 0.0025" in text
    assert "without a penalty they give 8.1 and 8.4" in text
    assert "2 distinct local minima whose objective is within 5 %" in text
    assert "in closed form 5.5 to 16.6 months" in text


@pytest.mark.parametrize("narrow", [False, True])
def test_the_figure_has_a_line_for_each_setting(narrow: bool) -> None:
    table = penalty_tables()["penalty"]
    figure = penalty.figure.penalty(table, narrow)
    assert [axes.get_title("left") for axes in figure.axes] == list(
        penalty.figure.DEFINITIONS.values()
    )
    for axes in figure.axes:
        lines = [line for line in axes.lines if line.get_marker() in ("o", "D", "s", "P")]
        assert sum(len(line.get_xdata()) for line in lines) == table.height
    none = table.with_columns(pl.lit(None, pl.Float64).alias(f"growth_{n}") for n in DEFINITIONS)
    assert not penalty.figure.penalty(none).axes or "No doubling" in str(
        [text.get_text() for text in penalty.figure.penalty(none).findobj(Text)]
    )
