"""The figures of the report as SVG and PDF files."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.catalogue import TABLES
    from algoprog.report.figures.headline import pdf, svg
    from algoprog.report.page import page_figures
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import read_tables

    names = snakemake.params.analyses
    analyses = read_refits(snakemake.input, names)
    extras = [f"results/tables/{name}.csv" for name in snakemake.params.extras]
    figures = page_figures(
        tables=read_tables(map(Path, [*snakemake.input.tables, *extras]), TABLES),
        samples={Path(path).stem: pl.read_parquet(path) for path in snakemake.input.rows},
        draws={name: one.draws for name, one in zip(names, analyses, strict=True)},
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.figures) as folder:
        folder.mkdir()
        for name, drawing in figures:
            wide = drawing.draw(False)
            (folder / f"{name}.svg").write_text(svg(wide), encoding="utf-8")
            (folder / f"{name}.pdf").write_bytes(pdf(wide))
