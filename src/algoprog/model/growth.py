"""Growth of effective compute in closed form, from the parameters of a variant.

An exponential exp(... - rho t - eps x), x the logarithm of a scale (parameters, data or compute),
is unchanged when the scale falls by the factor exp(-rho / eps) a year, so its effective scale grows
at g = rho / eps and doubles every ln2 / g years. So does a law that is linear in time and in one
scale, -rho t - eps x, whatever else it adds. Effective compute grows at the sum over parameters
and data: 1/T_C = 1/T_N + 1/T_D (Ho et al. 2024, section 2.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.model.compiling import compile_variant
from algoprog.model.formula import DATA, TIME
from algoprog.model.units import Units
from algoprog.model.variant import Variant

Array = NDArray[np.float64]

# Which variables belong to which scale.
SCALES = {"parameters": ("n",), "data": DATA, "compute": ("c",)}
QUANTITIES = ("parameters", "data", "compute")
ALL = "all"  # stands for every benchmark where progress is the same on all


@dataclass(frozen=True)
class Elasticity:
    """One term's rate rho and elasticity eps as affine maps of the parameters.

    rho = rate @ theta + held_rate and eps = elasticity @ theta + held_elasticity, with (p,)
    vectors over the free parameters; what held parameters contribute is in the constants.
    """

    quantity: str
    rate: Array
    elasticity: Array
    held_rate: float
    held_elasticity: float

    @property
    def progresses(self) -> bool:
        """Whether its rate is not zero for every theta."""
        return bool(self.rate.any() or self.held_rate)

    def same(self, other: Elasticity) -> bool:
        """Return whether rate and elasticity are those of ``other``."""
        return not (
            (self.rate != other.rate).any()
            or (self.elasticity != other.elasticity).any()
            or self.held_rate != other.held_rate
            or self.held_elasticity != other.held_elasticity
        )


def elasticities(variant: Variant, units: Units, benchmark: str) -> list[Elasticity] | None:
    """Return how each term falls with time and with its scale, on one benchmark.

    Evaluated for a transformer where the variant tells architectures apart. None when a doubling
    time has no closed form: a term that is not linear in time and scale (a rate that depends on
    scale or date), one that falls with time and has no scale or several, a scale in two terms, a
    linear term with time or scale beside an exponential with either.
    """
    scales = {name: quantity for quantity, names in SCALES.items() for name in names}
    names = (TIME, *scales)
    # the origin, a unit step in each variable, and two points at which anything not linear shows
    m = len(names)
    points = np.vstack([np.zeros(m), np.eye(m), np.linspace(3.7, 1.3, m), np.full(m, 5.3)])
    at = units.of_points(
        variant.variables, **dict(zip(names, points.T, strict=True)), b=benchmark, T=1.0
    )
    try:
        design = compile_variant(variant, at, units.levels)
    except InputError:  # finite on the rows of the sample but not here, so not linear either
        return None
    if np.ptp(design.multiplier):
        return None
    found: list[Elasticity] = []
    linear = False
    for k, term in enumerate(design.terms):
        # the linear predictor at each point: coefficients of the parameters, then the constant
        value = np.zeros((design.p + 1, len(points)))
        owners = design.parameter_of_column[term.start : term.stop]
        np.add.at(value, owners, design.columns[term.start : term.stop])
        value[-1] = design.offset[k]
        falls = value[:, :1] - value[:, 1 : 1 + m]
        if not np.allclose(value, value[:, :1] - falls @ points.T, rtol=1e-9, atol=1e-9):
            return None
        rate, *slopes = falls.T
        used = [(scales[name], x) for name, x in zip(scales, slopes, strict=True) if x.any()]
        if not used and not rate.any():
            continue
        if len(used) != 1:
            return None
        linear = linear or not term.exponential
        quantity, slope = used[0]
        found.append(Elasticity(quantity, rate[:-1], slope[:-1], float(rate[-1]), float(slope[-1])))
    quantities = [part.quantity for part in found]
    if linear and len(found) > 1:  # what one term loses another need not gain at the same rate
        return None
    if len(set(quantities)) < len(quantities) or ("compute" in quantities and len(quantities) > 1):
        return None
    return found


def growth_rates(parts: Sequence[Elasticity], theta: Array) -> dict[str, Array]:
    """Return the growth per year of each effective scale that progresses, and of compute.

    ``theta`` is (r, p), each growth (r,). A draw with rate 0 does not progress, whatever its
    elasticity: growth 0, also where the penalty has set both to zero. A draw with elasticity 0 and
    another rate grows infinitely fast.
    """
    growth: dict[str, Array] = {}
    for part in parts:
        if not part.progresses:
            continue
        rate = theta @ part.rate + part.held_rate
        elasticity = theta @ part.elasticity + part.held_elasticity
        with np.errstate(divide="ignore", invalid="ignore"):
            g = np.where(rate == 0, 0.0, rate / elasticity)
        growth[part.quantity] = g
    if growth and "compute" not in growth:
        with np.errstate(invalid="ignore"):
            total = np.sum(list(growth.values()), axis=0)
        # an infinite gain in one scale against an infinite loss in the other is no progress known
        growth["compute"] = np.where(np.isnan(total), 0.0, total)
    return growth


def benchmark_specific(parts_by_benchmark: Mapping[str, Sequence[Elasticity]]) -> bool:
    """Return whether rates or elasticities differ between benchmarks."""
    first, *others = parts_by_benchmark.values()
    return any(not a.same(b) for other in others for a, b in zip(first, other, strict=True))


@dataclass(frozen=True)
class ClosedForm:
    """The closed form of growth: a variant's elasticities on each benchmark.

    A variant whose progress is the same on all benchmarks has one, called ``all``.
    """

    parts: dict[str, list[Elasticity]]
    baseline: str

    @classmethod
    def of(cls, variant: Variant, units: Units) -> ClosedForm | None:
        """Return that of a variant in the units of a sample; None where there is none."""
        parts = {}
        for benchmark in units.levels:
            found = elasticities(variant, units, benchmark)
            if found is None:
                return None
            parts[benchmark] = found
        if not benchmark_specific(parts):
            parts = {ALL: parts[units.baseline]}
        return cls(parts, units.baseline)

    def on(self, benchmark: str) -> list[Elasticity]:
        """Return the elasticities on a benchmark, or those of all."""
        return self.parts.get(ALL) or self.parts[benchmark]

    @property
    def first(self) -> list[Elasticity]:
        """The elasticities on the baseline, or those of all."""
        return next(iter(self.parts.values()))

    @property
    def progresses(self) -> bool:
        """Whether loss falls or rises with time on any benchmark."""
        return any(part.progresses for parts in self.parts.values() for part in parts)

    def compute_growth(self, theta: Array) -> Array | None:
        """Return the growth (r,) of effective compute on the baseline for draws theta (r, p).

        None for a variant without progress.
        """
        return growth_rates(self.on(self.baseline), theta).get("compute")
