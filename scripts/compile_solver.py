"""The solver, compiled before any job fits."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.estimators.compiling import compile_solver

    compile_solver()
    with job.writing(snakemake.output.compiled) as path:
        path.write_text("algoprog.estimators.kernels\n", encoding="utf-8")
