"""Which of our numbers stands beside each published one, of fits with known parameters."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from project_files import ROOT, SETTINGS
from synthetic import evidence

from algoprog.audit.audit import NOT_COMPUTED, audit_table
from algoprog.audit.evidence import read_evidence
from algoprog.audit.procedures.doubling import uncounted
from algoprog.audit.procedures.fits import ROUNDING
from algoprog.audit.published_noise import draws_together
from algoprog.audit.reproduction import NOT_DETERMINED, read_published
from algoprog.catalogue import TABLES
from algoprog.model.points import tropical_year
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.resampling.refit import pack
from algoprog.tables.csv import write_table

HEADER = "id,section,quantity,variant,delta,value,low,high,level,unit\n"
LN2 = math.log(2)
RNN, GPT3 = (SETTINGS["shapley"]["systems"][name] for name in ("RNN (2012)", "GPT-3"))
TAILS = (0.5, 0.025, 0.975)


@pytest.fixture(scope="module")
def found(paper_sample):
    return evidence(paper_sample, SETTINGS)


def line(name, value, ends=("", ""), model="m07,0.0025", level="", unit=""):
    """A line of the file of published numbers."""
    printed = ",".join(map(str, (value, *ends)))
    return f'"{name}",3.1,quantity,{model},{printed},{level},{unit}'


def audited(evidence, *lines):
    table = audit_table(read_published((HEADER + "\n".join(lines) + "\n").encode()), evidence)
    return table.rows(named=True)


def one(evidence, *arguments, **more):
    return audited(evidence, line(*arguments, **more))[0]


def without(evidence, *names, **changed):
    tables = {name: table for name, table in evidence.tables.items() if name not in names}
    return replace(evidence, tables=tables | changed)


def growth(refit, quantity="compute"):
    """Growth per year of m07's draws."""
    draws = refit.draws
    parts = {
        "params": (draws["alpha_year"] / draws["alpha_param"]).to_numpy(),
        "data": (draws["beta_year"] / draws["beta_data"]).to_numpy(),
    }
    return parts.get(quantity, parts["params"] + parts["data"])


def spread(values):
    return np.std(values, ddof=1)


def loss(refit, origin, parameters, tokens, year_n, year_d):
    at = refit.estimates
    n, d = math.log(parameters) - origin.log_parameters, math.log(tokens) - origin.log_tokens
    t_n, t_d = year_n - origin.first_year, year_d - origin.first_year
    return math.exp(at["alpha_const"] - at["alpha_year"] * t_n - at["alpha_param"] * n) + math.exp(
        at["beta_const"] - at["beta_year"] * t_d - at["beta_data"] * d
    )


# ---- the project's file


def test_every_published_number_is_found_or_has_a_reason(found):
    published = read_published((ROOT / "data/raw/published_results.csv").read_bytes())
    table = audit_table(published, found)
    assert table["id"].to_list() == published["id"].to_list()
    missing = table.filter(pl.col("verdict") == NOT_DETERMINED)
    assert missing["note"].null_count() == 0
    # of cross-validation only two models are computed here; all else is
    scored = {f"cv.{part}{model}" for part in ("", "r2.") for model in ("m07.0.0025", "m10.0.001")}
    others = {name for name in published["id"] if name.startswith("cv.")} - scored
    reasons = dict(missing.select("id", "note").iter_rows())
    assert "which pairs" in reasons.pop("shapley.compute_share")
    assert reasons == dict.fromkeys(others, NOT_COMPUTED)
    given = table.filter(pl.col("verdict") != NOT_DETERMINED)
    assert given["ours_converged"].null_count() == 0
    for part in ("", "_low", "_high"):
        printed = given.filter(pl.col(f"published{part}").is_not_null())
        assert printed[f"ours_published{part}"].null_count() == 0


def test_with_all_scores_only_the_span_is_not_determined(found):
    published = read_published((ROOT / "data/raw/published_results.csv").read_bytes())
    printed = published.filter(pl.col("id").str.starts_with("cv.m"))
    scores = printed.select(
        "variant", "delta", mse="value", r2=pl.lit(0.9), scheme=pl.lit("published_split"),
        estimator=pl.lit("published"), sample=pl.lit("paper"),
    )  # fmt: skip
    table = audit_table(published, without(found, cross_validation=scores))
    assert table.filter(pl.col("verdict") == NOT_DETERMINED)["id"].to_list() == [
        "shapley.compute_share"
    ]
    assert set(table.filter(pl.col("id").str.starts_with("cv.m"))["verdict"]) == {"exact"}
    # leaving out papers was not computed: no converged figure, and no failure
    assert table.filter(pl.col("id") == "cv.m07.0.0025")["ours_converged"].to_list() == [None]


def test_files_give_the_same_audit(found, tmp_path):
    """From the files of a rule: tables as CSV, everything else as Parquet."""
    published = read_published((ROOT / "data/raw/published_results.csv").read_bytes())
    refits = {"theirs": found.published, "ours": found.headline, "theirs.t": found.transformer}
    refits |= {f"pool.{i}": member for i, member in enumerate(found.pool)}

    pool = [name for name in refits if name.startswith("pool")]
    roles = {"published": ["theirs"], "transformer": ["theirs.t"], "pool": pool}

    def written(name, frame):
        frame.write_parquet(tmp_path / name)
        return tmp_path / name

    files = SimpleNamespace(
        tables=[tmp_path / f"{name}.csv" for name in found.tables if name != "corrections"],
        corrections=written("corrections", found.tables["corrections"]),
        rows=[written(f"{name}.rows", rows) for name, rows in found.samples.items()],
        analysis_fits=[written("fits", pack(refits)[0])],
        draws=[written("draws", pack(refits)[1])],
        noise=[
            written(f"{role}.noise", draws_together(dict(zip(roles[role], frames, strict=True))))
            for role, frames in found.repeated.items()
        ],
        scores=written("scores", found.scores),
    )
    for path in files.tables:
        write_table(path, TABLES[path.stem], found.tables[path.stem])
    again = read_evidence(
        files, list(found.samples), "ours", "theirs", list(refits), roles, found.settings
    )
    assert audit_table(published, again).equals(audit_table(published, found))
    # the published bootstrap with the multiplier need not be drawn
    files.noise = [path for path in files.noise if not path.name.startswith("transformer")]
    roles["transformer"] = []
    without_it = read_evidence(
        files, list(found.samples), "ours", "theirs", list(refits), roles, found.settings
    )
    assert without_it.transformer is None
    assert len(without_it.repeated["pool"]) == 3


# ---- numbers that are ours by hand


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("sample.rows_all", 408),
        ("sample.rows_long", 281),
        ("sample.rows_cluster", 261),
        ("sample.rows", 231),
        ("sample.transformer_rows", 104),
    ],
)
def test_counts(found, name, number):
    assert one(found, name, number, model=",")["verdict"] == "exact"
    row = one(found, name, number * 2, model=",")
    assert (row["verdict"], row["ours_published"], row["note"]) == (
        "differs",
        number,
        "unexplained",
    )


def test_estimates_are_compared_with_the_minimum_of_the_same_objective(found):
    row = one(found, "m07.objective", 0.052)
    assert (row["verdict"], row["ours_converged"]) == ("exact", 0.0507)
    mine = found.published.estimates["beta_data"]
    row = one(found, "m07.beta_data", mine * 1.004)
    assert (row["verdict"], row["ours_published"]) == ("close", mine)
    minimum = found.tables["parameters"].filter(
        pl.col("sample") == "paper_first_available", pl.col("variant") == "m07"
    )
    assert row["ours_converged"] == minimum.filter(term="beta_data")["estimate"][0]
    assert one(found, "m07.beta_data", mine * 1.02)["verdict"] == "differs"


def test_without_a_fit_of_the_same_rows_and_response_there_is_no_minimum(found):
    fits = found.tables["fits"].filter(pl.col("sample") == "paper")
    fewer = {**found.samples, "paper_first_available": found.samples["paper"].head(200)}
    for lacking in (without(found, fits=fits), replace(found, samples=fewer)):
        row = one(lacking, "m07.objective", 0.052)
        assert (row["verdict"], row["ours_converged"]) == ("exact", None)


@pytest.mark.parametrize(("quantity", "months"), [("params", 12), ("data", 12), ("compute", 1)])
def test_doubling_times_with_the_noise_of_moved_starts(found, quantity, months):
    def printed(factor):
        ends = [repr(float(x * factor)) for x in np.quantile(times, TAILS)]
        unit = "years" if months == 12 else "months"
        return one(found, f"m07.doubling.{quantity}", ends[0], ends[1:], level=95, unit=unit)

    times = 12 * LN2 / growth(found.published, quantity) / months
    row = printed(1)
    assert row["verdict"] == "exact"
    # rates times 1, 1.01, 1.02: times over the same
    noise = np.median(times) * spread([1, 1 / 1.01, 1 / 1.02])
    assert row["noise"] == pytest.approx(noise)
    assert row["monte_carlo"] > 0
    # more than one per cent, but within twice the noise; and beyond it
    assert printed(1 + 1.9 * noise / np.median(times))["verdict"] == "close"
    assert printed(1 + 2.2 * noise / np.median(times))["verdict"] == "differs"
    # the headline's: quantiles of growth, mapped
    ours = growth(found.headline, quantity)
    assert row["ours_converged"] == pytest.approx(12 * LN2 / np.median(ours) / months)
    assert row["ours_converged_low"] == pytest.approx(12 * LN2 / np.quantile(ours, 0.975) / months)


def test_intervals_of_ratios_that_change_sign_are_a_defect(found):
    table = found.tables["doubling_times"]
    negative = table.with_columns(ci95_low=pl.lit(-77.0))
    row = one(
        without(found, doubling_times=negative), "m07.doubling.compute", 8.4, (-77.0, 14),
        level=95, unit="months",
    )  # fmt: skip
    assert (row["verdict"], row["ours_published_low"]) == ("defect 9", -77)
    assert "ratios" in row["note"]


def scaling(compiler, refit):
    variant = refit.key["variant"]
    form = OptimalScaling.of(
        compiler.model(variant, SETTINGS["variants"][variant]), **SETTINGS["optimal_scaling"]
    )
    return list(form.growth_of(refit.draws).values()) if form else []


def test_optimal_scaling_and_the_pool(found, compiler):
    (own,) = scaling(compiler, found.published)
    times = np.quantile(12 * LN2 / own, TAILS)
    name = "m07.doubling.compute.optimal_scaling"
    row = one(found, name, times[0], times[1:], level=95, unit="months")
    assert row["verdict"] == "exact"
    assert "search" in row["note"]
    every = np.concatenate([part for member in found.pool for part in scaling(compiler, member)])
    assert len(every) == 40 * (1 + 3)  # m07, three benchmarks of m10, none of m16
    times = np.quantile(12 * LN2 / every, TAILS)
    row = one(
        found, "top10.doubling.compute", times[0], times[1:], model=",", level=95, unit="months"
    )
    assert row["verdict"] == "exact"
    assert row["noise"] == pytest.approx(times[0] * spread([1, 1 / 1.01, 1 / 1.02]), rel=0.05)
    pool = found.tables["pooled_doubling_times"].filter(
        name="converged", pool="top2", definition="optimal_scaling"
    )
    assert row["ours_converged"] == pool["median"][0]


def test_draws_without_a_doubling_time_are_counted_every_way_in_the_note():
    months = np.array([1.0, 2.0, 3.0, np.inf])
    note = uncounted(months, 50)
    assert note.startswith("Of 4 draws 1 never reach the target.")
    assert "without them the interval is 1.50 to 2.5 months" in note
    assert "were they the fastest 0.75 to 2.2 months" in note
    assert uncounted(months[:3], 50) == uncounted(months[3:], 50) == ""


def test_the_abstract_s_two_intervals(found, compiler):
    every = np.concatenate([part for member in found.pool for part in scaling(compiler, member)])
    low, high = np.quantile(12 * LN2 / every, TAILS)[1:]
    middle, *ends = np.quantile(12 * LN2 / every, (0.5, 0.05, 0.95))
    given = {"model": ",", "unit": "months"}
    row = one(found, "headline.abstract.neurips", middle, ends, level=90, **given)
    assert row["verdict"] == "exact"
    assert f"95 % interval of our pool is {low:.1f} to {high:.1f} months" in row["note"]
    middle, *ends = np.quantile(12 * LN2 / growth(found.published), TAILS)
    row = one(found, "headline.abstract.v1", middle, ends, level=95, **given)
    assert row["verdict"] == "exact"


def test_losses_and_shares(found, compiler):
    years = [tropical_year(system["published"]) for system in (RNN, GPT3)]
    counts = [[system[name] for system in (RNN, GPT3)] for name in ("parameters", "dataset_tokens")]

    def at(moved):
        n, d, t_n, t_d = moved
        return loss(
            found.published, compiler.origin, counts[0][n], counts[1][d], years[t_n], years[t_d]
        )

    row = one(found, "shapley.loss.GPT-3", at((1, 1, 1, 1)))
    assert row["verdict"] == "exact"
    # the mean over 24 orders of what each takes off when it moves
    shares = np.zeros(4)
    for order in itertools.permutations(range(4)):
        moved = [0, 0, 0, 0]
        for player in order:
            before = at(moved)
            moved[player] = 1
            shares[player] += (before - at(moved)) / 24
    shares /= at((0, 0, 0, 0)) - at((1, 1, 1, 1))
    names = ("params", "data", "param_efficiency", "data_efficiency")
    pair = "shapley.RNN (2012)->GPT-3"
    rows = audited(
        found, *(line(f"{pair}.{name}", x) for name, x in zip(names, shares, strict=True))
    )
    assert [row["verdict"] for row in rows] == ["exact"] * 4
    assert sum(row["ours_converged"] for row in rows) == pytest.approx(1)
    assert all(row["ours_converged_low"] < row["ours_converged_high"] for row in rows)


def test_the_span_of_compute_shares_says_what_ours_is(found):
    rows = found.tables["shapley"].filter(
        pl.col("factor") == "compute",
        pl.col("reduction") > 0.25,
        pl.col("estimator") == "published",
    )
    note = one(found, "shapley.compute_share", "", (60, 95), model=",", unit="%")["note"]
    assert f"{100 * rows['share'].min():.0f} to {100 * rows['share'].max():.0f} %" in note
    # of an analysis without shares there is no span
    only = found.tables["shapley"].filter(estimator="converged")
    row = one(without(found, shapley=only), "shapley.compute_share", "", (60, 95), model=",")
    assert row["note"] == NOT_COMPUTED


def test_the_transformer_s_numbers_are_those_of_a_penalty(found):
    gamma = found.transformer.draws["gamma_transformer"].to_numpy()
    taken = np.quantile(100 / (1 + np.exp(gamma)), TAILS)
    row = one(found, "transformer.reduction", taken[0], taken[1:], level=95, unit="%")
    assert (row["agreement"], row["verdict"]) == ("exact", "defect 8")
    assert row["noise"] == 0  # the starts moved nothing
    row = one(found, "transformer.gamma", found.transformer.estimates["gamma_transformer"])
    assert row["verdict"] == "exact"
    # the minimum of the same objective, found by another program (L-BFGS-B from 150 starts)
    assert row["ours_converged"] == pytest.approx(2.97641, abs=5e-6)
    row = one(found, "transformer.objective", 0.052)
    assert row["verdict"] == "exact"
    assert row["ours_converged"] == pytest.approx(0.0579220, abs=5e-8)
    table = found.tables["transformer"].filter(form="multiplier", compute=1e25)
    gain = table.filter(estimator="published").row(0, named=True)
    ends = (gain["gain_ci95_low"], gain["gain_ci95_high"])
    row = one(found, "transformer.ceg.1e25", gain["gain_median"], ends, level=95, unit="x")
    assert (row["agreement"], row["verdict"]) == ("exact", "defect 8")
    assert row["ours_converged"] == table.filter(estimator="converged")["gain_median"][0]
    assert one(found, "transformer.ceg.1e23", 5)["note"] == NOT_COMPUTED


def test_the_era_split_s_objective(found):
    row = one(found, "era2017.objective", 0.049)
    assert row["verdict"] == "exact"
    # the minimum of the same objective, found by another program (L-BFGS-B from 150 starts)
    assert row["ours_converged"] == pytest.approx(0.0486935, abs=5e-8)
    assert one(found, "era2018.objective", 0.049)["note"] == NOT_COMPUTED


def test_scores_with_the_noise_of_moved_starts(found):
    row = one(found, "cv.m07.0.0025", 0.0486)
    assert (row["verdict"], row["ours_converged"], row["note"]) == ("exact", 0.052, ROUNDING)
    assert row["noise"] == pytest.approx(0.001)  # of 0.0486, 0.0496 and 0.0506
    assert one(found, "cv.m07.0.0025", 0.0468)["verdict"] == "close"
    assert one(found, "cv.m07.0.0025", 0.0465)["verdict"] == "differs"
    row = one(found, "cv.r2.m10.0.001", 0.90, model="m10,0.001")
    assert (row["verdict"], row["ours_converged"], row["noise"]) == ("exact", 0.89, None)
    assert row["note"] == ""  # its starts were not moved


# ---- what is not there


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("sample_steps", "sample.rows_all"),
        ("fits", "m07.objective"),
        ("parameters", "m07.alpha_year"),
        ("doubling_times", "m07.doubling.compute"),
        ("doubling_times", "m07.doubling.compute.optimal_scaling"),
        ("doubling_times", "headline.abstract.v1"),
        ("pooled_doubling_times", "top10.doubling.compute"),
        ("pooled_doubling_times", "headline.abstract.neurips"),
        ("shapley", "shapley.compute_share"),
        ("shapley", "shapley.RNN (2012)->GPT-3.params"),
        ("predicted_loss", "shapley.loss.GPT-3"),
        ("transformer", "transformer.reduction"),
        ("era_split", "era2017.objective"),
        ("cross_validation", "cv.m07.0.0025"),
    ],
)
def test_what_is_not_computed_says_so(found, table, name):
    # absent, and empty as read from a file that has only its header
    empty = pl.DataFrame(schema=dict.fromkeys(found.tables[table].columns, pl.String))
    for less in (without(found, table), without(found, **{table: empty})):
        if table != "fits" or table in less.tables:
            row = one(less, name, 1, level=95)
            assert (row["verdict"], row["note"]) == (NOT_DETERMINED, NOT_COMPUTED)


def test_systems_models_and_levels_that_are_not_there_say_so(found):
    for given in (
        line("shapley.loss.ELIZA", 4),
        line("shapley.RNN (2012)->ELIZA.params", 0.1),
        line("m07.omega", 1),
        line("m07.objective", 0.05, model="m07,0.77"),
        line("cv.m03.0.001", 0.05, model="m03,0.001"),
        line("m07.doubling.compute", 8, (4, 14), level=80, unit="months"),
    ):
        assert audited(found, given)[0]["note"] == NOT_COMPUTED
    assert one(replace(found, transformer=None), "transformer.reduction", 4, level=95)["note"] == (
        NOT_COMPUTED
    )


def test_the_bootstrap_of_another_model_is_not_compared(found):
    """A published bootstrap of m08, say, tells nothing of numbers of m07."""
    names = (
        "m07.doubling.compute", "shapley.loss.GPT-3", "shapley.RNN (2012)->GPT-3.data",
        "transformer.reduction", "era2017.objective",
    )  # fmt: skip
    rows = audited(found, *(line(name, 1, model="m08,0.0025", level=95) for name in names))
    assert [row["note"] for row in rows] == [NOT_COMPUTED] * 5
    rows = audited(found, *(line(name, 1, model="m07,0.01", level=95) for name in names))
    assert [row["note"] for row in rows] == [NOT_COMPUTED] * 5


def test_a_pool_without_progress_has_no_number(found):
    table = found.tables["pooled_doubling_times"]
    blank = table.with_columns(n_sets=pl.lit(0), median=pl.lit(None, pl.Float64))
    none = replace(without(found, pooled_doubling_times=blank), pool=[])
    row = one(none, "top10.doubling.compute", 8, (2, 22), model=",", level=95)
    assert row["note"] == NOT_COMPUTED


@pytest.mark.parametrize(
    "name",
    [
        "sample.systems", "m08.objective", "m07.doubling.energy", "top10", "top10.doubling.data",
        "headline.abstract.v3", "shapley.of GPT-3", "transformer.ceg", "transformer.ceg.much",
        "transformer.delta", "era.objective", "era2017.doubling", "erased", "cv.best", "allocation",
    ],
)  # fmt: skip
def test_an_unknown_id_says_so(found, name):
    row = one(found, name, 1, level=95)
    assert (row["verdict"], row["note"]) == (NOT_DETERMINED, "an id this version does not know")
