"""Formulas of a variant compiled to arrays; knows no estimator.

A variant is  yhat = Z gamma + s * sum_k exp(X_k theta)  with all parameters in one vector
(docs/method.md, section 2; Ho et al. 2024, section 2 and appendix). Columns carry their sign, so
that the published parameters, entered with a minus, keep their published sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.model.variables import VARIABLES

# WikiText and Penn Treebank results are repeated over epochs; the value of a repeated token
# decays with this many epochs (Muennighoff et al. 2023, equation 5 and R*_D of table 1;
# the published analysis uses 2.9157).
EPOCH_DECAY = 2.9157
LANES = 16  # rows that vectorised loops take at once


@dataclass(frozen=True)
class Normaliser:
    """Origins of the variables, taken once from the full estimation sample.

    ``first_year`` is in calendar years, the others are natural logarithms of counts.
    Resamples and cross-validation keep those of the full sample.
    """

    first_year: float
    log_parameters: float
    log_tokens: float
    log_tokens_seen: float
    log_tokens_effective: float
    log_compute: float


LARGEST_CONDITION = 1e10  # of a matrix whose inverse still has six digits


@dataclass(frozen=True)
class Term:
    """One exponential (or the linear part): columns of the stacked design it uses."""

    exponential: bool
    start: int
    stop: int


@dataclass(frozen=True)
class Design:
    """A compiled variant on a set of rows.

    Attributes
    ----------
    variant : name of the variant.
    parameters : names of the p free parameters, in order of first appearance.
    columns : (m, n) design columns of all terms, sign included, C order.
    parameter_of_column : (m,) index into ``parameters``.
    terms : K terms, each a range of columns.
    offset : (K, n) contribution of held parameters to each term's linear predictor.
    multiplier : (n,) indicator of rows multiplied by sigma(gamma); zeros when there is none.
    multiplier_parameter : index of gamma, or -1.
    """

    variant: str
    parameters: tuple[str, ...]
    columns: NDArray[np.float64]
    parameter_of_column: NDArray[np.int64]
    terms: tuple[Term, ...]
    offset: NDArray[np.float64]
    multiplier: NDArray[np.float64]
    multiplier_parameter: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.offset.shape[1])

    @property
    def p(self) -> int:
        """Number of free parameters."""
        return len(self.parameters)

    @cached_property
    def pointer(self) -> NDArray[np.int64]:
        """(K+1,) first column of each term."""
        return np.array([term.start for term in self.terms] + [self.terms[-1].stop], dtype=np.int64)

    @cached_property
    def exponential(self) -> NDArray[np.bool_]:
        """(K,) whether a term is exponentiated."""
        return np.array([term.exponential for term in self.terms])

    @cached_property
    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and standard deviations (m,) of the columns; exactly 0 for a constant column."""
        mean = self.columns.mean(axis=1)
        spread = np.sqrt(np.maximum((self.columns**2).mean(axis=1) - mean**2, 0.0))
        spread[spread <= 1e-7 * np.abs(mean)] = 0.0
        return mean, spread

    @cached_property
    def scale(self) -> NDArray[np.float64]:
        """Largest standard deviation (p,) among the columns of each parameter."""
        scale = np.zeros(self.p)
        np.maximum.at(scale, self.parameter_of_column, self.moments[1])
        return scale

    @cached_property
    def intercepts(self) -> list[tuple[int, int, NDArray[np.int64]]]:
        """Of each exponential: term, a constant column or -1, and its other columns."""
        mean, spread = self.moments
        found = []
        for k, term in enumerate(self.terms):
            if term.exponential:
                columns = np.arange(term.start, term.stop)
                constant = columns[(spread[columns] == 0) & (mean[columns] != 0)]
                first = int(constant[0]) if constant.size else -1
                found.append((k, first, columns[columns != first]))
        return found

    @cached_property
    def conditioned(self) -> Conditioned | None:
        """The design in coordinates in which its columns are orthonormal; None without any."""
        return Conditioned.of(self)

    @cached_property
    def padded(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """``columns``, ``offset`` and ``multiplier`` with rows of zeros up to a multiple of LANES.

        Loops over rows then have no remainder, which on few rows costs as much as the rest.
        """
        spare = -self.n % LANES if self.n < LANES * LANES * LANES else 0
        if not spare:
            return self.columns, self.offset, self.multiplier
        return (
            np.pad(self.columns, ((0, 0), (0, spare))),
            np.pad(self.offset, ((0, 0), (0, spare))),
            np.pad(self.multiplier, (0, spare)),
        )

    def rows(self, index: NDArray[Any]) -> Design:
        """The same variant on the rows ``index`` (integers, repeats allowed, or a mask)."""
        return Design(
            variant=self.variant,
            parameters=self.parameters,
            columns=np.ascontiguousarray(self.columns[:, index]),
            parameter_of_column=self.parameter_of_column,
            terms=self.terms,
            offset=np.ascontiguousarray(self.offset[:, index]),
            multiplier=np.ascontiguousarray(self.multiplier[index]),
            multiplier_parameter=self.multiplier_parameter,
        )


@dataclass(frozen=True)
class Conditioned:
    """A design in coordinates phi = forth theta, theta = back phi, whose columns are orthonormal.

    Without a penalty an objective is the same in any coordinates, but damped steps are not: where
    columns are nearly collinear (n and n ln Y) they creep along a valley that is round in these.
    With the (K n, p) matrix A of all terms' columns, A = Q R, forth = R / sqrt(K n).
    """

    design: Design
    forth: NDArray[np.float64]
    back: NDArray[np.float64]

    @classmethod
    def of(cls, design: Design) -> Conditioned | None:
        """None where columns are collinear to rounding, so that there are no such coordinates."""
        stacked = np.zeros((len(design.terms), design.p, design.n))
        for k, term in enumerate(design.terms):
            part = slice(term.start, term.stop)
            np.add.at(stacked[k], design.parameter_of_column[part], design.columns[part])
        whole = np.moveaxis(stacked, 1, 2).reshape(-1, design.p)
        used = whole.any(axis=0)
        r = np.linalg.qr(whole[:, used], mode="r") / np.sqrt(len(whole))
        if not used.any() or np.linalg.cond(r) > LARGEST_CONDITION:
            return None
        forth, back = np.eye(design.p), np.eye(design.p)
        forth[np.ix_(used, used)] = r
        back[np.ix_(used, used)] = np.linalg.inv(r)
        columns: list[NDArray[np.float64]] = []
        owners: list[int] = []
        terms = []
        for term, own in zip(design.terms, stacked, strict=True):
            turned = back.T @ own
            kept = np.flatnonzero(np.abs(turned).max(axis=1) > 0)
            terms.append(replace(term, start=len(owners), stop=len(owners) + len(kept)))
            columns.append(turned[kept])
            owners += kept.tolist()
        inner = replace(
            design,
            columns=np.ascontiguousarray(np.concatenate(columns)),
            parameter_of_column=np.array(owners, dtype=np.int64),
            terms=tuple(terms),
        )
        return cls(inner, forth, back)


def calendar_year(published: pl.Series) -> NDArray[np.float64]:
    """Calendar year as a real number: year + (day of year - 1) / 365."""
    year = published.dt.year().to_numpy().astype(float)
    return year + (published.dt.ordinal_day().to_numpy().astype(float) - 1.0) / 365.0


def effective_epochs(epochs: NDArray[np.float64]) -> NDArray[np.float64]:
    """E(e) = 1 + R (1 - exp(-e / R)), R = 2.9157; one where e is unknown (NaN).

    As the published analysis writes it, E(1) = 1.85 and not 1; a blank counts as E = E(1).
    """
    known = np.where(np.isnan(epochs), 1.0, epochs)
    return 1.0 + EPOCH_DECAY * (1.0 - np.exp(-known / EPOCH_DECAY))


def _raw(sample: pl.DataFrame) -> dict[str, NDArray[np.float64]]:
    epochs = sample["epochs"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    tokens = sample["dataset_tokens"].cast(pl.Float64).to_numpy()
    parameters = sample["parameters"].cast(pl.Float64).to_numpy()
    return {
        "year": calendar_year(sample["published"]),
        "log_parameters": np.log(parameters),
        "log_tokens": np.log(tokens),
        "log_tokens_seen": np.log(tokens * np.where(np.isnan(epochs), 1.0, epochs)),
        "log_tokens_effective": np.log(tokens * effective_epochs(epochs)),
        "log_compute": np.log(6.0 * parameters * tokens),
    }


def normaliser(sample: pl.DataFrame) -> Normaliser:
    """Minima over the estimation sample of the variables that are measured from a minimum.

    Raises
    ------
    InputError
        for a sample without rows.
    """
    if sample.is_empty():
        raise InputError("config.yaml", "samples", "a sample with no rows", "exclude fewer records")
    raw = _raw(sample)
    return Normaliser(
        first_year=float(raw["year"].min()),
        log_parameters=float(raw["log_parameters"].min()),
        log_tokens=float(raw["log_tokens"].min()),
        log_tokens_seen=float(raw["log_tokens_seen"].min()),
        log_tokens_effective=float(raw["log_tokens_effective"].min()),
        log_compute=float(raw["log_compute"].min()),
    )


def variables(
    sample: pl.DataFrame, origin: Normaliser, benchmarks: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables a formula may name (``VARIABLES``), one value a row of ``sample``."""
    raw = _raw(sample)
    names = sample["benchmark"].to_list()
    vocabulary = sample["vocabulary"].cast(pl.Float64).to_list()
    own = {name: spec.get("vocabulary") for name, spec in benchmarks["definitions"].items()}
    return {
        "t": raw["year"] - origin.first_year,
        "n": raw["log_parameters"] - origin.log_parameters,
        "d": raw["log_tokens"] - origin.log_tokens,
        "d_seen": raw["log_tokens_seen"] - origin.log_tokens_seen,
        "d_effective": raw["log_tokens_effective"] - origin.log_tokens_effective,
        "c": raw["log_compute"] - origin.log_compute,
        "b": names,
        "T": (sample["architecture"] == "transformer").fill_null(False).to_numpy().astype(float),
        "Y": raw["year"],
        "V": np.array(
            [own[name] if v is None else v for name, v in zip(names, vocabulary, strict=True)],
            dtype=float,
        ),
    }


def benchmark_levels(sample: pl.DataFrame, benchmarks: Mapping[str, Any]) -> tuple[str, ...]:
    """Benchmarks present in a sample, the baseline first, the others in alphabetical order.

    Where the configured baseline is absent, the first benchmark present in the order of the
    configuration stands in for it.
    """
    present = set(sample["benchmark"].to_list())
    baseline = benchmarks["baseline"]
    if baseline not in present:
        baseline = next(name for name in benchmarks["definitions"] if name in present)
    return (baseline, *sorted(present - {baseline}))


@cache
def _parse(formula: str) -> Any:
    from formulaic import Formula
    from formulaic.parser import DefaultFormulaParser

    return Formula(formula, _parser=DefaultFormulaParser(include_intercept=False))


def _expand(
    variant: str, parameter: str, formula: str | int, frame: Any
) -> list[tuple[str, NDArray[np.float64]]]:
    """Columns of one formula: (parameter name, signed values)."""
    from formulaic.errors import FormulaicError

    place = f"variants.{variant}: {parameter}: {formula}"
    text = str(formula).strip()
    if "**" in re.sub(r"\{[^}]*\}", "", text):
        # to formulaic a power of a term is a set of interactions: n**2 would be n
        raise InputError("config.yaml", place, formula, "put a power in braces, such as {n**2}")
    sign = -1.0 if text.startswith("-") else 1.0
    try:
        parsed = _parse(text.removeprefix("-").strip())
        unknown = sorted(set(parsed.required_variables) - set(VARIABLES))
        if unknown:
            raise InputError(
                "config.yaml",
                place,
                ", ".join(unknown),
                f"use the variables {', '.join(VARIABLES)}",
            )
        # by default formulaic leaves out rows that are NaN; they are reported below
        with np.errstate(all="ignore"):
            matrix = parsed.get_model_matrix(frame, na_action="ignore")
    except FormulaicError as error:
        reason = str(error).splitlines()[0]  # further lines are a drawing for a terminal
        raise InputError(
            "config.yaml", place, formula, f"write a formula such as -t:(1+b) ({reason})"
        ) from None
    expanded = []
    for column in matrix.columns:
        level = ""
        for factor in column.split(":"):
            if factor.startswith("b["):
                level = factor.removeprefix("b[").removeprefix("T.").removesuffix("]")
        values = sign * np.asarray(matrix[column], dtype=float)
        if not np.isfinite(values).all():
            raise InputError(
                "config.yaml",
                place,
                f"{column} is not a finite number on {int((~np.isfinite(values)).sum())} rows",
                "use variables that are known for every row of the sample",
            )
        expanded.append((f"{parameter}_{level}" if level else parameter, values))
    names = [name for name, _ in expanded]
    if len(set(names)) != len(names) or not names:
        raise InputError(
            "config.yaml",
            place,
            f"{len(names)} columns: {', '.join(matrix.columns)}",
            "give each column its own parameter; only benchmark dummies share one name",
        )
    return expanded


def compile_variant(
    variant: str, spec: Mapping[str, Any], values: Mapping[str, Any], levels: Sequence[str]
) -> Design:
    """Compile a variant's formulas on rows given by their variables.

    Parameters
    ----------
    variant, spec : name and configuration (``exponentials``, ``linear``, ``multiplier``, ``hold``).
    values : one array of n values for each of ``VARIABLES`` (:func:`variables`).
    levels : benchmarks of the estimation sample, the baseline first (:func:`benchmark_levels`).

    Raises
    ------
    InputError
        for a formula that cannot be read, a variable that does not exist, a value that is not
        finite, or a held parameter the variant does not have.
    """
    import pandas as pd

    frame = pd.DataFrame({**values, "b": pd.Categorical(values["b"], categories=list(levels))})
    n = len(frame)
    hold = dict(spec.get("hold") or {})
    held_used: set[str] = set()
    names: list[str] = []
    declared: dict[str, str] = {}
    columns: list[NDArray[np.float64]] = []
    owner: list[int] = []
    terms: list[Term] = []
    offsets: list[NDArray[np.float64]] = []

    def add_term(formulas: Mapping[str, str | int], exponential: bool) -> None:
        start = len(columns)
        offset = np.zeros(n)
        for parameter, formula in formulas.items():
            for name, column in _expand(variant, parameter, formula, frame):
                if declared.setdefault(name, parameter) != parameter:
                    raise InputError(
                        "config.yaml",
                        f"variants.{variant}: {parameter}: {formula}",
                        f"{name} also comes from {declared[name]} and its benchmark dummies",
                        "give one of the two another name",
                    )
                if name in hold:
                    held_used.add(name)
                    offset += float(hold[name]) * column
                    continue
                if name not in names:
                    names.append(name)
                columns.append(column)
                owner.append(names.index(name))
        terms.append(Term(exponential, start, len(columns)))
        offsets.append(offset)

    for formulas in spec["exponentials"]:
        add_term(formulas, True)
    if spec.get("linear"):
        add_term(spec["linear"], False)

    multiplier, gamma = np.zeros(n), -1
    for parameter, formula in (spec.get("multiplier") or {}).items():
        expanded = _expand(variant, parameter, formula, frame)
        name, multiplier = expanded[0]
        if len(expanded) > 1 or name in names or name in held_used:
            raise InputError(
                "config.yaml",
                f"variants.{variant}: multiplier: {parameter}: {formula}",
                ", ".join(name for name, _ in expanded),
                "give the multiplier one column and a name of its own",
            )
        if name in hold:
            held_used.add(name)
            log_sigma = -np.logaddexp(0.0, -float(hold[name]))
            for term, offset in zip(terms, offsets, strict=True):
                if term.exponential:
                    offset += log_sigma * multiplier
            multiplier = np.zeros(n)
            continue
        names.append(name)
        gamma = len(names) - 1
    missing = sorted(set(hold) - held_used)
    if missing:
        raise InputError(
            "config.yaml",
            f"variants.{variant}.hold",
            ", ".join(missing),
            f"hold a parameter of the variant: {', '.join([*names, *sorted(held_used)])}",
        )
    return Design(
        variant=variant,
        parameters=tuple(names),
        columns=np.ascontiguousarray(np.array(columns, dtype=float).reshape(-1, n)),
        parameter_of_column=np.array(owner, dtype=np.int64),
        terms=tuple(terms),
        offset=np.array(offsets),
        multiplier=np.ascontiguousarray(multiplier, dtype=float),
        multiplier_parameter=gamma,
    )


@dataclass(frozen=True)
class Compiler:
    """Compiles variants on one estimation sample, or at other points in its units.

    ``origin`` and ``levels`` are those of the estimation sample, whatever rows are compiled.
    """

    benchmarks: Mapping[str, Any]
    origin: Normaliser
    levels: tuple[str, ...]

    @classmethod
    def of(cls, sample: pl.DataFrame, benchmarks: Mapping[str, Any]) -> Compiler:
        """The compiler of an estimation sample."""
        return cls(benchmarks, normaliser(sample), benchmark_levels(sample, benchmarks))

    def rows(self, variant: str, spec: Mapping[str, Any], sample: pl.DataFrame) -> Design:
        """The design of a variant on the rows of ``sample``."""
        values = variables(sample, self.origin, self.benchmarks)
        return compile_variant(variant, spec, values, self.levels)

    def points(self, variant: str, spec: Mapping[str, Any], **values: Any) -> Design:
        """The design at points given by variables; those not named are 0 (V: 1, b: baseline).

        ``Y`` follows from ``t``.
        """
        n = max(np.size(value) for value in values.values())
        full: dict[str, Any] = {name: np.zeros(n) for name in VARIABLES}
        full["b"] = np.full(n, self.levels[0])
        full["V"] = np.ones(n)
        for name, value in values.items():
            full[name] = np.broadcast_to(np.asarray(value), (n,))
        full["Y"] = full["t"] + self.origin.first_year
        return compile_variant(variant, spec, full, self.levels)
