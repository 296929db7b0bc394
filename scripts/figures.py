"""The figures of the report as SVG files, from the tables alone."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.figures import svg
    from algoprog.report import page_figures
    from algoprog.tables import read_tables

    tables = read_tables(map(Path, snakemake.input.tables))
    folder = Path(snakemake.output.figures)
    folder.mkdir(parents=True)
    for name, (_title, wide, _narrow) in page_figures(tables, **snakemake.params.call):
        (folder / f"{name}.svg").write_text(svg(wide), encoding="utf-8")
