"""The bootstrap analyses a configuration asks for: its own, and those its quantities rest on.

It knows names and settings; it knows no data and computes nothing.

An analysis that belongs to another is called after it, with a dot between: ``converged.03`` is the
third of the pool ``converged``, ``headline.transformer-multiplier`` the headline's model with the
transformer's multiplier, ``headline.era-2017-jump`` with its eras split.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, replace
from typing import Any

from algoprog.config.document import Config


@dataclass(frozen=True)
class Analysis:
    """One bootstrap analysis.

    model   ``variant`` and ``delta``, or ``scheme``, ``variants`` and ``place`` in their ranking
    change  what is added to the variant: see :func:`algoprog.model.changes.changed`
    """

    sample: str
    model: dict[str, Any]
    estimator: str
    resampling: str
    response: str
    replicates: int
    change: dict[str, Any] | None = None

    @property
    def ranked(self) -> bool:
        """Whether the model is a place in a ranking."""
        return "place" in self.model


def own(config: Config) -> dict[str, Analysis]:
    """The analyses that `config.yaml` lists."""
    return {
        name: Analysis(
            sample=listed.sample,
            model={"variant": listed.variant, "delta": listed.delta},
            estimator=listed.estimator,
            resampling=listed.resampling,
            response=getattr(config.samples[listed.sample].response, listed.estimator),
            replicates=listed.replicates,
        )
        for name, listed in config.enabled_analyses.items()
    }


def pooled(config: Config) -> dict[str, dict[str, Analysis]]:
    """The members of each pool, best first."""
    sample = config.cross_validation.sample
    return {
        name: {
            f"{name}.{place:02d}": Analysis(
                sample=sample,
                model={
                    "scheme": pool.scheme,
                    "variants": config.candidates(pool),
                    "place": place,
                },
                estimator=pool.estimator,
                resampling=pool.resampling,
                response=getattr(config.samples[sample].response, pool.estimator),
                replicates=pool.replicates,
            )
            for place in range(1, pool.size + 1)
        }
        for name, pool in config.enabled_pools.items()
    }


def with_transformer(config: Config) -> dict[str, Analysis]:
    """Analyses with the transformer's multiplier, in each form; members of pools in the first."""
    listed, found = own(config), {}
    for form in config.transformer.forms:
        for name in config.transformer.analyses:
            if name in listed:
                change = {"transformer": form}
                found[f"{name}.transformer-{form}"] = replace(listed[name], change=change)
    first = config.transformer.forms[0]
    for pool, members in pooled(config).items():
        if pool in config.transformer.pools:
            for name, member in members.items():
                found[f"{name}.transformer-{first}"] = replace(
                    member,
                    change={"transformer": first},
                    replicates=min(member.replicates, config.transformer.pool_replicates),
                )
    return found


def with_eras(config: Config) -> dict[str, Analysis]:
    """Analyses with their eras split at each year, in each form."""
    listed = own(config)
    return {
        f"{name}.era-{year}-{form}": replace(listed[name], change={"era": year, "form": form})
        for form in config.era_split.forms
        for year in config.era_split.years
        for name in config.era_split.analyses
        if name in listed
    }


def together(names: list[str], size: int) -> dict[str, list[str]]:
    """Names in their order, ``size`` of them in a job, by the name of the job.

    One added at the end leaves full jobs as they were.
    """
    groups = [names[first : first + size] for first in range(0, len(names), size)]
    return {group[0] if len(group) == 1 else f"{group[0]}--{group[-1]}": group for group in groups}


def _family(name: str, one: Analysis) -> tuple[str, bool, str | None]:
    """What an analysis has in common with those that differ from it in one thing only."""
    base = name if one.change is None else name.rpartition(".")[0]
    if one.ranked:
        base = base.rpartition(".")[0]  # the pool, without the place
    kind = None if one.change is None else one.change.get("form", "transformer")
    return base, one.ranked, kind


def jobs(config: Config) -> dict[str, list[str]]:
    """Names of the analyses that one job draws, one after another, by the name of the job.

    An analysis of the configuration is a job of its own. Those that rest on it (or on a pool) and
    differ in one thing only, such as the year of an era split, are cut into groups of
    ``jobs.analyses`` in their order.
    """
    families: dict[tuple[str, bool, str | None], list[str]] = {}
    for name, one in _every(config).items():
        families.setdefault(_family(name, one), []).append(name)
    found: dict[str, list[str]] = {}
    for family in families.values():
        found |= together(family, config.jobs.analyses)
    return found


def _every(config: Config) -> dict[str, Analysis]:
    members = {name: one for pool in pooled(config).values() for name, one in pool.items()}
    return own(config) | members | with_transformer(config) | with_eras(config)


def analyses(config: Config) -> dict[str, dict[str, Any]]:
    """Every analysis by name, as plain built-ins."""
    return {name: asdict(analysis) for name, analysis in _every(config).items()}


def shard_bounds(replicates: int, shards: int) -> list[tuple[int, int]]:
    """Return the replicates [first, last) of each shard, as even as can be and none empty."""
    shards = min(shards, replicates)
    edges = [replicates * k // shards for k in range(shards + 1)]
    return list(itertools.pairwise(edges))
