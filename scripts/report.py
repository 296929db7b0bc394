"""The report, one self-contained HTML file."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.catalogue import TABLES
    from algoprog.report.page import render
    from algoprog.report.run_times import run_times
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import read_tables

    names = snakemake.params.analyses
    analyses = read_refits(snakemake.input, names)
    extras = [f"results/tables/{name}.csv" for name in snakemake.params.extras]
    html = render(
        headline=Path(snakemake.input.headline).read_text(encoding="utf-8"),
        run_config=Path(snakemake.input.run_config).read_text(encoding="utf-8"),
        tables=read_tables(map(Path, [*snakemake.input.tables, *extras]), TABLES),
        samples={Path(path).stem: pl.read_parquet(path) for path in snakemake.input.rows},
        draws={name: one.draws for name, one in zip(names, analyses, strict=True)},
        run_times=run_times(Path("logs/benchmarks"), snakemake.params.stages),
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.report) as path:
        path.write_text(html, encoding="utf-8")
