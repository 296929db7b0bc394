"""The headline: as text, as data for the page, and the tables of its numbers."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec
    import polars as pl

    from algoprog.estimators.tables import FITS
    from algoprog.quantities.headline import headline
    from algoprog.quantities.headline_tables import Evidence
    from algoprog.quantities.known import Known
    from algoprog.quantities.tables import (
        ALLOCATION_RATIOS,
        DOUBLING_TIMES,
        HEADLINE_ANSWERS,
        HEADLINE_VARIANTS,
        OWN_ALLOCATION,
    )
    from algoprog.resampling.tables import TEMPORAL_HOLD_OUT
    from algoprog.robustness.interval_tables import HEADLINE_INTERVAL
    from algoprog.tables.csv import read_table, write_table

    files = snakemake.input
    evidence = Evidence(
        doubling_times=read_table(Path(files.doubling_times), DOUBLING_TIMES),
        own_allocation=read_table(Path(files.own_allocation), OWN_ALLOCATION),
        allocation_ratios=read_table(Path(files.allocation_ratios), ALLOCATION_RATIOS),
        intervals=read_table(Path(files.headline_interval), HEADLINE_INTERVAL),
        hold_out=next((read_table(Path(one), TEMPORAL_HOLD_OUT) for one in files.hold_out), None),
    )
    told = headline(evidence, **(call := snakemake.params.call))
    ours = call["analyses"][call["headline"]["converged"]]
    known = Known.of_fit(pl.read_parquet(files.rows), read_table(Path(files.fits), FITS), ours)
    said = known.said(told.headline)
    with job.writing(snakemake.output.headline) as path:
        path.write_text(said.text, encoding="utf-8")
    with job.writing(snakemake.output.statements) as path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(said)) + b"\n")
    for table, rows in ((HEADLINE_ANSWERS, told.answers), (HEADLINE_VARIANTS, told.variants)):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, rows)
