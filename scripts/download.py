"""Take a first snapshot of a source's address."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.records.acquisition import obtain
    from algoprog.records.snapshots import Policy
    from algoprog.records.sources import origin
    from algoprog.records.specification import Source

    call = snakemake.params.call
    source = Source.of(call["name"], call["spec"])
    policy = Policy(**snakemake.params.policy)
    obtain(origin(source), policy, Path(snakemake.output.pointer).parent)
