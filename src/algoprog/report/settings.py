"""The settings a page speaks of, typed; a script rebuilds them from plain built-ins.

``msgspec.convert(plain, PageSettings)`` does so: it names the path of a value that does not fit,
and passes over what the page has no use for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from algoprog.synthesis.settings import Words

# The columns that tell the analyses of a table apart.
ANALYSIS = ("sample", "variant", "delta", "estimator", "resampling")


@dataclass(frozen=True)
class Analysis:
    """A bootstrap analysis: a variant at a penalty, fitted to a sample and to its resamples."""

    sample: str
    variant: str
    delta: float
    estimator: str
    resampling: str

    @property
    def key(self) -> dict[str, Any]:
        """The columns of result tables that name the analysis, with their values."""
        return {name: getattr(self, name) for name in ANALYSIS}


@dataclass(frozen=True)
class Bootstrap:
    """The bootstrap analyses by name."""

    analyses: dict[str, Analysis]


@dataclass(frozen=True)
class Headline:
    """The names of the two analyses that the headline quotes."""

    converged: str
    published: str

    @property
    def names(self) -> tuple[str, str]:
        """Both names, the converged analysis first."""
        return self.converged, self.published


@dataclass(frozen=True)
class Sample:
    """What a page says of a sample."""

    response: dict[str, str]
    models_per_paper: int | None = None
    ranked_within: str = "benchmark"


@dataclass(frozen=True)
class Exclusion:
    """Why records are left out."""

    reason: str


@dataclass(frozen=True)
class Pool:
    """The models of a pool: how many, by which scheme of cross-validation."""

    scheme: str
    size: int


@dataclass(frozen=True)
class OptimalScaling:
    """Where the doubling time by optimal scaling starts."""

    compute: float
    year: float


@dataclass(frozen=True)
class System:
    """A system between which progress is attributed."""

    published: str


@dataclass(frozen=True)
class Sensitivity:
    """The two systems between which the checks take compute's share."""

    systems: tuple[str, str] | None = None


@dataclass(frozen=True)
class Shapley:
    """The systems between which progress is attributed."""

    systems: dict[str, System]


@dataclass(frozen=True)
class Transformer:
    """The year in which the transformer's gain is taken."""

    year: float


@dataclass(frozen=True)
class EffectiveCompute:
    """What effective compute is reckoned from."""

    start: float
    doubling_months: float
    anchor_year: float
    anchor: float


@dataclass(frozen=True)
class DirectObservation:
    """The least number of systems of a trend."""

    least_systems: int


@dataclass(frozen=True)
class Law:
    """A scaling law: loss by parameters and tokens."""

    irreducible: float
    parameter_coefficient: float
    parameter_exponent: float
    data_coefficient: float
    data_exponent: float


@dataclass(frozen=True)
class Baseline:
    """The split of compute that others are compared with."""

    name: str


@dataclass(frozen=True)
class Histories:
    """The track that is shown record by record."""

    shown: str


@dataclass(frozen=True)
class Allocation:
    """Scaling laws, and the split that is compared with the best."""

    laws: dict[str, Law]
    baseline: Baseline


@dataclass(frozen=True)
class Noise:
    """How the noise of the published procedure is measured."""

    repetitions: int
    pool_repetitions: int
    size: float


@dataclass(frozen=True)
class Audit:
    """The settings of the audit."""

    noise: Noise


@dataclass(frozen=True)
class Redrawn:
    """How specifications of the multiverse are drawn again."""

    replicates: int
    resampling: str


@dataclass(frozen=True)
class Multiverse:
    """The choices of the multiverse."""

    sample: str
    choices: dict[str, Any]
    bootstrap: Redrawn
    base: dict[str, Any] | None = None


@dataclass(frozen=True)
class Profiles:
    """Which losses of fit are marked, and which pool is profiled."""

    losses: list[float]
    pool: str | None = None


@dataclass(frozen=True)
class Calibration:
    """How the Bayesian fit is calibrated."""

    bins: int
    level: float
    doubling_months: float


@dataclass(frozen=True)
class Bayes:
    """The settings of the Bayesian fits."""

    calibration: Calibration


@dataclass(frozen=True)
class Study:
    """What the page says of a study besides its numbers."""

    title: str
    published: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Estimates:
    """What the page says of estimates besides their table."""

    words: Words


@dataclass(frozen=True)
class PageSettings:
    """The settings of a page.

    ``benchmarks`` and ``variants`` stay plain, for the model reads them; the variants' formulas are
    also shown as they stand.
    """

    headline: Headline
    bootstrap: Bootstrap
    samples: dict[str, Sample]
    exclusions: dict[str, Exclusion]
    benchmarks: dict[str, Any]
    variants: dict[str, dict[str, Any]]
    deltas: list[float]
    pools: dict[str, Pool]
    optimal_scaling: OptimalScaling
    shapley: Shapley
    transformer: Transformer
    effective_compute: EffectiveCompute
    direct_observation: DirectObservation
    histories: Histories
    allocation: Allocation
    audit: Audit
    multiverse: Multiverse
    profiles: Profiles
    bayes: Bayes
    studies: dict[str, Study] = field(default_factory=dict)
    estimates: Estimates | None = None
    sensitivity: Sensitivity = field(default_factory=Sensitivity)

    @property
    def labels(self) -> dict[str, str]:
        """What each benchmark is called in text and figures."""
        return {name: spec["label"] for name, spec in self.benchmarks["definitions"].items()}

    @property
    def baseline(self) -> str:
        """The benchmark that others are compared with."""
        return str(self.benchmarks["baseline"])
