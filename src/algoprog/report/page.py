"""The report: one HTML page, built from the tables and the draws, that needs nothing else.

Figures are inline SVG, styles and the script inline too, and nothing is fetched. Every number in
its text comes from a table or from the configuration; the run times alone are of the machine.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jinja2
import numpy as np
import polars as pl
import yaml
from markupsafe import Markup
from numpy.typing import NDArray

from algoprog.common.intervals import doubling_months
from algoprog.common.numbers import FILTERS, count, format_delta, months, percent
from algoprog.model.growth import growth_rates
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.headline import quoted_interval
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.report.figures import headline as figures
from algoprog.report.figures.headline import Drawing
from algoprog.report.sections import bayes as report_bayes
from algoprog.report.sections import choices as report_choices
from algoprog.report.sections import quantities as report_quantities

Array = NDArray[np.float64]
Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

FIT = ("variant", "delta", "estimator")
ANALYSIS = ("sample", "variant", "delta", "estimator", "resampling")
ROW = ("source", "source_row", "benchmark")
# A fit is said to stop above the minimum if its objective is higher by more than this share.
ABOVE_MINIMUM = 1e-3
RESPONSES = {"own": "each row's own benchmark", "first_available": "the first available benchmark"}
RESAMPLED = {"rows": "rows", "papers": "whole papers"}
# How many models (a variant with its delta) of each scheme of cross-validation are shown.
BEST = 10
# How many disagreements of sources are shown.
CONFLICTS = 20
SCHEMES = {
    "published_split": "Published split",
    "rows": "Leaving out rows",
    "papers": "Leaving out papers",
}


@dataclass(frozen=True)
class Inputs:
    """What a report is made from."""

    tables: Tables
    samples: Tables
    draws: Tables
    config: Mapping[str, Any]

    def analysis(self, name: str) -> Mapping[str, Any]:
        """The configuration of a bootstrap analysis."""
        return self.config["bootstrap"]["analyses"][name]  # type: ignore[no-any-return]

    @property
    def headline(self) -> Mapping[str, Any]:
        """The bootstrap analysis that is the headline."""
        return self.analysis(self.config["headline"]["converged"])

    @property
    def published(self) -> Mapping[str, Any]:
        """The bootstrap analysis of the published procedure."""
        return self.analysis(self.config["headline"]["published"])

    @property
    def analyses(self) -> list[str]:
        """Bootstrap analyses with draws: the headline, the published procedure, then the others."""
        names = [*self.config["headline"].values(), *self.config["bootstrap"]["analyses"]]
        return [name for name in dict.fromkeys(names) if name in self.draws]

    def response(self, sample: str, estimator: str) -> str:
        """The perplexity an estimator explains on a sample."""
        return self.config["samples"][sample]["response"][estimator]  # type: ignore[no-any-return]


def render(
    headline: str,
    run_config: str,
    tables: Tables,
    samples: Tables,
    draws: Tables,
    config: Mapping[str, Any],
    run_times: Sequence[Row] = (),
) -> str:
    """The page as HTML.

    Parameters
    ----------
    headline : the sentences a run ends with, a line each.
    run_config : the record of the run (YAML).
    tables : result tables by name: exclusions, sample_steps, fits, parameters, doubling_times and,
        if it was computed, cross_validation; duplicates and conflicts of several sources.
    samples : sample rows by name of the sample.
    draws : bootstrap draws by name of the analysis.
    config : the configuration as plain built-ins.
    run_times : the rows of :func:`algoprog.report.run_times.run_times`.
    """
    inputs = Inputs(tables, samples, draws, config)
    labels = benchmark_labels(config)
    sample = samples[inputs.headline["sample"]]
    pairs = paired_fits(inputs)
    lines = headline.strip().splitlines()
    made = environment()
    # Markup: the script is ours.
    script = Markup(made.loader.get_source(made, "page.js")[0])  # type: ignore[union-attr]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return made.get_template("report.html.j2").render(
        script=script,
        script_hash=Markup(f"sha256-{digest}"),
        palette=figures.PALETTE,
        dark_palette=figures.DARK_PALETTE,
        answer=[line for line in lines if not _is_basis(line)],
        answer_basis=[line for line in lines if _is_basis(line)],
        config=config,
        inputs=inputs,
        early_stop=early_stop(inputs, pairs),
        basis={estimator: basis(inputs, name) for estimator, name in config["headline"].items()},
        responses=RESPONSES,
        resampled=RESAMPLED,
        doubling_times=list(doubling_time_rows(inputs)),
        quantities=report_quantities.quantities(tables, config),
        audit=report_quantities.audit(tables, config),
        choices=report_choices.choices(tables, config),
        bayes=report_bayes.bayes(tables, config),
        drawn={
            name: _both_widths(name, drawing)
            for name, drawing in page_figures(tables, samples, draws, config)
        },
        composition=composition(sample, labels),
        papers=sample["paper"].n_unique(),
        rows=sample.height,
        first_date=sample["published"].min(),
        last_date=sample["published"].max(),
        steps=list(step_rows(inputs)),
        exclusions=exclusion_counts(inputs),
        disagreements=disagreements(tables),
        fits=fit_tables(inputs, pairs),
        cross_validation=cross_validation(inputs),
        certificates=certificates(tables["fits"]),
        formulas=list(formula_rows(config)),
        run_times={
            "stages": run_times,
            "jobs": sum(row["jobs"] for row in run_times),
            "seconds": sum(row["seconds"] for row in run_times),
        },
        headline_apart=set(pairs["minimum_sample"]) != {inputs.headline["sample"]},
        record=yaml.safe_load(run_config),
        run_config=run_config,
    )


def environment(**templates: str) -> jinja2.Environment:
    """The page's templates, with further ones by name, and the filters they use."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.DictLoader(templates), jinja2.PackageLoader("algoprog.report")]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"delta": format_delta, **FILTERS}
    return made


def page_figures(
    tables: Tables, samples: Tables, draws: Tables, config: Mapping[str, Any]
) -> Iterator[tuple[str, Drawing]]:
    """Every figure of the page, by name."""
    inputs = Inputs(tables, samples, draws, config)
    of_headline = [name for name in inputs.analyses if name in config["headline"].values()]
    for figure, names, title in (
        ("doubling-times", of_headline, "both estimators"),
        ("resampling", inputs.analyses, "every bootstrap analysis"),
    ):
        panels, growth = doubling_time_panels(inputs, names)
        if panels.height and (figure == "doubling-times" or names != of_headline):
            yield (
                figure,
                Drawing(
                    f"Bootstrap distributions of the doubling time of effective compute, {title}",
                    partial(figures.doubling_time_distributions, panels, growth),
                ),
            )
    labels, sample = benchmark_labels(config), samples[inputs.headline["sample"]]
    yield (
        "loss",
        Drawing(
            "Ln perplexity against date of publication, by benchmark and training compute",
            partial(figures.loss_against_date, sample, labels),
        ),
    )
    for page in (report_quantities, report_choices, report_bayes):
        yield from page.figures(tables, config)


def benchmark_labels(config: Mapping[str, Any]) -> dict[str, str]:
    """What each benchmark is called in text and figures."""
    return {name: spec["label"] for name, spec in config["benchmarks"]["definitions"].items()}


# ---- what the page is filled with


def basis(inputs: Inputs, name: str) -> Row:
    """A bootstrap analysis with how many rows and papers it is of, and how many draws it has."""
    analysis = inputs.analysis(name)
    sample = inputs.samples[analysis["sample"]]
    draws = inputs.draws[name].height if name in inputs.draws else 0
    counts = {"rows": sample.height, "papers": sample["paper"].n_unique(), "draws": draws}
    return {"name": name, **analysis, **counts}


def certificates(fits: pl.DataFrame) -> Row:
    """How many converged fits there are and are certified, and the largest certificate of these."""
    own = fits.filter(pl.col("estimator") == "converged")
    certified = own.filter(pl.col("converged"))
    return {
        "fits": own.height,
        "certified": certified.height,
        "largest": certified["subgradient"].max(),
    }


def formula_rows(config: Mapping[str, Any]) -> Iterator[Row]:
    """Formulas of the enabled variants by name of the parameter."""
    for name, spec in config["variants"].items():
        if spec.get("enabled", True):
            first, *rest = spec["exponentials"]
            second = rest[0] if rest else {}
            linear = spec.get("linear") or {}
            yield {"variant": name, "first": first, "second": second, "linear": linear}


def doubling_time_panels(inputs: Inputs, names: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Panels and draws of a figure of doubling times: one for each analysis and benchmark.

    Analyses of a variant without a doubling time of compute in closed form have no panel. Beside
    the headline's draws stands the interval that is quoted, if it is another.
    """
    intervals = inputs.tables.get("headline_interval")
    panels, draws = [], []
    for name in names:
        analysis = inputs.analysis(name)
        response = inputs.response(analysis["sample"], analysis["estimator"])
        drawn = compute_growth(inputs, analysis, inputs.draws[name])
        for row in _compute_rows(inputs, analysis):
            panel = f"{name} {row['benchmark']}"
            on = "" if row["benchmark"] == "all" else f" on {row['benchmark']}"
            title = (
                f"{analysis['estimator'].capitalize()}{on}, {RESAMPLED[analysis['resampling']]}, "
                f"{response.replace('_', ' ')} response: median {months(row['median'])} months; "
                f"{count(row['n_draws'])} draws, {percent(row['share_nonpositive'])} non-positive"
            )
            other = None
            if intervals is not None and name == inputs.config["headline"]["converged"]:
                other = quoted_interval(intervals, row)
            quoted = {
                f"quoted_{end}": other[f"growth_{end}"] if other else None
                for end in ("low", "high")
            }
            panels.append({**row, **quoted, "panel": panel, "title": title})
            draws.append(
                pl.DataFrame({"growth": drawn[row["benchmark"]]}).with_columns(panel=pl.lit(panel))
            )
    empty = pl.DataFrame(schema={"growth": pl.Float64, "panel": pl.String})
    return pl.DataFrame(panels, infer_schema_length=None), pl.concat([empty, *draws])


def compute_growth(
    inputs: Inputs, analysis: Mapping[str, Any], parameters: pl.DataFrame
) -> dict[str, Array]:
    """Growth of effective compute (per year) by benchmark, for each row of `parameters`.

    The only benchmark is ``all`` where the variant's progress is the same on each; there is none
    where growth has no closed form.
    """
    sample, variant = inputs.samples[analysis["sample"]], analysis["variant"]
    spec = inputs.config["variants"][variant]
    benchmarks = Benchmarks.of(inputs.config["benchmarks"])
    model = Model.of(Variant.of(variant, spec), Sample(analysis["sample"], sample, benchmarks))
    form = model.closed_form
    if form is None:
        return {}
    theta = parameters.select(model.parameters).to_numpy()
    growth = {level: growth_rates(found, theta) for level, found in form.parts.items()}
    return {level: found["compute"] for level, found in growth.items() if "compute" in found}


def early_stop(inputs: Inputs, pairs: pl.DataFrame) -> Row | None:
    """The published fit beside the minimum of the same objective; None if it was not computed.

    ``above`` of ``fits`` fits of the published estimator end above the minimum.
    """
    published = inputs.published
    own = pairs.filter(
        pl.col("sample") == published["sample"],
        pl.col("variant") == published["variant"],
        pl.col("delta") == published["delta"],
    )
    if own.is_empty():
        return None
    row = own.row(0, named=True)
    times = {}
    for estimator, sample in (("published", row["sample"]), ("converged", row["minimum_sample"])):
        key = {**published, "sample": sample, "estimator": estimator}
        growth = compute_growth(inputs, key, _estimates(inputs, key))
        first = next(iter(growth.values()), np.array([np.nan]))
        times[estimator] = float(doubling_months(first)[0]) if np.isfinite(first[0]) else None
    return {
        **row,
        "months": times,
        "above": pairs.filter(pl.col("excess") > ABOVE_MINIMUM).height,
        "fits": pairs.height,
        "threshold": ABOVE_MINIMUM,
        "largest_excess": pairs["excess"].max(),
    }


def paired_fits(inputs: Inputs) -> pl.DataFrame:
    """Published fits with the converged fit of the same rows, response, variant and delta.

    Adds ``minimum_sample``, the objective and certificate of that fit (``minimum_...``) and
    ``excess``, by which share the published objective is above the minimum.
    """
    fits = inputs.tables["fits"]
    same: dict[Any, str] = {}
    first = {
        name: same.setdefault(tuple(rows.select(ROW).iter_rows()), name)
        for name, rows in inputs.samples.items()
    }
    fits = fits.with_columns(rows=pl.col("sample").replace(first))
    minima = fits.filter(pl.col("estimator") == "converged").select(
        "rows",
        "variant",
        "delta",
        "response",
        *(
            pl.col(name).alias(f"minimum_{name}")
            for name in (
                "sample",
                "objective",
                "r2",
                "subgradient",
                "converged",
                "n_starts",
                "n_at_best",
            )
        ),
    )
    keys = ["rows", "variant", "delta", "response"]
    minima = minima.unique(keys, keep="first", maintain_order=True)
    return (
        fits.filter(pl.col("estimator") == "published")
        .join(minima, on=keys, how="inner", maintain_order="left")
        .with_columns(excess=pl.col("objective") / pl.col("minimum_objective") - 1)
    )


def fit_tables(inputs: Inputs, pairs: pl.DataFrame) -> list[Row]:
    """The fit table of each delta: variants as rows, with their fits by role.

    Roles: ``published`` (of the published analysis' sample), ``minimum`` (of its objective),
    ``headline`` (of the headline's sample and response). A role that was not fitted is missing.
    """
    fits = inputs.tables["fits"]
    published, headline = inputs.published, inputs.headline
    tables = []
    for delta in inputs.config["deltas"]:
        rows = []
        for variant in fits["variant"].unique(maintain_order=True):
            here = (pl.col("variant") == variant, pl.col("delta") == delta)
            row = {
                "variant": variant,
                "published": _only(fits, published["sample"], "published", *here),
                "headline": _only(fits, headline["sample"], "converged", *here),
                "pair": _only(pairs, published["sample"], "published", *here),
            }
            fitted = row["headline"] or row["published"]
            if fitted:
                rows.append({**row, "p": fitted["p"]})
        tables.append({"delta": delta, "open": delta == headline["delta"], "rows": rows})
    return tables


def cross_validation(inputs: Inputs) -> Row | None:
    """The best models of each scheme, and where the headline's stands; None if not computed.

    A model is a variant with its delta. Of each scheme: ``best``, the rows of the table with the
    smallest errors, best first; ``spread``, by which share the last of them errs more than the
    first; ``headline``, the headline's row, None if it has none; ``n_fits`` and ``n_converged`` of
    all its rows. ``lines`` are the models that are among the best of a scheme or the headline's
    (``own``), with their ``scores`` by each scheme, best first by the last of them; ``judged`` is
    the headline's rank by it.
    """
    table = inputs.tables.get("cross_validation")
    if table is None:
        return None
    headline, schemes = inputs.headline, []
    for (name,), rows in table.group_by("scheme", maintain_order=True):
        best = rows.sort("rank", "variant", "delta").head(BEST)
        first, last = best["mse"][0], best["mse"][-1]
        its_own = rows.filter(*(pl.col(key) == headline[key] for key in ("variant", "delta")))
        schemes.append(
            {
                "name": name,
                "title": SCHEMES[str(name)],
                "estimator": best["estimator"][0],
                "n": best["n"][0],
                "models": rows.height,
                "best": best.to_dicts(),
                "spread": None if None in (first, last) else last / first - 1,
                "headline": its_own.row(0, named=True) if its_own.height else None,
                "n_fits": int(rows["n_fits"].sum()),
                "n_converged": int(rows["n_converged"].sum()),
            }
        )
    schemes.sort(key=lambda scheme: list(SCHEMES).index(scheme["name"]))
    sample = table["sample"][0]
    own = tuple(headline[key] for key in ("variant", "delta"))
    every = {
        (row["variant"], row["delta"], row["scheme"]): row for row in table.iter_rows(named=True)
    }
    names = [scheme["name"] for scheme in schemes]
    models = {(row["variant"], row["delta"]) for scheme in schemes for row in scheme["best"]}
    if schemes[-1]["headline"]:
        models.add(own)
    lines = [
        {
            "variant": variant,
            "delta": delta,
            "own": (variant, delta) == own,
            "scores": [every[variant, delta, name] for name in names],
        }
        for variant, delta in models
    ]
    lines.sort(key=lambda row: (row["scores"][-1]["rank"], row["variant"], row["delta"]))
    return {
        "lines": lines,
        "judged": schemes[-1]["headline"],
        "models": schemes[-1]["models"],
        "sample": sample,
        "rows": inputs.samples[sample].height,
        "schemes": schemes,
        "shown": len(schemes[0]["best"]),  # every scheme has a row for each model
        "headline": schemes[0]["headline"] is not None,
    }


def doubling_time_rows(inputs: Inputs) -> Iterator[Row]:
    """The rows of `doubling_times` in closed form, by bootstrap analysis."""
    order = pl.col("quantity").replace_strict({"compute": 0, "parameters": 1, "data": 2})
    for name in inputs.analyses:
        rows = _of_analysis(inputs, inputs.analysis(name)).sort(order, maintain_order=True)
        yield {**basis(inputs, name), "times": rows.to_dicts()}


def composition(sample: pl.DataFrame, labels: Mapping[str, str]) -> list[Row]:
    """Rows, systems and papers of a sample by benchmark, with the range of perplexity."""
    counts = sample.group_by("benchmark").agg(
        rows=pl.len(),
        systems=pl.struct("source", "source_row").n_unique(),
        papers=pl.col("paper").n_unique(),
        lowest=pl.col("perplexity").min(),
        highest=pl.col("perplexity").max(),
    )
    found = {row["benchmark"]: row for row in counts.iter_rows(named=True)}
    return [{**found[name], "label": label} for name, label in labels.items() if name in found]


def step_rows(inputs: Inputs) -> Iterator[Row]:
    """What is left of the records after each step of the headline's sample."""
    steps, name = inputs.tables["sample_steps"], inputs.headline["sample"]
    for row in steps.filter(pl.col("sample") == name).iter_rows(named=True):
        if row["step"] == "models_per_paper":
            most = inputs.config["samples"][name]["models_per_paper"]
            reason = f"what is beyond the first {most} of a paper by perplexity"
        else:
            reason = inputs.config["exclusions"].get(row["step"], {"reason": ""})["reason"]
        yield {**row, "reason": reason}


def exclusion_counts(inputs: Inputs) -> Row:
    """How many records each reason leaves out, by sample; the headline's sample first."""
    table = inputs.tables["exclusions"]
    names = sorted(inputs.samples, key=lambda name: name != inputs.headline["sample"])
    counts = {
        (row[0], row[1]): row[2]
        for row in table.group_by("sample", "reason", maintain_order=True).len().iter_rows()
    }
    known = [exclusion["reason"] for exclusion in inputs.config["exclusions"].values()]
    found = sorted(set(table["reason"]))
    reasons = [r for r in dict.fromkeys([*known, *found]) if r in found]
    return {
        "samples": names,
        "rows": [
            {
                "reason": reason,
                "counts": [counts.get((name, reason), 0) for name in names],
            }
            for reason in reasons
        ],
        "total": [sum(counts.get((name, reason), 0) for reason in reasons) for name in names],
    }


def disagreements(tables: Tables) -> Row | None:
    """Evaluations that several sources have; None if there are none.

    ``pairs`` of sources with how many agree; the ``rows`` of the largest conflicts, of ``total``.
    """
    pairs = tables.get("duplicates")
    if pairs is None or pairs.is_empty():
        return None
    size = pl.col("relative_difference").cast(pl.Float64)  # texts, if there are only blanks
    conflicts = tables["conflicts"].with_columns(size)
    largest = conflicts.sort(size.abs(), descending=True, nulls_last=True, maintain_order=True)
    return {
        "pairs": pairs.to_dicts(),
        "rows": largest.head(CONFLICTS).to_dicts(),
        "total": conflicts.height,
    }


# ---- rows of tables


def _of_analysis(inputs: Inputs, analysis: Mapping[str, Any]) -> pl.DataFrame:
    return inputs.tables["doubling_times"].filter(
        pl.col("definition") == "closed_form", *(pl.col(key) == analysis[key] for key in ANALYSIS)
    )


def _compute_rows(inputs: Inputs, analysis: Mapping[str, Any]) -> Iterator[Row]:
    return (
        _of_analysis(inputs, analysis).filter(pl.col("quantity") == "compute").iter_rows(named=True)
    )


def _estimates(inputs: Inputs, key: Mapping[str, Any]) -> pl.DataFrame:
    """Estimates of one fit, a column for each parameter."""
    rows = inputs.tables["parameters"].filter(
        *(pl.col(name) == key[name] for name in ("sample", *FIT))
    )
    return pl.DataFrame(dict(rows.select("term", "estimate").iter_rows()))


def _only(table: pl.DataFrame, sample: str, estimator: str, *where: pl.Expr) -> Row | None:
    rows = table.filter(pl.col("sample") == sample, pl.col("estimator") == estimator, *where)
    return rows.row(0, named=True) if rows.height else None


def _is_basis(line: str) -> bool:
    """Whether a line of the headline says what an answer rests on."""
    return " estimator; " in line


def _both_widths(name: str, drawing: Drawing) -> Markup:
    """A figure for a page and one for a phone; the style sheet shows one of them."""
    both = []
    for width, narrow in (("wide", False), ("narrow", True)):
        drawn = figures.inline_svg(drawing.draw(narrow), f"{name}-{width}", drawing.title)
        both.append(f'<div class="{width}">{drawn}</div>')
    # Markup: the SVG is ours, with everything in it escaped when it was written.
    return Markup("".join(both))
