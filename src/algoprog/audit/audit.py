"""The audit: which of our numbers stands beside each published one.

It knows what the ids of the published numbers mean and where our tables have the same; how two
numbers are compared is :mod:`algoprog.audit.reproduction`'s.

Converged figures are the headline's: its sample and response, intervals of resampled papers. Where
a published number is that of one fit (an objective, an estimate), the converged one is the minimum
of the same objective on the same rows and response, for only these can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.audit.published_noise import draws_apart
from algoprog.audit.reproduction import (
    Figure,
    Reproduced,
    central,
    interval_noise,
    reproduction_table,
)
from algoprog.audit.tables import READ
from algoprog.common.intervals import INTERVAL_ENDS, MONTHS
from algoprog.estimators.converged import Fit, thorough
from algoprog.estimators.fit_tables import FIT_KEYS
from algoprog.model.changes import MULTIPLIER, Change, changed
from algoprog.model.growth import growth_rates
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.transformer import compute_equivalent_gain, loss_reduction
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.refit import Refit, read_refits
from algoprog.tables.csv import read_tables

Array = NDArray[np.float64]
Row = Mapping[str, Any]
Spec = Mapping[str, Any]

NOT_COMPUTED = "not computed under this configuration"
# The known defects (docs/method.md, section 9, and ours from 8 on) that numbers suffer from.
PENALISED, RATIOS = 8, 9
NOTES = {
    "ratios": "The printed ends are percentiles of ratios that change sign at no progress, so "
    "negative draws count as the fastest; as quantiles of growth the interval has no lower end "
    "below zero.",
    "multiplier": "Reproduced, but the penalty on gamma pulls the multiplier towards halving the "
    "loss; penalised towards no effect, the reduction is about half as large.",
    "search": "Ours solves the same problem to machine precision; the printed median is that of a "
    "search with a tolerance.",
    "pool": "Of {n} draws {never} never reach the target. Ours has their doubling time infinite; "
    "without them the interval is {without}, were they the fastest {fastest}. How the published "
    "search counted them is not said.",
    "abstract": "Published as a 90 % interval; the 95 % interval of our pool is {low:.1f} to "
    "{high:.1f} months.",
    "score": "The optimiser stops early; where it does depends on rounding: on the start, the "
    "order of the rows, the number of threads, the versions of the libraries.",
}
_SPAN = 0.25  # nats: pairs whose predicted loss falls less have shares of next to nothing


class NotComputedError(LookupError):
    """What a number is looked up in is not part of this configuration."""


@dataclass(frozen=True)
class Evidence:
    """What numbers are looked up in.

    tables       result tables by name
    samples      rows of each sample by name
    published    the published bootstrap
    headline     the headline's
    transformer  the published bootstrap with the transformer's multiplier, None if not drawn
    pool         the members of the published pool
    repeated     draws with moved starts (:func:`~algoprog.audit.published_noise.repeated_draws`):
                 ``published``, ``transformer`` and ``pool`` (one frame for each member)
    scores       :func:`~algoprog.audit.published_noise.repeated_scores`
    settings     the configuration's variants, benchmarks, optimal_scaling, transformer, and the
                 names of the published ``pool`` and of the converged one
    """

    tables: Mapping[str, pl.DataFrame]
    samples: Mapping[str, pl.DataFrame]
    published: Refit
    headline: Refit
    transformer: Refit | None
    pool: Sequence[Refit]
    repeated: Mapping[str, Sequence[pl.DataFrame]]
    scores: pl.DataFrame
    settings: Spec

    def table(self, name: str) -> pl.DataFrame:
        """A result table.

        Raises
        ------
        NotComputedError
            if the configuration has not made it.
        """
        if name not in self.tables:
            raise NotComputedError(name)
        return self.tables[name]

    def row(self, table: str, key: Spec, **more: Any) -> Row:
        """The one row of a table with this key.

        Raises
        ------
        NotComputedError
            if the configuration has not made it.
        """
        frame = self.table(table)
        if frame.is_empty():  # read from an empty file, its columns have no types
            raise NotComputedError(table)
        wanted = {name: value for name, value in key.items() if name in frame.columns} | more
        found = frame.filter(*(pl.col(name) == value for name, value in wanted.items()))
        if found.is_empty():
            raise NotComputedError(f"{table}: {wanted}")
        return found.row(0, named=True)

    def both(self, line: Row, table: str, **more: Any) -> tuple[Row, Row]:
        """Rows of the published bootstrap and of the headline, for a number of the former's model.

        Raises
        ------
        NotComputedError
            if the number is of another model, or there is no such row.
        """
        key = self.published.key
        if any(line[name] not in (None, key[name]) for name in ("variant", "delta")):
            raise NotComputedError(f"{line['variant']}, delta {line['delta']}")
        return self.row(table, key, **more), self.row(table, self.headline.key, **more)

    def minimum(self) -> Row:
        """Key of the converged fit of the published rows and response."""
        published = self.published.fit.row(0, named=True)
        rows = self.samples[published["sample"]].select("source", "source_row", "benchmark")
        fits = self.table("fits").filter(
            pl.col("estimator") == "converged",
            *(pl.col(name) == published[name] for name in ("variant", "delta", "response")),
        )
        for row in fits.iter_rows(named=True):
            same = self.samples[row["sample"]].select(rows.columns)
            if same.equals(rows):
                return {name: row[name] for name in FIT_KEYS}
        raise NotComputedError("a converged fit of the published response")

    def minimum_of(self, change: Change) -> Fit:
        """The converged fit of the published bootstrap's model, changed, on its rows and response.

        Raises
        ------
        NotComputedError
            if it has no certificate.
        """
        fit = self.published.fit.row(0, named=True)
        model = self.model(fit["sample"], fit["variant"], change)
        found = thorough(model.design, model.observed(fit["response"]).response, fit["delta"])
        if not found.converged:
            raise NotComputedError(f"a minimum with {change}")
        return found

    def model(self, sample: str, variant: str, change: Change | None = None) -> Model:
        """A variant of the configuration, maybe with a change, on a sample."""
        known = Benchmarks.of(self.settings["benchmarks"])
        spec = Variant.of(variant, self.settings["variants"][variant])
        return Model.of(changed(spec, change), Sample(sample, self.samples[sample], known))


def read_evidence(
    files: Any,
    samples: Sequence[str],
    headline: str,
    published: str,
    analyses: Sequence[str],
    repeated: Mapping[str, Sequence[str]],
    settings: Spec,
) -> Evidence:
    """From the files of a rule.

    Parameters
    ----------
    files : its inputs tables, corrections, rows (of ``samples``), analysis_fits and draws (of
        ``analyses``), noise (of all ``repeated``) and scores.
    headline, published : names of the headline and the published bootstrap.
    repeated : names of the analyses drawn with moved starts, by role: published, transformer, pool.
    """
    refits = dict(zip(analyses, read_refits(files, analyses), strict=True))
    moved = draws_apart([pl.read_parquet(path) for path in files.noise])
    tables = read_tables([path for path in map(Path, files.tables) if path.stem in READ], READ)
    rows = map(pl.read_parquet, files.rows)
    return Evidence(
        tables=tables | {"corrections": pl.read_parquet(files.corrections)},
        samples=dict(zip(samples, rows, strict=True)),
        published=refits[published],
        headline=refits[headline],
        transformer=next((refits[name] for name in repeated["transformer"]), None),
        pool=[refits[name] for name in repeated["pool"]],
        repeated={role: [moved[name] for name in names] for role, names in repeated.items()},
        scores=pl.read_parquet(files.scores),
        settings=settings,
    )


def audit_table(published: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Return the table `reproduction`.

    ``published`` is of :func:`~algoprog.audit.reproduction.read_published`.
    A number of an id this module does not know, or that the configuration has not computed, is not
    determined, with the reason.
    """
    ours: dict[str, Reproduced] = {}
    not_determined: dict[str, str] = {}
    for line in published.iter_rows(named=True):
        try:
            found = _of(line, evidence)
        except NotComputedError:
            not_determined[line["id"]] = NOT_COMPUTED
        else:
            if isinstance(found, str):
                not_determined[line["id"]] = found
            else:
                ours[line["id"]] = found
    return reproduction_table(published, ours, not_determined)


def _of(line: Row, evidence: Evidence) -> Reproduced | str:
    """Ours beside one published number, or why there is none."""
    name = line["id"]
    for pattern, look_up in _LOOK_UPS.items():
        if re.fullmatch(pattern, name):
            return look_up(line, evidence)
    return "an id this version does not know"


# ---- by kind of number


def _sample(line: Row, evidence: Evidence) -> Reproduced | str:
    key = {"sample": evidence.published.key["sample"]}
    rows = evidence.samples[key["sample"]]
    steps = {
        "sample.rows_all": ("records", "systems"),
        "sample.rows_long": ("no_perplexity", "rows"),
        "sample.rows_cluster": ("not_comparable", "rows"),
    }
    if line["id"] in steps:
        step, column = steps[line["id"]]
        number = evidence.row("sample_steps", key, step=step)[column]
    elif line["id"] == "sample.rows":
        number = rows.height
    else:
        number = rows.filter(pl.col("architecture") == "transformer").height
    return Reproduced(Figure(float(number)), Figure(float(number)))


def _estimate(line: Row, evidence: Evidence) -> Reproduced | str:
    """An objective or a parameter of m07."""
    term = line["id"].removeprefix("m07.")
    table, column, more = (
        ("fits", "objective", {})
        if term == "objective"
        else ("parameters", "estimate", {"term": term})
    )
    key = {"variant": line["variant"], "delta": line["delta"]}
    ours = evidence.row(table, {**evidence.published.fit_key, **key}, **more)[column]
    try:
        minimum = Figure(evidence.row(table, {**evidence.minimum(), **key}, **more)[column])
    except NotComputedError:  # no sample has the converged estimator on the published response
        minimum = Figure()
    return Reproduced(Figure(ours), minimum)


def _doubling(line: Row, evidence: Evidence) -> Reproduced | str:
    """A bootstrap's doubling time of one quantity, by either definition."""
    parts = line["id"].removeprefix("m07.doubling.").split(".")
    quantity = {"params": "parameters"}.get(parts[0], parts[0])
    definition = parts[1] if len(parts) > 1 else "closed_form"
    unit = MONTHS if line["unit"] == "years" else 1.0
    more = {"quantity": quantity, "definition": definition}
    rows = evidence.both(line, "doubling_times", **more)
    growth = _growth(evidence, evidence.published, definition, quantity)
    note, defect = "", None
    if rows[0]["ci95_low"] < 0:
        note, defect = NOTES["ratios"], RATIOS
    elif definition == "optimal_scaling":
        note = NOTES["search"]
    return Reproduced(
        published=_interval(rows[0], line["level"], unit),
        converged=_interval(rows[1], line["level"], unit),
        noise=_spread(
            [
                central(_months(growth(frame), unit), line["level"])
                for frame in _repetitions(evidence.repeated["published"][0])
            ]
        ),
        monte_carlo=interval_noise(_months(growth(evidence.published.draws), unit), line["level"]),
        note=note,
        defect=defect,
    )


def _pool(line: Row, evidence: Evidence) -> Reproduced | str:
    """The pool of the ten best; the abstract's interval is of it too."""
    names = evidence.settings["pools"]
    rows = []
    for estimator in ("published", "converged"):
        table = evidence.table("pooled_doubling_times").filter(
            pl.col("name") == names[estimator], pl.col("pool").str.starts_with("top")
        )
        if table.is_empty() or not table["n_sets"][0]:
            raise NotComputedError("pool")
        rows.append(table.row(0, named=True))
    repeated = [
        np.concatenate(
            [
                part
                for member, frames in zip(evidence.pool, evidence.repeated["pool"], strict=True)
                for part in _scaling(evidence, member, _repetitions(frames)[k])
            ]
        )
        for k in range(len(_repetitions(evidence.repeated["pool"][0])))
    ]
    draws = np.concatenate(
        [part for member in evidence.pool for part in _scaling(evidence, member, member.draws)]
    )
    if line["level"] == 95:
        note = _uncounted(_months(draws), line["level"])
    else:
        note = NOTES["abstract"].format(low=rows[0]["ci95_low"], high=rows[0]["ci95_high"])
    return Reproduced(
        published=_interval(rows[0], line["level"]),
        converged=_interval(rows[1], line["level"]),
        noise=_spread([central(_months(growth), line["level"]) for growth in repeated]),
        monte_carlo=interval_noise(_months(draws), line["level"]),
        note=note,
    )


def _uncounted(months: Array, level: float) -> str:
    """What draws without a doubling time do to a pool's interval, by how they are counted."""
    never = np.isinf(months)
    if never.all() or not never.any():
        return ""

    def interval(counted: Array) -> str:
        found = central(counted, level)
        return f"{found.low:.2f} to {found.high:.1f} months"

    return NOTES["pool"].format(
        n=len(months),
        never=int(never.sum()),
        without=interval(months[~never]),
        fastest=interval(np.where(never, 0.0, months)),
    )


def _loss(line: Row, evidence: Evidence) -> Reproduced | str:
    system = line["id"].removeprefix("shapley.loss.")
    ours, headline = evidence.both(line, "predicted_loss", system=system)
    return Reproduced(Figure(ours["loss"]), _about(headline, "loss"))


def _share(line: Row, evidence: Evidence) -> Reproduced | str:
    pair, _, factor = line["id"].removeprefix("shapley.").rpartition(".")
    first, second = pair.split("->")
    factor = {"params": "parameters", "param_efficiency": "parameter_efficiency"}.get(
        factor, factor
    )
    more = {"from_system": first, "to_system": second, "factor": factor}
    ours, headline = evidence.both(line, "shapley", **more)
    return Reproduced(Figure(ours["share"]), _about(headline, "share"))


def _compute_share(line: Row, evidence: Evidence) -> Reproduced | str:
    """The span of compute shares over pairs, of which it is not said which they are."""
    frame = evidence.tables.get("shapley")
    if frame is None or frame.is_empty():
        raise NotComputedError("shapley")
    spans = []
    for analysis in (evidence.published, evidence.headline):
        shares = frame.filter(
            pl.col("factor") == "compute",
            pl.col("reduction") > _SPAN,
            *(pl.col(name) == value for name, value in analysis.key.items()),
        )["share"].to_numpy()
        if not len(shares):
            raise NotComputedError("shapley")
        spans.append(f"{100 * shares.min():.0f} to {100 * shares.max():.0f} %")
    return (
        "It is not said which pairs the span is of. Over all pairs whose predicted loss falls by "
        f"more than {_SPAN} nats ours is {spans[0]} (published estimator), {spans[1]} (converged)."
    )


def _transformer(line: Row, evidence: Evidence) -> Reproduced | str:
    what = line["id"].removeprefix("transformer.")
    compute = float(what.split(".")[1]) if "." in what else None
    more: dict[str, Any] = {"form": "multiplier"} | ({"compute": compute} if compute else {})
    ours, headline = evidence.both(line, "transformer", **more)
    if what in ("objective", "gamma"):
        fit = evidence.minimum_of(Change("multiplier"))
        if what == "objective":
            return Reproduced(Figure(ours["objective"]), Figure(fit.objective))
        return Reproduced(Figure(ours["parameter"]), Figure(fit.estimates()[MULTIPLIER]))
    analysis = evidence.transformer
    if analysis is None:
        raise NotComputedError("transformer")
    key = analysis.key
    surface = evidence.model(key["sample"], key["variant"], Change("multiplier")).surface
    year = evidence.settings["transformer"]["year"]

    def values(draws: pl.DataFrame) -> Array:
        theta = draws.select(surface.names).to_numpy()
        if compute is None:
            return 100.0 * loss_reduction(surface, theta)
        return compute_equivalent_gain(surface, theta, compute, year)

    prefix, unit = ("reduction_", 100.0) if compute is None else ("gain_", 1.0)
    return Reproduced(
        published=_interval(ours, line["level"], 1 / unit, prefix),
        converged=_interval(headline, line["level"], 1 / unit, prefix),
        noise=_spread(
            [
                central(values(frame), line["level"])
                for frame in _repetitions(evidence.repeated["transformer"][0])
            ]
        ),
        monte_carlo=interval_noise(values(analysis.draws), line["level"]),
        note=NOTES["multiplier"],
        defect=PENALISED,
    )


def _era(line: Row, evidence: Evidence) -> Reproduced | str:
    year = int(line["id"][3:7])
    more = {"form": "jump", "year": year, "era": "after", "quantity": "compute"}
    ours, _ = evidence.both(line, "era_split", **more)
    fit = evidence.minimum_of(Change(era=year, form="jump"))
    return Reproduced(Figure(ours["objective"]), Figure(fit.objective))


def _score(line: Row, evidence: Evidence) -> Reproduced | str:
    column = "r2" if line["id"].startswith("cv.r2.") else "mse"
    key = {"variant": line["variant"], "delta": line["delta"]}
    ours = evidence.row("cross_validation", key, scheme="published_split")[column]
    try:
        converged = Figure(evidence.row("cross_validation", key, scheme="papers")[column])
    except NotComputedError:
        converged = Figure()
    repeated = evidence.scores.filter(
        pl.col("variant") == line["variant"], pl.col("delta") == line["delta"]
    )[column].to_numpy()
    noise = Figure(float(np.std(repeated, ddof=1))) if len(repeated) > 1 else Figure()
    return Reproduced(Figure(ours), converged, noise, note=NOTES["score"] if noise.value else "")


_LOOK_UPS: dict[str, Callable[[Row, Evidence], Reproduced | str]] = {
    r"sample\.(rows(_all|_long|_cluster)?|transformer_rows)": _sample,
    r"m07\.doubling\.(params|data|compute|compute\.optimal_scaling)": _doubling,
    r"m07\.\w+": _estimate,
    r"top10\.doubling\.compute": _pool,
    r"headline\.abstract\.v1": lambda line, evidence: _doubling(
        {**line, "id": "m07.doubling.compute"}, evidence
    ),
    r"headline\.abstract\.neurips": _pool,
    r"shapley\.compute_share": _compute_share,
    r"shapley\.loss\..+": _loss,
    r"shapley\..+->.+\.\w+": _share,
    r"transformer\.(objective|gamma|reduction|ceg\.\d+e\d+)": _transformer,
    r"era\d{4}\.objective": _era,
    r"cv\.(r2\.)?m\d\d\..+": _score,
}


# ---- figures


def _interval(row: Row, level: float, unit: float = 1.0, prefix: str = "") -> Figure:
    """Median and interval of a row, divided by ``unit``."""
    names = ("median", f"ci{level:g}_low", f"ci{level:g}_high")
    if not set(names) <= set(INTERVAL_ENDS):
        raise NotComputedError(f"level {level:g}")
    return Figure(*(row[prefix + name] / unit for name in names))


def _about(row: Row, column: str) -> Figure:
    """A point with the 95 % interval of its draws."""
    return Figure(row[column], row["ci95_low"], row["ci95_high"])


def _months(growth: Array, unit: float = 1.0) -> Array:
    """Doubling times of draws as the published procedure has them, negative ones included."""
    with np.errstate(divide="ignore"):
        return np.asarray(MONTHS * np.log(2) / growth / unit)


def _repetitions(frame: pl.DataFrame) -> list[pl.DataFrame]:
    return frame.partition_by("repetition", maintain_order=True, include_key=False)


def _spread(figures: Sequence[Figure]) -> Figure:
    """Standard deviation of each part over repetitions; none for fewer than two."""
    if len(figures) < 2:
        return Figure()
    parts = np.array([[value for _, value in figure.parts()] for figure in figures], dtype=float)
    return Figure(*np.std(parts, axis=0, ddof=1).tolist())


def _growth(
    evidence: Evidence, analysis: Refit, definition: str, quantity: str
) -> Callable[[pl.DataFrame], Array]:
    """Growth per year as a function of draws, on the first benchmark where there are several."""
    if definition == "optimal_scaling":
        return lambda draws: _scaling(evidence, analysis, draws)[0]
    key = analysis.key
    form = evidence.model(key["sample"], key["variant"]).closed_form
    if form is None:
        raise NotComputedError("no closed form")
    parts, names = form.first, list(analysis.estimates)

    def growth(draws: pl.DataFrame) -> Array:
        return growth_rates(parts, draws.select(names).to_numpy())[quantity]

    return growth


def _scaling(evidence: Evidence, analysis: Refit, draws: pl.DataFrame) -> list[Array]:
    """Growth by optimal scaling of draws, one set for each benchmark."""
    key, settings = analysis.key, evidence.settings
    model = evidence.model(key["sample"], key["variant"])
    form = OptimalScaling.of(model, **settings["optimal_scaling"])
    return list(form.growth_of(draws).values()) if form else []
