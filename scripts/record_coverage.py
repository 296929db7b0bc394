"""How often the intervals of record histories hold the truth, in simulated worlds."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.histories.coverage import coverage_table
    from algoprog.histories.tables import COVERAGE
    from algoprog.histories.worlds import WORLDS
    from algoprog.tables.csv import write_table

    with job.writing(snakemake.output.record_coverage) as path:
        write_table(path, COVERAGE, coverage_table(WORLDS, **snakemake.params.call))
