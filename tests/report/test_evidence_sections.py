"""What the page says of later records, the penalty, endogenous compute and identification."""

from __future__ import annotations

from typing import Any

import polars as pl
from report_page import made_from

from algoprog.report import page as report
from algoprog.report.section import Section
from algoprog.report.sections import out_of_time

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
