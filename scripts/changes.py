"""What moved since the last run of this folder, and the record that moved the headline."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from datetime import date
    from pathlib import Path

    import polars as pl

    from algoprog.quantities.tables import HEADLINE_ANSWERS
    from algoprog.records.sample import Sample
    from algoprog.synthesis.change_log import Log
    from algoprog.synthesis.changes import Snapshot, plain_rows
    from algoprog.synthesis.headline_numbers import numbers
    from algoprog.synthesis.since import as_json, checksums, program, since
    from algoprog.synthesis.tables import CHANGES, ESTIMATES
    from algoprog.synthesis.undone import Analysis
    from algoprog.tables.csv import read_table, write_table
    from algoprog.tables.frames import frame_of

    files, call = snakemake.input, snakemake.params.call
    sample = Sample.read(files.rows[0], call["sample_name"], call["benchmarks"])
    now = Snapshot(
        records=plain_rows(pl.read_parquet(files.evaluations).drop("url")),
        rows=plain_rows(sample.rows),
        numbers=numbers(
            read_table(Path(files.headline_answers), HEADLINE_ANSWERS),
            next((read_table(Path(path), ESTIMATES) for path in files.estimates), None),
        ),
        settings=as_json(snakemake.params.settings),
        files=checksums(map(Path, files.files)),
        program=program(),
    )
    log = Path(snakemake.params.log)
    found = since(Log.read(log), now, Analysis.of(call), sample, date.today())
    found.log.write(log)
    with job.writing(snakemake.output.changes) as path:
        write_table(path, CHANGES, frame_of(CHANGES, found.log.rows))
    with job.writing(snakemake.output.lines) as path:
        path.write_text("".join(f"{line}\n" for line in found.lines), encoding="utf-8")
