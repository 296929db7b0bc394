"""Metrics, laws linear in ln C and t, and ImageNet as a study."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.experiments.linear import (
    Rows,
    accepted_growths,
    draw_linear,
    fit_linear,
    growth_of,
)
from algoprog.experiments.metrics import Metric
from algoprog.experiments.register import read_rows
from algoprog.experiments.study import Study, StudySample, run_study

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
IMAGES = (RAW / "image_models.csv").read_bytes()
LOGIT = Metric("error_rate", "percent", "logit")
ALONE = {"ensemble": "0", "extra_data": "0"}
ONCE = ("recipe", "top1_error")


def imagenet(**samples: StudySample) -> Study:
    return Study(
        *("imagenet", "image_models.csv", "top1_error", "recipe_date", "compute", "recipe"),
        metric=LOGIT,
        samples=samples,
    )


CLEAN = StudySample(where=ALONE)
EXTENDED = StudySample(where=ALONE, scale="compute_assumed", once=ONCE)


@pytest.fixture(scope="module")
def results():
    study = imagenet(
        clean=CLEAN,
        extended=EXTENDED,
        everything=StudySample(),
        reports=replace(CLEAN, cluster="reported_in"),
        multiply_adds=replace(EXTENDED, scale="forward_multiply_adds"),
    )
    return {result.sample: result for result in run_study(IMAGES, study, 1)}


def ends(result):
    row = result.row()
    return row["ci95_low"], row["ci95_high"]


@pytest.mark.parametrize(
    ("sample", "rows", "clusters", "months", "low", "high", "r2"),
    [
        ("clean", 31, 13, 12.0, 9.2, 30.5, 0.79),
        ("extended", 110, 27, 8.4, 6.6, 12.1, 0.81),
        ("everything", 36, 16, 8.7, 4.7, 18.9, 0.86),
        ("reports", 31, 8, 12.0, 10.4, 16.6, 0.79),
        ("multiply_adds", 105, 25, 8.0, 6.2, 11.7, 0.81),
    ],
)
def test_the_samples_of_imagenet(results, sample, rows, clusters, months, low, high, r2):
    result = results[sample]
    assert (result.rows.n, result.rows.clusters) == (rows, clusters)
    assert result.row()["point"] == pytest.approx(months, abs=0.06)
    assert result.law.r2 == pytest.approx(r2, abs=0.006)
    found = ends(result)
    assert found[0] == pytest.approx(low, abs=0.5)
    assert found[1] == pytest.approx(high, rel=0.12)  # of 2000 draws of few recipes
    assert result.few_clusters


def test_the_transform_moves_the_months_by_half_a_month_at_most():
    for base, months in ((CLEAN, 12.0), (EXTENDED, 8.4)):
        study = imagenet(
            log=replace(base, metric=Metric("error_rate", "percent", "log")),
            floor=replace(base, metric=Metric("error_rate", "percent", "logit", 0.01)),
            top5=replace(base, score="top5_error"),
        )
        for result in run_study(IMAGES, replace(study, draws=10), 1):
            assert result.row()["point"] == pytest.approx(months, abs=0.5)


def test_the_set_that_few_recipes_accept_is_wider(results):
    result = results["clean"]
    low, high = ends(result)
    pieces = [row for row in result.set_rows() if row["level"] == 95]
    assert min(row["low"] for row in pieces) < result.row()["point"]
    assert max(row["high"] for row in pieces) > high
    assert min(row["low"] for row in pieces) < low


def test_computes_follow_their_rules():
    """6 multiply-adds of 1.28 million images and the epochs; of hardware what is not so known."""
    columns = ("forward_multiply_adds", "epochs", "compute", "compute_rule", "compute_assumed")
    counted = 0
    for row in read_rows(IMAGES, "image_models.csv", columns):
        if row.text("compute_rule") == "arithmetic":
            values = [row.positive(c, "") for c in ("forward_multiply_adds", "epochs", "compute")]
            assert values[2] == pytest.approx(6 * values[0] * 1.28e6 * values[1], rel=1e-9)
            counted += 1
        if row.text("compute_assumed") and not row.text("compute"):
            assumed = 6 * row.positive("forward_multiply_adds", "") * 1.28e6 * 100
            assert row.positive("compute_assumed", "") == pytest.approx(assumed, rel=1e-9)
    assert counted == 24


def simulated(seed: int, clusters: int = 12, noise: float = 0.05) -> Rows:
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), 4)
    years = rng.uniform(2012, 2020, clusters)[cluster]
    log_c = rng.normal(40, 2, len(cluster))
    effect = noise * rng.standard_normal(clusters)[cluster]
    y = 8 - 0.12 * log_c - 0.09 * years + effect + noise * rng.standard_normal(len(cluster))
    return Rows(y, log_c, years, cluster)


def test_a_law_without_noise_is_found_and_its_set_is_a_point():
    rows = simulated(1, noise=0.0)
    law = fit_linear(rows)
    assert (law.elasticity, law.rate, law.r2) == pytest.approx((0.12, 0.09, 1.0))
    assert law.growth == pytest.approx(0.75)
    assert draw_linear(rows, 50, ("t",)).growth == pytest.approx(np.full(50, 0.75))


def test_a_set_holds_the_truth_and_is_inverted_at_its_ends():
    inside = 0
    for seed in range(20):
        pieces = accepted_growths(simulated(seed), 0.9, 99, ("set", seed))
        inside += any(piece.low <= 0.75 <= piece.high for piece in pieces)
    assert inside >= 15


def test_growth_without_elasticity_or_without_progress():
    growth = growth_of(np.array([0.1, -0.1, 0.1, -0.1]), np.array([0.2, 0.2, -0.2, -0.2]))
    assert growth.tolist() == [2.0, np.inf, 0.0, 0.0]
    assert doubling_months(growth)[1:].tolist() == [0.0, np.inf, np.inf]


def test_draws_do_not_depend_on_their_number():
    rows = simulated(2)
    few, many = draw_linear(rows, 5, ("n",)), draw_linear(rows, 9, ("n",))
    assert many.growth[:5].tolist() == few.growth.tolist()


def test_responses():
    lines = [2]
    half = Metric("error_rate", "percent", "logit").response(np.array([50.0]), "f", lines)
    assert half.tolist() == [0.0]
    error = Metric("error_rate", "fraction", "log").response(np.array([0.2]), "f", lines)
    same = Metric("accuracy", "percent", "log").response(np.array([80.0]), "f", lines)
    assert same == pytest.approx(error)
    bits = Metric("loss", "bits", "identity").response(np.array([1.0]), "f", lines)
    nats = Metric("perplexity", "none", "log").response(np.array([2.0]), "f", lines)
    assert bits == pytest.approx(nats)


def test_scores_out_of_bounds_name_the_line_and_the_unit():
    fraction = Metric("error_rate", "fraction", "logit")
    with pytest.raises(InputError, match=r"line 7, score: 24\.7.*unit: percent"):
        fraction.response(np.array([0.2, 24.7]), "f.csv", [2, 7])
    with pytest.raises(InputError, match="perplexity has log, identity"):
        Metric("perplexity", "none", "logit")
    with pytest.raises(InputError, match="floor"):
        Metric("error_rate", "percent", "logit", 1.5)


CSV = "score,date,flop,paper\n" + "".join(
    f"{60 + 2 * i + (i % 3)},20{12 + i}-01-01,{10 ** (17 + 0.3 * i + 0.2 * (i % 2)):.3g},p{i}\n"
    for i in range(8)
)


def mine(metric: Metric) -> Study:
    return Study(
        "mine", "mine.csv", "score", "date", "flop", "paper", metric, {"all": StudySample()}, 20
    )


def test_an_accuracy_given_as_an_error_is_one_clear_error():
    with pytest.raises(InputError, match=r"mine\.csv, metric: 'error_rate'.*metric: accuracy"):
        run_study(CSV.encode(), mine(Metric("error_rate", "percent", "logit")), 1)
    (result,) = run_study(CSV.encode(), mine(Metric("accuracy", "percent", "logit")), 1)
    assert result.law.elasticity + result.law.rate > 0


def test_a_sample_without_rows_and_a_wrong_date_are_clear_errors():
    accuracy = mine(Metric("accuracy", "percent", "logit"))
    none = replace(accuracy, samples={"none": StudySample(where={"paper": "x"})})
    with pytest.raises(InputError, match=r"samples\.none.*relax `where`"):
        run_study(CSV.encode(), none, 1)
    with pytest.raises(InputError, match=r"line 2, column date.*YYYY-MM-DD"):
        run_study(CSV.replace("2012-01-01", "2012").encode(), accuracy, 1)


@pytest.mark.parametrize(
    ("metric", "scores"),
    [
        (Metric("error_rate", "percent", "logit", 0.01), [2.0, 20.0, 95.0]),
        (Metric("error_rate", "fraction", "log", 0.01), [0.02, 0.2, 0.9]),
        (Metric("accuracy", "percent", "logit"), [5.0, 50.0, 99.0]),
        (Metric("perplexity", "none", "log"), [5.0, 50.0]),
        (Metric("loss", "bits", "identity"), [0.5, 3.0]),
        (Metric("loss", "nats", "log"), [0.5, 3.0]),
    ],
)
def test_scores_are_the_inverse_of_responses(metric, scores):
    y = metric.response(np.array(scores), "f.csv", range(len(scores)))
    assert metric.scores(y) == pytest.approx(scores)


def test_the_systems_of_a_sample_and_what_its_law_expects(results):
    result = results["clean"]
    systems = result.system_rows()
    assert len(systems) == 31
    read = {row.number: row for row in read_rows(IMAGES, "f", ("top1_error", "compute"))}
    for system in systems:
        line = read[system["line"]]
        assert system["score"] == pytest.approx(line.positive("top1_error", ""))
        assert system["scale"] == pytest.approx(line.positive("compute", ""))
    expected = LOGIT.response(np.array([s["expected"] for s in systems]), "f", range(31))
    gap = result.rows.response - expected
    spread = result.rows.response - result.rows.response.mean()
    assert 1 - float(gap @ gap) / float(spread @ spread) == pytest.approx(result.law.r2)
