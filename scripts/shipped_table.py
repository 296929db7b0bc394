"""The tables that came with the project, unpacked."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.tables.csv import unpacked

    for packed, table in zip(snakemake.input.packed, snakemake.output.tables, strict=True):
        with job.writing(table) as path:
            path.write_bytes(unpacked(Path(packed)))
