"""Draw a sample from the evaluations, and say why each other record is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.records.agreement import shown
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.holding import holds
from algoprog.records.measured import Measured, with_variables
from algoprog.records.tables import WARNINGS
from algoprog.records.tokens import ConditionError
from algoprog.records.variation import CONSEQUENCE, fixed
from algoprog.tables.frames import frame_of

# What an analysis uses of a record. Links and flags that only exclusions read stay out, so that an
# edit of them changes no sample, and nothing made from one.
COLUMNS = [
    "source",
    "source_row",
    "system",
    "paper",
    "published",
    "architecture",
    "benchmark",
    "perplexity",
    "perplexity_first_available",
    "parameters",
    "dataset_tokens",
    "epochs",
    "vocabulary",
    "training_compute",
    "zero_shot",
    "uses_cache",
]
EXCLUDED = ["source", "source_row", "system", "benchmark", "reason"]

_ENTRY = ["source", "source_row"]


@dataclass(frozen=True)
class Exclusion:
    """A condition (SQL on the fields of a record) whose records leave, and why."""

    where: str
    reason: str


@dataclass(frozen=True)
class SampleSpec:
    """What a sample is drawn by.

    Attributes
    ----------
    name : of the configuration.
    exclusions : conditions whose records leave, by name, in the order they are applied.
    models_per_paper : rows that stay of each paper; all where it is None.
    benchmarks : the test sets in their order.
    ranked_within : what `models_per_paper` counts: a paper's rows on each benchmark, or all of its
        rows (the published rule).
    variables : added variables that each row must have, by name.
    """

    name: str
    exclusions: dict[str, Exclusion]
    models_per_paper: int | None
    benchmarks: Benchmarks
    ranked_within: str = "benchmark"
    variables: dict[str, Measured] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        spec: Plain,
        exclusions: Mapping[str, Mapping[str, str]],
        benchmarks: Benchmarks,
    ) -> SampleSpec:
        """Return the sample ``name`` of a configuration, from its sections as plain built-ins."""
        chosen = {
            one: Exclusion(exclusions[one]["where"], exclusions[one]["reason"])
            for one in spec["exclusions"]
        }
        within = spec.get("ranked_within", "benchmark")
        added = spec.get("variables") or {}
        variables = {one: Measured(**added[one]) for one in added}
        return cls(name, chosen, spec["models_per_paper"], benchmarks, within, variables)

    def without(self, *exclusions: str) -> SampleSpec:
        """Return the sample without some of its exclusions.

        Raises
        ------
        InputError
            for an exclusion that it does not have.
        """
        unknown = sorted(set(exclusions) - set(self.exclusions))
        if unknown:
            fix = f"name exclusions of the sample: {', '.join(self.exclusions)}"
            raise InputError(f"sample {self.name}", "exclusions", ", ".join(unknown), fix)
        kept = {name: one for name, one in self.exclusions.items() if name not in exclusions}
        return replace(self, exclusions=kept)


@dataclass(frozen=True)
class Sample:
    """The rows an analysis is made on, in their final order, with what they are named by.

    ``rows`` has the columns row (from 0), then :data:`COLUMNS`, then one for each added variable.
    """

    name: str
    rows: pl.DataFrame
    benchmarks: Benchmarks

    @classmethod
    def read(cls, file: str, name: str, benchmarks: Plain) -> Sample:
        """Return the sample of a file, with the configuration's benchmarks as plain built-ins."""
        return cls(name, pl.read_parquet(file), Benchmarks.of(benchmarks))

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.rows.height

    @property
    def papers(self) -> int:
        """Number of papers the rows are of."""
        return self.rows["paper"].n_unique()

    def with_rows(self, rows: pl.DataFrame) -> Sample:
        """Return a sample of other rows under the same name."""
        return replace(self, rows=rows)

    def take(self, rows: NDArray[np.int64]) -> Sample:
        """Return the sample of some rows, by number and in their order."""
        return self.with_rows(self.rows[rows])

    def __repr__(self) -> str:
        counts = self.rows["benchmark"].value_counts(sort=True)
        on = ", ".join(f"{name} {count}" for name, count in counts.iter_rows())
        return f"Sample({self.name}: {self.height} rows of {self.papers} papers; {on})"


@dataclass(frozen=True)
class Selection:
    """A sample and how it came about.

    rows      the sample in its final order: row (from 0), then :data:`COLUMNS`
    excluded  every other record: source, source_row, system, benchmark, reason
    steps     what is left after each step: step, systems (entries), rows (records)
    warnings  the table of that name: rows that another source's rows took the place of
    """

    rows: pl.DataFrame
    excluded: pl.DataFrame
    steps: pl.DataFrame
    warnings: pl.DataFrame


def select(evaluations: pl.DataFrame, spec: SampleSpec) -> Selection:
    """Return the sample of ``evaluations`` that ``spec`` describes (docs/method.md, section 1).

    A record leaves by the first of the sample's exclusions whose condition holds; a condition
    that is unknown because a field is blank does not hold. A record without one of the sample's
    variables leaves too. The others are put in order: benchmark
    by benchmark as configured, within a benchmark by source and entry; then a stable sort by paper
    and first-available perplexity, that is the perplexity of the system's entry on the first
    benchmark, as configured, that it has (whether or not that record is in the sample). Of each
    paper the first `models_per_paper` rows stay: the first in this order, or, ranked within a
    benchmark, those of least perplexity on each.

    Raises
    ------
    InputError
        for a condition that is not valid SQL or names no field, a sample without rows or with rows
        that no analysis can use, or a benchmark with a single row, whose dummy would fit it
        exactly and leave it without a word on anything else.
    """
    order = {benchmark: i for i, benchmark in enumerate(spec.benchmarks.names)}
    position = pl.col("benchmark").replace_strict(order, default=None, return_dtype=pl.Int64)
    kept = evaluations.with_columns(position.alias("position")).sort(*_ENTRY, "position")
    kept = kept.with_columns(
        pl.col("perplexity").drop_nulls().first().over(_ENTRY).alias("perplexity_first_available")
    )
    everything = kept
    steps = [_step("records", kept)]
    left_out: list[pl.DataFrame] = []
    for step, why, leaving in _reasons(evaluations.columns, spec):
        leaves = leaving(kept)
        left_out.append(kept.filter(leaves).with_columns(pl.lit(why).alias("reason")))
        kept = kept.filter(~leaves)
        steps.append(_step(step, kept))
    _check_usable(spec.name, kept, len(everything))

    ordered = kept.sort("position", *_ENTRY).sort(
        "paper", "perplexity_first_available", maintain_order=True
    )
    displaced: list[Plain] = []
    if spec.models_per_paper is not None:
        ordered, beyond = _first_of_papers(ordered, spec)
        displaced = list(_displaced(beyond, spec))
        left_out.append(beyond.drop("among_its_source"))
        steps.append(_step("models_per_paper", ordered))
    _check_benchmarks(spec.name, ordered)

    excluded = (
        pl.concat(left_out) if left_out else everything.clear().with_columns(reason=pl.lit(""))
    )
    excluded = excluded.sort(*_ENTRY, "position").select(EXCLUDED)
    if len(excluded) + len(ordered) != len(everything):
        raise AssertionError(f"sample {spec.name}: a record is neither in it nor left out")
    rows = (
        ordered.select(*COLUMNS, *with_variables(ordered, spec.variables))
        .with_row_index("row")
        .cast({"row": pl.Int64})
    )
    warnings = frame_of(WARNINGS, [*displaced, *_fixed(rows, spec)])
    return Selection(rows, excluded, pl.DataFrame(steps), warnings)


def _reasons(
    fields: list[str], spec: SampleSpec
) -> Iterator[tuple[str, str, Callable[[pl.DataFrame], pl.Series]]]:
    """Each step by which records leave: its name, the reason, and which of some records do."""
    for name, exclusion in spec.exclusions.items():
        yield name, exclusion.reason, partial(_leaves, fields, name, exclusion.where)
    for name, one in spec.variables.items():
        why = f"no value of the variable {name}: {one.formula}"
        yield f"variable {name}", why, partial(_lacks, name, one)


def _lacks(name: str, one: Measured, records: pl.DataFrame) -> pl.Series:
    """Whether each record is without a variable."""
    return one.of(name, records).is_null()


def _fixed(rows: pl.DataFrame, spec: SampleSpec) -> Iterator[Plain]:
    """Rows of the table `warnings`: what does not vary in the sample."""
    for one in fixed(rows):
        said = f"{one.said}: {CONSEQUENCE[one.field]}"
        about = {"field": one.field, "value": one.value, "said": said}
        yield {"kind": "fixed", "sample": spec.name, **about}


def _first_of_papers(ordered: pl.DataFrame, spec: SampleSpec) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that `models_per_paper` keeps, and the others with the reason.

    Of the others `among_its_source` says whether a row is among the first of its own source.
    """
    most = spec.models_per_paper
    assert most is not None
    by_benchmark = spec.ranked_within == "benchmark"
    group = ["paper", "benchmark"] if by_benchmark else ["paper"]
    numbered = ordered.with_row_index("place")
    ranked = numbered.sort("perplexity", maintain_order=True) if by_benchmark else numbered
    ranked = ranked.with_columns(
        (pl.int_range(pl.len()).over(group) >= most).alias("beyond"),
        (pl.int_range(pl.len()).over(*group, "source") < most).alias("among_its_source"),
    ).sort("place")
    rows = "row" if most == 1 else f"{most} rows"
    on = " on its benchmark" if by_benchmark else ""
    reason = pl.lit(f"beyond the first {rows} of its paper{on}").alias("reason")
    kept = ranked.filter(~pl.col("beyond")).drop("place", "beyond", "among_its_source")
    return kept, ranked.filter("beyond").drop("place", "beyond").with_columns(reason)


def _displaced(beyond: pl.DataFrame, spec: SampleSpec) -> Iterator[Plain]:
    """Rows of the table `warnings`: what would be in the sample without another source's rows."""
    for row in beyond.filter("among_its_source").iter_rows(named=True):
        entry = f"entry {row['source_row']} ({row['system']}) on {row['benchmark']}"
        yield {
            "kind": "displaced",
            "sample": spec.name,
            **{name: row[name] for name in ("source", "source_row", "system", "benchmark")},
            "field": "perplexity",
            "value": shown(row["perplexity"]),
            "said": f"{entry} is not in the sample, for other sources have rows of its paper that "
            f"come before it (models_per_paper: {spec.models_per_paper}, ranked_within: "
            f"{spec.ranked_within})",
        }


def draw_sample(evaluations: pl.DataFrame, spec: SampleSpec) -> Sample:
    """Return the sample of ``evaluations`` that ``spec`` describes, without how it came about."""
    return Sample(spec.name, select(evaluations, spec).rows, spec.benchmarks)


def check_baseline(sample: Sample) -> None:
    """Refuse a sample of the configuration without rows on the baseline benchmark.

    Predictions are on it; parts of a sample, as checks and the multiverse have them, have a
    stand-in (:func:`algoprog.model.units.benchmark_levels`).

    Raises
    ------
    InputError
        naming the benchmarks that are there.
    """
    present, benchmarks = set(sample.rows["benchmark"]), sample.benchmarks
    if benchmarks.baseline not in present:
        known = [benchmark for benchmark in benchmarks.names if benchmark in present]
        found = f"{benchmarks.baseline}, of which sample {sample.name} has no row"
        fix = f"predictions are on the baseline: name one of {', '.join(known)}"
        raise InputError("config.yaml", "benchmarks.baseline", found, fix)


def _step(step: str, kept: pl.DataFrame) -> dict[str, Any]:
    return {"step": step, "systems": kept.select(_ENTRY).n_unique(), "rows": len(kept)}


def _leaves(fields: list[str], exclusion: str, where: str, records: pl.DataFrame) -> pl.Series:
    """Whether a condition holds for each record."""
    place = f"exclusions.{exclusion}.where"
    try:
        return holds(records.select(fields), where)
    except ConditionError as error:
        raise InputError("config.yaml", place, where, str(error)) from None


def _check_usable(name: str, kept: pl.DataFrame, records: int) -> None:
    where = f"sample {name}"
    if kept.is_empty():
        fix = f"relax samples.{name}.exclusions: they leave out every record"
        raise InputError(where, f"rows left of {records} records", 0, fix)
    for needed in ("perplexity", "published", "parameters", "dataset_tokens"):
        unusable = pl.col(needed).is_null()
        if needed in ("parameters", "dataset_tokens"):
            unusable |= pl.col(needed) <= 0
        found = kept.filter(unusable)
        if not found.is_empty():
            first = found.row(0, named=True)
            fix = (
                f"{len(found)} of its rows have no {needed} that can be analysed: add an exclusion "
                f"such as `{needed} IS NULL` to samples.{name}.exclusions"
            )
            place = f"{first['system']} (source {first['source']}, entry {first['source_row']})"
            raise InputError(where, f"{place}, {needed}", first[needed], fix)


def _check_benchmarks(name: str, rows: pl.DataFrame) -> None:
    counts = rows.group_by("benchmark", "position").len().sort("position")
    alone = counts.filter(pl.col("len") == 1)
    if not alone.is_empty():
        benchmark = alone["benchmark"][0]
        row = rows.filter(pl.col("benchmark") == benchmark).row(0, named=True)
        fix = (
            f"the terms of {benchmark} cannot be estimated from one row ({row['system']}): "
            f"add records on it, or an exclusion such as `benchmark = '{benchmark}'` "
            f"to samples.{name}.exclusions"
        )
        raise InputError(f"sample {name}", f"rows on benchmark {benchmark}", 1, fix)
