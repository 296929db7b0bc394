"""What an optimal split of compute is worth."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.quantities.allocation import Allocations, allocation_table
    from algoprog.quantities.tables import ALLOCATION
    from algoprog.tables.csv import write_table

    table = allocation_table(rebuild(snakemake.params.call["spec"], Allocations))
    with job.writing(snakemake.output.allocation) as path:
        write_table(path, ALLOCATION, table)
