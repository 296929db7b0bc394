"""Checks the registers and scores of capability before anything is made of them."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    from algoprog.capability.reading import read_registers

    call = snakemake.params.reading
    added = (call["added_versions"], call["added_benchmarks"])
    read = read_registers(Path(), call["files"], call["sources"], call["aliases"], added)
    registers = read.published.registers
    counts = {
        "scores": registers.scores.height,
        "versions": registers.versions.height,
        "benchmarks": registers.benchmarks.height,
    }
    with job.writing(snakemake.output.checked) as path:
        path.write_text(json.dumps(counts) + "\n", encoding="utf-8")
