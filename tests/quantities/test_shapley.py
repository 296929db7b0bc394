"""Shapley shares: the axioms, brute force over orders, and the paper's numbers."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import polars as pl
import pytest
from independent import USER_VARIANTS
from plain import Compiler

from algoprog.common.errors import InputError
from algoprog.estimators.published import solve_published
from algoprog.model.model import observations
from algoprog.model.points import coordinates, tropical_year
from algoprog.quantities.shapley import (
    PLAYERS,
    System,
    Systems,
    coalition_values,
    exponents_of,
    log_compute_shares,
    players_of,
    predicted_loss_rows,
    predicted_losses,
    shapley_not_accumulating,
    shapley_rows,
    shapley_shares,
)

# Ho et al. 2024, section 3.2
SYSTEMS = {
    "rnn": (6e6, 9.29e5, "2012-12-01", "recurrent"),
    "lstm": (1.1e7, 1.03e8, "2016-12-13", "recurrent"),
    "adaptive": (2.47e8, 1.03e8, "2018-09-28", "transformer"),
    "xl": (2.57e8, 1.03e8, "2019-01-09", "transformer"),
    "gpt2": (1.5e9, 4e9, "2019-02-14", "transformer"),
    "megatron": (8.3e9, 4.64e10, "2019-09-17", "transformer"),
    "gpt3": (1.75e11, 4.99e11, "2020-05-28", "transformer"),
    "gopher": (2.8e11, 3e11, "2021-12-08", "transformer"),
    "chinchilla": (7e10, 1.4e12, "2022-03-29", "transformer"),
}
CONFIG = {
    name: dict(
        zip(("parameters", "dataset_tokens", "published", "architecture"), spec, strict=True)
    )
    for name, spec in SYSTEMS.items()
}
KEY = {"sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "published"}
# published to three decimals: predicted loss, and shares since the RNN of 2012
LOSSES = {
    "rnn": 4.434, "lstm": 3.708, "adaptive": 3.186, "xl": 3.165, "gpt2": 2.771, "megatron": 2.462,
    "gpt3": 2.080, "gopher": 2.006, "chinchilla": 2.046,
}  # fmt: skip
SHARES = {
    "lstm": (0.127, 0.465, 0.049, 0.359),
    "adaptive": (0.408, 0.263, 0.037, 0.292),
    "xl": (0.405, 0.257, 0.038, 0.300),
    "gpt2": (0.429, 0.325, 0.028, 0.218),
    "megatron": (0.449, 0.335, 0.025, 0.191),
    "gpt3": (0.486, 0.324, 0.021, 0.168),
    "gopher": (0.484, 0.298, 0.025, 0.193),
    "chinchilla": (0.447, 0.329, 0.027, 0.197),
}
SEPARABLE = ["m01", "m07", "m08", "m10", "m11", "m12", "m13", "m14", "m15", "m19", "m20"]


def by_orders(values, accumulate=True):
    """Mean over all orders of what each player takes off, walked one order at a time."""
    players = len(values).bit_length() - 1
    total = np.zeros(players)
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        reached = 0
        for player in order:
            before = reached if accumulate else 0
            reached = before | 1 << player
            total[player] += values[before] - values[reached]
    return total / len(orders) / (values[0] - values[-1])


def thetas(surface, draws=3):
    rng = np.random.default_rng(7)
    theta = rng.uniform(0.01, 0.06, (draws, len(surface.names)))
    for i, name in enumerate(surface.names):
        if name.endswith("_const"):
            theta[:, i] += 0.7
    return theta


@pytest.fixture(scope="module")
def systems():
    return [System.of(name, spec) for name, spec in CONFIG.items()]


@pytest.fixture(scope="module")
def published(compiler: Compiler, paper_sample, paper_config):
    spec = paper_config["variants"]["m07"]
    design = compiler.rows("m07", spec, paper_sample)
    theta, _ = solve_published(
        design, observations(paper_sample, "first_available").response, 0.0025
    )
    return compiler.model("m07", spec).surface, dict(zip(design.parameters, theta, strict=True))


@pytest.mark.parametrize("players", [1, 2, 3, 4, 5])
def test_shares_are_the_mean_over_all_orders(players):
    values = np.random.default_rng(players).normal(3.0, 1.0, 2**players)
    assert shapley_shares(values) == pytest.approx(by_orders(values), rel=1e-9)
    assert shapley_not_accumulating(values) == pytest.approx(by_orders(values, False), rel=1e-9)


def test_axioms_on_any_game():
    values = np.random.default_rng(3).normal(3.0, 1.0, (6, 5, 16))
    shares = shapley_shares(values)
    assert shares.shape == (6, 5, 4)
    assert shares.sum(axis=-1) == pytest.approx(np.ones((6, 5)), rel=1e-9)  # efficiency
    coalitions = np.arange(16)
    # a player who changes nothing gets exactly nothing
    null = values[..., coalitions & ~4]
    assert (shapley_shares(null)[..., 2] == 0).all()
    # players who can stand for each other get the same: symmetrise in players 0 and 3
    swapped = (coalitions & 6) | (coalitions & 1) << 3 | (coalitions & 8) >> 3
    equal = shapley_shares((values + values[..., swapped]) / 2)
    assert equal[..., 0] == pytest.approx(equal[..., 3], rel=1e-9)
    # the names of players do not matter
    assert shapley_shares(values[..., swapped])[..., [3, 1, 2, 0]] == pytest.approx(shares)
    # from second to first system the shares are the same
    assert shapley_shares(values[..., ::-1]) == pytest.approx(shares)


def test_no_change_has_no_shares():
    assert np.isnan(shapley_shares(np.full(16, 2.0))).all()
    assert np.isnan(shapley_not_accumulating(np.full(16, 2.0))).all()


@pytest.mark.parametrize("variant", SEPARABLE)
def test_shares_of_variants_by_brute_force(compiler, paper_config, systems, variant):
    """Each coalition evaluated on its own, its exponentials at their own dates."""
    surface = compiler.model(variant, paper_config["variants"][variant]).surface
    theta = thetas(surface)
    players, known = players_of(surface), [systems[0], systems[6]]
    values = coalition_values(surface, theta, known, [(0, 1)])
    vocabulary = compiler.units.vocabulary("wt103")
    for coalition in range(2 ** len(players)):
        at = {name: known[coalition >> i & 1] for i, name in enumerate(players)}
        parts = []
        for k, efficiency in enumerate(PLAYERS[2:]):
            point = coordinates(
                compiler.origin,
                np.log(at["parameters"].parameters),
                np.log(at["data"].dataset_tokens),
                at[efficiency].year,
            )
            T = float(at["architecture"].transformer) if "architecture" in at else 0.0
            design = surface.design(**point, T=T, V=vocabulary)
            parts.append(np.exp(surface.linear_predictors(theta, design)[k]))
            linear = surface.linear_predictors(theta, design)[2:]
        expected = sum(parts) + sum(linear)
        assert values[:, 0, coalition] == pytest.approx(expected[:, 0], rel=1e-12)
    shares = shapley_shares(values)
    for r in range(len(theta)):
        assert shares[r, 0] == pytest.approx(by_orders(values[r, 0]), rel=1e-9)


def test_architecture_is_a_fifth_player_where_the_variant_knows_it(compiler, paper_config, systems):
    variants = {**paper_config["variants"], **USER_VARIANTS}
    for variant, expected in (("m07", 4), ("m13", 5), ("transformer", 5)):
        assert len(players_of(compiler.model(variant, variants[variant]).surface)) == expected
    surface = compiler.model("transformer", variants["transformer"]).surface
    theta = thetas(surface)
    # a player stays where both systems are of one architecture
    values = coalition_values(surface, theta, systems, [(0, 1), (0, 6)])
    shares = shapley_shares(values)
    assert (shares[:, 0, 4] == 0).all() and (shares[:, 1, 4] > 0).all()
    with pytest.raises(InputError, match=r"systems\.gpt3\.architecture"):
        nameless = {name: {**CONFIG[name], "architecture": None} for name in ("rnn", "gpt3")}
        nameless["rnn"]["architecture"] = "recurrent"
        shapley_rows(surface, Systems(nameless), KEY, dict.fromkeys(surface.names, 0.1), None)


def test_factors_that_do_not_change_get_nothing(compiler, paper_config):
    spec = {"parameters": 1e8, "dataset_tokens": 1e9, "published": "2018-01-01"}
    twins = {"a": spec, "b": {**spec, "published": "2020-01-01"}}
    for variant, zero in (("m07", ()), ("m08", ("parameter_efficiency",)), ("m12", ())):
        surface = compiler.model(variant, paper_config["variants"][variant]).surface
        estimates = dict(zip(surface.names, thetas(surface, 1)[0], strict=True))
        rows = shapley_rows(surface, Systems(twins), KEY, estimates, None)
        share = {row["factor"]: row["share"] for row in rows}
        for factor in ("parameters", "data", "compute", *zero):
            assert share[factor] == pytest.approx(0.0, abs=1e-12)
        assert share["parameter_efficiency"] + share["data_efficiency"] == pytest.approx(1.0)


def test_efficiencies_that_do_not_separate_are_refused(compiler, paper_config, systems):
    def owners(variant, spec=None):
        return exponents_of(
            compiler.model(variant, spec or paper_config["variants"][variant]).surface
        )

    assert owners("m07") == ["parameters", "data"]
    assert owners("m08") == ["", "data"]
    assert owners("m16") == ["", ""]
    assert owners("m19") == ["parameters", "data", ""]
    with pytest.raises(InputError, match=r"variants\.m18"):
        owners("m18")
    m07 = paper_config["variants"]["m07"]["exponentials"]
    with pytest.raises(InputError, match="neither scale"):
        owners("late", {"exponentials": m07, "linear": {"gamma": "-t"}})
    with pytest.raises(InputError, match="data and parameters"):
        owners("both", {"exponentials": [{"a": 1, "b": "-t", "c": "-n", "d": "-d"}]})
    # its loss can be predicted all the same
    surface = compiler.model("m18", paper_config["variants"]["m18"]).surface
    assert np.isfinite(predicted_losses(surface, thetas(surface), systems)).all()


def test_published_losses_and_shares(published):
    surface, estimates = published
    losses = predicted_loss_rows(surface, Systems(CONFIG), KEY, estimates, None)
    assert {row["system"]: round(row["loss"], 3) for row in losses} == LOSSES
    share = {
        (row["to_system"], row["factor"]): row["share"]
        for row in shapley_rows(surface, Systems(CONFIG), KEY, estimates, None)
        if row["from_system"] == "rnn"
    }
    for system, expected in SHARES.items():
        assert [round(share[system, player], 3) for player in PLAYERS] == pytest.approx(expected)
        assert share[system, "compute"] == pytest.approx(
            share[system, "parameters"] + share[system, "data"]
        )


def test_shares_depend_on_what_is_shared_out(published):
    """Of perplexity, by the same orders; and of log compute, by how much each rose."""
    surface, estimates = published
    rows = {
        row["factor"]: row
        for row in shapley_rows(surface, Systems(CONFIG), KEY, estimates, None)
        if (row["from_system"], row["to_system"]) == ("rnn", "chinchilla")
    }
    assert sum(rows[player]["share_perplexity"] for player in PLAYERS) == pytest.approx(1.0)
    compute = rows["compute"]
    assert compute["share_perplexity"] == pytest.approx(
        rows["parameters"]["share_perplexity"] + rows["data"]["share_perplexity"]
    )
    assert abs(compute["share_perplexity"] - compute["share"]) > 0.02
    first, second = System("a", 1e6, 1e6, 2012.0), System("b", 1e8, 1e9, 2022.0)
    shares = log_compute_shares(first, second, np.log(10.0) / 2)
    # five powers of ten by size, five by ten years of algorithms
    assert shares == pytest.approx({"parameters": 0.2, "data": 0.3, "compute": 0.5})
    assert log_compute_shares(second, first, 0.1) == {}


def test_a_loop_that_does_not_accumulate_shares_out_more_than_there_is(published, systems):
    surface, estimates = published
    theta = np.array([[estimates[name] for name in surface.names]])
    values = coalition_values(surface, theta, systems, [(0, 1), (0, 6)])
    assert (shapley_not_accumulating(values).sum(axis=-1) > 1.05).all()


def test_rows_of_draws(published):
    surface, estimates = published
    rng = np.random.default_rng(5)
    centre = np.array([estimates[name] for name in surface.names])
    draws = pl.DataFrame(
        {
            "replicate": range(200),
            **{
                name: value + 0.003 * rng.standard_normal(200)
                for name, value in zip(surface.names, centre, strict=True)
            },
        }
    )
    rows = shapley_rows(surface, Systems(CONFIG), KEY, estimates, draws)
    assert len(rows) == 36 * 5
    pair = [r for r in rows if (r["from_system"], r["to_system"]) == ("gpt2", "gpt3")]
    assert [r["factor"] for r in pair] == [*PLAYERS, "compute"]
    for row in pair:
        assert row["n_draws"] == 200 and row["share_not_reduced"] == 0.0
        assert row["ci95_low"] < row["share"] < row["ci95_high"]
        assert row["reduction"] == pytest.approx(LOSSES["gpt2"] - LOSSES["gpt3"], abs=2e-3)
    losses = predicted_loss_rows(surface, Systems(CONFIG), KEY, estimates, draws)
    assert all(row["ci95_low"] < row["loss"] < row["ci95_high"] for row in losses)
    # a draw that explains nothing has no shares, and says so by their number
    nothing = draws.with_columns(pl.when(pl.col("replicate") > 0).then(pl.col(n)).otherwise(0.0)
                                 .alias(n) for n in surface.names)  # fmt: skip
    for row in shapley_rows(surface, Systems(CONFIG), KEY, estimates, nothing):
        assert row["n_draws"] == 199 and row["share_not_reduced"] >= 1 / 200


def test_systems_are_dated_in_tropical_years():
    assert tropical_year("1970-01-01") == 1970.0
    assert tropical_year(date(2012, 12, 1)) == pytest.approx(1970 + 15675 / 365.242199)


def test_coordinates_are_those_of_a_sample(compiler, paper_sample):
    """Of rows read once, the variables of the sample come out again."""
    from algoprog.model.units import calendar_year

    once = paper_sample.with_columns(epochs=pl.lit(1.0))
    expected = compiler.units.of_rows(once)
    found = coordinates(
        compiler.origin,
        np.log(once["parameters"].to_numpy()),
        np.log(once["dataset_tokens"].to_numpy()),
        calendar_year(once["published"]),
    )
    for name, values in found.items():
        assert values == pytest.approx(expected[name], rel=1e-12, abs=1e-12)
