"""The published procedure again and again with its starts moved."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from plain import cross_validate, refit, repeated_draws

from algoprog.audit.published_noise import CROSS_VALIDATION_SCHEMA, ScoreSettings, repeated_scores
from algoprog.audit.reproduction import read_published

MODEL = {"variant": "m07", "delta": 0.0025}
HEADER = "id,section,quantity,variant,delta,value,low,high,level,unit\n"


@pytest.fixture(scope="module")
def repeated(paper_sample, paper_config, benchmarks):
    """repeated_draws() of m07 at 0.0025 but for what is given."""

    def made(repetitions, size, **given):
        arguments = {
            "sample": paper_sample, "cross_validation": None, "variants": paper_config["variants"],
            "model": MODEL, "change": None, "resampling": "rows", "response": "first_available",
            "benchmarks": benchmarks, "replicates": 4,
        } | given  # fmt: skip
        return repeated_draws(repetitions=repetitions, size=size, **arguments)

    return made


def repetition(frame, k):
    return frame.filter(pl.col("repetition") == k).drop("repetition")


@pytest.mark.parametrize(
    ("resampling", "change"),
    [("rows", None), ("papers", None), ("rows", {"transformer": "multiplier"})],
)
def test_starts_that_do_not_move_give_the_published_draws(
    repeated, paper_sample, paper_config, benchmarks, resampling, change
):
    found = repeated(2, 0.0, resampling=resampling, change=change)
    draws = refit(
        paper_sample, None, sample_name="paper", benchmarks=benchmarks, first=0, last=4,
        variants=paper_config["variants"], model=MODEL, change=change, estimator="published",
        resampling=resampling, response="first_available", seed=1,
    ).draws  # fmt: skip
    for k in range(2):
        again = repetition(found, k)
        assert again.equals(draws.select(again.columns))
    assert found.select("repetition", "replicate").rows() == [
        (k, i) for k in range(2) for i in range(4)
    ]


def test_repetitions_depend_on_their_number_only(repeated):
    three = repeated(3, 1e-8)
    assert repeated(1, 1e-8).equals(three.filter(pl.col("repetition") == 0))
    assert repeated(2, 1e-8, replicates=3).equals(
        three.filter(pl.col("repetition") < 2, pl.col("replicate") < 3)
    )


def test_moved_starts_move_where_the_optimiser_stops(repeated):
    found, still = repeated(2, 1e-8), repeated(1, 0.0)
    first, second = (repetition(found, k)["alpha_year"] for k in range(2))
    assert (first != second).any()
    assert (first != repetition(still, 0)["alpha_year"]).any()


def test_a_place_in_a_ranking_is_looked_up(repeated):
    ranking = pl.DataFrame({"variant": ["m07", "m01"], "delta": [0.0025, 0.0], "mse": [0.1, 0.2]})
    ranking = ranking.with_columns(scheme=pl.lit("published_split"))
    place = {"scheme": "published_split", "variants": ["m01", "m07"], "place": 1}
    placed = repeated(1, 0.0, model=place, cross_validation=ranking, replicates=2)
    assert placed.equals(repeated(1, 0.0, replicates=2))


# ---- scores


@pytest.fixture(scope="module")
def scores(paper_sample, paper_config, benchmarks):
    """repeated_scores() on 40 rows within 1 %; of models (variant, delta, printed, ours)."""

    def made(*models, repetitions=2, size=0.0, scheme="published_split"):
        lines = "".join(f"cv.{v}.{d},J,,{v},{d},{printed},,,,\n" for v, d, printed, _ in models)
        lines += "".join(f"cv.r2.{v}.{d},J,,{v},{d},0.5,,,,\n" for v, d, *_ in models)
        table = pl.DataFrame(
            [(v, d, scheme, ours) for v, d, _, ours in models],
            schema=["variant", "delta", "scheme", "mse"], orient="row",
        )  # fmt: skip
        settings = ScoreSettings(
            paper_config["variants"], "first_available", benchmarks, repetitions, size
        )
        printed = read_published((HEADER + lines).encode())
        return repeated_scores(paper_sample.head(40), printed, table, settings)

    return made


def test_only_models_further_apart_are_scored_in_the_file_s_order(scores):
    found = scores(
        ("m02", 0.02, 1.0, 0.985), ("m01", 0.02, 1.0, 1.009), ("m01", 0.001, 0.05, 0.051)
    )  # fmt: skip
    assert found.select("variant", "delta", "repetition").rows() == [
        ("m02", 0.02, 0), ("m02", 0.02, 1), ("m01", 0.001, 0), ("m01", 0.001, 1),
    ]  # fmt: skip


def test_still_starts_give_the_table_s_score(scores, paper_sample, paper_config, benchmarks):
    table = cross_validate(
        paper_sample.head(40), {"m01": paper_config["variants"]["m01"]}, 0.02, "published_split",
        "first_available", "paper", benchmarks,
    )  # fmt: skip
    found = scores(("m01", 0.02, 1.0, 2.0), repetitions=3)
    # exactly in the same order of rows; in another, within rounding and where it makes SLSQP stop
    assert found.row(0)[3:] == table.select("mse", "r2").row(0)
    assert found.row(2)[3:] == found.row(0)[3:]
    assert found["mse"][1] != found["mse"][0]
    assert found["mse"][1] == pytest.approx(found["mse"][0], rel=0.02)


def test_moved_starts_give_other_scores_whatever_their_number(scores):
    found = scores(("m07", 0.0025, 1.0, 2.0), size=1e-4)
    one = scores(("m07", 0.0025, 1.0, 2.0), repetitions=1, size=1e-4)
    assert found["mse"][0] != found["mse"][1]
    assert one.equals(found.head(1))
    assert np.ptp(found["mse"].to_numpy()) < 0.1 * found["mse"].mean()


def test_no_scores_without_a_ranking_by_the_published_split(
    scores, paper_sample, paper_config, benchmarks
):
    assert scores(("m01", 0.02, 1.0, 2.0), scheme="papers").is_empty()
    settings = ScoreSettings(paper_config["variants"], "first_available", benchmarks, 2, 0.0)
    printed = read_published((HEADER + "cv.m01.0,J,,m01,0,1,,,,\n").encode())
    absent = repeated_scores(paper_sample, printed, None, settings)
    assert absent.is_empty()
    assert absent.schema == pl.Schema(CROSS_VALIDATION_SCHEMA)
