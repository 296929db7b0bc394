"""A table that came with the project, unpacked."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.tables.csv import unpacked

    with job.writing(snakemake.output.table) as path:
        path.write_bytes(unpacked(Path(snakemake.input.packed)))
