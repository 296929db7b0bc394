"""The multiverse: names of specifications, blocks, and what each fit is compared with."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import Compiler, fit_batch, select, variant_of

from algoprog.common.errors import InputError
from algoprog.common.settings import rebuild
from algoprog.estimators.converged import solve
from algoprog.estimators.estimator import Task
from algoprog.model.model import observations
from algoprog.quantities.growth import Growth
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.resampling.scheme import replicate_weights
from algoprog.robustness.growth_draws import Bootstrap, growth_draws
from algoprog.robustness.multiverse import (
    Drawn,
    Fitting,
    bootstrap_specifications,
    fit_specifications,
)
from algoprog.robustness.multiverse_tables import account, merge_intervals, merge_specifications
from algoprog.robustness.specifications import (
    Specification,
    blocks,
    needed,
    one_of_each_kind,
    specifications,
    strata,
)
from algoprog.robustness.tokens import counted

BASE = {
    "variant": "m07",
    "delta": 0.0025,
    "estimator": "converged",
    "models_per_paper": 3,
    "response": "own",
    "tokens": "once",
}
CHOICES = {
    "variant": ["m07", "m18"],
    "delta": [0, 0.0025],
    "models_per_paper": {"3": {}, "all": {"models_per_paper": None}},
    "rows": {"all": {}, "transformers": {"exclude": ["not_transformer"]}},
}
SYSTEMS = {
    "first": {"parameters": 6e6, "dataset_tokens": 1e6, "published": "2012-12-01"},
    "second": {"parameters": 2e11, "dataset_tokens": 5e11, "published": "2020-05-28"},
}
SYSTEMS["first"]["architecture"], SYSTEMS["second"]["architecture"] = "recurrent", "transformer"
EXCLUSIONS = {
    "outlier": {"where": "outlier = 1", "reason": "an outlier"},
    "not_transformer": {
        "where": "architecture IS NULL OR architecture <> 'transformer'",
        "reason": "not a transformer",
    },
    "transformer": {"where": "architecture = 'transformer'", "reason": "a transformer"},
    "everything": {"where": "perplexity > 0", "reason": "all"},
    "all_but_few": {"where": "benchmark <> 'wt2' OR paper > 'B'", "reason": "all but a few"},
}
SAMPLE = {"exclusions": ["outlier"]}


@pytest.fixture(scope="module")
def evaluations(paper_sample):
    """The records of the paper's sample; three are marked as outliers."""
    return paper_sample.drop("row", "perplexity_first_available").with_columns(
        outlier=pl.int_range(pl.len()).is_in([5, 50, 150]).cast(pl.Float64)
    )


@pytest.fixture(scope="module")
def context(paper_config, benchmarks):
    """Settings of a job apart from its specifications."""

    def context(chosen):
        variants = paper_config["variants"]
        used = needed(chosen, SAMPLE, EXCLUSIONS, variants)
        return rebuild(used | {"benchmarks": benchmarks, "systems": SYSTEMS}, Fitting)

    return context


@pytest.fixture(scope="module")
def fitted(evaluations, context):
    """The table of some choices."""

    def fitted(choices, base=None):
        chosen = specifications(choices, BASE | (base or {}))
        return merge_specifications(
            [fit_specifications(evaluations, chosen, context(chosen))], chosen
        )

    return fitted


# ---- the cross


def test_the_cross_is_full_and_settings_follow_the_levels() -> None:
    chosen = specifications(CHOICES, BASE)
    assert [tuple(one.levels.values()) for one in chosen] == list(
        product(["m07", "m18"], ["0", "0.0025"], ["3", "all"], ["all", "transformers"])
    )
    last = chosen[-1].settings
    assert (last.variant, last.delta, last.models_per_paper) == ("m18", 0.0025, None)
    assert (last.exclude, last.include) == (["not_transformer"], [])
    assert chosen[0].settings.exclude == []


def test_an_id_depends_on_its_own_levels_only() -> None:
    ids = {frozenset(one.levels.items()): one.id for one in specifications(CHOICES, BASE)}
    assert len(set(ids.values())) == 16
    turned = {name: CHOICES[name] for name in reversed(CHOICES)}
    turned["delta"] = [0.01, 0.0025, 0]
    again = {frozenset(one.levels.items()): one.id for one in specifications(turned, BASE)}
    assert len(again) == 24
    assert ids.items() <= again.items()


def test_a_level_may_be_restricted() -> None:
    slow = {"estimator": "published", "only": {"delta": [0.0025], "rows": ["all"]}}
    chosen = specifications(CHOICES | {"estimator": {"converged": {}, "published": slow}}, BASE)
    published = [one for one in chosen if one.settings.estimator == "published"]
    assert len(chosen) == 16 + 4
    assert {(one.levels["delta"], one.levels["rows"]) for one in published} == {("0.0025", "all")}


@pytest.mark.parametrize(
    ("choices", "base", "said"),
    [
        ({"rows": {"x": {"colour": 1}}}, BASE, "rows.x.colour"),
        ({"a": {"x": {"delta": 0}}, "b": {"x": {"delta": 1}}}, BASE, "a changes it too"),
        ({"delta": [0]}, {"variant": "m07"}, "multiverse.base"),
        ({"tokens": ["twice"]}, BASE, "once, seen, effective"),
        ({"rows": {"x": {"only": {"colour": ["red"]}}}}, BASE, "name a choice"),
    ],
)
def test_mistakes_in_choices_are_named(choices, base, said) -> None:
    with pytest.raises(InputError, match=said):
        specifications(choices, base)


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "delta"]),
        st.dictionaries(
            st.sampled_from(["x", "y", "0.01"]),
            st.fixed_dictionaries(
                {},
                optional={
                    "delta": st.sampled_from([0, 0.01]),
                    "tokens": st.sampled_from(["once", "twice"]),
                    "colour": st.just("red"),
                    "only": st.dictionaries(
                        st.sampled_from(["a", "b", "delta"]),
                        st.lists(st.sampled_from(["x", "y", 0.01]), min_size=1),
                        max_size=2,
                    ),
                },
            ),
            min_size=1,
        ),
        min_size=1,
    ),
    st.sampled_from([BASE, {name: BASE[name] for name in BASE if name != "delta"}]),
)
def test_one_of_each_kind_is_refused_where_all_are(choices, base) -> None:
    def refused(these) -> bool:
        try:
            return specifications(these, base) is None
        except InputError:
            return True

    some = one_of_each_kind(choices)
    assert all(some[choice].items() <= choices[choice].items() for choice in choices)
    assert refused(some) == refused(choices)


def test_one_of_each_kind_is_few(paper_config) -> None:
    choices = paper_config["multiverse"]["choices"]
    assert len(specifications(choices, BASE)) > 20_000
    assert len(specifications(one_of_each_kind(choices), BASE)) < 50


def test_blocks_hold_every_specification_once() -> None:
    cut = blocks(CHOICES, {"delta": {"grid": [0, 0.0025]}, "variant": {"paper": ["m18", "m07"]}})
    ids = [one.id for block in cut.values() for one in specifications(block, BASE)]
    assert sorted(ids) == sorted(one.id for one in specifications(CHOICES, BASE))
    assert len(cut) == 4
    assert "paper--grid--all--transformers" in cut


def test_a_new_level_leaves_every_other_block_as_it_is(paper_config) -> None:
    batches = {"delta": {"grid": [0, 0.0025]}, "variant": {"paper": ["m18", "m07"]}}
    before = blocks(CHOICES, batches)
    news = [
        {"delta": [0, 0.0025, 0.05]},
        {"variant": ["m01", "m07", "m18"]},
        {"rows": CHOICES["rows"] | {"others": {"exclude": ["transformer"]}}},
    ]
    for new in news:
        after = blocks(CHOICES | new, batches)
        assert before.items() <= after.items()
        added = [specifications(after[name], BASE) for name in after.keys() - before.keys()]
        (choice,) = new
        level = {"delta": "0.05", "variant": "m01", "rows": "others"}[choice]
        assert {one.levels[choice] for block in added for one in block} == {level}
    # nor do its exclusions and variants enter what the other jobs depend on
    chosen = specifications(before["paper--grid--3--all"], BASE)
    used = needed(chosen, SAMPLE, EXCLUSIONS, paper_config["variants"])
    assert (list(used["exclusions"]), list(used["variants"])) == (["outlier"], ["m07", "m18"])


def test_mistakes_in_batches_and_names_are_named(paper_config) -> None:
    for batches in ({"grid": [0.5]}, {"a": [0], "b": [0]}, {"0.0025": [0]}):
        with pytest.raises(InputError, match=r"multiverse\.batches\.delta"):
            blocks(CHOICES, {"delta": batches})
    chosen = specifications({"variant": ["m99"]}, BASE)
    with pytest.raises(InputError, match="m99"):
        needed(chosen, SAMPLE, EXCLUSIONS, paper_config["variants"])


def test_strata_hold_every_level_and_hardly_move_with_a_new_one() -> None:
    wide = CHOICES | {"variant": [f"m{i:02d}" for i in range(1, 13)]}
    before = strata(specifications(wide, BASE), 1, 3)
    assert len(before) == 12 + 2 + 2 + 2
    for name, members in before.items():
        choice, level = name.split("--")
        assert len(members) == 3
        assert {one.levels[choice] for one in members} == {level}
    after = strata(specifications(wide | {"delta": [0, 0.0025, 0.05]}, BASE), 1, 3)
    assert after["delta--0"] == before["delta--0"]
    for name, members in before.items():  # whoever is new is of the new level
        assert all(o.levels["delta"] == "0.05" for o in after[name] if o not in members)
    assert strata(specifications(wide, BASE), 2, 3) != before


# ---- fits


def test_a_specification_is_the_fit_of_its_sample(
    fitted, paper_sample, paper_config, benchmarks
) -> None:
    """Outliers in: the sample is the paper's, so the fit is that of `fits`, by another path."""
    variants = {"m07": paper_config["variants"]["m07"]}
    expected, parameters = fit_batch(
        paper_sample, variants, [0.0025], "converged", "own", "paper", benchmarks
    )
    estimate = dict(parameters.select("term", "estimate").iter_rows())
    growth = estimate["alpha_year"] / estimate["alpha_param"]
    growth += estimate["beta_year"] / estimate["beta_data"]
    table = fitted({"outliers": {"in": {"include": ["outlier"]}, "out": {}}})
    row, out = table.iter_rows(named=True)
    for name in ("n", "p", "objective", "mse", "r2"):
        assert row[name] == pytest.approx(expected[name][0], rel=1e-9)
    assert row["growth_closed_form"] == row["growth"] == pytest.approx(growth, rel=1e-6)
    model = Compiler.of(paper_sample, benchmarks).model("m07", variants["m07"])
    theta = np.array([[estimate[name] for name in model.parameters]])
    own = OwnAllocation.of(model).growth(theta)[0]
    assert row["growth_own_allocation"] == pytest.approx(own, rel=1e-6)
    assert row["doubling_time"] == pytest.approx(12 * np.log(2) / growth, rel=1e-6)
    assert (row["status"], row["converged"], row["same_as"]) == ("fitted", True, None)
    assert out["n"] == row["n"] - 3

    # the share of scale, from the model's equation: four players moved in all 24 orders
    a, b = estimate["alpha_const"], estimate["beta_const"]
    origin = Compiler.of(paper_sample, benchmarks).origin
    years = [1970 + days / 365.242199 - origin.first_year for days in (15675, 18410)]
    n = [np.log(s["parameters"]) - origin.log_parameters for s in SYSTEMS.values()]
    d = [np.log(s["dataset_tokens"]) - origin.log_tokens for s in SYSTEMS.values()]

    def term(level, rate, slope, x, t):
        return np.exp(level - estimate[rate] * t - estimate[slope] * x)

    first = [[term(a, "alpha_year", "alpha_param", x, t) for t in years] for x in n]
    second = [[term(b, "beta_year", "beta_data", x, t) for t in years] for x in d]
    scale = sum(  # of two players each moves first in half of the orders
        (e[0][0] - e[1][0]) / 2 + (e[0][1] - e[1][1]) / 2 for e in (first, second)
    )
    total = first[0][0] - first[1][1] + second[0][0] - second[1][1]
    assert row["compute_share"] == pytest.approx(scale / total, rel=1e-6)


def test_the_measure_of_data_changes_d_and_c(paper_sample, paper_config, benchmarks) -> None:
    """`seen` and `effective` give the columns of d_seen and d_effective, and c follows."""
    variants = paper_config["variants"]
    plain = Compiler.of(paper_sample, benchmarks).units.of_rows(paper_sample)
    for tokens in ("seen", "effective"):
        rows = counted(paper_sample, tokens, variant_of("m18", variants["m18"]))
        found = Compiler.of(rows, benchmarks).units.of_rows(rows)
        np.testing.assert_allclose(found["d"], plain[f"d_{tokens}"], atol=1e-12)
        c = np.log(paper_sample["parameters"].to_numpy()) + plain[f"d_{tokens}"]
        np.testing.assert_allclose(found["c"], c - c.min(), atol=1e-12)
        assert np.ptp(found["c"] - plain["c"]) > 0.5  # it is not what it was
        assert counted(paper_sample, tokens, variant_of("m20", variants["m20"])).equals(
            paper_sample
        )


def test_coinciding_specifications_say_so(fitted) -> None:
    """m20 is m07 with effective data, whatever the measure chosen, and repeats nothing else."""
    table = fitted(
        {"variant": ["m07", "m20"], "tokens": ["once", "seen", "effective"]}, {"delta": 0.01}
    )
    by = {(r["variant"], r["tokens"]): r for r in table.iter_rows(named=True)}
    first = by["m07", "effective"]
    for (variant, _), row in by.items():
        assert row["same_as"] == (first["id"] if variant == "m20" else None)
        if variant == "m20":
            assert row["objective"] == pytest.approx(first["objective"], rel=1e-9)
            assert row["growth"] == pytest.approx(first["growth"], rel=1e-5)
            assert row["compute_share"] == pytest.approx(first["compute_share"], rel=1e-5)
    assert len({row["objective"] for row in by.values()}) >= 3
    counts = account(table)
    assert counts.select("status", "n", "n_coinciding").rows() == [("fitted", 6, 3)]


def test_what_cannot_be_fitted_or_told_is_a_row_with_its_reason(fitted) -> None:
    choices = {
        "variant": ["m07", "m13", "m16"],
        "delta": [0.0, 0.02],
        "rows": {
            "all": {},
            "none": {"exclude": ["everything"], "only": {"variant": ["m07"]}},
            "few": {"exclude": ["all_but_few"], "only": {"variant": ["m13"]}},
            "transformers": {"exclude": ["not_transformer"]},
            "others": {"exclude": ["transformer"]},
        },
    }
    table = fitted(choices)
    by = {(r["variant"], r["delta"], r["rows"]): r for r in table.iter_rows(named=True)}
    for (variant, delta, rows), row in by.items():
        blank = row["growth"] is None and row["doubling_time"] is None
        if rows == "none":
            assert (row["status"], row["objective"], blank) == ("not_fitted", None, True)
            assert "rows left" in row["reason"]
        elif rows == "few":
            assert row["status"] == "not_fitted"
            assert "2 rows for 8 parameters" in row["reason"]
        elif variant == "m16":
            assert (row["status"], blank) == ("no_progress", True)
        elif variant == "m13" and rows == "others":
            # growth is a transformer's, and there is none, whatever the penalty says
            assert (row["status"], blank) == ("not_identified", True)
            assert "alpha_param_transformer" in row["reason"]
        elif variant == "m13" and rows == "transformers":
            # what is not determined are the exponents of others, on which growth does not depend
            assert row["status"] == "fitted"
            assert "alpha_param" in row["not_identified"].split(", ")
            assert row["growth"] == pytest.approx(by["m07", delta, rows]["growth"], rel=1e-4)
        else:
            assert (row["status"], row["reason"]) == ("fitted", None)
    counts = account(table)
    assert counts["n"].sum() == len(by) == 22


def test_published_fits_stop_above_the_minimum_and_say_so(fitted) -> None:
    table = fitted({"estimator": ["converged", "published"]})
    best, published = table.iter_rows(named=True)
    assert published["objective"] > best["objective"] * 1.001
    assert (published["status"], published["converged"]) == ("fitted", False)
    assert published["not_identified"] is None
    assert best["problem"] != published["problem"]


def test_a_fit_does_not_depend_on_its_company(evaluations, context) -> None:
    """A batch is a matter of jobs: alone, or with other penalties, a specification is the same."""
    chosen = specifications({"variant": ["m10"], "delta": [0.0, 0.001, 0.02]}, BASE)
    together = fit_specifications(evaluations, chosen, context(chosen))
    for i, one in enumerate(chosen):
        alone = fit_specifications(evaluations, [one], context([one]))
        for column in alone.columns:
            found, expected = alone[column][0], together[column][i]
            # shares of several are one product of matrices, which rounds in its own way
            near = pytest.approx(expected, rel=1e-12) if column == "compute_share" else expected
            assert found == near, column


# ---- merging and bootstraps


def test_merging_wants_each_specification_once(evaluations, context) -> None:
    chosen = specifications({"variant": ["m18"], "delta": [0.01, 0.02]}, BASE)
    part = fit_specifications(evaluations, chosen, context(chosen))
    merged = merge_specifications([part[1:], part[:1]], chosen)
    assert merged["id"].to_list() == [one.id for one in chosen]
    for parts in ([part[:1]], [part, part[:1]], [part.with_columns(id=pl.lit("x"))]):
        with pytest.raises(AssertionError):
            merge_specifications(parts, chosen)


def test_a_choice_may_not_be_called_like_a_result(evaluations, context) -> None:
    chosen = [Specification("1", {"growth": "x"}, specifications({}, BASE)[0].settings)]
    with pytest.raises(InputError, match="growth"):
        fit_specifications(evaluations, chosen, context(chosen))


def test_intervals_are_of_fits_to_resampled_papers(
    evaluations, context, paper_config, benchmarks
) -> None:
    """m18's growth is alpha_year / alpha_compute of a fit with each replicate's weights."""
    base = BASE | {"delta": 0.01, "include": ["outlier"], "models_per_paper": 1}
    chosen = specifications({"variant": ["m18", "m16"]}, base)
    table = bootstrap_specifications(evaluations, chosen, context(chosen), Drawn(7, 12, "papers"))
    row, still = table.iter_rows(named=True)
    assert row["n_draws"] == row["n_converged"] == 12
    assert (still["status"], still["median"], still["n_draws"]) == ("no_progress", None, None)
    spec = {"exclusions": [], "models_per_paper": 1}
    rows = select(evaluations, "x", spec, {}, benchmarks).rows
    assert rows.select("paper", "benchmark").is_unique().all()
    seen = observations(rows, "own")
    design = Compiler.of(rows, benchmarks).rows("m18", paper_config["variants"]["m18"], rows)
    growth = []
    for i in range(12):
        weights = replicate_weights(7, "m18", 0.01, i, seen.papers, "papers")
        theta = solve(design, seen.response, 0.01, weights, perturbed=32).estimates()
        growth.append(theta["alpha_year"] / theta["alpha_compute"])
    assert row["growth_median"] == pytest.approx(np.median(growth), rel=1e-5)
    assert row["growth_ci90_low"] == pytest.approx(np.quantile(growth, 0.05), rel=1e-5)
    assert row["median"] == pytest.approx(12 * np.log(2) / np.median(growth), rel=1e-5)
    assert merge_intervals([table, table[:1]]).equals(table.sort("id"))
    with pytest.raises(AssertionError):
        merge_intervals([table, table[:1].with_columns(median=pl.lit(0.0))])


def test_published_draws_are_published_fits_of_the_same_replicates(
    paper_sample, paper_config, benchmarks
) -> None:
    rows = paper_sample.filter(pl.col("benchmark") == "wt103")
    seen, compiler = observations(rows, "own"), Compiler.of(rows, benchmarks)
    spec = paper_config["variants"]["m18"]
    model = compiler.model("m18", spec)
    growth, task = Growth.of(model), Task(model.design, seen.response, seen.papers, 0.01)
    both = {
        estimator: growth_draws(task, growth, Bootstrap(estimator, "papers", 1, 3))
        for estimator in ("converged", "published")
    }
    assert both["converged"][1].all()
    assert not both["published"][1].any()
    # one exponential is nearly linear, so that SLSQP comes close; other papers would be far off
    np.testing.assert_allclose(both["published"][0], both["converged"][0], rtol=0.02)
    assert np.ptp(both["converged"][0]) > 0.04 * both["converged"][0].max()
