"""Laws of controlled sweeps, frontiers by recipe, gains, and the published total again."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec

    from algoprog.catalogue import TABLES
    from algoprog.experiments.settings import Sweeps
    from algoprog.experiments.sweep_results import frontier_tables, law_table
    from algoprog.tables.csv import write_table

    settings = msgspec.convert(snakemake.params.settings, Sweeps)
    contents = {path: Path(path).read_bytes() for path in snakemake.input.files}
    seed = snakemake.params.seed
    made = {"sweep_laws": law_table(settings, contents, seed)}
    made |= frontier_tables(settings, contents, seed)
    for name, table in made.items():
        with job.writing(snakemake.output[name]) as path:
            write_table(path, TABLES[name], table)
