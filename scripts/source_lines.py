"""What each source added to the records and a sample, and what was left out and why, as lines."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.records.additions import Found, lines

    files = snakemake.input
    names = ("evaluations", "superseded", "suspected_repeats", "rows", "excluded")
    found = Found(**{name: pl.read_parquet(files[name]) for name in names})
    told = lines(list(snakemake.params.sources), snakemake.params.sample, found)
    with job.writing(snakemake.output.lines) as path:
        path.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")
