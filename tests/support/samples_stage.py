"""The stage of samples in this process: what `make samples` makes of an overlay and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from project_files import ROOT

from algoprog.common.days import latest_day
from algoprog.config.document import check_locations, parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.config.plan.plan import Plan
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.joining import join_sources
from algoprog.records.normalise import Records, Rules, normalize
from algoprog.records.sample import SampleSpec, Selection, select
from algoprog.records.snapshots import Policy
from algoprog.records.sources import read_content, reading
from algoprog.records.specification import Joins, Source
from algoprog.records.warned import lines

CONFIG = read_mapping(ROOT)
REGISTER = "data/raw/lm_evaluations.csv"


@dataclass(frozen=True)
class Stage:
    """What the stage makes: records, samples by name, and the warnings a run ends with."""

    records: Records
    joined: pl.DataFrame
    samples: dict[str, Selection]
    warnings: pl.DataFrame

    @property
    def lines(self) -> list[str]:
        return lines(self.warnings)

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def of(self, source: str) -> pl.DataFrame:
        return self.records.evaluations.filter(source=source)

    def sampled(self, source: str, sample: str = "paper") -> pl.DataFrame:
        return self.samples[sample].rows.filter(source=source)


def stage(place: Path, overlay: Mapping[str, Any], files: Mapping[str, str | bytes]) -> Stage:
    """Read files in a place of their own by an overlay on config.yaml; the register is there too.

    Raises
    ------
    InputError
        as the stage ends for a user.
    """
    for name, content in {REGISTER: (ROOT / REGISTER).read_bytes(), **files}.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    config = parse_config(merged(CONFIG, overlay))
    only = config.model_copy(update={"sources": config.enabled_sources})
    off = {part: getattr(only, part).model_copy(update={"enabled": False})
           for part in ("histories", "capability", "audit", "estimates", "sweeps")}  # fmt: skip
    studies = {
        name: one.model_copy(update={"enabled": False}) for name, one in only.studies.items()
    }
    check_locations(only.model_copy(update={**off, "studies": studies}), place)
    plan = Plan(config).records
    frames, warned = {}, []
    for name in plan.sources:
        call = plan.acquire(name)
        source = Source.of(name, call["spec"])
        content = read_content(source, place, Policy(**plan.reading_policy))
        found = reading(source, call["benchmarks"], content)
        frames[name] = found.records
        warned.append(found.warnings)
    rules = Rules.of(plan.rules, latest_day())
    joined_frames, joined = join_sources(frames, msgspec.convert(plan.roles, dict[str, Joins]))
    records = normalize(joined_frames, **plan.normalize, rules=rules)
    samples = {}
    for name in config.enabled_samples:
        call = plan.sample(name)
        benchmarks = Benchmarks.of(call["benchmarks"])
        spec = SampleSpec.of(name, call["spec"], call["exclusions"], benchmarks)
        samples[name] = select(records.evaluations, spec)
    warned += [records.warnings, *(one.warnings for one in samples.values())]
    return Stage(records, joined, samples, pl.concat(warned, how="vertical_relaxed"))
