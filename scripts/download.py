"""Take a first snapshot of a source's address."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.acquisition import obtain
    from algoprog.snapshots import Policy
    from algoprog.sources import origin

    policy = Policy(**snakemake.params.policy)
    obtain(origin(**snakemake.params.call), policy, Path(snakemake.output.pointer).parent)
