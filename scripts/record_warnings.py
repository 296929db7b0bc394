"""What users of the records and samples must know: as a table, and as lines for a reader."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.records.tables import WARNINGS
    from algoprog.records.warned import lines
    from algoprog.tables.csv import write_table

    found = snakemake.input
    paths = [*found.sources, found.records, *found.samples]
    warnings = pl.concat([pl.read_parquet(path) for path in paths])
    with job.writing(snakemake.output.warnings) as path:
        warnings.write_parquet(path)
    with job.writing(snakemake.output.lines) as path:
        path.write_text("".join(f"{line}\n" for line in lines(warnings)), encoding="utf-8")
    with job.writing(snakemake.output.table) as path:
        write_table(path, WARNINGS, warnings)
