"""Checks the registers and scores of capability before anything is made of them."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import json
    from pathlib import Path

    from algoprog.capability.reading import read_planned
    from algoprog.common.integrity import checksum

    call = snakemake.params.reading
    read = read_planned(Path(), call)
    registers = read.published.registers
    files = sorted({*call["files"].values(), *snakemake.input.scores})
    found = {
        "scores": registers.scores.height,
        "versions": registers.versions.height,
        "benchmarks": registers.benchmarks.height,
        # what is made of these by a target of its own is no longer of other contents
        "files": {path: checksum(Path(path)) for path in files},
    }
    with job.writing(snakemake.output.checked) as path:
        path.write_text(json.dumps(found) + "\n", encoding="utf-8")
