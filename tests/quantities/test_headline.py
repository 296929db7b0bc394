"""The sentence a run ends with."""

from __future__ import annotations

import math

import polars as pl

from algoprog.quantities.headline import headline

ANALYSIS = {"sample": "paper", "variant": "m07", "delta": 0.0025}
ANALYSES = {
    "ours": ANALYSIS | {"estimator": "converged", "resampling": "papers"},
    "theirs": ANALYSIS | {"estimator": "published", "resampling": "rows"},
}


def test_headline() -> None:
    common = {"definition": "closed_form", "quantity": "compute", "benchmark": "all"}
    values = ("point", "median", "ci95_low", "ci95_high", "n_draws", "share_nonpositive")
    numbers = {
        "ours": (5.694, 6.6, 4.0, math.inf, 1000, 0.02),
        "theirs": (8.6849, 8.4438, 4.44, 16.31, 100, 0.0),
    }
    rows = [
        {**ANALYSES[name], **common, "quantity": quantity}
        | dict(zip(values, numbers[name], strict=True))
        for name in ANALYSES
        for quantity in ("parameters", "compute")
    ]
    names = {"converged": "ours", "published": "theirs"}
    table = pl.DataFrame(rows)
    range_ = ANALYSIS | {
        "benchmark": "all", "level": 95, "method": "profile", "critical_loss": 0.0324, "low": 2.81,
        "high": math.inf,
    }  # fmt: skip
    text = headline(table, pl.DataFrame([range_]), names, ANALYSES, "wt103").text
    answer, basis, *_ = text.splitlines()
    assert answer.endswith("halves every 5.7 months (95 % interval 2.8 to ∞).")
    assert basis == (
        "m07, converged estimator; the interval is of doubling times whose fit is at most 3.2 % "
        "worse; 1000 draws of whole papers: median 6.6 months, 95 % of them 4.0 to ∞, "
        "2.0 % without progress."
    )
    percentile = range_ | {"method": "percentile", "critical_loss": None}
    text = headline(table, pl.DataFrame([percentile]), names, ANALYSES, "wt103").text
    answer, basis, theirs, their_basis = text.splitlines()
    assert answer.endswith("halves every 5.7 months (95 % interval 4.0 to ∞).")
    assert basis == (
        "m07, converged estimator; 1000 draws of whole papers: median 6.6 months, "
        "2.0 % without progress."
    )
    assert theirs.endswith(
        "published procedure it halves every 8.7 months (95 % interval 4.4 to 16.3)."
    )
    assert "100 draws of rows: median 8.4 months, 0.0 %" in their_basis


def test_variant_without_closed_form() -> None:
    other = {**ANALYSES["ours"], "definition": "closed_form", "quantity": "data"}
    text = headline(
        pl.DataFrame([other]),
        pl.DataFrame(),
        {"converged": "ours", "published": "theirs"},
        ANALYSES,
        "wt103",
    ).text
    assert text.count("no closed form") == 2


def test_progress_that_differs_by_benchmark_is_quoted_on_the_baseline() -> None:
    row = ANALYSES["ours"] | {"definition": "closed_form", "quantity": "compute", "n_draws": 9}
    row |= {"ci95_low": 2.0, "ci95_high": 9.0, "median": 5.0, "share_nonpositive": 0.0}
    table = pl.DataFrame(
        [row | {"benchmark": "ptb", "point": 6.9}, row | {"benchmark": "wt103", "point": 3.6}]
    )
    none = pl.DataFrame(
        schema=dict.fromkeys(("sample", "variant", "benchmark", "method"), pl.String)
        | {"delta": pl.Float64, "level": pl.Int64}
    )
    names = {"converged": "ours", "published": "theirs"}
    for baseline, said in (("wt103", "wt103 every 3.6"), ("ptb", "ptb every 6.9")):
        answer = headline(table, none, names, ANALYSES, baseline).statements[0].answer
        assert f"halves on {said} months (95 % interval 2.0 to 9.0)" in answer
