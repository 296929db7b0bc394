"""The growth of compute that one study shows, in a folder of its own."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import msgspec

    from algoprog.catalogue import TABLES
    from algoprog.experiments.settings import StudySettings
    from algoprog.experiments.study_results import study_answer, study_tables
    from algoprog.report.figures.parts.files import svg
    from algoprog.report.figures.study_scores import study_scores
    from algoprog.tables.csv import write_table

    given, read = snakemake.params, Path(snakemake.input.file)
    studies = msgspec.convert(given.study, dict[str, StudySettings])
    made = study_tables(studies, {str(read): read.read_bytes()}, given.seed)
    for name, table in made.items():
        with job.writing(snakemake.output[name]) as path:
            write_table(path, TABLES[name], table)
    figure = study_scores(made["study_growth"], made["study_systems"])
    with job.writing(snakemake.output.figure) as path:
        path.write_text(svg(figure), encoding="utf-8")
    with job.writing(snakemake.output.answer) as path:
        answer = study_answer(given.title, made["study_growth"])
        path.write_text(answer + "\n", encoding="utf-8")
