"""What the audit looks numbers up in: result tables, draws of the published procedure, its noise.

It knows where our tables have a number; it knows no published number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.audit.published_noise import draws_apart
from algoprog.audit.reproduction import Row
from algoprog.audit.tables import READ
from algoprog.estimators.converged import Fit, thorough
from algoprog.estimators.fit_tables import FIT_KEYS
from algoprog.model.changes import Change, changed
from algoprog.model.growth import ClosedForm
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.refit import Refit, read_refits
from algoprog.tables.csv import read_tables

Array = NDArray[np.float64]
Plain = dict[str, Any]


@dataclass(frozen=True)
class TransformerSettings:
    """Training compute in FLOP and the date of the transformer's gains."""

    computes: tuple[float, ...]
    year: float


@dataclass(frozen=True)
class AuditSettings:
    """What the audit needs of the configuration.

    Attributes
    ----------
    variants, benchmarks, optimal_scaling, corrections : as configured.
    pools : names of the pool of the published and of the converged estimator.
    """

    variants: dict[str, Plain]
    benchmarks: Plain
    optimal_scaling: Plain
    transformer: TransformerSettings
    corrections: dict[str, Plain]
    pools: dict[str, str]


class NotComputedError(LookupError):
    """What a number is looked up in is not part of this configuration."""


@dataclass(frozen=True)
class Evidence:
    """What numbers are looked up in.

    Attributes
    ----------
    tables : result tables by name.
    samples : rows of each sample by name.
    published : the published bootstrap.
    headline : the headline's bootstrap.
    transformer : the published bootstrap with the transformer's multiplier; None if not drawn.
    pool : the members of the published pool.
    repeated : draws with moved starts (:func:`~algoprog.audit.published_noise.repeated_draws`):
        ``published``, ``transformer`` and ``pool`` (a frame for each member).
    scores : of :func:`~algoprog.audit.published_noise.repeated_scores`.
    """

    tables: Mapping[str, pl.DataFrame]
    samples: Mapping[str, pl.DataFrame]
    published: Refit
    headline: Refit
    transformer: Refit | None
    pool: Sequence[Refit]
    repeated: Mapping[str, Sequence[pl.DataFrame]]
    scores: pl.DataFrame
    settings: AuditSettings
    _models: dict[tuple[str, str, Change | None], Model] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def table(self, name: str) -> pl.DataFrame:
        """Return a result table.

        Raises
        ------
        NotComputedError
            if the configuration has not made it.
        """
        if name not in self.tables:
            raise NotComputedError(name)
        return self.tables[name]

    def row(self, table: str, key: Row, **more: Any) -> Row:
        """Return the row of a table with this key.

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
        """Return rows of the published bootstrap and of the headline, for a number of its model.

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
        """Return the key of the converged fit of the published rows and response.

        Raises
        ------
        NotComputedError
            if no sample has these rows and a converged fit of this response.
        """
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
        """Return the minimum of the published bootstrap's model, changed, on its rows and response.

        Raises
        ------
        NotComputedError
            if it has no certificate.
        """
        fit = self.published.fit.row(0, named=True)
        model = self.model(fit["sample"], fit["variant"], change)
        found = thorough(model.design, model.observed(fit["response"]).response, fit["delta"])
        if not found.certified:
            raise NotComputedError(f"a minimum with {change}")
        return found

    def model(self, sample: str, variant: str, change: Change | None = None) -> Model:
        """Return a variant of the configuration, maybe with a change, on a sample."""
        key = (sample, variant, change)
        if key not in self._models:
            known = Benchmarks.of(self.settings.benchmarks)
            spec = Variant.of(variant, self.settings.variants[variant])
            rows = Sample(sample, self.samples[sample], known)
            self._models[key] = Model.of(changed(spec, change), rows)
        return self._models[key]

    def closed_form(self, analysis: Refit) -> ClosedForm:
        """Return the closed form of an analysis' variant.

        Raises
        ------
        NotComputedError
            if the variant has none.
        """
        form = self.model(analysis.key["sample"], analysis.key["variant"]).closed_form
        if form is None:
            raise NotComputedError("no closed form")
        return form

    def scaling(self, analysis: Refit, draws: pl.DataFrame) -> list[Array]:
        """Return growth by optimal scaling of draws, a set for each benchmark."""
        model = self.model(analysis.key["sample"], analysis.key["variant"])
        form = OptimalScaling.of(model, **self.settings.optimal_scaling)
        return list(form.growth_of(draws).values()) if form else []


def read_evidence(
    files: Any,
    samples: Sequence[str],
    headline: str,
    published: str,
    analyses: Sequence[str],
    repeated: Mapping[str, Sequence[str]],
    settings: AuditSettings,
) -> Evidence:
    """Return the evidence in the files of a rule.

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
