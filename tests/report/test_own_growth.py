"""Growth where the records are, on the page: each sentence follows its table."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from report_page import ANALYSIS, doubling, inputs, made_from, rendered

from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.report import page as report
from algoprog.report.page import environment
from algoprog.report.sections.own_growth import SECTION, own_growth
from algoprog.report.splits import LARGE, optimal_splits

KEY = ANALYSIS | {"estimator": "converged", "resampling": "papers"}


def own_row(point: float, **changes: Any) -> dict[str, Any]:
    row = doubling("converged", "papers", point=point, growth_point=8.3 / point)
    row |= {"direction": "alike", "period": "all", "n": 24, "share_refused": 0.0}
    row |= {"ci95_low": 8.5, "ci95_high": 17.2}
    return {k: v for k, v in row.items() if k not in {"definition", "quantity"}} | changes


def hold_out_row(model: str, cutoff: int, rmse: float, delta: float | None) -> dict[str, Any]:
    return {
        "cutoff": cutoff, "model": model, "delta": delta, "estimator": "converged",
        "n_train": 20, "n_test": 4, "rmse": rmse, "rank": 1,
    }  # fmt: skip


def given(**changes: float) -> dict[str, Any]:
    made = inputs()
    value = {"alike": 11.8, "parameters": 15.8, "data": 7.8, "m01": 9.3, "m16": 40.0} | changes
    made["tables"]["own_allocation"] = pl.DataFrame(
        [
            own_row(value["alike"]),
            own_row(value["parameters"], direction="parameters"),
            own_row(value["data"], direction="data"),
            own_row(10.3, benchmark="ptb", n=8),
            own_row(12.8, period="since_2017"),
            own_row(value["m01"], variant="m01", resampling="none"),
            own_row(value["m16"], variant="m16", resampling="none"),
        ]
    )
    lead = made["tables"]["fits"].filter(pl.col("sample") == "paper")
    others = [
        lead.filter(pl.col("estimator") == "converged").with_columns(
            variant=pl.lit(name), mse=pl.lit(mse)
        )
        for name, mse in (("m01", 0.041), ("m16", changes.get("mse", 0.053)))
    ]
    made["tables"]["fits"] = pl.concat([made["tables"]["fits"], *others])
    made["tables"]["temporal_hold_out"] = pl.DataFrame(
        [
            hold_out_row("m07", 2019, 0.4, 0.0025),
            hold_out_row("m07", 2020, 0.276, 0.0025),
            hold_out_row("m16", 2019, 0.5, 0.0025),
            hold_out_row("m16", 2020, 0.328, 0.0025),
            hold_out_row("loss_on_c_t", 2019, changes.get("squares", 0.3), None),
            hold_out_row("loss_on_c_t", 2020, 0.234, None),
            hold_out_row("mean", 2020, 0.1, None),
        ]
    )
    return made


def told(made: dict[str, Any]) -> str:
    known = made_from(made["tables"], made["config"], samples=made["samples"], draws=made["draws"])
    wrap = (
        '{% from "macros.html.j2" import ci, csv, files, fit_of, interval, shown with context %}'
        '{% include "own_growth.html.j2" %}'
    )
    basis = {"variant": "m07", "delta": 0.0025, "estimator": "converged", "rows": 24, "papers": 12}
    page = (
        environment(wrap=wrap)
        .get_template("wrap")
        .render(
            own_growth=own_growth(known), settings=known.settings, analysis=known.converged,
            basis={"converged": basis}, drawn={},
        )
    )  # fmt: skip
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_without_its_table_there_is_no_section() -> None:
    made = inputs()
    assert SECTION.rows(made_from(made["tables"], made["config"])) is None


def test_every_number_follows_its_table() -> None:
    text = told(given())
    assert "The answer is 11.8 months (95 % interval 8.5 to 17.2) , over 24 records." in text
    assert "parameters alone 24 15.8" in text and "data alone 24 7.8" in text
    assert "Penn Treebank, scaled alike 8 10.3" in text
    assert "published since 2017, scaled alike 24 12.8" in text
    assert "The answer is 12.4 months" in told(given(alike=12.4))
    assert "parameters alone 24 20.0" in told(given(parameters=20.0))


def test_a_fit_that_the_data_reject_leaves_the_range() -> None:
    text = told(given())
    assert "Over 2 laws at δ = 0.0025 the growth" in text and "own split means 9.3 to 11.8" in text
    assert "the data reject them: m16 at δ = 0.0025." in text
    text = told(given(mse=0.047))  # 18 % worse, not rejected
    assert "Over 3 laws at δ = 0.0025 the growth" in text and "own split means 9.3 to 40.0" in text
    assert "reject" not in text


def test_all_but_the_outermost_laws_and_their_other_minima_are_told() -> None:
    made = given(mse=0.047)
    rows = made["tables"]["own_allocation"]
    m02 = rows.filter(pl.col("variant") == "m01").with_columns(
        variant=pl.lit("m02"), point=pl.lit(9.9)
    )
    made["tables"]["own_allocation"] = pl.concat([rows, m02])
    minima = [
        {name: ANALYSIS[name] for name in ("sample", "delta")}
        | {"variant": "m16", "minimum": number, "excess": excess, "own_allocation": months}
        for number, excess, months in ((1, 0.0, 40.0), (2, 0.0436, 9.87))
    ]
    made["tables"]["minima"] = pl.DataFrame(minima)
    text = told(made)
    assert "All but the fastest (m01) and the slowest (m16) give 9.9 to 11.8 months" in text
    assert "m16 has another local minimum, 4.4 % above its best, that gives 9.9." in text
    assert "All but the fastest" not in told(given())


def test_the_interval_without_the_penalty_stands_beside() -> None:
    made = given()
    row = {name: KEY[name] for name in ("sample", "variant", "delta")}
    row |= {"definition": "own_allocation", "method": "unpenalised", "level": 95, "quoted": False}
    row |= {"benchmark": "all", "degrees": 19.9, "point": 10.0, "low": 7.1, "high": 16.6}
    made["tables"]["headline_interval"] = pl.DataFrame([row])
    text = told(made)
    assert "(about 21 count)" in text
    assert "without its penalty: 10.0 months, 7.1 to 16.6 at 95 %" in text
    assert "about" not in told(given())


def test_where_least_squares_predicts_better_the_page_says_so() -> None:
    text = told(given())
    assert (
        "without progress (m16) predicts worse than the paper’s preferred law, m07, in every"
        in text
    )
    better = "Least squares of loss on ln compute and date predicts better than it from"
    assert f"{better} 2019 and 2020." in text
    assert f"{better} 2020." in told(given(squares=0.41))
    assert "mean of each benchmark predicts" not in text


def test_the_optimal_split_is_the_one_at_which_loss_is_least() -> None:
    made = inputs()
    known = made_from(made["tables"], made["config"], samples=made["samples"])
    found = optimal_splits(known).filter(pl.col("variant") == "m07", pl.col("compute") == LARGE)
    assert found.height == 1
    config = made["config"]
    model = Model.of(
        Variant.of("m07", config["variants"]["m07"]),
        Sample("paper", made["samples"]["paper"], Benchmarks.of(config["benchmarks"])),
    )
    exponents = model.exponents("wt103")
    assert exponents is not None
    rows = made["tables"]["parameters"].filter(
        pl.col("sample") == "paper", pl.col("estimator") == "converged"
    )
    theta = dict(rows.select("term", "estimate").iter_rows())
    h = exponents.at_year(
        exponents.coefficients(np.array([[theta[name] for name in exponents.names]])),
        known.settings.optimal_scaling.year,
    )[0]

    def loss(ratio: float) -> float:
        log_n = (np.log(LARGE / 6) - np.log(ratio)) / 2
        log_d = np.log(LARGE / 6) - log_n
        x = [1.0, log_n - exponents.origin.log_parameters, log_d - exponents.origin.log_tokens]
        return float(np.exp(h @ np.array(x)).sum())

    best = found["tokens_per_parameter"][0]
    assert loss(best) < min(loss(best * 1.01), loss(best / 1.01))


# ---- the first screen

FIRST = 900  # characters of the page's text


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_inline", lambda *_: "")


def first(made: dict[str, Any]) -> str:
    """The first characters of the page's text, as a reader without a mouse has it."""
    body = rendered(**made).split("<body>")[1]
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())[:FIRST]


def screen(printed: float = 8.0, again: float = 8.7, **changes: float) -> str:
    made = given(**changes)
    times = [doubling("published", "rows", point=again), doubling("converged", "papers")]
    made["tables"]["doubling_times"] = pl.DataFrame(times)
    row = {"id": "headline.abstract.v1", "section": "abstract", "quantity": "doubling time"}
    row |= {"unit": "months", "verdict": "exact", "agreement": "exact", "note": None}
    numbers = ("published", "ours_published", "noise", "monte_carlo", "ours_converged")
    ends = ("", "_low", "_high")
    blank = {f"{n}{e}": None for n in (*numbers, "relative_difference") for e in ends}
    cells = row | blank | {"level": 95.0, "published": printed}
    cells |= {"published_low": 5.0, "published_high": 14.0}
    made["tables"]["reproduction"] = pl.DataFrame(
        [cells], schema_overrides=dict.fromkeys(blank, pl.Float64)
    )
    return first(made)


@pytest.mark.usefixtures("undrawn")
def test_the_first_characters_hold_the_four_things() -> None:
    text = screen()
    assert "every 11.8 months (95 % interval 8.5 to 17.2), where the systems actually were" in text
    assert "Ho et al. (2024; Epoch AI, arXiv 2403.05812) reported 8 months (5 to 14)." in text
    assert "Re-running their procedure gives 8.7 months" in text
    assert "The difference: their number extrapolates to a split of compute" in text
    assert "Trust: that there is progress is well supported" in text


@pytest.mark.usefixtures("undrawn")
def test_each_number_of_the_first_screen_follows_its_table() -> None:
    assert "every 12.4 months" in screen(alike=12.4)
    assert "reported 9 months" in screen(printed=9.0)
    assert "Re-running their procedure gives 7.1 months" in screen(again=7.1)
