"""What a reader opens: which tables there are, the headline, and what the report may show."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from algoprog.catalogue import tables_of
from algoprog.common.integrity import checksum
from algoprog.config.plan.capability import CapabilityPlan
from algoprog.config.plan.draws import DrawsPlan
from algoprog.config.plan.experiments import ExperimentsPlan
from algoprog.config.plan.facts import Facts, Plain, table_paths
from algoprog.config.plan.histories import HistoriesPlan
from algoprog.config.plan.quantities import QuantitiesPlan
from algoprog.config.plan.sensitivity import SensitivityPlan

# Sections that the tables of every target of its own rest on ...
COMMON = (
    *("seed", "benchmarks", "sources", "corrections", "exclusions", "samples", "variants"),
    *("deltas", "headline", "bootstrap", "pools", "cross_validation"),
)
# ... and by target those it rests on besides. A target of its own is not part of the main job.
TARGETS = {
    "multiverse": ("multiverse", "shapley", "capability"),
    "coverage": ("coverage", "profiles"),
    "bayes": ("bayes", "optimal_scaling", "shapley", "sensitivity", "transformer"),
    "bayes_capability": ("bayes", "capability"),
    "calibration": ("bayes", "coverage"),
}
RECORDS = "data/processed/evaluations.parquet"
SCORES = "data/processed/capability.json"  # checksums of what capability reads


@dataclass(frozen=True)
class ResultsPlan:
    """The tables of the main job, and those of targets of their own."""

    facts: Facts
    draws: DrawsPlan
    quantities: QuantitiesPlan
    sensitivity: SensitivityPlan
    histories: HistoriesPlan
    capability: CapabilityPlan
    experiments: ExperimentsPlan

    @cached_property
    def parts(self) -> list[str]:
        """The parts of the main job that make tables."""
        made = {
            "cross_validation": self.facts.schemes,
            "temporal_hold_out": self.facts.config.temporal_hold_out.enabled,
            "ranking": self.facts.schemes and self.facts.config.temporal_hold_out.enabled,
            "pools": self.facts.pools,
            "shapley": self.quantities.shapley_analyses,
            "transformer": self.draws.transformers,
            "era_split": self.draws.eras,
            "sensitivity": self.sensitivity.checks,
            "evidence": self.facts.config.evidence.enabled,
        }
        return ["", *(part for part, there in made.items() if there)]

    @cached_property
    def tables(self) -> list[str]:
        """The tables that the audit reads: of the main job, without its and record histories'."""
        return tables_of(*self.parts)

    @cached_property
    def all_tables(self) -> list[str]:
        """The tables of the main job."""
        audit = tables_of("audit") if self.facts.config.audit.enabled else []
        parts = (self.histories, self.capability, self.experiments)
        others = [name for part in parts for name in part.tables]
        estimates = tables_of("estimates") if self.facts.config.estimates.enabled else []
        return [*self.tables, *audit, *others, *estimates, *tables_of("changes", "shipped")]

    @property
    def held_out_table(self) -> list[str]:
        """The table of held-out errors, where there is one."""
        return table_paths(["cross_validation"]) if self.facts.schemes else []

    @property
    def out_of_time_table(self) -> list[str]:
        """The table of errors on later records, where there is one of the headline's sample."""
        said = self.facts.config.temporal_hold_out
        there = said.enabled and said.sample == self.facts.headline.sample
        return table_paths(["temporal_hold_out"]) if there else []

    def target_paths(self, target: str) -> list[str]:
        """Return the tables of a target of its own."""
        return table_paths(tables_of(target))

    @property
    def joint_stamps(self) -> list[str]:
        """The stamp of scores and capability in one model, where capability is enabled."""
        there = self.facts.config.capability.enabled
        return ["results/bayes_capability/stamp.json"] if there else []

    def records_paths(self, target: str) -> list[str]:
        """Return the files that say which records the tables of a target of its own rest on."""
        reads = "capability" in TARGETS[target] and self.facts.config.capability.enabled
        return [RECORDS, *([SCORES] if reads else [])]

    def settings(self, target: str) -> Plain:
        """Return the settings that the tables of a target of its own rest on."""
        settings = self.facts.modelled
        return {name: settings[name] for name in (*COMMON, *TARGETS[target])}

    def fingerprint(self, target: str) -> str:
        """Return a digest of these settings."""
        used = json.dumps(self.settings(target), sort_keys=True)
        return hashlib.sha256(used.encode()).hexdigest()

    def finished(self) -> dict[str, str]:
        """Return tables of targets of their own that are of these settings and records.

        By name with their checksums. They are no input of the report, which would make them part
        of the main job.
        """
        there: dict[str, str] = {}
        for target in TARGETS:
            stamp = Path(f"results/{target}/stamp.json")
            records = self.records_paths(target)
            if not all(Path(path).exists() for path in (str(stamp), *records)):
                continue
            paths = {name: Path(f"results/tables/{name}.csv") for name in tables_of(target)}
            said = json.loads(stamp.read_text(encoding="utf-8"))
            wanted = {
                "settings": self.fingerprint(target),
                "records": {path: checksum(Path(path)) for path in records},
            }
            if said == wanted and all(path.exists() for path in paths.values()):
                there |= {name: checksum(path) for name, path in paths.items()}
        return there

    @property
    def headline_interval(self) -> Plain:
        """What the intervals of the headline are told."""
        name = self.facts.config.headline.converged
        return {
            "analysis": self.facts.settings["bootstrap"]["analyses"][name],
            "name": name,
            "first": self.facts.config.benchmarks.baseline,
        }

    @property
    def headline_models(self) -> list[Plain]:
        """The variants that the headline's analysis may be of, and the benchmarks."""
        variants = self.draws.variants([self.facts.config.headline.converged])
        return [variants, self.facts.model_benchmarks]

    @property
    def headline(self) -> Plain:
        """What the headline is told."""
        return {
            "headline": self.facts.reported["headline"],
            "analyses": self.facts.settings["bootstrap"]["analyses"],
            "baseline": self.facts.config.benchmarks.baseline,
            "reference": self.facts.config.temporal_hold_out.reference,
        }

    @property
    def report(self) -> Plain:
        """The settings that figures and report are given."""
        return self.facts.reported
