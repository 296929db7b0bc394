"""What every stage's plan draws on: the settings as plain built-ins, paths, parts of sections.

Parameters of jobs must be plain built-ins, for only these does Snakemake compare between runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from algoprog.config.document import Config
from algoprog.config.plan.analyses import Analysis, own, pooled
from algoprog.config.sections.fits import Analysis as Listed
from algoprog.config.sections.variables import resolved

Plain = dict[str, Any]  # built-ins, as a job's parameters are


def unique(names: Iterable[str]) -> list[str]:
    """Return names without repetition, in the order in which they first stand."""
    return list(dict.fromkeys(names))


def table_paths(names: Iterable[str]) -> list[str]:
    """Return the files of result tables."""
    return [f"results/tables/{name}.csv" for name in names]


def sample_paths(names: Iterable[str], kind: str = "") -> list[str]:
    """Return the files of samples: of their rows, or of a ``kind`` such as ``.excluded``."""
    return [f"data/processed/samples/{name}{kind}.parquet" for name in names]


# How work is cut in jobs, which changes no result.
_CUTS = (("bootstrap", "shards"), ("coverage", "shards"), ("bayes", "calibration", "shards"))


def _without(settings: Plain, place: tuple[str, ...]) -> Plain:
    """Return settings without what stands at a place."""
    first, *rest = place
    if not rest:
        return {key: value for key, value in settings.items() if key != first}
    return settings | {first: _without(settings[first], tuple(rest))}


@dataclass(frozen=True)
class Facts:
    """A configuration in the forms that jobs need."""

    config: Config

    @cached_property
    def settings(self) -> Plain:
        """Every section, with what samples and variants take from `variables`."""
        return resolved(self.config.settings)

    @cached_property
    def reported(self) -> Plain:
        """What the report reads: of the headline, the analyses it opens with."""
        headline = self.settings["headline"]
        names = ("converged", "published")
        return self.settings | {"headline": {name: headline[name] for name in names}}

    @cached_property
    def benchmarks(self) -> list[str]:
        """Names of the benchmarks, in their order."""
        return list(self.config.benchmarks.definitions)

    @cached_property
    def model_benchmarks(self) -> Plain:
        """The benchmarks without labels and ranges of values, which no model depends on."""
        return self.config.benchmarks.model_dump(
            mode="json", exclude={"definitions": {"__all__": {"label", "possible", "plausible"}}}
        )

    @cached_property
    def conditions(self) -> Plain:
        """Exclusions without what is said of them, so that other words refit nothing."""
        return {
            name: {"where": one.where, "reason": name}
            for name, one in self.config.exclusions.items()
        }

    @cached_property
    def modelled(self) -> Plain:
        """Every section without what no number depends on: labels, words, numbers of shards."""
        said = self.settings | {
            "benchmarks": self.model_benchmarks,
            "exclusions": self.conditions,
        }
        for place in _CUTS:
            said = _without(said, place)
        return said

    @cached_property
    def corrections(self) -> Plain:
        """The corrections that are applied."""
        return {
            name: one.model_dump(mode="json", exclude={"enabled"})
            for name, one in self.config.enabled_corrections.items()
        }

    @cached_property
    def headline(self) -> Listed:
        """The analysis whose interval is the headline's."""
        return self.config.enabled_analyses[self.config.headline.converged]

    @property
    def headlines(self) -> list[str]:
        """The analyses the report opens with."""
        return unique([self.config.headline.converged, self.config.headline.published])

    @property
    def samples(self) -> list[str]:
        """The samples that are built."""
        return list(self.config.enabled_samples)

    @property
    def schemes(self) -> list[str]:
        """The schemes of cross-validation, none where it is not made."""
        held_out = self.config.cross_validation
        return list(held_out.schemes) if held_out.enabled else []

    @cached_property
    def pools(self) -> dict[str, list[str]]:
        """Members of each pool."""
        return {name: list(members) for name, members in pooled(self.config).items()}

    @cached_property
    def listed(self) -> dict[str, Analysis]:
        """The analyses that the configuration lists."""
        return own(self.config)

    def variants(self, names: Iterable[str]) -> Plain:
        """Return variants by name."""
        return {name: self.settings["variants"][name] for name in names}

    @property
    def fitted_variants(self) -> Plain:
        """The variants that are fitted."""
        return self.variants(self.config.enabled_variants)

    def systems(self, names: Iterable[str]) -> Plain:
        """Return systems of the Shapley shares by name, in the order given."""
        return {name: self.settings["shapley"]["systems"][name] for name in names}

    def response(self, sample: str, estimator: str = "converged") -> str:
        """Return the perplexity that an estimator explains on a sample."""
        said: str = getattr(self.config.samples[sample].response, estimator)
        return said
