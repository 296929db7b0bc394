"""What is wrong with the published analysis: two numbers for each defect, one without it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from plain import Compiler
from project_files import SETTINGS
from synthetic import evidence

from algoprog.audit.defects import defects_table
from algoprog.audit.held_out import HELD_OUT_SCHEMA, HeldOutSettings, held_out_table
from algoprog.audit.known_defects import DEFECTS
from algoprog.catalogue import TABLES
from algoprog.estimators.converged import predict
from algoprog.model.model import observations
from algoprog.model.points import tropical_year
from algoprog.quantities.shapley import Systems
from algoprog.resampling.cross_validation import leave_group_out
from algoprog.tables.csv import write_table

LN2 = math.log(2)
SYSTEMS = SETTINGS["shapley"]["systems"]
RESPONSE = {"published": "first_available", "converged": "own"}
HELD_OUT = [
    ("m18", "m18", 0.0025, 0.722, 0.0518), ("m18", "m18", 0.01, 0.73, 0.052),
    ("m14", "m14", 0.001, 0.073, 0.057),
]  # fmt: skip


@pytest.fixture(scope="module")
def found(paper_sample):
    return evidence(paper_sample, SETTINGS)


def shown(evidence, held_out=HELD_OUT):
    frame = pl.DataFrame(held_out, schema=HELD_OUT_SCHEMA, orient="row")
    return defects_table(evidence, frame, Systems(SYSTEMS))


@pytest.fixture(scope="module")
def table(found):
    return shown(found)


def pairs(table, number):
    rows = table.filter(defect=number)
    return list(rows.select("quantity", "with_defect", "without_defect").iter_rows())


def months(one):
    at = one.estimates
    g = at["alpha_year"] / at["alpha_param"] + at["beta_year"] / at["beta_data"]
    return 12 * LN2 / g


def growth(one):
    draws = one.draws
    return (
        draws["alpha_year"] / draws["alpha_param"] + draws["beta_year"] / draws["beta_data"]
    ).to_numpy()


def without(evidence, *names, **changed):
    tables = {name: table for name, table in evidence.tables.items() if name not in names}
    return replace(evidence, tables=tables | changed)


def held_out(rows, variants, delta, benchmarks):
    return held_out_table(rows, HeldOutSettings(variants, (delta,), RESPONSE, "paper", benchmarks))


# ---- held-out errors, on the paper's sample


def test_m18_is_on_a_par_once_its_row_is_not_normalised_by_itself(paper_sample, benchmarks):
    variants = {"m18": SETTINGS["variants"]["m18"], "m07": SETTINGS["variants"]["m07"]}
    table = held_out(paper_sample, variants, 0.0025, benchmarks)
    (row,) = table.rows(named=True)
    assert (row["case"], row["variant"], row["delta"]) == ("m18", "m18", 0.0025)
    assert f"{row['mse_with_defect']:.4f}" == "0.7220"
    assert f"{row['mse_without_defect']:.4f}" == "0.0518"


@pytest.fixture(scope="module")
def m14(paper_sample, benchmarks):
    """held_out_table() of m14 on every other row, at one delta."""
    variants = {"m14": SETTINGS["variants"]["m14"]}

    def row(delta):
        return held_out(paper_sample[::2], variants, delta, benchmarks).row(0, named=True)

    return row


def test_m14_centred_is_the_same_model_and_only_the_penalty_sees_a_difference(m14):
    free = m14(0.0)
    assert free["mse_with_defect"] == pytest.approx(free["mse_without_defect"], rel=1e-6)
    penalised = m14(0.001)
    assert penalised["mse_with_defect"] > 1.1 * penalised["mse_without_defect"]


def test_m14_centred_predicts_the_same(paper_sample, benchmarks):
    """n ln Y = n ln(Y / Y0) + n ln Y0: alpha_param takes the rest."""
    compiler = Compiler.of(paper_sample, benchmarks)
    first = compiler.origin.first_year
    spec = SETTINGS["variants"]["m14"]
    centred = {
        "exponentials": [
            {k: str(v).replace("log(Y)", f"log(Y/{first!r})") for k, v in part.items()}
            for part in spec["exponentials"]
        ]
    }
    designs = [compiler.rows(name, s, paper_sample) for name, s in (("a", spec), ("b", centred))]
    assert designs[0].parameters == designs[1].parameters
    rng = np.random.default_rng(0)
    theta = rng.uniform(0.0, 0.1, designs[0].p)
    moved = theta.copy()
    for scale, rate in (("alpha_param", "alpha_rate"), ("beta_data", "beta_rate")):
        i, j = (designs[0].parameters.index(name) for name in (scale, rate))
        theta[j] *= 0.01
        moved[j] = theta[j]
        moved[i] = theta[i] + theta[j] * math.log(first)
    np.testing.assert_allclose(predict(designs[0], theta), predict(designs[1], moved), rtol=1e-12)


def test_m14_is_left_out_by_papers_with_the_converged_response(paper_sample, benchmarks, m14):
    part = paper_sample[::2]
    seen = observations(part, "own")
    design = Compiler.of(part, benchmarks).rows("m14", SETTINGS["variants"]["m14"], part)
    held = leave_group_out(design, seen.response, 0.001, seen.papers)
    assert m14(0.001)["mse_with_defect"] == pytest.approx(held.mean_square, rel=1e-12)


def test_only_configured_variants_are_held_out(paper_sample, benchmarks):
    variants = {"m07": SETTINGS["variants"]["m07"]}
    table = held_out(paper_sample, variants, 0.0025, benchmarks)
    assert table.is_empty()
    assert table.schema == pl.Schema(HELD_OUT_SCHEMA)


# ---- the table


def test_every_defect_is_shown_in_order(table, tmp_path):
    assert table["defect"].unique(maintain_order=True).to_list() == list(range(1, 13))
    titles = [DEFECTS[number].title for number in table["defect"]]
    assert table["title"].to_list() == titles
    assert table["with_defect"].null_count() == 0
    write_table(tmp_path / "defects.csv", TABLES["defects"], table)


def test_1_the_optimiser_stops_early(table, found):
    minimum = {**found.published.key, **found.minimum()}
    at = dict(
        found.tables["parameters"]
        .filter(pl.col("sample") == minimum["sample"], pl.col("variant") == "m07")
        .select("term", "estimate")
        .iter_rows()
    )
    least = 12 * LN2 / (at["alpha_year"] / at["alpha_param"] + at["beta_year"] / at["beta_data"])
    assert pairs(table, 1) == [
        ("objective, m07, δ = 0.0025", 0.052, 0.0507),
        (
            "doubling time, m07, δ = 0.0025",
            pytest.approx(months(found.published)),
            pytest.approx(least),
        ),
        # m07 is 2.6 % above, m01 two millionths; m13 has no minimum to compare with
        ("fits more than 0.1 % above the minimum, of 2", 1, 0),
    ]


def test_2_other_perplexities(table, found):
    (_, rows, none), (_, theirs, ours) = pairs(table, 2)
    assert (rows, none) == (4, 0)
    assert ours == pytest.approx(months(found.headline))
    assert theirs == pairs(table, 1)[1][2]


def test_3_and_10_are_the_held_out_errors(table):
    assert pairs(table, 3) == [
        ("held-out error of m18, δ = 0.0025", 0.722, 0.0518),
        ("held-out error of m18, δ = 0.01", 0.73, 0.052),
    ]
    assert pairs(table, 10) == [("held-out error of m14, δ = 0.001", 0.073, 0.057)]


def test_4_shares_of_m13_do_not_sum_to_one(table, found, compiler):
    total, *shares = pairs(table, 4)
    assert [name for name, *_ in shares] == [
        "share of parameters", "share of data", "share of parameter efficiency",
        "share of data efficiency", "share of architecture",
    ]  # fmt: skip
    at = dict(
        found.tables["parameters"].filter(pl.col("variant") == "m13")
        .select("term", "estimate").iter_rows()
    )  # fmt: skip
    ends = [SYSTEMS[name] for name in ("RNN (2012)", "Chinchilla")]
    years = [tropical_year(system["published"]) - compiler.origin.first_year for system in ends]
    n = [math.log(system["parameters"]) - compiler.origin.log_parameters for system in ends]
    d = [math.log(system["dataset_tokens"]) - compiler.origin.log_tokens for system in ends]

    def loss(moved):
        a, b, c, e, transformer = moved
        last = "_transformer" if transformer else ""
        return math.exp(
            at["alpha_const"] - at["alpha_year"] * years[c] - at[f"alpha_param{last}"] * n[a]
        ) + math.exp(at["beta_const"] - at["beta_year"] * years[e] - at[f"beta_data{last}"] * d[b])

    none, every = loss((0,) * 5), loss((1,) * 5)
    alone = [(none - loss([int(i == k) for i in range(5)])) / (none - every) for k in range(5)]
    assert total[1] == pytest.approx(sum(alone))
    assert total[2] == 1
    assert abs(total[1] - 1) > 0.05
    right = np.zeros(5)
    for order in itertools.permutations(range(5)):
        moved = [0] * 5
        for player in order:
            before = loss(moved)
            moved[player] = 1
            right[player] += (before - loss(moved)) / 120 / (none - every)
    assert [with_defect for _, with_defect, _ in shares] == pytest.approx(alone)
    assert [value for *_, value in shares] == pytest.approx(right.tolist())
    assert sum(value for *_, value in shares) == pytest.approx(1)


def test_5_the_legend_s_two_intervals(table, found):
    pool = found.tables["pooled_doubling_times"].filter(
        name="published", pool="top3", definition="optimal_scaling"
    )
    own = found.tables["doubling_times"].filter(
        definition="optimal_scaling", estimator="published", resampling="rows", variant="m07"
    )
    assert [pair[1:] for pair in pairs(table, 5)] == [
        (pool[end][0], own[end][0]) for end in ("ci95_low", "ci95_high")
    ]


def test_6_papers_are_resampled_whole(table, found):
    (_, rows, papers), (_, narrow, wide), (_, *shares) = pairs(table, 6)
    low, high = np.quantile(growth(found.headline), (0.025, 0.975))
    assert papers == pytest.approx(12 * LN2 / low)
    assert wide == pytest.approx(high - low)
    assert rows < papers
    assert narrow < wide  # its draws were made to scatter half as much
    assert shares == [0, 0]


def test_7_one_split_ranks_otherwise(table):
    # m07 leads on the split and is second leaving out papers; both models are in both lists
    assert [pair[1:] for pair in pairs(table, 7)] == [(184, 231), (1, 2), (2, 10)]


def test_8_what_the_penalty_makes(table, found):
    rows = pairs(table, 8)
    assert [name for name, *_ in rows] == [
        "loss reduction, converged",
        "compute-equivalent gain at 1e+22 FLOP, converged",
        "compute-equivalent gain at 1e+25 FLOP, converged",
    ]
    ours = found.tables["transformer"].filter(estimator="converged")
    at = {form: ours.filter(form=form)["parameter"][0] for form in ("multiplier", "factor")}
    assert rows[0][1:] == (
        pytest.approx(100 / (1 + math.exp(at["multiplier"]))),
        pytest.approx(100 * (1 - math.exp(-at["factor"]))),
    )
    for (_, *pair), compute in zip(rows[1:], (1e22, 1e25), strict=True):
        gains = [
            ours.filter(form=form, compute=compute)["gain"][0] for form in ("multiplier", "factor")
        ]
        assert pair == gains


def test_9_percentiles_of_ratios(table, found):
    draws = found.published.draws
    g = (draws["alpha_year"] / draws["alpha_param"]).to_numpy()
    low, high, *_ = pairs(table, 9)
    assert "parameters, lower" in low[0].replace("doubling time in ", "")
    assert low[1] == pytest.approx(np.quantile(12 * LN2 / g, 0.025))
    assert low[2] == pytest.approx(12 * LN2 / np.quantile(g, 0.975))
    assert high[1] == pytest.approx(np.quantile(12 * LN2 / g, 0.975))
    # where growth may be none, doubling may take for ever
    times = found.tables["doubling_times"].with_columns(growth_ci95_low=pl.lit(-0.1))
    rows = pairs(shown(without(found, doubling_times=times)), 9)
    assert [value for name, _, value in rows if "upper" in name] == [math.inf] * 2


def test_11_scores_within_the_noise(table):
    ((name, highest, ours),) = pairs(table, 11)
    assert name.startswith("score of m07, δ = 0.0025")
    assert (highest, ours) == (pytest.approx(0.0506), 0.0486)


def test_12_the_two_gophers(table):
    assert pairs(table, 12) == [
        ("training compute of Gopher (280B)", 1.28e22, 6.31e23),
        ("training compute of Gopher (7.1B)", 6.31e23, 1.28e22),
    ]


# ---- what the configuration has not computed is left out, nothing else


@pytest.mark.parametrize(
    ("absent", "numbers"),
    [
        ("pooled_doubling_times", {5}),
        ("cross_validation", {7, 11}),
        ("transformer", {8}),
        ("shapley", set()),
        ("era_split", set()),
        ("sample_steps", set()),
    ],
)
def test_a_table_that_is_not_there(found, table, absent, numbers):
    assert shown(without(found, absent)).equals(table.filter(~pl.col("defect").is_in(numbers)))


def test_a_model_or_analysis_that_is_not_there(found, table):
    parameters = found.tables["parameters"]
    less = shown(without(found, parameters=parameters.filter(pl.col("variant") != "m13")))
    assert less.equals(table.filter(pl.col("defect") != 4))
    # draws of rows for the headline; a headline of papers alone shows nothing of defect 6
    times = found.tables["doubling_times"]
    less = times.filter(~((pl.col("estimator") == "converged") & (pl.col("resampling") == "rows")))
    assert shown(without(found, doubling_times=less)).equals(table.filter(pl.col("defect") != 6))
    forms = found.tables["transformer"].filter(form="multiplier")
    less = shown(without(found, transformer=forms))
    assert less.equals(table.filter(pl.col("defect") != 8))
    assert shown(found, []).equals(table.filter(~pl.col("defect").is_in([3, 10])))
    assert pairs(shown(replace(found, scores=found.scores.clear())), 11) == []


def test_what_needs_no_minimum_stays_without_one(found, table):
    fits = found.tables["fits"].filter(pl.col("sample") == "paper")
    less = shown(without(found, fits=fits))
    gone = (pl.col("defect") == 1) | (
        (pl.col("defect") == 2) & pl.col("quantity").str.contains("minimum")
    )
    assert less.equals(table.filter(~gone))


@pytest.mark.parametrize("old", [None, "absent"])
def test_a_correction_that_changed_nothing_known(found, table, old):
    log = found.tables["corrections"]
    changed = (
        log.with_columns(old=pl.lit(None, pl.String))
        if old is None
        else log.filter(pl.col("field") == "parameters")
    )
    less = shown(without(found, corrections=changed))
    assert less.equals(table.filter(pl.col("defect") != 12))


def test_a_correction_that_is_left_out(found, table):
    settings = replace(found.settings, corrections={})
    less = shown(replace(found, settings=settings))
    assert less.equals(table.filter(pl.col("defect") != 12))


# ---- what is said of them


def test_every_known_defect_has_its_text():
    assert list(DEFECTS) == list(range(1, 13))
    for defect in DEFECTS.values():
        assert "{" not in defect.said(1e-8, 3)
