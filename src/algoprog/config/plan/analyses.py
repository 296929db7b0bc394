"""The bootstrap analyses a configuration asks for: those it lists, and those others rest on.

It knows names and settings; it knows no data and computes nothing.

An analysis that belongs to another is called after it, with a dot between: ``converged.03`` is the
third of the pool ``converged``, ``headline.transformer-multiplier`` the headline's model with the
transformer's multiplier, ``headline.era-2017-jump`` with its eras split.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, fields, replace
from typing import Any

from algoprog.config.document import Config


@dataclass(frozen=True)
class Analysis:
    """One bootstrap analysis.

    model   ``variant`` and ``delta``, or ``scheme``, ``variants`` and ``place`` in their ranking
    change  what is added to the variant: see :func:`algoprog.model.changes.changed`
    family  the name of those that differ in one thing only, which one job may draw
    number  of this one in its family: a place or a year
    """

    sample: str
    model: dict[str, Any]
    estimator: str
    resampling: str
    response: str
    replicates: int
    change: dict[str, Any] | None = None
    family: str | None = None
    number: int | None = None

    @property
    def ranked(self) -> bool:
        """Whether the model is a place in a ranking."""
        return "place" in self.model


def own(config: Config) -> dict[str, Analysis]:
    """Return the analyses that `bootstrap.analyses` lists."""
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
    """Return the members of each pool, best first."""
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
                family=name,
                number=place,
            )
            for place in range(1, pool.size + 1)
        }
        for name, pool in config.enabled_pools.items()
    }


def with_transformer(config: Config) -> dict[str, Analysis]:
    """Return analyses with the transformer's effect; members of pools in the first form."""
    listed, found = own(config), {}
    for form in config.transformer.forms:
        for name in config.transformer.analyses:
            if name in listed:
                change = {"transformer": form}
                found[f"{name}.transformer-{form}"] = replace(
                    listed[name], change=change, family=f"{name}.transformer"
                )
    first = config.transformer.forms[0]
    for pool, members in pooled(config).items():
        if pool in config.transformer.pools:
            for name, member in members.items():
                found[f"{name}.transformer-{first}"] = replace(
                    member,
                    change={"transformer": first},
                    family=f"{pool}.transformer",
                    replicates=min(member.replicates, config.transformer.pool_replicates),
                )
    return found


def with_eras(config: Config) -> dict[str, Analysis]:
    """Return analyses with their eras split at each year, in each form."""
    listed = own(config)
    return {
        f"{name}.era-{year}-{form}": replace(
            listed[name],
            change={"era": year, "form": form},
            family=f"{name}.era-{form}",
            number=year,
        )
        for form in config.era_split.forms
        for year in config.era_split.years
        for name in config.era_split.analyses
        if name in listed
    }


def _every(config: Config) -> dict[str, Analysis]:
    members = {name: one for pool in pooled(config).values() for name, one in pool.items()}
    return own(config) | members | with_transformer(config) | with_eras(config)


def jobs(config: Config) -> dict[str, list[str]]:
    """Return the analyses that one job draws, one after another, by the name of the job.

    An analysis of the configuration is a job of its own. Those that rest on it, or on a pool, are
    in families, such as the years of one form of era split. A family is a job, cut by the numbers
    of its members where it has any (``converged.06-10``): a place or a year that is added moves
    no other to another job.
    """
    size = config.jobs.analyses
    made: dict[str, list[str]] = {}
    for name, analysis in _every(config).items():
        job = analysis.family or name
        if analysis.number is not None:
            first = (analysis.number - 1) // size * size + 1
            job = f"{job}.{first:02d}-{first + size - 1:02d}"
        made.setdefault(job, []).append(name)
    return made


def analyses(config: Config) -> dict[str, dict[str, Any]]:
    """Return every analysis by name, as plain built-ins."""
    told = (one for one in fields(Analysis) if one.name not in ("family", "number"))
    names = [one.name for one in told]
    return {
        name: {key: getattr(analysis, key) for key in names}
        for name, analysis in _every(config).items()
    }


def shard_bounds(replicates: int, shards: int) -> list[tuple[int, int]]:
    """Return the replicates [first, last) of each shard, as even as can be and none empty."""
    shards = min(shards, replicates)
    edges = [replicates * k // shards for k in range(shards + 1)]
    return list(itertools.pairwise(edges))
