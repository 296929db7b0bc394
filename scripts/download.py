"""Take a first snapshot of a source's address."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.addresses import expected
    from algoprog.records.acquisition import obtain
    from algoprog.records.snapshots import Policy

    policy = Policy(**snakemake.params.policy)
    there = expected(**snakemake.params.call)
    obtain(there, policy, Path(snakemake.output.pointer).parent)
