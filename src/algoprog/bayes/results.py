"""Result tables of the Bayesian fits: the bootstrap's columns, of posterior draws.

`estimator` is ``bayes``, `resampling` is ``posterior``, and delta is blank: there is no penalty.
A point is the posterior's median. It knows fits as draws and diagnostics; it knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.checks import SCHEMA as CHECKS_SCHEMA
from algoprog.bayes.checks import checks
from algoprog.bayes.draws import DIAGNOSTICS, arrays
from algoprog.bayes.held_out import stacking
from algoprog.bayes.models import Prepared, prepare
from algoprog.bayes.names import HEADLINE
from algoprog.common.intervals import INTERVAL_ENDS, INTERVAL_SCHEMA, doubling_interval, percentiles
from algoprog.common.seeds import seed_of
from algoprog.model.surface import Surface
from algoprog.quantities.closed_form import SCHEMA as DOUBLING_SCHEMA
from algoprog.quantities.closed_form import ClosedForm, growth_rates
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.shapley import shapley_rows
from algoprog.quantities.transformer import (
    compute_equivalent_gain,
    loss_reduction,
    transformer_rows,
)
from algoprog.robustness.averaging import mixture

Array = NDArray[np.float64]
Spec = Mapping[str, Any]

_PRIOR_DRAWS = 4000
_NAME: dict[str, Any] = {"name": pl.String, "passed": pl.Boolean}


@dataclass(frozen=True)
class Fitted:
    """A planned fit, made: its name, its row of `bayes_fits`, its model and its draws.

    ``held_out`` has a row for each unit: scheme (rows, papers), unit, elpd, pareto_k.
    """

    name: str
    row: Spec
    prepared: Prepared
    draws: pl.DataFrame
    held_out: pl.DataFrame

    @property
    def key(self) -> dict[str, Any]:
        """The columns that identify a fit in tables it shares with the bootstrap."""
        key = {"sample": self.row["sample"], "variant": self.row["variant"], "delta": None}
        return key | {"estimator": "bayes", "resampling": "posterior"}

    @property
    def medians(self) -> dict[str, float]:
        """Posterior medians of the parameters."""
        names = self.prepared.model.prior.parameters
        return {name: float(np.median(self.draws[name].to_numpy())) for name in names}

    @property
    def candidate(self) -> bool:
        """Whether it is one of the models that are averaged, if it passes."""
        return self.row["change"] is None and self.row["prior_width"] == 1.0


def fitted(
    sample: pl.DataFrame,
    rows: Sequence[Spec],
    draws: Sequence[pl.DataFrame],
    held_out: Sequence[pl.DataFrame],
    plan: Spec,
    variants: Mapping[str, Spec],
    response: str,
    benchmarks: Spec,
    priors: Spec,
) -> list[Fitted]:
    """The fits of a plan (:func:`algoprog.config.bayes.planned`), from what their jobs wrote."""
    made = []
    for name, row, drawn, held in zip(plan, rows, draws, held_out, strict=True):
        fit = plan[name]
        prepared = prepare(
            sample, row["variant"], variants[row["variant"]], fit["change"], fit["width"],
            response, benchmarks, priors,
        )  # fmt: skip
        made.append(Fitted(name, row, prepared, drawn, held))
    return made


FITS_SCHEMA: dict[str, Any] = {
    "name": pl.String,
    "sample": pl.String,
    "variant": pl.String,
    "change": pl.String,
    "prior_width": pl.Float64,
    "engine": pl.String,
    "n": pl.Int64,
    "p": pl.Int64,
    **DIAGNOSTICS,
    "elpd_rows": pl.Float64,
    "elpd_rows_error": pl.Float64,
    "rows_above_0.7": pl.Int64,
    "rows_pareto_k": pl.Float64,
    "elpd_papers": pl.Float64,
    "elpd_papers_error": pl.Float64,
    "papers_above_0.7": pl.Int64,
    "papers_pareto_k": pl.Float64,
    "pooled": pl.Boolean,
    "weight": pl.Float64,
}


def weights(fits: Sequence[Fitted]) -> dict[str, float]:
    """Stacking weights over papers, by name, of the models that pass; none where none does."""
    members = [one for one in fits if one.candidate and one.row["passed"]]
    if not members:
        return {}
    elpd = np.array(
        [one.held_out.filter(pl.col("scheme") == "papers")["elpd"].to_numpy() for one in members]
    )
    return dict(zip([one.name for one in members], stacking(elpd).tolist(), strict=True))


def fits_table(fits: Sequence[Fitted]) -> pl.DataFrame:
    """The table `bayes_fits`: diagnostics, held-out densities and stacking weight of each fit."""
    weight = weights(fits)
    rows = [
        {**one.row, "name": one.name, "pooled": one.name in weight, "weight": weight.get(one.name)}
        for one in fits
    ]
    return pl.DataFrame(rows, schema=FITS_SCHEMA)


def parameters_table(fits: Sequence[Fitted], seed: int) -> pl.DataFrame:
    """The table `bayes_parameters`: posterior of each parameter, and its prior's 90 %."""
    rows = []
    for one in fits:
        prior = one.prepared.model.prior
        rng = np.random.default_rng(seed_of(seed, "bayes-prior", one.name))
        before = prior.theta(prior.draw(rng, _PRIOR_DRAWS))
        errors = ["tau", *(f"sigma_{level}" for level in one.prepared.model.levels), "nu"]
        for j, term in enumerate([*prior.parameters, *errors]):
            row = {"name": one.name, "passed": one.row["passed"], "variant": one.row["variant"]}
            row |= {"term": term, "role": prior.roles[j] if j < len(prior.roles) else "error"}
            row |= percentiles(one.draws[term].to_numpy()).columns()
            if j < len(prior.roles):
                a_priori = percentiles(before[:, j])
                row |= {"prior_median": a_priori.median}
                row |= {"prior_ci90_low": a_priori.low[1], "prior_ci90_high": a_priori.high[1]}
            rows.append(row)
    text = dict.fromkeys(("variant", "term", "role"), pl.String)
    prior_columns = dict.fromkeys(("prior_median", "prior_ci90_low", "prior_ci90_high"), pl.Float64)
    return pl.DataFrame(rows, schema=_NAME | text | INTERVAL_SCHEMA | prior_columns)


def _definitions(one: Fitted, optimal_scaling: Spec) -> list[ClosedForm | OptimalScaling]:
    arguments = one.prepared.compiler, one.prepared.variant, one.prepared.spec
    forms = ClosedForm.of(*arguments), OptimalScaling.of(*arguments, **optimal_scaling)
    return [form for form in forms if form is not None]


def doubling_table(fits: Sequence[Fitted], optimal_scaling: Spec) -> pl.DataFrame:
    """The table `bayes_doubling_times`: the columns of `doubling_times`, points being medians."""
    rows = []
    for one in fits:
        for form in _definitions(one, optimal_scaling):
            for row in form.rows(one.key, one.medians, one.draws):
                point = {"point": row.get("median"), "growth_point": row.get("growth_median")}
                rows.append({"name": one.name, "passed": one.row["passed"], **row, **point})
    return pl.DataFrame(rows, schema=_NAME | DOUBLING_SCHEMA)


def _compute_growth(form: ClosedForm | OptimalScaling, one: Fitted) -> list[Array]:
    """Growth of effective compute, of each benchmark where it differs, NaN left out."""
    if isinstance(form, OptimalScaling):
        found = list(form.growth_of(one.draws).values())
    else:
        theta = one.draws.select(list(one.medians)).to_numpy()
        by_benchmark = [growth_rates(parts, theta) for parts in form.parts.values()]
        found = [growth["compute"] for growth in by_benchmark if "compute" in growth]
    return [growth[~np.isnan(growth)] for growth in found]


AVERAGE_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("definition", "weighting"), pl.String),
    "n_models": pl.Int64,
    "weight_left_out": pl.Float64,
    **INTERVAL_SCHEMA,
    **{f"growth_{name}": pl.Float64 for name in INTERVAL_ENDS},
}


def average_table(fits: Sequence[Fitted], optimal_scaling: Spec) -> pl.DataFrame:
    """The table `bayes_model_average`: doubling times averaged over the models that pass.

    Weightings ``stacking`` and ``equal``. A variant specific to benchmarks shares its weight among
    them. ``weight_left_out`` is that of models without a doubling time of the definition.
    """
    weight = weights(fits)
    rows = []
    for definition, kind in (("closed_form", ClosedForm), ("optimal_scaling", OptimalScaling)):
        sets: dict[str, list[Array]] = {}
        for one in fits:
            if one.name in weight:
                for form in _definitions(one, optimal_scaling):
                    if isinstance(form, kind):
                        sets[one.name] = [g for g in _compute_growth(form, one) if g.size]
        sets = {name: found for name, found in sets.items() if found}
        for weighting in ("stacking", "equal"):
            own = {
                name: weight[name] if weighting == "stacking" else 1 / len(weight)
                for name in weight
            }
            used = {name: own[name] for name in sets if own[name] > 0}
            if not used:
                continue
            growth = [g for name in used for g in sets[name]]
            shares = np.array([w / len(sets[name]) for name, w in used.items() for _ in sets[name]])
            rates = mixture(growth, shares / shares.sum())
            row: dict[str, Any] = {
                "definition": definition,
                "weighting": weighting,
                "n_models": len(used),
            }
            row |= {"weight_left_out": max(0.0, 1.0 - sum(used.values()))}
            rows.append(row | doubling_interval(rates).columns() | rates.columns("growth_"))
    return pl.DataFrame(rows, schema=AVERAGE_SCHEMA)


SHAPLEY_SCHEMA: dict[str, Any] = {
    **_NAME,
    **dict.fromkeys(("sample", "variant", "estimator", "resampling"), pl.String),
    "delta": pl.Float64,
    **dict.fromkeys(("from_system", "to_system", "factor"), pl.String),
    "share": pl.Float64,
    **INTERVAL_SCHEMA,
    "share_not_reduced": pl.Float64,
}


def shapley_table(fits: Sequence[Fitted], systems: Mapping[str, Spec]) -> pl.DataFrame:
    """The table `bayes_shapley` of the headline; a share is the posterior's median."""
    rows = []
    for one in fits:
        if one.name != HEADLINE:
            continue
        surface = Surface.of(one.prepared.compiler, one.prepared.variant, one.prepared.spec)
        for row in shapley_rows(surface, systems, one.key, one.medians, one.draws):
            del row["reduction"]
            known = {"name": one.name, "passed": one.row["passed"], "share": row.get("median")}
            rows.append(row | known)
    return pl.DataFrame(rows, schema=SHAPLEY_SCHEMA)


TRANSFORMER_SCHEMA: dict[str, Any] = {
    **_NAME,
    **dict.fromkeys(("sample", "variant", "estimator", "resampling"), pl.String),
    "delta": pl.Float64,
    "form": pl.String,
    "compute": pl.Float64,
    "reduction": pl.Float64,
    **{f"reduction_{name}": pl.Float64 for name in INTERVAL_ENDS},
    "gain": pl.Float64,
    **{f"gain_{name}": pl.Float64 for name in INTERVAL_ENDS},
    "n_draws": pl.Int64,
    "share_unbounded": pl.Float64,
    "share_undefined": pl.Float64,
}


def transformer_table(
    fits: Sequence[Fitted], computes: Sequence[float], year: float
) -> pl.DataFrame:
    """The table `bayes_transformer` of fits with the transformer's effect; medians as points."""
    rows = []
    for one in fits:
        if one.row["change"] is None:
            continue
        surface = Surface.of(one.prepared.compiler, one.prepared.variant, one.prepared.spec)
        for row in transformer_rows(surface, one.key, one.medians, one.draws, computes, year):
            row |= {"name": one.name, "passed": one.row["passed"], "form": one.row["change"]}
            rows.append(row | {name: row.get(f"{name}_median") for name in ("reduction", "gain")})
    return pl.DataFrame(rows, schema=TRANSFORMER_SCHEMA)


def quantities(
    one: Prepared,
    draws: pl.DataFrame,
    optimal_scaling: Spec,
    systems: Mapping[str, Spec],
    computes: Sequence[float],
    year: float,
) -> dict[tuple[str, str], Array]:
    """Draws of every quantity, by name and unit, of a variant on a sample.

    Growth per year (closed form by quantity and benchmark, optimal scaling), Shapley share of
    compute between the two ``systems``, the transformer's reduction and gains where the variant has
    its effect, and the variant's parameters. NaN is left out.
    """
    names = one.model.prior.parameters
    theta = draws.select(names).to_numpy()
    found: dict[tuple[str, str], Array] = {}
    closed = ClosedForm.of(one.compiler, one.variant, one.spec)
    for benchmark, parts in (closed.parts if closed else {}).items():
        place = "" if benchmark == "all" else f", {benchmark}"
        for scale, growth in growth_rates(parts, theta).items():
            found[f"growth of effective {scale}{place}", "per year"] = growth
    scaling = OptimalScaling.of(one.compiler, one.variant, one.spec, **optimal_scaling)
    for benchmark, growth in (scaling.growth_of(draws) if scaling else {}).items():
        place = "" if benchmark == "all" else f", {benchmark}"
        found[f"growth by optimal scaling{place}", "per year"] = growth
    surface = Surface.of(one.compiler, one.variant, one.spec)
    if set(names) & {"gamma_transformer", "kappa_transformer"}:
        found["transformer: reduction of loss", "share"] = loss_reduction(surface, theta)
        for compute in computes:
            gain = compute_equivalent_gain(surface, theta, compute, year)
            found[f"transformer: gain at {compute:.0e} FLOP", "factor"] = gain
    else:
        shares = _compute_shares(surface, theta, systems)
        found["compute's share, {} to {}".format(*systems), "share"] = shares
    found |= {(name, "parameter"): theta[:, j] for j, name in enumerate(names)}
    return {name: values[~np.isnan(values)] for name, values in found.items()}


def _compute_shares(surface: Surface, theta: Array, systems: Mapping[str, Spec]) -> Array:
    from algoprog.quantities.shapley import (
        COMPUTE,
        System,
        coalition_values,
        players_of,
        shapley_shares,
    )

    known = [System.of(name, spec) for name, spec in systems.items()]
    shares = shapley_shares(coalition_values(surface, theta, known, [(0, 1)]))[:, 0]
    players = players_of(surface)
    return np.asarray(sum(shares[:, players.index(player)] for player in COMPUTE))


AGAINST_SCHEMA: dict[str, Any] = {
    **_NAME,
    **dict.fromkeys(("variant", "quantity", "unit"), pl.String),
    **{f"posterior_{name}": pl.Float64 for name in INTERVAL_ENDS},
    **{f"bootstrap_{name}": pl.Float64 for name in INTERVAL_ENDS},
    "width_ratio": pl.Float64,
    "overlap": pl.Float64,
    "differs": pl.Boolean,
    "in_words": pl.String,
}


def against_table(
    fits: Mapping[str, Fitted], bootstraps: Mapping[str, pl.DataFrame], **of: Any
) -> pl.DataFrame:
    """The table `bayes_against_bootstrap`: 90 % intervals side by side, quantity by quantity.

    Parameters
    ----------
    fits, bootstraps : a fit, and the bootstrap's draws of the same variant, by the fit's name.
    of : the other arguments of :func:`quantities`.

    ``width_ratio`` is the posterior's 90 % width over the bootstrap's, ``overlap`` the length of
    the two intervals' intersection over that of their union; they differ where either median is
    outside of the other's interval.
    """
    rows = []
    for name, one in fits.items():
        ours = quantities(one.prepared, one.draws, **of)
        theirs = quantities(one.prepared, bootstraps[name], **of)
        for quantity, unit in ours:
            a, b = percentiles(ours[quantity, unit]), percentiles(theirs[quantity, unit])
            row: dict[str, Any] = {"name": name, "passed": one.row["passed"]}
            row |= {"variant": one.row["variant"], "quantity": quantity, "unit": unit}
            row |= a.columns("posterior_") | b.columns("bootstrap_")
            rows.append(
                row | _compare((a.low[1], a.median, a.high[1]), (b.low[1], b.median, b.high[1]))
            )
    return pl.DataFrame(rows, schema=AGAINST_SCHEMA)


def _compare(
    ours: tuple[float, float, float], theirs: tuple[float, float, float]
) -> dict[str, Any]:
    (low, middle, high), (low2, middle2, high2) = ours, theirs
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = float(np.float64(high - low) / np.float64(high2 - low2))
        union = max(high, high2) - min(low, low2)
        overlap = float(max(0.0, min(high, high2) - max(low, low2)) / np.float64(union))
    outside = [
        *(
            ["the bootstrap's median lies outside the posterior's 90 %"]
            if not low <= middle2 <= high
            else []
        ),
        *(
            ["the posterior's median lies outside the bootstrap's 90 %"]
            if not low2 <= middle <= high2
            else []
        ),
    ]
    words = list(outside)
    if np.isfinite(ratio) and ratio > 0 and not 2 / 3 <= ratio <= 1.5:
        more = f"{ratio:.1f} times as wide" if ratio > 1 else f"{1 / ratio:.1f} times as narrow"
        words.append(f"the posterior's interval is {more}")
    known = {"width_ratio": ratio if np.isfinite(ratio) else None}
    known |= {"overlap": overlap if np.isfinite(overlap) else None}
    return known | {"differs": bool(outside), "in_words": "; ".join(words) or "they agree"}


SENSITIVITY_SCHEMA: dict[str, Any] = {
    **_NAME,
    "prior_width": pl.Float64,
    **dict.fromkeys(("quantity", "unit"), pl.String),
    **INTERVAL_SCHEMA,
    "shift": pl.Float64,
    "width_ratio": pl.Float64,
}


def sensitivity_table(fits: Sequence[Fitted], **of: Any) -> pl.DataFrame:
    """The table `bayes_prior_sensitivity`: the headline under wider and narrower priors.

    ``shift`` is the median's distance from the headline's in widths of the headline's 90 %
    interval, ``width_ratio`` the 90 % width over the headline's.
    """
    (base,) = (one for one in fits if one.name == HEADLINE)
    others = [one for one in fits if one.row["change"] is None and one.row["prior_width"] != 1.0]
    first = {k: percentiles(v) for k, v in quantities(base.prepared, base.draws, **of).items()}
    rows = []
    for one in [base, *others]:
        for (quantity, unit), values in quantities(one.prepared, one.draws, **of).items():
            found, usual = percentiles(values), first[quantity, unit]
            width = usual.high[1] - usual.low[1]
            row: dict[str, Any] = {"name": one.name, "passed": one.row["passed"]}
            row |= {"prior_width": one.row["prior_width"], "quantity": quantity, "unit": unit}
            row |= found.columns()
            if np.isfinite(width) and width > 0:
                row |= {"shift": (found.median - usual.median) / width}
                row |= {"width_ratio": (found.high[1] - found.low[1]) / width}
            rows.append(row)
    return pl.DataFrame(rows, schema=SENSITIVITY_SCHEMA)


def tables(
    fits: Sequence[Fitted],
    bootstraps: Mapping[str, pl.DataFrame],
    optimal_scaling: Spec,
    systems: Mapping[str, Spec],
    pair: Sequence[str],
    computes: Sequence[float],
    year: float,
    seed: int,
    replicates: int,
) -> dict[str, pl.DataFrame]:
    """All tables by name. ``bootstraps`` are draws of the variant of a fit, by the fit's name."""
    of: dict[str, Any] = {"optimal_scaling": optimal_scaling, "computes": computes, "year": year}
    of["systems"] = {name: systems[name] for name in pair}
    by_name = {one.name: one for one in fits}
    checked: list[dict[str, Any]] = []
    for one in fits:
        if one.candidate:
            levels, parameters = one.prepared.model.levels, one.prepared.model.prior.parameters
            drawn = arrays(one.draws, parameters, levels)
            prepared = one.prepared
            checked += checks(
                one.name, prepared.variant, prepared.model, prepared.y, drawn, seed, replicates
            )
    compared = {name: by_name[name] for name in bootstraps}
    return {
        "bayes_fits": fits_table(fits),
        "bayes_parameters": parameters_table(fits, seed),
        "bayes_doubling_times": doubling_table(fits, optimal_scaling),
        "bayes_model_average": average_table(fits, optimal_scaling),
        "bayes_shapley": shapley_table(fits, systems),
        "bayes_transformer": transformer_table(fits, computes, year),
        "bayes_against_bootstrap": against_table(compared, bootstraps, **of),
        "bayes_prior_sensitivity": sensitivity_table(fits, **of),
        "bayes_checks": pl.DataFrame(checked, schema=CHECKS_SCHEMA),
    }
