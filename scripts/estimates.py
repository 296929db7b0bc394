"""Every estimate on one axis: those of others, and ours from the tables that were made."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.catalogue import TABLES
    from algoprog.common.settings import rebuild
    from algoprog.synthesis.estimates import estimate_table, left_out_table, periods
    from algoprog.synthesis.ours import ours
    from algoprog.synthesis.published import published
    from algoprog.synthesis.settings import Settings
    from algoprog.tables.csv import read_tables, write_table

    asked, params = snakemake.input, snakemake.params
    settings = rebuild(params.settings, Settings)
    extras = [f"results/tables/{name}.csv" for name in params.extras]
    tables = read_tables(map(Path, [*asked.tables, *asked.shipped, *extras]), TABLES)
    dated = periods(tables, pl.read_parquet(asked.rows[0]))
    contents = {path: Path(path).read_bytes() for path in asked.files}
    theirs = published(contents, asked.files[0], settings)
    own, absent = ours(tables, settings.ours, dated)
    with job.writing(snakemake.output.estimates) as path:
        write_table(path, TABLES["estimates"], estimate_table([*theirs, *own], settings.words))
    with job.writing(snakemake.output.estimates_left_out) as path:
        write_table(path, TABLES["estimates_left_out"], left_out_table(absent))
