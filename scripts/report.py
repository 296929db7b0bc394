"""The report, one self-contained HTML file."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec
    import polars as pl

    from algoprog.catalogue import TABLES
    from algoprog.quantities.headline import Headline
    from algoprog.report.inputs import Inputs
    from algoprog.report.page import render
    from algoprog.report.run_times import run_times
    from algoprog.report.settings import PageSettings
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import read_tables

    files, params = snakemake.input, snakemake.params
    analyses = zip(params.analyses, read_refits(files, params.analyses), strict=True)
    extras = [f"results/tables/{name}.csv" for name in params.extras]
    html = render(
        Inputs(
            tables=read_tables(map(Path, [*files.tables, *files.shipped, *extras]), TABLES),
            samples={Path(path).stem: pl.read_parquet(path) for path in files.rows},
            draws={name: analysis.draws for name, analysis in analyses},
            settings=msgspec.convert(params.settings, PageSettings),
            headline=msgspec.json.decode(Path(files.headline).read_bytes(), type=Headline),
            record=Path(files.run_config).read_text(encoding="utf-8"),
            figures={
                path.stem: path.read_text(encoding="utf-8")
                for path in sorted(Path(files.figures).glob("*.svg"))
            },
            run_times=tuple(run_times(Path("logs/benchmarks"), params.stages)),
        )
    )
    with job.writing(snakemake.output.report) as path:
        path.write_text(html, encoding="utf-8")
