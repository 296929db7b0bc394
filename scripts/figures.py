"""The figures of the report as SVG and PDF files."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec
    import polars as pl

    from algoprog.catalogue import TABLES
    from algoprog.report.figures.parts.files import pdf, svg
    from algoprog.report.inputs import Inputs
    from algoprog.report.page import page_figures
    from algoprog.report.settings import PageSettings
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import read_tables

    files, params = snakemake.input, snakemake.params
    analyses = zip(params.analyses, read_refits(files, params.analyses), strict=True)
    extras = [f"results/tables/{name}.csv" for name in params.extras]
    figures = page_figures(
        Inputs(
            tables=read_tables(map(Path, [*files.tables, *files.shipped, *extras]), TABLES),
            samples={Path(path).stem: pl.read_parquet(path) for path in files.rows},
            draws={name: analysis.draws for name, analysis in analyses},
            settings=msgspec.convert(params.settings, PageSettings),
        )
    )
    with job.writing(snakemake.output.figures) as folder:
        folder.mkdir()
        for name, drawing in figures:
            wide = drawing.draw()
            (folder / f"{name}.svg").write_text(svg(wide), encoding="utf-8")
            (folder / f"{name}.pdf").write_bytes(pdf(wide))
