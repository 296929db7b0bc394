"""Checks as data: the headline with one choice changed, check by check, and their table.

It fits nothing (:mod:`algoprog.robustness.sensitivity` does).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain, Row
from algoprog.estimators.estimator import Estimator, estimator_of
from algoprog.estimators.huber import Threshold
from algoprog.model.variant import Variant, Variants
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.measured import Measured
from algoprog.records.sample import Exclusion, SampleSpec
from algoprog.robustness.names import HEADLINE
from algoprog.robustness.tables import SENSITIVITY
from algoprog.tables.frames import schema_of

KEYS = ("check", "setting", "estimator", "resampling")


@dataclass(frozen=True)
class Change:
    """What a setting of a check changes of the headline; what is blank stays.

    Attributes
    ----------
    models_per_paper : rows of each paper, all where it is None; ``models_per_paper`` counts only
        where ``sets_models`` says that it is given.
    include, exclude : exclusions of the sample that are lifted, and further ones that apply.
    where : SQL on the rows of the sample; ``year`` is the calendar year as a real number.
    tokens : what D counts (:func:`algoprog.robustness.tokens.counted`).
    linear, hold : terms added, parameters held.
    huber, correlated : the loss; at most one.
    estimators : those the change is for; all where it is blank.
    """

    models_per_paper: int | None = None
    sets_models: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    where: str | None = None
    response: str | None = None
    variant: str | None = None
    tokens: str | None = None
    linear: dict[str, str | int] = field(default_factory=dict)
    hold: dict[str, float] = field(default_factory=dict)
    delta: float | None = None
    huber: Threshold | None = None
    correlated: bool = False
    resampling: str | None = None
    estimators: tuple[str, ...] = ()

    @classmethod
    def of(cls, plain: Plain | None) -> Change:
        """Return the change that a setting of the configuration states."""
        given = {name: value for name, value in (plain or {}).items() if value is not None}
        if "huber" in given:
            given["huber"] = Threshold(**given["huber"])
        for name in ("include", "exclude", "estimators"):
            given[name] = tuple(given.get(name, ()))
        return cls(**given, sets_models="models_per_paper" in (plain or {}))

    def of_variant(self, variant: Variant) -> Variant:
        """Return a variant with the change's ``linear`` and ``hold``."""
        return variant.with_linear(self.linear).holding(self.hold)


@dataclass(frozen=True)
class Check:
    """One fit with its bootstrap: everything that decides its numbers, save the records.

    ``where`` keeps rows of the ``sample`` drawn so; ``tokens`` is what D counts; ``variant`` has
    the check's changes; ``lifted`` are exclusions of the headline's sample that are not applied.
    """

    check: str
    setting: str
    procedure: str
    resampling: str
    replicates: int
    sample: SampleSpec
    where: str | None
    tokens: str
    response: str
    variant: Variant
    delta: float
    huber: Threshold | None
    correlated: bool
    lifted: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where the configuration states it."""
        return f"sensitivity.checks.{self.check}.{self.setting}"

    @property
    def estimator(self) -> Estimator:
        """How it is fitted."""
        return estimator_of(self.procedure, self.huber, self.correlated)

    @property
    def key(self) -> dict[str, str]:
        """Its columns :data:`KEYS`."""
        named = (self.check, self.setting, self.procedure, self.resampling)
        return dict(zip(KEYS, named, strict=True))


@dataclass(frozen=True)
class Headline:
    """The model that checks start from.

    ``draws`` are the replicates, by estimator and resampling, of its own bootstrap analyses: with
    as many the check that changes nothing has their interval and no other.
    """

    sample: str
    variant: str
    delta: float
    draws: dict[str, dict[str, int]] = field(default_factory=dict)

    def replicates(self, estimator: str, resampling: str, of_checks: int) -> int:
        """Return the replicates of the check that changes nothing."""
        return self.draws.get(estimator, {}).get(resampling, of_checks)


@dataclass(frozen=True)
class SampleSettings:
    """A sample of the configuration: exclusions by name, and the response by estimator."""

    exclusions: tuple[str, ...]
    models_per_paper: int | None
    response: dict[str, str]
    ranked_within: str = "benchmark"
    variables: dict[str, Measured] = field(default_factory=dict)


@dataclass(frozen=True)
class Bootstraps:
    """The checks by name, each with its settings, and the bootstrap of each estimator."""

    replicates: dict[str, int]
    resampling: dict[str, str]
    checks: dict[str, dict[str, dict[str, Any] | None]]


@dataclass(frozen=True)
class Plan:
    """What checks are planned from: sections of the configuration."""

    sensitivity: Bootstraps
    headline: Headline
    samples: dict[str, SampleSettings]
    variants: Variants
    exclusions: dict[str, Exclusion]
    benchmarks: Benchmarks

    def checks(self) -> list[Check]:
        """Return every check of the configuration, the headline first, for each estimator."""
        return list(self._checks())

    def _checks(self) -> Iterator[Check]:
        base = self.samples[self.headline.sample]
        for check, setting, change in self._settings():
            place = f"sensitivity.checks.{check}.{setting}"
            if change.huber and change.correlated:
                fix = "give one of huber and correlated"
                raise InputError("config.yaml", place, "huber and correlated", fix)
            variant = self.variants[change.variant or self.headline.variant]
            sample = self._sample(change, place)
            delta = self.headline.delta if change.delta is None else change.delta
            for estimator, resampling in self.sensitivity.resampling.items():
                if change.estimators and estimator not in change.estimators:
                    continue
                yield Check(
                    check=check,
                    setting=setting,
                    procedure=estimator,
                    resampling=change.resampling or resampling,
                    replicates=self._replicates(check, estimator, resampling),
                    sample=sample,
                    where=change.where,
                    tokens=change.tokens or "once",
                    response=change.response or base.response[estimator],
                    variant=change.of_variant(variant),
                    delta=float(delta),
                    huber=change.huber,
                    correlated=change.correlated,
                    lifted=change.include,
                )

    def _replicates(self, check: str, estimator: str, resampling: str) -> int:
        number = self.sensitivity.replicates[estimator]
        if check != HEADLINE:
            return number
        return self.headline.replicates(estimator, resampling, number)

    def _settings(self) -> Iterator[tuple[str, str, Change]]:
        yield HEADLINE, HEADLINE, Change()
        for check, changes in self.sensitivity.checks.items():
            for setting, change in changes.items():
                yield check, str(setting), Change.of(change)

    def _sample(self, change: Change, place: str) -> SampleSpec:
        base = self.samples[self.headline.sample]
        unknown = sorted(set(change.include) - set(base.exclusions))
        if unknown:
            fix = f"include what the sample leaves out: {', '.join(base.exclusions)}"
            raise InputError("config.yaml", f"{place}.include", ", ".join(unknown), fix)
        applied = [name for name in base.exclusions if name not in change.include]
        applied += [name for name in change.exclude if name not in applied]
        return SampleSpec(
            name=self.headline.sample,
            exclusions={name: self.exclusions[name] for name in applied},
            models_per_paper=change.models_per_paper
            if change.sets_models
            else base.models_per_paper,
            benchmarks=self.benchmarks,
            ranked_within=base.ranked_within,
            variables=base.variables,
        )


def sensitivity_table(rows: Sequence[Row], plan: Sequence[Check]) -> pl.DataFrame:
    """The table `sensitivity` of every check planned, with the change against the headline's point.

    ``change_months`` and ``change_growth`` are differences from the headline of the same
    estimator, ``relative_change`` that of growth over the headline's growth; months that are
    infinite on both sides differ by NaN. ``own_`` columns are the same of growth at the records'
    own allocation.
    """
    have = {tuple(row[name] for name in KEYS) for row in rows}
    want = {tuple(check.key[name] for name in KEYS) for check in plan}
    if have != want:
        raise AssertionError(
            f"checks missing: {sorted(want - have)}; unasked {sorted(have - want)}"
        )
    table = pl.DataFrame(
        [dict.fromkeys(SENSITIVITY.names) | dict(row) for row in rows],
        schema=schema_of(SENSITIVITY),
        strict=False,
    )
    own = table.filter(pl.col("check") == HEADLINE).unique("estimator", keep="first")
    base = own.select(
        "estimator",
        months="point",
        growth="growth_point",
        own_months="own_point",
        own_growth="own_growth_point",
    )
    change = pl.col("growth_point") - pl.col("growth")
    own_change = pl.col("own_growth_point") - pl.col("own_growth")
    order = {(c.check, c.setting): i for i, c in reversed(list(enumerate(plan)))}
    position = [order[c, s] for c, s in table.select("check", "setting").iter_rows()]
    return (
        table.with_columns(position=pl.Series(position))
        .sort("position", maintain_order=True)
        .join(base, on="estimator", how="left", maintain_order="left")
        .with_columns(
            change_months=pl.col("point") - pl.col("months"),
            change_growth=change,
            relative_change=change / pl.col("growth"),
            own_change_months=pl.col("own_point") - pl.col("own_months"),
            own_change_growth=own_change,
            own_relative_change=own_change / pl.col("own_growth"),
        )
        .select(SENSITIVITY.names)
    )
