"""Registers of sweeps, laws in N and D, frontiers and gains, the published total."""

from pathlib import Path

import numpy as np
import pytest

from algoprog.common.errors import InputError
from algoprog.experiments.equal_exponents import fit_equal_exponents
from algoprog.experiments.frontiers import (
    Checkpoints,
    PowerLaw,
    draw_frontiers,
    extrapolated,
    fit_frontier,
    gain_slope,
    log_gain,
    read_off,
)
from algoprog.experiments.laws import Runs, compute_exponent, draw_laws, fit_law
from algoprog.experiments.register import SweepSource, read_curves, read_published, read_runs
from algoprog.experiments.totals import Published

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
LSTM = ("lstm_1layer", "lstm_2layer")
BOTH = ("first", "trend")


def sweep(name: str) -> dict[str, Runs]:
    content = (RAW / "sweep_runs.csv").read_bytes()
    return read_runs(content, SweepSource(name, "sweep_runs.csv", {}))


@pytest.fixture(scope="module")
def curves():
    return read_curves((RAW / "sweep_curves.csv").read_bytes(), "sweep_curves.csv")


@pytest.fixture(scope="module")
def published():
    return Published(read_published((RAW / "sweep_published.csv").read_bytes(), "published"))


def of_law(alpha: float, beta: float, noise: float = 0.0) -> Runs:
    n, d = (axis.ravel() for axis in np.meshgrid(np.logspace(7, 9, 6), np.logspace(8, 11, 7)))
    loss = 1.7 + 400 * n**-alpha + 2000 * d**-beta
    rng = np.random.default_rng(5)
    return Runs(n, d, loss * np.exp(noise * rng.standard_normal(len(n))))


def test_a_law_without_noise_is_found_again():
    law = fit_law(of_law(0.34, 0.37))
    assert law.converged
    found = law.constants
    assert found == pytest.approx(
        {"E": 1.7, "A": 400, "B": 2000, "alpha": 0.34, "beta": 0.37}, rel=1e-4
    )
    # dL/dlnC with N and D both as the square root of compute, against a difference
    n, d, step = np.array([1e8]), np.array([1e10]), 1e-4
    up = law.loss(n * np.exp(step / 2), d * np.exp(step / 2))
    down = law.loss(n * np.exp(-step / 2), d * np.exp(-step / 2))
    assert law.elasticity(n, d) == pytest.approx((down - up) / (2 * step), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "evaluation", "n", "level", "alpha", "beta", "rms"),
    [
        ("chinchilla", "massivetext_train", 240, 1.817, 0.3473, 0.3672, 0.0075),
        ("olmo_ladder", "wikitext_103", 25, 1.321, 0.297, 0.178, 0.0090),
        ("olmo_ladder", "c4_en", 25, 1.859, 0.272, 0.157, 0.0057),
        ("gadre_c4", "paloma_c4_en", 34, 1.594, 0.259, 0.245, 0.030),
        ("gadre_redpajama", "paloma_c4_en", 35, 1.736, 0.239, 0.281, 0.029),
    ],
)
def test_the_laws_of_the_sweeps(name, evaluation, n, level, alpha, beta, rms):
    law = fit_law(sweep(name)[evaluation])
    assert law.converged and law.n_at_best >= 3 and law.n == n
    found = law.constants
    digits = 5e-5 if name == "chinchilla" else 5e-4
    assert found["E"] == pytest.approx(level, abs=6e-4)
    assert found["alpha"] == pytest.approx(alpha, abs=digits)
    assert found["beta"] == pytest.approx(beta, abs=digits)
    assert law.rms == pytest.approx(rms, rel=0.02)


def test_the_least_objective_of_the_chinchilla_points(published):
    law = fit_law(sweep("chinchilla")["massivetext_train"])
    assert law.objective <= 0.00101827401780 + 1e-14
    assert law.objective < published.constants["besiroglu.objective"]
    for name in ("E", "alpha", "beta"):
        printed = published.constants[f"besiroglu.{name}"]
        assert law.constants[name] == pytest.approx(printed, abs=5e-5)


def test_intervals_of_a_law_depend_on_names_alone_and_hold_the_published_ends():
    runs = sweep("chinchilla")["massivetext_train"]
    law = fit_law(runs)
    draws = draw_laws(runs, law, 200, ("test", 1))
    again = draw_laws(runs, law, 20, ("test", 1))
    assert draws.converged.mean() > 0.95
    np.testing.assert_allclose(again.theta, draws.theta[:20], rtol=1e-6, atol=1e-7)
    ends = np.percentile(draws.constants, [2.5, 97.5], axis=0)
    gamma = np.percentile(compute_exponent(*draws.constants[:, 3:].T), [2.5, 97.5])
    assert ends[:, 3] == pytest.approx([0.317, 0.370], abs=0.012)
    assert ends[:, 4] == pytest.approx([0.335, 0.423], abs=0.012)
    assert gamma == pytest.approx([0.170, 0.193], abs=0.006)


def test_an_irreducible_loss_of_zero_is_a_law_too():
    n, d = (axis.ravel() for axis in np.meshgrid(np.logspace(7, 9, 5), np.logspace(8, 10, 5)))
    law = fit_law(Runs(n, d, 30 * n**-0.2 + 60 * d**-0.25))
    assert law.converged
    assert law.constants["E"] < 0.01


def test_a_law_needs_runs_that_differ_in_both():
    runs = of_law(0.3, 0.3)
    with pytest.raises(InputError, match="tokens: 'one value"):
        fit_law(Runs(runs.parameters, np.full(runs.n, 1e9), runs.loss))
    with pytest.raises(InputError, match="at least 5 runs"):
        four = [0, 8, 16, 24]
        fit_law(Runs(runs.parameters[four], runs.tokens[four], runs.loss[four]))


@pytest.mark.parametrize(
    ("corpus", "key"), [("gadre_c4", "c4"), ("gadre_refinedweb", "refinedweb")]
)
def test_the_law_with_equal_exponents_reproduces_to_all_printed_digits(corpus, key, published):
    runs = sweep(corpus)["c4_val"]
    ratio = runs.tokens / runs.parameters
    small = runs.parameters < 5e8
    five = small & (abs(ratio / 20 - 1) < 0.01) | (runs.parameters < 2e7) & (
        abs(ratio / 320 - 1) < 0.01
    )
    law = fit_equal_exponents(Runs(runs.parameters[five], runs.tokens[five], runs.loss[five]))
    assert law.n == 5
    printed = published.constants
    assert round(law.irreducible, 2) == printed[f"gadre.{key}.E"]
    assert round(law.parameters_term) == printed[f"gadre.{key}.a"]
    assert round(law.data_term) == pytest.approx(printed[f"gadre.{key}.b"], abs=0.5)
    assert round(law.exponent, 3) == printed[f"gadre.{key}.eta"]


def test_a_frontier_keeps_what_nothing_beats_and_bins_count_once():
    compute = np.array([1.0, 1.0, 2.0, 4.0, 8.0])
    loss = np.array([5.0, 4.0, 4.5, 3.0, 3.0])
    front = Checkpoints(compute, loss, np.array([0, 1, 0, 1, 0])).frontier()
    assert front.compute.tolist() == [1.0, 4.0]
    # ten checkpoints in one twentieth of a decade weigh as much as one elsewhere
    crowd = np.concatenate([np.linspace(1.0e15, 1.1e15, 10), [1e16, 1e17]])
    level = 1.9 + 80 * crowd**-0.09
    law = fit_frontier(Checkpoints(crowd, level, np.zeros(12, dtype=int)), 1.9)
    assert (law.exponent, np.exp(law.log_level)) == pytest.approx((0.09, 80))
    assert law.low == pytest.approx(1e15)


@pytest.mark.parametrize(
    ("worse", "better", "small", "large"),
    [
        (LSTM, ("transformer_2017",), 3.65, 11.1),
        (LSTM, ("transformer_modern",), 6.4, 20.1),
        (("transformer_2017",), ("transformer_modern",), 1.57, 1.62),
    ],
)
def test_gains_inside_the_range_of_the_runs(curves, worse, better, small, large):
    first, second = (fit_frontier(curves.of(names, BOTH), 1.9) for names in (worse, better))
    gain = np.exp(log_gain(first, second, np.array([1e15, 1e17])))
    assert gain == pytest.approx([small, large], rel=0.02)
    assert np.log(gain[1] / gain[0]) / np.log(100) == pytest.approx(gain_slope(first, second))
    assert extrapolated(first, second, 1e22)
    assert not extrapolated(first, second, 1e15)
    # what the worse recipe needs at 1e17 is more compute than any of its runs had
    assert extrapolated(first, second, 1e17)


def test_gains_read_off_the_curves_without_a_law(curves):
    lstm, old, new = (
        curves.of(names, BOTH) for names in (LSTM, ["transformer_2017"], ["transformer_modern"])
    )
    found = [read_off(lstm, old, 3e15), read_off(lstm, new, 3e15), read_off(old, new, 3e15)]
    assert found == pytest.approx([4.8, 10.2, 1.7], rel=0.03)
    assert read_off(lstm, new, 1e17) is None  # no LSTM ever got there


def test_the_gain_needs_one_irreducible_loss():
    first, second = (PowerLaw(3.0, 0.1, level, 1, 2, 3) for level in (0.0, 1.9))
    with pytest.raises(ValueError, match="same irreducible loss"):
        log_gain(first, second, 1.0)


def test_the_published_total_is_arithmetic_from_printed_constants(published):
    total = published.total(published.frontier("lstm"), published.frontier("transformer_2017"))
    assert total == pytest.approx(published.constants["progress.total"], abs=0.005)
    assert round(published.invariant, 2) == published.constants["progress.invariant"]


def test_the_total_by_protocol_goes_from_tens_to_tens_of_thousands(curves, published):
    values, draws = {}, {}
    for protocol in BOTH:
        points = [curves.of([name], [protocol]) for name in ("lstm_1layer", "transformer_2017")]
        values[protocol] = published.total(*(fit_frontier(one, 1.9) for one in points))
        drawn = [draw_frontiers(one, 1.9, 50, (protocol, i)) for i, one in enumerate(points)]
        draws[protocol] = published.totals(*drawn)
    assert 5 < values["first"] < 100
    assert 10_000 < values["trend"] < 100_000
    for protocol, value in values.items():
        low, high = np.percentile(draws[protocol], [2.5, 97.5])
        assert low < value < high
    assert np.percentile(draws["first"], 97.5) < np.percentile(draws["trend"], 2.5)


HEADER = "parameters,tokens,loss,evaluation,unit\n"


def runs_of(text: str, **columns: str) -> dict[str, Runs]:
    return read_runs(text.encode(), SweepSource("mine", "mine.csv", columns))


def test_a_sweep_without_tokens_is_one_clear_error():
    with pytest.raises(InputError, match=r"mine\.csv, header: .*no column 'tokens'.*tokens seen"):
        runs_of("parameters,loss,evaluation,unit\n1,2,x,nats_per_token\n")
    found = runs_of("parameters,D,loss,evaluation,unit\n1,2,3,x,nats_per_token\n", tokens="D")
    assert found["x"].tokens.tolist() == [2.0]


def test_bits_mixed_with_nats_are_one_clear_error_and_bits_alone_are_converted():
    with pytest.raises(InputError, match=r"line 3, column unit.*line 2 has nats_per_token"):
        runs_of(HEADER + "1,2,3,x,nats_per_token\n1,2,3,x,bits_per_token\n")
    found = runs_of(HEADER + "1,2,3,x,bits_per_token\n")
    assert found["x"].loss == pytest.approx(3 * np.log(2))
    with pytest.raises(InputError, match="perplexity"):
        runs_of(HEADER + "1,2,3,x,perplexity\n")


def test_a_number_that_is_none_names_its_line_and_column():
    with pytest.raises(InputError, match="line 3, column tokens"):
        runs_of(HEADER + "1,2,3,x,nats_per_token\n1,,3,x,nats_per_token\n")


def test_unknown_recipes_and_sweeps_name_the_known(curves):
    with pytest.raises(InputError, match="lstm_1layer/first"):
        curves.of(["mamba"], BOTH)
    with pytest.raises(InputError, match="column sweep"):
        sweep("none")
