"""What the page says of later records, the penalty, endogenous compute and identification."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from matplotlib.text import Text
from report_page import made_from

from algoprog.report import page as report
from algoprog.report.section import Section
from algoprog.report.sections import endogeneity, identification, out_of_time, penalty

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
    source = "{% from 'macros.html.j2' import ci, csv, files with context %}{% include name %}"
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


def test_the_figure_has_a_line_for_each_setting() -> None:
    table = penalty_tables()["penalty"]
    figure = penalty.figure.penalty(table)
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


def quality(treatment: str, half: float | None, none: float | None, **more: Any) -> list[Any]:
    common = {"variant": "m07", "treatment": treatment, "point": 11.8} | more
    values = {"half": half, "none": none}
    return [common | {"target": name, "robustness_value": one} for name, one in values.items()]


def quality_tables() -> dict[str, pl.DataFrame]:
    rows = [*quality("compute", 0.32, 0.59), *quality("date", 0.21, None)]
    rows += quality("date", 0.1, 0.2, variant="linear")
    covariates = [
        {"variant": "m07", "treatment": "date", "covariate": name, "r2_treatment": 0.16,
         "r2_loss": 0.09, "low": 9.2, "high": 16.5, "growth_low": low, "growth_high": 0.9}
        for name, low in (("architecture", 0.5), ("epochs", 0.6))
    ]  # fmt: skip
    simulated = [
        {"variant": "m07", "definition": "own_allocation", "correlation": correlation,
         "median": months, "true_months": 11.8, "ratio": 11.8 / months, "n_draws": 40,
         "ci95_low": 5.0, "ci95_high": 30.0}
        for correlation, months in ((0.9, 27.7), (-0.9, 5.9))
    ]  # fmt: skip
    frames = {
        "endogeneity": rows,
        "endogeneity_covariates": covariates,
        "endogenous_compute": simulated,
    }
    return {name: pl.DataFrame(of, infer_schema_length=None) for name, of in frames.items()}


def test_unobserved_quality_is_told_by_its_weakest_case() -> None:
    text = said(endogeneity.SECTION, quality_tables())
    assert "To halve the growth of m07" in text
    assert (
        "at least 21.0 % of what is left of the date, given parameters and data and benchmark"
        in text
    )
    assert (
        "at least 59.0 % of what is left of compute, given the date" in text
    )  # date cannot undo it
    assert "architecture would move growth most" in text and "9.2 to 16.5 months" in text
    assert "the median estimate is 27.7 months where the truth is 11.8" in text
    assert "it is 5.9" in text and "40 data sets each" in text
    assert said(endogeneity.SECTION, {}) == ""
    alone = {"endogeneity": quality_tables()["endogeneity"]}
    assert "In simulated records" not in said(endogeneity.SECTION, alone)


def identification_tables() -> dict[str, pl.DataFrame]:
    rows = [
        {"measure": "modal_data", "of": "wt103", "n": 74, "share": 0.72, "value": 1.03e8},
        {"measure": "modal_data", "of": "ptb", "n": 68, "share": 0.85, "value": 9.29e5},
        {"measure": "modal_data", "of": "all", "n": 142, "share": 0.74},
        {"measure": "large_data", "of": "all", "n": 36, "papers": 19, "value": 1e9},
        {"measure": "inflation", "of": "n", "value": 3.2},
        {"measure": "condition", "of": "all", "value": 31.0},
        {"measure": "estimate", "of": "all", "own_allocation": 11.8, "closed_form": 5.7},
        {"measure": "estimate", "of": "without_large_data", "own_allocation": 6.8,
         "closed_form": math.inf},
    ]  # fmt: skip
    spread = [
        {"scenario": name, "definition": definition, "runs": runs, "ratio": ratio, "width": 0.4,
         "ci95_low": 9.0, "ci95_high": 19.0}
        for name, runs, ratio in (("none", 0, 1.0), ("sweep", 200, 0.3), ("old_ones", 60, 0.7))
        for definition in DEFINITIONS
    ]  # fmt: skip
    frames = {"identification": rows, "settling": spread}
    return {name: pl.DataFrame(of, infer_schema_length=None) for name, of in frames.items()}


def test_what_identifies_the_answer_is_told() -> None:
    text = said(identification.SECTION, identification_tables())
    assert "74.0 % of the records have the commonest" in text
    assert "72.0 % to 85.0 % by benchmark" in text
    assert "36 records of 19 papers have more than" in text
    assert "6.8 months instead of 11.8, and in closed form ∞ instead of 5.7" in text
    assert "Of the additions tried, “sweep” (200 runs) does most: the spread falls to" in text
    assert (
        "to 30.0 % of its width in closed form, and to 30.0 %" in text
        and "the records there are" in text
    )
    assert "n 3.2" in text
    alone = {"identification": identification_tables()["identification"]}
    assert "What would settle it" not in said(identification.SECTION, alone)
